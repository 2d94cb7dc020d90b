# SPDX-License-Identifier: Apache-2.0
"""One arm in one situation: its postures for a pose, its collisions, its straight lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from big_brain_node.motion.collision import CollisionModel, CollisionScene
from big_brain_node.motion.ik import IkGoals, IkSolutions, IkSolver, Library
from big_brain_node.motion.kinematics import ArmChain, RobotKinematics, rotation_log
from big_brain_node.motion.planner import MotionConfig, PlanRequest, Side, TcpGoal
from neuraxis_common.errors import Rejected
from neuraxis_common.profile import RobotProfile
from neuraxis_common.types import FloatArray

# Large enough that a short-armed robot reaches across its midline, see reach.py.
WAIST_YAW_LIMIT_RAD = 0.5
# Turning the waist moves the camera and the other arm, so it counts more than a wrist.
_WAIST_WEIGHT = 2.0
_STARTS_PER_GOAL = 8
# Where the near postures collide: starts of one goal at most, and of all goals together about.
_SPREAD_PER_GOAL, _SPREAD_STARTS = 120, 240
_LIBRARY = 4000
_LINE_STEP_M = 0.012
_LINE_STEP_RAD = 0.10
# Joint step between two points of a line above which the arm is flipping over.
_LINE_JUMP_RAD = 0.45


@dataclass(frozen=True)
class Posture:
    """One way to reach a goal.

    Attributes:
        pos_rad: Joints of the chain, shape (n,).
        goal: Index of the goal it reaches.
        yaw_rad, tilt_rad: Freedom used.
        cost: Lower is better.
    """

    pos_rad: FloatArray
    goal: int
    yaw_rad: float
    tilt_rad: float
    cost: float


class ArmModel:
    """What stays the same between plans of one arm: its joints, shapes and start library."""

    def __init__(
        self,
        profile: RobotProfile,
        kinematics: RobotKinematics,
        urdf_xml: str,
        side: Side,
        config: MotionConfig,
    ) -> None:
        self.side, self.kinematics, self.config = side, kinematics, config
        ready = np.array([profile.ready_pose_rad[name] for name in profile.joint_names])
        self.ready_q = kinematics.configuration(ready)
        waist = kinematics.upright_axes(self.ready_q, profile.groups["waist"])[:1]
        self.has_waist = bool(waist)
        self.joint_names = waist + tuple(profile.groups[f"{side}_arm"])
        self.tcp = profile.grippers[side].tcp_frame
        chain = self.chain(self.ready_q)
        self.ready_rad = self.ready_q[chain.q_index]
        self.collision = CollisionModel(kinematics, urdf_xml, chain, self.ready_q)
        self._library = Library.sample(chain, _LIBRARY, seed=1)

    def chain(self, q: FloatArray) -> ArmChain:
        """The chain with all other joints as in `q`."""
        chain = self.kinematics.chain(q, self.joint_names, self.tcp)
        return with_waist_limit(chain) if self.has_waist else chain

    def solver(self, chain: ArmChain) -> IkSolver:
        """Inverse kinematics of that chain."""
        return IkSolver(chain, self.config.limit_margin_rad, self._library)


class Arm:
    """One arm with all other joints as measured, among the obstacles of `scene`.

    Args:
        model: The arm.
        q: Pinocchio configuration at the start.
        chain: Its joints, with the others as in `q`.
        scene: Collisions to respect; built for the same `q`.
        request: What `q` and `scene` were built from.
    """

    def __init__(
        self,
        model: ArmModel,
        q: FloatArray,
        chain: ArmChain,
        scene: CollisionScene,
        request: PlanRequest,
    ) -> None:
        self.model, self.q, self.chain, self.scene = model, q, chain, scene
        self.request, self.margin_scale = request, request.margin_scale
        self.start_rad = q[chain.q_index].copy()
        self.solver = model.solver(chain)
        # A start inside the margin of a limit must not be pushed out of it in one step.
        self.solver.lower = np.minimum(self.solver.lower, self.start_rad)
        self.solver.upper = np.maximum(self.solver.upper, self.start_rad)
        self._weight = np.ones(chain.n)
        if model.has_waist:
            self._weight[0] = _WAIST_WEIGHT

    def tool(self, pos_rad: FloatArray) -> FloatArray:
        """Tool pose in base_link, shape (4, 4)."""
        R, p = self.chain.forward(pos_rad)
        T = np.eye(4)
        T[:3, :3], T[:3, 3] = R[0], p[0]
        return T

    def free_postures(
        self,
        goals: Sequence[TcpGoal],
        near_rad: FloatArray,
        enough: int = 12,
        rank: Callable[[Posture], float] | None = None,
        late: Callable[[], bool] | None = None,
    ) -> tuple[list[Posture], Posture | None]:
        """Postures that reach any of the goals without collision.

        Args:
            goals: Any of them will do.
            near_rad: Posture to stay near.
            enough: Bound on the postures found at first.
            rank: Lower is better; the cost alone when None.
            late: Whether no time is left for a wider search.

        Returns:
            Free postures, best first, and the best of those that collide when none is free; None
            when the goals are out of reach.
        """
        key = rank or (lambda item: item.cost)
        found = sorted(self.postures(goals, near_rad, enough), key=key)
        free = [item for item in found if not self.scene.collides(item.pos_rad)]
        if free or not found:
            return free, None
        if late is None or not late():
            spread = sorted(self.spread_postures(goals, near_rad), key=key)
            free = [item for item in spread if not self.scene.collides(item.pos_rad)]
        return free, found[0]

    def spread_postures(self, goals: Sequence[TcpGoal], near_rad: FloatArray) -> list[Posture]:
        """As `postures`, but far apart in what the goals leave free.

        Where `postures` pulls every start towards the wanted posture, so that they all end with
        nearly the same waist, elbow and tilt, these stay where they are.
        """
        goals = list(goals)
        per = min(_SPREAD_PER_GOAL, max(_SPREAD_STARTS // len(goals), _STARTS_PER_GOAL))
        start, free = self.solver.starts(IkGoals.repeat(goals, 1), per)
        rows = IkGoals.repeat(goals, per)
        return self._ranked(self.solver.solve(rows, start, free, pull_gain=0.0), per, near_rad)

    def postures(
        self, goals: Sequence[TcpGoal], near_rad: FloatArray, enough: int = 12
    ) -> list[Posture]:
        """Postures that reach any of the goals, best first; collisions are not looked at."""
        goals = list(goals)
        once = IkGoals.repeat(goals, 1)
        start, free = self.solver.starts(once, _STARTS_PER_GOAL)
        rows = IkGoals.repeat(goals, _STARTS_PER_GOAL + 1)
        per = _STARTS_PER_GOAL + 1
        n = self.chain.n
        start = start.reshape(len(goals), -1, n)
        near = np.broadcast_to(near_rad, (len(goals), 1, n))
        start = np.concatenate([near, start], axis=1).reshape(-1, n)
        middle = 0.5 * (once.lower + once.upper)[:, None]
        free = np.concatenate([middle, free.reshape(len(goals), -1, 2)], axis=1).reshape(-1, 2)
        found = self.solver.solve(rows, start, free, enough=enough, pull=near_rad)
        return self._ranked(found, per, near_rad)

    def _ranked(self, found: IkSolutions, per: int, near_rad: FloatArray) -> list[Posture]:
        """Solutions of `per` rows for each goal, the best first."""
        cost = self._cost(found.pos_rad, near_rad)
        return [
            Posture(
                found.pos_rad[k],
                int(found.row[k] // per),
                float(found.free_rad[k, 0]),
                float(found.free_rad[k, 1]),
                float(cost[k]),
            )
            for k in np.argsort(cost, kind="stable")
        ]

    def _cost(self, pos: FloatArray, near: FloatArray) -> FloatArray:
        """Distance from a posture plus a penalty that grows towards the joint limits."""
        travel = np.sqrt((((pos - near) * self._weight) ** 2).sum(axis=1))
        room = np.minimum(pos - self.chain.lower_rad, self.chain.upper_rad - pos)
        return travel + 0.05 * (1.0 / np.maximum(room, 0.02)).sum(axis=1) / self.chain.n

    def line(self, start_rad: FloatArray, goal: TcpGoal) -> FloatArray | Rejected:
        """Joint path (m, n) that moves the tool on a straight line from a posture to a goal."""
        path, failure = self.trace(start_rad, goal)
        return path if failure is None else failure

    def trace(self, start_rad: FloatArray, goal: TcpGoal) -> tuple[FloatArray, Rejected | None]:
        """As `line`, but hands back how far it got beside the reason it stopped.

        The goal's freedom opens linearly along the way. Points are evenly spread on the line.
        """
        R, p = self.chain.forward(start_rad)
        p_goal = goal.T_B_tcp[:3, 3]
        away = float(np.linalg.norm(p_goal - p[0]))
        turn = rotation_log((R[0].T @ goal.T_B_tcp[:3, :3])[None])[0]
        count = max(
            int(np.ceil(away / _LINE_STEP_M)),
            int(np.ceil(np.linalg.norm(turn) / _LINE_STEP_RAD)),
            1,
        )
        bounds = np.array([goal.yaw_free_rad, goal.tilt_free_rad]).T
        path, free = [start_rad], np.zeros((1, 2))
        for k in range(1, count + 1):
            share = k / count
            rows = IkGoals(
                (R[0] @ rotation_exp(share * turn))[None],
                (p[0] + share * (p_goal - p[0]))[None],
                share * bounds[:1],
                share * bounds[1:],
            )
            free = np.clip(free, rows.lower, rows.upper)
            found = self.solver.solve(rows, path[-1][None], free, iterations=20, pull_gain=0.0)
            details = {"share": round(share, 2), "distance_m": round(away, 4)}
            if not len(found.row):
                why = Rejected("unreachable", "the line leaves the arm's reach", details)
                return np.array(path), why
            if np.abs(found.pos_rad[0] - path[-1]).max() > _LINE_JUMP_RAD:
                why = Rejected("limits", "the line needs the arm to flip over", details)
                return np.array(path), why
            path.append(found.pos_rad[0])
            free = found.free_rad
        return np.array(path), None


def with_waist_limit(chain: ArmChain) -> ArmChain:
    """The chain with its first joint, the waist, kept to `WAIST_YAW_LIMIT_RAD`."""
    lower, upper = chain.lower_rad.copy(), chain.upper_rad.copy()
    lower[0] = max(lower[0], -WAIST_YAW_LIMIT_RAD)
    upper[0] = min(upper[0], WAIST_YAW_LIMIT_RAD)
    return replace(chain, lower_rad=lower, upper_rad=upper)


def rotation_exp(v: FloatArray) -> FloatArray:
    """Rotation (3, 3) of a rotation vector (3,)."""
    angle = float(np.linalg.norm(v))
    if angle < 1e-12:
        return np.eye(3)
    x, y, z = v / angle
    K = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.eye(3) + np.sin(angle) * K + (1.0 - np.cos(angle)) * K @ K
