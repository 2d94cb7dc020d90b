# SPDX-License-Identifier: Apache-2.0
"""The batched arm chain agrees with Pinocchio."""

import motion_helpers as mh
import numpy as np
import pinocchio as pin
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from big_brain_node.motion.arm import rotation_exp
from big_brain_node.motion.kinematics import RobotKinematics, rotation_log
from neuraxis_common.errors import ConfigError

ROBOTS = ("lingxi_x2", "expedition_a3", "expedition_a2")


def random_postures(chain, count):
    rng = np.random.default_rng(3)
    return rng.uniform(chain.lower_rad, chain.upper_rad, (count, chain.n))


@pytest.mark.parametrize("robot", ROBOTS)
@pytest.mark.parametrize("side", ["left", "right"])
def test_tool_pose_and_jacobian_are_pinocchios(robot, side):
    kin, profile = mh.kinematics(robot), mh.profile(robot)
    q = kin.configuration(mh.ready(robot))
    frame = profile.grippers[side].tcp_frame
    chain = kin.chain(q, profile.groups["waist"][:1] + profile.groups[f"{side}_arm"], frame)
    postures = random_postures(chain, 6)
    R, p, J = chain.jacobian(postures)
    for k, posture in enumerate(postures):
        moved = q.copy()
        moved[chain.q_index] = posture
        T = kin.frame_pose(moved, frame)
        assert np.allclose(T[:3, :3], R[k], atol=1e-9)
        assert np.allclose(T[:3, 3], p[k], atol=1e-9)
        reference = pin.ReferenceFrame.LOCAL_WORLD_ALIGNED
        frame_id = kin.model.getFrameId(frame)
        full = pin.computeFrameJacobian(kin.model, kin.data, moved, frame_id, reference)
        columns = [kin.model.joints[kin.model.getJointId(n)].idx_v for n in chain.joint_names]
        assert np.allclose(full[:, columns], J[k], atol=1e-9)


def test_frozen_joints_shape_the_chain():
    kin, profile = mh.kinematics(), mh.profile()
    straight, leaning = mh.ready(), mh.ready()
    leaning[profile.joint_names.index("waist_pitch_joint")] += 0.1
    poses = []
    for joints in (straight, leaning):
        q = kin.configuration(joints)
        chain = kin.chain(q, profile.groups["left_arm"], "left_tcp")
        poses.append(chain.forward(q[chain.q_index])[1][0])
        assert np.allclose(poses[-1], kin.frame_pose(q, "left_tcp")[:3, 3], atol=1e-9)
    assert np.linalg.norm(poses[0] - poses[1]) > 0.01


def test_second_finger_mirrors_the_first():
    kin, profile = mh.kinematics(), mh.profile()
    joints = mh.ready()
    joints[profile.joint_names.index("left_gripper_joint")] = 0.02
    q = kin.configuration(joints)
    assert q[kin.q_index("left_gripper_mimic_joint")] == pytest.approx(0.02)


def test_levers_bound_what_a_turn_moves():
    kin, profile = mh.kinematics(), mh.profile()
    chain = kin.chain(kin.configuration(mh.ready()), profile.groups["left_arm"], "left_tcp")
    _, _, J = chain.jacobian(random_postures(chain, 200))
    assert (np.linalg.norm(J[:, :3], axis=1) <= chain.lever_m + 1e-9).all()


def test_joint_missing_from_the_urdf_is_named():
    with pytest.raises(ConfigError, match="tail_joint"):
        RobotKinematics(mh.urdf(), ("tail_joint",))


def test_unknown_frame_is_named():
    with pytest.raises(ConfigError, match="third_hand"):
        mh.kinematics().frame_pose(pin.neutral(mh.kinematics().model), "third_hand")


@settings(max_examples=60, deadline=None)
@given(st.tuples(*[st.floats(-1.7, 1.7) for _ in range(3)]))
def test_rotation_log_inverts_exp(v):
    v = np.array(v)
    assert np.allclose(rotation_log(rotation_exp(v)[None])[0], v, atol=1e-7)


def test_half_turn_is_not_taken_for_no_turn():
    half = np.diag([1.0, -1.0, -1.0])[None]
    assert np.linalg.norm(rotation_log(half)[0]) == pytest.approx(np.pi)


def test_waist_yaw_is_found_by_its_axis():
    for robot, expected in zip(ROBOTS, (1, 1, 0), strict=True):
        kin, waist = mh.kinematics(robot), mh.profile(robot).groups["waist"]
        assert len(kin.upright_axes(kin.configuration(mh.ready(robot)), waist)) == expected
