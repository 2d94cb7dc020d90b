# SPDX-License-Identifier: Apache-2.0
"""Whatever the MoveIt process does, the arm planner answers in time and says who found the way."""

import os
import signal
import sys
import time
from pathlib import Path

import motion_helpers as mh
import numpy as np
import planner_rules as rules
import pytest

from big_brain_node.motion.planner import JointGoal
from big_brain_node.moveit.description import hello, load_tuning
from big_brain_node.moveit.health import health
from big_brain_node.moveit.planner import MoveItArmPlanner
from big_brain_node.moveit.process import PlannerProcess, ProcessConfig
from neuraxis_common.errors import ConfigError, Rejected

ROBOT = "lingxi_x2"
FAKE = str(Path(__file__).with_name("fake_moveit.py"))
READY_S = 30.0
# The fake sleeps for a minute; a plan on a busy machine takes less than this.
NO_HANG_S = 15.0


@pytest.fixture(scope="module")
def planner():
    return MoveItArmPlanner(mh.profile(), mh.urdf(), time.monotonic)


@pytest.fixture
def asked(planner):
    """The planner with a process of a given mood behind it; notes go to `notes`."""
    made = []

    def make(mood, **config):
        told = hello(planner, mh.urdf(), load_tuning(mh.ROOT))
        process = PlannerProcess(
            [sys.executable, FAKE, mood], told, time.monotonic, planner.notes.append,
            ProcessConfig(**config),
        )  # fmt: skip
        made.append(process)
        process.start()
        planner.asked = process
        return process

    planner.notes = []
    planner._note = planner.notes.append
    planner.sources.clear()
    yield make
    planner.asked = None
    for process in made:
        process.close()


def joint_request(planner, **changes):
    goal = JointGoal(planner.arms["left"].ready_rad + 0.1)
    return rules.request(ROBOT, goal, **changes)


def assert_same_as_embedded(planner, request, planned):
    expected = mh.pick_place().planner.plan(request)
    assert not isinstance(planned, Rejected), planned
    assert np.array_equal(planned.pos_rad, expected.pos_rad)


def test_without_a_process_the_embedded_planner_does_it(planner, asked):
    planned = planner.plan(joint_request(planner))
    assert_same_as_embedded(planner, joint_request(planner), planned)
    assert planner.last_source == "moveit_missing"
    assert health(planner, None).level == "warn"


def test_a_path_of_moveit_is_timed_and_followed_to_the_exact_goal(planner, asked):
    process = asked("straight")
    assert process.wait_ready(READY_S)
    request = joint_request(planner)
    planned = planner.plan(request)
    assert planner.last_source == "moveit"
    assert np.allclose(planned.pos_rad[-1], request.goal.pos_rad)
    assert health(planner, process).level == "ok"
    assert health(planner, process).values["answered"] == "1"


def test_a_refusal_is_an_answer(planner, asked):
    assert asked("refuses").wait_ready(READY_S)
    refused = planner.plan(rules.request(ROBOT))
    assert isinstance(refused, Rejected)
    assert refused.code == "unreachable"
    assert refused.details["planner"] == "moveit"


@pytest.mark.parametrize(
    ("mood", "code"),
    [
        ("wrong_end", "moveit_wrong"),
        ("nan", "moveit_died"),
        ("garbage", "moveit_died"),
        ("dies", "moveit_died"),
        ("silent", "moveit_late"),
    ],
)
def test_a_bad_answer_is_replaced_in_time_with_the_reason_in_the_log(planner, asked, mood, code):
    process = asked(mood)
    assert process.wait_ready(READY_S)
    request, began_s = joint_request(planner, timeout_s=1.5), time.monotonic()
    planned = planner.plan(request)
    assert time.monotonic() - began_s < NO_HANG_S
    assert_same_as_embedded(planner, request, planned)
    assert planner.last_source == code
    assert any(code in line for line in planner.notes), planner.notes
    assert health(planner, process).level == "warn"


def test_a_path_through_an_obstacle_is_not_believed(planner, asked):
    assert asked("straight").wait_ready(READY_S)
    wall, bench = rules.wall_beside_the_goal(ROBOT), mh.bench()
    over = mh.pick_place().planner.plan(
        rules.request(ROBOT, rules.goal_over(ROBOT, 0.30, 0.08, 0.05), obstacles=(bench, wall))
    )
    request = rules.request(ROBOT, JointGoal(over.pos_rad[-1]), obstacles=(bench, wall))
    planned = planner.plan(request)
    assert planner.last_source == "moveit_too_close"
    rules.assert_free(planner, request, planned)
    assert any("wall" in line for line in planner.notes), planner.notes


def test_one_that_hangs_is_left_alone_for_a_while_and_then_replaced(planner, asked):
    process = asked("silent", hang_s=1.5)
    assert process.wait_ready(READY_S)
    first = process._child
    for _ in range(2):
        assert not isinstance(planner.plan(joint_request(planner, timeout_s=1.5)), Rejected)
    assert process._child is first
    assert any("still busy" in line for line in planner.notes)
    until_s = time.monotonic() + NO_HANG_S
    while process._child is first and time.monotonic() < until_s:
        process.poll()
        time.sleep(0.05)
    assert any("silent for" in line for line in planner.notes)
    assert process.wait_ready(READY_S)


def test_a_process_that_dies_is_started_again(planner, asked):
    process = asked("straight")
    assert process.wait_ready(READY_S)
    os.kill(process._child.pid, signal.SIGKILL)
    assert not isinstance(planner.plan(joint_request(planner)), Rejected)
    assert process.wait_ready(READY_S)
    planner.plan(joint_request(planner))
    assert planner.last_source == "moveit"
    assert process.record.died == 1


def test_a_process_that_keeps_dying_is_given_up(planner, asked):
    process = asked("dies", lives=2)
    for _ in range(3):
        process.wait_ready(READY_S)
        planner.plan(joint_request(planner))
    assert process.state == "down"
    assert planner.last_source == "moveit_down"
    assert any("giving it up" in line for line in planner.notes)


def test_one_that_cannot_start_says_why_and_is_not_started_again(planner, asked):
    process = asked("fails")
    assert not process.wait_ready(READY_S)
    assert process.state == "down"
    assert "no model" in process.record.last


def test_one_that_never_gets_ready_holds_nobody_up(planner, asked):
    process = asked("never", start_s=0.5, lives=1)
    began_s = time.monotonic()
    planned = planner.plan(joint_request(planner))
    assert time.monotonic() - began_s < NO_HANG_S
    assert not isinstance(planned, Rejected)
    assert planner.last_source == "moveit_starting"
    assert not process.wait_ready(2.0)
    assert process.state == "down"


def test_closing_ends_the_process(planner, asked):
    process = asked("straight")
    assert process.wait_ready(READY_S)
    child = process._child
    process.close()
    assert child.poll() is not None
    assert isinstance(planner.plan(joint_request(planner)), object)
    assert planner.last_source == "moveit_down"


def test_a_tuning_that_lacks_a_section_is_named(tmp_path):
    (tmp_path / "config" / "moveit").mkdir(parents=True)
    (tmp_path / "config" / "moveit" / "moveit.yaml").write_text("ompl: {}\n")
    with pytest.raises(ConfigError, match="check_step_m, kinematics"):
        load_tuning(tmp_path)
