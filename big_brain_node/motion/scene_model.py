# SPDX-License-Identifier: Apache-2.0
"""What the arm must not touch: the bench and the seen objects as convex obstacles in base_link."""

from __future__ import annotations

import numpy as np

from big_brain_node.motion.grasp import CONTAINER_FLOOR_M, CONTAINER_WALL_M
from big_brain_node.motion.kinematics import RobotKinematics
from big_brain_node.motion.planner import Obstacle, yaw_pose
from neuraxis_common.profile import BenchPlacement, RobotProfile
from neuraxis_common.shapes import SHAPES
from neuraxis_common.types import FloatArray, SceneObject

BENCH = "bench"
_SLAB_M = 0.04
# The arms work above the bench; below the slab there are only the robot's own legs.
_ON_BENCH_M = 0.012
_PART_DOUBT_M = 0.003


def odom_in_base(kinematics: RobotKinematics, profile: RobotProfile, q: FloatArray) -> FloatArray:
    """T_BO, shape (4, 4): the floor frame between the soles, from the legs' joints.

    Both soles stand flat, so the floor's tilt seen from the base comes out too.
    """
    soles = [kinematics.frame_pose(q, frame) for frame in profile.soles]
    p = 0.5 * (soles[0][:3, 3] + soles[1][:3, 3])
    z = soles[0][:3, 2] + soles[1][:3, 2]
    z /= np.linalg.norm(z)
    x = soles[0][:3, 0] + soles[1][:3, 0]
    x -= z * (x @ z)
    x /= np.linalg.norm(x)
    T = np.eye(4)
    T[:3, :3] = np.stack([x, np.cross(z, x), z], axis=1)
    T[:3, 3] = p
    return T


def bench_obstacle(bench: BenchPlacement, T_BO: FloatArray) -> Obstacle:
    """The bench top as a slab."""
    at = np.eye(4)
    at[:3, 3] = [bench.near_edge_x_m + bench.depth_m / 2, 0.0, bench.height_m - _SLAB_M / 2]
    return Obstacle(BENCH, "box", np.array([bench.depth_m, bench.width_m, _SLAB_M]), T_BO @ at)


def bench_height(bench: BenchPlacement, T_BO: FloatArray, xy_B_m: FloatArray) -> float:
    """Height of the bench top in base_link above or below a point of the base's xy plane."""
    n = T_BO[:3, 2]
    on_top = T_BO[:3, 3] + bench.height_m * n
    return float(on_top[2] - (n[:2] @ (xy_B_m - on_top[:2])) / n[2])


def underside(item: SceneObject, bench_z_m: float) -> float:
    """Lowest z of a part: the bench where it stands on it, else as perceived (in a container)."""
    seen = float(item.center_B_m[2] - item.size_m[2] / 2)
    return bench_z_m if abs(seen - bench_z_m) < _ON_BENCH_M else max(seen, bench_z_m)


def part_obstacle(item: SceneObject) -> Obstacle:
    """A part as the box or cylinder around it, larger by what perception may be off."""
    shape = "cylinder" if SHAPES[item.shape].has_axis else "box"
    size = np.array(item.size_m, dtype=float)
    if shape == "cylinder":
        size[:2] = size[:2].max()
    size += 2 * _PART_DOUBT_M
    return Obstacle(item.track_id, shape, size, yaw_pose(item.yaw_B_rad, item.center_B_m), True)


def container_obstacles(item: SceneObject, bench_z_m: float) -> list[Obstacle]:
    """Floor and four walls; the floor is named ``<track>/floor``."""
    x, y, z = (float(v) for v in item.size_m)
    wall = CONTAINER_WALL_M
    T = yaw_pose(item.yaw_B_rad, np.array([*item.center_B_m[:2], bench_z_m]))
    boxes = [
        ("floor", (x, y, CONTAINER_FLOOR_M), (0.0, 0.0, CONTAINER_FLOOR_M / 2)),
        ("front", (wall, y, z), ((wall - x) / 2, 0.0, z / 2)),
        ("back", (wall, y, z), ((x - wall) / 2, 0.0, z / 2)),
        ("right", (x, wall, z), (0.0, (wall - y) / 2, z / 2)),
        ("left", (x, wall, z), (0.0, (y - wall) / 2, z / 2)),
    ]
    return [
        Obstacle(
            f"{item.track_id}/{name}",
            "box",
            np.array(size),
            T @ yaw_pose(0.0, np.array(at)),
            name != "floor",
        )
        for name, size, at in boxes
    ]
