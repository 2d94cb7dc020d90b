# SPDX-License-Identifier: Apache-2.0
"""Trajectories and grips: what is refused, how motions join and end, what counts as success."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from arm_rig import CONFIG, DT_S, LEFT, Rig
from hypothesis import given, settings
from hypothesis import strategies as st
from pd_world import smooth_path

from neuraxis_common.errors import ConfigError, Rejected
from neuraxis_common.types import JointTrajectory
from small_brain_node.arm_executor import ArmExecutor
from small_brain_node.config import SmallBrainConfig
from small_brain_node.curves import StopCurve, TrajectoryCurve


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_follows_and_succeeds_when_the_joints_have_arrived(rig) -> None:
    path = rig.path()
    assert rig.arms.follow(rig.now_s, path) is None
    assert rig.arms.status("left_arm") == "running"
    assert rig.arms.status("right_arm") == "idle"
    rig.run(path.duration_s + 0.1)
    assert rig.arms.motion() == rig.arms.status("left_arm") == "succeeded"
    np.testing.assert_allclose(rig.q[rig.index(LEFT)], path.pos_rad[-1])


def test_both_arms_move_at_once_and_report_separately(rig) -> None:
    left, right = rig.path(), rig.path(rig.profile.groups["right_arm"], peak_rad_s=0.2)
    assert rig.arms.follow(rig.now_s, left) is None
    assert rig.arms.follow(rig.now_s, right) is None
    rig.run(left.duration_s + 0.1)
    assert rig.arms.status("left_arm") == "succeeded"
    assert rig.arms.status("right_arm") == rig.arms.motion() == "running"


def broken(path: JointTrajectory, **changes) -> JointTrajectory:
    return replace(path, **changes)


def with_value(rows: np.ndarray, value: float) -> np.ndarray:
    rows = rows.copy()
    rows[1, 0] = value
    return rows


@pytest.mark.parametrize(
    ("breakage", "code"),
    [
        (lambda p: broken(p, pos_rad=p.pos_rad[::-1].copy()), "start_mismatch"),
        (lambda p: broken(p, pos_rad=with_value(p.pos_rad, np.nan)), "malformed_trajectory"),
        (lambda p: broken(p, vel_rad_s=with_value(p.vel_rad_s, np.inf)), "malformed_trajectory"),
        (lambda p: broken(p, t_s=p.t_s[::-1].copy()), "malformed_trajectory"),
        (lambda p: broken(p, t_s=p.t_s + 1.0), "malformed_trajectory"),
        (lambda p: broken(p, vel_rad_s=p.vel_rad_s[:, :3]), "malformed_trajectory"),
        (lambda p: broken(p, joint_names=(*p.joint_names[:-1], "tail")), "joint_not_allowed"),
        (
            lambda p: broken(p, joint_names=(*p.joint_names[:-1], "left_knee_joint")),
            "joint_not_allowed",
        ),
        (
            lambda p: broken(p, joint_names=(*p.joint_names[:-1], "left_gripper_joint")),
            "joint_not_allowed",
        ),
        (lambda p: broken(p, joint_names=(p.joint_names[0],) * 7), "malformed_trajectory"),
        (lambda p: broken(p, pos_rad=with_value(p.pos_rad, 9.0)), "position_limit"),
        (lambda p: broken(p, t_s=p.t_s * 0.01), "velocity_limit"),
        (lambda p: broken(p, vel_rad_s=with_value(p.vel_rad_s, 99.0)), "velocity_limit"),
    ],
)
def test_a_bad_trajectory_is_refused_and_nothing_moves(rig, breakage, code) -> None:
    before = rig.q.copy()
    refusal = rig.arms.follow(rig.now_s, breakage(rig.path()))
    assert isinstance(refusal, Rejected)
    assert refusal.code == code
    rig.run(0.2)
    np.testing.assert_array_equal(rig.q, before)
    assert rig.arms.motion() == "idle"


def test_a_refused_trajectory_leaves_the_running_one_alone(rig) -> None:
    path = rig.path()
    rig.arms.follow(rig.now_s, path)
    rig.run(0.2)
    assert rig.arms.follow(rig.now_s, broken(path, pos_rad=path.pos_rad + 2.0)) is not None
    rig.run(path.duration_s)
    assert rig.arms.motion() == "succeeded"


def test_before_the_first_measurement_nothing_is_accepted() -> None:
    rig = Rig()
    arms = ArmExecutor(rig.profile, rig.limits, CONFIG)
    assert arms.follow(0.0, rig.path()).code == "no_state"
    assert arms.grip(0.0, "left", 0.05, 10.0).code == "no_state"


def test_a_blocked_joint_ends_the_motion_and_is_not_pushed_on(rig) -> None:
    rig.stuck = {"left_elbow_joint"}
    rig.arms.follow(rig.now_s, rig.path(by_rad=0.8))
    rig.run(2.5)
    outcome = rig.arms.motion()
    assert isinstance(outcome, Rejected)
    assert outcome.code == "tracking_error"
    assert outcome.details["joint"] == "left_elbow_joint"
    assert outcome.details["value"] > outcome.details["bound"] == CONFIG.tracking_tolerance_rad
    upper = rig.tick()
    np.testing.assert_allclose(upper.pos_rad, rig.q, atol=1e-9)
    assert not upper.vel_rad_s.any()


def test_a_goal_that_is_not_reached_is_a_failure(rig) -> None:
    rig.stuck = {"left_elbow_joint"}
    short = CONFIG.tracking_tolerance_rad / 2
    assert short > CONFIG.goal_tolerance_rad
    path = rig.path(by_rad=short)
    rig.arms.follow(rig.now_s, path)
    rig.run(path.duration_s + CONFIG.settle_timeout_s + 0.5)
    assert rig.arms.motion().code == "goal_not_reached"


def fastest_change(references, index) -> float:
    vel = np.array([upper.vel_rad_s[index] for upper in references])
    return float(np.abs(np.diff(vel, axis=0)).max()) / DT_S


def test_a_new_motion_takes_over_without_a_jump(rig) -> None:
    first = rig.path(by_rad=0.8)
    rig.arms.follow(rig.now_s, first)
    references = rig.run(first.duration_s / 2)
    speed = np.abs(references[-1].vel_rad_s).max()
    assert speed > 0.5
    back = smooth_path(LEFT, rig.q[rig.index(LEFT)], first.pos_rad[0], 0.5)
    assert rig.arms.follow(rig.now_s, back) is None
    references += rig.run(back.duration_s + 0.5)
    assert rig.arms.motion() == "succeeded"
    np.testing.assert_allclose(rig.q[rig.index(LEFT)], first.pos_rad[0], atol=1e-9)
    pos = np.array([upper.pos_rad for upper in references])
    assert np.abs(np.diff(pos, axis=0)).max() < 1.5 * speed * DT_S
    # A cubic that takes speed away within its shortest fade peaks at 4 v / T.
    assert fastest_change(references, rig.index(LEFT)) < 5 * speed / TrajectoryCurve.MIN_FADE_S


def test_joints_the_new_motion_leaves_out_come_to_rest(rig) -> None:
    both = (*LEFT, "waist_yaw_joint")
    rig.arms.follow(rig.now_s, rig.path(both, by_rad=0.6))
    rig.run(0.4)
    rig.arms.follow(rig.now_s, rig.path(LEFT, by_rad=0.1))
    references = rig.run(1.0)
    waist = rig.names.index("waist_yaw_joint")
    assert references[0].vel_rad_s[waist] != 0
    assert references[-1].vel_rad_s[waist] == 0
    assert rig.arms.status("waist") != "running"


def test_halt_is_a_smooth_stop(rig) -> None:
    rig.arms.follow(rig.now_s, rig.path(by_rad=0.8))
    rig.run(0.5)
    rig.arms.halt(rig.now_s)
    assert rig.arms.motion().code == "preempted"
    references = rig.run(0.6)
    assert not references[-1].vel_rad_s.any()
    limit = CONFIG.stop_accel_rad_s2 * 1.01
    assert fastest_change(references, rig.index(LEFT)) <= limit


def test_abandoning_ends_motions_and_grips_and_holds_what_is_measured(rig) -> None:
    rig.arms.follow(rig.now_s, rig.path())
    rig.arms.grip(rig.now_s, "left", 0.0, 10.0)
    rig.run(0.3)
    why = Rejected("stopped", "the spinal cord went to 'hold'")
    rig.arms.abandon(why)
    assert rig.arms.motion() == rig.arms.status("left_arm") == rig.arms.gripping("left") == why
    rig.q[rig.index(LEFT)] += 0.05
    upper = rig.arms.update(rig.now_s, rig.state())
    np.testing.assert_allclose(upper.pos_rad[rig.index(LEFT)], rig.q[rig.index(LEFT)])


@given(st.integers(2, 8), st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_a_curve_passes_its_knots_and_ends_at_rest_on_its_goal(points, seed) -> None:
    rng = np.random.default_rng(seed)
    t = np.concatenate([[0.0], np.cumsum(rng.uniform(0.3, 1.0, points - 1))])
    pos, vel = rng.normal(size=(points, 3)), rng.normal(size=(points, 3))
    curve = TrajectoryCurve(JointTrajectory(("a", "b", "c"), t, pos, vel), 5.0, pos[0], vel[0])
    for k in range(points - 1):
        sample = curve.at(5.0 + t[k])
        np.testing.assert_allclose(sample.pos, pos[k], atol=1e-9)
        np.testing.assert_allclose(sample.vel, vel[k], atol=1e-9)
    end = curve.at(curve.end_s + 1.0)
    np.testing.assert_array_equal(end.pos, pos[-1])
    assert not end.vel.any()


@given(st.lists(st.floats(-3, 3), min_size=3, max_size=3), st.floats(0.0, 1.0))
@settings(max_examples=60, deadline=None)
def test_stop_curves_are_continuous_and_never_turn_back(vel, share) -> None:
    v = np.array(vel)
    stop = StopCurve(1.0, np.zeros(3), v, decel_rad_s2=8.0)
    at, later = (stop.at(1.0 + s * (stop.end_s - 1.0)) for s in (share, min(1.0, share + 0.1)))
    assert np.all(at.vel * v >= -1e-12)
    assert np.all((later.pos - at.pos) * v >= -1e-12)
    np.testing.assert_allclose(stop.at(stop.end_s).pos, v * (stop.end_s - 1.0) / 2, atol=1e-12)


def test_config_names_the_field_its_value_and_the_bound() -> None:
    with pytest.raises(ConfigError, match=r"rate_hz must be in \[20.0, 1000.0\], got 0"):
        SmallBrainConfig(rate_hz=0.0)
