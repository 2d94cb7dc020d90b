# SPDX-License-Identifier: Apache-2.0
"""From a question to an answer, over the few things that MoveIt does for it.

Runs in the MoveIt process. Nothing here is random: a question always ends in the same posture where
OMPL finds a way to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np

from big_brain_node.moveit.protocol import Answer, Question
from neuraxis_common.types import FloatArray

# Postures handed to OMPL, and how often inverse kinematics may try to find them.
_POSTURES = 4
_TRIES = 240
# What a turn of the tool weighs beside its distance when starts are ranked.
_TURN_WEIGHT_M = 0.1
# Share of the budget for postures, and of the rest for the way to the best of them.
_IK_SHARE, _BEST_SHARE = 0.4, 0.6
_LINE_STEP_M, _LINE_STEP_RAD = 0.012, 0.10
# Joint step between two points of a line above which the arm is flipping over.
_LINE_JUMP_RAD = 0.45
_CHECK_STEP_RAD = 0.03


class Kernel(Protocol):
    """One side of the robot among the things of one question.

    Attributes:
        start_rad: Where it is, shape (n,).
        lower_rad, upper_rad: Limits, shape (n,).
        free_joints: How many leading joints inverse kinematics leaves as they are (a waist).
        library: Postures (k, n) to start from and their tool poses (k, 4, 4), roughly.
    """

    start_rad: FloatArray
    lower_rad: FloatArray
    upper_rad: FloatArray
    free_joints: int
    library: tuple[FloatArray, FloatArray]

    def solve(self, seed_rad: FloatArray, T: FloatArray) -> FloatArray | None:
        """Posture with the tool at `T`, one descent from a seed."""

    def tool(self, pos_rad: FloatArray) -> FloatArray:
        """Tool pose, shape (4, 4)."""

    def collides(self, pos_rad: FloatArray) -> bool:
        """Whether anything touches."""

    def route(self, goals_rad: FloatArray, budget_s: float) -> FloatArray | str:
        """Path (m, n) from the start to one of the goals (k, n), or a code of `Rejected`."""


@dataclass(frozen=True)
class _Refused:
    code: str
    reason: str
    details: dict


def answer(kernel: Kernel, question: Question, clock: Callable[[], float]) -> Answer:
    """Find the motion or say why there is none."""
    began_s = clock()
    until_s = began_s + question.budget_s
    found: FloatArray | _Refused
    if question.line:
        found = _line(kernel, question)
    else:
        goals: FloatArray | _Refused
        if question.postures is not None:
            goals = question.postures
        else:
            ik_until_s = began_s + _IK_SHARE * question.budget_s
            goals = _postures(kernel, question, lambda: clock() > ik_until_s)
        found = goals if isinstance(goals, _Refused) else _route(kernel, goals, until_s - clock())
    if isinstance(found, _Refused):
        return Answer(question.number, None, found.code, found.reason, found.details)
    return Answer(question.number, found)


def _route(kernel: Kernel, goals: FloatArray, budget_s: float) -> FloatArray | _Refused:
    """Around what is in the way."""
    if budget_s <= 0:
        return _Refused("timeout", "no time is left to plan", {})
    if kernel.collides(kernel.start_rad):
        return _Refused("start_in_collision", "MoveIt sees the start in collision", {})
    free = np.array([goal for goal in goals if not kernel.collides(goal)])
    if not len(free):
        reason = "every posture that reaches the goal collides"
        return _Refused("goal_in_collision", reason, {"posture": goals[0].tolist()})
    # To the best one if possible, so that the same question ends in the same posture.
    found: FloatArray | str = "no_path"
    for some, share in ((free[:1], _BEST_SHARE), (free[1:], 1.0 - _BEST_SHARE)):
        if isinstance(found, str) and len(some):
            found = kernel.route(some, share * budget_s)
    if isinstance(found, str):
        return _Refused(found, f"OMPL found no way within {budget_s:.2f} s", {})
    return found


def _postures(
    kernel: Kernel, question: Question, late: Callable[[], bool]
) -> FloatArray | _Refused:
    """Postures that reach the tool goal, free ones near the wanted posture first."""
    near = np.clip(question.near, kernel.lower_rad, kernel.upper_rad)
    free: list[FloatArray] = []
    blocked: list[FloatArray] = []
    for seed, T in _starts(kernel, question, near):
        if len(free) == _POSTURES or late():
            break
        pos = kernel.solve(seed, T)
        if pos is not None:
            (blocked if kernel.collides(pos) else free).append(pos)
    if free:
        return np.array(sorted(free, key=lambda pos: float(np.abs(pos - near).sum())))
    if blocked:
        reason = "every posture that reaches the goal collides"
        return _Refused("goal_in_collision", reason, {"posture": blocked[0].tolist()})
    if late():
        return _Refused("timeout", "inverse kinematics found nothing yet", {})
    at = [round(float(v), 3) for v in question.tool[:3, 3]]
    reason = f"no posture brings the hand to {at} m in base_link"
    return _Refused("unreachable", reason, {"at": at})


def _starts(
    kernel: Kernel, question: Question, near: FloatArray
) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Postures to descend from, each with the allowed tool pose that it is closest to."""
    rows, poses = kernel.library
    rows = np.concatenate([near[None], rows])
    poses = np.concatenate([kernel.tool(near)[None], poses])
    yaw, tilt = closest_turn(question.tool[:3, :3], poses[:, :3, :3])
    yaw = np.clip(yaw, *question.yaw_free_rad)
    tilt = np.clip(tilt, *question.tilt_free_rad)
    T = turned(question.tool, yaw, tilt)
    away_m = np.linalg.norm(poses[:, :3, 3] - T[:, :3, 3], axis=1)
    off = 3.0 - np.einsum("kij,kij->k", poses[:, :3, :3], T[:, :3, :3])
    cost = away_m + _TURN_WEIGHT_M * off
    for k in np.argsort(cost, kind="stable")[:_TRIES]:
        yield rows[k].copy(), T[k]


def _line(kernel: Kernel, question: Question) -> FloatArray | _Refused:
    """The tool straight to its goal, turning evenly; the waist stays."""
    T0, goal = kernel.tool(kernel.start_rad), question.tool
    turn = _log(T0[:3, :3].T @ goal[:3, :3])
    away_m = float(np.linalg.norm(goal[:3, 3] - T0[:3, 3]))
    steps = np.ceil([away_m / _LINE_STEP_M, np.linalg.norm(turn) / _LINE_STEP_RAD])
    count = max(int(steps.max()), 1)
    bounds = np.array([question.yaw_free_rad, question.tilt_free_rad])
    path, used = [kernel.start_rad], np.zeros(2)
    for k in range(1, count + 1):
        share = k / count
        T = np.eye(4)
        T[:3, :3] = T0[:3, :3] @ _exp(share * turn)
        T[:3, 3] = T0[:3, 3] + share * (goal[:3, 3] - T0[:3, 3])
        found = _next(kernel, path[-1], T, used, share * bounds)
        if found is None:
            details = {"share": round(share, 2), "distance_m": round(away_m, 4)}
            return _Refused("unreachable", "the line leaves the arm's reach", details)
        pos, used = found
        path.append(pos)
    dense = _dense(np.array(path))
    hit = next((pos for pos in dense[1:] if kernel.collides(pos)), None)
    if hit is not None:
        details = {"posture": hit.tolist()}
        return _Refused("path_in_collision", "the line brings two things together", details)
    return np.array(path)


def _next(
    kernel: Kernel, pos: FloatArray, T: FloatArray, used: FloatArray, bounds: FloatArray
) -> tuple[FloatArray, FloatArray] | None:
    """Posture for the next point of a line: turned as before, else a little otherwise."""
    used = np.clip(used, bounds[:, 0], bounds[:, 1])
    tries = [used]
    for axis in range(2):
        for end in bounds[axis]:
            for share in (0.34, 1.0):
                other = used.copy()
                other[axis] += share * (end - used[axis])
                tries.append(other)
    for turn in tries:
        found = kernel.solve(pos, turned(T, *turn))
        if found is not None and np.abs(found - pos).max() <= _LINE_JUMP_RAD:
            return found, turn
        if not np.ptp(bounds):
            return None
    return None


def turned(T: FloatArray, yaw_rad: FloatArray, tilt_rad: FloatArray) -> FloatArray:
    """A tool pose turned about the base's z and the tool's own y axis, in its place.

    Args:
        T: Pose, shape (4, 4).
        yaw_rad: About the base's z axis, shape (k,) or a scalar.
        tilt_rad: About the tool's y axis, likewise.

    Returns:
        Shape (k, 4, 4), or (4, 4) for scalars.
    """
    yaw, tilt = np.asarray(yaw_rad, dtype=float), np.asarray(tilt_rad, dtype=float)
    about_z, about_y = np.zeros((*yaw.shape, 3, 3)), np.zeros((*yaw.shape, 3, 3))
    about_z[..., 0, 0] = about_z[..., 1, 1] = np.cos(yaw)
    about_z[..., 1, 0], about_z[..., 0, 1], about_z[..., 2, 2] = np.sin(yaw), -np.sin(yaw), 1.0
    about_y[..., 0, 0] = about_y[..., 2, 2] = np.cos(tilt)
    about_y[..., 0, 2], about_y[..., 2, 0], about_y[..., 1, 1] = np.sin(tilt), -np.sin(tilt), 1.0
    result = np.broadcast_to(T, (*yaw.shape, 4, 4)).copy()
    result[..., :3, :3] = about_z @ T[:3, :3] @ about_y
    return result


def closest_turn(R_goal: FloatArray, R: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Yaw and tilt with which `turned` brings a goal nearest to orientations.

    Args:
        R_goal: Shape (3, 3).
        R: Shape (k, 3, 3).

    Returns:
        Yaw (k,) about the base's z axis, tilt (k,) about the tool's y axis.
    """
    # The closing axis y turns with the yaw alone.
    y, y_goal = R[:, :2, 1], R_goal[:2, 1]
    yaw = np.arctan2(y_goal[0] * y[:, 1] - y_goal[1] * y[:, 0], y @ y_goal)
    T = np.eye(4)
    T[:3, :3] = R_goal
    rest = np.einsum("kji,kjl->kil", turned(T, yaw, np.zeros_like(yaw))[:, :3, :3], R)
    return yaw, np.arctan2(rest[:, 0, 2], rest[:, 0, 0])


def _dense(path: FloatArray) -> FloatArray:
    rows = [path[:1]]
    for a, b in pairwise(path):
        count = max(int(np.ceil(np.abs(b - a).max() / _CHECK_STEP_RAD)), 1)
        rows.append(a + (np.arange(1, count + 1) / count)[:, None] * (b - a))
    return np.concatenate(rows)


def _exp(v: FloatArray) -> FloatArray:
    angle = float(np.linalg.norm(v))
    if angle < 1e-12:
        return np.eye(3)
    x, y, z = v / angle
    K = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.eye(3) + np.sin(angle) * K + (1.0 - np.cos(angle)) * K @ K


def _log(R: FloatArray) -> FloatArray:
    vee = 0.5 * np.array([R[2, 1] - R[1, 2], R[0, 2] - R[2, 0], R[1, 0] - R[0, 1]])
    sine = float(np.linalg.norm(vee))
    if sine < 1e-9:
        return vee
    return vee * (np.arctan2(sine, 0.5 * (np.trace(R) - 1.0)) / sine)
