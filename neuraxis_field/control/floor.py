# SPDX-License-Identifier: Apache-2.0
"""Floors of training episodes."""

from __future__ import annotations

import math

import mujoco
import numpy as np

_BUMPS = 25
_NEAREST_M, _FARTHEST_M = 0.45, 6.0
_LOW_M, _HIGH_M = 0.005, 0.02
_HALF_LENGTH_M = (0.3, 1.2)
# A bump is the top of a cylinder that lies in the floor, this many times as thick as it is high.
_ROUND = 8.0


class RoughFloor:
    """Bumps that lie about a robot at the origin in all directions, thresholds and cables.

    Args:
        rng: Draws them.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self._away_m = rng.uniform(_NEAREST_M, _FARTHEST_M, _BUMPS)
        self._bearing, self._heading = rng.uniform(-math.pi, math.pi, (2, _BUMPS))
        self._high_m = rng.uniform(_LOW_M, _HIGH_M, _BUMPS)
        self._half_m = rng.uniform(*_HALF_LENGTH_M, _BUMPS)

    def add_to_spec(self, spec: mujoco.MjSpec) -> None:
        """Lay the bumps that do not lie under the robot's feet."""
        rows = zip(
            self._away_m, self._bearing, self._heading, self._high_m, self._half_m, strict=True
        )
        for i, (away_m, bearing, heading, high_m, half_m) in enumerate(rows):
            place = away_m * np.array([math.cos(bearing), math.sin(bearing)])
            along = np.array([math.cos(heading), math.sin(heading)])
            to_robot_m = np.linalg.norm(place - along * np.clip(place @ along, -half_m, half_m))
            if to_robot_m < _NEAREST_M:
                continue
            radius_m = _ROUND * high_m
            bump = spec.worldbody.add_geom(name=f"bump{i}", type=mujoco.mjtGeom.mjGEOM_CYLINDER)
            bump.size = [radius_m, half_m, 0.0]
            bump.pos = [*place, high_m - radius_m]
            # The cylinder's axis, z, comes to lie along the heading.
            turn = np.array([-along[1], along[0], 0.0]) * math.sqrt(0.5)
            bump.quat = [math.sqrt(0.5), *turn]
            bump.friction = [1.0, 0.02, 0.001]
