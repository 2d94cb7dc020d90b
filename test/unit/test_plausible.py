# SPDX-License-Identifier: Apache-2.0
"""States that are finite and in time and still cannot be true: each is found and named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pd_world import DATA_ROOT, profile_of, urdf_of
from spoilt_rig import (
    ROBOT,
    SpoiltSenses,
    frozen,
    late,
    permuted,
    upside_down,
    walk,
    world_with,
)

pytest.importorskip("neuraxis_spinal", reason="the spinal cord's Python module is not built")

from neuraxis_common.robot import joint_limits
from neuraxis_sim.lockstep import LockstepWorld
from small_brain_node.body_model import BodyModel
from small_brain_node.config import SmallBrainConfig
from small_brain_node.plausible import StateWatch

CONFIG = SmallBrainConfig()
# One cycle to notice, one for the command to be on its way.
CYCLE_S = 1.0 / CONFIG.rate_hz


@pytest.mark.parametrize(
    ("spoil", "codes", "within_s"),
    [
        (frozen, {"joints_frozen"}, 0.0),
        (permuted, {"joints_permuted", "joint_jump"}, 0.0),
        (upside_down, {"imu_upside_down"}, 0.0),
        (late, {"stale_state"}, CONFIG.state_timeout_s + CYCLE_S),
    ],
    ids=["frozen", "permuted", "upside_down", "late"],
)
def test_mid_stride_the_pose_is_held_and_then_the_stop_ladder_takes_over(
    spoil, codes, within_s
) -> None:
    world = world_with(spoil)
    senses = world.brain
    world.advance(0.5)
    walk(world, 1.5)
    senses.from_s = world.now_s
    began_s = world.now_s
    cycles = world.loop.state()["counters"]["cycles"]
    level, seen_at = "run", None
    for _ in range(600):
        world.advance(0.001)
        raw = world.loop.state()
        if raw["stop_level"] != "run":
            level, seen_at = raw["stop_level"], raw["counters"]["cycles"]
            break
    assert senses.faults and set(senses.faults) <= codes
    assert senses.first_s - began_s <= within_s + CYCLE_S
    # Latched: a spinal cord that was run down by silence, or by a fall that it noticed before.
    if spoil is not late:
        assert level in ("hold", "lowering", "damping")
        bound_s = within_s + CONFIG.fault_patience_s + 0.2 + 3 * CYCLE_S
        assert seen_at - cycles <= round(bound_s * 1e3)
    assert not world.loop.state()["counters"].get("outputs_nonfinite", 0)


def test_an_imu_that_is_mounted_upside_down_never_starts_the_robot() -> None:
    world = world_with(upside_down)
    world.brain.from_s = 0.0
    world.advance(0.5)
    raw = world.loop.state()
    assert set(world.brain.faults) == {"imu_upside_down"}
    assert raw["counters"]["commands_accepted"] == 0
    assert raw["stop_level"] != "run"


def test_joints_in_the_wrong_order_never_start_the_robot() -> None:
    world = world_with(permuted)
    world.brain.from_s = 0.0
    world.advance(0.3)
    assert world.brain.faults
    assert set(world.brain.faults) <= {"joints_beyond_limits", "imu_tilted", "imu_upside_down"}
    assert world.loop.state()["counters"]["commands_accepted"] == 0


@pytest.mark.parametrize("robot", ["lingxi_x2", "expedition_a3", "expedition_a2"])
def test_nothing_is_doubted_while_walking_turning_and_being_pushed(robot) -> None:
    world = LockstepWorld(
        profile_of(robot), DATA_ROOT, None, seed=2, with_camera=False, urdf_xml=urdf_of(robot)
    )
    world.brain = SpoiltSenses(world.brain, None)
    world.brain.from_s, world.brain.spoil = 0.0, lambda _kept, state: state
    world.advance(0.4)
    walk(world, 1.0)
    world.push(np.array([0.0, 60.0, 0.0]), 0.1)
    walk(world, 1.0, (0.2, 0.0, 0.4))
    assert world.brain.faults == []
    assert world.state.stop_level == "run"


def watch_of(robot=ROBOT) -> StateWatch:
    profile, urdf_xml = profile_of(robot), urdf_of(robot)
    return StateWatch(profile, joint_limits(urdf_xml), BodyModel(profile, urdf_xml), 0.02)


@pytest.fixture(scope="module")
def standing():
    """A world's first good state."""
    world = LockstepWorld(
        profile_of(ROBOT), DATA_ROOT, None, seed=5, with_camera=False, urdf_xml=urdf_of(ROBOT)
    )
    world.advance(0.3)
    return world.state


def stamped(state, now_s, **joints):
    moved = replace(state.joints, stamp_s=now_s, **joints)
    return replace(state, joints=moved, imu=replace(state.imu, stamp_s=now_s))


@given(st.permutations(range(12)))
@settings(max_examples=40, deadline=None)
def test_legs_that_change_places_are_found_unless_they_read_alike(standing, order) -> None:
    watch = watch_of_cached()
    watch.reset()
    assert watch.check(stamped(standing, 1.0)) is None
    pos = standing.joints.pos_rad.copy()
    pos[:12] = pos[list(order)]
    fault = watch.check(stamped(standing, 1.01, pos_rad=pos))
    speeds = watch._speed
    moved = np.abs(pos - standing.joints.pos_rad) > speeds * 0.01 + 0.12
    assert (fault is not None) == bool(moved.any())
    if fault is not None:
        assert fault.code in ("joints_permuted", "joint_jump")
        assert watch.check(stamped(standing, 1.02, pos_rad=pos)) is not None
        assert watch.check(stamped(standing, 1.03)) is None


_WATCH: list[StateWatch] = []


def watch_of_cached() -> StateWatch:
    if not _WATCH:
        _WATCH.append(watch_of())
    return _WATCH[0]


def test_a_gap_in_time_lets_joints_move_as_far_as_they_can(standing) -> None:
    watch = watch_of()
    assert watch.check(stamped(standing, 1.0)) is None
    pos = standing.joints.pos_rad.copy()
    pos[3] += 0.5
    assert watch.check(stamped(standing, 1.08, pos_rad=pos)) is None


def test_a_sensor_at_rest_in_every_part_is_not_called_frozen(standing) -> None:
    watch = watch_of()
    for k in range(50):
        assert watch.check(stamped(standing, 1.0 + 0.01 * k)) is None
