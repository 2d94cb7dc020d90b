# SPDX-License-Identifier: Apache-2.0
"""Planar placement: turned rectangles with gaps inside polygons. Lengths in m."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuraxis_sim.scene_types import footprint

Points = NDArray[np.float64]


@dataclass(frozen=True)
class Patch:
    """A turned rectangle on the bench top."""

    x: float
    y: float
    yaw: float
    length: float
    width: float

    @property
    def outer_radius(self) -> float:
        """Radius of the circle around it."""
        return math.hypot(self.length, self.width) / 2

    @property
    def corners(self) -> Points:
        """Shape (4, 2), counter-clockwise."""
        return footprint(self.x, self.y, self.yaw, self.length, self.width)


def gap(a: Patch, b: Patch) -> float:
    """Shortest distance between two patches, 0 when they touch or overlap."""
    centre = math.hypot(a.x - b.x, a.y - b.y)
    if centre <= (min(a.length, a.width) + min(b.length, b.width)) / 2:
        return 0.0
    pa, pb = a.corners, b.corners
    if not _separated(pa, pb):
        return 0.0
    return min(_points_to_edges(pa, pb), _points_to_edges(pb, pa))


def first_clear(
    candidates: Points, size: tuple[float, float], slab: Points, taken: list[tuple[Patch, float]]
) -> Patch | None:
    """The first candidate that lies on the slab and keeps its distance from what is there.

    Args:
        candidates: Rows of (x, y, yaw), shape (n, 3).
        size: Length and width of the patch to place.
        slab: Corners of an axis-aligned rectangle, shape (4, 2).
        taken: Patches already there, each with the distance to keep from it.
    """
    radius, inner = math.hypot(*size) / 2, min(size) / 2
    reach = np.abs(np.column_stack([np.cos(candidates[:, 2]), np.sin(candidates[:, 2])])) / 2
    half = np.column_stack([reach @ size, reach[:, ::-1] @ size])
    centres = candidates[:, :2]
    fits = ((centres - half >= slab.min(axis=0)) & (centres + half <= slab.max(axis=0))).all(axis=1)
    unsure: list[tuple[Patch, float, Points]] = []
    for other, distance in taken:
        apart = np.linalg.norm(centres - (other.x, other.y), axis=1) - distance
        fits &= apart >= inner + min(other.length, other.width) / 2
        unsure.append((other, distance, apart < radius + other.outer_radius))
    for row in np.flatnonzero(fits):
        x, y, yaw = (float(value) for value in candidates[row])
        patch = Patch(x, y, yaw, *size)
        if all(gap(patch, other) >= distance for other, distance, near in unsure if near[row]):
            return patch
    return None


def inside(polygon: Points, points: Points) -> NDArray[np.bool_]:
    """Which points lie in a simple polygon. Shapes (n, 2) and (m, 2), result (m,)."""
    a, b = polygon, np.roll(polygon, -1, axis=0)
    px, py = points[:, :1], points[:, 1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        cross_x = (b[:, 0] - a[:, 0]) * (py - a[:, 1]) / (b[:, 1] - a[:, 1]) + a[:, 0]
    crosses = ((a[:, 1] > py) != (b[:, 1] > py)) & (px < cross_x)
    return crosses.sum(axis=1) % 2 == 1


def draw_points(rng: np.random.Generator, polygon: Points, count: int) -> Points:
    """Points drawn uniformly from a polygon, shape (n, 2) with n <= count."""
    points = rng.uniform(polygon.min(axis=0), polygon.max(axis=0), (count, 2))
    return points[inside(polygon, points)]


def rectangle(x0: float, x1: float, y0: float, y1: float) -> Points:
    """Axis-aligned rectangle as a polygon."""
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])


def _separated(pa: Points, pb: Points) -> bool:
    for polygon in (pa, pb):
        edges = np.roll(polygon, -1, axis=0) - polygon
        normals = np.stack([edges[:, 1], -edges[:, 0]], axis=1)
        a, b = pa @ normals.T, pb @ normals.T
        if ((a.max(axis=0) < b.min(axis=0)) | (b.max(axis=0) < a.min(axis=0))).any():
            return True
    return False


def _points_to_edges(points: Points, polygon: Points) -> float:
    start = polygon[None]
    edge = np.roll(polygon, -1, axis=0)[None] - start
    offset = points[:, None] - start
    t = np.clip((offset * edge).sum(-1) / (edge * edge).sum(-1), 0, 1)
    return float(np.linalg.norm(offset - t[..., None] * edge, axis=-1).min())
