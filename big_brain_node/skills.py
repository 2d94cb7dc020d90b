# SPDX-License-Identifier: Apache-2.0
"""The skills of one `put` step as py_trees behaviours.

Each behaviour starts one thing, then asks measured state whether it happened. Failures are values:
the first `Rejected` of an attempt stays in the attempt's record, where the executive reads it.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Any

from py_trees.behaviour import Behaviour
from py_trees.common import Status

from big_brain_node.compiler.ground import GroundedStep
from big_brain_node.compiler.rules import Rules
from big_brain_node.config import BigBrainConfig
from big_brain_node.moved import MotionWatch, closed, opened
from big_brain_node.ports import Body, Carry, Eyes, GripResult, SkillPlanner, Worker
from big_brain_node.scene_query import by_track
from big_brain_node.walk.grounding import GroundedCarry, GroundedWalk, WalkTools
from neuraxis_common.errors import Rejected
from neuraxis_common.types import FloatArray, JointTrajectory, SceneSnapshot

# A part of its colour so much higher than the one that was taken is that one, in the hand.
_LIFTED_M = 0.03

ALREADY_THERE = "already_there"
NOT_VERIFIED = "not_verified"


@dataclass
class Attempt:
    """What one attempt at a step knows; behaviours read and write it.

    Attributes:
        step: None where arms only go home.
        part_O_m: Centre of the part in odom when it was last looked at, shape (3,).
        box_O_m: Centre of the container in odom, shape (3,).
        in_box_before: How many parts of this colour the container held before.
        elsewhere_before: How many parts of this colour were seen anywhere else before.
        held_m: Opening between the fingers when they had closed.
        avoid: What failed before with this part; no grasp is tried the same way again.
        away: The robot has set out with the part: it is not put back where it was taken from.
        paused: No skill begins while it is set, and those that can stop do.
        resumed_s: When the last pause ended: what was seen before may have been moved since.
    """

    step: GroundedStep | GroundedWalk | GroundedCarry | None
    now_s: float = 0.0
    carry: Carry | None = None
    scene: SceneSnapshot | None = None
    part_O_m: FloatArray | None = None
    box_O_m: FloatArray | None = None
    in_box_before: int = 0
    elsewhere_before: int = 0
    held_m: float | None = None
    avoid: tuple[Carry, ...] = ()
    away: bool = False
    paused: bool = False
    resumed_s: float = -math.inf
    failure: Rejected | None = None
    planning_s: list[tuple[str, float, float]] = field(default_factory=list)


@dataclass(frozen=True)
class Tools:
    """What behaviours act through.

    Attributes:
        walk: None for a robot that stays at its bench.
        rules: What the deployment and the robot allow.
    """

    body: Body
    eyes: Eyes
    planner: SkillPlanner
    worker: Worker
    config: BigBrainConfig
    wall_clock_s: Callable[[], float]
    walk: WalkTools | None = None
    rules: Rules = field(default_factory=Rules)


class Skill(Behaviour):
    """Base: one deadline, one failure record, simulated or real time from the attempt."""

    def __init__(self, name: str, attempt: Attempt, tools: Tools, timeout_s: float) -> None:
        super().__init__(name)
        self.attempt, self.tools, self.timeout_s = attempt, tools, timeout_s
        self._started_s, self._begun = 0.0, False

    @property
    def begun(self) -> bool:
        """Whether it does something now; a skill that waits for the end of a pause does not."""
        return self._begun and self.status is Status.RUNNING

    def initialise(self) -> None:
        """Nothing has begun yet."""
        self._begun = False

    def start(self) -> None:
        """Begin; called once per activation, and again after a pause that interrupted it."""

    def interrupt(self) -> bool:
        """Stop where it is because of a pause; False for a skill that ends by itself, soon."""
        return False

    @abstractmethod
    def check(self) -> Status | Rejected:
        """Look at measured state; called every tick."""

    def fresh(self, scene: SceneSnapshot) -> SceneSnapshot:
        """The scene without what has not been seen lately."""
        age_s = self.tools.config.fresh_age_s
        seen = tuple(item for item in scene.objects if scene.stamp_s - item.stamp_s <= age_s)
        return replace(scene, objects=seen)

    def update(self) -> Status:
        """Translate `check` and the deadline into a status; begin unless there is a pause."""
        if self.attempt.paused and (not self._begun or self.interrupt()):
            self._begun = False
            return Status.RUNNING
        if not self._begun:
            self._begun, self._started_s = True, self.attempt.now_s
            self.start()
        outcome = self.check()
        if outcome is Status.RUNNING and self.attempt.now_s - self._started_s > self.timeout_s:
            outcome = Rejected(
                "timeout",
                f"{self.name} did not finish within {self.timeout_s} s",
                {"skill": self.name, "bound": self.timeout_s},
            )
        if isinstance(outcome, Rejected):
            if self.attempt.failure is None:
                details = {"skill": self.name} | outcome.details
                self.attempt.failure = Rejected(outcome.code, outcome.reason, details)
            return Status.FAILURE
        return outcome


class Move(Skill):
    """Plan one motion from the measured joints, then follow it."""

    def __init__(
        self,
        name: str,
        attempt: Attempt,
        tools: Tools,
        plan: Callable[[FloatArray, SceneSnapshot], Any],
    ) -> None:
        super().__init__(name, attempt, tools, tools.config.motion_timeout_s)
        self._plan = plan
        self._future: Future[Any] | None = None
        self._moving = False
        self._watch: MotionWatch | None = None

    def interrupt(self) -> bool:
        """What is only planned is not begun; a motion under way ends at its own end."""
        return not self._moving

    def start(self) -> None:
        """Hand the planning to the worker."""
        state, scene = self.tools.body.state(), self.attempt.scene
        self._moving, self._future = False, None
        if state is None or scene is None:
            return
        self._planning_since_s = self.tools.wall_clock_s()
        T_OB = self.tools.body.base_in_odom()
        shifted = in_base_now(scene, self.attempt, T_OB)
        shifted = self.tools.rules.zones.with_hands(shifted, T_OB)
        self._future = self.tools.worker.submit(self._plan, state.joints.pos_rad.copy(), shifted)

    def check(self) -> Status | Rejected:
        """Wait for the plan, then for the measured end of the motion."""
        if self._future is None:
            reason = f"{self.name} has no measured state or no view to plan from"
            return Rejected("no_state", reason)
        if not self._moving:
            if not self._future.done():
                return Status.RUNNING
            since, until = self._planning_since_s, self.tools.wall_clock_s()
            self.attempt.planning_s.append((self.name, since, until))
            planned = self._future.result()
            if isinstance(planned, Rejected):
                return planned
            trajectory, body = self._accept(planned), self.tools.body
            pos_rad = body.joint_pos(trajectory.joint_names)
            self._watch = MotionWatch(trajectory, self.attempt.now_s, pos_rad)
            body.follow(trajectory)
            self._moving = True
            return Status.RUNNING
        return self._judge()

    def _judge(self) -> Status | Rejected:
        body = self.tools.body
        outcome, pos_rad = body.motion(), body.joint_pos(self._watch.names)
        if isinstance(outcome, Rejected):
            return outcome
        if outcome == "succeeded":
            return self._watch.claimed(pos_rad) or Status.SUCCESS
        stalled = self._watch.under_way(self.attempt.now_s, pos_rad)
        if stalled is not None:
            body.halt()
        return stalled or Status.RUNNING

    def _accept(self, planned: Any) -> JointTrajectory:
        return planned

    def terminate(self, new_status: Status) -> None:
        """Pre-empted mid-motion: stop smoothly."""
        running = self.status is Status.RUNNING
        if new_status is Status.INVALID and running and self._moving:
            self.tools.body.halt()


class Reach(Move):
    """Choose hand and grasp, open the fingers, go to the pre-grasp pose."""

    def __init__(self, attempt: Attempt, tools: Tools) -> None:
        super().__init__("reach", attempt, tools, self._choose)

    def _choose(self, joint_pos_rad: FloatArray, scene: SceneSnapshot) -> Any:
        attempt = self.attempt
        part = by_track(scene, attempt.step.part)
        box = by_track(scene, attempt.step.container)
        return self.tools.planner.plan_reach(joint_pos_rad, scene, part, box, attempt.avoid)

    def _accept(self, planned: tuple[Carry, JointTrajectory]) -> JointTrajectory:
        carry, trajectory = planned
        self.attempt.carry = carry
        force_N = self.tools.config.grip_force_N
        self.tools.body.grip(carry.side, carry.open_width_m, force_N)
        return trajectory


class Grip(Skill):
    """Close on the part, or open to let it go."""

    def __init__(
        self, attempt: Attempt, tools: Tools, close: bool, force_N: float | None = None
    ) -> None:
        super().__init__("close" if close else "release", attempt, tools, 4.0)
        self._close, self._force_N = close, force_N or tools.config.grip_force_N

    def start(self) -> None:
        """Order the fingers."""
        carry = self.attempt.carry
        if carry is not None:
            width_m = carry.close_width_m if self._close else carry.open_width_m
            self.tools.body.grip(carry.side, width_m, self._force_N)

    def check(self) -> Status | Rejected:
        """Closed on something, or open, as measured."""
        carry = self.attempt.carry
        if carry is None:
            return Rejected("no_grasp", f"{self.name} has no grasp to act on")
        result = self.tools.body.gripping(carry.side)
        if isinstance(result, Rejected):
            return result
        if not isinstance(result, GripResult):
            return Status.RUNNING
        if self._close and not result.holding:
            reason = f"the fingers closed to {result.width_m * 1e3:.0f} mm without meeting the part"
            return Rejected("grasp_missed", reason, {"width_m": result.width_m})
        if self._close:
            self.attempt.held_m = result.width_m
            return closed(carry, result) or Status.SUCCESS
        return opened(carry, self.attempt.held_m, result) or Status.SUCCESS


class StillHolding(Skill):
    """The part is in the hand: the fingers are still apart and pressing."""

    def __init__(self, attempt: Attempt, tools: Tools, after: str) -> None:
        super().__init__(f"hold after {after}", attempt, tools, 0.5)

    def check(self) -> Status | Rejected:
        """Ask the fingers."""
        carry = self.attempt.carry
        result = None if carry is None else self.tools.body.gripping(carry.side)
        if isinstance(result, GripResult) and result.holding:
            return Status.SUCCESS
        return Rejected("part_dropped", f"the {self.attempt.step.part.label} slipped from the hand")


def in_base_now(scene: SceneSnapshot, attempt: Attempt, T_OB: FloatArray) -> SceneSnapshot:
    """The looked-at scene, shifted by how the base has swayed since.

    The part fixes the shift: its place in odom does not change while nobody touches it.
    """
    if attempt.part_O_m is None:
        return scene
    part_now_B = T_OB[:3, :3].T @ (attempt.part_O_m - T_OB[:3, 3])
    shift_B = part_now_B - attempt.step.part.center_B_m
    moved = tuple(replace(item, center_B_m=item.center_B_m + shift_B) for item in scene.objects)
    return replace(scene, objects=moved)


def look_again(attempt: Attempt, scene: SceneSnapshot, T_OB: FloatArray) -> None:
    """Go on with an attempt in a newer view, in which the hand may be seen with the part in it."""
    part = attempt.step.part
    in_hand = part.center_B_m[2] + _LIFTED_M
    seen = tuple(
        item
        for item in scene.objects
        if item.color != part.color or item.kind != part.kind or item.center_B_m[2] < in_hand
    )
    attempt.scene = replace(scene, objects=seen)
    attempt.part_O_m = T_OB[:3, :3] @ part.center_B_m + T_OB[:3, 3]
