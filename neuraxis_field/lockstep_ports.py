# SPDX-License-Identifier: Apache-2.0
"""The big brain's ports, filled by a lockstep world instead of topics and actions."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Literal, Protocol

from big_brain_node.ports import GripResult, Running, Side
from neuraxis_common.errors import Rejected
from neuraxis_common.grid import OccupancyGrid
from neuraxis_common.robot import SIDES
from neuraxis_common.surface import Surface
from neuraxis_common.types import (
    FloatArray,
    JointTrajectory,
    RgbdFrame,
    RobotState,
    SceneSnapshot,
)
from neuraxis_sim.lockstep import LockstepWorld
from small_brain_node.gripper import GripReport

# Poses are kept for as long as an image is under way.
_POSES = 20


class Sees(Protocol):
    """What turns images into a tracked scene: `perception_node.pipeline.Perception`."""

    def update(self, frame: RgbdFrame) -> SceneSnapshot:
        """Take one image in."""


class MapsFloor(Protocol):
    """What turns images into a grid: `perception_node.obstacles.ObstacleMap`."""

    def update(self, frame: RgbdFrame, T_OB: FloatArray) -> OccupancyGrid:
        """Take one image in."""


class SeesSurface(Protocol):
    """What finds the surface ahead in images: `perception_node.surface.SurfaceAhead`."""

    def update(self, frame: RgbdFrame, T_OB: FloatArray) -> Surface | None:
        """Look for it in one image."""


class LockstepBody:
    """Body port over the small brain of a lockstep world."""

    def __init__(self, world: LockstepWorld) -> None:
        self._world = world
        self._refused: Rejected | None = None
        self._grip_refused: dict[str, Rejected | None] = {}

    def state(self) -> RobotState | None:
        """Newest measured state."""
        return self._world.state

    def joint_pos(self, names: Sequence[str]) -> FloatArray:
        """Measured positions of some joints now, shape (n,)."""
        order = self._world.profile.joint_names
        return self._world.state.joints.pos_rad[[order.index(name) for name in names]]

    def base_in_odom(self) -> FloatArray:
        """Newest estimate of T_OB, shape (4, 4)."""
        return self._world.brain.base_in_odom()

    def follow(self, trajectory: JointTrajectory) -> None:
        """Start a motion."""
        self._refused = self._world.brain.follow(self._world.now_s, trajectory)

    def motion(self) -> Running | Literal["succeeded"] | Rejected:
        """Outcome of the last `follow`."""
        if self._refused is not None:
            return self._refused
        outcome = self._world.brain.motion()
        return outcome if isinstance(outcome, Rejected) or outcome == "succeeded" else "running"

    def grip(self, side: Side, width_m: float, force_N: float) -> None:
        """Start closing or opening."""
        now_s = self._world.now_s
        self._grip_refused[side] = self._world.brain.grip(now_s, side, width_m, force_N)

    def gripping(self, side: Side) -> Running | GripResult | Rejected:
        """Outcome of the last `grip` on this side."""
        refused = self._grip_refused.get(side)
        if refused is not None:
            return refused
        outcome = self._world.brain.gripping(side)
        if isinstance(outcome, GripReport):
            return GripResult(outcome.width_m, outcome.holding)
        return outcome if isinstance(outcome, Rejected) else "running"

    def held(self) -> tuple[Side, ...]:
        """Hands whose fingers press on something now."""
        reports = {side: self._world.brain.gripping(side) for side in SIDES}
        return tuple(
            side for side, now in reports.items() if isinstance(now, GripReport) and now.holding
        )

    def halt(self) -> None:
        """Smooth stop of all arm motion."""
        self._world.brain.halt(self._world.now_s)


class LockstepLegs:
    """Legs port over the small brain, with grid and surface as perception makes them from images.

    Call `note_pose` at the camera's rate. Images are taken in when somebody asks for grid or
    surface, so motions of the arms alone cost none.
    """

    def __init__(self, world: LockstepWorld, floor: MapsFloor, ahead: SeesSurface) -> None:
        self._world, self._floor, self._ahead = world, floor, ahead
        self._newest: tuple[RgbdFrame, FloatArray] | None = None
        self._surface: Surface | None = None
        self._grid: OccupancyGrid | None = None
        self._poses: deque[tuple[float, FloatArray]] = deque(maxlen=_POSES)
        self._seen_s = -1.0

    def walk(self, velocity: FloatArray) -> None:
        """Ask for a velocity."""
        self._world.brain.walk(self._world.now_s, velocity)

    def odometry(self) -> tuple[float, FloatArray]:
        """Newest pose and its stamp."""
        return self._world.state.joints.stamp_s, self._world.brain.base_in_odom()

    def grid(self) -> OccupancyGrid | None:
        """Grid with the newest image that has arrived."""
        self._look()
        return self._grid

    def surface(self) -> Surface | None:
        """Surface in the newest image that has arrived."""
        self._look()
        if self._newest is not None:
            self._surface = self._ahead.update(*self._newest)
            self._newest = None
        return self._surface

    def note_pose(self) -> None:
        """Remember where the base is now, for images that show this instant."""
        self._poses.append((self._world.now_s, self._world.brain.base_in_odom().copy()))

    def _look(self) -> None:
        frame = self._world.frame()
        if frame is None or frame.stamp_s <= self._seen_s:
            return
        self._seen_s = frame.stamp_s
        _, T_OB = min(self._poses, key=lambda row: abs(row[0] - frame.stamp_s))
        self._grid, self._newest = self._floor.update(frame, T_OB), (frame, T_OB)


class LockstepEyes:
    """Eyes port: perceives the newest image when somebody asks, so blind motions cost nothing."""

    def __init__(self, world: LockstepWorld, sees: Sees) -> None:
        self._world, self._sees = world, sees
        self._snapshot: SceneSnapshot | None = None
        self._stamp_s = -1.0

    def frame(self) -> RgbdFrame | None:
        """Newest image that has arrived."""
        return self._world.frame()

    def snapshot(self) -> SceneSnapshot | None:
        """Scene of the newest image that has arrived."""
        frame = self._world.frame()
        if frame is not None and frame.stamp_s > self._stamp_s:
            self._stamp_s = frame.stamp_s
            self._snapshot = self._sees.update(frame)
        return self._snapshot
