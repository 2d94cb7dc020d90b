# SPDX-License-Identifier: Apache-2.0
"""The base estimate agrees with the simulator while the feet stand, and says when they do not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pd_world import CYCLE_MS, ROBOTS, PdWorld, profile_of, tilt_deg, urdf_of

from small_brain_node.body_model import BodyModel
from small_brain_node.odometry import SLIP_BOUND_M, TWIST_FILTER_S, BaseEstimator

LOADED_N = np.array([220.0, 220.0])


def settled(robot: str, **options) -> PdWorld:
    world = PdWorld(robot, **options)
    world.run(0.5)
    return world


def shifted(state, profile, joint: str, by_rad: float):
    pos = state.joints.pos_rad.copy()
    pos[profile.joint_names.index(joint)] += by_rad
    return replace(state, joints=replace(state.joints, pos_rad=pos))


@pytest.mark.parametrize("robot", ROBOTS)
def test_odom_starts_between_the_soles_with_x_forward(robot) -> None:
    world = settled(robot)
    T_OB = world.brain.base_in_odom()
    truth = world.base()
    # The simulator starts with the midpoint of the soles at its origin, feet level.
    assert np.linalg.norm(T_OB[:3, 3] - truth[:3, 3]) < 0.005
    assert tilt_deg(T_OB, truth) < 0.3


def test_the_estimate_follows_the_base_through_pushes() -> None:
    world = settled("lingxi_x2", noise_seed=6)
    offset = world.brain.base_in_odom()[:3, 3] - world.base()[:3, 3]
    errors = []
    for force_W_N in ((70, 0, 0), (0, 70, 0), (-70, 0, 0)):
        world.push(np.array(force_W_N), 0.1)
        for _ in range(20):
            world.run(0.05)
            error = world.brain.base_in_odom()[:3, 3] - world.base()[:3, 3] - offset
            errors.append(np.linalg.norm(error))
    assert max(errors) < 0.006
    assert world.brain.base().drift is None


def test_the_twist_is_that_of_the_base() -> None:
    world = settled("lingxi_x2")
    world.push(np.array([70.0, 0.0, 0.0]), 0.1)
    world.run(5 * TWIST_FILTER_S)
    worst = 0.0
    for _ in range(30):
        world.run(0.02)
        v_W = world.data.qvel[world.robot.base_dof_adr :][:3]
        estimate_W = world.base()[:3, :3] @ world.brain.base().twist_B[:3]
        worst = max(worst, float(np.linalg.norm(v_W - estimate_W)))
    lag_s, swing_rad_s, amplitude_m_s = TWIST_FILTER_S + CYCLE_MS * 1e-3, 6.0, 0.15
    assert worst < 1.5 * lag_s * swing_rad_s * amplitude_m_s


def test_a_foot_that_slides_is_flagged() -> None:
    profile, world = profile_of("lingxi_x2"), settled("lingxi_x2")
    estimator = BaseEstimator(BodyModel(profile, urdf_of("lingxi_x2")))
    state = replace(world.state(), foot_force_N=LOADED_N)
    assert estimator.update(state).drift is None
    leg_m = 0.6
    slid = shifted(state, profile, "left_hip_roll_joint", 2 * SLIP_BOUND_M / leg_m)
    drift = estimator.update(slid).drift
    assert drift is not None
    assert drift.code == "feet_slipped"
    assert drift.details["moved_m"] > SLIP_BOUND_M


def test_a_lifted_foot_is_flagged_and_the_other_carries_the_estimate() -> None:
    profile, world = profile_of("lingxi_x2"), settled("lingxi_x2")
    estimator = BaseEstimator(BodyModel(profile, urdf_of("lingxi_x2")))
    state = replace(world.state(), foot_force_N=LOADED_N)
    before = estimator.update(state)
    swung = shifted(state, profile, "left_knee_joint", 0.5)
    swung = replace(swung, foot_force_N=np.array([0.0, 440.0]))
    after = estimator.update(swung)
    assert after.drift is not None
    assert after.drift.code == "foot_lifted"
    np.testing.assert_allclose(after.T_OB, before.T_OB, atol=1e-6)


def test_reset_fixes_odom_anew() -> None:
    profile, world = profile_of("lingxi_x2"), settled("lingxi_x2")
    estimator = BaseEstimator(BodyModel(profile, urdf_of("lingxi_x2")))
    state = replace(world.state(), foot_force_N=LOADED_N)
    first = estimator.update(state).T_OB
    estimator.update(shifted(state, profile, "left_hip_roll_joint", 0.05))
    estimator.reset()
    again = estimator.update(state)
    assert again.drift is None
    np.testing.assert_allclose(again.T_OB, first, atol=1e-9)
