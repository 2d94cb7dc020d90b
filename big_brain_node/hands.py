# SPDX-License-Identifier: Apache-2.0
"""What is in the hands when a pause ends or another instruction begins.

A part in a hand is put down where it was taken from before anything else is done, by the same tree
that leads back from a failure. Arms that were left over the bench, as by a process that was killed,
go home, so that what lies under them is seen.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
from py_trees.common import Status
from py_trees.composites import Sequence

from big_brain_node.compiler.compile import Grounded
from big_brain_node.looks import SETTLE_S
from big_brain_node.ports import Side
from big_brain_node.scene_query import by_track
from big_brain_node.skills import Attempt, Tools, look_again
from big_brain_node.tree import begun, home_tree, recovery_tree
from big_brain_node.walk.grounding import GroundedCarry, GroundedWalk
from neuraxis_common.errors import Rejected
from neuraxis_common.types import FloatArray, SceneSnapshot

# A robot that stands still sways by less; where it has stepped, old places are not to be trusted.
_STOOD_M = 0.05
# A container that was pushed by more than this is not where the arm is going.
_SAME_BOX_M = 0.03


class Hands:
    """Remembers an attempt that was cut short with the hand at work.

    Attributes:
        setback: Why an arm did not get home before this instruction; None where it did.
    """

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._left: Attempt | None = None
        self._left_O: FloatArray = np.eye(4)
        self._astray: tuple[Side, ...] = ()
        self._going: Attempt | None = None
        self._tree: Sequence | None = None
        self._since_s = 0.0
        self.setback: Rejected | None = None
        self._tries = 0

    @property
    def busy(self) -> bool:
        """Whether hands are still to be cleared."""
        return self._left is not None or bool(self._astray)

    @property
    def doing(self) -> str:
        """What clearing them is, for people."""
        return "go home" if self._left is None else "put down"

    @property
    def moving(self) -> bool:
        """Whether they are being cleared now."""
        return self._tree is not None and begun(self._tree)

    @staticmethod
    def takes(step: Grounded) -> bool:
        """Whether a step is one of the hands."""
        return not isinstance(step, GroundedWalk)

    def keep(self, attempt: Attempt) -> None:
        """An attempt ends here; the next instruction has to clear up after it."""
        if attempt.carry is not None and not attempt.away:
            self._left = replace(attempt, failure=None, paused=False)
            self._left_O = self._tools.body.base_in_odom().copy()

    def still_holding(self, attempt: Attempt, failure: Rejected) -> Rejected:
        """How an attempt failed that ends away from the bench, and what stays in the hand."""
        carry = attempt.carry
        if not attempt.away or carry is None or carry.side not in self._tools.body.held():
            return failure
        reason = f"{failure.reason}; the {carry.part.label} is still in the {carry.side} hand"
        return Rejected(failure.code, reason, failure.details | {"held": [carry.side]})

    def begin(self, now_s: float) -> None:
        """An instruction begins: see what the one before has left."""
        self._since_s, self._tree, self.setback, self._tries = now_s, None, None, 0
        moved_m = np.linalg.norm((self._tools.body.base_in_odom() - self._left_O)[:3, 3])
        if moved_m > _STOOD_M:
            self._left = None
        self._astray = () if self._left is not None else self._stray()

    def _stray(self) -> tuple[Side, ...]:
        """Arms away from home whose hands hold nothing."""
        body, state = self._tools.body, self._tools.body.state()
        if state is None:
            return ()
        away = self._tools.planner.away(state.joints.pos_rad)
        return tuple(side for side in away if side not in body.held())

    def stop(self) -> None:
        """Leave off; the next instruction begins with it again."""
        if self._tree is not None:
            self._tree.stop(Status.INVALID)
            self._tree = None

    def tick(self, now_s: float, paused: bool) -> Rejected | None:
        """Clear the hands a little more; a refusal when something cannot be put down."""
        left = self._left
        if paused and not self.moving:
            # Whatever the pause brings, the next look is after it.
            self._tree, self._since_s = None, now_s
            return None
        if left is None:
            return self._bring_home(now_s, paused)
        if self._tree is None:
            seen = self.look(left, now_s, self._since_s)
            if isinstance(seen, Rejected):
                return seen
            if seen != "waiting":
                self._tree = recovery_tree(left, self._tools)
            return None
        left.now_s, left.paused = now_s, paused
        self._tree.tick_once()
        if self._tree.status is Status.RUNNING:
            return None
        self._tree, why, left.failure = None, left.failure, None
        side = left.carry.side
        if why is not None and side in self._tools.body.held():
            reason = f"the {side} hand holds the {left.step.part.label}: {why.reason}"
            return Rejected("hand_full", reason, {"held": [side], "object": left.step.part.label})
        self._left = None
        return None

    def _bring_home(self, now_s: float, paused: bool) -> Rejected | None:
        """One tick of it; an arm that finds no way in some tries stays where it is."""
        if self._tree is None:
            scene = self._newer(now_s, self._since_s)
            if scene == "waiting" or isinstance(scene, Rejected):
                return scene if isinstance(scene, Rejected) else None
            self._going = Attempt(None, now_s, scene=scene)
            self._tree = home_tree(self._going, self._tools, self._astray)
            return None
        self._going.now_s, self._going.paused = now_s, paused
        self._tree.tick_once()
        if self._tree.status is Status.RUNNING:
            return None
        self._tree, self.setback, self._tries = None, self._going.failure, self._tries + 1
        if self.setback is None or self._tries >= self._tools.config.max_attempts:
            self._astray = ()
        else:
            self._since_s, self._astray = now_s, self._stray()
        return None

    def _newer(self, now_s: float, since_s: float) -> SceneSnapshot | Literal["waiting"] | Rejected:
        """A view that is newer than `since_s`."""
        scene = self._tools.eyes.snapshot()
        if scene is not None and scene.stamp_s >= since_s + SETTLE_S:
            return scene
        if now_s - since_s <= self._tools.config.look_timeout_s:
            return "waiting"
        return Rejected("no_view", "no fresh view of the scene")

    def look(
        self, attempt: Attempt, now_s: float, since_s: float
    ) -> Literal["waiting", "same", "changed"] | Rejected:
        """Let an attempt go on in a view that is newer than `since_s`.

        Returns:
            ``same`` when the part is in the hand and the container where it was; ``no_view`` when
            no view comes.
        """
        scene = self._newer(now_s, since_s)
        if scene == "waiting" or isinstance(scene, Rejected):
            return scene
        T_OB = self._tools.body.base_in_odom()
        same = attempt.carry.side in self._tools.body.held() and self._box_stays(
            attempt, scene, T_OB
        )
        look_again(attempt, scene, T_OB)
        return "same" if same else "changed"

    def _box_stays(self, attempt: Attempt, scene: SceneSnapshot, T_OB: FloatArray) -> bool:
        if isinstance(attempt.step, GroundedCarry):
            return True
        box = by_track(scene, attempt.step.container)
        if scene.stamp_s - box.stamp_s > self._tools.config.fresh_age_s:
            return False
        now_O_m = T_OB[:3, :3] @ box.center_B_m + T_OB[:3, 3]
        return bool(np.linalg.norm(now_O_m - attempt.box_O_m) < _SAME_BOX_M)
