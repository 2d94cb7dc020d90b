# SPDX-License-Identifier: Apache-2.0
"""Whole pick and place sequences, kinematically: every segment from where the last one ended."""

import motion_helpers as mh
import numpy as np

from neuraxis_common.errors import Rejected
from neuraxis_common.types import SceneSnapshot

CYLINDER = (0.040, 0.040, 0.050)
BLOCK = (0.070, 0.032, 0.040)


def bench_scene(robot="lingxi_x2"):
    slots = mh.profile(robot).bench.container_slots_xy_m
    near = min(x for x, _ in mh.profile(robot).bench.workspace_xy_m) + 0.03
    return SceneSnapshot(
        0.0,
        (
            mh.item("block", "block", (near + 0.03, 0.26), BLOCK, 0.7, robot),
            mh.item("can", "cylinder", (near, -0.27), CYLINDER, 0.0, robot),
            mh.item("tray", "tray", slots[0], (0.155, 0.155, 0.026), 0.1, robot),
            mh.item("bin", "bin", slots[1], (0.150, 0.150, 0.060), -0.1, robot),
        ),
    )


def by_name(scene, name):
    return next(item for item in scene.objects if item.track_id == name)


def after(pos, trajectory, robot):
    names = mh.profile(robot).joint_names
    moved = pos.copy()
    moved[[names.index(name) for name in trajectory.joint_names]] = trajectory.pos_rad[-1]
    return moved


def run(robot, part, box, planner=None):
    """Plan all segments; returns the carry and the joints after each by name."""
    planner, scene = planner or mh.pick_place(robot), bench_scene(robot)
    pos = {"start": mh.ready(robot)}
    reached = planner.plan_reach(pos["start"], scene, by_name(scene, part), by_name(scene, box))
    assert not isinstance(reached, Rejected), reached
    carry, trajectory = reached
    now = after(pos["start"], trajectory, robot)
    pos["reach"] = now = planner.cell.with_fingers(now, carry.side, carry.open_width_m)
    steps = ("grasp", "lift", "transfer", "lower", "retreat", "home")
    for name in steps:
        argument = carry if name in steps[:4] else carry.side
        planned = getattr(planner, f"plan_{name}")(now, scene, argument)
        assert not isinstance(planned, Rejected), (name, planned)
        now = after(now, planned, robot)
        if name == "grasp":
            now = planner.cell.with_fingers(now, carry.side, carry.grasp.grasp.width_m)
        if name == "lower":
            now = planner.cell.with_fingers(now, carry.side, carry.open_width_m)
        pos[name] = now
    return carry, pos


def tool(pos, robot, side):
    kin = mh.kinematics(robot)
    return kin.frame_pose(kin.configuration(pos), mh.profile(robot).grippers[side].tcp_frame)


def check_sequence(robot, part, box, planner=None):
    """The part ends up in the container, whoever plans."""
    carry, pos = run(robot, part, box, planner)
    scene = bench_scene(robot)
    thing, container = by_name(scene, part), by_name(scene, box)
    grasp = tool(pos["grasp"], robot, carry.side)
    assert np.linalg.norm(grasp[:2, 3] - thing.center_B_m[:2]) < 2e-3
    assert tool(pos["lift"], robot, carry.side)[2, 3] - grasp[2, 3] > 0.05
    release = tool(pos["lower"], robot, carry.side)
    offset = np.abs(release[:2, 3] - container.center_B_m[:2])
    assert (offset < container.size_m[:2] / 2).all()
    ready = mh.pick_place(robot).planner.arms[carry.side]
    names = [mh.profile(robot).joint_names.index(n) for n in ready.joint_names]
    assert np.allclose(pos["home"][names], ready.ready_rad)
