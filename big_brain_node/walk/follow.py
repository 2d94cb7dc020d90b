# SPDX-License-Identifier: Apache-2.0
"""Velocities that follow a way, turn to a heading and step into place."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from big_brain_node.walk.config import WalkConfig
from neuraxis_common.types import FloatArray

STILL = np.zeros(3)
# Turn first where the way leads this far to the side; walk on once it leads less.
_TURN_FIRST_RAD, _WALK_ON_RAD = 0.7, 0.3
_TURN_GAIN_1_S, _STEP_GAIN_1_S = 1.2, 0.8
# Slower than this a biped marks time without getting on.
_LEAST_TURN_RAD_S = 0.12
_LEAST_STEP_M_S = 0.04


@dataclass(frozen=True)
class Pose:
    """Where the robot stands in odom and where it faces."""

    x_m: float
    y_m: float
    yaw_rad: float

    @property
    def xy_m(self) -> FloatArray:
        """Position, shape (2,)."""
        return np.array([self.x_m, self.y_m])

    def to(self, point_O_m: FloatArray) -> FloatArray:
        """A point of odom in this pose's own axes, shape (2,)."""
        dx, dy = point_O_m - self.xy_m
        c, s = math.cos(self.yaw_rad), math.sin(self.yaw_rad)
        return np.array([c * dx + s * dy, c * dy - s * dx])

    def behind(self, distance_m: float) -> Pose:
        """The same heading so far back."""
        c, s = math.cos(self.yaw_rad), math.sin(self.yaw_rad)
        return Pose(self.x_m - c * distance_m, self.y_m - s * distance_m, self.yaw_rad)

    def apart(self, other: Pose) -> tuple[float, float]:
        """Distance in m and unsigned difference of heading in rad."""
        distance = float(np.linalg.norm(self.xy_m - other.xy_m))
        return distance, abs(wrap(self.yaw_rad - other.yaw_rad))


def pose_of(T_OB: FloatArray) -> Pose:
    """Place and heading of a base in odom, shape (4, 4)."""
    yaw = math.atan2(T_OB[1, 0], T_OB[0, 0])
    return Pose(float(T_OB[0, 3]), float(T_OB[1, 3]), yaw)


def wrap(angle_rad: float) -> float:
    """The same angle in (-pi, pi]."""
    return math.atan2(math.sin(angle_rad), math.cos(angle_rad))


def turning(pose: Pose, yaw_rad: float, config: WalkConfig) -> FloatArray:
    """Velocity that turns on the spot to a heading, shape (3,)."""
    error = wrap(yaw_rad - pose.yaw_rad)
    rate = min(max(_TURN_GAIN_1_S * abs(error), _LEAST_TURN_RAD_S), config.turn_rad_s)
    return np.array([0.0, 0.0, math.copysign(rate, error)])


def stepping(pose: Pose, goal: Pose, config: WalkConfig) -> FloatArray:
    """Velocity that steps to a pose near by without turning away from its heading, shape (3,)."""
    ahead = pose.to(goal.xy_m)
    distance = float(np.linalg.norm(ahead))
    velocity = np.zeros(3)
    if distance > 0.5 * config.position_m:
        speed = min(max(_STEP_GAIN_1_S * distance, _LEAST_STEP_M_S), config.near_speed_m_s)
        velocity[:2] = speed * ahead / distance
    error = wrap(goal.yaw_rad - pose.yaw_rad)
    if abs(error) > 0.4 * config.heading_rad:
        velocity[2] = turning(pose, goal.yaw_rad, config)[2]
    return velocity


class Follower:
    """Pure pursuit along one way; call `velocity` at a steady rate."""

    def __init__(self, config: WalkConfig) -> None:
        self._config = config
        self._turning = True

    def velocity(self, pose: Pose, way_O_m: FloatArray) -> FloatArray:
        """Velocity towards the point that lies the look-ahead further on the way, shape (3,)."""
        config = self._config
        target, left_m = _ahead(pose.xy_m, way_O_m, config.look_ahead_m)
        forward, left = pose.to(target)
        error = math.atan2(left, forward)
        self._turning = abs(error) > (_WALK_ON_RAD if self._turning else _TURN_FIRST_RAD)
        if self._turning:
            return turning(pose, pose.yaw_rad + error, config)
        rate = float(np.clip(_TURN_GAIN_1_S * error, -config.turn_rad_s, config.turn_rad_s))
        slow = min(1.0, max(left_m, 0.1) / (2 * config.look_ahead_m))
        return np.array([config.speed_m_s * slow * math.cos(error), 0.0, rate])


def _ahead(xy_m: FloatArray, way_O_m: FloatArray, ahead_m: float) -> tuple[FloatArray, float]:
    """The point of a way some distance beyond the one nearest to `xy_m`, and the length left."""
    steps = np.diff(way_O_m, axis=0)
    lengths = np.linalg.norm(steps, axis=1)
    safe = np.maximum(lengths, 1e-9)
    share = np.clip(((xy_m - way_O_m[:-1]) * steps).sum(axis=1) / safe**2, 0.0, 1.0)
    feet = way_O_m[:-1] + share[:, None] * steps
    nearest = int(np.argmin(np.linalg.norm(feet - xy_m, axis=1)))
    along = np.concatenate([[0.0], np.cumsum(lengths)])
    here = along[nearest] + share[nearest] * lengths[nearest]
    there = min(here + ahead_m, along[-1])
    target = np.array([np.interp(there, along, way_O_m[:, axis]) for axis in (0, 1)])
    return target, float(along[-1] - here)
