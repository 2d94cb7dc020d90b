# SPDX-License-Identifier: Apache-2.0
"""Angles on the floor."""

from __future__ import annotations

import math

import numpy as np

from neuraxis_common.types import FloatArray


def turned(angle_rad: float) -> FloatArray:
    """Rotation of the plane, shape (2, 2)."""
    c, s = math.cos(angle_rad), math.sin(angle_rad)
    return np.array([[c, -s], [s, c]])


def wrap(angle_rad: float) -> float:
    """The same angle in [-pi, pi]."""
    return math.remainder(angle_rad, math.tau)


def mean_heading(soles: FloatArray) -> float:
    """Direction between those of (left, right) soles (x, y, heading), shape (2, 3)."""
    left, right = soles[:, 2].tolist()
    return math.atan2(math.sin(left) + math.sin(right), math.cos(left) + math.cos(right))
