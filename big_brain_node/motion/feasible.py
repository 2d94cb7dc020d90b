# SPDX-License-Identifier: Apache-2.0
"""Whether a pick and place is worth planning at all: postures only, no paths.

Where this refuses, `Lookahead` would refuse too; where it does not, that one may still. It is quick
enough for every step of a plan before the first one moves.
"""

from __future__ import annotations

import numpy as np

from big_brain_node.motion.arm import Arm
from big_brain_node.motion.grasp import (
    MAX_TILT_RAD,
    RIM_CLEARANCE_M,
    TIGHT_CLEARANCE_M,
    TOP_GRIP_M,
    contents,
    down_pose,
    grasps,
    spots,
)
from big_brain_node.motion.planner import Side, TcpGoal
from big_brain_node.motion.scene_model import underside
from big_brain_node.motion.workcell import Workcell
from neuraxis_common.errors import Rejected
from neuraxis_common.types import FloatArray, SceneObject, SceneSnapshot

# The least that any later motion keeps, see `lookahead`.
_MARGINS = 0.3
_ENOUGH = 4


def feasible(
    cell: Workcell,
    joint_pos_rad: FloatArray,
    scene: SceneSnapshot,
    part: SceneObject,
    box: SceneObject | None,
    sides: tuple[Side, ...],
) -> Rejected | None:
    """Why no hand can take a part and let it go over a container; None when one can.

    Args:
        cell: Robot and bench.
        joint_pos_rad: All joints in profile order with the arms where they rest.
        scene: What is seen when the step begins, in base_link.
        part: What to take.
        box: Where to; None where it is only to be taken.
        sides: Hands to ask, the likelier first.
    """
    refused: Rejected | None = None
    for side in sides:
        why = _grasps(cell, joint_pos_rad, scene, part, side)
        if why is None and box is not None:
            why = _over(cell, joint_pos_rad, scene, part, box, side)
        if why is None:
            return None
        # A hand that is only in the way of something says more than one that is too short.
        if refused is None or refused.code == "unreachable":
            refused = why
    return refused


def _grasps(
    cell: Workcell, pos: FloatArray, scene: SceneSnapshot, part: SceneObject, side: Side
) -> Rejected | None:
    hand = cell.hands[side]
    options = grasps(part, hand, TIGHT_CLEARANCE_M)
    if not options:
        bound = hand.max_opening_m
        reason = f"the {part.label} is too wide for the hand, which opens {bound} m"
        return Rejected("unreachable", reason, {"bound": bound})
    pos = cell.with_fingers(pos, side, options[0].open_width_m)
    arm = cell.arm(pos, side, cell.obstacles(pos, scene), (part.track_id,), margin_scale=_MARGINS)
    if isinstance(arm, Rejected):
        return arm
    z = underside(part, cell.bench_z(pos, part.center_B_m[:2]))
    options += grasps(part, hand, TIGHT_CLEARANCE_M, TOP_GRIP_M)
    goals = [option.goal(part, z) for option in options]
    return _reaches(arm, goals, f"the {side} hand cannot grasp the {part.label} where it is", part)


def _over(
    cell: Workcell,
    pos: FloatArray,
    scene: SceneSnapshot,
    part: SceneObject,
    box: SceneObject,
    side: Side,
) -> Rejected | None:
    parts = [item for item in scene.objects if item.kind == "part"]
    allowed = (part.track_id, *(item.track_id for item in contents(box, parts)))
    arm = cell.arm(pos, side, cell.obstacles(pos, scene), allowed, margin_scale=_MARGINS)
    if isinstance(arm, Rejected):
        return arm
    z = cell.bench_z(pos, box.center_B_m[:2]) + float(box.size_m[2]) + RIM_CLEARANCE_M
    z += max(cell.hands[side].drop_m, 0.5 * float(part.size_m[2]))
    tilt = (-MAX_TILT_RAD, MAX_TILT_RAD)
    goals = [
        TcpGoal(down_pose(0.0, np.array([*spot.xy_B_m, z])), (-np.pi, np.pi), tilt)
        for spot in spots(box, part, parts)
    ]
    return _reaches(arm, goals, f"the {side} hand cannot reach over the {box.label}", box)


def _reaches(arm: Arm, goals: list[TcpGoal], why: str, item: SceneObject) -> Rejected | None:
    free, blocked = arm.free_postures(goals, arm.start_rad, enough=_ENOUGH)
    if free:
        return None
    details = {"object": item.label}
    if blocked is None:
        return Rejected("unreachable", why, details)
    pairs = [[c.first, c.second] for c in arm.scene.contacts(blocked.pos_rad)[:4]]
    return Rejected(
        "goal_in_collision", f"{why} without a collision", details | {"contacts": pairs}
    )
