# SPDX-License-Identifier: Apache-2.0
"""A floor with boxes and a robot that goes where it is told, for tests of walking to places."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from big_brain_node.walk.follow import Pose, wrap
from big_brain_node.walk.walker import Sensed
from neuraxis_common.grid import FREE, OCCUPIED, empty_grid


def with_boxes(*boxes, stamp_s=0.0, side_m=10.0, cell_m=0.05):
    """A free floor with occupied boxes (x, y, half length, half width)."""
    grid = empty_grid(side_m, cell_m)
    cells = np.full(grid.cells.shape, FREE, np.int8)
    rows, columns = np.mgrid[0 : cells.shape[0], 0 : cells.shape[1]]
    at = grid.center(np.stack([rows, columns], axis=-1))
    for x, y, half_x, half_y in boxes:
        cells[(abs(at[..., 0] - x) <= half_x) & (abs(at[..., 1] - y) <= half_y)] = OCCUPIED
    return replace(grid, stamp_s=stamp_s, cells=cells)


class Dummy:
    """Moves as it is told, with a lag, and never through anything it knows nothing of.

    Attributes:
        boxes: What stands about, as for `with_boxes`.
        stuck, silent, blind: Whether it moves, its odometry and its grid come.
    """

    def __init__(self, *boxes, pose=None, dt_s=0.1):
        self.boxes, self.pose, self.dt_s = boxes, pose or Pose(0.0, 0.0, 0.0), dt_s
        self.now_s = self.odometry_s = self.grid_s = 0.0
        self.stuck = self.silent = self.blind = False
        self.stop_level = "run"
        self.velocity = np.zeros(3)
        self.trail = [self.pose]
        self._drawn = None

    def sensed(self):
        if self._drawn != self.boxes:
            self._grid, self._drawn = with_boxes(*self.boxes, side_m=8.0, cell_m=0.1), self.boxes
        grid = replace(self._grid, stamp_s=self.grid_s)
        return Sensed(self.now_s, self.pose, self.odometry_s, grid, self.stop_level)

    def move(self, wish):
        self.now_s += self.dt_s
        if not self.silent:
            self.odometry_s = self.now_s
        if not self.blind:
            self.grid_s = self.now_s
        if self.stuck:
            return
        self.velocity = self.velocity + 0.2 * (wish - self.velocity)
        forward, left, turn = self.velocity * self.dt_s
        c, s = np.cos(self.pose.yaw_rad), np.sin(self.pose.yaw_rad)
        x, y = self.pose.x_m + c * forward - s * left, self.pose.y_m + s * forward + c * left
        self.pose = Pose(x, y, wrap(self.pose.yaw_rad + turn))
        self.trail.append(self.pose)

    def walk(self, walker, goal, limit_s=150.0, event=None):
        """Until the walker ends; `event(self)` is called every tick. Returns the outcome."""
        walker.start(self.now_s, goal)
        began_s = self.now_s
        while self.now_s - began_s < limit_s:
            if event is not None:
                event(self)
            wish, outcome = walker.update(self.sensed())
            assert np.all(np.isfinite(wish)) and np.shape(wish) == (3,)
            if outcome != "running":
                assert not wish.any()
                return outcome
            self.move(wish)
        return "running"
