# SPDX-License-Identifier: Apache-2.0
"""The last steps up to a surface, guided by its seen edge, and the steps back from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from big_brain_node.walk.config import WalkConfig
from big_brain_node.walk.follow import STILL, Pose, stepping, wrap
from big_brain_node.walk.site import Place
from big_brain_node.walk.surface import facing_rad, to_edge_m
from big_brain_node.walk.walker import Outcome
from big_brain_node.walk.work import WorkStance
from neuraxis_common.errors import Rejected
from neuraxis_common.grid import OCCUPIED, OccupancyGrid
from neuraxis_common.surface import Surface
from neuraxis_common.types import FloatArray

# Off the distance of the bench: nearer the body comes to the edge, farther the arms are short.
_NEARER_M, _FARTHER_M = 0.02, 0.025
# A step up begins so far from the edge at most; another edge is not the one walked to.
_FARTHEST_M = 1.1
# One surface seen twice differs by less.
_SAME_EDGE_M, _SAME_HEIGHT_M = 0.08, 0.03
_STEP_GAIN_1_S, _TURN_GAIN_1_S = 0.8, 1.0
_LEAST_M_S, _SLOW_M_S = 0.04, 0.06
# Within this of the edge the robot goes slowly.
_SLOW_WITHIN_M = 0.10
# A walking robot sways by so much without being off.
_ASIDE_M, _ASIDE_GONE_M, _TURNED_RAD = 0.05, 0.12, 0.04
_TURNED_AWAY_RAD = 0.2
_LEAST_TURN_RAD_S = 0.08
_PROGRESS_M = 0.02
# Behind a robot that steps back, from its heels on.
_HEELS_M, _BEHIND_M, _HALF_WIDTH_M = 0.25, 0.45, 0.35
_TIMEOUT_S = 60.0


@dataclass(frozen=True)
class Near:
    """What is known at one instant; `surface` and `grid` are the newest seen, None before any."""

    now_s: float
    pose: Pose
    odometry_s: float
    surface: Surface | None = None
    grid: OccupancyGrid | None = None
    stop_level: str = "run"


class Approach:
    """Steps up until the near edge is where the arms work at their bench and the legs have room.

    Call `start`, then `update` at 10 to 20 Hz until it does not say running. Whatever the outcome,
    it comes with a velocity of zero.
    """

    def __init__(self, config: WalkConfig, work: WorkStance) -> None:
        self._config, self._work = config, work

    def start(self, now_s: float, place: Place) -> None:
        """Begin, towards the edge of a place that the robot stands before."""
        self._place, self._began_s = np.array([place.x_m, place.y_m]), now_s
        self._surface: Surface | None = None
        self._first: Surface | None = None
        self._best_m, self._progress_s = np.inf, now_s
        self._stood_s: float | None = None

    def update(self, near: Near) -> tuple[FloatArray, Outcome]:
        """Velocity to ask for, shape (3,): forward m/s, left m/s, turn rad/s; and the outcome."""
        refused = unsteady(near, self._config, self._began_s) or self._look(near)
        if refused is not None:
            return STILL, refused
        if self._surface is None:
            return STILL, "running"
        left_m = to_edge_m(self._surface, near.pose) - self._edge_m()
        turn = wrap(facing_rad(self._surface) - near.pose.yaw_rad)
        refused = self._unfit(near.pose) or self._stuck(near.now_s, left_m)
        if refused is not None:
            return STILL, refused
        there = -_NEARER_M <= left_m <= _FARTHER_M and abs(turn) <= self._config.heading_rad
        if there:
            self._stood_s = near.now_s if self._stood_s is None else self._stood_s
            settled = near.now_s - self._stood_s >= self._config.settle_s
            return STILL, "arrived" if settled else "running"
        self._stood_s = None
        return self._step(near.pose, left_m, turn), "running"

    def _edge_m(self) -> float:
        """Where the near edge is to be; decided when the surface is first seen."""
        return self._work.edge_at(self._first.height_m)

    def _step(self, pose: Pose, left_m: float, turn: float) -> FloatArray:
        aside_m = float(pose.to(self._place)[1])
        velocity = np.zeros(3)
        if abs(turn) > _TURNED_RAD:
            rate = max(_TURN_GAIN_1_S * abs(turn), _LEAST_TURN_RAD_S)
            velocity[2] = np.copysign(min(rate, self._config.turn_rad_s), turn)
        if abs(aside_m) > _ASIDE_M:
            velocity[1] = np.copysign(_SLOW_M_S, aside_m)
        away = abs(turn) > _TURNED_AWAY_RAD or abs(aside_m) > _ASIDE_GONE_M
        if -_NEARER_M <= left_m <= 0.5 * _FARTHER_M or (away and left_m > 0.0):
            return velocity
        most = _SLOW_M_S if left_m < _SLOW_WITHIN_M else self._config.near_speed_m_s
        speed = np.clip(_STEP_GAIN_1_S * abs(left_m), _LEAST_M_S, most)
        velocity[0] = np.copysign(speed, left_m)
        return velocity

    def _look(self, near: Near) -> Rejected | None:
        """Take the newest surface in, if it is the one seen before; say so where none comes."""
        seen, last = near.surface, self._surface
        fresh = seen is not None and near.now_s - seen.stamp_s <= self._config.grid_timeout_s
        if fresh and _sound(seen) and (last is None or _same(seen, last)):
            self._surface = seen
            self._first = self._first or seen
        seen_s = -np.inf if self._surface is None else self._surface.stamp_s
        age_s, bound = near.now_s - max(seen_s, self._began_s), self._config.grid_timeout_s
        if age_s <= bound:
            return None
        if self._surface is None:
            return Rejected("no_surface", "no surface is seen ahead", {"bound": bound})
        reason = f"the surface has not been seen for {age_s:.2f} s, allowed {bound} s"
        return Rejected("surface_lost", reason, {"value": age_s, "bound": bound})

    def _unfit(self, pose: Pose) -> Rejected | None:
        """Why the robot cannot step up to this surface."""
        surface, work = self._surface, self._work
        away_m, most_m = to_edge_m(surface, pose), work.highest_m
        if surface.height_m > most_m:
            reason = f"the surface is {surface.height_m:.2f} m high, the hands pass {most_m:.2f} m"
            details = {"value": round(surface.height_m, 3), "bound": round(most_m, 3)}
            return Rejected("surface_too_high", reason, details)
        if away_m > _FARTHEST_M:
            reason = f"the edge is {away_m:.2f} m away, allowed {_FARTHEST_M} m"
            return Rejected("no_surface", reason, {"value": round(away_m, 3), "bound": _FARTHEST_M})
        # What is over the surface later may be the hands themselves.
        if away_m > work.hands_ahead_m and _in_the_way(surface, pose, work):
            return Rejected("surface_taken", "something stands where the hands would come over")
        return None

    def _stuck(self, now_s: float, left_m: float) -> Rejected | None:
        if abs(left_m) < self._best_m - _PROGRESS_M or self._stood_s is not None:
            self._best_m, self._progress_s = min(abs(left_m), self._best_m), now_s
        return no_progress(now_s - self._progress_s, self._config, left_m)


class Withdrawal:
    """Steps straight back to a pose; `start`, then `update` as with `Approach`."""

    def __init__(self, config: WalkConfig) -> None:
        self._config = config

    def start(self, now_s: float, goal: Pose) -> None:
        """Begin, to a pose behind the robot."""
        self._goal, self._began_s = goal, now_s
        self._best_m, self._progress_s = np.inf, now_s
        self._stood_s: float | None = None

    def update(self, near: Near) -> tuple[FloatArray, Outcome]:
        """As `Approach.update`."""
        config, goal = self._config, self._goal
        refused = unsteady(near, config, self._began_s)
        if refused is not None:
            return STILL, refused
        off_m, turn = near.pose.apart(goal)
        if off_m < self._best_m - _PROGRESS_M or self._stood_s is not None:
            self._best_m, self._progress_s = min(off_m, self._best_m), near.now_s
        refused = no_progress(near.now_s - self._progress_s, config, off_m)
        if refused is not None:
            return STILL, refused
        if off_m <= config.position_m and turn <= config.heading_rad:
            self._stood_s = near.now_s if self._stood_s is None else self._stood_s
            settled = near.now_s - self._stood_s >= config.settle_s
            return STILL, "arrived" if settled else "running"
        self._stood_s = None
        if near.pose.to(goal.xy_m)[0] < 0.0 and _stands_behind(near.grid, near.pose):
            return STILL, Rejected("no_path", "something stands behind the robot")
        return stepping(near.pose, goal, config), "running"


def unsteady(near: Near, config: WalkConfig, began_s: float) -> Rejected | None:
    """Why no step may be made now, whatever is ahead."""
    if near.stop_level != "run":
        reason = f"the spinal cord is in '{near.stop_level}'"
        return Rejected("stopped", reason, {"stop_level": near.stop_level})
    age_s, bound = near.now_s - near.odometry_s, config.odometry_timeout_s
    finite = np.isfinite([near.pose.x_m, near.pose.y_m, near.pose.yaw_rad]).all()
    if not (age_s <= bound and finite):
        value = round(age_s, 3) if np.isfinite(age_s) else None
        details = {"value": value, "bound": bound}
        return Rejected("odometry_silent", "odometry is late or not finite", details)
    if near.now_s - began_s > _TIMEOUT_S:
        reason = f"the steps took longer than {_TIMEOUT_S} s"
        return Rejected("timeout", reason, {"bound": _TIMEOUT_S})
    return None


def no_progress(waited_s: float, config: WalkConfig, left_m: float) -> Rejected | None:
    """A refusal when the robot has not come nearer for too long."""
    bound = config.progress_timeout_s
    if waited_s <= bound:
        return None
    reason = f"the robot has not come nearer in {waited_s:.1f} s, allowed {bound} s"
    return Rejected("no_progress", reason, {"distance_m": round(left_m, 3), "bound": bound})


def _sound(surface: Surface) -> bool:
    edge = surface.edge_O_m
    long_m = np.linalg.norm(edge[1] - edge[0])
    return bool(np.isfinite(edge).all() and np.isfinite(surface.height_m) and long_m > 0.0)


def _same(seen: Surface, last: Surface) -> bool:
    """Whether two views are of one surface: same height, edges on one line."""
    middle = Pose(*last.edge_O_m.mean(axis=0), 0.0)
    level = abs(seen.height_m - last.height_m) <= _SAME_HEIGHT_M
    return level and abs(to_edge_m(seen, middle)) <= _SAME_EDGE_M


def _in_the_way(surface: Surface, pose: Pose, work: WorkStance) -> bool:
    """Whether something stands at the edge where a hand will be over it."""
    turned = Pose(pose.x_m, pose.y_m, facing_rad(surface))
    edge_m = to_edge_m(surface, pose)
    at = np.array([turned.to(spot) for spot in surface.taken_O_m]).reshape(-1, 2)
    ahead, aside = at[:, 0] - edge_m, np.abs(at[:, 1])
    inner_m = work.hands_aside_m - 0.2
    deep = ahead < work.hands_ahead_m - work.edge_m + _NEARER_M
    return bool((deep & (aside > inner_m) & (aside < work.hands_aside_m + 0.03)).any())


def _stands_behind(grid: OccupancyGrid | None, pose: Pose) -> bool:
    if grid is None:
        return False
    at = grid.center(np.argwhere(grid.cells == OCCUPIED)) - pose.xy_m
    c, s = np.cos(pose.yaw_rad), np.sin(pose.yaw_rad)
    x, y = at @ np.array([c, s]), at @ np.array([-s, c])
    return bool(((x < -_HEELS_M) & (x > -_BEHIND_M) & (np.abs(y) < _HALF_WIDTH_M)).any())
