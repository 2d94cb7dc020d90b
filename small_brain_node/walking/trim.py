# SPDX-License-Identifier: Apache-2.0
"""What must be asked of the gait so that it gets as far as it was told."""

from __future__ import annotations

from collections import deque

import numpy as np

from neuraxis_common.types import FloatArray
from small_brain_node.walking.dcm import bounded

# Share of the speed that was missing over the last two steps that is made up for per step.
_GAIN = 0.25
# What a shove does within two steps is no error of the gait.
_MOST_ERROR_M_S = 0.1
_MOST_M_S = np.array([0.25, 0.1])


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
