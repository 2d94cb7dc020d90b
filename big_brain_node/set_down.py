# SPDX-License-Identifier: Apache-2.0
"""Setting a held part down on the surface that the robot has stepped up to."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from py_trees.behaviour import Behaviour
from py_trees.common import Status
from py_trees.composites import Sequence
from py_trees.decorators import Decorator

from big_brain_node.looks import SETTLE_S
from big_brain_node.skills import NOT_VERIFIED, Attempt, Grip, Move, Skill, StillHolding, Tools
from neuraxis_common.errors import Rejected
from neuraxis_common.surface import Surface
from neuraxis_common.types import FloatArray, JointTrajectory, SceneObject, SceneSnapshot

# A robot that has stopped walking rises to its stance after a while. Then it moves by less in so
# long. A policy may also stay low, and then creeps, until an arm moves: measured up to 7 mm/s.
_STEADY_M, _STEADY_S = 0.004, 0.8
_RISEN_M = 0.015
_LOW_AFTER_S, _LOW_STEADY_M = 3.0, 0.012
_STEADY_TIMEOUT_S = 10.0
# A part is seen this near to where it was let go.
_SEEN_WITHIN_M = 0.06
# What a motion ends with that must not go on over what was seen before a pause.
_LOOK_AGAIN = "look_again"


@dataclass
class Spot:
    """What the skills of one set down share.

    Attributes:
        surface: As seen before the hand went over it.
        part_O_m: Centre of the part in odom when it was let go, shape (3,).
    """

    surface: Surface | None = None
    part_O_m: FloatArray | None = None


def set_down_skills(attempt: Attempt, tools: Tools) -> list[Behaviour]:
    """Stand, over a free spot, stand, down, release, up, home, and see it stand there."""
    planner, spot = tools.planner, Spot()

    def carried(plan: Callable) -> Callable:
        return lambda pos_rad, scene, T_OB: plan(pos_rad, scene, attempt.carry, spot.surface, T_OB)

    def handed(plan: Callable) -> Callable:
        return lambda pos_rad, scene, T_OB: plan(
            pos_rad, scene, attempt.carry.side, spot.surface, T_OB
        )

    back = carried(planner.plan_set_back)
    over_and_down = Sequence("over and down", memory=True)
    over_and_down.add_children(
        [
            Steady(attempt, tools, spot, look=True),
            SeenMove("set over", attempt, tools, spot, carried(planner.plan_set_over)),
            StillHolding(attempt, tools, "set over"),
            Steady(attempt, tools, spot, look=False),
            SeenMove("set down", attempt, tools, spot, carried(planner.plan_set_down), back),
        ]
    )
    return [
        Anew(over_and_down, attempt),
        LetGo(attempt, tools, spot),
        SetMove("retreat", attempt, tools, spot, handed(planner.plan_set_retreat)),
        SetMove("home", attempt, tools, spot, handed(planner.plan_set_home)),
        SeenThere(attempt, tools, spot),
    ]


class Steady(Skill):
    """Wait until the base stands still; with `look` then for a view of the surface from there."""

    def __init__(self, attempt: Attempt, tools: Tools, spot: Spot, look: bool) -> None:
        name = "stand" if look else "stand with the part out"
        super().__init__(name, attempt, tools, _STEADY_TIMEOUT_S)
        self._spot, self._look = spot, look

    def start(self) -> None:
        """Nothing is known of how the base moves."""
        self._track: deque[tuple[float, FloatArray]] = deque()

    def check(self) -> Status | Rejected:
        """Compare with where the base was a while ago."""
        now_s, at_O_m = self.attempt.now_s, self.tools.body.base_in_odom()[:3, 3].copy()
        self._track.append((now_s, at_O_m))
        while now_s - self._track[0][0] > _STEADY_S:
            self._track.popleft()
        surface = self.tools.walk.legs.surface() if self._look else None
        if not self._stands(now_s, at_O_m):
            return Status.RUNNING
        if not self._look:
            return Status.SUCCESS
        if surface is None or surface.stamp_s < self._track[0][0]:
            late = now_s - self._started_s > self.timeout_s
            return Rejected("no_surface", "no surface is seen ahead") if late else Status.RUNNING
        self._spot.surface = surface
        return Status.SUCCESS

    def _stands(self, now_s: float, at_O_m: FloatArray) -> bool:
        waited_s, work = now_s - self._started_s, self.tools.walk.work
        if waited_s < _STEADY_S:
            return False
        moved_m = max(float(np.linalg.norm(at_O_m - then)) for _, then in self._track)
        if work is not None and abs(at_O_m[2] - work.base_z_m) < _RISEN_M:
            return moved_m < _STEADY_M
        return waited_s > _LOW_AFTER_S and moved_m < _LOW_STEADY_M


class SetMove(Move):
    """A motion at the surface, planned from the measured joints and base of that instant."""

    def __init__(
        self,
        name: str,
        attempt: Attempt,
        tools: Tools,
        spot: Spot,
        plan: Callable[[FloatArray, SceneSnapshot, FloatArray], JointTrajectory | Rejected],
    ) -> None:
        super().__init__(name, attempt, tools, self._plan_here)
        self._spot, self._plan_at = spot, plan
        self._T_OB: FloatArray = np.eye(4)

    def start(self) -> None:
        """Note where the base is, then plan."""
        self._T_OB = self.tools.body.base_in_odom().copy()
        super().start()

    def _plan_here(self, pos_rad: FloatArray, _scene: SceneSnapshot) -> JointTrajectory | Rejected:
        # What was seen at the bench is not here.
        T_OB = self._T_OB
        scene = SceneSnapshot(self.attempt.now_s, self._set_down(T_OB))
        scene = self.tools.rules.zones.with_hands(scene, T_OB)
        return self._plan_at(pos_rad, scene, T_OB)

    def _set_down(self, T_OB: FloatArray) -> tuple[SceneObject, ...]:
        """The part where it was let go."""
        at_O_m = self._spot.part_O_m
        if at_O_m is None:
            return ()
        center_B_m = T_OB[:3, :3].T @ (at_O_m - T_OB[:3, 3])
        return (replace(self.attempt.carry.part, center_B_m=center_B_m),)


class SeenMove(SetMove):
    """A motion over what was seen. Where a pause came since, that is looked at again instead.

    Args:
        back: Takes the hand out of the view first; None where it is not in it.
    """

    def __init__(
        self,
        name: str,
        attempt: Attempt,
        tools: Tools,
        spot: Spot,
        plan: Callable[..., JointTrajectory | Rejected],
        back: Callable[..., JointTrajectory | Rejected] | None = None,
    ) -> None:
        super().__init__(name, attempt, tools, spot, plan)
        self._onward, self._back, self._stale = plan, back, False

    def start(self) -> None:
        """Plan onward or back."""
        self._stale = self._spot.surface.stamp_s < self.attempt.resumed_s
        self._plan_at = self._back if self._stale else self._onward
        if self._plan_at is not None:
            super().start()

    def check(self) -> Status | Rejected:
        """The motion's outcome; after the one back, and where none is needed, a new look."""
        outcome = Status.SUCCESS if self._plan_at is None else super().check()
        if self._stale and outcome is Status.SUCCESS:
            return Rejected(_LOOK_AGAIN, "the surface was seen before the pause")
        return outcome


class Anew(Decorator):
    """Begins a sequence anew that wants a new look."""

    def __init__(self, child: Behaviour, attempt: Attempt) -> None:
        super().__init__(f"{child.name}, if need be anew", child)
        self._attempt = attempt

    def update(self) -> Status:
        """The sequence's status, unless it is to begin again."""
        failure = self._attempt.failure
        if self.decorated.status is not Status.FAILURE or failure.code != _LOOK_AGAIN:
            return self.decorated.status
        self._attempt.failure = None
        return Status.RUNNING


class LetGo(Grip):
    """Open the fingers, and note where the part is then."""

    def __init__(self, attempt: Attempt, tools: Tools, spot: Spot) -> None:
        super().__init__(attempt, tools, close=False)
        self._spot = spot

    def start(self) -> None:
        """Note the part's place, then open."""
        state, body = self.tools.body.state(), self.tools.body
        if state is not None and self.attempt.carry is not None:
            T_OB = body.base_in_odom()
            at_B_m = self.tools.planner.held_at(state.joints.pos_rad, self.attempt.carry)
            self._spot.part_O_m = T_OB[:3, :3] @ at_B_m + T_OB[:3, 3]
        super().start()


class SeenThere(Skill):
    """See something stand where the part was let go and nothing stood before."""

    def __init__(self, attempt: Attempt, tools: Tools, spot: Spot) -> None:
        super().__init__("seen there", attempt, tools, tools.config.look_timeout_s)
        self._spot = spot

    def check(self) -> Status | Rejected:
        """Look at the surface in a view newer than this skill."""
        surface, at_O_m = self.tools.walk.legs.surface(), self._spot.part_O_m
        fresh = surface is not None and surface.stamp_s >= self._started_s + SETTLE_S
        if fresh and len(surface.taken_O_m):
            away_m = np.linalg.norm(surface.taken_O_m - at_O_m[:2], axis=1)
            if away_m.min() < _SEEN_WITHIN_M:
                return Status.SUCCESS
        if self.attempt.now_s - self._started_s < self.timeout_s:
            return Status.RUNNING
        label = self.attempt.carry.part.label
        reason = f"the {label} is not seen on the surface where it was let go"
        return Rejected(NOT_VERIFIED, reason, {"object": label})
