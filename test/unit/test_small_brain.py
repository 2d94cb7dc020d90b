# SPDX-License-Identifier: Apache-2.0
"""The small brain on states it must not act on, and while the spinal cord has stopped."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pd_world import PdWorld, profile_of, smooth_path, urdf_of

from neuraxis_common.errors import Rejected
from neuraxis_common.types import JointCommand
from small_brain_node.core import SmallBrain

ROBOT = "lingxi_x2"
FIELDS = ("pos_rad", "vel_rad_s", "effort_Nm", "kp", "kd")


@pytest.fixture(scope="module")
def world() -> PdWorld:
    return PdWorld(ROBOT)


@pytest.fixture
def brain() -> SmallBrain:
    return SmallBrain(profile_of(ROBOT), urdf_of(ROBOT))


def at(world: PdWorld, now_s: float, level: str = "run"):
    state = world.state()
    joints = replace(state.joints, stamp_s=now_s)
    return replace(state, joints=joints, imu=replace(state.imu, stamp_s=now_s), stop_level=level)


def spoiled(state, where: str, value):
    if where == "foot_force_N":
        return replace(state, foot_force_N=value)
    part = "imu" if where in ("quat_wxyz", "gyro_B_rad_s") else "joints"
    return replace(state, **{part: replace(getattr(state, part), **{where: value})})


def nan_in(values: np.ndarray) -> np.ndarray:
    values = values.copy()
    values[-1] = np.nan
    return values


def test_a_good_state_gives_a_finite_command_within_gains(world, brain) -> None:
    command = brain.step(0.0, at(world, 0.0))
    assert brain.fault is None
    n = len(profile_of(ROBOT).joint_names)
    for name in FIELDS:
        values = getattr(command, name)
        assert values.shape == (n,)
        assert np.all(np.isfinite(values))


@pytest.mark.parametrize(
    "where", ["pos_rad", "vel_rad_s", "effort_Nm", "quat_wxyz", "gyro_B_rad_s", "foot_force_N"]
)
def test_a_state_that_is_not_finite_holds_the_last_command_at_rest(world, brain, where) -> None:
    good = brain.step(0.0, at(world, 0.0))
    state = at(world, 0.01)
    owner = state.imu if hasattr(state.imu, where) else state.joints
    value = state.foot_force_N if where == "foot_force_N" else getattr(owner, where)
    command = brain.step(0.01, spoiled(state, where, nan_in(value)))
    assert isinstance(command, JointCommand)
    assert brain.fault.code == "bad_state"
    np.testing.assert_array_equal(command.pos_rad, good.pos_rad)
    assert not command.vel_rad_s.any()
    assert brain.step(0.02, at(world, 0.02)) is not None
    assert brain.fault is None


def test_a_state_of_the_wrong_shape_is_named(world, brain) -> None:
    state = at(world, 0.0)
    command = brain.step(0.0, spoiled(state, "pos_rad", state.joints.pos_rad[:-1]))
    assert isinstance(command, Rejected)
    assert "joint positions" in command.reason


def test_a_stale_state_is_not_acted_on(world, brain) -> None:
    brain.step(0.0, at(world, 0.0))
    late_s = 2 * brain.config.state_timeout_s
    brain.step(late_s, at(world, 0.0))
    assert brain.fault.code == "stale_state"
    assert brain.fault.details["value"] == pytest.approx(late_s)


def test_without_any_good_state_nothing_is_sent(world, brain) -> None:
    assert brain.step(1.0, at(world, 0.0)).code == "stale_state"
    np.testing.assert_array_equal(brain.base_in_odom(), np.eye(4))


def left_path(world: PdWorld):
    names = world.profile.groups["left_arm"]
    index = [world.profile.joint_names.index(name) for name in names]
    start = world.state().joints.pos_rad[index]
    return smooth_path(names, start, start + 0.2, 0.5)


def test_a_stop_abandons_the_motion_with_its_level_and_refuses_new_ones(world, brain) -> None:
    brain.step(0.0, at(world, 0.0))
    assert brain.follow(0.0, left_path(world)) is None
    brain.step(0.01, at(world, 0.01))
    brain.step(0.02, at(world, 0.02, level="damping"))
    outcome = brain.motion()
    assert outcome.code == "stopped"
    assert outcome.details["stop_level"] == "damping"
    assert brain.follow(0.02, left_path(world)).code == "stopped"
    assert brain.grip(0.02, "left", 0.02, 10.0).code == "stopped"


def test_while_stopped_the_command_follows_what_is_measured(world, brain) -> None:
    brain.step(0.0, at(world, 0.0))
    state = at(world, 0.01, level="hold")
    sagged = state.joints.pos_rad.copy()
    sagged[:-2] += 0.02
    command = brain.step(0.01, spoiled(state, "pos_rad", sagged))
    np.testing.assert_allclose(command.pos_rad, sagged, atol=0.005)


def test_after_a_reset_motions_are_taken_again(world, brain) -> None:
    for k, level in enumerate(("run", "hold", "run")):
        brain.step(k * 0.01, at(world, k * 0.01, level))
    assert brain.follow(0.02, left_path(world)) is None


class BrokenPolicy:
    """Gives one good command, then rubbish."""

    def __init__(self, inner) -> None:
        self._inner, self._count = inner, 0

    def reset(self) -> None:
        self._inner.reset()

    def act(self, observation):
        self._count += 1
        command = self._inner.act(observation)
        return (
            command if self._count == 1 else replace(command, effort_Nm=command.effort_Nm * np.nan)
        )


def test_a_policy_that_breaks_is_held_by_its_last_good_command(world, brain) -> None:
    broken = SmallBrain(profile_of(ROBOT), urdf_of(ROBOT), policy=BrokenPolicy(brain._policy))
    good = broken.step(0.0, at(world, 0.0))
    held = broken.step(0.01, at(world, 0.01))
    assert broken.fault.code == "bad_command"
    np.testing.assert_array_equal(held.effort_Nm, good.effort_Nm)
