# SPDX-License-Identifier: Apache-2.0
"""From a question to an answer, over the few things that MoveIt does for it.

Runs in the MoveIt process. Random choices come from the question's seed; only OMPL's are its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np

from big_brain_node.moveit.protocol import Answer, Question
from neuraxis_common.types import FloatArray

# Postures handed to OMPL, and how often inverse kinematics may try to find them.
_POSTURES = 4
_TRIES = 80
# Among how many of the library's nearest postures a start is drawn, metres that weigh as much as a
# right angle, and how often the waist starts where it is wanted.
_CHOICE, _TURN_WEIGHT_M, _WAIST_STAYS = 8, 0.1, 0.6
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
    took_s = clock() - began_s
    if isinstance(found, _Refused):
        return Answer(question.number, None, found.code, found.reason, found.details, took_s)
    return Answer(question.number, found, took_s=took_s)


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
    rng = np.random.default_rng(question.seed)
    near = np.clip(question.near, kernel.lower_rad, kernel.upper_rad)
    low, high = np.array([question.yaw_free_rad, question.tilt_free_rad]).T
    free: list[FloatArray] = []
    blocked: list[FloatArray] = []
    tries = 0
    while tries < _TRIES and len(free) < _POSTURES and not late():
        # As asked, then turned within the goal's freedom; from nearby, then from anywhere.
        turn = np.clip(0.0, low, high) if tries == 0 else rng.uniform(low, high)
        T = turned(question.tool, *turn)
        seed = near.copy() if tries == 0 else _start(kernel, T, near, rng)
        pos = kernel.solve(seed, T)
        if pos is not None:
            (blocked if kernel.collides(pos) else free).append(pos)
        tries += 1
    if not free and blocked:
        reason = "every posture that reaches the goal collides"
        return _Refused("goal_in_collision", reason, {"posture": blocked[0].tolist()})
    if not free and tries < _TRIES:
        return _Refused("timeout", f"{tries} descents of inverse kinematics found nothing yet", {})
    if not free:
        at = [round(float(v), 3) for v in question.tool[:3, 3]]
        reason = f"no posture brings the hand to {at} m in base_link"
        return _Refused("unreachable", reason, {"at": at})
    return np.array(sorted(free, key=lambda pos: float(np.abs(pos - near).sum())))


def _start(kernel: Kernel, T: FloatArray, near: FloatArray, rng: np.random.Generator) -> FloatArray:
    """A posture of the library whose tool is not far from a pose; the waist mostly as wanted."""
    rows, poses = kernel.library
    apart = np.linalg.norm(poses[:, :3, 3] - T[:3, 3], axis=1)
    turn = 3.0 - np.einsum("kij,ij->k", poses[:, :3, :3], T[:3, :3])
    best = np.argpartition(apart + _TURN_WEIGHT_M * turn, _CHOICE)[:_CHOICE]
    seed = rows[rng.choice(best)].copy()
    if rng.random() < _WAIST_STAYS:
        seed[: kernel.free_joints] = near[: kernel.free_joints]
    return seed


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


def turned(T: FloatArray, yaw_rad: float, tilt_rad: float) -> FloatArray:
    """A tool pose turned about the base's z and the tool's own y axis, in its place."""
    cy, sy, ct, st = np.cos(yaw_rad), np.sin(yaw_rad), np.cos(tilt_rad), np.sin(tilt_rad)
    result = T.copy()
    yaw = np.array([[cy, -sy, 0.0], [sy, cy, 0.0], [0.0, 0.0, 1.0]])
    tilt = np.array([[ct, 0.0, st], [0.0, 1.0, 0.0], [-st, 0.0, ct]])
    result[:3, :3] = yaw @ T[:3, :3] @ tilt
    return result


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
