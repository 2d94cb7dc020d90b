# SPDX-License-Identifier: Apache-2.0
"""Containers as boxes: a floor and four walls to touch, and what is seen of each shape."""

from __future__ import annotations

from itertools import product

import numpy as np

from neuraxis_sim.scene_types import CONTAINER_FLOOR_M, SceneItem
from neuraxis_sim.shapes import Mesh, boxes_mesh

Box = tuple[tuple[float, float, float], tuple[float, float, float]]
"""Centre and half extents."""

# How far rims, and posts below them, stand out; `perception_node.locate` takes it off again.
_RIM_M = 0.003
_LIP_M = {"tray": 0.0025, "bin": 0.0035, "basket": _RIM_M, "crate": _RIM_M}
_SLATS, _RIBS, _RIB_M = 4, 4, 0.0022
_POST_M, _BOARD_M, _GRIP_M = 0.009, 0.0035, 0.024


def walls(item: SceneItem) -> list[Box]:
    """Floor and walls as boxes about the item's middle."""
    a, b, c = (value / 2 for value in item.size_m)
    wall, floor = item.wall_m / 2, CONTAINER_FLOOR_M / 2
    boxes: list[Box] = [((0, 0, floor - c), (a, b, floor))]
    for sign in (-1, 1):
        boxes.append(((sign * (a - wall), 0, 0), (wall, b, c)))
        boxes.append(((0, sign * (b - wall), 0), (a, wall, c)))
    return boxes


def lips(item: SceneItem) -> list[Box]:
    """The rim around the top."""
    lip = _LIP_M[item.shape]
    a, b, c = (value / 2 for value in item.size_m)
    sides = ((a, 0, lip, b + lip), (-a, 0, lip, b + lip), (0, b, a + lip, lip),
             (0, -b, a + lip, lip))  # fmt: skip
    return [((x, y, c - 0.003), (sx, sy, 0.003)) for x, y, sx, sy in sides]


def open_walls(item: SceneItem) -> Mesh | None:
    """What is drawn of walls that one can look through; None where they are solid."""
    made = {"basket": _slats, "crate": _boards}.get(item.shape)
    if made is None:
        return None
    return boxes_mesh([walls(item)[0], *made(item)])


def _slats(item: SceneItem) -> list[Box]:
    """Thin slats with gaps as high as they are, held by upright ribs."""
    a, b, c = (value / 2 for value in item.size_m)
    wall, slat = item.wall_m / 4, c / (2 * _SLATS)
    boxes: list[Box] = []
    for sign in (-1, 1):
        x, y = sign * (a - wall), sign * (b - wall)
        for k in range(_SLATS):
            z = -c + slat * (4 * k + 3)
            boxes += [((x, 0, z), (wall, b, slat)), ((0, y, z), (a, wall, slat))]
        for share in np.linspace(-1, 1, _RIBS + 1):
            along_y, along_x = share * (b - _RIB_M), share * (a - _RIB_M)
            boxes += [((x, along_y, 0), (wall, _RIB_M, c)), ((along_x, y, 0), (_RIB_M, wall, c))]
    return boxes


def _boards(item: SceneItem) -> list[Box]:
    """Two thick boards per wall between stout posts; the upper end boards have a hole to grip."""
    a, b, c = (value / 2 for value in item.size_m)
    board, low, gap = _BOARD_M, 0.44 * c, 0.06 * c
    high = c - low - gap
    top = c - high
    boxes: list[Box] = [
        ((x * (a + _RIM_M - _POST_M), y * (b + _RIM_M - _POST_M), 0), (_POST_M, _POST_M, c))
        for x, y in product((-1, 1), repeat=2)
    ]
    rest = (b - _GRIP_M) / 2
    for sign in (-1, 1):
        x, y = sign * (a - board), sign * (b - board)
        boxes += [((x, 0, low - c), (board, b, low)), ((0, y, low - c), (a, board, low))]
        boxes.append(((0, y, top), (a, board, high)))
        boxes.append(((x, 0, c - 0.25 * high), (board, b, 0.25 * high)))
        boxes += [((x, side * (b - rest), top), (board, rest, high)) for side in (-1, 1)]
    return boxes
