# SPDX-License-Identifier: Apache-2.0
"""Looks through a whole pick and place before the hand sets out.

A grasp is only worth reaching for when the approach, the lift, a place in the container and the way
down into it are all possible with the same tilt of the hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from big_brain_node.motion.arm import Arm, Posture
from big_brain_node.motion.grasp import (
    FINGER_CLEARANCE_M,
    PREGRASP_M,
    TIGHT_CLEARANCE_M,
    TOP_GRIP_M,
    Grasp,
    closing_and_tilt,
    grasps,
)
from big_brain_node.motion.ompl_planner import ArmPlanner
from big_brain_node.motion.placing import Placing, at_stage
from big_brain_node.motion.planner import Side, TcpGoal, yaw_pose
from big_brain_node.motion.scene_model import underside
from big_brain_node.motion.workcell import GraspRecord, Workcell
from big_brain_node.ports import Carry
from neuraxis_common.errors import Rejected
from neuraxis_common.types import FloatArray, SceneObject, SceneSnapshot

# A tilted hand sweeps lower over the neighbours, so it has to be worth it: cost per radian.
_TILT_COST = 0.25
_GRASP_TRIES = 8
# (finger clearance in m, share of the margins, depth of the grip in m): with room, else just so,
# else by the top alone.
_WAYS_IN = (
    (FINGER_CLEARANCE_M, 1.0, None),
    (TIGHT_CLEARANCE_M, 0.3, None),
    (TIGHT_CLEARANCE_M, 0.3, TOP_GRIP_M),
)

# Two grasps nearer to each other than this are one.
_SAME_RAD = 0.2
# A part seen farther than this from where a grasp failed lies differently: perception and sway
# differ by less.
_SAME_PLACE_M = 0.008
# Share of the margins that the long way to the pre-grasp posture keeps if it can.
_WIDE = 2.0


@dataclass(frozen=True)
class PickChoice:
    """A pick and place that is possible: where the hand goes first and what to remember."""

    arm: Arm
    record: GraspRecord
    reach_path: FloatArray


@dataclass(frozen=True)
class _Job:
    """What stays the same while grasps are tried."""

    joint_pos_rad: FloatArray
    scene: SceneSnapshot
    part: SceneObject
    box: SceneObject | None
    side: Side
    avoid: Sequence[Carry]


class Lookahead:
    """Finds a grasp whose whole sequence is possible."""

    def __init__(self, planner: ArmPlanner, cell: Workcell, placing: Placing) -> None:
        self._planner, self._cell, self._placing = planner, cell, placing

    def choose(
        self,
        joint_pos_rad: FloatArray,
        scene: SceneSnapshot,
        part: SceneObject,
        box: SceneObject | None,
        side: Side,
        seed: int,
        deadline_s: float,
        avoid: Sequence[Carry] = (),
    ) -> PickChoice | Rejected:
        """The best possible pick with one hand, or the refusal that came furthest.

        Grasps that are those of `avoid` are left out, see `same_grasp`. Without a box the sequence
        ends with the lift.
        """
        job = _Job(joint_pos_rad, scene, part, box, side, avoid)
        refused: Rejected | None = None
        for clearance_m, margin_scale, grip_m in _WAYS_IN:
            options = grasps(part, self._cell.hands[side], clearance_m, grip_m)
            picked = self._choose(job, options, margin_scale, seed, deadline_s)
            if isinstance(picked, PickChoice):
                return picked
            if refused is None or picked.details["stage"] > refused.details["stage"]:
                refused = picked
            if picked.code == "timeout":
                break
        return refused

    def _choose(
        self,
        job: _Job,
        options: Sequence[Grasp],
        margin_scale: float,
        seed: int,
        deadline_s: float,
    ) -> PickChoice | Rejected:
        """The best possible pick with one of these grasps."""
        part, side = job.part, job.side
        if not options:
            bound = self._cell.hands[side].max_opening_m
            reason = f"the {part.label} is too wide for the hand, which opens {bound} m"
            return Rejected("unreachable", reason, {"stage": 0, "bound": bound})
        pos = self._cell.with_fingers(job.joint_pos_rad, side, options[0].open_width_m)
        obstacles = self._cell.obstacles(pos, job.scene)
        arm = self._cell.arm(pos, side, obstacles, (part.track_id,), margin_scale=margin_scale)
        if isinstance(arm, Rejected):
            return at_stage(arm, "grasp")
        z = underside(part, self._cell.bench_z(pos, part.center_B_m[:2]))
        free, blocked = arm.free_postures(
            [option.goal(part, z) for option in options],
            arm.start_rad,
            enough=20,
            rank=lambda item: item.cost + _TILT_COST * abs(item.tilt_rad),
            late=lambda: self._planner.clock() > deadline_s,
        )
        if free:
            job = replace(job, joint_pos_rad=pos)
            new = [posture for posture in free if not _failed_before(job, arm, posture)]
            if not new:
                reason = f"every way to grasp the {part.label} with the {side} hand has failed"
                return Rejected("no_other_way", reason, {"stage": 0, "tried": len(job.avoid)})
            return self._first_possible(job, arm, options, new, seed, deadline_s)
        if blocked is None:
            reason = f"the {side} hand cannot grasp the {part.label} where it is"
            return Rejected("unreachable", reason, {"stage": 0, "side": side})
        pairs = [[c.first, c.second] for c in arm.scene.contacts(blocked.pos_rad)[:4]]
        details = {"stage": 0, "contacts": pairs}
        return Rejected("goal_in_collision", "every grasp collides", details)

    def _first_possible(
        self,
        job: _Job,
        arm: Arm,
        options: Sequence[Grasp],
        free: Sequence[Posture],
        seed: int,
        deadline_s: float,
    ) -> PickChoice | Rejected:
        best: Rejected | None = None
        for tried, posture in enumerate(free[:_GRASP_TRIES]):
            late_s = self._planner.clock() - deadline_s
            if late_s > 0:
                return _out_of_time(best, tried, late_s)
            picked = self._try(job, arm, options[posture.goal], posture, seed, deadline_s)
            if isinstance(picked, PickChoice):
                return picked
            if best is None or picked.details["stage"] > best.details["stage"]:
                best = picked
        return best

    def _try(
        self,
        job: _Job,
        arm: Arm,
        grasp: Grasp,
        posture: Posture,
        seed: int,
        deadline_s: float,
    ) -> PickChoice | Rejected:
        """Walk through one grasp's sequence."""
        tool = arm.tool(posture.pos_rad)
        away = self._back_off(arm, posture.pos_rad, tool)
        if isinstance(away, Rejected):
            return at_stage(away, "approach")
        closing, tilt = closing_and_tilt(tool)
        part = job.part
        record = GraspRecord(
            grasp=grasp,
            tilt_rad=tilt,
            closing_rad=closing - part.yaw_B_rad,
            part_shape=part.shape,
            part_size_m=part.size_m,
            taken_B_m=tool[:3, 3],
            margin_scale=arm.margin_scale,
        )
        placed = self._try_place(job, arm, posture, record)
        if isinstance(placed, Rejected):
            return placed
        path = self._reach_path(job, arm, away[-1], seed, deadline_s)
        if isinstance(path, Rejected):
            return at_stage(path, "reach")
        return PickChoice(arm, placed, path)

    def _reach_path(
        self, job: _Job, arm: Arm, goal_rad: FloatArray, seed: int, deadline_s: float
    ) -> FloatArray | Rejected:
        """From the start to the pre-grasp posture, well clear of everything if possible."""
        obstacles = self._cell.obstacles(job.joint_pos_rad, job.scene)
        wide = self._cell.arm(
            job.joint_pos_rad, job.side, obstacles, margin_scale=_WIDE * arm.margin_scale
        )
        if not isinstance(wide, Rejected):
            now_s = self._planner.clock()
            until_s = now_s + 0.3 * (deadline_s - now_s)
            path = self._planner.connect(wide, arm.start_rad, [goal_rad], seed, until_s)
            if not isinstance(path, Rejected):
                return path
        return self._planner.connect(arm, arm.start_rad, [goal_rad], seed, deadline_s)

    def _back_off(self, arm: Arm, grasp_rad: FloatArray, tool: FloatArray) -> FloatArray | Rejected:
        """From the grasp back along the approach, as a checked path."""
        outcome: FloatArray | Rejected = Rejected("unreachable", "no approach was tried")
        for distance in (PREGRASP_M, 0.6 * PREGRASP_M):
            back = tool.copy()
            back[:3, 3] -= distance * tool[:3, 2]
            outcome = arm.line(grasp_rad, TcpGoal(back))
            if not isinstance(outcome, Rejected):
                outcome = self._planner.checked(arm, outcome)
            if not isinstance(outcome, Rejected):
                break
        return outcome

    def _try_place(
        self, job: _Job, arm: Arm, posture: Posture, record: GraspRecord
    ) -> GraspRecord | Rejected:
        """Lift, go over the container, come down; the record completed with where."""
        pos = self._cell.with_chain(job.joint_pos_rad, arm, posture.pos_rad)
        pos = self._cell.with_fingers(pos, job.side, record.grasp.width_m)
        holding = self._cell.carrying_arm(
            pos, job.scene, job.side, job.part, record, margin_scale=arm.margin_scale
        )
        if isinstance(holding, Rejected):
            return at_stage(holding, "lift")
        lift = self._placing.lift_path(holding)
        if isinstance(lift, Rejected):
            return at_stage(lift, "lift")
        if job.box is None:
            return record
        box = self._cell.seen(job.scene, job.box)
        places = self._placing.places(holding, pos, job.scene, record, job.part, box, lift[-1], 1)
        if isinstance(places, Rejected):
            return places
        at = np.linalg.inv(yaw_pose(box.yaw_B_rad, box.center_B_m)) @ np.array(
            [*places[0].spot.xy_B_m, 0.0, 1.0]
        )
        return replace(record, spot_xy_m=at[:2], place_rad=places[0].over.pos_rad)


def same_grasp(
    carry: Carry, part: SceneObject, side: Side, closing_rad: float, tilt_rad: float
) -> bool:
    """Whether a grasp is that of an earlier try: same hand, same way, part where it was.

    Args:
        carry: The earlier try.
        part: The part as seen now.
        side: Hand.
        closing_rad: Closing axis relative to the part's yaw.
        tilt_rad: Tilt of the approach.
    """
    record: GraspRecord = carry.grasp
    turn = np.arctan2(*(f(closing_rad - record.closing_rad) for f in (np.sin, np.cos)))
    lies = float(np.linalg.norm(carry.part.center_B_m - part.center_B_m)) < _SAME_PLACE_M
    alike = abs(turn) < _SAME_RAD and abs(tilt_rad - record.tilt_rad) < _SAME_RAD
    return bool(lies and carry.side == side and alike)


def _failed_before(job: _Job, arm: Arm, posture: Posture) -> bool:
    closing, tilt = closing_and_tilt(arm.tool(posture.pos_rad))
    closing -= job.part.yaw_B_rad
    return any(same_grasp(item, job.part, job.side, closing, tilt) for item in job.avoid)


def _out_of_time(best: Rejected | None, tried: int, late_s: float) -> Rejected:
    """The refusal of a search that was cut off, with what had stood in the way until then."""
    details = {"stage": 0} if best is None else best.details
    why = "" if best is None else f"; of those the best failed: {best.reason}"
    reason = f"planning ran out of time after {tried} grasps{why}"
    return Rejected("timeout", reason, details | {"late_s": round(late_s, 3)})
