# SPDX-License-Identifier: Apache-2.0
"""The big brain with either planner: what it says when MoveIt is wanted, there or not."""

import time

import pytest
import rclpy
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rclpy.executors import SingleThreadedExecutor

from big_brain_node.moveit.process import missing
from big_brain_node.node import BigBrainNode
from neuraxis_common.errors import ConfigError
from neuraxis_common.lifecycle import ERROR, SUCCESS

DEADLINE_S = 60.0


@pytest.fixture
def big_brain(root):
    """Makes a configured and active big brain; its namespace is /one."""
    made = []

    def make(planner):
        values = {"data_root": root, "brain_url": "http://127.0.0.1:9", "motion_planner": planner}
        parameters = [word for key, value in values.items() for word in ("-p", f"{key}:={value}")]
        rclpy.init(args=["--ros-args", "-r", "__ns:=/one", *parameters])
        made.append(BigBrainNode())
        return made[-1]

    yield make
    for node in made:
        if node.acting:
            node.trigger_deactivate()
        node.trigger_shutdown()
        node.destroy_node()
    rclpy.try_shutdown()


def diagnosed(node, until):
    """The first line about MoveIt that satisfies `until`, from a graph that runs meanwhile."""
    lines, executor = [], SingleThreadedExecutor()
    listener = rclpy.create_node("listener")
    listener.create_subscription(
        DiagnosticArray, "/diagnostics", lambda message: lines.extend(message.status), 10
    )
    executor.add_node(node)
    executor.add_node(listener)
    until_s = time.monotonic() + DEADLINE_S
    while time.monotonic() < until_s and not any(until(line) for line in lines):
        executor.spin_once(timeout_sec=0.1)
    executor.shutdown()
    listener.destroy_node()
    return next(line for line in lines if until(line))


def test_an_unknown_planner_is_refused_with_the_choices(big_brain):
    node = big_brain("ompl")
    assert node.trigger_configure() is ERROR
    assert isinstance(node.failure, ConfigError)
    assert "embedded, moveit" in str(node.failure)


@pytest.mark.skipif(missing() is None, reason="MoveIt is installed")
def test_without_moveit_the_big_brain_runs_and_warns(big_brain):
    node = big_brain("moveit")
    assert node.trigger_configure() is SUCCESS
    assert node.trigger_activate() is SUCCESS
    line = diagnosed(node, lambda line: line.name == "/one/big_brain: MoveIt")
    assert line.level == DiagnosticStatus.WARN
    assert "not installed" in line.message


@pytest.mark.skipif(missing() is not None, reason=f"needs MoveIt: {missing()}")
def test_with_moveit_the_big_brain_says_when_it_is_ready(big_brain):
    node = big_brain("moveit")
    assert node.trigger_configure() is SUCCESS
    assert node.trigger_activate() is SUCCESS
    line = diagnosed(node, lambda line: line.level == DiagnosticStatus.OK)
    assert line.name == "/one/big_brain: MoveIt"
    assert "MoveIt is ready" in line.message
