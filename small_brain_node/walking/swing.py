# SPDX-License-Identifier: Apache-2.0
"""Path of a swinging sole whose target may move until it lands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neuraxis_common.types import FloatArray

# The target is not chased any closer to touch-down than this.
_FREEZE_S = 0.05
# Share of the swing in which the sole goes up.
_RISE = 0.45
# The way down ends this long after the planned landing: its slow end touches the floor before.
_TAIL_S = 0.03
# Speed at which the sole goes on down while the floor has not come, and how it grows.
_SEEK_M_S = 0.15
_SEEK_M_S2 = 4.0


@dataclass(frozen=True)
class SwingState:
    """Wanted motion of the sole's middle in odom: x, y, z, heading. Shapes (4,), m and rad."""

    pos: FloatArray
    vel: FloatArray
    acc: FloatArray


class SwingPath:
    """Leaves the floor straight up and comes down flat, on a polynomial replanned every cycle.

    Args:
        start: x, y, z and heading of the sole at lift-off, shape (4,).
        duration_s: Planned time in the air.
        clearance_m: Height in the middle of the swing.

    Attributes:
        floor_m: Height of the floor that the sole left.
    """

    def __init__(self, start: FloatArray, duration_s: float, clearance_m: float) -> None:
        self.floor_m = float(start[2])
        self._duration_s, self._clearance_m = duration_s, clearance_m
        self._flat = SwingState(start.copy(), np.zeros(4), np.zeros(4))

    def advance(
        self, time_s: float, dt_s: float, target: FloatArray, early_s: float = 0.0
    ) -> SwingState:
        """Motion `dt_s` after the last one, `time_s` after lift-off.

        Args:
            time_s: Since lift-off.
            dt_s: Since the last call.
            target: x, y, floor height and heading of the landing, shape (4,).
            early_s: By how much the way down ends sooner; does not change during a swing.
        """
        left_s = self._duration_s - time_s
        target = target.copy()
        turn = target[3] - self._flat.pos[3]
        target[3] -= 2 * np.pi * np.round(turn / (2 * np.pi))
        if left_s > _FREEZE_S:
            self._flat = _towards(self._flat, target, left_s + dt_s, dt_s)
        else:
            pos = self._flat.pos + self._flat.vel * dt_s
            slowing = np.exp(-dt_s / (_FREEZE_S / 3))
            self._flat = SwingState(pos, self._flat.vel * slowing, np.zeros(4))
        z, vz, az = self._height(time_s, float(target[2]), early_s)
        pos, vel, acc = (row.copy() for row in (self._flat.pos, self._flat.vel, self._flat.acc))
        pos[2], vel[2], acc[2] = z, vz, az
        return SwingState(pos, vel, acc)

    def _height(self, time_s: float, floor_m: float, early_s: float) -> tuple[float, float, float]:
        """Height of the sole, its rate and acceleration."""
        rise_s = _RISE * self._duration_s
        fall_s = self._duration_s + _TAIL_S - early_s - rise_s
        if time_s < rise_s:
            share, slope, bend = _smooth(time_s / rise_s)
            low, span_s, sign = self.floor_m, rise_s, 1.0
        else:
            over_s = time_s - rise_s - fall_s
            if over_s > 0.0:
                fall_m_s = _SEEK_M_S + _SEEK_M_S2 * over_s
                depth_m = (_SEEK_M_S + fall_m_s) / 2 * over_s
                return floor_m - depth_m, -fall_m_s, -_SEEK_M_S2
            share, slope, bend = _smooth((time_s - rise_s) / fall_s)
            share, low, span_s, sign = 1.0 - share, floor_m, fall_s, -1.0
        rise_m = self._clearance_m + self.floor_m - low
        height = low + rise_m * share
        return height, sign * rise_m * slope / span_s, sign * rise_m * bend / span_s**2


def _towards(state: SwingState, target: FloatArray, left_s: float, dt_s: float) -> SwingState:
    """One step along the quintic that ends at rest at the target after `left_s`."""
    T, p, v, a = left_s, state.pos, state.vel, state.acc
    gap = target - (p + v * T + a * T**2 / 2)
    dv, da = -(v + a * T), -a
    c3 = (10 * gap - 4 * dv * T + da * T**2 / 2) / T**3
    c4 = (-15 * gap + 7 * dv * T - da * T**2) / T**4
    c5 = (6 * gap - 3 * dv * T + da * T**2 / 2) / T**5
    t = dt_s
    return SwingState(
        p + v * t + a * t**2 / 2 + c3 * t**3 + c4 * t**4 + c5 * t**5,
        v + a * t + 3 * c3 * t**2 + 4 * c4 * t**3 + 5 * c5 * t**4,
        a + 6 * c3 * t + 12 * c4 * t**2 + 20 * c5 * t**3,
    )


def _smooth(s: float) -> tuple[float, float, float]:
    """Minimum-jerk way from 0 to 1 with its first and second derivative."""
    return (
        s**3 * (10 + s * (-15 + 6 * s)),
        30 * s**2 * (1 - s) ** 2,
        60 * s * (1 - s) * (1 - 2 * s),
    )
