# SPDX-License-Identifier: Apache-2.0
"""Collision answers on the X2: pairs that matter, margins, allowed contacts, held part."""

import motion_helpers as mh
import numpy as np
import pytest

from big_brain_node.motion.planner import Attached, MotionConfig, Obstacle, PlanRequest, yaw_pose
from neuraxis_common.errors import Rejected

CONFIG = MotionConfig()
SIZE = np.array([0.05, 0.05, 0.05])


def scene(obstacles=(), allowed=(), attached=None, side="left"):
    model = mh.pick_place().planner.arms[side]
    q = mh.kinematics().configuration(mh.ready())
    built = model.collision.scene(q, tuple(obstacles), tuple(allowed), attached, CONFIG)
    return built, model.ready_rad, model.chain(q).forward(model.ready_rad)[1][0]


def cube_at(p, soft=False):
    return Obstacle("cube", "box", SIZE, yaw_pose(0.0, np.asarray(p)), soft)


@pytest.mark.parametrize("robot", ["lingxi_x2", "expedition_a3", "expedition_a2"])
@pytest.mark.parametrize("side", ["left", "right"])
def test_ready_pose_is_free_of_self_collision_and_bench(robot, side):
    planner = mh.pick_place(robot).planner
    goal = mh.goal_over(0.3, 0.2, 0.1)
    opened = planner.open(PlanRequest(mh.ready(robot), side, goal, (mh.bench(robot),)))
    assert not isinstance(opened, Rejected), opened
    assert not opened.scene.collides(opened.start_rad)


def test_arm_through_the_torso_collides():
    built, pos, _ = scene()
    inward = pos.copy()
    names = mh.pick_place().planner.arms["left"].joint_names
    inward[names.index("left_shoulder_roll_joint")] = -0.05
    inward[names.index("left_shoulder_yaw_joint")] = -1.4
    assert built.collides(inward)
    assert any("torso" in c.first + c.second for c in built.contacts(inward))


def test_obstacle_at_the_hand_is_named():
    _, _, tool = scene()
    built, pos, _ = scene([cube_at(tool)])
    assert built.collides(pos)
    contacts = built.contacts(pos)
    assert all("cube" in (c.first, c.second) for c in contacts)
    assert min(c.distance_m for c in contacts) < 0


def test_allowed_contact_is_for_the_hand_only():
    _, _, tool = scene()
    built, pos, _ = scene([cube_at(tool)], allowed=["cube"])
    assert not built.collides(pos)
    elbow = mh.kinematics().frame_pose(mh.kinematics().configuration(mh.ready()), "left_elbow_link")
    built, pos, _ = scene([cube_at(elbow[:3, 3])], allowed=["cube"])
    assert built.collides(pos)


def test_margin_is_kept():
    _, _, tool = scene()
    far = tool + np.array([0.0, 0.0, -0.30])
    assert not scene([cube_at(far)])[0].collides(scene()[1])
    gap = None
    for drop in np.arange(0.02, 0.2, 0.002):
        built, pos, _ = scene([cube_at(tool - [0.0, 0.0, drop])])
        if not built.collides(pos):
            gap = drop
            break
    assert gap is not None
    near, pos, _ = scene([cube_at(tool - [0.0, 0.0, gap - 0.002])])
    assert max(c.distance_m for c in near.contacts(pos)) <= CONFIG.near_margin_m


def test_held_part_collides_for_the_hand():
    attached = Attached("box", np.array([0.04, 0.04, 0.20]), np.eye(4))
    _, _, tool = scene()
    below = Obstacle("slab", "box", np.array([0.3, 0.3, 0.02]), yaw_pose(0.0, tool - [0, 0, 0.09]))
    free, pos, _ = scene([below])
    held, _, _ = scene([below], attached=attached)
    assert held.collides(pos)
    assert any("held_part" in (c.first, c.second) for c in held.contacts(pos))
    hits_before = {frozenset((c.first, c.second)) for c in free.contacts(pos)}
    assert not any("held_part" in pair for pair in hits_before)


def test_soft_overlap_at_the_start_is_forgiven_but_may_not_deepen():
    # Slide a cube towards the hand until it overlaps a little.
    _, _, tool = scene()
    for drop in np.arange(0.2, 0.0, -0.001):
        built, pos, _ = scene([cube_at(tool - [0, 0, drop], soft=True)])
        contacts = built.contacts(pos)
        if contacts and min(c.distance_m for c in contacts) < -0.004:
            break
    assert built.forgive_start(pos) == []
    assert not built.collides(pos)
    hard, pos, _ = scene([cube_at(tool - [0, 0, drop])])
    assert hard.forgive_start(pos)


def test_waist_motion_carries_the_other_arm():
    model = mh.pick_place().planner.arms["left"]
    q = mh.kinematics().configuration(mh.ready())
    other = mh.kinematics().frame_pose(q, "right_tcp")[:3, 3]
    c, s = np.cos(0.4), np.sin(0.4)
    swung = np.array([c * other[0] - s * other[1], s * other[0] + c * other[1], other[2]])
    built, pos, _ = scene([cube_at(swung)])
    assert not built.collides(pos)
    turned = pos.copy()
    turned[model.joint_names.index("waist_yaw_joint")] = 0.4
    assert built.collides(turned)
