# SPDX-License-Identifier: Apache-2.0
"""Ties `walk_to`, `turn_to` and `carry_to` steps to places that the robot was taught."""

from __future__ import annotations

from dataclasses import dataclass

from big_brain_node.compiler.ground import View
from big_brain_node.walk.config import WalkConfig
from big_brain_node.walk.ports import Legs
from big_brain_node.walk.site import Place, Site
from big_brain_node.walk.work import WorkStance
from neuraxis_common.errors import Rejected
from neuraxis_common.plan import CarryToStep, TurnToStep, WalkToStep
from neuraxis_common.types import SceneObject


@dataclass(frozen=True)
class GroundedWalk:
    """One `walk_to`, or with `turn_only` one `turn_to`, with its place looked up."""

    index: int
    name: str
    place: Place
    turn_only: bool = False

    @property
    def label(self) -> str:
        """For feedback and logs: ``walk to shelf``."""
        return f"{'turn' if self.turn_only else 'walk'} to {self.name}"


@dataclass(frozen=True)
class GroundedCarry:
    """One `carry_to` with its part tied to a tracked object and its place looked up."""

    index: int
    part: SceneObject
    name: str
    place: Place

    @property
    def label(self) -> str:
        """For feedback and logs: ``carry red cube to shelf``."""
        return f"carry {self.part.label} to {self.name}"


@dataclass(frozen=True)
class WalkTools:
    """What walking acts through.

    Attributes:
        work: How the robot stands at a surface to work; None for one that steps up to none.
    """

    legs: Legs
    site: Site
    config: WalkConfig
    work: WorkStance | None = None


def ground_walk(
    index: int, step: WalkToStep | TurnToStep, tools: WalkTools | None
) -> GroundedWalk | Rejected:
    """Look the step's place up, or say why it cannot be walked to."""
    place = _place(step.place, tools)
    if isinstance(place, Rejected):
        return place
    return GroundedWalk(index, step.place, place, isinstance(step, TurnToStep))


def ground_carry(
    index: int, step: CarryToStep, view: View, tools: WalkTools | None
) -> GroundedCarry | Rejected:
    """Look the place up, then find the part in the view."""
    place = _place(step.place, tools)
    if isinstance(place, Rejected):
        return place
    part = view.find(step.object, "part")
    if isinstance(part, Rejected):
        return part
    return GroundedCarry(index, part, step.place, place)


def _place(name: str, tools: WalkTools | None) -> Place | Rejected:
    if tools is None:
        return Rejected("unsupported_action", "this robot was not set up to walk to places")
    return tools.site.find(name)
