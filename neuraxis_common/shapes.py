# SPDX-License-Identifier: Apache-2.0
"""What there is to know about every shape of `plan.PartShape` and `plan.ContainerShape`.

The one table that grasping, locating, collision checks, drawing of scenes and Gazebo read.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Outline = Literal["square", "rectangle", "hexagon", "circle"]

# Pairs of parallel faces; any two opposite sides of a circle do, one pair stands for all.
_FACE_PAIRS: dict[Outline, int] = {"square": 2, "rectangle": 1, "hexagon": 3, "circle": 1}


@dataclass(frozen=True)
class ShapeTraits:
    """One shape.

    Attributes:
        kind: ``part`` or ``container``.
        outline: What it looks like from above.
        volume_share: Share of its bounding box that is solid, for masses.
        top_share: Width of its top over its full width. Where it is below 1, its top fifth is a
            cap: round, narrower, on the same axis.
    """

    kind: Literal["part", "container"]
    outline: Outline
    volume_share: float = 1.0
    top_share: float = 1.0

    @property
    def is_round(self) -> bool:
        """Whether a gripper may close on it from any side."""
        return self.outline == "circle"

    @property
    def has_axis(self) -> bool:
        """Whether a cylinder around it hugs it more closely than a box."""
        return self.outline in ("circle", "hexagon")

    @property
    def face_pairs(self) -> int:
        """Pairs of faces that a gripper can close on."""
        return _FACE_PAIRS[self.outline]

    @property
    def symmetry_rad(self) -> float:
        """Turn about z after which its outline is the same again; a half turn for round ones."""
        return math.pi / self.face_pairs


SHAPES: dict[str, ShapeTraits] = {
    "cube": ShapeTraits("part", "square"),
    "block": ShapeTraits("part", "rectangle"),
    "cylinder": ShapeTraits("part", "circle", math.pi / 4),
    "hexagon": ShapeTraits("part", "hexagon", 0.75),
    "bottle": ShapeTraits("part", "circle", 0.62, top_share=0.68),
    "can": ShapeTraits("part", "circle", math.pi / 4),
    "carton": ShapeTraits("part", "rectangle"),
    "cup": ShapeTraits("part", "circle", 0.35),
    "tray": ShapeTraits("container", "square"),
    "bin": ShapeTraits("container", "square"),
    "basket": ShapeTraits("container", "square"),
    "crate": ShapeTraits("container", "square"),
}
