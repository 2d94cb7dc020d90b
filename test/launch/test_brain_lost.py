# SPDX-License-Identifier: Apache-2.0
"""The brain dies while an arm moves: the spinal cord never sees its commands stop.

Two real gateways serve a ladder. The better one is killed in the middle of a job, then the big
brain itself. Judged by what the spinal cord counts. Its stop latches: one silence longer than its
timeout stays in every later message. The late cycles of a span together must be fewer than one such
silence has, so that a busy machine may delay single commands.
"""

import os
import signal
import subprocess
import time

import pytest

pytest.importorskip("launch_pytest", reason="needs the ROS package launch_pytest")
pytest.importorskip("controller_manager", reason="needs ros2_control")

import httpx
import launch_pytest
from ament_index_python.packages import get_package_prefix, get_package_share_directory
from diagnostic_msgs.msg import DiagnosticArray
from launch_rig import PROFILE, ROBOT, Launched, Rig
from rclpy.action import ActionClient

from neuraxis.action import ExecuteInstruction
from neuraxis.msg import SceneObjects, SpinalState
from neuraxis_cli.graph import free_port
from neuraxis_common import bringup

PORTS = {"cloud": free_port(), "edge": free_port()}
ORDERS = ("put the red cylinder in the orange bin", "put the white hexagon in the yellow bin")
ARMS = (*PROFILE.groups["left_arm"], *PROFILE.groups["right_arm"])
# More than a joint at rest is moved by the balance of the legs.
MOVED_RAD = 0.1
# All brains at once on a busy machine.
START_S = 300.0
# Cycles of the spinal cord, a millisecond each, that are watched after a death.
WATCHED = 3000
# The silence after which the spinal cord stops, its `command_timeout_s`, in cycles.
TIMEOUT = 200


class Watcher(Rig):
    """A person who gives orders and reads what the spinal cord and the ladder say.

    Attributes:
        states: What the spinal cord said since `mark`.
        rung: The brain in use, as the big brain says.
        switches: What it said of each change of brain, as {key: value}.
    """

    def __init__(self):
        super().__init__()
        self.states, self.rung, self.switches, self.seen = [], "", [], set()
        subscribe = self.node.create_subscription
        subscribe(SpinalState, "spinal_cord/state", self._on_state, 1000)
        subscribe(DiagnosticArray, "/diagnostics", self._on_lines, 100)
        subscribe(SceneObjects, "perception/objects", self._on_objects, 10)
        self.orders = ActionClient(self.node, ExecuteInstruction, "big_brain/execute_instruction")

    def _on_state(self, message):
        self.states.append(message)

    def _on_lines(self, message):
        for line in message.status:
            if line.name.endswith("big_brain: brain"):
                said = {row.key: row.value for row in line.values}
                self.rung = said["rung"]
                self.switches += [said] if "switched to" in said else []

    def _on_objects(self, message):
        self.seen = {f"{item.color} {item.shape}" for item in message.objects}

    def order(self, sentence):
        """Give an order until an arm moves for it; the future of its result.

        A slow start may have stopped the robot or left nothing in view.
        """
        answers = []

        def moves():
            if not answers or answers[-1].done():
                if answers:
                    print(f"asked again: {answers[-1].result().result.message}")
                self.run_up()
                self.start = {name: self.joints[name][0] for name in ARMS}
                answers.append(self.give(sentence))
            return any(abs(self.joints[name][0] - self.start[name]) > MOVED_RAD for name in ARMS)

        self.wait(moves, f"an arm moves for '{sentence}'")
        return answers[-1]

    def give(self, sentence):
        sent = self.orders.send_goal_async(ExecuteInstruction.Goal(instruction=sentence))
        self.wait(sent.done, "the order's answer")
        assert sent.result().accepted
        return sent.result().get_result_async()

    def run_up(self):
        self.wait(lambda: self.spinal, "a state of the spinal cord")
        if not self.level("run")():
            assert self.reset().accepted
        self.wait(self.level("run"), "level run")

    def keeps_up(self):
        """Watch the arm with all brains alive; skips where even so the machine loses commands."""
        self.mark()
        late = self.watch("all alive, an arm moves")
        if self.stops() or late >= TIMEOUT:
            pytest.skip(f"too busy for a robot in real time: {late} late cycles, {self.stops()}")

    def mark(self):
        """Watch from the newest message on."""
        self.wait(lambda: self.states, "a state of the spinal cord")
        del self.states[:-1]

    def watch(self, what):
        """Cycles without a command, of those that are watched from the mark on.

        The impedance controller hands a command to the spinal cord in each cycle, and none once the
        next one from the small brain is late by the spinal cord's own bound: what is not accepted
        was late.
        """
        first = self.states[0]
        self.wait(lambda: self.states[-1].cycles - first.cycles >= WATCHED, f"{WATCHED} cycles")
        last = self.states[-1]
        cycles = last.cycles - first.cycles
        late = cycles - (last.commands_accepted - first.commands_accepted)
        print(f"{what}: {late} of {cycles} cycles without a command, level {last.stop_level}")
        return late

    def stops(self):
        """Why the stop ladder went down since the mark, and why a command was rejected."""
        causes = {state.stop_cause for state in self.states if state.stop_level != "run"}
        rejected = self.states[-1].commands_rejected - self.states[0].commands_rejected
        return causes | ({self.states[-1].last_rejection} if rejected else set())


@pytest.fixture(scope="module")
def gateways():
    """Two gateways with the models of this package; they outlive the launch's start."""
    bridge = f"{get_package_prefix('neuraxis')}/lib/neuraxis/bridge"
    models = f"{get_package_share_directory('neuraxis')}/models"
    running = {
        name: subprocess.Popen([bridge, "--port", str(port), "--models", models])
        for name, port in PORTS.items()
    }
    yield running
    for process in running.values():
        process.terminate()
        process.wait(10.0)


@launch_pytest.fixture(scope="module")
def robot():
    url = ",".join(f"{name}=http://127.0.0.1:{port}" for name, port in PORTS.items())
    it = Launched(robot=ROBOT, hardware="mujoco", brains="all", seed="7", brain_url=url)
    return it.description, it


@pytest.fixture(scope="module")
def rig():
    it = Watcher()
    yield it
    it.close()


def healthy(port):
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.mark.launch(fixture=robot)
def test_the_better_gateway_is_killed_and_no_command_is_missed(robot, gateways, rig):
    rig.wait_active(bringup.active("impedance"))
    rig.wait(lambda: all(map(healthy, PORTS.values())), "two gateways")
    rig.wait(rig.orders.server_is_ready, "the big brain serves", START_S)
    rig.wait(lambda: {"red cylinder", "orange bin", "yellow bin"} <= rig.seen, "things are seen")
    rig.wait(lambda: rig.rung == "cloud", "the better brain is in use")
    ended = rig.order(ORDERS[0])
    rig.keeps_up()
    rig.mark()
    gateways["cloud"].kill()
    killed_s = time.time()
    late = rig.watch("a gateway killed")
    rig.wait(lambda: rig.rung == "edge", "the next brain is in use")
    rig.wait(ended.done, "the job's end")
    switched_s = float(rig.switches[-1]["switched at"]) - killed_s
    print(f"job: {ended.result().result.code}; next brain after {switched_s:.2f} s")
    assert not rig.stops()
    assert late < TIMEOUT


@pytest.mark.launch(fixture=robot)
def test_the_next_brain_plans_and_the_big_brain_is_killed_in_mid_motion(robot, gateways, rig):
    rig.order(ORDERS[1])
    rig.keeps_up()
    rig.mark()
    os.kill(robot[1].pid("big_brain"), signal.SIGKILL)
    late = rig.watch("the big brain killed")
    rig.wait(lambda: robot[1].ended("big_brain"), "the big brain's end")
    assert not rig.stops()
    assert late < TIMEOUT
    assert gateways["edge"].poll() is None
    assert sum(rig.spinal.foot_force) > 200.0


@pytest.mark.launch(fixture=robot)
def test_the_same_counts_tell_of_a_stream_that_does_end(robot, rig):
    rig.run_up()
    rig.mark()
    os.kill(robot[1].pid("small_brain"), signal.SIGKILL)
    assert rig.watch("the small brain killed") >= TIMEOUT
    assert any("command_stale" in cause for cause in rig.stops())


@pytest.mark.launch(fixture=robot, shutdown=True)
def test_everything_but_the_killed_ends_with_exit_code_0(robot):
    for name, code in robot[1].exit_codes.items():
        killed = name.startswith(("big_brain", "small_brain"))
        assert code == 0 or (killed and code == -signal.SIGKILL), name
