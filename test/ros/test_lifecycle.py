# SPDX-License-Identifier: Apache-2.0
"""The base of all nodes: what happens on every way out."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import rclpy
from ending_node import EndingNode
from lifecycle_msgs.msg import State

from neuraxis_common.errors import ConfigError
from neuraxis_common.lifecycle import SUCCESS
from neuraxis_common.params import RobotParams, load_params

SCRIPT = Path(__file__).with_name("ending_node.py")


@pytest.fixture
def node(context):
    made = []

    def make(trouble=""):
        made.append(EndingNode(trouble))
        return made[-1]

    yield make
    for item in made:
        item.destroy_node()


def spin(node, seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        rclpy.spin_once(node, timeout_sec=0.02)


def test_the_whole_life_in_order(node):
    it = node()
    assert it.trigger_configure() is SUCCESS
    assert it.trigger_activate() is SUCCESS
    assert it.trigger_deactivate() is SUCCESS
    assert it.trigger_cleanup() is SUCCESS
    assert it.calls == ["setup", "start", "make_safe", "teardown"]


def test_callbacks_run_only_while_active(node):
    it = node()
    it.trigger_configure()
    spin(it, 0.2)
    assert it.ticks == 0
    it.trigger_activate()
    spin(it, 0.3)
    assert it.ticks > 0
    it.trigger_deactivate()
    ticks = it.ticks
    spin(it, 0.2)
    assert it.ticks == ticks


def test_shutdown_of_an_active_node_makes_safe_first(node):
    it = node()
    it.trigger_configure()
    it.trigger_activate()
    it.trigger_shutdown()
    assert it.calls[2:] == ["make_safe", "teardown"]
    assert not it.acting


def test_a_setup_that_raises_is_torn_down_and_leaves_the_node_unconfigured(node):
    it = node("bug")
    assert it.trigger_configure() is not SUCCESS
    assert isinstance(it.failure, KeyError)
    assert it.calls == ["teardown"]
    assert it._state_machine.current_state[0] == State.PRIMARY_STATE_UNCONFIGURED


def run(*args):
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), *args],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_makes_safe_before_the_end(number):
    child = run()
    assert child.stdout.readline() == "setup\n"
    assert child.stdout.readline() == "start\n"
    child.send_signal(number)
    out, _ = child.communicate(timeout=20)
    assert out.split() == ["make_safe", "teardown"]
    assert child.returncode == 0


def test_a_user_mistake_is_one_line_and_exit_code_2():
    out, error = (child := run("config")).communicate(timeout=20)
    assert child.returncode == 2
    assert "rate_hz must be in [1, 1000], got 0.0" in error
    assert "Traceback" not in error
    assert "start" not in out


def test_a_bug_in_setup_is_logged_with_its_traceback():
    _, error = (child := run("bug")).communicate(timeout=20)
    assert child.returncode == 1
    assert "Traceback" in error
    assert "left_knee" in error


def test_a_bug_in_a_callback_makes_safe_and_ends_the_process():
    out, error = (child := run("callback")).communicate(timeout=20)
    assert child.returncode == 1
    assert "in a callback" in error
    assert out.split()[-2:] == ["make_safe", "teardown"]


def test_parameters_come_from_the_dataclass_and_required_ones_are_named(node):
    with pytest.raises(ConfigError, match="data_root"):
        load_params(node(), RobotParams)
