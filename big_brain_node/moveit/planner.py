# SPDX-License-Identifier: Apache-2.0
"""Arm planner that lets MoveIt find the way, and does it itself when MoveIt cannot.

`MoveItArmPlanner` is the embedded `ArmPlanner` with another source of paths. Requests are opened,
paths checked and timed as ever, so whatever MoveIt answers keeps the same margins, limits and
jerk; only who searches differs. A refusal of MoveIt is a refusal. When it is missing, late, dead
or wrong, the embedded search takes over in what is left of the deadline, and the reason is noted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from big_brain_node.motion.arm import Arm
from big_brain_node.motion.collision import HELD
from big_brain_node.motion.ompl_planner import ArmPlanner, in_collision
from big_brain_node.motion.planner import (
    JointGoal,
    MotionConfig,
    PlanRequest,
)
from big_brain_node.motion.timing import densify
from big_brain_node.moveit.process import GRACE_S
from big_brain_node.moveit.protocol import Answer, Question, Thing
from big_brain_node.moveit.search import closest_turn, turned
from neuraxis_common.errors import Rejected
from neuraxis_common.profile import RobotProfile
from neuraxis_common.types import FloatArray, JointTrajectory

# Of the time that is left, so that the embedded search has time when MoveIt is late.
_SHARE = 0.6
# How far the path may miss the start and the goal: encoder noise beyond a limit, and MoveIt's
# goal tolerance. What is verified and followed starts and ends exactly.
_START_SLACK_RAD, _GOAL_SLACK_RAD = 0.15, 0.01
_GOAL_SLACK_M, _GOAL_TURN_RAD = 2e-3, 0.01


class Asked(Protocol):
    """Who finds paths: `PlannerProcess`, or a script in tests."""

    def ask(self, question: Question) -> Answer | Rejected:
        """One answer in time, or why there is none."""


class MoveItArmPlanner(ArmPlanner):
    """`MotionPlanner` whose ways are found by MoveIt.

    Args:
        clock: Monotonic seconds, for the deadline of each plan.
        note: Takes one line whenever the embedded search steps in, for the log.

    Attributes:
        asked: Who is asked, None when MoveIt is missing; set once the description that it needs
            has been made from this planner.
        sources: How many paths came from whom: ``moveit``, or the reason of the embedded search.
        last_source: The same of the newest path.
    """

    def __init__(
        self,
        profile: RobotProfile,
        urdf_xml: str,
        clock: Callable[[], float],
        config: MotionConfig | None = None,
        note: Callable[[str], None] = lambda _line: None,
    ) -> None:
        super().__init__(profile, urdf_xml, clock, config)
        self.asked: Asked | None = None
        self.sources: Counter[str] = Counter()
        self.last_source = ""
        self._note, self._number = note, 0

    def plan(self, request: PlanRequest) -> JointTrajectory | Rejected:
        """See `MotionPlanner.plan`."""
        deadline_s = self.clock() + request.timeout_s
        arm = self.open(request)
        if isinstance(arm, Rejected):
            return arm
        wrong = self.wrong_goal(arm, request)
        if wrong is not None:
            return wrong
        path = self._ask(arm, arm.start_rad, _goal(arm, request), request.seed, deadline_s)
        if path is None:
            left_s = max(deadline_s - self.clock(), 0.0)
            return super().plan(replace(request, timeout_s=left_s))
        if isinstance(path, Rejected):
            return path
        return self.timed(arm, path, request.max_speed_scale, request.tcp_speed_m_s)

    def connect(
        self,
        arm: Arm,
        start: FloatArray,
        goals: Sequence[FloatArray],
        seed: int,
        deadline_s: float,
    ) -> FloatArray | Rejected:
        """Joint path from `start` to one of the goals; see `ArmPlanner.connect`."""
        free = [goal for goal in goals if not arm.scene.collides(goal)]
        if not free:
            return self.search(arm, start, goals, seed, deadline_s)
        path = self._ask(arm, start, {"postures": np.array(free)}, seed, deadline_s)
        if isinstance(path, Rejected):
            # That these goals are possible is known already: MoveIt only looks more coarsely.
            self._instead(path.code, path.reason)
            path = None
        return path if path is not None else self.search(arm, start, free, seed, deadline_s)

    def _ask(
        self, arm: Arm, start: FloatArray, goal: dict, seed: int, deadline_s: float
    ) -> FloatArray | Rejected | None:
        """A verified path, MoveIt's refusal, or None when the embedded search has to do it."""
        if self.asked is None:
            return self._instead("moveit_missing", "")
        budget_s = _SHARE * (deadline_s - self.clock()) - GRACE_S
        if budget_s <= 0:
            return self._instead("moveit_no_time", "too little time is left to ask MoveIt")
        self._number += 1
        question = self._question(arm, start, seed, budget_s, goal)
        answer = self.asked.ask(question)
        if isinstance(answer, Rejected):
            return self._instead(answer.code, answer.reason)
        if answer.path_rad is None:
            return self._refused(arm, answer)
        path = self._verified(arm, start, question, answer.path_rad)
        if isinstance(path, Rejected):
            return self._instead(path.code, path.reason)
        self.last_source = "moveit"
        self.sources["moveit"] += 1
        return path

    def _refused(self, arm: Arm, answer: Answer) -> Rejected | None:
        """MoveIt's refusal with the names of what meets, None where it does not stand."""
        refused = Rejected(answer.code, answer.reason, dict(answer.details))
        if answer.code in ("goal_in_collision", "path_in_collision"):
            posture = np.asarray(refused.details.pop("posture", arm.start_rad), dtype=float)
            contacts = arm.scene.contacts(posture) if posture.shape == (arm.chain.n,) else []
            if not contacts:
                return self._instead("moveit_too_careful", f"nothing meets there: {answer.reason}")
            what = "the goal" if answer.code == "goal_in_collision" else "the line"
            refused = in_collision(answer.code, what, contacts)
        elif answer.code not in ("unreachable", "no_path"):
            return self._instead(f"moveit_{answer.code}", answer.reason)
        self.last_source = "moveit"
        return Rejected(refused.code, refused.reason, refused.details | {"planner": "moveit"})

    def _instead(self, code: str, reason: str) -> None:
        """Note why the embedded search does it."""
        self.last_source = code
        self.sources[code] += 1
        if reason:
            self._note(f"embedded planner in place of MoveIt: {code}: {reason}")

    def _question(
        self, arm: Arm, start: FloatArray, seed: int, budget_s: float, goal: dict
    ) -> Question:
        request, chain = arm.request, arm.chain
        names = self.profile.joint_names
        joints = dict(zip(names, np.asarray(request.start_pos_rad, dtype=float), strict=True))
        joints |= dict(zip(chain.joint_names, start, strict=True))
        margins = arm.scene.margins()
        things, may_touch = _layers(arm, margins)
        held = request.attached
        part = None if held is None else Thing(HELD, held.shape, held.size_m, held.T_tcp)
        return Question(
            number=self._number,
            side=arm.model.side,
            joints={name: float(value) for name, value in joints.items()},
            budget_s=budget_s,
            seed=seed,
            things=things,
            may_touch=may_touch,
            held=part,
            held_links=self._held_links(arm, margins) if part else (),
            **{"near": arm.start_rad} | goal,
        )

    def _held_links(self, arm: Arm, margins: dict[tuple[str, str], float]) -> tuple[str, ...]:
        model = arm.model.collision
        links = {model.link(k) for k in range(len(model.shapes.geometryObjects))}
        return tuple(sorted(link for link in links if (HELD, link) not in margins))

    def _verified(
        self, arm: Arm, start: FloatArray, question: Question, path: FloatArray
    ) -> FloatArray | Rejected:
        """MoveIt's path between the exact ends, if it is what was asked for and free."""
        if np.abs(path[0] - start).max() > _START_SLACK_RAD:
            return Rejected("moveit_wrong", "its path starts elsewhere")
        path = np.concatenate([start[None], path[1:]]) if len(path) > 1 else np.stack([start] * 2)
        if question.postures is not None:
            away = np.abs(question.postures - path[-1]).max(axis=1)
            if away.min() > _GOAL_SLACK_RAD:
                return Rejected("moveit_wrong", "its path ends elsewhere")
            path[-1] = question.postures[away.argmin()]
        elif not _meets(arm.tool(path[-1]), question):
            return Rejected("moveit_wrong", "its path ends elsewhere")
        low = np.minimum(arm.chain.lower_rad, start) - 1e-6
        high = np.maximum(arm.chain.upper_rad, start) + 1e-6
        if ((path < low) | (path > high)).any():
            return Rejected("moveit_wrong", "its path leaves the joint limits")
        dense = densify(path, arm.chain.lever_m, self.config.resolution_m)
        hit = arm.scene.first_hit(dense)
        if hit is not None:
            pairs = [f"{c.first} and {c.second}" for c in arm.scene.contacts(dense[hit])[:2]]
            return Rejected("moveit_too_close", f"its path brings {', '.join(pairs)} too close")
        return path


def _goal(arm: Arm, request: PlanRequest) -> dict:
    """The fields of a question that say where to."""
    goal = request.goal
    if isinstance(goal, JointGoal):
        return {"postures": np.asarray(goal.pos_rad, dtype=float)[None]}
    near = request.reference_pos_rad
    return {
        "tool": np.asarray(goal.T_B_tcp, dtype=float),
        "yaw_free_rad": goal.yaw_free_rad,
        "tilt_free_rad": goal.tilt_free_rad,
        "line": request.straight_line,
        "near": arm.start_rad if near is None else np.asarray(near, dtype=float),
    }


def _layers(
    arm: Arm, margins: dict[tuple[str, str], float]
) -> tuple[tuple[Thing, ...], tuple[tuple[str, str], ...]]:
    """Every obstacle grown by each margin that something keeps from it, and who may touch which.

    What keeps less, is not watched at all or overlaps at the start may enter a layer.
    """
    model = arm.model.collision
    movers = {model.link(k) for k in model.moving} | ({HELD} if arm.request.attached else set())
    things: list[Thing] = []
    may_touch = {pair for pair, margin in margins.items() if margin < 0}
    for item in arm.request.obstacles:
        kept = {mover: margins.get((mover, item.name), -1.0) for mover in movers}
        layers = sorted({_whole_mm(margin) for margin in kept.values() if margin >= 0})
        for layer_m in layers:
            name = f"{item.name} + {layer_m * 1e3:.0f} mm"
            size = np.asarray(item.size_m) + 2.0 * layer_m
            things.append(Thing(name, item.shape, size, item.T_B))
            may_touch |= {(mover, name) for mover in movers if _whole_mm(kept[mover]) < layer_m}
    return tuple(things), tuple(sorted(may_touch))


def _whole_mm(margin_m: float) -> float:
    return float(np.floor(margin_m * 1e3 + 1e-6)) / 1e3


def _meets(T: FloatArray, question: Question) -> bool:
    """Whether a tool pose is the goal, turned only as far as the goal leaves free."""
    goal = question.tool
    if np.linalg.norm(T[:3, 3] - goal[:3, 3]) > _GOAL_SLACK_M:
        return False
    (yaw,), (tilt,) = closest_turn(goal[:3, :3], T[None, :3, :3])
    rest = turned(goal, yaw, tilt)[:3, :3].T @ T[:3, :3]
    off = np.arccos(np.clip(0.5 * (np.trace(rest) - 1.0), -1.0, 1.0))
    free = ((yaw, question.yaw_free_rad), (tilt, question.tilt_free_rad))
    within = all(
        low - _GOAL_TURN_RAD <= value <= high + _GOAL_TURN_RAD for value, (low, high) in free
    )
    return bool(within and off <= _GOAL_TURN_RAD)
