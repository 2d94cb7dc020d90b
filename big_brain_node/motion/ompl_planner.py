# SPDX-License-Identifier: Apache-2.0
"""Arm planner: inverse kinematics, straight lines, OMPL's RRTConnect, shortcuts, timing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from ompl import base as ob
from ompl import geometric as og
from ompl import util as ou

from big_brain_node.motion.arm import Arm, ArmModel
from big_brain_node.motion.collision import Contact
from big_brain_node.motion.kinematics import RobotKinematics
from big_brain_node.motion.planner import JointGoal, MotionConfig, PlanRequest, TcpGoal
from big_brain_node.motion.timing import densify, round_corners, time_path
from neuraxis_common.errors import ConfigError, Rejected
from neuraxis_common.profile import RobotProfile
from neuraxis_common.types import FloatArray, JointTrajectory

# Longest edge of the tree, in joint angles times levers.
_RANGE_M = 0.5
_GOALS = 4
_SHORTCUTS = 40
_CORNER_RAD = 0.4
# A posture measured this far outside its limits is encoder noise, not a fault.
_LIMIT_SLACK_RAD = 0.1

ou.noOutputHandler()


class ArmPlanner:
    """`MotionPlanner` for both arms of one robot.

    Args:
        clock: Monotonic seconds, for the deadline of each plan.
    """

    def __init__(
        self,
        profile: RobotProfile,
        urdf_xml: str,
        clock: Callable[[], float],
        config: MotionConfig | None = None,
    ) -> None:
        self.profile, self.config = profile, config or MotionConfig()
        self.kinematics = RobotKinematics(urdf_xml, profile.joint_names)
        self.clock = clock
        self.arms = {
            side: ArmModel(profile, self.kinematics, urdf_xml, side, self.config)
            for side in ("left", "right")
        }

    def plan(self, request: PlanRequest) -> JointTrajectory | Rejected:
        """See `MotionPlanner.plan`."""
        deadline_s = self.clock() + request.timeout_s
        arm = self.open(request)
        if isinstance(arm, Rejected):
            return arm
        wrong = self.wrong_goal(arm, request)
        if wrong is not None:
            return wrong
        if request.straight_line:
            path = self._line(arm, request.goal)
        else:
            goals = self._goal_postures(arm, request, deadline_s)
            if isinstance(goals, Rejected):
                return goals
            path = self.search(arm, arm.start_rad, goals, request.seed, deadline_s)
        if isinstance(path, Rejected):
            return path
        return self.timed(arm, path, request.max_speed_scale, request.tcp_speed_m_s)

    def open(self, request: PlanRequest) -> Arm | Rejected:
        """Check the request's start and set the scene for it."""
        start = np.asarray(request.start_pos_rad, dtype=float)
        if start.shape != (len(self.profile.joint_names),) or not np.isfinite(start).all():
            count = len(self.profile.joint_names)
            reason = f"start_pos_rad must be {count} finite numbers, got shape {start.shape}"
            return Rejected("bad_request", reason)
        if request.side not in self.arms:
            raise ConfigError(f"side must be 'left' or 'right', got '{request.side}'")
        model = self.arms[request.side]
        q = self.kinematics.configuration(start)
        chain = model.chain(q)
        pos = q[chain.q_index]
        out = np.maximum(chain.lower_rad - pos, pos - chain.upper_rad)
        if out.max() > _LIMIT_SLACK_RAD:
            k = int(out.argmax())
            reason = f"{chain.joint_names[k]} starts {out[k]:.3f} rad outside its limits"
            return Rejected("limits", reason, {"joint": chain.joint_names[k], "pos": float(pos[k])})
        margins = replace(
            self.config,
            margin_m=self.config.margin_m * request.margin_scale,
            near_margin_m=self.config.near_margin_m * request.margin_scale,
            held_margin_m=self.config.held_margin_m * request.margin_scale,
        )
        scene = model.collision.scene(
            q, request.obstacles, request.allowed_contacts, request.attached, margins
        )
        contacts = scene.forgive_start(pos)
        if contacts:
            return in_collision("start_in_collision", "the start", contacts)
        return Arm(model, q, chain, scene, request)

    def wrong_goal(self, arm: Arm, request: PlanRequest) -> Rejected | None:
        """Why nobody needs to search, None when somebody does."""
        if not isinstance(request.goal, JointGoal):
            return None
        if request.straight_line:
            return Rejected("bad_request", "a straight line needs a tool goal")
        goal = np.asarray(request.goal.pos_rad, dtype=float)
        low, high = arm.chain.lower_rad - 1e-6, arm.chain.upper_rad + 1e-6
        if goal.shape != low.shape or ((goal < low) | (goal > high)).any():
            return Rejected("limits", "the joint goal lies outside the joint limits")
        return None

    def _goal_postures(
        self, arm: Arm, request: PlanRequest, deadline_s: float
    ) -> list[FloatArray] | Rejected:
        if isinstance(request.goal, JointGoal):
            goal = np.asarray(request.goal.pos_rad, dtype=float)
            if arm.scene.collides(goal):
                return in_collision("goal_in_collision", "the goal", arm.scene.contacts(goal))
            return [goal]
        near = request.reference_pos_rad
        near = arm.start_rad if near is None else np.asarray(near, dtype=float)
        free, blocked = arm.free_postures(
            [request.goal], near, late=lambda: self.clock() >= deadline_s
        )
        if free:
            return [item.pos_rad for item in free[:_GOALS]]
        if blocked is None:
            return _unreachable(request.goal)
        return in_collision("goal_in_collision", "the goal", arm.scene.contacts(blocked.pos_rad))

    def _line(self, arm: Arm, goal: TcpGoal) -> FloatArray | Rejected:
        path = arm.line(arm.start_rad, goal)
        if isinstance(path, Rejected):
            return path
        return self.checked(arm, path)

    def checked(self, arm: Arm, path: FloatArray) -> FloatArray | Rejected:
        """The path itself when it is free of collisions."""
        dense = densify(path, arm.chain.lever_m, self.config.resolution_m)
        hit = arm.scene.first_hit(dense)
        if hit is None:
            return path
        return in_collision("path_in_collision", "the line", arm.scene.contacts(dense[hit]))

    def free_segment(self, arm: Arm, a: FloatArray, b: FloatArray) -> bool:
        """Whether the straight joint motion from `a` to `b` is free; the middle is tried first."""
        dense = densify(np.stack([a, b]), arm.chain.lever_m, self.config.resolution_m)[1:]
        order = np.argsort(np.abs(np.arange(len(dense)) - len(dense) // 2), kind="stable")
        return not any(arm.scene.collides(dense[k]) for k in order)

    def connect(
        self,
        arm: Arm,
        start: FloatArray,
        goals: Sequence[FloatArray],
        seed: int,
        deadline_s: float,
    ) -> FloatArray | Rejected:
        """Joint path from `start` to one of the goals, the nearer ones first."""
        return self.search(arm, start, goals, seed, deadline_s)

    def search(
        self,
        arm: Arm,
        start: FloatArray,
        goals: Sequence[FloatArray],
        seed: int,
        deadline_s: float,
    ) -> FloatArray | Rejected:
        """The same, found here whatever `connect` may ask."""
        goals = [goal for goal in goals if not arm.scene.collides(goal)]
        if not goals:
            return Rejected("goal_in_collision", "the goal is too close to something")
        for goal in goals:
            if self.free_segment(arm, start, goal):
                return np.stack([start, goal])
        left_s = deadline_s - self.clock()
        if left_s <= 0:
            return _timeout(left_s)
        path = self._rrt(arm, start, goals, seed, left_s)
        if path is None:
            if self.clock() >= deadline_s:
                return _timeout(deadline_s - self.clock())
            return Rejected("no_path", "no collision-free path was found")
        return self._shortcut(arm, path, seed, deadline_s)

    def _rrt(
        self,
        arm: Arm,
        start: FloatArray,
        goals: Sequence[FloatArray],
        seed: int,
        left_s: float,
    ) -> FloatArray | None:
        lever = arm.chain.lever_m
        ou.RNG.setSeed(max(int(seed), 1))
        low = np.min([arm.solver.lower, start, *goals], axis=0) * lever
        high = np.max([arm.solver.upper, start, *goals], axis=0) * lever
        info = _space(arm, low, high, self.config.resolution_m)
        space = info.getStateSpace()
        problem = ob.ProblemDefinition(info)
        problem.addStartState(_state(space, start * lever))
        targets = ob.GoalStates(info)
        for goal in goals:
            targets.addState(_state(space, goal * lever))
        problem.setGoal(targets)
        planner = og.RRTConnect(info)
        planner.setRange(_RANGE_M)
        planner.setProblemDefinition(problem)
        planner.setup()
        planner.solve(float(left_s))
        if not problem.hasExactSolution():
            return None
        states = problem.getSolutionPath().getStates()
        return np.array([[s[k] for k in range(arm.chain.n)] for s in states]) / lever

    def _shortcut(self, arm: Arm, path: FloatArray, seed: int, deadline_s: float) -> FloatArray:
        """Replace detours between random points of the path by straight joint motion."""
        rng = np.random.default_rng(seed)
        for _ in range(_SHORTCUTS):
            if len(path) < 3 or self.clock() >= deadline_s:
                break
            reach = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(path, axis=0)).max(axis=1))])
            near, far = np.sort(rng.uniform(0.0, reach[-1], 2))
            i, j = np.searchsorted(reach, near, "right") - 1, np.searchsorted(reach, far)
            if j - i < 2:
                continue
            a, b = (np.array([np.interp(s, reach, c) for c in path.T]) for s in (near, far))
            if self.free_segment(arm, a, b):
                path = np.concatenate([path[: i + 1], [a, b], path[j:]])
        return path

    def timed(
        self, arm: Arm, path: FloatArray, speed_scale: float, tcp_speed_m_s: float
    ) -> JointTrajectory:
        """Time a free path, with corners rounded as far as that stays free."""
        smooth = path
        if len(path) > 2:
            smooth = round_corners(path, _CORNER_RAD, arm.scene.free_rows)
        if smooth is not None:
            return time_path(arm.chain, smooth, self.config, speed_scale, tcp_speed_m_s)
        legs = [
            time_path(arm.chain, path[k : k + 2], self.config, speed_scale, tcp_speed_m_s)
            for k in range(len(path) - 1)
        ]
        return _joined(legs)


def _joined(legs: list[JointTrajectory]) -> JointTrajectory:
    """Legs one after the other, each from rest to rest."""
    t_s, pos, vel = [legs[0].t_s], [legs[0].pos_rad], [legs[0].vel_rad_s]
    for leg in legs[1:]:
        t_s.append(leg.t_s[1:] + t_s[-1][-1])
        pos.append(leg.pos_rad[1:])
        vel.append(leg.vel_rad_s[1:])
    names = legs[0].joint_names
    return JointTrajectory(names, np.concatenate(t_s), np.concatenate(pos), np.concatenate(vel))


def _space(arm: Arm, low: FloatArray, high: FloatArray, resolution_m: float) -> ob.SpaceInformation:
    """Joint angles times levers, so that distances are what the hand may move."""
    n, lever = arm.chain.n, arm.chain.lever_m
    space, bounds = ob.RealVectorStateSpace(n), ob.RealVectorBounds(n)
    for k in range(n):
        bounds.setLow(k, float(low[k]))
        bounds.setHigh(k, float(high[k]))
    space.setBounds(bounds)
    info = ob.SpaceInformation(space)
    row = np.empty(n)

    def valid(state: ob.State) -> bool:
        for k in range(n):
            row[k] = state[k]
        return not arm.scene.collides(row / lever)

    info.setStateValidityChecker(valid)
    info.setStateValidityCheckingResolution(resolution_m / space.getMaximumExtent())
    info.setup()
    return info


def _state(space: ob.RealVectorStateSpace, pos: FloatArray) -> ob.State:
    state = space.allocState()
    for k, value in enumerate(pos):
        state[k] = float(value)
    return state


def _unreachable(goal: TcpGoal) -> Rejected:
    at = [round(float(v), 3) for v in goal.T_B_tcp[:3, 3]]
    return Rejected("unreachable", f"no posture brings the hand to {at} m in base_link", {"at": at})


def _timeout(left_s: float) -> Rejected:
    return Rejected("timeout", "planning ran out of time", {"late_s": round(-left_s, 3)})


def in_collision(code: str, what: str, contacts: list[Contact]) -> Rejected:
    """A refusal that names what meets."""
    pairs = [[c.first, c.second, round(c.distance_m, 4)] for c in contacts[:4]]
    named = f"{pairs[0][0]} and {pairs[0][1]}" if pairs else "two shapes"
    return Rejected(code, f"{what} brings {named} together", {"contacts": pairs})
