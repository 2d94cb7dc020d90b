# SPDX-License-Identifier: Apache-2.0
"""A level surface ahead of the robot on which something can be set down."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from neuraxis_common.types import FloatArray

# Side of a spot.
SPOT_M = 0.03


@dataclass(frozen=True)
class Surface:
    """What is known of the surface ahead.

    Attributes:
        stamp_s: Of the image it was seen in.
        height_m: Above the floor, along z of odom.
        edge_O_m: Ends of the edge towards the robot in odom, the left one first as the robot faces
            it, shape (2, 2).
        free_O_m: Centres of spots of `SPOT_M` in odom that are seen with nothing on them, shape
            (n, 2).
        taken_O_m: Centres of spots over which something is seen, shape (m, 2).
    """

    stamp_s: float
    height_m: float
    edge_O_m: FloatArray
    free_O_m: FloatArray
    taken_O_m: FloatArray = field(default_factory=lambda: np.zeros((0, 2)))
