# SPDX-License-Identifier: Apache-2.0
"""Stepping up and back as skills: they ask the legs, and stand however they end."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from fakes import FakeWorld, default_scene
from py_trees.common import Status
from test_step_up import CONFIG, PLACE, WORK, shelf
from walk_rig import Dummy

from big_brain_node.config import BigBrainConfig
from big_brain_node.ports import InlineWorker
from big_brain_node.skills import Attempt, Tools
from big_brain_node.walk.follow import Pose
from big_brain_node.walk.grounding import WalkTools
from big_brain_node.walk.site import Site
from big_brain_node.walk.step_up import StepBack, StepUp
from big_brain_node.walk.surface import to_edge_m


class Legs:
    """A dummy that walks as it is told and sees a shelf."""

    def __init__(self, pose=None):
        self.dummy, self.wish = Dummy(pose=pose, dt_s=0.05), np.zeros(3)
        self.sees = shelf()

    def walk(self, velocity):
        self.wish = velocity

    def odometry(self):
        pose, T = self.dummy.pose, np.eye(4)
        c, s = np.cos(pose.yaw_rad), np.sin(pose.yaw_rad)
        T[:2, :2], T[:2, 3] = [[c, -s], [s, c]], [pose.x_m, pose.y_m]
        return self.dummy.odometry_s, T

    def grid(self):
        return None

    def surface(self):
        return replace(self.sees, stamp_s=self.dummy.now_s)


def rig(kind, pose=None, work=WORK):
    """A skill, its attempt and the legs."""
    legs, world = Legs(pose), FakeWorld(default_scene())
    tools = Tools(
        body=world, eyes=world, planner=world, worker=InlineWorker(), config=BigBrainConfig(),
        wall_clock_s=lambda: 0.0, walk=WalkTools(legs, Site(), CONFIG, work),
    )  # fmt: skip
    attempt = Attempt(None)
    return kind(attempt, tools, SimpleNamespace(place=PLACE)), attempt, legs


def run(skill, attempt, legs, event=None, limit_s=60.0):
    while legs.dummy.now_s < limit_s:
        attempt.now_s = legs.dummy.now_s
        if event is not None:
            event(attempt)
        skill.tick_once()
        if skill.status is not Status.RUNNING:
            break
        legs.dummy.move(legs.wish)
    return skill.status


def test_up_to_the_edge_and_back_to_the_stance() -> None:
    skill, attempt, legs = rig(StepUp)
    assert run(skill, attempt, legs) is Status.SUCCESS
    assert not legs.wish.any()
    assert abs(to_edge_m(legs.sees, legs.dummy.pose) - WORK.edge_m) < 0.03
    back, attempt, legs = rig(StepBack, legs.dummy.pose)
    assert run(back, attempt, legs) is Status.SUCCESS
    assert not legs.wish.any()
    off_m, _ = legs.dummy.pose.apart(PLACE.stance(CONFIG.stance_m))
    assert off_m < 1.5 * CONFIG.position_m


@pytest.mark.parametrize(("kind", "pose"), [(StepUp, None), (StepBack, Pose(0.5, 0.0, 0.0))])
def test_a_pause_stands_and_then_goes_on_and_a_cancel_stands(kind, pose) -> None:
    def pause(attempt):
        attempt.paused = 1.0 < attempt.now_s < 5.0
        if 2.5 < attempt.now_s < 5.0:
            assert not legs.wish.any() and not skill.begun

    skill, attempt, legs = rig(kind, pose)
    assert run(skill, attempt, legs, pause) is Status.SUCCESS
    skill, attempt, legs = rig(kind, pose)
    run(skill, attempt, legs, limit_s=2.0)
    assert legs.wish.any()
    skill.stop(Status.INVALID)
    assert not legs.wish.any()


def test_a_refusal_stands_and_names_the_skill() -> None:
    skill, attempt, legs = rig(StepUp)
    legs.sees = shelf(height_m=0.9)
    assert run(skill, attempt, legs) is Status.FAILURE
    assert attempt.failure.code == "surface_too_high"
    assert attempt.failure.details["skill"] == "step up"
    assert not legs.wish.any()


def test_a_robot_that_steps_up_to_nothing_says_so() -> None:
    skill, attempt, legs = rig(StepUp, work=None)
    assert run(skill, attempt, legs) is Status.FAILURE
    assert attempt.failure.code == "unsupported_action"
