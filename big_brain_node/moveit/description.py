# SPDX-License-Identifier: Apache-2.0
"""What MoveIt is told of a robot, made from its URDF, its profile and the embedded planner.

    python -m big_brain_node.moveit.description lingxi_x2 --out <folder>

writes `<robot>.srdf`, `kinematics.yaml`, `joint_limits.yaml`, `ompl_planning.yaml` and
`moveit_controllers.yaml` for other tools of MoveIt; our own planner needs none of these files.

Per side there are three groups: `<side>_arm`, the chain that inverse kinematics solves;
`<side>_reach`, what the planner moves: that arm and, where the robot has one, the upright axis of
its waist; and `<side>_gripper`. A pair of links is checked for collisions where the embedded
planner checks it, so the two never disagree about what can meet.
"""

from __future__ import annotations

import argparse
import sys
import xml.etree.ElementTree as ET
from itertools import combinations
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
import yaml

from big_brain_node.motion.arm import ArmModel
from big_brain_node.motion.ompl_planner import ArmPlanner
from neuraxis_common.controllers import controller_joints
from neuraxis_common.errors import ConfigError
from neuraxis_common.profile import RobotProfile
from neuraxis_common.robot import SIDES, compile_urdf, load_profile

NODE = "moveit_planner"
PLANNER = "RRTConnect"


def load_tuning(data_root: Path) -> dict[str, Any]:
    """Read ``config/moveit/moveit.yaml``.

    Raises:
        ConfigError: The file or one of its sections is missing.
    """
    path = data_root / "config" / "moveit" / "moveit.yaml"
    try:
        tuning = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ConfigError(f"moveit tuning '{path.name}': {error}") from error
    missing = {"check_step_m", "kinematics", "ompl", "trajectory_execution"} - set(tuning or ())
    if missing:
        raise ConfigError(f"moveit tuning '{path.name}' lacks {', '.join(sorted(missing))}")
    return tuning


def reach_group(side: str) -> str:
    """Name of the group that is planned for."""
    return f"{side}_reach"


def arm_group(side: str) -> str:
    """Name of the chain for inverse kinematics."""
    return f"{side}_arm"


def srdf(planner: ArmPlanner, urdf_xml: str) -> str:
    """Groups, named poses, end effectors and pairs of links that are not checked."""
    profile, tree = planner.profile, _Tree(urdf_xml)
    root = ET.Element("robot", name=tree.name)
    for side in SIDES:
        arm, gripper = planner.arms[side], profile.grippers[side]
        chain = ET.SubElement(root, "group", name=arm_group(side))
        base = tree.parent[profile.groups[arm_group(side)][0]]
        ET.SubElement(chain, "chain", base_link=base, tip_link=arm.tcp)
        reach = ET.SubElement(root, "group", name=reach_group(side))
        for joint in _waist(arm):
            ET.SubElement(reach, "joint", name=joint)
        ET.SubElement(reach, "group", name=arm_group(side))
        fingers = ET.SubElement(root, "group", name=f"{side}_gripper")
        for joint in (gripper.joint, gripper.mimic_joint):
            ET.SubElement(fingers, "joint", name=joint)
        ET.SubElement(
            root,
            "end_effector",
            name=f"{side}_hand",
            parent_link=tree.parent[gripper.joint],
            group=f"{side}_gripper",
            parent_group=arm_group(side),
        )
    poses = (
        ("default", profile.default_pose_rad),
        ("ready", profile.ready_pose_rad),
        ("lowering", profile.lowering_pose_rad),
    )
    for side in SIDES:
        for pose, values in poses:
            state = ET.SubElement(root, "group_state", name=pose, group=reach_group(side))
            for joint in planner.arms[side].joint_names:
                ET.SubElement(state, "joint", name=joint, value=repr(values[joint]))
    for first, second, reason in unchecked_pairs(planner, tree):
        ET.SubElement(root, "disable_collisions", link1=first, link2=second, reason=reason)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode") + "\n"


def unchecked_pairs(planner: ArmPlanner, tree: _Tree) -> list[tuple[str, str, str]]:
    """Pairs of links with shapes that no arm motion can bring together, and why."""
    watched: set[frozenset[str]] = set()
    for arm in planner.arms.values():
        model = arm.collision
        watched |= {frozenset((model.link(a), model.link(b))) for a, b in model.pairs}
    left = planner.arms["left"]
    by_design = left.collision.overlapping(left.ready_q)
    pairs = []
    for first, second in combinations(tree.solid, 2):
        pair = frozenset((first, second))
        if pair in by_design:
            pairs.append((first, second, "Default"))
        elif pair not in watched:
            near = pair in tree.joined
            pairs.append((first, second, "Adjacent" if near else "Never"))
    return pairs


def joint_limits(planner: ArmPlanner) -> dict[str, dict[str, Any]]:
    """MoveIt's limits of every joint that is planned for: those of the embedded planner."""
    config, limits = planner.config, {}
    for arm in planner.arms.values():
        chain, margin = arm.chain(arm.ready_q), config.limit_margin_rad
        speed = np.minimum(chain.speed_rad_s * config.speed_fraction, config.speed_limit_rad_s)
        for k, joint in enumerate(chain.joint_names):
            limits[joint] = {
                "has_position_limits": True,
                "min_position": float(chain.lower_rad[k] + margin),
                "max_position": float(chain.upper_rad[k] - margin),
                "has_velocity_limits": True,
                "max_velocity": float(speed[k]),
                "has_acceleration_limits": True,
                "max_acceleration": float(config.accel_limit_rad_s2),
            }
    return limits


def ompl_planning(planner: ArmPlanner, tuning: dict[str, Any]) -> dict[str, Any]:
    """The OMPL pipeline, with the spacing of its collision checks in MoveIt's measure."""
    pipeline, limits = dict(tuning["ompl"]), joint_limits(planner)
    for side, arm in planner.arms.items():
        chain = arm.chain(arm.ready_q)
        rows = [limits[joint] for joint in chain.joint_names]
        # MoveIt measures a motion by the sum of its joint angles.
        extent = sum(row["max_position"] - row["min_position"] for row in rows)
        step_rad = tuning["check_step_m"] / float(chain.lever_m.max())
        pipeline[reach_group(side)] = {
            "planner_configs": list(tuning["ompl"]["planner_configs"]),
            "longest_valid_segment_fraction": float(step_rad / extent),
        }
    return pipeline


def controllers(profile: RobotProfile, tuning: dict[str, Any]) -> dict[str, Any]:
    """The trajectory controllers that MoveIt's own execution would talk to."""
    joints, entry = controller_joints(profile), "moveit_simple_controller_manager"
    names = [f"{arm_group(side)}_controller" for side in SIDES]
    return {
        "moveit_controller_manager": f"{entry}/MoveItSimpleControllerManager",
        entry: {
            "controller_names": names,
            **{
                name: {
                    "type": "FollowJointTrajectory",
                    "action_ns": "follow_joint_trajectory",
                    "default": True,
                    "joints": list(joints[name]),
                }
                for name in names
            },
        },
        "trajectory_execution": tuning["trajectory_execution"],
    }


def kinematics(tuning: dict[str, Any]) -> dict[str, Any]:
    """Inverse kinematics of each arm."""
    return {arm_group(side): dict(tuning["kinematics"]) for side in SIDES}


def parameters(planner: ArmPlanner, urdf_xml: str, tuning: dict[str, Any]) -> dict[str, Any]:
    """All parameters of the MoveIt node."""
    return {
        "robot_description": urdf_xml,
        "robot_description_semantic": srdf(planner, urdf_xml),
        "robot_description_kinematics": kinematics(tuning),
        "robot_description_planning": {"joint_limits": joint_limits(planner)},
        "planning_scene_monitor_options": {
            "name": "planning_scene_monitor",
            "robot_description": "robot_description",
            "joint_state_topic": "joint_states",
            # Every request brings its own start.
            "wait_for_initial_state_timeout": 0.0,
        },
        "planning_pipelines": {"pipeline_names": ["ompl"]},
        "ompl": ompl_planning(planner, tuning),
        "plan_request_params": {
            "planning_pipeline": "ompl",
            "planner_id": PLANNER,
            "planning_attempts": 1,
            "planning_time": 1.0,
            "max_velocity_scaling_factor": 1.0,
            "max_acceleration_scaling_factor": 1.0,
        },
        **controllers(planner.profile, tuning),
    }


def hello(
    planner: ArmPlanner, urdf_xml: str, tuning: dict[str, Any], namespace: str = ""
) -> dict[str, Any]:
    """What the MoveIt process reads first: its parameters, and which groups a side has."""
    sides = {
        side: {
            "reach": reach_group(side),
            "arm": arm_group(side),
            "tcp": arm.tcp,
            "joints": list(arm.joint_names),
            "waist": len(_waist(arm)),
        }
        for side, arm in planner.arms.items()
    }
    values = parameters(planner, urdf_xml, tuning)
    return {"node": NODE, "namespace": namespace, "parameters": values, "sides": sides}


def _waist(arm: ArmModel) -> tuple[str, ...]:
    return arm.joint_names[:1] if arm.has_waist else ()


class _Tree:
    """What the URDF says of who hangs on whom.

    Attributes:
        parent: Link above each joint.
        solid: Links that have collision shapes, sorted.
        joined: Pairs of links with one joint between them.
    """

    def __init__(self, urdf_xml: str) -> None:
        root = ET.fromstring(urdf_xml)
        self.name = root.get("name", "robot")
        joints = root.findall("joint")
        self.parent = {joint.get("name"): joint.find("parent").get("link") for joint in joints}
        self.joined = {
            frozenset((joint.find("parent").get("link"), joint.find("child").get("link")))
            for joint in joints
        }
        links = (link for link in root.findall("link") if link.find("collision") is not None)
        self.solid = sorted(link.get("name") for link in links)


def files(robot: str, data_root: Path) -> dict[str, str]:
    """Names and contents of the files for other tools of MoveIt."""
    profile = load_profile(robot, data_root)
    urdf_xml, tuning = compile_urdf(profile, data_root), load_tuning(data_root)
    planner = ArmPlanner(profile, urdf_xml, monotonic)
    tables = {
        "kinematics.yaml": kinematics(tuning),
        "joint_limits.yaml": {"joint_limits": joint_limits(planner)},
        "ompl_planning.yaml": ompl_planning(planner, tuning),
        "moveit_controllers.yaml": controllers(profile, tuning),
    }
    texts = {name: yaml.safe_dump(table, sort_keys=False) for name, table in tables.items()}
    return {f"{robot}.srdf": srdf(planner, urdf_xml)} | texts


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("robot")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--data-root", type=Path, default=Path(__file__).resolve().parents[2])
    args = parser.parse_args()
    try:
        texts = files(args.robot, args.data_root)
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    args.out.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (args.out / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
