# SPDX-License-Identifier: Apache-2.0
"""Grasps of parts that stand upright and places in containers, as tool poses in base_link.

A grasp closes horizontally on a pair of faces. The approach may tilt away from straight down, since
a short wrist cannot point the palm at the bench everywhere; the tilt is left to inverse kinematics.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from big_brain_node.motion.planner import TcpGoal, pose, yaw_pose
from neuraxis_common.shapes import SHAPES
from neuraxis_common.types import FloatArray, SceneObject

# The approach is 35 to 90 degrees below the horizontal.
MAX_TILT_RAD = np.deg2rad(55.0)
PREGRASP_M = 0.09
LIFT_M = 0.11
# Between the pads and the part on each side when the fingers come down.
FINGER_CLEARANCE_M = 0.010
# The same where a neighbour leaves no more room.
TIGHT_CLEARANCE_M = 0.006
# How much of a part's top the fingers hold where they cannot go deeper, as beside a tray's wall.
TOP_GRIP_M = 0.015
# Lowest finger corner above the surface the part stands on.
TIP_CLEARANCE_M = 0.006
# Under the part when the fingers let go.
DROP_M = 0.008
# Over the container's rim when the part comes in.
RIM_CLEARANCE_M = 0.025
CONTAINER_WALL_M = 0.006
CONTAINER_FLOOR_M = 0.005


@dataclass(frozen=True)
class HandShape:
    """Fingers in the tool frame.

    Attributes:
        tip_m: How far they reach beyond the tool centre point along the approach.
        half_width_m: Half their extent across approach and closing axis.
        max_opening_m: Largest opening between the pads.
    """

    tip_m: float
    half_width_m: float
    max_opening_m: float

    @property
    def drop_m(self) -> float:
        """Deepest point of the fingers below the tool centre point at any tilt."""
        return float(np.hypot(self.tip_m, self.half_width_m))


@dataclass(frozen=True)
class Grasp:
    """One family of grasps of one part: fixed closing axis, free tilt.

    Attributes:
        closing_rad: Direction of the closing axis relative to the part's yaw.
        yaw_free_rad: How far the closing axis may turn (round parts).
        height_m: Tool centre point above the part's underside.
        width_m: Distance of the faces between the pads.
        open_width_m: Opening for the approach.
    """

    closing_rad: float
    yaw_free_rad: tuple[float, float]
    height_m: float
    width_m: float
    open_width_m: float

    def goal(self, part: SceneObject, underside_m: float) -> TcpGoal:
        """Tool goal for the part as seen now; `underside_m` is its lowest z in base_link."""
        at = np.array([*part.center_B_m[:2], underside_m + self.height_m])
        T = down_pose(part.yaw_B_rad + self.closing_rad, at)
        return TcpGoal(T, self.yaw_free_rad, (-MAX_TILT_RAD, MAX_TILT_RAD))


def down_pose(closing_rad: float, p: FloatArray) -> FloatArray:
    """Tool pose (4, 4) that looks straight down with its closing axis at this angle from x."""
    c, s = np.cos(closing_rad), np.sin(closing_rad)
    return pose(np.array([[-s, c, 0.0], [c, s, 0.0], [0.0, 0.0, -1.0]]), p)


def tilted_pose(closing_rad: float, tilt_rad: float, p: FloatArray) -> FloatArray:
    """`down_pose` turned about the closing axis."""
    c, s = np.cos(tilt_rad), np.sin(tilt_rad)
    turn = pose(np.array([[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]]), np.zeros(3))
    return down_pose(closing_rad, p) @ turn


def closing_and_tilt(T_B_tcp: FloatArray) -> tuple[float, float]:
    """The angles that `tilted_pose` would need for this tool pose."""
    closing = float(np.arctan2(T_B_tcp[1, 1], T_B_tcp[0, 1]))
    R = down_pose(closing, np.zeros(3))[:3, :3].T @ T_B_tcp[:3, :3]
    return closing, float(np.arctan2(R[0, 2], R[0, 0]))


def grasps(
    part: SceneObject,
    hand: HandShape,
    clearance_m: float = FINGER_CLEARANCE_M,
    grip_m: float | None = None,
) -> list[Grasp]:
    """All ways to close on a part; empty when it is wider than the hand opens.

    The tilt is chosen with the arm's posture, so the ranking happens there.

    Args:
        part: What to grasp.
        hand: Fingers to do it with.
        clearance_m: Between each pad and the part on the way down.
        grip_m: How far the fingers reach below the part's top; None for as deep as is good. Empty
            where that is no less.
    """
    height = max(hand.drop_m + TIP_CLEARANCE_M, 0.5 * float(part.size_m[2]))
    if grip_m is not None:
        deep, height = height, float(part.size_m[2]) + hand.tip_m - grip_m
        if height <= deep:
            return []
    traits = SHAPES[part.shape]
    if traits.is_round:
        width = float(max(part.size_m[:2]))
        turns = [(k * np.pi / 2, (-np.pi / 4, np.pi / 4)) for k in range(4)]
    else:
        width = float(part.size_m[1])
        faces = [np.pi / 2 + k * traits.symmetry_rad for k in range(traits.face_pairs)]
        turns = [(face + flip, (0.0, 0.0)) for face in faces for flip in (0.0, np.pi)]
    opening = min(width + 2 * clearance_m, hand.max_opening_m)
    if opening < width + clearance_m:
        return []
    return [Grasp(float(a), free, height, width, opening) for a, free in turns]


@dataclass(frozen=True)
class Spot:
    """A place in a container.

    Attributes:
        xy_B_m: Where the part's centre goes, shape (2,).
        crowding_m: How far the part would reach into what lies there already; 0 when free.
    """

    xy_B_m: FloatArray
    crowding_m: float


def contents(container: SceneObject, parts: Sequence[SceneObject]) -> list[SceneObject]:
    """Parts whose centre lies over the container's footprint."""
    T = np.linalg.inv(yaw_pose(container.yaw_B_rad, container.center_B_m))
    half = container.size_m[:2] / 2
    inside = []
    for item in parts:
        local = (T @ np.append(item.center_B_m, 1.0))[:2]
        if np.all(np.abs(local) < half):
            inside.append(item)
    return inside


def spots(
    container: SceneObject, part: SceneObject, parts: Sequence[SceneObject], count: int = 9
) -> list[Spot]:
    """Places for a part in a container, best first: free ones, near the middle.

    Args:
        container: Where to.
        part: What; its footprint's diagonal is kept clear.
        parts: What perception sees; those already inside are avoided.
        count: How many places at most.
    """
    radius = 0.5 * float(np.hypot(*part.size_m[:2]))
    room = np.maximum(container.size_m[:2] / 2 - CONTAINER_WALL_M - radius - 0.008, 0.0)
    T = yaw_pose(container.yaw_B_rad, container.center_B_m)
    others = [item for item in contents(container, parts) if item.track_id != part.track_id]
    steps = np.linspace(-1.0, 1.0, 7)
    found = []
    for u, v in np.array(np.meshgrid(steps, steps)).reshape(2, -1).T:
        at = (T @ np.array([u * room[0], v * room[1], 0.0, 1.0]))[:2]
        crowding = 0.0
        for item in others:
            need = radius + 0.5 * float(np.hypot(*item.size_m[:2])) + 0.006
            crowding = max(crowding, need - float(np.linalg.norm(at - item.center_B_m[:2])))
        found.append((round(crowding, 4), float(np.hypot(u, v)), Spot(at, crowding)))
    found.sort(key=lambda item: item[:2])
    return _spread([spot for _, _, spot in found], count)


def _spread(ranked: list[Spot], count: int, apart_m: float = 0.018) -> list[Spot]:
    """The first `count` that are not on top of each other."""
    chosen: list[Spot] = []
    for spot in ranked:
        if all(np.linalg.norm(spot.xy_B_m - other.xy_B_m) >= apart_m for other in chosen):
            chosen.append(spot)
        if len(chosen) == count:
            break
    return chosen
