# SPDX-License-Identifier: Apache-2.0
"""Occupancy of the floor around the robot, in odom; what perception fills and walking plans on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuraxis_common.types import FloatArray

# The values of nav_msgs/OccupancyGrid.
UNKNOWN, FREE, OCCUPIED = -1, 0, 100


@dataclass(frozen=True)
class OccupancyGrid:
    """Square cells of the floor.

    Attributes:
        stamp_s: Newest image in it.
        origin_O_m: Outer corner of cell (0, 0) in odom, shape (2,).
        cell_m: Side of a cell.
        cells: `UNKNOWN`, `FREE` or `OCCUPIED`, int8, shape (rows along y, columns along x).
    """

    stamp_s: float
    origin_O_m: FloatArray
    cell_m: float
    cells: NDArray[np.int8]

    def index(self, xy_O_m: FloatArray) -> NDArray[np.intp]:
        """(row, column) of points, shape (..., 2) both; may lie outside of the grid."""
        at = np.floor((np.asarray(xy_O_m) - self.origin_O_m) / self.cell_m).astype(np.intp)
        return at[..., ::-1]

    def center(self, index: NDArray[np.intp]) -> FloatArray:
        """Middle of cells (row, column) in odom, shape (..., 2) both."""
        return self.origin_O_m + (np.asarray(index)[..., ::-1] + 0.5) * self.cell_m

    def holds(self, index: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Which (row, column) lie in the grid. Shape (..., 2), result (...)."""
        inside = (np.asarray(index) >= 0) & (np.asarray(index) < self.cells.shape)
        return inside.all(axis=-1)


def empty_grid(side_m: float, cell_m: float) -> OccupancyGrid:
    """A grid of unknown cells around the origin of odom."""
    count = round(side_m / cell_m)
    origin = np.full(2, -count * cell_m / 2)
    return OccupancyGrid(0.0, origin, cell_m, np.full((count, count), UNKNOWN, np.int8))
