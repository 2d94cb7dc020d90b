# SPDX-License-Identifier: Apache-2.0
"""What goes into and comes out of a cycle of the gait. Everything is horizontal and in odom."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from neuraxis_common.types import FloatArray


class Phase(Enum):
    """What the feet do."""

    STAND = "stand"
    START = "start"
    SINGLE = "single"
    DOUBLE = "double"
    SETTLE = "settle"


@dataclass(frozen=True)
class GaitGeometry:
    """Lengths of one robot in m.

    Attributes:
        width: Lateral distance of the soles when walking on the spot.
        width_min: Least lateral distance of the soles.
        reach: Longest step.
        stride: Longest advance per step that is aimed for.
        halves: Half length and width of the area in a sole for the centre of pressure while it
            bears all the weight, shape (2,).
        halves_both: The same while both soles share the weight, where ankles are no bound.
    """

    width: float
    width_min: float
    reach: float
    stride: float
    halves: FloatArray
    halves_both: FloatArray


@dataclass(frozen=True)
class GaitStep:
    """What the body should do in this cycle.

    Attributes:
        cop_O_m: Wanted centre of pressure, shape (2,).
        standing: Indices of the soles that bear load.
        swinging: Index of the sole in the air; None while both stand.
        time_s: Since the phase began.
        target: Landing x, y and heading of the swinging sole, shape (3,).
        early_s: By how much its way down is to end sooner.
        heading_rad: Wanted heading of the base.
        yaw_rate_rad_s: Its rate.
    """

    phase: Phase
    cop_O_m: FloatArray
    standing: tuple[int, ...]
    swinging: int | None
    time_s: float
    target: FloatArray
    heading_rad: float
    yaw_rate_rad_s: float
    early_s: float = 0.0


@dataclass(frozen=True)
class Measured:
    """Measured in one cycle.

    Attributes:
        dcm: Divergent component of motion, shape (2,).
        soles: x, y and heading of (left, right), shape (2, 3).
        load: Share of the weight on each foot, shape (2,).
    """

    dcm: FloatArray
    soles: FloatArray
    load: FloatArray
