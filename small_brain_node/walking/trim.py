# SPDX-License-Identifier: Apache-2.0
"""What a gait learns as it goes: what to ask for, when feet land, what pushes, what slips."""

from __future__ import annotations

import math
from collections import deque

import numpy as np

from neuraxis_common.types import FloatArray
from small_brain_node.walking.dcm import bounded

# Share of the speed that was missing over the last two steps that is made up for per step.
_GAIN = 0.25
# What a shove does within two steps is no error of the gait.
_MOST_ERROR_M_S = 0.1
_MOST_M_S = np.array([0.25, 0.1])
# Share of a landing's lateness that the next swing of that foot makes up for.
_LANDING_GAIN = 0.3
_MOST_LATE_S = 0.06
# A lasting push: how long it is averaged over, how long a walk just begun counts as, and the most
# that one cycle may say of it.
_PUSH_S, _FIRST_S = 0.5, 0.1
_MOST_SEEN_M = 0.25
# Turn of a standing sole on the floor in one step: under half of the first where it holds.
_SLIP_RAD = 0.03
# What one slip takes off the speed at most, what a step without one gives back, and what is left.
_SLIP_COST, _REGAIN, _LEAST_SHARE = 0.2, 0.004, 0.4


class SpeedTrim:
    """Integrates the error of speed over whole strides, in which the sway cancels.

    Attributes:
        speed_m_s: Forward and left, to be added to the wanted velocity, shape (2,).
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget what was learnt."""
        self.speed_m_s = np.zeros(2)
        self._told_m, self._time_s = np.zeros(2), 0.0
        self._steps: deque[tuple[float, FloatArray]] = deque(maxlen=2)

    def move(self, dt_s: float, velocity_O_m_s: FloatArray) -> None:
        """Take note of what is wanted in this cycle, in odom, shape (2,)."""
        self._told_m = self._told_m + dt_s * velocity_O_m_s
        self._time_s += dt_s

    def step(self, place_O_m: FloatArray, R: FloatArray) -> None:
        """Learn at a landing.

        Args:
            place_O_m: Where the body is, shape (2,).
            R: Axes of the heading, shape (2, 2).
        """
        behind = self._told_m - place_O_m
        if len(self._steps) == 2:
            time_s, before = self._steps[0]
            error = R.T @ (behind - before) / max(self._time_s - time_s, 0.1)
            learnt = self.speed_m_s + _GAIN * bounded(error, _MOST_ERROR_M_S)
            self.speed_m_s = bounded(learnt, _MOST_M_S)
        self._steps.append((self._time_s, behind))


class LandingTrim:
    """Learns how much sooner each foot must come down to land in time.

    While a foot is late the body falls on, by a fifth of its way in 50 ms: a late foot lands where
    the body no longer is. Loaded legs sag and swinging legs lag by what the robot's gains leave, so
    it differs between robots.

    Attributes:
        early_s: By how much the way down is to end sooner than planned, (left, right), shape (2,).
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget what was learnt."""
        self.early_s = np.zeros(2)

    def landed(self, foot: int, late_s: float) -> None:
        """Learn from one landing, so late after the planned one."""
        learnt = self.early_s[foot] + _LANDING_GAIN * late_s
        self.early_s[foot] = min(max(learnt, 0.0), _MOST_LATE_S)


class LastingPush:
    """Learns what pushes the body all the time: wind, a load off its middle, soles that yield.

    Under a force F, the divergent component of motion (DCM) xi of a mass m moves as if it were
    d = F / (m omega^2) farther on: xi' = omega (xi + d - p). d is what the motion since the last
    cycle says, averaged; at first over the little time there was, for gusts do not wait.

    Attributes:
        offset_m: d in odom, shape (2,).
    """

    def __init__(self, omega_1_s: float, most_m: float) -> None:
        self._omega_1_s, self._most_m = omega_1_s, most_m
        self.reset()

    def reset(self) -> None:
        """Forget what was learnt."""
        self.offset_m = np.zeros(2)
        self._dcm_m: FloatArray | None = None
        self._time_s = 0.0

    def learn(self, dt_s: float, dcm_m: FloatArray, cop_m: FloatArray) -> None:
        """Take note of a cycle.

        Args:
            dt_s: Since the cycle before.
            dcm_m: Measured now, shape (2,).
            cop_m: Where the centre of pressure was wanted meanwhile, shape (2,).
        """
        before, self._dcm_m = self._dcm_m, dcm_m
        if before is None or dt_s <= 0.0:
            return
        grown = math.expm1(self._omega_1_s * dt_s)
        seen = (dcm_m - before) / grown - (before - cop_m)
        self._time_s += dt_s
        share = dt_s / min(_PUSH_S, self._time_s + _FIRST_S)
        learnt = self.offset_m + share * (bounded(seen, _MOST_SEEN_M) - self.offset_m)
        self.offset_m = bounded(learnt, self._most_m)

    def sideways(self, forward_O: FloatArray) -> FloatArray:
        """The part of it across a heading: what to add to the measured DCM, shape (2,).

        Ahead, longer and shorter steps make up for a push (`SpeedTrim`). There the offset ripples
        with each step, and at full speed the X2's policy fell over it.
        """
        left = np.array([-forward_O[1], forward_O[0]]) / math.hypot(*forward_O)
        return left * float(left @ self.offset_m)


class Traction:
    """Slows down where the standing sole turns on the floor: a swinging leg twists it.

    The gyroscope sees that turn, unlike a slide. The faster the legs swing, the harder they twist,
    so the share of the wanted speed that the floor bears is found by walking on it.

    Attributes:
        share: Of the wanted velocity, in (0, 1].
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Trust the floor."""
        self.share = 1.0

    def stepped(self, slip_rad: float) -> None:
        """Learn from the unsigned turn of the sole that bore one step."""
        if slip_rad > _SLIP_RAD:
            self.share *= 1.0 - min(slip_rad, _SLIP_COST)
        else:
            self.share += _REGAIN
        self.share = min(max(self.share, _LEAST_SHARE), 1.0)
