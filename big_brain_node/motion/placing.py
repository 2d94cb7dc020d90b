# SPDX-License-Identifier: Apache-2.0
"""Where a held part can go: up, over a free spot of the container, down into it, or back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from big_brain_node.motion.arm import Arm, Posture
from big_brain_node.motion.grasp import (
    CONTAINER_FLOOR_M,
    DROP_M,
    LIFT_M,
    RIM_CLEARANCE_M,
    Spot,
    contents,
    spots,
    tilted_pose,
)
from big_brain_node.motion.ompl_planner import ArmPlanner
from big_brain_node.motion.planner import TcpGoal
from big_brain_node.motion.timing import densify
from big_brain_node.motion.workcell import GraspRecord, Workcell
from neuraxis_common.errors import Rejected
from neuraxis_common.types import FloatArray, SceneObject, SceneSnapshot

_CROWDING_COST_PER_M = 40.0
_CENTER_COST_PER_M = 4.0
_TRIES = 6
# Turn of the part about the closing axis between grasp and release: little, else more.
_TILTS_RAD = (0.17, 0.40)
# Highest fall into a container when the hand cannot go all the way down.
_MAX_FALL_M = 0.08
# (yaw, tilt) that the hand may take up on the way up or down: little, else more.
_LIFT_SLACK_RAD = ((0.1, 0.1), (0.6, 0.25))
_DOWN_SLACK_RAD = ((0.3, 0.1), (0.6, 0.4))
STAGES = ("grasp", "approach", "lift", "place", "lower", "reach")


@dataclass(frozen=True)
class PlaceChoice:
    """A posture above a spot of the container."""

    over: Posture
    spot: Spot


class Placing:
    """Paths and postures of the hand with a part in it."""

    def __init__(self, planner: ArmPlanner, cell: Workcell) -> None:
        self._planner, self._cell = planner, cell

    def lift_path(self, arm: Arm) -> FloatArray | Rejected:
        """Straight up from the arm's posture, less high when the arm ends before."""
        outcome: FloatArray | Rejected = Rejected("unreachable", "the hand cannot rise")
        for share in (1.0, 0.75, 0.5):
            T = arm.tool(arm.start_rad)
            T[2, 3] += share * LIFT_M
            for yaw, tilt in _LIFT_SLACK_RAD:
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
        over = self._cell.carrying_arm(
            joint_pos_rad, scene, arm.model.side, part, record, box, arm.margin_scale
        )
        if isinstance(over, Rejected):
            return at_stage(over, "lower")
        last: Rejected | None = None
        for tilt in _TILTS_RAD:
            found = self._over(arm, joint_pos_rad, scene, record, part, box, near_rad, tilt)
            if isinstance(found, Rejected):
                last = last or at_stage(found, "place")
                continue
            good: list[PlaceChoice] = []
            for place in found[:_TRIES]:
                outcome = self.lower_path(over, joint_pos_rad, record, box, place.over.pos_rad)
                if isinstance(outcome, Rejected):
                    last = at_stage(outcome, "lower")
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
        parts = [item for item in scene.objects if item.kind == "part"]
        ranked = spots(box, part, parts)
        rim = self._cell.bench_z(joint_pos_rad, box.center_B_m[:2]) + float(box.size_m[2])
        inside = [item for item in contents(box, parts) if item.track_id != part.track_id]
        tops = [float(item.center_B_m[2] + item.size_m[2] / 2) for item in inside]
        z = max([rim, *tops]) + RIM_CLEARANCE_M + record.grasp.height_m
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
        return self.down(arm, start_rad, T, _MAX_FALL_M)

    def put_back_path(
        self, arm: Arm, record: GraspRecord, seed: int, deadline_s: float
    ) -> FloatArray | Rejected:
        """Over the place the part was taken from, then down to it."""
        at = record.taken_B_m + np.array([0.0, 0.0, 0.7 * LIFT_M])
        over = TcpGoal(
            tilted_pose(0.0, record.tilt_rad, at),
            (-np.pi, np.pi),
            (-_TILTS_RAD[0], _TILTS_RAD[0]),
        )
        found, _ = arm.free_postures(
            [over], arm.start_rad, late=lambda: self._planner.clock() > deadline_s
        )
        free = [item.pos_rad for item in found]
        if not free:
            return Rejected("unreachable", "the hand cannot go back over where the part stood")
        path = self._planner.connect(arm, arm.start_rad, free[:4], seed, deadline_s)
        if isinstance(path, Rejected):
            return path
        T = arm.tool(path[-1])
        T[2, 3] = record.taken_B_m[2] + DROP_M / 2
        down = self.down(arm, path[-1], T, _MAX_FALL_M)
        return down if isinstance(down, Rejected) else np.concatenate([path, down[1:]])

    def down(
        self, arm: Arm, start_rad: FloatArray, T: FloatArray, max_fall_m: float
    ) -> FloatArray | Rejected:
        """Straight to a tool pose below as far as it is free, unless what is left is too high."""
        outcome: FloatArray | Rejected = Rejected("unreachable", "no way down was tried")
        for yaw, tilt in _DOWN_SLACK_RAD:
            goal = TcpGoal(T, (-yaw, yaw), (-tilt, tilt))
            path, failure = arm.trace(start_rad, goal)
            dense = densify(path, arm.chain.lever_m, self._planner.config.resolution_m)
            hit = arm.scene.first_hit(dense)
            if hit is not None:
                dense = dense[: max(hit, 1)]
            fall = float(arm.tool(dense[-1])[2, 3] - T[2, 3])
            if fall <= max_fall_m:
                return dense
            outcome = failure or _blocked(arm, path[-1])
            details = {"fall_m": round(fall, 3), "bound": max_fall_m}
            outcome = Rejected(outcome.code, outcome.reason, outcome.details | details)
        return outcome


def _blocked(arm: Arm, pos_rad: FloatArray) -> Rejected:
    pairs = [[c.first, c.second] for c in arm.scene.contacts(pos_rad)[:4]]
    return Rejected("path_in_collision", "the way down is blocked", {"contacts": pairs})


def _spot_cost(spot: Spot, box: SceneObject) -> float:
    off_center = float(np.linalg.norm(spot.xy_B_m - box.center_B_m[:2]))
    return _CROWDING_COST_PER_M * max(spot.crowding_m, 0.0) + _CENTER_COST_PER_M * off_center


def at_stage(rejected: Rejected, stage: str) -> Rejected:
    """The refusal with how far the sequence came."""
    details = rejected.details | {"stage": STAGES.index(stage), "at": stage}
    return Rejected(rejected.code, rejected.reason, details)
