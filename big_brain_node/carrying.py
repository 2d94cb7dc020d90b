# SPDX-License-Identifier: Apache-2.0
"""Carrying a part to a place: taken at the bench, stowed, walked with, set down there."""

from __future__ import annotations

from typing import Any

from py_trees.common import Status
from py_trees.composites import Sequence

from big_brain_node.compiler.words import name_zh
from big_brain_node.looks import LookForPart
from big_brain_node.ports import GripResult
from big_brain_node.scene_query import by_track
from big_brain_node.set_down import set_down_skills
from big_brain_node.skills import Attempt, Grip, Move, Reach, Skill, StillHolding, Tools
from big_brain_node.walk.grounding import GroundedCarry, GroundedWalk
from big_brain_node.walk.skill import Walk
from big_brain_node.walk.step_up import StepBack, StepUp
from neuraxis_common.errors import Rejected
from neuraxis_common.types import FloatArray, SceneSnapshot

# The fingers' measured force dips with a step; a part that is gone does not come back.
_GONE_S = 0.3


class Take(Reach):
    """Choose hand and grasp for a part that goes into no container, and go before it."""

    def _choose(self, joint_pos_rad: FloatArray, scene: SceneSnapshot) -> Any:
        attempt = self.attempt
        part = by_track(scene, attempt.step.part)
        return self.tools.planner.plan_reach(joint_pos_rad, scene, part, None, attempt.avoid)


class _ToPlace(Skill):
    """Mixed into a skill of the legs: what it refuses is about the place, not about the part."""

    def check(self) -> Status | Rejected:
        """The skill's own outcome."""
        outcome, step = super().check(), self.attempt.step
        if not isinstance(outcome, Rejected):
            return outcome
        where = {"object": step.name, "object_zh": next(iter(step.place.names), step.name)}
        return Rejected(outcome.code, outcome.reason, where | outcome.details)


class _Holding(_ToPlace):
    """The same with the part in hand: it ends, standing, as soon as that is lost."""

    def start(self) -> None:
        """The part is in the hand now."""
        self._held_s = self.attempt.now_s
        self._refused: Rejected | None = None
        super().start()

    def check(self) -> Status | Rejected:
        """One velocity per tick while the fingers press on something."""
        attempt, now_s = self.attempt, self.attempt.now_s
        result = self.tools.body.gripping(attempt.carry.side)
        if isinstance(result, GripResult) and result.holding:
            self._held_s = now_s
        if now_s - self._held_s > _GONE_S:
            reason = f"the {attempt.step.part.label} was lost on the way to {attempt.step.name}"
            part = attempt.step.part
            zh = name_zh(part.color, part.shape)
            return Rejected("part_dropped", reason, {"object": part.label, "object_zh": zh})
        outcome = self._refused or super().check()
        if isinstance(outcome, Rejected) and self._held_s < now_s:
            # What is in the way may be the very part, fallen: wait for what the fingers say.
            self._refused = outcome
            return Status.RUNNING
        return outcome


class WalkHolding(_Holding, Walk):
    """Walk with the part in hand."""

    def start(self) -> None:
        """Leave the bench and what was seen on it behind."""
        attempt = self.attempt
        attempt.away, attempt.part_O_m = True, None
        attempt.scene = SceneSnapshot(attempt.now_s)
        super().start()

    def check(self) -> Status | Rejected:
        """The same; over topics surfaces come some time after they are first asked for."""
        self._walk.legs.surface()
        return super().check()


class StepUpHolding(_Holding, StepUp):
    """Step up to the surface with the part in hand."""


class StepBackToPlace(_ToPlace, StepBack):
    """Step back to where the walk to the place ended."""


def carry_tree(attempt: Attempt, tools: Tools, step: GroundedCarry) -> Sequence:
    """Look, take, lift, stow, walk, step up, set down, step back."""
    planner = tools.planner

    def carried(plan):
        return lambda joint_pos_rad, scene: plan(joint_pos_rad, scene, attempt.carry)

    tree = Sequence("carry", memory=True)
    tree.add_children(
        [
            LookForPart("look", attempt, tools, tools.config.look_timeout_s),
            Take(attempt, tools),
            Move("grasp", attempt, tools, carried(planner.plan_grasp)),
            Grip(attempt, tools, close=True, force_N=tools.config.carry_force_N),
            Move("lift", attempt, tools, carried(planner.plan_lift)),
            StillHolding(attempt, tools, "lift"),
            Move("stow", attempt, tools, carried(planner.plan_stow)),
            StillHolding(attempt, tools, "stow"),
            WalkHolding(attempt, tools, GroundedWalk(step.index, step.name, step.place)),
            StepUpHolding(attempt, tools, step),
            *set_down_skills(attempt, tools),
            StepBackToPlace(attempt, tools, step),
        ]
    )
    return tree
