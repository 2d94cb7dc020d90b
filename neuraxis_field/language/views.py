# SPDX-License-Identifier: Apache-2.0
"""What a head camera would see of a scene, without rendering: boxes from a nominal pinhole.

Used to tell which tasks a scene allows. A task counts only if several views, which differ in camera
pose and in measured sizes, all lead to the same plan: then it does not hang on a pixel.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from neuraxis_common.plan import Box

_FOCAL_PX = 377.0
_CENTRE_PX = (320.0, 240.0)
# x of the camera in odom, height above the bench top, sideways offset (m), tilt and pan (deg).
_POSES = (
    (0.06, 0.46, 0.0, 42.0, 0.0),
    (0.10, 0.40, 0.015, 38.0, 2.0),
    (0.02, 0.55, -0.015, 47.0, -2.0),
)
_SIZE_NOISE = 0.05


class Item(Protocol):
    """What is read of a scene item. Centre in odom, extents along its own axes, metres."""

    name: str
    kind: str
    shape: str
    color: str
    size_m: tuple[float, float, float]
    xyz_m: tuple[float, float, float]
    yaw_rad: float


@dataclass(frozen=True)
class NamedDetection:
    """A detection that still knows which scene item it is."""

    name: str
    kind: str
    shape: str
    color: str
    box: Box
    size_m: tuple[float, float, float]


def nominal_views(items: Sequence[Item], rng: random.Random) -> list[list[NamedDetection]]:
    """The scene seen from each nominal pose."""
    bench_z = min(item.xyz_m[2] - item.size_m[2] / 2 for item in items)
    return [[_seen(item, pose, bench_z, rng) for item in items] for pose in _POSES]


def _seen(
    item: Item, pose: tuple[float, ...], bench_z: float, rng: random.Random
) -> NamedDetection:
    x, height, y, tilt_deg, pan_deg = pose
    camera = np.array([x, y, bench_z + height])
    pixels = _project(_corners(item) - camera, math.radians(tilt_deg), math.radians(pan_deg))
    low, high = pixels.min(0), pixels.max(0)
    factor = math.exp(rng.uniform(-_SIZE_NOISE, _SIZE_NOISE))
    # A box far outside the image still orders things; plans only need it to be non-negative.
    box = tuple(float(v) for v in np.clip((*low, *high), 0.0, 4000.0))
    size = tuple(value * factor for value in item.size_m)
    return NamedDetection(item.name, item.kind, item.shape, item.color, box, size)


def _corners(item: Item) -> np.ndarray:
    cos, sin = math.cos(item.yaw_rad), math.sin(item.yaw_rad)
    turn = np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])
    signs = np.array(list(itertools.product((-0.5, 0.5), repeat=3)))
    return signs * np.array(item.size_m) @ turn.T + np.array(item.xyz_m)


def _project(points: np.ndarray, tilt_rad: float, pan_rad: float) -> np.ndarray:
    """Pixels of points given relative to the camera in odom axes (x forward, y left, z up)."""
    cos, sin = math.cos(pan_rad), math.sin(pan_rad)
    forward = points[:, 0] * cos + points[:, 1] * sin
    right = points[:, 0] * sin - points[:, 1] * cos
    down = -points[:, 2]
    depth = forward * math.cos(tilt_rad) + down * math.sin(tilt_rad)
    below = down * math.cos(tilt_rad) - forward * math.sin(tilt_rad)
    depth = np.maximum(depth, 0.05)
    return np.stack(
        (_FOCAL_PX * right / depth + _CENTRE_PX[0], _FOCAL_PX * below / depth + _CENTRE_PX[1]), 1
    )
