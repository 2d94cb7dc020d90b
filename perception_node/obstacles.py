# SPDX-License-Identifier: Apache-2.0
"""Where the floor is free and where something stands, from depth images and the base's odometry."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from neuraxis_common.bounds import check_bounds
from neuraxis_common.grid import FREE, OCCUPIED, UNKNOWN, OccupancyGrid, empty_grid
from neuraxis_common.types import FloatArray, RgbdFrame
from perception_node.plane import backproject

_BOUNDS = {
    "side_m": (2.0, 100.0),
    "cell_m": (0.01, 0.2),
    "stride_px": (1, 16),
    "far_m": (0.5, 20.0),
    "floor_m": (0.01, 0.2),
    "top_m": (0.3, 3.0),
    "own_m": (0.0, 1.0),
    "hits": (1, 100),
}
# Belief of a cell: one image moves it by one; both ends are reached soon, so that what is moved
# away is forgotten in as many images.
_SURE = 3


@dataclass(frozen=True)
class ObstacleConfig:
    """Tuning of `ObstacleMap`.

    Attributes:
        side_m: Side of the mapped square around the origin of odom.
        stride_px: Every so many pixels of each row and column are used.
        far_m: Returns farther away than this are not used.
        floor_m: Returns below this height are the floor: odometry leans by that much.
        top_m: Returns above this height are passed under.
        own_m: Returns this near to the base's axis may be the robot itself: the A3 sees its knees
            and shins 0.31 m ahead when it steps.
        hits: Returns in one cell of one image that make an obstacle.
    """

    side_m: float = 10.0
    cell_m: float = 0.05
    stride_px: int = 4
    far_m: float = 3.5
    floor_m: float = 0.08
    top_m: float = 1.6
    own_m: float = 0.4
    hits: int = 2

    def __post_init__(self) -> None:
        """Raise ConfigError naming the first field outside its bounds."""
        check_bounds(self, _BOUNDS)


class ObstacleMap:
    """Adds up images; call `update` with each and the base pose of its stamp."""

    def __init__(self, config: ObstacleConfig | None = None) -> None:
        self._config = config or ObstacleConfig()
        self.reset()

    def reset(self) -> None:
        """Forget everything seen."""
        self._grid = empty_grid(self._config.side_m, self._config.cell_m)
        self._belief = np.zeros(self._grid.cells.shape, np.int8)

    @property
    def grid(self) -> OccupancyGrid:
        """What has been seen so far."""
        return self._grid

    def update(self, frame: RgbdFrame, T_OB: FloatArray) -> OccupancyGrid:
        """Take in one image.

        Args:
            frame: Depth and camera pose in the base.
            T_OB: Base in odom at the image stamp, shape (4, 4).
        """
        points_O = self._points(frame, T_OB)
        index = self._grid.index(points_O[:, :2])
        keep = self._grid.holds(index)
        height, index = points_O[keep, 2], index[keep]
        standing = (height > self._config.floor_m) & (height < self._config.top_m)
        hits = self._count(index[standing])
        floor = self._count(index[height <= self._config.floor_m])
        occupied = hits >= self._config.hits
        change = np.where(occupied, 1, np.where((floor > 0) & (hits == 0), -1, 0))
        self._belief = np.clip(self._belief + change, -_SURE, _SURE).astype(np.int8)
        cells = np.full(self._belief.shape, UNKNOWN, np.int8)
        cells[self._belief < 0] = FREE
        cells[self._belief > 0] = OCCUPIED
        self._grid = replace(self._grid, stamp_s=frame.stamp_s, cells=cells)
        return self._grid

    def _points(self, frame: RgbdFrame, T_OB: FloatArray) -> FloatArray:
        """Returns in odom that can be judged, shape (n, 3)."""
        stride = self._config.stride_px
        height, width = frame.depth_m.shape
        rows, columns = np.mgrid[stride // 2 : height : stride, stride // 2 : width : stride]
        rows, columns = rows.ravel(), columns.ravel()
        depth = frame.depth_m[rows, columns]
        good = np.isfinite(depth) & (depth > 0.0) & (depth < self._config.far_m)
        rows, columns = rows[good], columns[good]
        points_B = backproject(frame.depth_m, frame.info, frame.T_BC, columns, rows)
        points_O = points_B @ T_OB[:3, :3].T + T_OB[:3, 3]
        apart = np.linalg.norm(points_O[:, :2] - T_OB[:2, 3], axis=1)
        return points_O[apart > self._config.own_m]

    def _count(self, index: np.ndarray) -> np.ndarray:
        rows, columns = self._belief.shape
        flat = np.bincount(index[:, 0] * columns + index[:, 1], minlength=rows * columns)
        return flat.reshape(rows, columns)
