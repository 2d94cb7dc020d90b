# SPDX-License-Identifier: Apache-2.0
"""Bad input mid-stride, looked at from the spinal cord: a defined state within 20 ms.

Defined is: ``run`` on commands that the gate let through and that answer good input, ``run`` on a
pose that is held at rest, ``bridging``, or a latched level of the stop ladder.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from bundle_rig import make_contract, signed_bundle, standing_policy, unsigned_bundle
from pd_world import ROBOTS
from shipped_rig import NOISE, WAKE_UP, both_keys, relative_of, sleeper, source_of
from spoilt_rig import (
    ROBOT,
    Ear,
    frozen,
    late,
    not_finite,
    permuted,
    upside_down,
    walk,
    world_with,
)

pytest.importorskip("neuraxis_spinal", reason="the spinal cord's Python module is not built")

from neuraxis_common.errors import ConfigError, Rejected
from neuraxis_common.policies import CLASSICAL, SHIPPED
from small_brain_node.policy_source import BackgroundOpener

X2, A3, A2 = ROBOTS
DEFINED_MS = 20
COMMAND_TIMEOUT_MS = 200
# From an output that is none, one that repeats itself, or one that darts about, to the end of the
# policy that gives it.
CAUGHT_S = {"nan": 0.01, "constant": 0.02} | dict.fromkeys(NOISE, 0.1)


class Killed:
    """What a small brain says after kill -9."""

    def __init__(self, brain):
        self.config, self.fault = brain.config, None

    def step(self, _now_s, _state):
        return Rejected("dead", "killed")


@pytest.fixture
def stride():
    """Makes a world whose robot is on one foot, mid-stride."""

    def make(spoil=None, robot=ROBOT, named=CLASSICAL, keys=""):
        runner = source_of(robot, named, keys).runner(100.0)
        world = world_with(spoil, runner, robot)
        world.loop, world.runner = Ear(world), runner
        world.advance(0.5)
        walk(world, 1.0)
        while world.state.foot_force_N.min() > 0.1 * world.state.foot_force_N.sum():
            walk(world, 0.1)
            assert world.now_s < 10.0
        world.advance(math.ceil(world.now_s * 100 - 1e-6) / 100 - world.now_s)
        assert world.loop.state()["stop_level"] == "run"
        assert (runner.in_charge == CLASSICAL) == (named == CLASSICAL), runner.take_notes()
        world.height_m = height_m(world)
        return world

    return make


def height_m(world) -> float:
    return float(world.qpos()[world.robot.base_qpos_adr + 2])


def condition(world) -> str:
    """What the spinal cord is in."""
    raw = world.loop.state()
    if raw["stop_level"] != "run":
        return raw["stop_level"] if raw["latched"] else "waiting"
    if raw["bridging"]:
        assert raw["stop_cause"].startswith("command_late: age 0.")
        return "bridging"
    (before, *_), (now, velocity, *_) = (rows for _, rows in world.loop.heard[-2:])
    return "held" if np.array_equal(before, now) and not np.any(velocity) else "run"


def look(world, milliseconds) -> list[str]:
    """The condition after each of the next milliseconds; numbers must stay numbers."""
    seen = []
    for _ in range(milliseconds):
        world.advance(0.001)
        seen.append(condition(world))
    counters = world.loop.state()["counters"]
    assert counters["outputs_nonfinite"] == 0
    refused = counters["commands_rejected"] - counters["rejected_latched"]
    assert refused == 0, world.loop.state()["last_rejection"]
    return seen


# No controller sees a state that is doubted, so each fault once per controller is enough, and each
# robot under both.
@pytest.mark.parametrize(
    ("spoil", "becomes", "robot", "named"),
    [
        (frozen, "held", X2, CLASSICAL),
        (permuted, "held", X2, CLASSICAL),
        (upside_down, "held", A2, CLASSICAL),
        (not_finite, "held", A3, CLASSICAL),
        (late, "bridging", A3, CLASSICAL),
        (frozen, "held", A3, SHIPPED),
        (permuted, "held", A2, SHIPPED),
        (upside_down, "held", X2, SHIPPED),
        (not_finite, "held", X2, SHIPPED),
        (late, "bridging", A2, SHIPPED),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_senses_that_go_bad_mid_stride(stride, spoil, becomes, robot, named) -> None:
    world = stride(spoil, robot, named)
    # The state of this instant is the first bad one.
    world.brain.from_s = world.now_s
    begun = len(world.loop.heard)
    held = world.loop.heard[-1][1][0]
    assert look(world, DEFINED_MS)[-1] == becomes
    if becomes == "held":
        since = [rows[0] for _, rows in world.loop.heard[begun:]]
        assert len(since) == 2
        assert all(np.array_equal(pos, since[-1]) for pos in since[:1] + since[-1:])
        assert np.array_equal(since[-1], held)
    seen = look(world, 400)
    assert seen[-1] in ("hold", "lowering", "damping")
    assert world.loop.state()["latched"]


@pytest.mark.parametrize(("robot", "named"), [(X2, CLASSICAL), (A3, CLASSICAL), (A2, SHIPPED)])
def test_a_small_brain_killed_mid_stride_is_bridged_and_then_held(stride, robot, named) -> None:
    world = stride(None, robot, named)
    world.brain = Killed(world.brain)
    last_ms = world.loop.heard[-1][0]
    killed_ms = round(world.now_s * 1e3)
    assert killed_ms - last_ms <= 10
    assert look(world, DEFINED_MS)[-1] == "bridging"
    assert world.loop.state()["counters"]["bridges"] == 1
    world.advance(0.15)
    seen = look(world, COMMAND_TIMEOUT_MS)
    assert "run" not in seen
    assert seen[-1] in ("hold", "lowering", "damping")


# The longest gap is the hardest to walk on after; so that one on all robots, under both.
@pytest.mark.parametrize(
    ("gap_ms", "robot", "named"),
    [
        (20, X2, CLASSICAL),
        (40, X2, CLASSICAL),
        *((80, robot, named) for robot in ROBOTS for named in (CLASSICAL, SHIPPED)),
    ],
)
def test_a_hiccup_is_bridged_and_the_walk_goes_on(stride, gap_ms, robot, named) -> None:
    world = stride(None, robot, named)
    brain, world.brain = world.brain, Killed(world.brain)
    assert look(world, gap_ms)[-1] == "bridging"
    world.brain = brain
    # The command that answers the first state after the gap takes 2 ms.
    assert look(world, 5)[2:] == ["run"] * 3
    walk(world, 2.0)
    raw = world.loop.state()
    assert raw["stop_level"] == "run", raw["stop_cause"]
    assert raw["counters"]["bridges"] == 1
    assert height_m(world) > 0.95 * world.height_m


@pytest.mark.parametrize(("robot", "named"), [(X2, CLASSICAL), (A2, SHIPPED)])
def test_velocities_that_nobody_can_walk_and_silence_leave_it_walking(stride, robot, named) -> None:
    world = stride(None, robot, named)
    wrong = [(math.nan,) * 3, (math.inf, 0.0, 0.0), (-50.0, 9.0, 99.0), (1e308,) * 3, None]
    for velocity in wrong:
        for _ in range(20):
            if velocity is not None:
                world.brain.walk(world.now_s, np.array(velocity))
            assert set(look(world, 10)) == {"run"}
    assert world.loop.state()["counters"]["bridges"] == 0


# How a robot recovers from what came through is its own doing, so all of them from all.
@pytest.mark.parametrize("robot", ROBOTS)
@pytest.mark.parametrize("rubbish", list(CAUGHT_S))
def test_a_policy_that_goes_mad_mid_stride_is_out_and_the_robot_walks_on(
    stride, tmp_path, robot, rubbish
) -> None:
    path = tmp_path / "sleeper.nxpolicy"
    path.write_bytes(relative_of(robot, "sleeper", sleeper(rubbish)))
    world = stride(None, robot, str(path), both_keys(tmp_path / "keys"))
    begun_s, way_m = world.now_s, world.qpos()[world.robot.base_qpos_adr]
    world.brain.walk(begun_s, WAKE_UP)
    assert set(look(world, DEFINED_MS)) <= {"run", "held"}
    while world.runner.in_charge == "sleeper":
        world.brain.walk(world.now_s, WAKE_UP)
        assert set(look(world, 10)) <= {"run", "held"}
        assert world.now_s - begun_s < 1.0
    (note,) = world.runner.take_notes()
    why = {"nan": "is not finite", "constant": "output stays"}
    assert why.get(rubbish, "dart to and fro by reaches") in note
    assert world.now_s - begun_s <= max(CAUGHT_S[rubbish], DEFINED_MS * 1e-3) + 1e-9
    if (robot, rubbish) == (A3, "little noise"):
        return  # Three steps of it throw the A3, see docs/walking.md.
    walk(world, 3.0, WAKE_UP)
    assert set(look(world, 1)) == {"run"}
    assert height_m(world) > 0.95 * world.height_m
    assert world.qpos()[world.robot.base_qpos_adr] - way_m > 0.4


@pytest.mark.parametrize(("robot", "named"), [(X2, CLASSICAL), (A3, SHIPPED)])
def test_swaps_to_bundles_that_must_not_run_leave_it_walking(
    stride, tmp_path, robot, named
) -> None:
    world = stride(None, robot, named)
    opener = BackgroundOpener(source_of(robot, keys=both_keys(tmp_path / "keys")).open)
    for code, data in {
        "wrong_robot": signed_bundle(make_contract(A2)),
        "unsigned": unsigned_bundle(),
        "not_a_bundle": standing_policy()[:-1000],
    }.items():
        path = tmp_path / f"{code}.nxpolicy"
        path.write_bytes(data)
        assert opener.begin(str(path))
        while (opened := opener.take()) is None:
            world.brain.walk(world.now_s, np.array([0.3, 0.0, 0.0]))
            assert set(look(world, 10)) == {"run"}
        assert isinstance(opened, ConfigError)
        assert f"({code})" in str(opened)
    assert set(look(world, DEFINED_MS)) == {"run"}
