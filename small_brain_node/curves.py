# SPDX-License-Identifier: Apache-2.0
"""Smooth joint curves in time: the path itself, the way onto it, and the way to a stop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neuraxis_common.types import FloatArray, JointTrajectory


@dataclass(frozen=True)
class Sample:
    """Position, velocity and acceleration of n joints at one instant. Shapes (n,)."""

    pos: FloatArray
    vel: FloatArray
    acc: FloatArray


def hermite(
    s: float, h_s: float, p0: FloatArray, v0: FloatArray, p1: FloatArray, v1: FloatArray
) -> Sample:
    """Cubic Hermite segment.

    Args:
        s: Share of the segment in [0, 1].
        h_s: Length of the segment, > 0.
        p0: Position at the start, shape (n,).
        v0: Velocity at the start, shape (n,).
        p1: Position at the end, shape (n,).
        v1: Velocity at the end, shape (n,).
    """
    s2, s3 = s * s, s * s * s
    rise = p1 - p0
    pos = p0 + (3 * s2 - 2 * s3) * rise + h_s * ((s3 - 2 * s2 + s) * v0 + (s3 - s2) * v1)
    vel = (6 * s - 6 * s2) / h_s * rise + (3 * s2 - 4 * s + 1) * v0 + (3 * s2 - 2 * s) * v1
    acc = (6 - 12 * s) / h_s**2 * rise + ((6 * s - 4) * v0 + (6 * s - 2) * v1) / h_s
    return Sample(pos, vel, acc)


class TrajectoryCurve:
    """A joint trajectory joined without a jump to where the reference was before.

    The difference between the reference so far and the trajectory's start fades out as a cubic of
    its own, so neither position nor velocity steps.

    Args:
        trajectory: Path to follow, knots joined by cubic Hermite segments.
        start_s: When it starts.
        pos_rad: Reference position at `start_s`, shape (n,), order of the trajectory's joints.
        vel_rad_s: Reference velocity at `start_s`, shape (n,).
    """

    FADE_SPEED_RAD_S = 0.5
    MIN_FADE_S = 0.2

    def __init__(
        self,
        trajectory: JointTrajectory,
        start_s: float,
        pos_rad: FloatArray,
        vel_rad_s: FloatArray,
    ) -> None:
        self._path = trajectory
        self._start_s = start_s
        self._gap = pos_rad - trajectory.pos_rad[0]
        self._gap_vel = vel_rad_s - trajectory.vel_rad_s[0]
        self._fade_s = max(self.MIN_FADE_S, float(np.abs(self._gap).max()) / self.FADE_SPEED_RAD_S)
        self.end_s = start_s + max(trajectory.duration_s, self._fade_s)

    @property
    def goal_rad(self) -> FloatArray:
        """Last point, shape (n,)."""
        return self._path.pos_rad[-1]

    def at(self, now_s: float) -> Sample:
        """The reference at an instant; before the start it is the start, after the end the goal."""
        t_s = max(now_s - self._start_s, 0.0)
        on_path = self._on_path(t_s)
        if t_s >= self._fade_s:
            return on_path
        zero = np.zeros_like(self._gap)
        gap = hermite(t_s / self._fade_s, self._fade_s, self._gap, self._gap_vel, zero, zero)
        return Sample(on_path.pos + gap.pos, on_path.vel + gap.vel, on_path.acc + gap.acc)

    def _on_path(self, t_s: float) -> Sample:
        path = self._path
        if t_s >= path.t_s[-1]:
            zero = np.zeros(len(path.joint_names))
            return Sample(path.pos_rad[-1], zero, zero)
        k = int(np.searchsorted(path.t_s, t_s, side="right")) - 1
        h_s = float(path.t_s[k + 1] - path.t_s[k])
        share = float(t_s - path.t_s[k]) / h_s
        ends = (path.pos_rad[k], path.vel_rad_s[k], path.pos_rad[k + 1], path.vel_rad_s[k + 1])
        return hermite(share, h_s, *ends)


class StopCurve:
    """From a moving reference to rest, every joint slowing at a constant rate for the same time.

    Args:
        now_s: When it starts.
        pos_rad: Position at the start, shape (n,).
        vel_rad_s: Velocity at the start, shape (n,).
        decel_rad_s2: Deceleration of the fastest joint.
    """

    def __init__(
        self, now_s: float, pos_rad: FloatArray, vel_rad_s: FloatArray, decel_rad_s2: float
    ) -> None:
        self._start_s = now_s
        self._pos, self._vel = pos_rad.copy(), vel_rad_s.copy()
        self._length_s = float(np.abs(vel_rad_s).max(initial=0.0)) / decel_rad_s2
        self.end_s = now_s + self._length_s

    def at(self, now_s: float) -> Sample:
        """The reference at an instant; after the end it rests."""
        zero = np.zeros_like(self._pos)
        if self._length_s <= 0.0:
            return Sample(self._pos, zero, zero)
        t_s = min(max(now_s - self._start_s, 0.0), self._length_s)
        slowing = self._vel / self._length_s
        pos = self._pos + self._vel * t_s - 0.5 * slowing * t_s**2
        if t_s >= self._length_s:
            return Sample(pos, zero, zero)
        return Sample(pos, self._vel - slowing * t_s, -slowing)
