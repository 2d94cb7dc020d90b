# SPDX-License-Identifier: Apache-2.0
"""Shared by the motion tests: the X2's planner and a bench scene without noise."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np

from big_brain_node.motion.grasp import down_pose
from big_brain_node.motion.kinematics import RobotKinematics
from big_brain_node.motion.pick_place import PickPlacePlanner
from big_brain_node.motion.planner import TcpGoal
from big_brain_node.motion.scene_model import bench_obstacle, odom_in_base
from neuraxis_common.robot import compile_urdf, load_profile
from neuraxis_common.types import SceneObject

ROOT = Path(__file__).resolve().parents[2]
TILT = (-0.9, 0.9)


class FakeClock:
    """Seconds that pass only when asked for: each reading costs `step_s`."""

    def __init__(self, step_s: float = 0.0) -> None:
        self.now_s, self.step_s = 0.0, step_s

    def __call__(self) -> float:
        self.now_s += self.step_s
        return self.now_s


@lru_cache
def profile(robot: str = "lingxi_x2"):
    """A robot's profile."""
    return load_profile(robot, ROOT)


@lru_cache
def urdf(robot: str = "lingxi_x2") -> str:
    """A robot's description."""
    return compile_urdf(profile(robot), ROOT)


@lru_cache
def kinematics(robot: str = "lingxi_x2") -> RobotKinematics:
    """A robot's kinematics."""
    return RobotKinematics(urdf(robot), profile(robot).joint_names)


@lru_cache
def pick_place(robot: str = "lingxi_x2") -> PickPlacePlanner:
    """A planner for whom no time passes."""
    return PickPlacePlanner(profile(robot), urdf(robot), FakeClock())


def ready(robot: str = "lingxi_x2") -> np.ndarray:
    """All joints in the ready pose, profile order."""
    pose = profile(robot).ready_pose_rad
    return np.array([pose[name] for name in profile(robot).joint_names])


def T_BO(robot: str = "lingxi_x2") -> np.ndarray:
    """The floor frame seen from the base in the ready pose."""
    kin = kinematics(robot)
    return odom_in_base(kin, profile(robot), kin.configuration(ready(robot)))


def on_bench(x_m: float, y_m: float, above_m: float, robot: str = "lingxi_x2") -> np.ndarray:
    """A point over the bench, odom x and y, in base_link."""
    height = profile(robot).bench.height_m + above_m
    return (T_BO(robot) @ np.array([x_m, y_m, height, 1.0]))[:3]


def bench(robot: str = "lingxi_x2"):
    """The bench top as an obstacle."""
    return bench_obstacle(profile(robot).bench, T_BO(robot))


def goal_over(x_m: float, y_m: float, above_m: float, closing_rad: float = 0.0) -> TcpGoal:
    """A tool goal over the X2's bench with free tilt."""
    return TcpGoal(down_pose(closing_rad, on_bench(x_m, y_m, above_m)), (0.0, 0.0), TILT)


def item(
    name: str,
    shape: str,
    xy_m: tuple[float, float],
    size_m: tuple[float, float, float],
    yaw_rad: float = 0.0,
    robot: str = "lingxi_x2",
) -> SceneObject:
    """A thing standing on the bench as perception would report it."""
    kind = "container" if shape in ("tray", "bin") else "part"
    center = on_bench(*xy_m, size_m[2] / 2, robot)
    cov, box = np.eye(3) * 1e-6, (0.0, 0.0, 1.0, 1.0)
    size = np.array(size_m)
    return SceneObject(name, kind, shape, "red", center, yaw_rad, size, cov, 0.0, 1.0, box)
