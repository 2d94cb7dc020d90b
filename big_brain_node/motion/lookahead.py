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
    CONTAINER_FLOOR_M,
    DROP_M,
    LIFT_M,
    PREGRASP_M,
    RIM_CLEARANCE_M,
    Grasp,
    Spot,
    closing_and_tilt,
    grasps,
    spots,
    tilted_pose,
)
from big_brain_node.motion.ompl_planner import ArmPlanner
from big_brain_node.motion.planner import Side, TcpGoal, yaw_pose
from big_brain_node.motion.scene_model import underside
from big_brain_node.motion.timing import densify
from big_brain_node.motion.workcell import GraspRecord, Workcell
from neuraxis_common.errors import Rejected
from neuraxis_common.types import FloatArray, SceneObject, SceneSnapshot

# A tilted hand sweeps lower over the neighbours, so it has to be worth it: cost per radian.
_TILT_COST = 0.25
_CROWDING_COST_PER_M = 40.0
_CENTER_COST_PER_M = 4.0
_GRASP_TRIES = 8
_PLACE_TRIES = 6
# Turn of the part about the closing axis between grasp and release: little, else more.
_PLACE_TILTS_RAD = (0.17, 0.40)
# Highest fall into a container when the hand cannot go all the way down.
_MAX_FALL_M = 0.06
_STAGES = ("grasp", "approach", "lift", "place", "lower", "reach")


@dataclass(frozen=True)
class PickChoice:
    """A pick and place that is possible: where the hand goes first and what to remember."""

    arm: Arm
    record: GraspRecord
    reach_path: FloatArray


@dataclass(frozen=True)
class PlaceChoice:
    """A posture above a spot of the container."""

    over: Posture
    spot: Spot


@dataclass(frozen=True)
class _Job:
    """What stays the same while grasps are tried."""

    joint_pos_rad: FloatArray
    scene: SceneSnapshot
    part: SceneObject
    box: SceneObject
    side: Side


class Lookahead:
    """Finds a grasp whose whole sequence is possible."""

    def __init__(self, planner: ArmPlanner, cell: Workcell) -> None:
        self._planner, self._cell = planner, cell

    def choose(
        self,
        joint_pos_rad: FloatArray,
        scene: SceneSnapshot,
        part: SceneObject,
        box: SceneObject,
        side: Side,
        seed: int,
        deadline_s: float,
    ) -> PickChoice | Rejected:
        """The best possible pick with one hand, or the refusal that came furthest."""
        options = grasps(part, self._cell.hands[side])
        if not options:
            bound = self._cell.hands[side].max_opening_m
            reason = f"the {part.label} is too wide for the hand, which opens {bound} m"
            return Rejected("unreachable", reason, {"stage": 0, "bound": bound})
        pos = self._cell.with_fingers(joint_pos_rad, side, options[0].open_width_m)
        obstacles = self._cell.obstacles(pos, scene)
        arm = self._cell.arm(pos, side, obstacles, allowed=(part.track_id,))
        if isinstance(arm, Rejected):
            return _at_stage(arm, "grasp")
        z = underside(part, self._cell.bench_z(pos, part.center_B_m[:2]))
        found = arm.postures([option.goal(part, z) for option in options], arm.start_rad, enough=20)
        if not found:
            reason = f"the {side} hand cannot grasp the {part.label} where it is"
            return Rejected("unreachable", reason, {"stage": 0, "side": side})
        found.sort(key=lambda item: item.cost + _TILT_COST * abs(item.tilt_rad))
        job = _Job(pos, scene, part, box, side)
        return self._first_possible(job, arm, options, found, seed, deadline_s)

    def _first_possible(
        self,
        job: _Job,
        arm: Arm,
        options: Sequence[Grasp],
        found: Sequence[Posture],
        seed: int,
        deadline_s: float,
    ) -> PickChoice | Rejected:
        best = Rejected("goal_in_collision", "every grasp collides", {"stage": 0})
        tried = 0
        for posture in found:
            if arm.scene.collides(posture.pos_rad):
                continue
            late = self._planner.clock() > deadline_s
            if late or tried == _GRASP_TRIES:
                break
            tried += 1
            picked = self._try(job, arm, options[posture.goal], posture, seed, deadline_s)
            if isinstance(picked, PickChoice):
                return picked
            best = max(best, picked, key=lambda item: item.details["stage"])
        if not tried:
            pairs = [[c.first, c.second] for c in arm.scene.contacts(found[0].pos_rad)[:4]]
            return Rejected(best.code, best.reason, best.details | {"contacts": pairs})
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
            return _at_stage(away, "approach")
        closing, tilt = closing_and_tilt(tool)
        part = job.part
        record = GraspRecord(
            grasp, tilt, closing - part.yaw_B_rad, part.shape, part.size_m, tool[:3, 3]
        )
        placed = self._try_place(job, arm, posture, record)
        if isinstance(placed, Rejected):
            return placed
        path = self._planner.connect(arm, arm.start_rad, [away[-1]], seed, deadline_s)
        if isinstance(path, Rejected):
            return _at_stage(path, "reach")
        return PickChoice(arm, placed, path)

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
        holding = self._cell.carrying_arm(pos, job.scene, job.side, job.part, record)
        if isinstance(holding, Rejected):
            return _at_stage(holding, "lift")
        lift = self.lift_path(holding)
        if isinstance(lift, Rejected):
            return _at_stage(lift, "lift")
        box = self._cell.seen(job.scene, job.box)
        places = self.places(holding, pos, job.scene, record, job.part, box, lift[-1], 1)
        if isinstance(places, Rejected):
            return places
        at = np.linalg.inv(yaw_pose(box.yaw_B_rad, box.center_B_m)) @ np.array(
            [*places[0].spot.xy_B_m, 0.0, 1.0]
        )
        return replace(record, spot_xy_m=at[:2], place_rad=places[0].over.pos_rad)

    def lift_path(self, arm: Arm) -> FloatArray | Rejected:
        """Straight up from the arm's posture, less high when the arm ends before."""
        outcome: FloatArray | Rejected = Rejected("unreachable", "the hand cannot rise")
        for share in (1.0, 0.75, 0.5):
            T = arm.tool(arm.start_rad)
            T[2, 3] += share * LIFT_M
            for yaw, tilt in ((0.1, 0.1), (0.6, 0.25)):
                outcome = arm.line(arm.start_rad, TcpGoal(T, (-yaw, yaw), (-tilt, tilt)))
                if not isinstance(outcome, Rejected):
                    outcome = self._planner.checked(arm, outcome)
                if not isinstance(outcome, Rejected):
                    return outcome
        return outcome

    def places(
        self,
        arm: Arm,
        joint_pos_rad: FloatArray,
        scene: SceneSnapshot,
        record: GraspRecord,
        part: SceneObject,
        box: SceneObject,
        near_rad: FloatArray,
        count: int,
    ) -> list[PlaceChoice] | Rejected:
        """Up to `count` postures over the container from which the part can be let down."""
        over = self._cell.carrying_arm(joint_pos_rad, scene, arm.model.side, part, record, box)
        if isinstance(over, Rejected):
            return _at_stage(over, "lower")
        last: Rejected | None = None
        for tilt in _PLACE_TILTS_RAD:
            found = self._over(arm, joint_pos_rad, scene, record, part, box, near_rad, tilt)
            if isinstance(found, Rejected):
                last = last or _at_stage(found, "place")
                continue
            good: list[PlaceChoice] = []
            for place in found[:_PLACE_TRIES]:
                outcome = self.lower_path(over, joint_pos_rad, record, box, place.over.pos_rad)
                if isinstance(outcome, Rejected):
                    last = _at_stage(outcome, "lower")
                else:
                    good.append(place)
                if len(good) == count:
                    break
            if good:
                return good
        return last or Rejected("unreachable", "there is no place in the container", {"stage": 3})

    def _over(
        self,
        arm: Arm,
        joint_pos_rad: FloatArray,
        scene: SceneSnapshot,
        record: GraspRecord,
        part: SceneObject,
        box: SceneObject,
        near_rad: FloatArray,
        tilt_rad: float,
    ) -> list[PlaceChoice] | Rejected:
        """Collision-free postures with the part over the container, best first."""
        ranked = spots(box, part, [item for item in scene.objects if item.kind == "part"])
        rim = self._cell.bench_z(joint_pos_rad, box.center_B_m[:2]) + float(box.size_m[2])
        z = rim + RIM_CLEARANCE_M + record.grasp.height_m
        goals = [
            TcpGoal(
                tilted_pose(0.0, record.tilt_rad, np.array([*spot.xy_B_m, z])),
                (-np.pi, np.pi),
                (-tilt_rad, tilt_rad),
            )
            for spot in ranked
        ]
        found = arm.postures(goals, near_rad, enough=24)
        if not found:
            reason = f"the hand cannot reach over the {box.label}"
            return Rejected("unreachable", reason, {"container": box.label})
        found.sort(key=lambda item: item.cost + _spot_cost(ranked[item.goal], box))
        free = [item for item in found if not arm.scene.collides(item.pos_rad)]
        if not free:
            pairs = [[c.first, c.second] for c in arm.scene.contacts(found[0].pos_rad)[:4]]
            reason = f"the hand collides over the {box.label}"
            return Rejected("goal_in_collision", reason, {"contacts": pairs})
        return [PlaceChoice(item, ranked[item.goal]) for item in free]

    def lower_path(
        self,
        arm: Arm,
        joint_pos_rad: FloatArray,
        record: GraspRecord,
        box: SceneObject,
        start_rad: FloatArray,
    ) -> FloatArray | Rejected:
        """Down from above the container as far as it is free, unless the fall is too high."""
        T = arm.tool(start_rad)
        floor = self._cell.bench_z(joint_pos_rad, box.center_B_m[:2]) + CONTAINER_FLOOR_M
        T[2, 3] = floor + DROP_M + record.grasp.height_m
        return self._down(arm, start_rad, T, _MAX_FALL_M)

    def put_back_path(
        self, arm: Arm, record: GraspRecord, seed: int, deadline_s: float
    ) -> FloatArray | Rejected:
        """Over the place the part was taken from, then down to it."""
        at = record.taken_B_m + np.array([0.0, 0.0, 0.7 * LIFT_M])
        over = TcpGoal(
            tilted_pose(0.0, record.tilt_rad, at),
            (-np.pi, np.pi),
            (-_PLACE_TILTS_RAD[0], _PLACE_TILTS_RAD[0]),
        )
        found = [item.pos_rad for item in arm.postures([over], arm.start_rad)]
        free = [pos for pos in found if not arm.scene.collides(pos)]
        if not free:
            return Rejected("unreachable", "the hand cannot go back over where the part stood")
        path = self._planner.connect(arm, arm.start_rad, free[:4], seed, deadline_s)
        if isinstance(path, Rejected):
            return path
        T = arm.tool(path[-1])
        T[2, 3] = record.taken_B_m[2] + DROP_M / 2
        down = self._down(arm, path[-1], T, _MAX_FALL_M)
        return down if isinstance(down, Rejected) else np.concatenate([path, down[1:]])

    def _down(
        self, arm: Arm, start_rad: FloatArray, T: FloatArray, max_fall_m: float
    ) -> FloatArray | Rejected:
        goal = TcpGoal(T, (-0.3, 0.3), (-0.1, 0.1))
        path, failure = arm.trace(start_rad, goal)
        dense = densify(path, self._planner.config.resolution_rad)
        hit = arm.scene.first_hit(dense)
        if hit is not None:
            dense = dense[: max(hit, 1)]
        fall = float(arm.tool(dense[-1])[2, 3] - T[2, 3])
        if fall <= max_fall_m:
            return dense
        details = {"fall_m": round(fall, 3), "bound": max_fall_m}
        if failure is None:
            pairs = [[c.first, c.second] for c in arm.scene.contacts(path[-1])[:4]]
            failure = Rejected("path_in_collision", "the way down is blocked", {"contacts": pairs})
        return Rejected(failure.code, failure.reason, failure.details | details)


def _spot_cost(spot: Spot, box: SceneObject) -> float:
    off_center = float(np.linalg.norm(spot.xy_B_m - box.center_B_m[:2]))
    return _CROWDING_COST_PER_M * max(spot.crowding_m, 0.0) + _CENTER_COST_PER_M * off_center


def _at_stage(rejected: Rejected, stage: str) -> Rejected:
    """The refusal with how far the sequence came."""
    details = rejected.details | {"stage": _STAGES.index(stage), "at": stage}
    return Rejected(rejected.code, rejected.reason, details)
