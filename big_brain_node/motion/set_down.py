# SPDX-License-Identifier: Apache-2.0
"""A held part over a free spot of a surface, down onto it, and the empty hand away from there.

The surface stands in for the robot's bench: everything else is planned as at the bench.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import distance_transform_edt

from big_brain_node.motion.arm import Arm, Posture
from big_brain_node.motion.grasp import DROP_M, MAX_TILT_RAD, down_pose, tilted_pose
from big_brain_node.motion.ompl_planner import ArmPlanner
from big_brain_node.motion.placing import Placing
from big_brain_node.motion.planner import Obstacle, TcpGoal, pose
from big_brain_node.motion.workcell import GraspRecord, Workcell
from neuraxis_common.errors import Rejected
from neuraxis_common.profile import BenchPlacement, RobotProfile
from neuraxis_common.surface import SPOT_M, Surface
from neuraxis_common.types import FloatArray, SceneSnapshot

SURFACE = "surface"
# The hands of the ready pose pass over what is at most so much higher than the bench.
HIGHER_M = 0.025
_SLAB_M = 0.04
# How far it reaches beyond what is seen of it, and how wide it is taken to be at least.
_DEPTH_M, _HALF_WIDTH_M = 0.7, 0.7
# Higher than anything that the hand could pass over.
_TAKEN_M = 0.30
# Free around the part: open fingers and what the arm is off.
_BERTH_M = 0.035
# From the near edge to the part's outside at least.
_FROM_EDGE_M = 0.04
# The part's underside above the surface on the way in.
_OVER_M = 0.06
# The same when the fingers open, and how much higher they may open at most.
_GAP_M, _MAX_FALL_M = DROP_M / 2, 0.015
# A part that comes down may come nearer to the surface than the margins of a held part allow.
SUNK_M = 0.012
# How far the part may be turned about the closing axis between grasp and release.
_TILTS_RAD = (0.05, 0.17)
# Hands work with ease so far behind the edge and to their side.
_DEEP_M, _ASIDE_M = 0.14, 0.16
# Every so many of the spots around there are tried, so many in all.
_EVERY, _SPOTS, _TRIES, _GOALS = 3, 24, 6, 3


@dataclass(frozen=True)
class SurfaceHere:
    """A surface as it lies in base_link at the instant of planning.

    Attributes:
        surface: In odom.
        T_BO: Odom in base_link, shape (4, 4).
    """

    surface: Surface
    T_BO: FloatArray

    def z_m(self, xy_B_m: FloatArray) -> float:
        """Height of the surface in base_link at a point."""
        n = self.T_BO[:3, 2]
        on_top = self.T_BO[:3, 3] + self.surface.height_m * n
        return float(on_top[2] - (n[:2] @ (xy_B_m - on_top[:2])) / n[2])

    def in_base(self, xy_O_m: FloatArray) -> FloatArray:
        """Points of the surface, shape (n, 2) in odom, in base_link, shape (n, 3)."""
        z = np.full((len(xy_O_m), 1), self.surface.height_m)
        return np.hstack([xy_O_m, z]) @ self.T_BO[:3, :3].T + self.T_BO[:3, 3]

    def slab(self, sunk_m: float = 0.0) -> Obstacle:
        """The surface from its near edge on, wider than it is seen, and so much lower."""
        left, right = self.surface.edge_O_m
        x, y = (right - left) / np.linalg.norm(right - left)
        ahead, long_m = np.array([-y, x]), float(np.linalg.norm(right - left))
        T_O = np.eye(4)
        T_O[:2, 0], T_O[:2, 1] = ahead, [-ahead[1], ahead[0]]
        T_O[:2, 3] = (left + right) / 2 + 0.5 * _DEPTH_M * ahead
        T_O[2, 3] = self.surface.height_m - sunk_m - _SLAB_M / 2
        width_m = max(long_m, 2 * _HALF_WIDTH_M)
        size = np.array([_DEPTH_M, width_m, _SLAB_M])
        return Obstacle(SURFACE, "box", size, self.T_BO @ T_O)

    def taken(self) -> list[Obstacle]:
        """Whatever is seen over the surface, as columns."""
        size = np.array([SPOT_M, SPOT_M, _TAKEN_M])
        up = np.array([0.0, 0.0, _TAKEN_M / 2])
        return [
            Obstacle(f"{SURFACE}/{k}", "box", size, pose(np.eye(3), at + up), soft=True)
            for k, at in enumerate(self.in_base(self.surface.taken_O_m))
        ]


class SurfaceCell(Workcell):
    """The arm at a surface in place of the bench.

    Args:
        here: The surface.
        sunk_m: How much lower it is taken to be, where something is to come down on it.
    """

    def __init__(
        self, profile: RobotProfile, planner: ArmPlanner, here: SurfaceHere, sunk_m: float = 0.0
    ) -> None:
        super().__init__(profile, planner)
        self._here, self._sunk_m = here, sunk_m

    def bench_z(self, joint_pos_rad: FloatArray, xy_B_m: FloatArray) -> float:
        """Height of the surface in base_link at a point."""
        return self._here.z_m(xy_B_m)

    def standing(self, joint_pos_rad: FloatArray) -> list[Obstacle]:
        """The surface and what is seen on it."""
        return [self._here.slab(self._sunk_m), *self._here.taken()]


class SettingDown:
    """Paths of the hand with a part in it, onto a surface.

    Args:
        cell: The surface's.
        here: The surface.
        seed, deadline_s: Of the search.
    """

    def __init__(
        self,
        planner: ArmPlanner,
        cell: SurfaceCell,
        here: SurfaceHere,
        seed: int,
        deadline_s: float,
    ) -> None:
        self._planner, self._here = planner, here
        self._placing = Placing(planner, cell)
        self._seed, self._deadline_s = seed, deadline_s

    def over_path(self, arm: Arm, record: GraspRecord) -> FloatArray | Rejected:
        """To above a free spot from which the part can be let down."""
        spots = self._spots(record, 1.0 if arm.model.side == "left" else -1.0)
        if isinstance(spots, Rejected):
            return spots
        last = Rejected("unreachable", "the hand reaches over no free spot of the surface")
        for tilt_rad in _TILTS_RAD:
            good: list[FloatArray] = []
            for item in self._postures(arm, record, spots, tilt_rad)[:_TRIES]:
                down = self.down_path(arm, record, item.pos_rad)
                if isinstance(down, Rejected):
                    last = down
                else:
                    good.append(item.pos_rad)
                if len(good) == _GOALS:
                    break
            if not good:
                continue
            path = self._planner.connect(arm, arm.start_rad, good, self._seed, self._deadline_s)
            if not isinstance(path, Rejected):
                return path
            last = path
        return last

    def down_path(
        self, arm: Arm, record: GraspRecord, start_rad: FloatArray
    ) -> FloatArray | Rejected:
        """Straight down until the part is just above the surface."""
        T = arm.tool(start_rad)
        T[2, 3] = self._here.z_m(T[:2, 3]) + _GAP_M + record.grasp.height_m
        return self._placing.down(arm, start_rad, T, _MAX_FALL_M)

    def _postures(
        self, arm: Arm, record: GraspRecord, spots: FloatArray, tilt_rad: float
    ) -> list[Posture]:
        """Free postures with the part over the spots, the best first."""
        height = _OVER_M + record.grasp.height_m
        goals = [
            TcpGoal(
                tilted_pose(0.0, record.tilt_rad, np.array([*xy, self._here.z_m(xy) + height])),
                (-np.pi, np.pi),
                (-tilt_rad, tilt_rad),
            )
            for xy in spots
        ]
        free, _ = arm.free_postures(goals, arm.model.ready_rad, enough=2 * _SPOTS, late=self._late)
        return free

    def _late(self) -> bool:
        return self._planner.clock() > self._deadline_s

    def _spots(self, record: GraspRecord, leftward: float) -> FloatArray | Rejected:
        """Places for the part in base_link with room around, the best first, shape (n, 2)."""
        surface = self._here.surface
        radius_m = 0.5 * float(np.hypot(*record.part_size_m[:2]))
        roomy = with_room(surface, radius_m + _BERTH_M, radius_m + _FROM_EDGE_M)
        if not len(roomy):
            reason = f"no spot of the surface is free for a part of {2 * radius_m:.3f} m"
            return Rejected("no_free_spot", reason, {"size_m": round(2 * radius_m, 3)})
        at = self._here.in_base(roomy)[:, :2]
        edge_B = self._here.in_base(surface.edge_O_m).mean(axis=0)[:2]
        best = np.array([edge_B[0] + _DEEP_M, leftward * _ASIDE_M])
        order = np.argsort(np.linalg.norm(at - best, axis=1), kind="stable")
        return at[order][::_EVERY][:_SPOTS]


def with_room(surface: Surface, room_m: float, from_edge_m: float) -> FloatArray:
    """Free spots in odom with nothing but free ones around, shape (n, 2).

    Args:
        surface: What is seen.
        room_m: Radius around a spot's centre that has to be free.
        from_edge_m: Distance from the near edge at least.
    """
    if not len(surface.free_O_m):
        return np.zeros((0, 2))
    cells = np.floor(surface.free_O_m / SPOT_M).astype(int)
    corner = cells.min(axis=0) - 1
    free = np.zeros(cells.max(axis=0) - corner + 2, bool)
    free[tuple((cells - corner).T)] = True
    # From the centre of a cell to the nearest side of one that is not free.
    clearance_m = (distance_transform_edt(free) - 0.5) * SPOT_M
    left, right = surface.edge_O_m
    along = (right - left) / np.linalg.norm(right - left)
    behind_m = (surface.free_O_m - left) @ np.array([-along[1], along[0]])
    good = clearance_m[tuple((cells - corner).T)] >= room_m
    return surface.free_O_m[good & (behind_m >= from_edge_m)]


def reach_over(cell: SurfaceCell, joint_pos_rad: FloatArray, here: SurfaceHere) -> Rejected | None:
    """Why neither empty hand comes down on a free spot of a surface; quick, and no promise."""
    last: Rejected | None = None
    spots = here.in_base(with_room(here.surface, _BERTH_M, _FROM_EDGE_M))
    empty = SceneSnapshot(0.0)
    for side, hand in cell.hands.items():
        arm = cell.arm(joint_pos_rad, side, cell.obstacles(joint_pos_rad, empty))
        if isinstance(arm, Rejected):
            last = arm
            continue
        near = [at for at in spots if (at[1] >= 0) == (side == "left")]
        goals = []
        for at in near[:: max(1, len(near) // _SPOTS)]:
            p = at + np.array([0.0, 0.0, hand.drop_m + _OVER_M])
            tilt = (-MAX_TILT_RAD, MAX_TILT_RAD)
            goals.append(TcpGoal(down_pose(0.0, p), (-np.pi, np.pi), tilt))
        if goals and arm.free_postures(goals, arm.start_rad, enough=4)[0]:
            return None
    height_m = here.surface.height_m
    reason = f"the hands do not reach onto a surface {height_m:.2f} m high"
    return last or Rejected("unreachable", reason, {"value": round(height_m, 3)})


def as_bench(bench: BenchPlacement, height_m: float, near_edge_x_m: float) -> Surface:
    """An empty surface of a bench's size before the robot; odom is at the soles."""
    half_m, x = bench.width_m / 2, near_edge_x_m
    xs = np.arange(x, x + bench.depth_m, SPOT_M)
    ys = np.arange(-half_m, half_m, SPOT_M)
    free = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    return Surface(0.0, height_m, np.array([[x, half_m], [x, -half_m]]), free)
