# SPDX-License-Identifier: Apache-2.0
"""The big brain's node: what an operator pauses, resumes, supersedes and takes up again."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager

import pytest
import rclpy
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from fakes import FakeWorld, ScriptedBrain, default_scene, put_plan
from rclpy.action import ActionClient
from rclpy.executors import SingleThreadedExecutor
from std_srvs.srv import SetBool
from test_brain_ladder_node import big_brain, spin_until

from big_brain_node.asking import Asides
from big_brain_node.config import BigBrainConfig
from big_brain_node.job.journal import FileJournal, Job, JobStep
from big_brain_node.ports import InlineWorker
from big_brain_node.skills import Tools
from neuraxis.action import ExecuteInstruction
from neuraxis_common.lifecycle import SUCCESS
from neuraxis_common.plan import Answer, Plan

NOBODY = "http://127.0.0.1:9"
FILE = "one.big_brain.job.json"


class Operator:
    """Talks to an active big brain in namespace /one that has no body."""

    def __init__(self, node):
        self.brain = node
        self.node = rclpy.create_node("operator", namespace="/one")
        self.lines = []
        self.node.create_subscription(
            DiagnosticArray, "/diagnostics", lambda message: self.lines.extend(message.status), 10
        )
        self.client = ActionClient(self.node, ExecuteInstruction, "big_brain/execute_instruction")
        self.pauses = self.node.create_client(SetBool, "big_brain/pause")
        self.executor = SingleThreadedExecutor()
        self.executor.add_node(node)
        self.executor.add_node(self.node)
        self.until(lambda: self.client.server_is_ready() and self.pauses.service_is_ready())

    def until(self, condition):
        spin_until(self.executor, condition)

    def say(self, sentence):
        sent = self.client.send_goal_async(ExecuteInstruction.Goal(instruction=sentence))
        self.until(sent.done)
        return sent.result().get_result_async()

    def end(self, result):
        self.until(result.done)
        return result.result().result

    def pause(self, paused):
        answer = self.pauses.call_async(SetBool.Request(data=paused))
        self.until(answer.done)
        return answer.result()

    def job_lines(self):
        return [line for line in self.lines if line.name == "/one/big_brain: job"]

    def close(self):
        self.executor.shutdown()
        self.node.destroy_node()


@contextmanager
def operated(root, state_dir, **more):
    with big_brain(root, NOBODY, state_dir=state_dir, **more) as node:
        assert node.trigger_configure() is SUCCESS
        assert node.trigger_activate() is SUCCESS
        operator = Operator(node)
        try:
            yield operator
        finally:
            operator.close()


def test_a_newer_instruction_supersedes_the_one_under_way(root, tmp_path):
    with operated(root, tmp_path) as operator:
        first = operator.say("把红色立方体放进托盘")
        second = operator.say("put the green cube in the bin")
        ended = operator.end(first)
        assert ended.code == "superseded" and not ended.success
        refusal = json.loads(operator.end(second).report_json)["refusal"]
        assert refusal["code"] == "no_state" and refusal["suggestion"]


def test_a_pause_lasts_until_an_operator_ends_it_by_service_or_by_word(root, tmp_path):
    with operated(root, tmp_path) as operator:
        assert operator.pause(True).success
        operator.until(operator.job_lines)
        line = operator.job_lines()[-1]
        assert line.level == DiagnosticStatus.WARN and line.message == "paused"
        resumed = operator.end(operator.say("continue"))
        assert resumed.success and resumed.code == "resumed"
        operator.until(lambda: operator.job_lines()[-1].level == DiagnosticStatus.OK)
        assert operator.pause(True).success and operator.pause(False).message == "resumed"
        assert operator.pause(False).message == "nothing was paused"
        nothing = operator.end(operator.say("继续"))
        assert nothing.code == "nothing_to_resume" and "继续" in nothing.message


def test_a_question_is_answered_beside_what_is_under_way(root, tmp_path):
    """An order said as a question is taken for what it is."""
    cube, _, tray = scene = default_scene()
    answer = Plan(answer=Answer(kind="count", text="I see 1 red cube", count=1))
    with operated(root, tmp_path) as operator:
        world = FakeWorld(scene)
        world.now_s = 1.0
        tools = Tools(world, world, world, InlineWorker(), BigBrainConfig(), time.monotonic)
        desk, brain = operator.brain._desk, ScriptedBrain(answer, put_plan((cube, tray)))
        desk._asides, desk._now_s = Asides(tools, brain), lambda: 1.0
        first = operator.say("put the green cube in the bin")
        told = operator.end(operator.say("how many red cubes are there?"))
        assert (told.success, told.code, told.message) == (True, "answered", "I see 1 red cube")
        assert json.loads(told.plan_json)["answer"]["count"] == 1
        assert not first.done()
        order = operator.say("will you put the red cube in the tray? is that ok?")
        assert operator.end(first).code == "superseded"
        assert operator.end(order).code == "no_state"


def test_an_older_order_said_as_a_question_never_takes_the_place_of_a_newer_one(root, tmp_path):
    cube, _, tray = scene = default_scene()
    with operated(root, tmp_path) as operator:
        world = FakeWorld(scene)
        tools = Tools(world, world, world, InlineWorker(), BigBrainConfig(), time.monotonic)
        desk = operator.brain._desk
        desk._asides = Asides(tools, ScriptedBrain(put_plan((cube, tray))))
        desk._now_s = lambda: 1.0
        older = operator.say("will you put the red cube in the tray? is that ok?")
        newer = operator.say("put the green cube in the bin")
        assert not older.done()
        world.now_s = 1.0
        assert operator.end(older).code == "superseded"
        assert operator.end(newer).code == "no_state"
        world.now_s = 0.0
        asked = operator.say("how many red cubes are there?")
        assert operator.brain.trigger_deactivate() is SUCCESS
        assert operator.end(asked).code == "interrupted"


def interrupted(folder, age_s=5.0):
    step = JobStep(skill="walk_to", place="shelf")
    job = Job(instruction="walk to the shelf", state="running", steps=(step,))
    journal = FileJournal(folder / FILE, lambda: time.time() - age_s)
    journal.write(job)
    return journal


def test_after_a_restart_the_node_says_what_was_under_way_and_waits_for_the_word(root, tmp_path):
    journal = interrupted(tmp_path)
    with operated(root, tmp_path) as operator:
        operator.until(operator.job_lines)
        line = operator.job_lines()[-1]
        assert line.level == DiagnosticStatus.WARN
        assert "walk to shelf" in line.message and "'continue'" in line.message
        assert journal.read().state == "running"
        # Taken up, it waits for a body; without one it is left as it was.
        assert operator.end(operator.say("continue")).code == "no_state"
        assert journal.read().interrupted
        operator.until(lambda: "interrupted" in operator.job_lines()[-1].message)
        # Another instruction takes its place.
        assert operator.end(operator.say("put the red cube in the tray")).code == "no_state"


def test_a_job_of_long_ago_is_not_taken_up(root, tmp_path):
    interrupted(tmp_path, age_s=7200.0)
    with operated(root, tmp_path) as operator:
        assert operator.end(operator.say("continue")).code == "job_too_old"


def test_a_damaged_journal_keeps_no_node_from_working(root, tmp_path):
    (tmp_path / FILE).write_text('{"version": 1, "instruct')
    with operated(root, tmp_path) as operator:
        assert operator.end(operator.say("continue")).code == "nothing_to_resume"


@pytest.mark.parametrize("bad", [{"when_busy": "shrug"}, {"allowed_skills": "[put,fly]"}])
def test_wrong_parameters_are_named(root, tmp_path, bad):
    with big_brain(root, NOBODY, state_dir=tmp_path, **bad) as node:
        assert node.trigger_configure() is not SUCCESS
        assert next(iter(bad)) in str(node.failure)
