# SPDX-License-Identifier: Apache-2.0
"""Walks to a pose of odom: finds ways, follows them, and says from odometry when it is there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal

import numpy as np

from big_brain_node.walk.config import WalkConfig
from big_brain_node.walk.follow import STILL, Follower, Pose, stepping, turning, wrap
from big_brain_node.walk.way import clearance_at, clearance_m, find_way, length_m
from neuraxis_common.errors import Rejected
from neuraxis_common.grid import OccupancyGrid
from neuraxis_common.types import FloatArray

Outcome = Literal["running", "arrived"] | Rejected
# Within this the last steps need no way.
_NEAR_M = 0.3
# What is stepped back to moves along that far behind.
_BACK_M = 0.2
# Progress is so much less of the way to walk or to turn.
_PROGRESS_M, _PROGRESS_RAD = 0.05, 0.1
# A single grid may be wrong about a way; so many in a row are not.
_NO_WAYS = 4


class Phase(Enum):
    """What the walker does."""

    LEAVE = "leave"
    FOLLOW = "follow"
    STEP = "step"
    SETTLE = "settle"


@dataclass(frozen=True)
class Sensed:
    """What is known at one instant.

    Attributes:
        odometry_s: Stamp of `pose`.
        grid: None before the first.
        stop_level: Of the spinal cord; nothing walks unless it is ``run``.
    """

    now_s: float
    pose: Pose
    odometry_s: float
    grid: OccupancyGrid | None
    stop_level: str = "run"


@dataclass(frozen=True)
class Goal:
    """A stance to walk to, or with `turn_only` a heading to turn to on the spot."""

    pose: Pose
    turn_only: bool = False


class Walker:
    """One walk at a time: `start`, then `update` at 10 to 20 Hz until it does not say running.

    The robot first steps straight back from what stands too near for turning, follows the way in
    pure pursuit, steps into the goal's pose and counts as arrived once measured odometry has shown
    it standing there for a while.

    Attributes:
        phase: What it does now.
        way_O_m: The way that is followed, shape (n, 2); None while there is none.
    """

    def __init__(self, config: WalkConfig | None = None) -> None:
        self._config = config or WalkConfig()
        self._goal: Goal | None = None
        self.way_O_m: FloatArray | None = None

    def start(self, now_s: float, goal: Goal) -> None:
        """Begin; a walk under way is dropped."""
        self._goal, self._began_s = goal, now_s
        self.phase = Phase.STEP if goal.turn_only else Phase.LEAVE
        self.way_O_m = None
        self._follower = Follower(self._config)
        self._planned_s = -np.inf
        self._no_ways, self._short_m = 0, 0.0
        self._left: Pose | None = None
        self._best: tuple[float, float] = (np.inf, np.inf)
        self._progress_s = now_s
        self._settled_s = 0.0

    def update(self, sensed: Sensed) -> tuple[FloatArray, Outcome]:
        """Velocity to ask for now, shape (3,): forward m/s, left m/s, turn rad/s; and the outcome.

        Whatever the outcome, a refusal comes with a velocity of zero.
        """
        refused = self._refusal(sensed)
        if refused is not None:
            return STILL, refused
        goal = self._stance(sensed)
        if self.phase is Phase.LEAVE:
            velocity = self._leave(sensed)
            if velocity is not None:
                return velocity, "running"
            self.phase = Phase.FOLLOW
        if self.phase is Phase.FOLLOW:
            refused = self._replan(sensed)
            if refused is not None:
                return STILL, refused
            goal = self._stance(sensed)
            if sensed.pose.apart(goal)[0] > _NEAR_M:
                if self.way_O_m is None:
                    return STILL, "running"
                return self._follower.velocity(sensed.pose, self.way_O_m), "running"
            self.phase = Phase.STEP
        return self._into_place(sensed, goal)

    def _stance(self, sensed: Sensed) -> Pose:
        """The goal, or what is left of it; when only turning, on the spot."""
        pose = self._goal.pose
        if self._goal.turn_only:
            return Pose(sensed.pose.x_m, sensed.pose.y_m, pose.yaw_rad)
        return pose.behind(self._short_m)

    def _shorten(self, grid: OccupancyGrid) -> None:
        """Stop before the goal where what it stands at is nearer than was taught."""
        clearance = clearance_m(grid)
        for short_m in np.arange(0.0, self._config.yield_m + 1e-6, grid.cell_m):
            point = self._goal.pose.behind(short_m).xy_m
            if clearance_at(grid, clearance, point) >= self._config.radius_m:
                self._short_m = float(short_m)
                return

    def _refusal(self, sensed: Sensed) -> Rejected | None:
        config, now_s = self._config, sensed.now_s
        if sensed.stop_level != "run":
            reason = f"the spinal cord is in '{sensed.stop_level}'"
            return Rejected("stopped", reason, {"stop_level": sensed.stop_level})
        age_s = now_s - sensed.odometry_s
        if not age_s <= config.odometry_timeout_s:
            return _late("odometry_silent", "odometry", age_s, config.odometry_timeout_s)
        if not all(np.isfinite([sensed.pose.x_m, sensed.pose.y_m, sensed.pose.yaw_rad])):
            return Rejected("odometry_silent", "odometry is not finite")
        if now_s - self._began_s > config.walk_timeout_s:
            reason = f"the walk took longer than {config.walk_timeout_s} s"
            return Rejected("timeout", reason, {"bound": config.walk_timeout_s})
        if self._goal.turn_only:
            return self._stuck(sensed)
        # At the start the first images may still be on their way.
        seen_s = -np.inf if sensed.grid is None else sensed.grid.stamp_s
        age_s = now_s - max(seen_s, self._began_s)
        if not age_s <= config.grid_timeout_s:
            return _late("no_view", "the view of the floor", age_s, config.grid_timeout_s)
        return self._stuck(sensed)

    def _stuck(self, sensed: Sensed) -> Rejected | None:
        """Whether neither the way nor the turn has got shorter for long."""
        goal = self._stance(sensed)
        distance, turn = sensed.pose.apart(goal)
        if self.phase is Phase.FOLLOW and self.way_O_m is not None:
            distance = length_m(self.way_O_m)
            ahead = self.way_O_m[min(6, len(self.way_O_m) - 1)] - sensed.pose.xy_m
            turn = abs(wrap(np.arctan2(ahead[1], ahead[0]) - sensed.pose.yaw_rad))
        closer = distance < self._best[0] - _PROGRESS_M
        turned = turn < self._best[1] - _PROGRESS_RAD
        if closer or turned or self.phase in (Phase.LEAVE, Phase.SETTLE):
            best_turn = turn if closer else min(turn, self._best[1])
            self._best = (min(distance, self._best[0]), best_turn)
            self._progress_s = sensed.now_s
        waited_s = sensed.now_s - self._progress_s
        if waited_s <= self._config.progress_timeout_s:
            return None
        bound = self._config.progress_timeout_s
        reason = f"the robot has not come nearer in {waited_s:.1f} s, allowed {bound} s"
        details = {"distance_m": round(distance, 3), "turn_rad": round(turn, 3), "bound": bound}
        return Rejected("no_progress", reason, details)

    def _leave(self, sensed: Sensed) -> FloatArray | None:
        """Velocity that backs off from what is too near to turn; None once there is room."""
        config, pose = self._config, sensed.pose
        if sensed.grid is None:
            return STILL
        if self._left is None:
            self._left = pose
        clearance = clearance_m(sensed.grid)
        room_m = clearance_at(sensed.grid, clearance, pose.xy_m)
        back_m = config.radius_m + sensed.grid.cell_m - room_m
        if back_m <= 0.0 or pose.apart(self._left)[0] > config.retreat_m:
            return None
        behind = Pose(pose.x_m, pose.y_m, self._left.yaw_rad).behind(_BACK_M)
        if clearance_at(sensed.grid, clearance, behind.xy_m) <= room_m:
            return None
        return stepping(pose, behind, config)

    def _replan(self, sensed: Sensed) -> Rejected | None:
        if sensed.now_s - self._planned_s < self._config.replan_s or sensed.grid is None:
            return None
        self._planned_s = sensed.now_s
        self._shorten(sensed.grid)
        goal = self._stance(sensed)
        found = find_way(sensed.grid, sensed.pose.xy_m, goal.xy_m, self._config)
        if not isinstance(found, Rejected):
            self.way_O_m, self._no_ways = found, 0
            return None
        self._no_ways += 1
        self.way_O_m = None
        return found if self._no_ways >= _NO_WAYS or found.code == "outside_map" else None

    def _into_place(self, sensed: Sensed, goal: Pose) -> tuple[FloatArray, Outcome]:
        """Step to the goal's pose and stand there."""
        config, pose = self._config, sensed.pose
        distance, turn = pose.apart(goal)
        there = distance <= config.position_m and turn <= config.heading_rad
        if self.phase is Phase.SETTLE:
            if not there:
                self.phase = Phase.STEP
            elif sensed.now_s - self._settled_s >= config.settle_s:
                return STILL, "arrived"
            return STILL, "running"
        if there:
            self.phase, self._settled_s = Phase.SETTLE, sensed.now_s
            return STILL, "running"
        if turn > 3 * config.heading_rad:
            return turning(pose, goal.yaw_rad, config), "running"
        return stepping(pose, goal, config), "running"


def _late(code: str, what: str, value: float, bound: float) -> Rejected:
    reason = f"{what} is {value:.2f} s old, allowed {bound} s"
    details: dict[str, Any] = {"value": None if np.isinf(value) else value, "bound": bound}
    return Rejected(code, reason, details)
