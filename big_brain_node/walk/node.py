# SPDX-License-Identifier: Apache-2.0
"""Legs over topics: /cmd_vel out, /odom and /perception/grid in."""

from __future__ import annotations

import numpy as np
from geometry_msgs.msg import Twist
from nav_msgs.msg import OccupancyGrid as GridMessage
from nav_msgs.msg import Odometry

from neuraxis_common import convert
from neuraxis_common.convert_scene import from_grid, from_odometry
from neuraxis_common.grid import OccupancyGrid
from neuraxis_common.lifecycle import STATE_QOS, NeuraxisLifecycleNode
from neuraxis_common.types import FloatArray


class RosLegs:
    """Legs port of the big brain's node."""

    def __init__(self, node: NeuraxisLifecycleNode) -> None:
        self._odometry = (-np.inf, np.eye(4))
        self._grid: OccupancyGrid | None = None
        self._velocity = node.create_output(Twist, "cmd_vel", 1)
        node.create_subscription(Odometry, "odom", self._on_odom, STATE_QOS)
        node.create_subscription(GridMessage, "perception/grid", self._on_grid, 1)

    def walk(self, velocity: FloatArray) -> None:
        """Ask for a velocity."""
        self._velocity.publish(convert.to_twist(velocity))

    def odometry(self) -> tuple[float, FloatArray]:
        """Newest pose and its stamp."""
        return self._odometry

    def grid(self) -> OccupancyGrid | None:
        """Newest grid."""
        return self._grid

    def _on_odom(self, message: Odometry) -> None:
        self._odometry = from_odometry(message)

    def _on_grid(self, message: GridMessage) -> None:
        self._grid = from_grid(message)
