# SPDX-License-Identifier: Apache-2.0
"""Outlines seen from above: rectangle, hexagon or circle around points on a plane.

Where something hides a side of the outline, a size known beforehand places that side.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from neuraxis_common.types import FloatArray

Hidden = Callable[[FloatArray], NDArray[np.bool_]]
"""Which points (n, 2) of the plane the camera cannot see."""

_ANGLES = np.radians(np.arange(0.0, 180.0, 4.0))
_DIRECTIONS = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)])
_COARSE = _DIRECTIONS[:, ::4].astype(np.float32)
# Beyond all but this share of the points by more than this lie strays.
_TRIM, _STRAY_M = 0.008, 0.0015
_BEYOND_M = 0.006
_MAX_POINTS = 900
# Points tested along a side, and the share of them that makes a side hidden.
_ALONG = np.linspace(-0.4, 0.4, 5)
_HIDDEN_SHARE = 0.5


@dataclass(frozen=True)
class Footprint:
    """Centre, direction of the long side and extents (long, short) in m.

    Attributes:
        seen: Share of the outline's sides that nothing hides, in [0, 1].
    """

    centre: FloatArray
    yaw_rad: float
    extent_m: tuple[float, float]
    seen: float = 1.0


def nothing_hidden(points: FloatArray) -> NDArray[np.bool_]:
    """The camera sees all points (n, 2)."""
    return np.zeros(len(points), dtype=bool)


def wrap(angle_rad: float, period_rad: float) -> float:
    """The equal angle in (-period / 2, period / 2]."""
    turned = math.fmod(angle_rad + period_rad / 2, period_rad)
    return turned + period_rad / 2 if turned <= 0 else turned - period_rad / 2


def _hull(points: FloatArray) -> FloatArray:
    """Convex hull (k, 2) of points (n, 2), a few stray ones left out."""
    if len(points) > _MAX_POINTS:
        points = points[:: -(-len(points) // _MAX_POINTS)]
    points = points.astype(np.float32)
    skip = round(_TRIM * len(points))
    last = len(points) - 1 - skip
    along = _COARSE.T @ points.T
    ordered = np.sort(along, axis=1)
    low, high = ordered[:, skip, None] - _STRAY_M, ordered[:, last, None] + _STRAY_M
    inside = ((along > low) & (along < high)).all(axis=0)
    return cv2.convexHull(points[inside])[:, 0].astype(float)


def _spans(hull: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Lowest and highest projection of a hull on every direction."""
    along = hull @ _DIRECTIONS
    return along.min(axis=0), along.max(axis=0)


def rectangle(
    points: FloatArray,
    prior_m: tuple[float, float] | None = None,
    hidden: Hidden = nothing_hidden,
    grow_m: float = 0.0,
) -> Footprint:
    """Smallest rectangle around points (n, 2), a few stray ones left out.

    Args:
        points: Shape (n, 2), in m.
        prior_m: Extents (long, short) that hidden sides are placed by.
        hidden: Which places the camera cannot see.
        grow_m: Added to the measured extents.
    """
    hull = _hull(points)
    degrees = cv2.minAreaRect(hull.astype(np.float32))[2]
    return _oriented(hull, math.radians(degrees), prior_m, hidden, grow_m)


def _oriented(
    hull: FloatArray,
    yaw_rad: float,
    prior_m: tuple[float, float] | None,
    hidden: Hidden,
    grow_m: float,
) -> Footprint:
    cos, sin = math.cos(yaw_rad), math.sin(yaw_rad)
    turn = np.array([[cos, sin], [-sin, cos]])
    local = hull @ turn.T
    low, high = local.min(axis=0), local.max(axis=0)
    low, high = low - grow_m / 2, high + grow_m / 2
    sides = _hidden_sides(low, high, turn, hidden)
    if prior_m is not None and sides.any():
        low, high = _complete(low, high, sides, prior_m)
    long, short = (float(value) for value in high - low)
    centre, seen = turn.T @ ((low + high) / 2), 1.0 - float(sides.mean())
    if short > long:
        return Footprint(centre, yaw_rad + math.pi / 2, (short, long), seen)
    return Footprint(centre, yaw_rad, (long, short), seen)


def _hidden_sides(
    low: FloatArray, high: FloatArray, turn: FloatArray, hidden: Hidden
) -> NDArray[np.bool_]:
    """Whether the low and the high side of both axes are hidden. Shape (2, 2): [end, axis]."""
    middle, extent = (low + high) / 2, high - low
    points = np.empty((2, 2, len(_ALONG), 2))
    for axis in (0, 1):
        points[:, axis, :, 1 - axis] = middle[1 - axis] + _ALONG * extent[1 - axis]
        points[0, axis, :, axis] = low[axis] - _BEYOND_M
        points[1, axis, :, axis] = high[axis] + _BEYOND_M
    flags = hidden(points.reshape(-1, 2) @ turn).reshape(2, 2, -1)
    return flags.mean(axis=2) >= _HIDDEN_SHARE


def _complete(
    low: FloatArray, high: FloatArray, sides: NDArray[np.bool_], prior_m: tuple[float, float]
) -> tuple[FloatArray, FloatArray]:
    """Move hidden sides outwards until both extents are at least the prior's."""
    extent = high - low
    wanted = np.array(prior_m)
    swapped = wanted[::-1]
    # Which axis is the long one: the assignment that hidden sides can explain.
    error = [
        np.sum(np.where(sides.any(axis=0), np.maximum(extent - want, 0.0), np.abs(extent - want)))
        for want in (wanted, swapped)
    ]
    want = wanted if error[0] <= error[1] else swapped
    missing = np.maximum(want - extent, 0.0)
    share = sides / np.maximum(sides.sum(axis=0), 1)
    return low - missing * share[0], high + missing * share[1]


def _round(
    points: FloatArray, prior_m: float | None, hidden: Hidden, grow_m: float
) -> tuple[FloatArray, FloatArray, float]:
    """Centre, span per direction and seen share of a point-symmetric, nearly round outline."""
    low, high = _spans(_hull(points))
    low, high = low - grow_m / 2, high + grow_m / 2
    middle = (low + high) / 2
    rough = 2.0 * (_DIRECTIONS @ middle) / len(_ANGLES)
    offset = rough @ _DIRECTIONS
    ends = [
        rough[:, None] + _DIRECTIONS * (end - offset + beyond)
        for end, beyond in ((low, -_BEYOND_M), (high, _BEYOND_M))
    ]
    flags = hidden(np.concatenate(ends, axis=1).T).reshape(2, -1)
    seen = 1.0 - float(flags.mean())
    if prior_m is None or not flags.any():
        return rough, high - low, seen
    span = np.maximum(high - low, prior_m)
    known = ~flags.all(axis=0)
    middle = np.where(
        flags[0] & known, high - span / 2, np.where(flags[1] & known, low + span / 2, middle)
    )
    weight = np.where(known, 1.0, 0.05)
    A = (_DIRECTIONS * weight) @ _DIRECTIONS.T
    return np.linalg.solve(A, (_DIRECTIONS * weight) @ middle), span, seen


def circle(
    points: FloatArray,
    prior_m: float | None = None,
    hidden: Hidden = nothing_hidden,
    grow_m: float = 0.0,
) -> Footprint:
    """Circle around points (n, 2); ``prior_m`` is its diameter."""
    centre, span, seen = _round(points, prior_m, hidden, grow_m)
    extent = float(np.mean(span))
    return Footprint(centre, 0.0, (extent, extent), seen)


def hexagon(
    points: FloatArray,
    prior_m: float | None = None,
    hidden: Hidden = nothing_hidden,
    grow_m: float = 0.0,
) -> Footprint:
    """Regular hexagon around points (n, 2), ``prior_m`` across its flats.

    The long side runs from corner to corner.
    """
    # Cauchy: the mean span of a convex outline is its length / pi, here 2 sqrt(3) flats / pi.
    per_flats = 2 * math.sqrt(3) / math.pi
    mean = None if prior_m is None else prior_m * per_flats
    centre, span, seen = _round(points, mean, hidden, grow_m)
    # The span repeats every 60 deg with its peak across the corners.
    phase = float(np.angle(np.sum(span * np.exp(6j * _ANGLES))))
    flats = float(np.mean(span)) / per_flats
    return Footprint(centre, phase / 6, (flats * 2 / math.sqrt(3), flats), seen)
