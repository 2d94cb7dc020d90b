# SPDX-License-Identifier: Apache-2.0
"""Segments of one pick and place, each planned from the joints measured at that instant.

`PickPlacePlanner` fills the executive's `SkillPlanner`. The first segment looks ahead: it only
starts for a part when approach, lift, transfer and release all have a collision-free posture.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from big_brain_node.motion.arm import Arm
from big_brain_node.motion.feasible import feasible
from big_brain_node.motion.grasp import LIFT_M, tilted_pose
from big_brain_node.motion.lookahead import Lookahead, PickChoice
from big_brain_node.motion.ompl_planner import ArmPlanner
from big_brain_node.motion.placing import Placing
from big_brain_node.motion.planner import MotionConfig, Side, TcpGoal
from big_brain_node.motion.workcell import GraspRecord, Workcell
from big_brain_node.ports import Carry
from neuraxis_common.errors import Rejected
from neuraxis_common.profile import RobotProfile
from neuraxis_common.types import FloatArray, JointTrajectory, SceneObject, SceneSnapshot

_SIDES: tuple[Side, Side] = ("left", "right")

# Later segments keep less distance than the lookahead did, so that a few millimetres of sway or
# tracking error do not turn a motion that was foreseen into a refusal.
_LATER = 0.6
# Long quick motions keep well away from things if they can.
FREE_MARGINS = (2.0, _LATER)
# An arm that rests sags by less.
_AWAY_RAD = 0.1
# How far a stowed part may lean beside how it was taken.
_UPRIGHT_RAD = 0.1
# What a hand keeps that has no other way out.
_LAST = 0.2


@dataclass(frozen=True)
class Speeds:
    """Scale of the joint speed and bound on the tool's speed in m/s per kind of segment."""

    free: tuple[float, float] = (1.0, 0.8)
    carry: tuple[float, float] = (0.7, 0.5)
    approach: tuple[float, float] = (0.6, 0.15)
    lift: tuple[float, float] = (0.6, 0.20)
    lower: tuple[float, float] = (0.6, 0.15)
    retreat: tuple[float, float] = (0.7, 0.25)


class PickPlacePlanner:
    """Plans reach, grasp, lift, transfer, lower, put back, retreat and home for both hands.

    Args:
        clock: Monotonic seconds, for deadlines.
        timeout_s: Deadline of one segment.
        planner: Plans single motions; by default the embedded planner, made from the rest.
    """

    def __init__(
        self,
        profile: RobotProfile,
        urdf_xml: str,
        clock: Callable[[], float],
        config: MotionConfig | None = None,
        timeout_s: float = 5.0,
        seed: int = 1,
        planner: ArmPlanner | None = None,
    ) -> None:
        self.planner = planner or ArmPlanner(profile, urdf_xml, clock, config)
        self.cell = Workcell(profile, self.planner)
        self._placing = Placing(self.planner, self.cell)
        self._ahead = Lookahead(self.planner, self.cell, self._placing)
        self._speeds, self._timeout_s, self._seed = Speeds(), timeout_s, seed

    def check_put(
        self,
        joint_pos_rad: FloatArray,
        scene: SceneSnapshot,
        part: SceneObject,
        box: SceneObject | None,
    ) -> Rejected | None:
        """Whether a hand reaches both ends from the ready pose; quick, and no promise."""
        pos = self.cell.with_arms_ready(joint_pos_rad)
        return feasible(self.cell, pos, scene, part, box, _sides(part))

    def plan_reach(
        self,
        joint_pos_rad: FloatArray,
        scene: SceneSnapshot,
        part: SceneObject,
        box: SceneObject | None,
        avoid: Sequence[Carry] = (),
    ) -> tuple[Carry, JointTrajectory] | Rejected:
        """Choose hand and grasp so that the whole pick and place is possible; go before it.

        Without a box the pick is enough.
        """
        deadline_s = self._deadline()
        refusals: list[Rejected] = []
        for side in _sides(part):
            picked = self._ahead.choose(
                joint_pos_rad, scene, part, box, side, self._seed, deadline_s, avoid
            )
            if isinstance(picked, PickChoice):
                record = picked.record
                carry = Carry(side, part, box, record, record.grasp.open_width_m, 0.0)
                return carry, self._timed(picked.arm, picked.reach_path, self._speeds.free)
            refusals.append(picked)
        return max(refusals, key=lambda item: item.details.get("stage", 0))

    def plan_grasp(
        self, joint_pos_rad: FloatArray, scene: SceneSnapshot, carry: Carry
    ) -> JointTrajectory | Rejected:
        """Straight to the part as seen now."""
        part = self.cell.seen(scene, carry.part)
        obstacles = self.cell.obstacles(joint_pos_rad, scene)
        scale = _LATER * carry.grasp.margin_scale
        arm = self.cell.arm(
            joint_pos_rad, carry.side, obstacles, (part.track_id,), margin_scale=scale
        )
        if isinstance(arm, Rejected):
            return arm
        goal = self.cell.grasp_goal(joint_pos_rad, carry.grasp, part)
        return self._line(arm, goal, self._speeds.approach, slack=((0.0, 0.0), (0.06, 0.12)))

    def plan_lift(
        self, joint_pos_rad: FloatArray, scene: SceneSnapshot, carry: Carry
    ) -> JointTrajectory | Rejected:
        """Straight up with the part between the fingers."""
        arm = self._carrying(joint_pos_rad, scene, carry)
        if isinstance(arm, Rejected):
            return arm
        path = self._placing.lift_path(arm)
        if isinstance(path, Rejected):
            return path
        return self._timed(arm, path, self._speeds.lift)

    def plan_transfer(
        self, joint_pos_rad: FloatArray, scene: SceneSnapshot, carry: Carry
    ) -> JointTrajectory | Rejected:
        """Over a free spot of the container."""
        deadline_s = self._deadline()
        record: GraspRecord = carry.grasp
        box = self.cell.seen(scene, carry.container)
        last = Rejected("no_path", "the hand cannot go over the container")
        for margin_scale in FREE_MARGINS:
            arm = self._carrying(joint_pos_rad, scene, carry, margin_scale=margin_scale)
            if isinstance(arm, Rejected):
                return arm
            goals = self._placing.places(
                arm, joint_pos_rad, scene, record, carry.part, box, record.place_rad, 2
            )
            if isinstance(goals, Rejected):
                last = goals
                continue
            rows = [item.over.pos_rad for item in goals]
            path = self._connect(arm, rows, deadline_s)
            if not isinstance(path, Rejected):
                return self._timed(arm, path, self._speeds.carry)
            last = path
        return last

    def plan_lower(
        self, joint_pos_rad: FloatArray, scene: SceneSnapshot, carry: Carry
    ) -> JointTrajectory | Rejected:
        """Straight down until the part is just above the floor, or as far as it goes."""
        box = self.cell.seen(scene, carry.container)
        arm = self._carrying(joint_pos_rad, scene, carry, over=box)
        if isinstance(arm, Rejected):
            return arm
        path = self._placing.lower_path(arm, joint_pos_rad, carry.grasp, box, arm.start_rad)
        if isinstance(path, Rejected):
            return path
        return self._timed(arm, path, self._speeds.lower)

    def plan_stow(
        self, joint_pos_rad: FloatArray, scene: SceneSnapshot, carry: Carry
    ) -> JointTrajectory | Rejected:
        """To where this arm rests, the part as upright as it was taken, else to the ready pose."""
        deadline_s = self._deadline()
        last = Rejected("no_path", "the hand cannot go home with the part")
        for margin_scale in (*FREE_MARGINS, _LAST):
            arm = self._carrying(joint_pos_rad, scene, carry, margin_scale=margin_scale)
            if isinstance(arm, Rejected):
                last = arm
                continue
            for goals in (self._upright(arm, carry, deadline_s), [arm.model.ready_rad]):
                path = self._connect(arm, goals, deadline_s) if goals else last
                if not isinstance(path, Rejected):
                    return self._timed(arm, path, self._speeds.carry)
                last = path
        return last

    def _upright(self, arm: Arm, carry: Carry, deadline_s: float) -> list[FloatArray]:
        """Free postures with the hand where it rests, tilted as it was at the grasp."""
        at = arm.tool(arm.model.ready_rad)[:3, 3]
        T = tilted_pose(0.0, carry.grasp.tilt_rad, at)
        goal = TcpGoal(T, (-np.pi, np.pi), (-_UPRIGHT_RAD, _UPRIGHT_RAD))
        late = partial(self._late, deadline_s)
        free, _ = arm.free_postures([goal], arm.model.ready_rad, enough=12, late=late)
        return [item.pos_rad for item in free[:4]]

    def _late(self, deadline_s: float) -> bool:
        return self.planner.clock() > deadline_s

    def plan_put_back(
        self, joint_pos_rad: FloatArray, scene: SceneSnapshot, carry: Carry
    ) -> JointTrajectory | Rejected:
        """Over where the part was taken from, then down."""
        deadline_s = self._deadline()
        arm = self._carrying(joint_pos_rad, scene, carry)
        if isinstance(arm, Rejected):
            return arm
        record: GraspRecord = carry.grasp
        path = self._placing.put_back_path(arm, record, self._seed, deadline_s)
        if isinstance(path, Rejected):
            return path
        return self._timed(arm, path, self._speeds.lower)

    def away(self, joint_pos_rad: FloatArray) -> tuple[Side, ...]:
        """Hands whose arm is not in its ready pose."""
        off = {side: self.cell.off_ready_rad(joint_pos_rad, side) for side in _SIDES}
        return tuple(side for side, off_rad in off.items() if off_rad > _AWAY_RAD)

    def plan_retreat(
        self, joint_pos_rad: FloatArray, scene: SceneSnapshot, side: Side
    ) -> JointTrajectory | Rejected:
        """Up, or back along the fingers, until the hand is clear of what it was near."""
        obstacles = self.cell.obstacles(joint_pos_rad, scene, not_near=side)
        last = Rejected("unreachable", "the hand cannot retreat")
        for margin_scale in (_LATER, _LAST):
            arm = self.cell.arm(joint_pos_rad, side, obstacles, margin_scale=margin_scale)
            if isinstance(arm, Rejected):
                return arm
            back = arm.tool(arm.start_rad)
            back[:3, 3] -= LIFT_M * back[:3, 2]
            up, half = _raised(arm, LIFT_M), _raised(arm, LIFT_M / 2)
            for goal, yaw in ((up, 0.6), (TcpGoal(back), 0.1), (half, 0.6)):
                slack = ((0.1, 0.1), (yaw, 0.3))
                planned = self._line(arm, goal, self._speeds.retreat, slack=slack)
                if not isinstance(planned, Rejected):
                    return planned
                last = planned
        return last

    def plan_home(
        self, joint_pos_rad: FloatArray, scene: SceneSnapshot, side: Side
    ) -> JointTrajectory | Rejected:
        """To the ready pose of this arm."""
        deadline_s = self._deadline()
        goal = self.planner.arms[side].ready_rad
        last = Rejected("no_path", "the hand cannot go home")
        for spared, margin_scale in ((None, FREE_MARGINS[0]), (None, _LATER), (side, _LATER)):
            obstacles = self.cell.obstacles(joint_pos_rad, scene, not_near=spared)
            arm = self.cell.arm(joint_pos_rad, side, obstacles, margin_scale=margin_scale)
            path = arm if isinstance(arm, Rejected) else self._connect(arm, [goal], deadline_s)
            if not isinstance(path, Rejected):
                return self._timed(arm, path, self._speeds.free)
            last = path
        return last

    def _connect(
        self, arm: Arm, goals: list[FloatArray], deadline_s: float
    ) -> FloatArray | Rejected:
        """A free path that leaves half of the remaining time to another try."""
        now_s = self.planner.clock()
        until_s = now_s + 0.5 * (deadline_s - now_s)
        return self.planner.connect(arm, arm.start_rad, goals, self._seed, until_s)

    def _carrying(
        self,
        joint_pos_rad: FloatArray,
        scene: SceneSnapshot,
        carry: Carry,
        over: SceneObject | None = None,
        margin_scale: float = _LATER,
    ) -> Arm | Rejected:
        record: GraspRecord = carry.grasp
        scale = margin_scale * record.margin_scale
        return self.cell.carrying_arm(
            joint_pos_rad, scene, carry.side, carry.part, record, over, scale
        )

    def _deadline(self) -> float:
        return self.planner.clock() + self._timeout_s

    def _timed(self, arm: Arm, path: FloatArray, speed: tuple[float, float]) -> JointTrajectory:
        return self.planner.timed(arm, path, *speed)

    def _line(
        self,
        arm: Arm,
        goal: TcpGoal,
        speed: tuple[float, float],
        slack: tuple[tuple[float, float], tuple[float, float]],
    ) -> JointTrajectory | Rejected:
        """A line with little freedom, else one with more: (yaw, tilt) of each try."""
        planned: FloatArray | Rejected = Rejected("unreachable", "no line was tried")
        for yaw, tilt in slack:
            loose = TcpGoal(goal.T_B_tcp, (-yaw, yaw), (-tilt, tilt))
            planned = arm.line(arm.start_rad, loose)
            if not isinstance(planned, Rejected):
                planned = self.planner.checked(arm, planned)
            if not isinstance(planned, Rejected):
                return self._timed(arm, planned, speed)
        return planned


def _sides(part: SceneObject) -> tuple[Side, ...]:
    """Both hands, the nearer first."""
    return _SIDES if part.center_B_m[1] >= 0 else _SIDES[::-1]


def _raised(arm: Arm, height_m: float) -> TcpGoal:
    T = arm.tool(arm.start_rad)
    T[2, 3] += height_m
    return TcpGoal(T)
