# SPDX-License-Identifier: Apache-2.0
"""The whole stack in lockstep, without HTTP: it does the job, or ends in a defined way."""

import time
from pathlib import Path

import numpy as np
import pytest

from big_brain_node.config import BigBrainConfig
from big_brain_node.executive import Executive
from big_brain_node.ports import InlineWorker
from big_brain_node.skills import Tools
from neuraxis_common.errors import ConfigError
from neuraxis_common.plan import ContainerRef, PartRef, Plan, PutStep, Refusal
from neuraxis_common.robot import load_profile
from neuraxis_field.episode import make_planner, scene_of
from neuraxis_field.lockstep_ports import LockstepBody, LockstepEyes
from neuraxis_field.tasks_file import Episode
from neuraxis_sim.judge import judge
from neuraxis_sim.lockstep import LockstepWorld
from perception_node.pipeline import Perception

ROOT = Path(__file__).resolve().parents[2]
SEED = 7
CONFIG = BigBrainConfig(look_timeout_s=1.5, max_attempts=2)


class PointingBrain:
    """Plans to put the named part into the named container, with the boxes that perception has."""

    def __init__(self, eyes, part, container):
        self.eyes, self.part, self.container = eyes, part, container

    def ask(self, rgb, instruction):
        seen = {item.label: item for item in self.eyes.snapshot().objects}
        if self.part not in seen:
            return Plan(refusal=Refusal(code="not_found", reason=f"I see no {self.part}"))
        part, box = seen[self.part], seen[self.container]
        step = PutStep(
            object=PartRef(shape=part.shape, color=part.color, box=part.box_px),
            target=ContainerRef(shape=box.shape, color=box.color, box=box.box_px),
        )
        return Plan(steps=(step,))


@pytest.fixture(scope="module")
def profile():
    return load_profile("lingxi_x2", ROOT)


@pytest.fixture(scope="module")
def planner(profile):
    return make_planner(profile, ROOT)


@pytest.fixture
def bench(profile, planner):
    """A world that has been looked at for a second, and an executive with a pointing brain."""
    scene = scene_of(Episode(seed=SEED, instruction="-", refusal="-"), profile, ROOT)
    world = LockstepWorld(profile, ROOT, scene, seed=SEED)
    eyes = LockstepEyes(world, Perception(ROOT / "models" / "detector.onnx"))
    for _ in range(10):
        world.advance(0.1)
        eyes.snapshot()
    part = next(item for item in scene.parts if not item.inside)
    container = scene.containers[0]
    brain = PointingBrain(
        eyes, f"{part.color} {part.shape}", f"{container.color} {container.shape}"
    )
    body = LockstepBody(world)
    tools = Tools(body, eyes, planner, InlineWorker(), CONFIG, time.monotonic)
    yield world, scene, part, container, Executive(tools, brain)
    world.close()


def run(world, executive, hook=lambda: None, limit_s=90.0):
    executive.start(world.now_s, "do it")
    until_s = world.now_s + limit_s
    while executive.result is None and world.now_s < until_s:
        world.advance(1.0 / CONFIG.tick_rate_hz)
        hook()
        executive.tick(world.now_s)
    assert executive.result is not None
    return executive.result


def stands(world):
    return bool(world.state.imu.quat_wxyz[0] > 0.99)


def test_a_part_goes_where_the_plan_says(bench):
    world, scene, part, container, executive = bench
    result = run(world, executive)
    assert result.success, result
    world.advance(1.0)
    _, qpos, qvel = world.loop.sim_state()
    goal = [{"object": part.name, "in": container.name}]
    assert judge(world.robot.model, qpos, scene, goal, qvel).success


def test_a_part_taken_away_under_the_hand_ends_in_a_reason(bench):
    world, _, part, _, executive = bench
    taken = []

    def take():
        if not taken and executive.progress().skill == "grasp":
            world.remove_object(part.name)
            taken.append(world.now_s)

    result = run(world, executive, take)
    assert taken and not result.success
    assert result.code in ("not_found", "object_lost", "grasp_missed")
    assert stands(world)


def test_a_stop_mid_motion_ends_the_job_and_the_robot_stands(bench):
    world, _, _, _, executive = bench
    stopped = []

    def stop():
        if not stopped and executive.progress().skill == "grasp":
            world.loop.request_stop("hold", "operator")
            stopped.append(world.now_s)

    result = run(world, executive, stop)
    assert result.code == "stopped"
    assert world.now_s - stopped[0] <= 0.2
    world.advance(3.0)
    assert stands(world)


def test_a_camera_that_goes_black_moves_nothing(bench, monkeypatch):
    world, _, _, _, executive = bench
    drawn = world.frame

    def black():
        frame = drawn()
        return (
            None
            if frame is None
            else type(frame)(**{**frame.__dict__, "rgb": np.zeros_like(frame.rgb)})
        )

    monkeypatch.setattr(world, "frame", black)
    world.advance(CONFIG.fresh_age_s + 0.5)
    start_rad = world.state.joints.pos_rad.copy()
    result = run(world, executive)
    assert not result.success
    assert np.abs(world.state.joints.pos_rad - start_rad).max() < 0.05


def test_unknown_scenes_and_goals_are_named(profile):
    with pytest.raises(ConfigError, match="unknown scene 'kitchen', known: sorting_bench"):
        scene_of(Episode(scene="kitchen", seed=1, instruction="-", refusal="-"), profile, ROOT)
    goal = [{"object": "banana", "in": "blue_tray"}]
    with pytest.raises(ConfigError, match="banana"):
        scene_of(Episode(seed=1, instruction="-", goal=goal), profile, ROOT)
