# SPDX-License-Identifier: Apache-2.0
"""The whole stack in lockstep, without HTTP: it does the job, or ends in a defined way."""

import numpy as np
import pytest
from episode_rig import CONFIG, ROOT, in_its_container, looked_at, run

from neuraxis_common.errors import ConfigError
from neuraxis_common.plan import Answer, PartRef, Plan, Refusal
from neuraxis_common.robot import load_profile
from neuraxis_field.episode import is_answered, make_planner, scene_of
from neuraxis_field.tasks_file import Episode


@pytest.fixture(scope="module")
def profile():
    return load_profile("lingxi_x2", ROOT)


@pytest.fixture(scope="module")
def planner(profile):
    return make_planner(profile, ROOT)


@pytest.fixture
def bench(profile, planner):
    with looked_at(profile, planner) as made:
        yield made


def stands(world):
    return bool(world.state.imu.quat_wxyz[0] > 0.99)


def test_a_part_goes_where_the_plan_says(bench):
    world, scene, part, container, executive = bench
    result = run(world, executive)
    assert result.success, result
    assert in_its_container(world, scene, part, container)


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


class Pause:
    """Pauses when a skill is under way, for some seconds from where nothing moves any more."""

    def __init__(self, world, executive, skill, seconds):
        self.world, self.executive, self.skill, self.seconds = world, executive, skill, seconds
        self.rest_s = self.first_rad = self.last_rad = None

    def __call__(self):
        it, now_s = self.executive, self.world.now_s
        if self.rest_s is None:
            if it.progress().skill == self.skill:
                it.pause()
            if it.at_rest:
                self.rest_s = now_s
        elif it.paused and now_s - self.rest_s > 0.5:
            # The arm has settled by now.
            self.last_rad = self.world.state.joints.pos_rad.copy()
            self.first_rad = self.last_rad if self.first_rad is None else self.first_rad
            if now_s - self.rest_s > self.seconds:
                it.resume(now_s)


def test_a_paused_arm_stands_with_the_part_in_hand_and_carries_it_on(bench):
    world, scene, part, container, executive = bench
    pause = Pause(world, executive, "lift", 4.0)
    result = run(world, executive, pause)
    assert result.success and result.steps[0].attempts == 1, result
    assert np.abs(pause.last_rad - pause.first_rad).max() < 0.02
    assert in_its_container(world, scene, part, container)


def test_a_part_left_in_the_hand_by_a_cancel_is_put_back_and_then_carried(bench):
    world, scene, part, container, executive = bench
    cancelled = []

    def cancel():
        if not cancelled and executive.progress().skill == "transfer":
            cancelled.append(executive.cancel())

    assert run(world, executive, cancel).code == "cancelled"
    world.advance(1.0)
    told = set()
    result = run(world, executive, lambda: told.add(executive.progress().step))
    assert result.success and "clear the hands" in told, result
    assert in_its_container(world, scene, part, container)


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
    with pytest.raises(ConfigError, match=r"unknown scene 'kitchen', known: .*sorting_bench"):
        scene_of(Episode(scene="kitchen", seed=1, instruction="-", refusal="-"), profile, ROOT)
    goal = [{"object": "banana", "in": "blue_tray"}]
    with pytest.raises(ConfigError, match="banana"):
        scene_of(Episode(seed=1, instruction="-", goal=goal), profile, ROOT)


def test_an_answer_is_right_when_every_thing_in_it_is():
    names = [("red_cube", (10.0, 10.0, 30.0, 30.0)), ("red_cube_2", (50.0, 10.0, 70.0, 30.0))]
    wanted = {"kind": "count", "count": 2, "things": ("red_cube", "red_cube_2")}
    asked = {"seed": 1, "instruction": "how many red cubes?", "answer": wanted}
    episode = Episode.model_validate(asked)

    def told(*boxes, count=2, color="red"):
        things = tuple(PartRef(shape="cube", color=color, box=box) for box in boxes)
        answer = Answer(kind="count", text="2", count=count, things=things)
        return is_answered(episode, Plan(answer=answer), names)

    first, second = (box for _, box in names)
    assert told(first, second) and told(second, (11.0, 10.0, 30.0, 30.0))
    assert not told(first, second, count=3)
    assert not told(first, first)
    assert not told(first, second, color="blue")
    assert not is_answered(episode, Plan(refusal=Refusal(code="not_a_task", reason="?")), names)
