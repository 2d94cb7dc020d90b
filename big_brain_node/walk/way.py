# SPDX-License-Identifier: Apache-2.0
"""The cheapest free way over an occupancy grid, or why there is none."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from big_brain_node.walk.config import WalkConfig
from neuraxis_common.errors import Rejected
from neuraxis_common.grid import OCCUPIED, UNKNOWN, OccupancyGrid
from neuraxis_common.types import FloatArray

# A way along an obstacle's side at `radius_m` costs this many times its length.
_TIGHT_COST = 6.0
# What has not been seen may be blocked.
_UNKNOWN_COST = 1.5
# Leaving a stance in which something is nearer than `radius_m`, such as a bench.
_ESCAPE_COST = 60.0
_STEPS = ((0, 1), (1, 0), (1, 1), (1, -1))


def clearance_m(grid: OccupancyGrid) -> FloatArray:
    """Distance from the middle of each cell to the nearest occupied one's, shape of the cells."""
    free = (grid.cells != OCCUPIED).astype(np.uint8)
    if free.all():
        return np.full(free.shape, np.inf)
    return cv2.distanceTransform(free, cv2.DIST_L2, 5).astype(float) * grid.cell_m


def clearance_at(grid: OccupancyGrid, clearance: FloatArray, xy_O_m: FloatArray) -> float:
    """Clearance at a point of odom, infinite outside of the grid."""
    index = grid.index(xy_O_m)
    return float(clearance[tuple(index)]) if grid.holds(index) else np.inf


def find_way(
    grid: OccupancyGrid, start_O_m: FloatArray, goal_O_m: FloatArray, config: WalkConfig
) -> FloatArray | Rejected:
    """Look for a way that keeps `radius_m` from everything seen.

    From a stance nearer to something than that the way leads out before anywhere else.

    Args:
        grid: What has been seen.
        start_O_m: Where the robot stands in odom, shape (2,).
        goal_O_m: Where it is to stand, shape (2,).
        config: Radius and berth.

    Returns:
        Points from start to goal, shape (n, 2), n >= 2; `Rejected` with code ``outside_map``,
        ``goal_occupied`` or ``no_path``.
    """
    start, goal = grid.index(start_O_m), grid.index(goal_O_m)
    for name, index, point in (("start", start, start_O_m), ("goal", goal, goal_O_m)):
        if not grid.holds(index):
            reason = f"the {name} lies outside of the map"
            return Rejected("outside_map", reason, {"point_O_m": _plain(point)})
    clearance = clearance_m(grid)
    room_m = float(clearance[tuple(goal)])
    if room_m < config.radius_m:
        reason = f"something stands {room_m:.2f} m from the goal, needed {config.radius_m} m"
        details = {"point_O_m": _plain(goal_O_m), "value": room_m, "bound": config.radius_m}
        return Rejected("goal_occupied", reason, details)
    cost = _cost(grid, clearance, config, float(clearance[tuple(start)]))
    way = _shortest(cost, start, goal)
    if way is None:
        reason = "no free way to the goal is wide enough for the robot"
        details = {"point_O_m": _plain(goal_O_m), "bound": config.radius_m}
        return Rejected("no_path", reason, details)
    points = grid.center(way)
    points[0], points[-1] = start_O_m, goal_O_m
    return _smooth(points) if len(points) > 1 else np.array([start_O_m, goal_O_m])


def length_m(way_O_m: FloatArray) -> float:
    """Length of a way, shape (n, 2)."""
    return float(np.linalg.norm(np.diff(way_O_m, axis=0), axis=1).sum())


def _cost(
    grid: OccupancyGrid, clearance: FloatArray, config: WalkConfig, start_room_m: float
) -> FloatArray:
    """Factor on the length of a step in each cell, infinite where the robot cannot be."""
    tight = np.clip(1.0 - (clearance - config.radius_m) / config.berth_m, 0.0, 1.0)
    cost = 1.0 + (_TIGHT_COST - 1.0) * tight**2
    cost[grid.cells == UNKNOWN] *= _UNKNOWN_COST
    blocked = clearance < config.radius_m
    cost[blocked] = np.inf
    if start_room_m < config.radius_m:
        # Half a cell of doubt: the start may be the least roomy point of its surroundings.
        leaving = blocked & (clearance >= max(start_room_m - grid.cell_m, grid.cell_m))
        cost[leaving] = _ESCAPE_COST * (1.0 + config.radius_m - clearance[leaving])
    return cost


def _shortest(
    cost: FloatArray, start: NDArray[np.intp], goal: NDArray[np.intp]
) -> NDArray[np.intp] | None:
    """Cells (row, column) from start to goal, shape (n, 2); None when they do not hang together."""
    rows, columns = cost.shape
    number = np.arange(rows * columns).reshape(rows, columns)
    cost = cost.copy()
    if not np.isfinite(cost[tuple(start)]):
        cost[tuple(start)] = _ESCAPE_COST
    tails, heads, weights = [], [], []
    for down, right in _STEPS:
        here = (slice(0, rows - down), slice(max(0, -right), columns - max(0, right)))
        there = (slice(down, rows), slice(max(0, right), columns + min(0, right)))
        weight = np.hypot(down, right) * (cost[here] + cost[there]) / 2
        good = np.isfinite(weight)
        tails.append(number[here][good])
        heads.append(number[there][good])
        weights.append(weight[good])
    shape = (rows * columns, rows * columns)
    edges = (np.concatenate(tails), np.concatenate(heads))
    graph = coo_array((np.concatenate(weights), edges), shape=shape).tocsr()
    source, target = int(number[tuple(start)]), int(number[tuple(goal)])
    _, before = dijkstra(graph, directed=False, indices=source, return_predecessors=True)
    chain = [target]
    while chain[-1] != source:
        previous = int(before[chain[-1]])
        if previous < 0:
            return None
        chain.append(previous)
    return np.stack(np.unravel_index(chain[::-1], (rows, columns)), axis=1)


def _smooth(points: FloatArray) -> FloatArray:
    """The chain of cells without its corners of 45 degrees; both ends stay."""
    smooth = points.copy()
    for _ in range(2):
        smooth[1:-1] = (smooth[:-2] + smooth[1:-1] + smooth[2:]) / 3
    return smooth


def _plain(point: FloatArray) -> list[float]:
    return [round(float(value), 3) for value in point]
