# SPDX-License-Identifier: Apache-2.0
"""From a plan to grounded steps that may be done, one after the other, or the first refusal.

Reach and collision come after this, see `reach`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from big_brain_node.compiler.ground import GroundedStep, View, ground_put
from big_brain_node.compiler.rules import Rules, Situation
from big_brain_node.compiler.words import about
from big_brain_node.walk.grounding import (
    GroundedCarry,
    GroundedWalk,
    WalkTools,
    ground_carry,
    ground_walk,
)
from big_brain_node.walk.site import Place
from neuraxis_common.errors import Rejected
from neuraxis_common.plan import CarryToStep, Plan, PutStep
from neuraxis_common.types import SceneObject, SceneSnapshot

# A robot stands nearer than this to the edge that it works at.
_AT_WORK_M = 0.5

Grounded = GroundedStep | GroundedWalk | GroundedCarry


def compile_plan(
    plan: Plan,
    scene: SceneSnapshot,
    min_iou: float,
    max_age_s: float,
    walk: WalkTools | None = None,
    rules: Rules | None = None,
    now: Situation | None = None,
) -> tuple[Grounded, ...] | Rejected:
    """Ground every step and hold it against what the steps before it make true.

    Args:
        plan: A plan with steps; a refusing plan is handed back as the refusal it is.
        scene: Snapshot at the stamp of the image that the brain saw.
        min_iou: Overlap from which a box is an object.
        max_age_s: Oldest observation that counts as seen.
        walk: Knows the places; None for a robot that does not walk to any.
        rules: What is allowed; by default every skill, anywhere, of any weight.
        now: The robot at that instant; by default with empty hands at odom's origin.

    Returns:
        The grounded steps in order, or `Rejected` with ``step`` and ``object`` in its details; for
        the codes see `words.CODES`.
    """
    if plan.refusal is not None:
        details = {"suggestion": plan.refusal.suggestion, "language": plan.language}
        return Rejected(plan.refusal.code, plan.refusal.reason, details)
    view, course = View(scene, min_iou, max_age_s), Course(rules or Rules(), now or Situation())
    steps: list[Grounded] = []
    for index, step in enumerate(plan.steps):
        grounded = course.forbidden(step.skill)
        if grounded is None and isinstance(step, PutStep):
            grounded = ground_put(index, step, view)
        elif grounded is None and isinstance(step, CarryToStep):
            grounded = ground_carry(index, step, view, walk)
        elif grounded is None:
            grounded = ground_walk(index, step, walk)
        if isinstance(grounded, Rejected):
            return about(grounded, step, index)
        refused = course.take(grounded, walk)
        if refused is not None:
            return about(refused, grounded, index)
        steps.append(grounded)
    return tuple(steps)


def compile_again(
    steps: tuple[Grounded, ...], walk: WalkTools | None, rules: Rules, now: Situation
) -> Rejected | None:
    """Hold steps that are grounded already against the rules, as `compile_plan` does."""
    course = Course(rules, now)
    for step in steps:
        refused = course.forbidden(skill_of(step)) or course.take(step, walk)
        if refused is not None:
            return about(refused, step, step.index)
    return None


def skill_of(step: Grounded) -> str:
    """The skill's name in plans."""
    if isinstance(step, GroundedWalk):
        return "turn_to" if step.turn_only else "walk_to"
    return "carry_to" if isinstance(step, GroundedCarry) else "put"


@dataclass
class Course:
    """What is true when a step begins, if every step before it went well."""

    rules: Rules
    now: Situation
    _taken: set[str] = field(default_factory=set)
    _went: str = ""

    def forbidden(self, skill: str) -> Rejected | None:
        """Whether this deployment does not want a skill."""
        allowed = self.rules.params.allowed_skills
        if skill in allowed:
            return None
        reason = f"'{skill}' is not among the skills allowed here: {', '.join(allowed)}"
        return Rejected("forbidden_skill", reason, {"skill": skill, "allowed": list(allowed)})

    def take(self, step: Grounded, walk: WalkTools | None) -> Rejected | None:
        """Whether a step may come next; if so it counts as done from here on."""
        if isinstance(step, GroundedWalk):
            return self._walk(step, walk)
        if isinstance(step, GroundedCarry):
            return self._carry(step, walk)
        return self._put(step)

    def _put(self, step: GroundedStep) -> Rejected | None:
        part, box = step.part, step.container
        refused = self._may_take(part)
        if refused is not None:
            return refused
        if np.any(np.sort(part.size_m[:2]) > np.sort(box.size_m[:2])):
            reason = f"the {part.label} is larger than the {box.label}"
            sizes = {"value": _mm(part.size_m), "bound": _mm(box.size_m)}
            return Rejected("does_not_fit", reason, sizes)
        return self._pick(part, box)

    def _carry(self, step: GroundedCarry, walk: WalkTools | None) -> Rejected | None:
        part = step.part
        refused = self._may_take(part)
        if refused is not None:
            return refused
        away_m = float(np.linalg.norm(step.place.stance(0.0).xy_m - self.now.T_OB[:2, 3]))
        if away_m < _AT_WORK_M:
            reason = f"the {part.label} is at {step.name} already, {away_m:.2f} m from the robot"
            values = {"value": round(away_m, 3), "bound": _AT_WORK_M}
            return Rejected("nothing_to_do", reason, values)
        return self._pick(part) or self._go(step.name, step.place, walk)

    def _may_take(self, part: SceneObject) -> Rejected | None:
        if self.now.held:
            return self._hand_full("take another part")
        if self._went:
            reason = f"the {part.label} was seen before the plan goes to {self._went}"
            return Rejected("seen_elsewhere", reason, {"place": self._went})
        if part.track_id in self._taken:
            return Rejected("object_used_twice", f"the plan moves the {part.label} twice")
        return None

    def _pick(self, *things: SceneObject) -> Rejected | None:
        """A part, and a container where it goes into one: its mass, and the zones at both."""
        part = things[0]
        mass_kg, bound_kg = self.rules.mass_kg(part), self.rules.payload_kg
        if mass_kg > bound_kg:
            known = part.label in self.rules.masses_kg
            reason = (
                f"the {part.label} {'weighs' if known else 'may weigh'} {mass_kg:.2f} kg,"
                f" an arm lifts {bound_kg:g} kg"
            )
            values = {"value": round(mass_kg, 3), "bound": bound_kg, "known": known}
            return Rejected("too_heavy", reason, values)
        for item in things:
            found = self.rules.zones.near_hand(item, self.now.T_OB)
            if found is not None:
                return _keep_out(f"a hand at the {item.label}", *found)
        self._taken.add(part.track_id)
        return None

    def _walk(self, step: GroundedWalk, walk: WalkTools | None) -> Rejected | None:
        if self.now.held and not self.rules.params.walk_loaded:
            return self._hand_full("walk")
        if step.turn_only:
            self._went = step.name
            return None
        return self._go(step.name, step.place, walk)

    def _go(self, name: str, place: Place, walk: WalkTools | None) -> Rejected | None:
        self._went = name
        if walk is None:
            return None
        stance = place.stance(walk.config.stance_m)
        found = self.rules.zones.near_walk(stance.xy_m, walk.config.radius_m)
        if found is None:
            return None
        return _keep_out(f"the robot at {name}", *found)

    def _hand_full(self, what: str) -> Rejected:
        sides = " and ".join(self.now.held)
        reason = f"the {sides} hand holds something, so the robot must not {what}"
        return Rejected("hand_full", reason, {"held": list(self.now.held)})


def _keep_out(what: str, zone: str, distance_m: float) -> Rejected:
    reason = f"{what} would enter the keep-out zone '{zone}'"
    return Rejected("keep_out", reason, {"zone": zone, "distance_m": round(distance_m, 3)})


def _mm(size_m: np.ndarray) -> list[int]:
    return [round(1e3 * float(value)) for value in size_m[:2]]
