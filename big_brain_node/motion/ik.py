# SPDX-License-Identifier: Apache-2.0
"""Inverse kinematics: damped least squares from many starts at once.

Each row of the batch is one start of one goal. Beside the arm's joints a row may have two more
unknowns: a turn of the goal about the base's z axis and a tilt about the goal's own closing axis,
both bounded. That leaves a short-wristed arm the freedom a grasp really has.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from big_brain_node.motion.kinematics import ArmChain, rotation_log
from big_brain_node.motion.planner import TcpGoal
from neuraxis_common.types import FloatArray

POSITION_TOLERANCE_M = 2e-4
ROTATION_TOLERANCE_RAD = 1.5e-3
# Metres of position error that weigh as much as one radian of orientation error.
_ROTATION_WEIGHT_M = 0.2
_STEP_LIMIT_RAD = 0.5
_DAMPING = 2e-3


@dataclass(frozen=True)
class IkGoals:
    """Goals of b rows.

    Attributes:
        R: Goal orientation at zero yaw and tilt, shape (b, 3, 3).
        p: Goal position, shape (b, 3).
        lower, upper: Bounds of (yaw, tilt), shape (b, 2).
    """

    R: FloatArray
    p: FloatArray
    lower: FloatArray
    upper: FloatArray

    @staticmethod
    def repeat(goals: list[TcpGoal], times: int) -> IkGoals:
        """Each goal `times` rows in a row."""
        T = np.repeat(np.array([goal.T_B_tcp for goal in goals]), times, axis=0)
        free = np.array([[goal.yaw_free_rad, goal.tilt_free_rad] for goal in goals])
        free = np.repeat(free, times, axis=0)
        return IkGoals(T[:, :3, :3], T[:, :3, 3], free[:, :, 0], free[:, :, 1])

    def rows(self, index: FloatArray) -> IkGoals:
        """A subset of the rows."""
        return IkGoals(self.R[index], self.p[index], self.lower[index], self.upper[index])


@dataclass(frozen=True)
class Library:
    """Postures with known tool poses, to start from: (k, n), (k, 3, 3), (k, 3)."""

    pos_rad: FloatArray
    R: FloatArray
    p: FloatArray

    @staticmethod
    def sample(chain: ArmChain, size: int, seed: int) -> Library:
        """Random postures of a chain, away from its limits."""
        share = np.random.default_rng(seed).uniform(0.08, 0.92, (size, chain.n))
        pos = chain.lower_rad + share * (chain.upper_rad - chain.lower_rad)
        return Library(pos, *chain.forward(pos))


@dataclass(frozen=True)
class IkSolutions:
    """Converged rows, best first is up to the caller.

    Attributes:
        pos_rad: Joint positions, shape (k, n).
        free_rad: Yaw and tilt used, shape (k, 2).
        row: Which row of the batch each came from, shape (k,).
    """

    pos_rad: FloatArray
    free_rad: FloatArray
    row: FloatArray


def turned_goal(goals: IkGoals, free: FloatArray) -> FloatArray:
    """Goal orientations (b, 3, 3) after yaw about base z and tilt about the tool's y axis."""
    cy, sy = np.cos(free[:, 0]), np.sin(free[:, 0])
    ct, st = np.cos(free[:, 1]), np.sin(free[:, 1])
    zero, one = np.zeros(len(free)), np.ones(len(free))
    yaw = np.stack([cy, -sy, zero, sy, cy, zero, zero, zero, one], axis=1).reshape(-1, 3, 3)
    tilt = np.stack([ct, zero, st, zero, one, zero, -st, zero, ct], axis=1).reshape(-1, 3, 3)
    return yaw @ goals.R @ tilt


class IkSolver:
    """Batched solver for one arm.

    Args:
        chain: The arm.
        limit_margin_rad: Kept from every joint limit.
        library: Postures to start from. Those of a slightly different chain (other joints of the
            robot moved a little) serve as well.
    """

    def __init__(self, chain: ArmChain, limit_margin_rad: float, library: Library) -> None:
        self.chain, self._library = chain, library
        self.lower = chain.lower_rad + limit_margin_rad
        self.upper = chain.upper_rad - limit_margin_rad

    def starts(self, goals: IkGoals, count: int) -> tuple[FloatArray, FloatArray]:
        """For each goal row the `count` library postures whose tool is nearest.

        Returns:
            Postures, shape (b * count, n), and free angles within bounds, shape (b * count, 2).
        """
        turns = [
            turned_goal(goals, goals.lower + share * (goals.upper - goals.lower))
            for share in (0.0, 0.25, 0.5, 0.75, 1.0)
        ]
        cost = np.full((len(goals.p), len(self._library.p)), np.inf)
        choice = np.zeros(cost.shape, dtype=int)
        away = np.linalg.norm(self._library.p[None] - goals.p[:, None], axis=2) / _ROTATION_WEIGHT_M
        for k, R in enumerate(turns):
            facing = R.reshape(-1, 9) @ self._library.R.reshape(-1, 9).T
            here = away + np.sqrt(np.clip(3.0 - facing, 0.0, None))
            better = here < cost
            cost, choice = np.where(better, here, cost), np.where(better, k, choice)
        nearest = np.argpartition(cost, count, axis=1)[:, :count]
        share = np.take_along_axis(choice, nearest, axis=1)[:, :, None] / 4.0
        free = goals.lower[:, None] + share * (goals.upper - goals.lower)[:, None]
        return self._library.pos_rad[nearest].reshape(-1, self.chain.n), free.reshape(-1, 2)

    def solve(
        self,
        goals: IkGoals,
        start: FloatArray,
        free: FloatArray,
        iterations: int = 40,
        enough: int | None = None,
        pull: FloatArray | None = None,
        pull_gain: float = 0.05,
    ) -> IkSolutions:
        """Solve all rows.

        Args:
            goals: One per row.
            start: Postures, shape (b, n).
            free: Starting yaw and tilt, shape (b, 2).
            iterations: Bound on the steps of every row.
            enough: Stop as soon as this many rows have converged.
            pull: Posture that the spare freedom drifts to, shape (n,); mid-range when None.
            pull_gain: Share of the way there per step, fading out.
        """
        x = np.concatenate([np.clip(start, self.lower, self.upper), free], axis=1)
        lower = np.concatenate([np.broadcast_to(self.lower, start.shape), goals.lower], axis=1)
        upper = np.concatenate([np.broadcast_to(self.upper, start.shape), goals.upper], axis=1)
        target = 0.5 * (self.lower + self.upper) if pull is None else pull
        alive = np.arange(len(x))
        done = np.zeros(len(x), dtype=bool)
        for step in range(iterations):
            error, J = self._linearise(goals.rows(alive), x[alive])
            small = _reached(error)
            done[alive[small]] = True
            if small.any():
                alive, error, J = alive[~small], error[~small], J[~small]
            if not len(alive) or (enough is not None and done.sum() >= enough):
                break
            drift = np.zeros((len(alive), x.shape[1]))
            gain = pull_gain * max(0.0, 1.0 - 1.5 * step / iterations)
            drift[:, : self.chain.n] = gain * (target - x[alive, : self.chain.n])
            x[alive] = _bounded_step(error, J, x[alive], lower[alive], upper[alive], drift)
        row = np.flatnonzero(done)
        return IkSolutions(x[row, : self.chain.n], x[row, self.chain.n :], row)

    def _linearise(self, goals: IkGoals, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        n = self.chain.n
        R, p, arm = self.chain.jacobian(x[:, :n])
        R_goal = turned_goal(goals, x[:, n:])
        spin = rotation_log(R_goal @ R.transpose(0, 2, 1))
        J = np.zeros((len(x), 6, n + 2))
        J[:, :, :n] = arm
        J[:, 5, n] = -1.0
        J[:, 3:, n + 1] = -R_goal[:, :, 1]
        return np.concatenate([goals.p - p, spin], axis=1), J


def _reached(error: FloatArray) -> FloatArray:
    """Which rows of position and rotation errors (b, 6) are within tolerance, shape (b,)."""
    away = np.linalg.norm(error[:, :3], axis=1) < POSITION_TOLERANCE_M
    return away & (np.linalg.norm(error[:, 3:], axis=1) < ROTATION_TOLERANCE_RAD)


def _bounded_step(
    error: FloatArray,
    J: FloatArray,
    x: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    drift: FloatArray,
) -> FloatArray:
    """One damped step; unknowns that would leave their bounds are frozen and the rest re-solved."""
    weight = np.array([1.0, 1.0, 1.0] + [_ROTATION_WEIGHT_M] * 3)
    error, J = error * weight, J * weight[:, None]
    active = upper > lower
    step = np.zeros_like(x)
    for _ in range(2):
        Ja = J * active[:, None, :]
        gram = Ja @ Ja.transpose(0, 2, 1) + _DAMPING * np.eye(6) * (
            0.02 + np.linalg.norm(error, axis=1)[:, None, None]
        )
        rest = error - np.einsum("bij,bj->bi", Ja, drift * active)
        solved = np.linalg.solve(gram, rest[:, :, None])
        step = (Ja.transpose(0, 2, 1) @ solved)[:, :, 0] + drift * active
        out = ((x + step < lower) & (step < 0)) | ((x + step > upper) & (step > 0))
        if not out.any():
            break
        active = active & ~out
    largest = np.abs(step).max(axis=1, keepdims=True)
    step = step * np.minimum(1.0, _STEP_LIMIT_RAD / np.maximum(largest, 1e-9))
    return np.clip(x + step, lower, upper)
