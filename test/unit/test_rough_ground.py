# SPDX-License-Identifier: Apache-2.0
"""Walking on floors that are not flat: bumps, late landings, legs that are pulled straight."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pinocchio as pin
import pytest
from pd_world import DATA_ROOT, profile_of, urdf_of

from neuraxis_field.course import Course, Surroundings
from neuraxis_sim.lockstep import LockstepWorld
from small_brain_node.body_model import BodyModel
from small_brain_node.odometry import FLOOR_S, BaseEstimator
from small_brain_node.walking.swing import SwingPath
from small_brain_node.walking.whole_body import BodyMeasure, WantedMotion, WholeBody
from small_brain_node.wrench import FootContact, share_wrench

X2 = "lingxi_x2"
ROBOTS = (X2, "expedition_a2", "expedition_a3")
BUMP_M = 0.02


def whole_body(robot: str) -> tuple[WholeBody, np.ndarray]:
    """Kinematics and dynamics of a robot, and its ready pose."""
    profile = profile_of(robot)
    ready = np.array([profile.ready_pose_rad[name] for name in profile.joint_names])
    return WholeBody(profile, BodyModel(profile, urdf_of(robot))), ready


def knees(whole: WholeBody) -> list[int]:
    """Place of the knee among all joints, per leg: the fourth joint of every leg here."""
    return [int(index[3]) for index in whole.leg_index]


def test_the_x2_walks_over_bumps_and_no_command_of_it_is_refused() -> None:
    course = Course(60.0)
    around = Surroundings(profile_of(X2), 0.0, course, BUMP_M, 3.0)
    world = LockstepWorld(
        profile_of(X2), DATA_ROOT, around, seed=3, with_camera=False, urdf_xml=urdf_of(X2)
    )
    at, steps = world.robot.base_qpos_adr, 0
    height_m = float(world.qpos()[at + 2])
    while world.qpos()[at] < 5.0 and steps < 240:
        forward = 0.6 if world.now_s > 0.5 else 0.0
        world.brain.walk(world.now_s, np.array([forward, 0.0, 0.0]))
        world.advance(0.05)
        steps += 1
        assert world.qpos()[at + 2] > 0.8 * height_m, f"fell at {world.qpos()[at]:.1f} m"
    assert world.qpos()[at] >= 5.0, "got stuck"
    assert world.loop.state()["counters"]["commands_rejected"] == 0


def test_a_sole_that_lands_higher_is_on_a_bump_and_in_the_long_run_on_the_floor() -> None:
    profile = profile_of(X2)
    body = BodyModel(profile, urdf_of(X2))
    estimator = BaseEstimator(body)
    world = LockstepWorld(
        profile, DATA_ROOT, None, noise=False, with_camera=False, urdf_xml=urdf_of(X2)
    )
    world.advance(0.3)
    both, right = np.array([170.0, 170.0]), np.array([0.0, 340.0])
    state = replace(world.state, foot_force_N=both)
    start_m = estimator.update(state).T_OB[2, 3]

    def later(state, force_N, dt_s):
        stamp_s = state.imu.stamp_s + dt_s
        imu = replace(state.imu, stamp_s=stamp_s)
        return replace(state, imu=imu, foot_force_N=force_N)

    # The left leg is drawn up by a bent knee and stands there as if on a bump.
    pos = state.joints.pos_rad.copy()
    names = list(profile.joint_names)
    for joint, turn in (("hip_pitch", -0.25), ("knee", 0.5), ("ankle_pitch", -0.25)):
        pos[names.index(f"left_{joint}_joint")] += turn
    bent = replace(state, joints=replace(state.joints, pos_rad=pos))
    lifted = later(bent, right, 0.01)
    estimator.update(lifted)
    landed = later(lifted, np.array([340.0, 0.0]), 0.01)
    on_bump = estimator.update(landed).T_OB
    body.place(pos)
    left, other = (body.frame(frame_id).translation for frame_id in body.sole_ids)
    rise_m = left[2] - other[2]
    assert rise_m > 0.01
    assert on_bump[2, 3] == pytest.approx(start_m, abs=0.1 * rise_m)
    for _ in range(int(6 * FLOOR_S / 0.05)):
        landed = later(landed, np.array([340.0, 0.0]), 0.05)
        estimate = estimator.update(landed)
    assert estimate.T_OB[2, 3] == pytest.approx(start_m - rise_m, abs=0.1 * rise_m)


def test_a_sole_seeks_a_floor_that_does_not_come_faster_and_faster() -> None:
    start = np.zeros(4)
    path, dt_s = SwingPath(start, 0.36, 0.06), 0.01
    heights = [
        path.advance(k * dt_s, dt_s, np.array([0.3, 0.0, 0.0, 0.0])).pos[2] for k in range(1, 50)
    ]
    falls = -np.diff(heights[40:])
    assert np.all(np.diff(falls) > 0.0)
    # Two centimetres below the plan are found within the time that a step can bear to be late.
    assert min(k for k, z in enumerate(heights, 1) if z < -BUMP_M) * dt_s < 0.36 + 0.03 + 0.08


def test_a_sole_on_its_heel_is_not_twisted() -> None:
    def twist(behind_m: float) -> float:
        sole = FootContact(np.zeros(3), np.eye(3), 0.1, 0.04)
        force_N = 400.0
        wanted = np.array([0.0, 0.0, force_N, 0.0, behind_m * force_N, 1e3])
        return float(share_wrench(wanted, (sole,), 0.6, 1.0)[0][5])

    middle, half, heel = (twist(behind_m) for behind_m in (0.0, 0.05, 0.1))
    assert middle == pytest.approx(0.6 * 400.0 * 0.14)
    assert middle > half > heel
    # What is left turns about the heel's edge: half the sole's width.
    assert heel == pytest.approx(0.6 * 400.0 * 0.04)
    weak = FootContact(np.zeros(3), np.eye(3), 0.1, 0.04, used_m=(0.05, 0.01))
    wanted = np.array([0.0, 0.0, 400.0, 0.0, 0.05 * 400.0, 1e3])
    # An ankle that is too weak for the whole sole does not make the sole's grip smaller.
    assert share_wrench(wanted, (weak,), 0.6, 1.0)[0][5] == pytest.approx(half)


@pytest.mark.parametrize("robot", ROBOTS)
def test_kinematics_keeps_the_knees_bent_however_far_the_sole_is(robot) -> None:
    whole, ready = whole_body(robot)
    soles = whole.soles(ready)
    far = tuple(pin.SE3(sole.rotation, sole.translation - [0.0, 0.0, 0.5]) for sole in soles)
    posture = ready
    for _ in range(50):
        posture, _ = whole.reach(posture, far, np.zeros((2, 6)))
    for knee in knees(whole):
        assert posture[knee] > 0.0
    near = soles
    for _ in range(50):
        posture, _ = whole.reach(posture, near, np.zeros((2, 6)))
    np.testing.assert_allclose(posture[whole.legs], ready[whole.legs], atol=1e-3)


@pytest.mark.parametrize("robot", ROBOTS)
def test_a_straight_leg_is_not_asked_for_more_than_its_joints_have(robot) -> None:
    whole, ready = whole_body(robot)
    straight = ready.copy()
    for index in whole.leg_index:
        straight[index[3]] = 0.0
    body: BodyMeasure = whole.measure(straight, np.zeros(len(ready)), np.zeros(6))
    swing = np.zeros((2, 6))
    # A foot that is to leave the floor within the first tenth of its swing.
    swing[1, 2] = 15.0
    wanted = WantedMotion(
        cop_m=body.soles[0].translation,
        lift_m_s2=0.0,
        turn_acc=np.zeros(3),
        sole_acc=swing,
        upper_acc=np.zeros(len(ready)),
        standing=(0,),
    )
    halves = np.array([0.08, 0.03])
    effort = whole.torques(body, np.array([0.0, 0.0, 1.0]), wanted, halves, 0.85, 0.6)
    index = whole.leg_index[1]
    assert np.all(np.abs(effort[index]) < whole.effort_max[index])
