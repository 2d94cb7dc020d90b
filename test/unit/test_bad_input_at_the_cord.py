# SPDX-License-Identifier: Apache-2.0
"""Bad input mid-stride, looked at from the spinal cord: a defined state within 20 ms.

Defined is: ``run`` on commands that the gate let through and that answer good input, ``run`` on a
pose that is held at rest, ``bridging``, or a latched level of the stop ladder.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from bundle_rig import (
    make_contract,
    signed_bundle,
    signing_key,
    standing_policy,
    unsigned_bundle,
)
from pd_world import DATA_ROOT, profile_of, urdf_of
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
from small_brain_node.bundle.signing import public_pem
from small_brain_node.config import PolicyConfig
from small_brain_node.policy_source import BackgroundOpener, PolicySource

DEFINED_MS = 20
COMMAND_TIMEOUT_MS = 200


class Killed:
    """What a small brain says after kill -9."""

    def __init__(self, brain):
        self.config, self.fault = brain.config, None

    def step(self, _now_s, _state):
        return Rejected("dead", "killed")


@pytest.fixture
def stride():
    """Makes a world whose robot is on one foot, mid-stride."""

    def make(spoil=None):
        world = world_with(spoil)
        world.loop = Ear(world)
        world.advance(0.5)
        walk(world, 1.0)
        while world.state.foot_force_N.min() > 0.1 * world.state.foot_force_N.sum():
            walk(world, 0.1)
            assert world.now_s < 10.0
        world.advance(math.ceil(world.now_s * 100 - 1e-6) / 100 - world.now_s)
        assert world.loop.state()["stop_level"] == "run"
        return world

    return make


def condition(world) -> str:
    """What the spinal cord is in."""
    raw = world.loop.state()
    if raw["stop_level"] != "run":
        return raw["stop_level"] if raw["latched"] else "waiting"
    if raw["bridging"]:
        assert raw["stop_cause"].startswith("command_late: age 0.")
        return "bridging"
    at_rest = not np.any(world.loop.heard[-1][1][1])
    return "held" if at_rest else "run"


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


@pytest.mark.parametrize(
    ("spoil", "becomes"),
    [
        (frozen, "held"),
        (permuted, "held"),
        (upside_down, "held"),
        (not_finite, "held"),
        (late, "bridging"),
    ],
    ids=["frozen", "permuted", "upside_down", "not_finite", "late"],
)
def test_senses_that_go_bad_mid_stride(stride, spoil, becomes) -> None:
    world = stride(spoil)
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


def test_a_small_brain_killed_mid_stride_is_bridged_and_then_held(stride) -> None:
    world = stride()
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


@pytest.mark.parametrize("gap_ms", [20, 40, 80])
def test_a_hiccup_is_bridged_and_the_walk_goes_on(stride, gap_ms) -> None:
    world = stride()
    brain, world.brain = world.brain, Killed(world.brain)
    assert look(world, gap_ms)[-1] == "bridging"
    world.brain = brain
    # The command that answers the first state after the gap takes 2 ms.
    assert look(world, 5)[2:] == ["run"] * 3
    walk(world, 2.0)
    raw = world.loop.state()
    assert raw["stop_level"] == "run", raw["stop_cause"]
    assert raw["counters"]["bridges"] == 1
    assert world.qpos()[world.robot.base_qpos_adr + 2] > 0.6


def test_velocities_that_nobody_can_walk_and_silence_leave_it_walking(stride) -> None:
    world = stride()
    wrong = [(math.nan,) * 3, (math.inf, 0.0, 0.0), (-50.0, 9.0, 99.0), (1e308,) * 3, None]
    for velocity in wrong:
        for _ in range(20):
            if velocity is not None:
                world.brain.walk(world.now_s, np.array(velocity))
            assert set(look(world, 10)) == {"run"}
    assert world.loop.state()["counters"]["bridges"] == 0


@pytest.fixture
def source(tmp_path):
    (tmp_path / "test.pub").write_bytes(public_pem(signing_key().public_key()))
    config = PolicyConfig(trusted_keys=str(tmp_path))
    return PolicySource(profile_of(ROBOT), urdf_of(ROBOT), config, DATA_ROOT)


def of_another_robot() -> bytes:
    return signed_bundle(make_contract("expedition_a3"))


def test_swaps_to_bundles_that_must_not_run_leave_it_walking(stride, source, tmp_path) -> None:
    world = stride()
    opener = BackgroundOpener(source.open)
    for code, data in {
        "wrong_robot": of_another_robot(),
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
