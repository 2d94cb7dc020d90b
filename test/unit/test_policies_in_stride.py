# SPDX-License-Identifier: Apache-2.0
"""The shipped policies walk, take over in the middle of a stride, and give back in one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pd_world import DATA_ROOT, ROBOTS, profile_of, urdf_of

from neuraxis_common.types import JointTrajectory
from neuraxis_field.motion_truth import MotionTruth
from neuraxis_sim.lockstep import LockstepWorld
from small_brain_node.bundle.loader import Bundle
from small_brain_node.config import PolicyConfig
from small_brain_node.policy_source import PolicySource
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


def bundle_path(robot: str) -> Path:
    return DATA_ROOT / "models" / "policies" / f"{robot}_walk.nxpolicy"


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
    profile = profile_of(robot)
    source = PolicySource(profile, urdf_of(robot), PolicyConfig(), DATA_ROOT)
    bundle = source.open(str(bundle_path(robot)))
    network = Breaking(bundle)
    runner: PolicyRunner = source.runner(100.0)
    world = LockstepWorld(
        profile, DATA_ROOT, None, with_camera=False, urdf_xml=urdf_of(robot), policy=runner
    )
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


@pytest.mark.parametrize("robot", [name for name in ROBOTS if profile_of(name).groups["head"]])
def test_a_head_that_looks_a_little_aside_is_not_unfamiliar(robot) -> None:
    profile, joints = profile_of(robot), profile_of(robot).groups["head"]
    config = PolicyConfig(bundle_path=str(bundle_path(robot)))
    runner = PolicySource(profile, urdf_of(robot), config, DATA_ROOT).runner(100.0)
    world = LockstepWorld(
        profile, DATA_ROOT, None, with_camera=False, urdf_xml=urdf_of(robot), policy=runner
    )
    world.advance(0.5)
    ready = np.array([profile.ready_pose_rad[name] for name in joints])
    way = np.stack([ready, ready + 0.01])
    move = JointTrajectory(joints, np.array([0.0, 0.5]), way, np.zeros_like(way))
    assert world.brain.follow(world.now_s, move) is None
    world.advance(1.5)
    assert runner.in_charge != CLASSICAL, runner.take_notes()
