# SPDX-License-Identifier: Apache-2.0
"""Inverse kinematics reaches its goals, keeps the limits and uses only the freedom it is given."""

import motion_helpers as mh
import numpy as np

from big_brain_node.motion.arm import WAIST_YAW_LIMIT_RAD
from big_brain_node.motion.grasp import down_pose
from big_brain_node.motion.ik import POSITION_TOLERANCE_M, ROTATION_TOLERANCE_RAD
from big_brain_node.motion.kinematics import rotation_log
from big_brain_node.motion.planner import PlanRequest, TcpGoal
from neuraxis_common.errors import Rejected


def arm():
    planner = mh.pick_place().planner
    opened = planner.open(PlanRequest(mh.ready(), "left", mh.goal_over(0.3, 0.2, 0.1)))
    assert not isinstance(opened, Rejected)
    return opened


def goals(count=12):
    rng = np.random.default_rng(7)
    return [
        mh.goal_over(rng.uniform(0.23, 0.36), rng.uniform(0.05, 0.3), 0.04, rng.uniform(-3, 3))
        for _ in range(count)
    ]


def turned(goal, yaw_rad, tilt_rad):
    c, s = np.cos(tilt_rad), np.sin(tilt_rad)
    tilt = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    c, s = np.cos(yaw_rad), np.sin(yaw_rad)
    yaw = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    return yaw @ goal.T_B_tcp[:3, :3] @ tilt


def test_postures_reach_their_goal_within_limits():
    left = arm()
    for goal in goals():
        found = left.postures([goal], left.start_rad)
        assert found, goal.T_B_tcp[:3, 3]
        for posture in found:
            T = left.tool(posture.pos_rad)
            R = turned(goal, posture.yaw_rad, posture.tilt_rad)
            assert np.linalg.norm(T[:3, 3] - goal.T_B_tcp[:3, 3]) <= POSITION_TOLERANCE_M
            error = rotation_log((R @ T[:3, :3].T)[None])[0]
            assert np.linalg.norm(error) <= ROTATION_TOLERANCE_RAD
            assert mh.TILT[0] <= posture.tilt_rad <= mh.TILT[1]
            assert (posture.pos_rad >= left.chain.lower_rad).all()
            assert (posture.pos_rad <= left.chain.upper_rad).all()


def test_waist_keeps_to_its_share():
    left = arm()
    assert left.chain.joint_names[0] == "waist_yaw_joint"
    for goal in goals():
        for posture in left.postures([goal], left.start_rad):
            assert abs(posture.pos_rad[0]) <= WAIST_YAW_LIMIT_RAD


def test_no_freedom_means_the_pose_itself():
    left = arm()
    T = left.tool(left.start_rad)
    found = left.postures([TcpGoal(T)], left.start_rad)
    assert found
    for posture in found:
        assert posture.yaw_rad == posture.tilt_rad == 0.0
        assert np.allclose(left.tool(posture.pos_rad), T, atol=3e-3)


def test_start_itself_is_the_nearest_posture():
    left = arm()
    best = left.postures([TcpGoal(left.tool(left.start_rad))], left.start_rad)[0]
    assert np.abs(best.pos_rad - left.start_rad).max() < 0.3


def test_out_of_reach_gives_nothing():
    left = arm()
    far = TcpGoal(down_pose(0.0, mh.on_bench(1.2, 0.2, 0.1)), (-3.1, 3.1), mh.TILT)
    assert left.postures([far], left.start_rad) == []


def test_same_question_same_answer():
    first, second = ([p.pos_rad for p in arm().postures(goals(3), mh.ready()[:8])] for _ in "ab")
    assert np.array_equal(np.array(first), np.array(second))
