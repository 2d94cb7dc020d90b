# SPDX-License-Identifier: Apache-2.0
"""Legs over topics: /cmd_vel out, /odom, /perception/grid and /perception/surface in."""

from __future__ import annotations

import time

import numpy as np
from geometry_msgs.msg import Twist
from nav_msgs.msg import OccupancyGrid as GridMessage
from nav_msgs.msg import Odometry
from rclpy.subscription import Subscription
from visualization_msgs.msg import MarkerArray

from neuraxis_common import convert
from neuraxis_common.convert_scene import from_grid, from_odometry, from_surface
from neuraxis_common.grid import OccupancyGrid
from neuraxis_common.lifecycle import STATE_QOS, NeuraxisLifecycleNode
from neuraxis_common.surface import Surface
from neuraxis_common.types import FloatArray

# Perception looks for surfaces only while somebody listens.
LISTEN_S = 5.0


class RosLegs:
    """Legs port of the big brain's node."""

    def __init__(self, node: NeuraxisLifecycleNode) -> None:
        self._odometry = (-np.inf, np.eye(4))
        self._grid: OccupancyGrid | None = None
        self._surface: Surface | None = None
        self._node, self._asked_s = node, 0.0
        self._surfaces: Subscription | None = None
        self._velocity = node.create_output(Twist, "cmd_vel", 1)
        node.create_subscription(Odometry, "odom", self._on_odom, STATE_QOS)
        node.create_subscription(GridMessage, "perception/grid", self._on_grid, 1)
        node.create_timer(1.0, self._unsubscribe)

    def walk(self, velocity: FloatArray) -> None:
        """Ask for a velocity."""
        self._velocity.publish(convert.to_twist(velocity))

    def odometry(self) -> tuple[float, FloatArray]:
        """Newest pose and its stamp."""
        return self._odometry

    def grid(self) -> OccupancyGrid | None:
        """Newest grid."""
        return self._grid

    def surface(self) -> Surface | None:
        """Newest surface; the first call begins to listen."""
        self._asked_s = time.monotonic()
        if self._surfaces is None:
            self._surfaces = self._node.create_subscription(
                MarkerArray, "perception/surface", self._on_surface, 1
            )
        return self._surface

    def _unsubscribe(self) -> None:
        """Nobody has asked for long."""
        if self._surfaces is not None and time.monotonic() - self._asked_s > LISTEN_S:
            self._node.destroy_subscription(self._surfaces)
            self._surfaces = self._surface = None

    def _on_surface(self, message: MarkerArray) -> None:
        self._surface = from_surface(message)

    def _on_odom(self, message: Odometry) -> None:
        self._odometry = from_odometry(message)

    def _on_grid(self, message: GridMessage) -> None:
        self._grid = from_grid(message)
