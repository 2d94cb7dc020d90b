# SPDX-License-Identifier: Apache-2.0
"""What a deployment and a robot allow, and how the robot is when a plan is compiled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from big_brain_node.compiler.zones import Zones
from big_brain_node.ports import Side
from neuraxis_common.bounds import check_bounds
from neuraxis_common.errors import ConfigError
from neuraxis_common.types import FloatArray, SceneObject

SKILLS = ("put", "walk_to", "turn_to", "carry_to")
_BOUNDS = {"part_density_kg_m3": (10.0, 25_000.0)}


@dataclass(frozen=True)
class CompilerParams:
    """What this deployment allows.

    Attributes:
        allowed_skills: A plan with any other skill is refused.
        walk_loaded: Whether it may walk with something in a hand.
        part_density_kg_m3: What parts of unknown mass are taken to be made of; plastic and wood are
            lighter than the default, aluminium has 2700, steel 7850.
    """

    allowed_skills: tuple[str, ...] = SKILLS
    walk_loaded: bool = False
    part_density_kg_m3: float = 1000.0

    def __post_init__(self) -> None:
        """Raise ConfigError for a skill that does not exist or a density out of bounds."""
        object.__setattr__(self, "allowed_skills", tuple(self.allowed_skills))
        unknown = [name for name in self.allowed_skills if name not in SKILLS]
        if unknown or not self.allowed_skills:
            known = ", ".join(SKILLS)
            raise ConfigError(f"allowed_skills must be some of {known}, got {unknown or 'none'}")
        check_bounds(self, _BOUNDS)


@dataclass(frozen=True)
class Rules:
    """Everything that a plan is held against beside the scene.

    Attributes:
        payload_kg: What one arm may lift; infinite where nobody said.
        masses_kg: Known masses by label: ``red cube``.
    """

    params: CompilerParams = field(default_factory=CompilerParams)
    zones: Zones = field(default_factory=Zones)
    payload_kg: float = np.inf
    masses_kg: Mapping[str, float] = field(default_factory=dict)

    def mass_kg(self, part: SceneObject) -> float:
        """Known, else what the box around the part would weigh."""
        known = self.masses_kg.get(part.label)
        if known is not None:
            return known
        return float(np.prod(part.size_m)) * self.params.part_density_kg_m3


@dataclass(frozen=True)
class Situation:
    """The robot as measured.

    Attributes:
        held: Hands whose fingers press on something.
        T_OB: The base in odom, shape (4, 4).
    """

    held: tuple[Side, ...] = ()
    T_OB: FloatArray = field(default_factory=lambda: np.eye(4))
