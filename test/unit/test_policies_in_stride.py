# SPDX-License-Identifier: Apache-2.0
"""The shipped policies walk, take over in the middle of a stride, and give back in one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pd_world import DATA_ROOT, ROBOTS, profile_of, urdf_of
from shipped_rig import (
    both_keys,
    disturbed,
    negated,
    permuted,
    relative_of,
    shipped_path,
    source_of,
)
from spoilt_rig import Ear

from neuraxis_common.errors import ConfigError
from neuraxis_common.types import JointTrajectory
from neuraxis_field.motion_truth import MotionTruth
from neuraxis_sim.lockstep import LockstepWorld
from small_brain_node.bundle.loader import Bundle
from small_brain_node.policy_source import BackgroundOpener
from small_brain_node.runner import CLASSICAL, PolicyRunner
from small_brain_node.walking.gait_step import Phase

WISH = np.array([0.3, 0.0, 0.1])


class NoNumber:
    """A network that broke."""

    def __init__(self, outputs: int) -> None:
        self._output = np.full(outputs, np.nan, np.float32)

    def infer(self, _observation):
        return self._output


class Breaking:
    """The bundle's network, until it is told to break."""

    def __init__(self, bundle: Bundle) -> None:
        self.network = bundle.network
        self._outputs = len(bundle.contract.action.joints)

    def infer(self, observation):
        return self.network.infer(observation)

    def breaks(self) -> None:
        self.network = NoNumber(self._outputs)


def world_of(robot: str, runner: PolicyRunner) -> LockstepWorld:
    return LockstepWorld(
        profile_of(robot), DATA_ROOT, None, with_camera=False, urdf_xml=urdf_of(robot),
        policy=runner,
    )  # fmt: skip


def walk_until(world: LockstepWorld, truth: MotionTruth, done, timeout_s: float = 8.0) -> bool:
    end_s = world.now_s + timeout_s
    while world.now_s < end_s and not done():
        world.brain.walk(world.now_s, WISH)
        world.advance(0.01)
        truth.look(WISH)
        assert not truth.fallen
    return done()


@pytest.mark.parametrize("robot", ROBOTS)
def test_a_policy_takes_over_in_a_stride_and_gives_back_in_one(robot) -> None:
    source = source_of(robot, CLASSICAL)
    bundle = source.open(str(shipped_path(robot)))
    network = Breaking(bundle)
    runner: PolicyRunner = source.runner(100.0)
    world = world_of(robot, runner)
    world.advance(0.1)
    truth = MotionTruth(world)

    def swings() -> bool:
        return runner.planner.phase is Phase.SINGLE

    assert walk_until(world, truth, lambda: world.now_s > 2.0 and swings())
    assert runner.offer(world.now_s, replace(bundle, network=network)) is None
    assert walk_until(world, truth, lambda: runner.swap == "done")
    assert runner.in_charge == bundle.contract.name

    walked_m = truth.distance_m
    walk_until(world, truth, lambda: False, 3.0)
    assert walk_until(world, truth, swings)
    network.breaks()
    assert walk_until(world, truth, lambda: runner.in_charge == CLASSICAL, 0.05)
    walk_until(world, truth, lambda: False, 3.0)
    assert truth.distance_m > walked_m + 1.0


class Stride:
    """A robot that walks with its shipped policy, mid-stride, and keeps what its cord is told."""

    def __init__(self, robot: str, **changes) -> None:
        self.source = source_of(robot, **changes)
        self.runner: PolicyRunner = self.source.runner(100.0)
        self.world = world_of(robot, self.runner)
        self.world.loop = self.ear = Ear(self.world)
        self.world.advance(0.1)
        self.truth = MotionTruth(self.world)
        assert self.until(lambda: self.world.now_s > 2.0 and self.swings())

    def swings(self) -> bool:
        return self.runner.planner.phase is Phase.SINGLE

    def until(self, done, timeout_s: float = 8.0) -> bool:
        return walk_until(self.world, self.truth, done, timeout_s)

    def walk(self, seconds: float) -> float:
        """The way that it went in this time, in metres."""
        before_m = self.truth.distance_m
        self.until(lambda: False, seconds)
        return self.truth.distance_m - before_m


@pytest.mark.parametrize("robot", ROBOTS)
def test_a_policy_follows_another_in_a_stride_and_the_robot_walks_on(robot, tmp_path) -> None:
    path = tmp_path / "heir.nxpolicy"
    path.write_bytes(relative_of(robot, "heir", disturbed))
    it = Stride(robot, keys=both_keys(tmp_path / "keys"), shadow_s=1.0)
    shipped, runner = it.runner.in_charge, it.runner
    assert runner.offer(it.world.now_s, it.source.open(str(path))) is None
    assert runner.swap == "shadow"
    assert it.until(lambda: runner.swap != "shadow", 1.5)
    assert (runner.swap, runner.in_charge) == ("blend", "heir")
    assert it.until(lambda: runner.swap != "blend", 0.5)
    assert runner.swap == "done"
    assert it.walk(3.0) > 0.6
    assert runner.in_charge == "heir"
    assert runner.take_notes() == [f"'heir' takes over from '{shipped}'"]
    counters = it.world.loop.state()["counters"]
    assert (counters["commands_rejected"], counters["bridges"]) == (0, 0)


@pytest.mark.parametrize(
    ("robot", "change"), [(ROBOTS[0], negated), (ROBOTS[1], negated), (ROBOTS[2], permuted)]
)
def test_a_policy_that_would_do_something_else_is_refused_and_the_old_one_never_notices(
    robot, change, tmp_path
) -> None:
    path = tmp_path / "stranger.nxpolicy"
    path.write_bytes(relative_of(robot, "stranger", change))
    options = {"keys": both_keys(tmp_path / "keys"), "shadow_s": 1.0, "shadow_timeout_s": 2.0}
    it, alone = (Stride(robot, **options) for _ in range(2))
    runner, shipped = it.runner, it.runner.in_charge
    assert runner.offer(it.world.now_s, it.source.open(str(path))) is None
    assert it.until(lambda: runner.swap != "shadow", 2.5)
    assert runner.swap.code == "swap_diverges"
    assert runner.swap.details["value"] > 3 * runner.swap.details["bound"]
    assert runner.in_charge == shipped
    it.walk(1.0)
    alone.until(lambda: alone.world.now_s >= it.world.now_s - 1e-6)
    told, untold = (np.array([rows for _, rows in one.ear.heard]) for one in (it, alone))
    np.testing.assert_array_equal(told, untold)


def test_a_policy_of_another_robot_is_refused_in_a_stride(tmp_path) -> None:
    robot, other = ROBOTS[:2]
    it = Stride(robot)
    shipped, opener = it.runner.in_charge, BackgroundOpener(it.source.open)
    assert opener.begin(str(shipped_path(other)))
    while (opened := opener.take()) is None:
        it.walk(0.1)
        assert it.world.now_s < 60.0
    assert isinstance(opened, ConfigError)
    for word in ("(wrong_robot)", robot, other):
        assert word in str(opened)
    assert it.walk(2.0) > 0.3
    assert it.runner.in_charge == shipped


@pytest.mark.parametrize("robot", [name for name in ROBOTS if profile_of(name).groups["head"]])
def test_a_head_that_looks_a_little_aside_is_not_unfamiliar(robot) -> None:
    profile, joints = profile_of(robot), profile_of(robot).groups["head"]
    runner = source_of(robot).runner(100.0)
    world = world_of(robot, runner)
    world.advance(0.5)
    ready = np.array([profile.ready_pose_rad[name] for name in joints])
    way = np.stack([ready, ready + 0.01])
    move = JointTrajectory(joints, np.array([0.0, 0.5]), way, np.zeros_like(way))
    assert world.brain.follow(world.now_s, move) is None
    world.advance(1.5)
    assert runner.in_charge != CLASSICAL, runner.take_notes()
