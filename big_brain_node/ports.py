# SPDX-License-Identifier: Apache-2.0
"""The seams of the big brain: what it needs of eyes, body and brain, whoever provides them.

The ROS node fills them with topics and actions, the lockstep world with direct calls, tests with
scripts. None of them blocks: long work goes through `Worker` and is polled.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from neuraxis_bridge.job_said import Wanted
from neuraxis_common.errors import Rejected
from neuraxis_common.plan import Plan
from neuraxis_common.surface import Surface
from neuraxis_common.types import (
    FloatArray,
    JointTrajectory,
    RgbdFrame,
    RobotState,
    SceneObject,
    SceneSnapshot,
)

Side = Literal["left", "right"]
Running = Literal["running"]


@dataclass(frozen=True)
class GripResult:
    """What the fingers measured when they stopped moving.

    Attributes:
        width_m: Opening between the pads.
        holding: True when the fingers stalled on something before the commanded width.
    """

    width_m: float
    holding: bool


class Body(Protocol):
    """The small brain as the big brain sees it."""

    def state(self) -> RobotState | None:
        """Newest measured state, None before the first."""

    def joint_pos(self, names: Sequence[str]) -> FloatArray:
        """Measured positions of some joints now, shape (n,); asked once `state` is not None."""

    def follow(self, trajectory: JointTrajectory) -> None:
        """Start a motion; it pre-empts the one under way on the same joints."""

    def motion(self) -> Running | Literal["succeeded"] | Rejected:
        """Outcome of the last `follow`, from measured state."""

    def grip(self, side: Side, width_m: float, force_N: float) -> None:
        """Start closing or opening to a width with at most this force."""

    def gripping(self, side: Side) -> Running | GripResult | Rejected:
        """Outcome of the last `grip` on this side, from measured state."""

    def held(self) -> tuple[Side, ...]:
        """Hands whose fingers press on something now, as measured."""

    def base_in_odom(self) -> FloatArray:
        """Newest estimate of T_OB, shape (4, 4)."""

    def halt(self) -> None:
        """Bring all arm motion to a smooth stop; balance goes on."""


class Eyes(Protocol):
    """Perception as the big brain sees it."""

    def snapshot(self) -> SceneSnapshot | None:
        """Newest tracked scene, None before the first."""

    def frame(self) -> RgbdFrame | None:
        """Newest camera image, None before the first."""


class Brain(Protocol):
    """Whatever turns an image and a sentence into a plan."""

    def ask(
        self,
        rgb: NDArray[np.uint8],
        instruction: str,
        seen: Sequence[SceneObject] = (),
        job: Sequence[Wanted] = (),
    ) -> Plan | Rejected:
        """Ask once about an image, shape (h, w, 3), in which perception tracks what is `seen`.

        `job` is what the robot does or has just done, for questions about it. May take up to the
        brain's own deadline; called through a `Worker`.
        """


class Memory(Protocol):
    """What to do while no brain answers. Times are monotonic seconds."""

    def keep(self, instruction: str, plan: Plan, scene: SceneSnapshot, now_s: float) -> None:
        """Remember a plan that was carried out, with the scene it was made for."""

    def forget(self, instruction: str) -> None:
        """The plan of this instruction did not work."""

    def recall(self, instruction: str, scene: SceneSnapshot, now_s: float) -> Plan | Rejected:
        """A plan for the same instruction in the same scene, or why there is none."""


class Worker(Protocol):
    """Runs a call that may take long; inline in lockstep, on a thread in the node."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Start `fn(*args, **kwargs)`."""


class InlineWorker:
    """Worker that finishes the call before it returns: simulated time stands still meanwhile."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run `fn` now and return its finished future."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


@dataclass(frozen=True)
class Carry:
    """One part on its way: which hand takes it, how, and where it came from.

    Attributes:
        container: Where it goes; None for a part that is carried to a place.
        grasp: The planner's own record of the chosen grasp; opaque to the skills.
        open_width_m: Finger opening for the approach.
        close_width_m: Commanded opening when closing, below the part's width.
    """

    side: Side
    part: SceneObject
    container: SceneObject | None
    grasp: Any
    open_width_m: float
    close_width_m: float


class SkillPlanner(Protocol):
    """Arm motions of one pick and place, each planned from the measured joints of that instant.

    All objects are in base_link at that instant. Every method returns `Rejected` with a
    machine-readable code instead of a motion that would not be safe.
    """

    def check_put(
        self,
        joint_pos_rad: FloatArray,
        scene: SceneSnapshot,
        part: SceneObject,
        box: SceneObject | None,
    ) -> Rejected | None:
        """Why no hand could do it, quickly and without a promise that one can.

        Without a `box` the part is only taken.
        """

    def away(self, joint_pos_rad: FloatArray) -> tuple[Side, ...]:
        """Hands whose arm is not in its ready pose."""

    def plan_reach(
        self,
        joint_pos_rad: FloatArray,
        scene: SceneSnapshot,
        part: SceneObject,
        box: SceneObject | None,
        avoid: Sequence[Carry] = (),
    ) -> tuple[Carry, JointTrajectory] | Rejected:
        """Choose hand and grasp, and go to the pose before it.

        Without a `box` a way to take and lift the part is enough.
        Of a part that has not moved no grasp in `avoid` is chosen again; ``no_other_way`` when no
        other is left.
        """

    def plan_grasp(
        self, joint_pos_rad: FloatArray, scene: SceneSnapshot, carry: Carry
    ) -> JointTrajectory | Rejected:
        """Straight approach from the pre-grasp pose."""

    def plan_lift(
        self, joint_pos_rad: FloatArray, scene: SceneSnapshot, carry: Carry
    ) -> JointTrajectory | Rejected:
        """Straight up with the part in hand."""

    def plan_transfer(
        self, joint_pos_rad: FloatArray, scene: SceneSnapshot, carry: Carry
    ) -> JointTrajectory | Rejected:
        """To above a free spot of the container."""

    def plan_lower(
        self, joint_pos_rad: FloatArray, scene: SceneSnapshot, carry: Carry
    ) -> JointTrajectory | Rejected:
        """Down to the release height."""

    def plan_stow(
        self, joint_pos_rad: FloatArray, scene: SceneSnapshot, carry: Carry
    ) -> JointTrajectory | Rejected:
        """To about where this arm rests with the part in hand, the part upright if it can be."""

    def plan_put_back(
        self, joint_pos_rad: FloatArray, scene: SceneSnapshot, carry: Carry
    ) -> JointTrajectory | Rejected:
        """Down to where the part was taken from."""

    def plan_retreat(
        self, joint_pos_rad: FloatArray, scene: SceneSnapshot, side: Side
    ) -> JointTrajectory | Rejected:
        """Away from whatever the hand is near, hand empty or not."""

    def plan_home(
        self, joint_pos_rad: FloatArray, scene: SceneSnapshot, side: Side
    ) -> JointTrajectory | Rejected:
        """Back to the ready pose, out of the camera's view of the bench."""

    def check_set(self, height_m: float) -> Rejected | None:
        """Why no hand reaches onto a surface of that height, quickly and without a promise."""

    def held_at(self, joint_pos_rad: FloatArray, carry: Carry) -> FloatArray:
        """Centre of the held part in base_link, shape (3,)."""

    def plan_set_over(
        self,
        joint_pos_rad: FloatArray,
        scene: SceneSnapshot,
        carry: Carry,
        surface: Surface,
        T_OB: FloatArray,
    ) -> JointTrajectory | Rejected:
        """Over a free spot of a surface in odom, from a base at T_OB."""

    def plan_set_down(
        self,
        joint_pos_rad: FloatArray,
        scene: SceneSnapshot,
        carry: Carry,
        surface: Surface,
        T_OB: FloatArray,
    ) -> JointTrajectory | Rejected:
        """Down until the part is just above the surface."""

    def plan_set_back(
        self,
        joint_pos_rad: FloatArray,
        scene: SceneSnapshot,
        carry: Carry,
        surface: Surface,
        T_OB: FloatArray,
    ) -> JointTrajectory | Rejected:
        """From over the surface to about where this arm rests, the part still in hand."""

    def plan_set_retreat(
        self,
        joint_pos_rad: FloatArray,
        scene: SceneSnapshot,
        side: Side,
        surface: Surface,
        T_OB: FloatArray,
    ) -> JointTrajectory | Rejected:
        """Up from the surface, the hand empty."""

    def plan_set_home(
        self,
        joint_pos_rad: FloatArray,
        scene: SceneSnapshot,
        side: Side,
        surface: Surface,
        T_OB: FloatArray,
    ) -> JointTrajectory | Rejected:
        """To the ready pose from over the surface."""
