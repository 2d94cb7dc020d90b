# SPDX-License-Identifier: Apache-2.0
"""Running processes: what they do when another one is killed, silent or talks nonsense."""

import io
import math
import os
import signal
import subprocess
import sys
import time

import pytest
import rclpy
from rclpy.action import ActionClient
from std_srvs.srv import Trigger

from neuraxis.action import ExecuteInstruction
from neuraxis.msg import JointCommandArray, SpinalState
from neuraxis.srv import MoveObject, RequestStop, ResetStop
from neuraxis_cli.graph import node_command
from neuraxis_cli.processes import ChildDiedError, Family
from neuraxis_common.errors import ConfigError
from neuraxis_common.robot import load_profile
from neuraxis_sim.live import load_scene

ROBOT = "lingxi_x2"
DEADLINE_S = 40.0


class Rig:
    """Children in a family, and a node that watches and pokes them."""

    def __init__(self, root):
        self.root = root
        self.log = io.StringIO()
        self.family = Family(self.log)
        self.node = rclpy.create_node("rig")
        self.state = None
        self.node.create_subscription(SpinalState, "/spinal_cord/state", self._on_state, 10)

    def _on_state(self, message):
        self.state = message

    def start(self, name, module, **params):
        params = {"data_root": self.root, "robot": ROBOT, **params}
        self.family.start(name, node_command(module, params))

    def wait(self, holds, deadline_s=DEADLINE_S):
        until_s = time.monotonic() + deadline_s
        while not holds():
            assert time.monotonic() < until_s, f"not in time; log:\n{self.log.getvalue()}"
            rclpy.spin_once(self.node, timeout_sec=0.1)

    def level(self, name):
        return lambda: self.state is not None and self.state.stop_level == name

    def call(self, kind, name, request):
        client = self.node.create_client(kind, name)
        self.wait(client.service_is_ready)
        future = client.call_async(request)
        self.wait(future.done)
        return future.result()

    def close(self):
        self.family.stop()
        self.node.destroy_node()


@pytest.fixture
def rig(context, root):
    it = Rig(root)
    yield it
    it.close()


@pytest.fixture
def standing(rig):
    """The simulator without camera and the small brain, robot on its feet."""
    rig.start("sim", "neuraxis_sim.node", camera=False, seed=7)
    rig.start("small_brain", "small_brain_node.node")
    rig.wait(rig.level("run"))
    return rig


def test_a_killed_small_brain_leaves_the_robot_held_and_the_simulator_alive(standing):
    os.kill(standing.family.pid("small_brain"), signal.SIGKILL)
    standing.wait(standing.level("hold"), 15.0)
    assert "command_stale" in standing.state.stop_cause
    with pytest.raises(ChildDiedError, match="small_brain"):
        standing.family.check()
    refused_or_not = standing.call(ResetStop, "/spinal_cord/reset_stop", ResetStop.Request())
    assert refused_or_not.accepted, refused_or_not.message
    standing.start("small_brain_2", "small_brain_node.node")
    standing.wait(standing.level("run"))


def test_nonsense_commands_are_refused_counted_and_change_nothing(standing):
    names = list(load_profile(ROBOT, standing.root).joint_names)
    publisher = standing.node.create_publisher(JointCommandArray, "/spinal_cord/command", 10)
    rejected = standing.state.commands_rejected

    def poke():
        message = JointCommandArray(name=names)
        for field in ("position", "velocity", "effort", "kp", "kd"):
            setattr(message, field, [math.nan] * len(names))
        message.header.stamp = standing.state.header.stamp
        publisher.publish(message)
        return standing.state.commands_rejected > rejected

    standing.wait(poke)
    assert standing.state.stop_level == "run"


def test_a_requested_stop_latches_until_the_operators_reset(standing):
    request = RequestStop.Request(level="hold", cause="test")
    assert standing.call(RequestStop, "/spinal_cord/request_stop", request).accepted
    standing.wait(standing.level("hold"))
    assert "test" in standing.state.stop_cause
    assert standing.call(ResetStop, "/spinal_cord/reset_stop", ResetStop.Request()).accepted
    standing.wait(standing.level("run"))
    wrong = RequestStop.Request(level="jump")
    answer = standing.call(RequestStop, "/spinal_cord/request_stop", wrong)
    assert not answer.accepted
    assert "jump" in answer.message


def test_lowering_and_standing_up_are_services_that_answer_with_a_reason(standing):
    def stood_up():
        return standing.call(Trigger, "/small_brain/stand_up", Trigger.Request()).success

    standing.wait(stood_up)  # the small brain hears of "run" after this test's own subscription may
    stop = RequestStop.Request(level="hold", cause="test")
    standing.call(RequestStop, "/spinal_cord/request_stop", stop)
    standing.wait(standing.level("hold"))

    def refused():
        answer = standing.call(Trigger, "/small_brain/lower", Trigger.Request())
        return not answer.success and answer.message.startswith("stopped:")

    standing.wait(refused)


def test_a_part_can_be_taken_away_and_an_unknown_one_is_named(standing):
    profile = load_profile(ROBOT, standing.root)
    part = load_scene("sorting_bench", 7, profile, standing.root).parts[0].name
    taken = MoveObject.Request(name=part, remove=True)
    assert standing.call(MoveObject, "/sim/move_object", taken).success
    unknown = MoveObject.Request(name="teapot", remove=True)
    answer = standing.call(MoveObject, "/sim/move_object", unknown)
    assert not answer.success
    assert "teapot" in answer.message
    standing.wait(standing.level("run"))


def test_a_second_instruction_is_refused_while_one_runs_where_that_is_wanted(rig):
    rig.start(
        "big_brain", "big_brain_node.node", brain_url="http://127.0.0.1:9", when_busy="refuse"
    )
    client = ActionClient(rig.node, ExecuteInstruction, "/big_brain/execute_instruction")
    rig.wait(client.server_is_ready)

    def send(text):
        future = client.send_goal_async(ExecuteInstruction.Goal(instruction=text))
        rig.wait(future.done)
        return future.result().get_result_async()

    first, second = send("put the red cube in the bin"), send("stop that")
    rig.wait(second.done)
    assert second.result().result.code == "busy"
    rig.wait(first.done)
    assert first.result().result.code == "no_state"


def test_an_unknown_robot_ends_a_node_with_exit_code_2_and_the_known_names(rig):
    rig.start("small_brain", "small_brain_node.node", robot="r2d2")
    with pytest.raises(ConfigError, match=r"r2d2.*lingxi_x2"):
        rig.wait(lambda: rig.family.check())


def test_no_child_outlives_a_supervisor_that_is_killed(tmp_path):
    script = tmp_path / "supervisor.py"
    script.write_text(
        "import io, sys, time\n"
        "from neuraxis_cli.processes import Family\n"
        "family = Family(io.StringIO())\n"
        "family.start('sleeper', ['sleep', '600'])\n"
        "print(family.pid('sleeper'), flush=True)\n"
        "time.sleep(600)\n"
    )
    supervisor = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    pid = int(supervisor.stdout.readline())
    supervisor.kill()
    supervisor.wait(10)
    until_s = time.monotonic() + 10.0
    while _alive(pid):
        assert time.monotonic() < until_s
        time.sleep(0.05)


def test_a_child_that_ignores_signals_is_killed_with_its_family():
    with Family(io.StringIO()) as family:
        family.start("deaf", ["sh", "-c", "trap '' INT TERM; echo up; sleep 600 & wait; sleep 600"])
        pid = family.pid("deaf")
    assert not _alive(pid)


def _alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
