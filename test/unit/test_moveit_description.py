# SPDX-License-Identifier: Apache-2.0
"""What MoveIt is told of a robot says what the URDF, the profile and the embedded planner say."""

import xml.etree.ElementTree as ET
from functools import lru_cache

import motion_helpers as mh
import numpy as np
import pytest
import yaml

from big_brain_node.moveit import description
from neuraxis_common.robot import SIDES, joint_limits

ROBOTS = ("lingxi_x2", "expedition_a3", "expedition_a2")


@lru_cache
def planner(robot):
    return mh.pick_place(robot).planner


@lru_cache
def semantic(robot):
    return ET.fromstring(description.srdf(planner(robot), mh.urdf(robot)))


@lru_cache
def parameters(robot):
    tuning = description.load_tuning(mh.ROOT)
    return description.parameters(planner(robot), mh.urdf(robot), tuning)


def chain_of(robot, base, tip):
    """Moving joints from a link up to another, by walking the URDF."""
    joints = {joint.find("child").get("link"): joint for joint in ET.fromstring(mh.urdf(robot))
              if joint.tag == "joint"}  # fmt: skip
    found = []
    while tip != base:
        joint = joints[tip]
        if joint.get("type") != "fixed":
            found.append(joint.get("name"))
        tip = joint.find("parent").get("link")
    return tuple(reversed(found))


@pytest.mark.parametrize("robot", ROBOTS)
@pytest.mark.parametrize("side", SIDES)
def test_inverse_kinematics_has_exactly_the_joints_of_the_arm(robot, side):
    chain = semantic(robot).find(f"group[@name='{side}_arm']/chain")
    found = chain_of(robot, chain.get("base_link"), chain.get("tip_link"))
    assert found == mh.profile(robot).groups[f"{side}_arm"]


@pytest.mark.parametrize("robot", ROBOTS)
@pytest.mark.parametrize("side", SIDES)
def test_what_is_planned_for_is_what_the_embedded_planner_moves(robot, side):
    group = semantic(robot).find(f"group[@name='{side}_reach']")
    waist = tuple(joint.get("name") for joint in group.findall("joint"))
    arm = mh.profile(robot).groups[group.find("group").get("name")]
    assert waist + arm == planner(robot).arms[side].joint_names


@pytest.mark.parametrize("robot", ROBOTS)
def test_named_poses_are_those_of_the_profile(robot):
    for state in semantic(robot).findall("group_state"):
        wanted = getattr(mh.profile(robot), f"{state.get('name')}_pose_rad")
        for joint in state.findall("joint"):
            assert float(joint.get("value")) == wanted[joint.get("name")]


@pytest.mark.parametrize("robot", ROBOTS)
def test_a_pair_is_checked_where_the_embedded_planner_checks_it(robot):
    rows = semantic(robot).findall("disable_collisions")
    skipped = {frozenset((row.get("link1"), row.get("link2"))) for row in rows}
    assert len(skipped) == len(rows)
    for arm in planner(robot).arms.values():
        model = arm.collision
        touching = model.overlapping(arm.ready_q)
        for a, b in model.pairs:
            pair = frozenset((model.link(a), model.link(b)))
            assert (pair in skipped) == (pair in touching), sorted(pair)


@pytest.mark.parametrize("robot", ROBOTS)
def test_limits_lie_inside_those_of_the_urdf(robot):
    urdf, config = joint_limits(mh.urdf(robot)), planner(robot).config
    limits = parameters(robot)["robot_description_planning"]["joint_limits"]
    moved = {joint for arm in planner(robot).arms.values() for joint in arm.joint_names}
    assert set(limits) == moved
    for joint, row in limits.items():
        low, high = urdf[joint].lower, urdf[joint].upper
        assert row["min_position"] >= low + config.limit_margin_rad - 1e-9
        assert row["max_position"] <= high - config.limit_margin_rad + 1e-9
        speed = min(urdf[joint].velocity * config.speed_fraction, config.speed_limit_rad_s)
        assert row["max_velocity"] == pytest.approx(speed)
        assert row["max_acceleration"] == config.accel_limit_rad_s2


@pytest.mark.parametrize("robot", ROBOTS)
def test_controllers_are_those_that_ros2_control_loads(robot):
    manager = parameters(robot)["moveit_simple_controller_manager"]
    path = mh.ROOT / "config" / "controllers" / f"{robot}.yaml"
    loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert manager["controller_names"]
    for name in manager["controller_names"]:
        assert manager[name]["joints"] == loaded[f"/**/{name}"]["ros__parameters"]["joints"]


@pytest.mark.parametrize("robot", ROBOTS)
def test_no_check_lets_the_hand_pass_further_than_the_tuning_says(robot):
    step_m = description.load_tuning(mh.ROOT)["check_step_m"]
    limits = parameters(robot)["robot_description_planning"]["joint_limits"]
    for side, arm in planner(robot).arms.items():
        group = parameters(robot)["ompl"][description.reach_group(side)]
        rows = [limits[joint] for joint in arm.joint_names]
        extent = sum(row["max_position"] - row["min_position"] for row in rows)
        moved = group["longest_valid_segment_fraction"] * extent * arm.chain(arm.ready_q).lever_m
        assert np.all(moved <= step_m + 1e-9)


def test_files_for_other_tools_can_be_read_back(tmp_path, monkeypatch):
    arguments = ["description", "lingxi_x2", "--out", str(tmp_path), "--data-root", str(mh.ROOT)]
    monkeypatch.setattr("sys.argv", arguments)
    assert description.main() == 0
    assert ET.parse(tmp_path / "lingxi_x2.srdf").getroot().get("name") == "lingxi_x2"
    for name in ("kinematics", "joint_limits", "ompl_planning", "moveit_controllers"):
        assert yaml.safe_load((tmp_path / f"{name}.yaml").read_text(encoding="utf-8"))


def test_an_unknown_robot_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["description", "robbie", "--out", str(tmp_path)])
    assert description.main() == 2
    assert "robbie" in capsys.readouterr().err
