# SPDX-License-Identifier: Apache-2.0
"""Where the robot stands before a surface, by the surface's near edge."""

from __future__ import annotations

import math

import numpy as np

from big_brain_node.walk.follow import Pose
from neuraxis_common.surface import Surface
from neuraxis_common.types import FloatArray


def _along(surface: Surface) -> FloatArray:
    """Direction of the edge from its left to its right end, shape (2,)."""
    along = surface.edge_O_m[1] - surface.edge_O_m[0]
    return along / np.linalg.norm(along)


def facing_rad(surface: Surface) -> float:
    """Heading of a robot that looks straight onto the surface over its near edge."""
    x, y = _along(surface)
    return math.atan2(x, -y)


def to_edge_m(surface: Surface, pose: Pose) -> float:
    """Distance of a pose's position before the near edge; negative beyond it."""
    x, y = _along(surface)
    return float((surface.edge_O_m[0] - pose.xy_m) @ np.array([-y, x]))
