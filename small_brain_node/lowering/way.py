# SPDX-License-Identifier: Apache-2.0
"""Where between standing and the low posture the robot is to be, over time."""

from __future__ import annotations

import math
from dataclasses import dataclass

from small_brain_node.lowering.settings import LoweringSettings

_ARRIVED = 1e-4
# Cycles of braking in which a way that is as good as over may end.
_SLOW = 4.0


@dataclass(frozen=True)
class LowReference:
    """Wanted lowness: 0 standing, 1 in the low posture, and its rate."""

    share: float = 0.0
    rate_1_s: float = 0.0


class LowWay:
    """Goes to a goal with bounded speed and acceleration, and may be turned round at any time."""

    def __init__(self, settings: LoweringSettings) -> None:
        self._top = 1.0 / settings.way_s
        self._accel = self._top / settings.ramp_s
        self.begin(0.0)

    def begin(self, share: float) -> None:
        """Be at rest at a share of the way."""
        self._share = self._goal = share
        self._rate = 0.0

    def go(self, goal: float) -> None:
        """Head for standing, 0, or for the low posture, 1."""
        self._goal = goal

    @property
    def arrived(self) -> bool:
        """Whether the goal is reached."""
        return abs(self._goal - self._share) < _ARRIVED and self._rate == 0.0

    def advance(self, dt_s: float) -> LowReference:
        """Move on by a cycle."""
        left, step = self._goal - self._share, self._accel * dt_s
        # From this speed the way ends at the goal, given that it is left at the end of a cycle.
        most = math.sqrt(step**2 / 4 + 2 * self._accel * abs(left)) - step / 2
        wanted = math.copysign(min(self._top, most), left)
        self._rate += min(max(wanted - self._rate, -step), step)
        move = self._rate * dt_s
        there = abs(left) < _ARRIVED or (move * left > 0.0 and abs(move) >= abs(left))
        if there and abs(self._rate) <= _SLOW * step:
            self._share, self._rate = self._goal, 0.0
        else:
            self._share += move
        return LowReference(self._share, self._rate)
