# SPDX-License-Identifier: Apache-2.0
"""The small brain says on /diagnostics whether its feet hold, and what a slip moved."""

import time

import rclpy
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rclpy.executors import SingleThreadedExecutor

from neuraxis_common.errors import Rejected
from neuraxis_common.lifecycle import SUCCESS
from small_brain_node.footing import SLIPPED
from small_brain_node.node import SmallBrainNode

DEADLINE_S = 60.0


def spin_until(executor, condition):
    until_s = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < until_s, "it never held"
        executor.spin_once(timeout_sec=0.05)


def test_a_slip_is_a_warning_until_the_feet_held_for_a_period(root):
    rclpy.init(args=["--ros-args", "-r", "__ns:=/one", "-p", f"data_root:={root}"])
    lines, node, executor = [], SmallBrainNode(), SingleThreadedExecutor()
    listener = rclpy.create_node("listener")
    listener.create_subscription(
        DiagnosticArray, "/diagnostics", lambda message: lines.extend(message.status), 10
    )
    try:
        assert node.trigger_configure() is SUCCESS
        assert node.trigger_activate() is SUCCESS
        executor.add_node(node)
        executor.add_node(listener)
        spin_until(executor, lambda: lines)
        assert lines[0].name == "/one/small_brain: odometry"
        assert (lines[0].level, lines[0].message) == (DiagnosticStatus.OK, "the feet hold")
        details = {"moved_m": 0.02, "turned_rad": 0.1}
        node._brain.footing.note(Rejected(SLIPPED, "the feet slipped: 20 mm", details))
        spin_until(executor, lambda: lines[-1].level == DiagnosticStatus.WARN)
        assert lines[-1].message == "the feet slipped: 20 mm"
        values = {row.key: row.value for row in lines[-1].values}
        told = {"slips": "1", "moved_m": "0.0200", "turned_rad": "0.1000", "speed_share": "1.00"}
        assert values == told
        spin_until(executor, lambda: lines[-1].level == DiagnosticStatus.OK)
    finally:
        if node.acting:
            node.trigger_deactivate()
        node.trigger_shutdown()
        executor.shutdown()
        node.destroy_node()
        listener.destroy_node()
        rclpy.try_shutdown()
