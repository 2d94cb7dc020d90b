# SPDX-License-Identifier: Apache-2.0
"""What walking needs of the robot, whoever provides it."""

from __future__ import annotations

from typing import Protocol

from neuraxis_common.grid import OccupancyGrid
from neuraxis_common.surface import Surface
from neuraxis_common.types import FloatArray


class Legs(Protocol):
    """The small brain's walking and perception's view of the floor."""

    def walk(self, velocity: FloatArray) -> None:
        """Ask for forward m/s, left m/s and turn rad/s, shape (3,); holds for a moment only."""

    def odometry(self) -> tuple[float, FloatArray]:
        """Stamp and T_OB, shape (4, 4), of the newest odometry; the stamp is -inf before it."""

    def grid(self) -> OccupancyGrid | None:
        """Newest occupancy grid, None before the first."""

    def surface(self) -> Surface | None:
        """Newest surface seen ahead, None where none is seen. Ask often while it matters."""
