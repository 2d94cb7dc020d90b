# SPDX-License-Identifier: Apache-2.0
"""The surface ahead reaches the big brain's legs, and is listened to only while it is asked for."""

import time

import numpy as np
import pytest
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from visualization_msgs.msg import MarkerArray

from big_brain_node.walk import node as walk_node
from neuraxis_common.convert_scene import to_surface
from neuraxis_common.lifecycle import NeuraxisLifecycleNode
from neuraxis_common.surface import Surface

_DEADLINE_S = 30.0


@pytest.fixture
def pair(context):
    """Legs on an active node and one that publishes surfaces, spun by the test."""
    listener, eyes = NeuraxisLifecycleNode("legs"), Node("eyes")
    listener.trigger_configure()
    listener.trigger_activate()
    legs, executor = walk_node.RosLegs(listener), SingleThreadedExecutor()
    surfaces = eyes.create_publisher(MarkerArray, "perception/surface", 1)
    for node in (listener, eyes):
        executor.add_node(node)

    def wait(holds):
        until_s = time.monotonic() + _DEADLINE_S
        while not holds():
            assert time.monotonic() < until_s
            executor.spin_once(timeout_sec=0.05)

    yield legs, surfaces, wait
    executor.shutdown()
    listener.destroy_node()
    eyes.destroy_node()


def test_the_surface_is_heard_while_somebody_asks(pair, monkeypatch):
    monkeypatch.setattr(walk_node, "LISTEN_S", 0.0)
    legs, surfaces, wait = pair
    edge, free = np.array([[0.5, 0.4], [0.5, -0.4]]), np.array([[0.6, 0.0]])
    surface = Surface(1.0, 0.72, edge, free)
    assert surfaces.get_subscription_count() == 0

    def heard():
        surfaces.publish(to_surface("odom", surface))
        return legs.surface() is not None

    wait(heard)
    np.testing.assert_array_equal(legs.surface().edge_O_m, edge)

    def gone():
        surfaces.publish(to_surface("odom", None))
        return legs.surface() is None

    wait(gone)
    wait(lambda: surfaces.get_subscription_count() == 0)
