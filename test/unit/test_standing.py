# SPDX-License-Identifier: Apache-2.0
"""Standing holds against arm motion, delay, noise, silence and pushes, on every robot."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pd_world import ROBOTS, PdWorld, profile_of, smooth_path, tilt_deg, urdf_of

from small_brain_node.body_model import BodyModel
from small_brain_node.wrench import FootContact, grasp_matrix, share_wrench

GRAVITY = 9.81
PUSH_NS, PUSH_S = 8.0, 0.1


def arm_motion(world: PdWorld, rng, peak_rad_s: float) -> None:
    """Start a random motion, clear of the robot itself, on each arm that is idle."""
    state = world.state()
    for side in ("left", "right"):
        if world.brain.status(f"{side}_arm") == "running":
            continue
        names = world.profile.groups[f"{side}_arm"]
        index = [world.profile.joint_names.index(name) for name in names]
        low = np.array([world.limits[name].lower for name in names]) + 0.05
        high = np.array([world.limits[name].upper for name in names]) - 0.05
        ready = np.array([world.profile.ready_pose_rad[name] for name in names])
        start = np.clip(state.joints.pos_rad[index], low - 0.04, high + 0.04)
        goal = np.clip(ready + rng.uniform(-0.6, 0.6, len(names)), low, high)
        if world.clear_of_itself(names, start, goal):
            path = smooth_path(names, start, goal, peak_rad_s)
            assert world.brain.follow(world.now_s, path) is None


@pytest.mark.parametrize("robot", ROBOTS)
def test_moving_arms_with_parts_in_hand_sway_the_base_by_less_than_1_cm_and_1_deg(robot) -> None:
    world = PdWorld(robot, noise_seed=1, payload_kg=0.2, delay_ms=8)
    rng = np.random.default_rng(3)
    world.run(0.6)
    before = world.base()
    sway_m, tilt = 0.0, 0.0
    for _ in range(25):
        arm_motion(world, rng, peak_rad_s=1.5)
        world.run(0.2)
        now = world.base()
        sway_m = max(sway_m, float(np.linalg.norm(now[:3, 3] - before[:3, 3])))
        tilt = max(tilt, tilt_deg(before, now))
    assert sway_m < 0.01
    assert tilt < 1.0


@pytest.mark.parametrize("robot", ROBOTS)
def test_a_push_is_taken_and_the_base_returns(robot) -> None:
    world = PdWorld(robot, noise_seed=2)
    world.run(0.3)
    before = world.base()
    for direction in ((1, 0, 0), (-1, 0, 0), (0, 1, 0)):
        world.push(PUSH_NS / PUSH_S * np.array(direction), PUSH_S)
        world.run(2.0)
    assert np.linalg.norm(world.base()[:3, 3] - before[:3, 3]) < 0.01
    assert tilt_deg(before, world.base()) < 1.0


def test_100_ms_without_updates_are_bridged_by_stiffness() -> None:
    world = PdWorld("lingxi_x2", noise_seed=4, payload_kg=0.2)
    rng = np.random.default_rng(5)
    world.run(0.5)
    before = world.base()
    for _ in range(8):
        arm_motion(world, rng, peak_rad_s=1.0)
        world.run(0.3)
        world.run(0.1, silent=True)
    assert np.linalg.norm(world.base()[:3, 3] - before[:3, 3]) < 0.01
    assert tilt_deg(before, world.base()) < 1.0


def test_starts_where_it_stands_and_goes_to_the_ready_legs_without_a_jump() -> None:
    profile = profile_of("lingxi_x2")
    world = PdWorld("lingxi_x2", pose=profile.default_pose_rad)
    q0 = world.state().joints.pos_rad
    first = world.brain.step(0.0, world.state())
    np.testing.assert_allclose(first.pos_rad, q0, atol=0.01)
    world.run(4.0)
    legs = [*profile.groups["left_leg"], *profile.groups["right_leg"]]
    index = [profile.joint_names.index(name) for name in legs]
    ready = np.array([profile.ready_pose_rad[name] for name in legs])
    np.testing.assert_allclose(world.state().joints.pos_rad[index], ready, atol=0.03)


@pytest.mark.parametrize("robot", ROBOTS)
def test_feed_forward_at_rest_carries_the_weight(robot) -> None:
    """With both feet loaded alike the joint PD has next to nothing left to do."""
    world = PdWorld(robot)
    world.run(2.0)
    command, q = world._command, world.state().joints.pos_rad
    legs = world.brain._policy._standing._legs
    left_to_pd = command.kp[legs] * (command.pos_rad[legs] - q[legs])
    assert np.abs(left_to_pd).max() < 0.1 * np.abs(command.effort_Nm[legs]).max()


def two_feet(span_m: float) -> tuple[FootContact, ...]:
    at = [np.array([0.0, y, -0.7]) for y in (span_m / 2, -span_m / 2)]
    return tuple(FootContact(p, np.eye(3), 0.1, 0.05) for p in at)


@given(st.lists(st.floats(-1.0, 1.0), min_size=6, max_size=6))
@settings(max_examples=60, deadline=None)
def test_shared_wrenches_respect_friction_and_soles(push) -> None:
    weight = 45 * GRAVITY
    feet = two_feet(0.25)
    wanted = np.array([0, 0, weight, 0, 0, 0]) + weight * np.array(push)
    shares = share_wrench(wanted, feet, friction=0.5, margin=0.8)
    for share, foot in zip(shares, feet, strict=True):
        assert share[2] >= 0
        assert np.abs(share[:2]).max() <= 0.5 * share[2] + 1e-9
        assert abs(share[3]) <= 0.8 * foot.half_y_m * share[2] + 1e-9
        assert abs(share[4]) <= 0.8 * foot.half_x_m * share[2] + 1e-9


def test_shared_wrenches_add_up_and_roll_comes_from_loading_one_foot() -> None:
    weight, span_m = 45 * GRAVITY, 0.25
    feet = two_feet(span_m)
    offset_m = 0.05
    wanted = np.array([0.0, 0.0, weight, offset_m * weight, 0.0, 0.0])
    shares = share_wrench(wanted, feet, friction=0.5, margin=0.8)
    np.testing.assert_allclose(grasp_matrix(feet) @ shares.ravel(), wanted, atol=1e-6)
    by_load = (shares[0, 2] - shares[1, 2]) * span_m / 2
    assert by_load > 0.8 * offset_m * weight


@pytest.mark.parametrize("robot", ROBOTS)
def test_soles_are_measured_from_the_feet_and_mirror_each_other(robot) -> None:
    body = BodyModel(profile_of(robot), urdf_of(robot))
    left, right = body.soles
    assert 0.08 < left.half_x_m < 0.16
    assert left.half_x_m == pytest.approx(right.half_x_m)
    assert left.half_y_m == pytest.approx(right.half_y_m)
    assert left.middle_m[0] == pytest.approx(right.middle_m[0])
    assert left.middle_m[1] == pytest.approx(-right.middle_m[1])
