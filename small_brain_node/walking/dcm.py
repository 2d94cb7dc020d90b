# SPDX-License-Identifier: Apache-2.0
"""Motion of the divergent component of motion (DCM) of a linear inverted pendulum over steps.

With height z and omega = sqrt(g / z), the DCM xi = c + c' / omega of a centre of mass c moves by
xi' = omega (xi - p) away from the centre of pressure p. Takenaka et al., IROS 2009; Englsberger et
al., T-RO 31(2), 2015; steps from the DCM at touch-down as in Khadiv et al., T-RO 36(3), 2020, here
with a double support in which p goes from one sole to the next in a straight line.

Points and offsets are horizontal, in m, shape (2,); an offset is that of the DCM from a sole.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from neuraxis_common.types import FloatArray


@dataclass(frozen=True)
class Pendulum:
    """Growth of DCM offsets over one step.

    Attributes:
        omega_1_s: Rate of divergence.
        single_s: Time on one foot.
        double_s: Time on both feet.
    """

    omega_1_s: float
    single_s: float
    double_s: float

    @property
    def step_s(self) -> float:
        """Time from one lift-off to the next."""
        return self.single_s + self.double_s

    def growth(self, time_s: float) -> float:
        """How much an offset from a resting centre of pressure grows."""
        return math.exp(self.omega_1_s * time_s)

    def pull(self, time_s: float) -> float:
        """Offset lost per speed of the centre of pressure that moves ahead, s."""
        return (self.growth(time_s) - 1.0) / self.omega_1_s

    def lift_off_offset(self, advance: FloatArray, sway: FloatArray) -> FloatArray:
        """Offset from the stance sole at lift-off that repeats itself.

        Args:
            advance: Displacement per step that every step has.
            sway: Displacement of the coming step beyond it; the next one has its opposite.
        """
        growth, pull = self.growth(self.step_s), self.pull(self.double_s) / self.double_s
        return pull * (advance / (growth - 1.0) + sway / (growth + 1.0))

    def touch_down_offset(self, displacement: FloatArray, next_offset: FloatArray) -> FloatArray:
        """Offset from the stance sole at touch-down that leads to `next_offset` at lift-off."""
        pull = self.pull(self.double_s) / self.double_s
        return (next_offset + pull * displacement) / self.growth(self.double_s)

    def displacement(self, touch_down: FloatArray, next_offset: FloatArray) -> FloatArray:
        """Step that turns an offset at touch-down into `next_offset` at lift-off."""
        pull = self.pull(self.double_s) / self.double_s
        return (self.growth(self.double_s) * touch_down - next_offset) / pull

    def transfer_offset(
        self, left_s: float, speed_m_s: FloatArray, next_offset: FloatArray
    ) -> FloatArray:
        """Offset from a moving centre of pressure that becomes `next_offset` after `left_s`."""
        ahead = next_offset + speed_m_s * self.pull(left_s)
        return ahead / self.growth(left_s)

    def after(self, dcm: FloatArray, cop: FloatArray, time_s: float) -> FloatArray:
        """The DCM after a time with the centre of pressure at rest."""
        return cop + self.growth(time_s) * (dcm - cop)


def min_jerk(share: float) -> tuple[float, float]:
    """Smooth way from 0 to 1 and its slope, at a share of the time in [0, 1]."""
    s = min(max(share, 0.0), 1.0)
    return s**3 * (10 + s * (-15 + 6 * s)), 30 * s**2 * (1 - s) ** 2


def bounded(values: FloatArray, most: FloatArray | float) -> FloatArray:
    """Values within +-most; numpy's own clip costs four times as much on short vectors."""
    return np.minimum(np.maximum(values, -most), most)
