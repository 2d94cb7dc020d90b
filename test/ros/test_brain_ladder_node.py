# SPDX-License-Identifier: Apache-2.0
"""The big brain with several brains says on /diagnostics which one it asks, and why."""

import time
from contextlib import contextmanager

import numpy as np
import rclpy
from brain_rig import fake_brains
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rclpy.executors import SingleThreadedExecutor

from big_brain_node.brain_client import HOP
from big_brain_node.node import BigBrainNode
from neuraxis.msg import LedgerHop
from neuraxis_common.convert import from_hop
from neuraxis_common.errors import ConfigError
from neuraxis_common.lifecycle import ERROR, SUCCESS
from neuraxis_common.plan import Plan, Refusal

PLAN = Plan(refusal=Refusal(code="not_a_task", reason="nobody asks"))
DEADLINE_S = 60.0


@contextmanager
def big_brain(root, brain_url, **more):
    """A big brain that is neither configured nor active."""
    values = {"data_root": root, "brain_url": brain_url} | more
    parameters = [word for key, value in values.items() for word in ("-p", f"{key}:={value}")]
    rclpy.init(args=["--ros-args", "-r", "__ns:=/one", *parameters])
    node = BigBrainNode()
    try:
        yield node
    finally:
        if node.acting:
            node.trigger_deactivate()
        node.trigger_shutdown()
        node.destroy_node()
        rclpy.try_shutdown()


def spin_until(executor, condition):
    until_s = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < until_s, "it never held"
        executor.spin_once(timeout_sec=0.05)


def test_each_change_of_brain_is_announced_with_its_time(root):
    lines = []
    with fake_brains(PLAN, PLAN) as (cloud, edge):
        url = f"cloud={cloud.url},edge={edge.url}"
        quick = {"idle_period_s": 0.1, "probe_timeout_s": 5.0, "return_after_s": 0.2}
        with big_brain(root, url, **quick) as node:
            assert node.trigger_configure() is SUCCESS
            assert node.trigger_activate() is SUCCESS
            listener, executor = rclpy.create_node("listener"), SingleThreadedExecutor()
            listener.create_subscription(
                DiagnosticArray, "/diagnostics", lambda message: lines.extend(message.status), 10
            )
            executor.add_node(node)
            executor.add_node(listener)
            spin_until(executor, lambda: lines)
            assert lines[0].name == "/one/big_brain: brain" and lines[0].level == b"\x00"
            cloud.kill()
            spin_until(executor, lambda: lines[-1].level == DiagnosticStatus.WARN)
            values = {row.key: row.value for row in lines[-1].values}
            assert values["switched from"] == "cloud" and values["switched to"] == "edge"
            assert abs(float(values["switched at"]) - time.time()) < DEADLINE_S
            cloud.start()
            spin_until(executor, lambda: lines[-1].level == DiagnosticStatus.OK)
            assert "cloud is back" in lines[-1].message
            executor.shutdown()
            listener.destroy_node()


def test_each_request_to_a_brain_is_in_the_ledger_with_its_trace(root):
    hops = []
    with fake_brains(PLAN) as (brain,), big_brain(root, brain.url) as node:
        assert node.trigger_configure() is SUCCESS
        assert node.trigger_activate() is SUCCESS
        listener, executor = rclpy.create_node("listener"), SingleThreadedExecutor()
        listener.create_subscription(
            LedgerHop, "/one/ledger", lambda message: hops.append(from_hop(message)), 10
        )
        executor.add_node(node)
        executor.add_node(listener)
        spin_until(executor, lambda: node.count_subscribers("/one/ledger") == 1)
        # What sets out before the two have found each other is lost.
        until_s = time.monotonic() + DEADLINE_S
        while not hops:
            assert time.monotonic() < until_s, "it never came"
            assert node.brains.brain.ask(np.zeros((48, 64, 3), np.uint8), "go") == PLAN
            executor.spin_once(timeout_sec=0.1)
        assert hops[0].name == HOP and len(hops[0].trace_id) == 32
        assert hops[0].stamp_in_s <= hops[0].stamp_out_s
        executor.shutdown()
        listener.destroy_node()


def test_one_key_for_several_brains_is_refused_before_anything_starts(root):
    with big_brain(root, "http://127.0.0.1:9,http://127.0.0.1:10", api_key="k") as node:
        assert node.trigger_configure() is ERROR
        assert isinstance(node.failure, ConfigError) and "k" not in str(node.failure).split()


def test_half_a_certificate_is_refused_before_anything_starts(root):
    with big_brain(root, "https://127.0.0.1:9", brain_cert="/robot.pem") as node:
        assert node.trigger_configure() is ERROR
        assert isinstance(node.failure, ConfigError) and "brain_key" in str(node.failure)
