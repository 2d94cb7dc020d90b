# SPDX-License-Identifier: Apache-2.0
"""Robots by name: the profile from ``config/robots/<robot>.yaml``, the URDF from its xacro."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from math import isfinite
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

import xacro
import yaml

from neuraxis_common.errors import ConfigError
from neuraxis_common.policies import CLASSICAL, SHIPPED
from neuraxis_common.profile import (
    BenchPlacement,
    CameraProfile,
    GripperProfile,
    JointDynamics,
    JointLimits,
    RobotProfile,
    TorqueSpeed,
)

__all__ = [
    "BenchPlacement",
    "CameraProfile",
    "GripperProfile",
    "JointDynamics",
    "JointLimits",
    "RobotProfile",
    "TorqueSpeed",
    "compile_urdf",
    "joint_limits",
    "known_robots",
    "load_profile",
]

GROUPS = (
    "left_leg",
    "right_leg",
    "waist",
    "head",
    "left_arm",
    "right_arm",
    "left_gripper",
    "right_gripper",
)
SIDES = ("left", "right")


def known_robots(data_root: Path) -> tuple[str, ...]:
    """Names of all robots that have a profile."""
    return tuple(sorted(path.stem for path in (data_root / "config" / "robots").glob("*.yaml")))


def load_profile(robot: str, data_root: Path) -> RobotProfile:
    """Read and check one profile.

    Args:
        robot: Name as in ``known_robots``.
        data_root: Folder that holds ``config/`` and ``urdf/`` (the repository root in a checkout).

    Raises:
        ConfigError: Unknown robot, or a file that is malformed, naming the field.
    """
    known = known_robots(data_root)
    if robot not in known:
        raise ConfigError(f"unknown robot '{robot}', known robots: {', '.join(known) or 'none'}")
    path = data_root / "config" / "robots" / f"{robot}.yaml"
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"robot profile '{path.name}' is not valid YAML: {error}") from error
    return _profile(robot, _Fields(data, path.name))


def compile_urdf(profile: RobotProfile, data_root: Path, hardware: str = "mujoco") -> str:
    """Run xacro on the robot's description.

    Args:
        profile: Robot; its ``xacro`` is the file read.
        data_root: Folder that holds ``urdf/``.
        hardware: What moves below the spinal cord, as in ``urdf/common/ros2_control.xacro``.

    Raises:
        ConfigError: The description is missing, broken, or lacks a joint of the profile.
    """
    path = data_root / profile.xacro
    if not path.is_file():
        raise ConfigError(f"robot '{profile.name}': description '{profile.xacro}' does not exist")
    try:
        document = xacro.process_file(str(path), mappings={"hardware": hardware})
    except (xacro.XacroException, ExpatError) as error:
        raise ConfigError(f"robot '{profile.name}': '{profile.xacro}' fails: {error}") from error
    urdf_xml = document.toxml()
    limits = joint_limits(urdf_xml)
    missing = [name for name in profile.joint_names if name not in limits]
    if missing:
        raise ConfigError(f"'{profile.xacro}' lacks joints of the profile: {', '.join(missing)}")
    return urdf_xml


def joint_limits(urdf_xml: str) -> dict[str, JointLimits]:
    """Limits of every moving joint, mimic joints included, in the order of the URDF."""
    limits: dict[str, JointLimits] = {}
    for joint in ET.fromstring(urdf_xml).findall("joint"):
        element = joint.find("limit")
        if element is not None:
            values = {key: float(element.get(key, "nan")) for key in JointLimits.__annotations__}
            limits[joint.get("name", "")] = JointLimits(**values)
    return limits


class _Fields:
    """A YAML mapping whose look-ups fail with the file and field in the message."""

    def __init__(self, data: Any, where: str) -> None:
        if not isinstance(data, dict):
            raise ConfigError(f"{where} must be a mapping, got {type(data).__name__}")
        self.data = data
        self.where = where

    def get(self, key: str, kind: type | tuple[type, ...]) -> Any:
        if key not in self.data:
            raise ConfigError(f"{self.where} lacks '{key}'")
        value = self.data[key]
        if not isinstance(value, kind) or isinstance(value, bool):
            raise ConfigError(f"{self.where}: '{key}' has the wrong type: {value!r}")
        return value

    def text(self, key: str) -> str:
        return self.get(key, str)

    def number(self, key: str, low: float = -1e9, high: float = 1e9) -> float:
        value = float(self.get(key, (int, float)))
        if not (isfinite(value) and low <= value <= high):
            raise ConfigError(f"{self.where}: '{key}' must be in [{low}, {high}], got {value}")
        return value

    def numbers(self, key: str, count: int) -> tuple[float, ...]:
        values = self.get(key, list)
        if len(values) != count or not all(isinstance(v, int | float) for v in values):
            raise ConfigError(f"{self.where}: '{key}' must be {count} numbers, got {values!r}")
        return tuple(float(v) for v in values)

    def choice(self, key: str, known: tuple[str, ...]) -> str:
        value = self.text(key)
        if value not in known:
            raise ConfigError(f"{self.where}: '{key}' must be one of {known}, got '{value}'")
        return value

    def section(self, key: str) -> _Fields:
        return _Fields(self.get(key, dict), f"{self.where}: {key}")

    def rows(self, key: str) -> list[_Fields]:
        rows = self.get(key, list)
        return [_Fields(row, f"{self.where}: {key}[{i}]") for i, row in enumerate(rows)]


def _profile(robot: str, f: _Fields) -> RobotProfile:
    rows = f.rows("joints")
    names = tuple(row.text("name") for row in rows)
    if len(set(names)) != len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise ConfigError(f"{f.where}: joints listed twice: {', '.join(twice)}")

    def column(read: Callable[[_Fields], Any]) -> dict[str, Any]:
        return {name: read(row) for name, row in zip(names, rows, strict=True)}

    kp = column(lambda r: r.number("kp", 0.0))
    kd = column(lambda r: r.number("kd", 0.0))
    headroom = f.number("gain_headroom", 1.0, 10.0)
    return RobotProfile(
        name=robot,
        display_name=f.text("display_name"),
        hardware_version=f.text("hardware_version"),
        policy=f.choice("policy", (SHIPPED, CLASSICAL)),
        xacro=f.text("xacro"),
        base_link="base_link",
        imu_frame="imu_link",
        joint_names=names,
        groups=_groups(f, rows, names),
        default_pose_rad=column(lambda r: r.number("default")),
        ready_pose_rad=column(lambda r: r.number("ready")),
        lowering_pose_rad=column(lambda r: r.number("lowering")),
        lowering_time_s=f.number("lowering_time_s", 0.1, 30.0),
        tilt_limit_rad=f.number("tilt_limit_rad", 0.05, 1.5),
        kp=kp,
        kd=kd,
        kd_damping=column(lambda r: r.number("kd_damping", 0.0)),
        kp_max={name: headroom * value for name, value in kp.items()},
        kd_max={name: headroom * value for name, value in kd.items()},
        mujoco=column(lambda r: JointDynamics(*r.numbers("dynamics", 3))),
        torque_speed=column(lambda r: TorqueSpeed(*r.numbers("torque_speed", 3))),
        feet=tuple(f.section("feet").text(side) for side in SIDES),
        soles=tuple(f"{side}_sole" for side in SIDES),
        camera=_camera(f.section("camera")),
        grippers={side: _gripper(side, f.section("gripper")) for side in SIDES},
        bench=_bench(f.section("bench")),
        standing_height_m=f.number("standing_height_m", 0.3, 3.0),
        mass_kg=f.number("mass_kg", 1.0, 500.0),
        added_mass_kg=f.number("added_mass_kg", 0.0, 50.0),
        payload_kg=f.number("payload_kg", 0.0, 200.0),
        estimates=tuple(str(line) for line in f.get("estimates", list)),
    )


def _groups(f: _Fields, rows: list[_Fields], names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    groups: dict[str, list[str]] = {group: [] for group in GROUPS}
    for name, row in zip(names, rows, strict=True):
        group = row.text("group")
        if group not in groups:
            raise ConfigError(f"{row.where}: group '{group}' is not one of {', '.join(GROUPS)}")
        groups[group].append(name)
    for side in SIDES:
        if groups[f"{side}_gripper"] != [f"{side}_gripper_joint"]:
            raise ConfigError(f"{f.where}: group {side}_gripper must be [{side}_gripper_joint]")
    return {group: tuple(members) for group, members in groups.items()}


def _camera(f: _Fields) -> CameraProfile:
    return CameraProfile(
        frame="camera_color_optical_frame",
        width=int(f.number("width", 16, 4096)),
        height=int(f.number("height", 16, 4096)),
        fovy_deg=f.number("fovy_deg", 1.0, 170.0),
        rate_hz=f.number("rate_hz", 0.1, 240.0),
        depth_noise=f.number("depth_noise", 0.0, 1.0),
        depth_range_m=f.numbers("depth_range_m", 2),
    )


def _gripper(side: str, f: _Fields) -> GripperProfile:
    return GripperProfile(
        joint=f"{side}_gripper_joint",
        mimic_joint=f"{side}_gripper_mimic_joint",
        tcp_frame=f"{side}_tcp",
        max_opening_m=f.number("max_opening_m", 0.0, 1.0),
        max_force_N=f.number("max_force_N", 0.0, 1000.0),
        effort_per_force=f.number("effort_per_force", 0.1, 10.0),
    )


def _points(f: _Fields, key: str, least: int) -> tuple[tuple[float, float], ...]:
    points = f.get(key, list)
    if len(points) < least or not all(isinstance(c, list) and len(c) == 2 for c in points):
        raise ConfigError(f"{f.where}: '{key}' needs at least {least} [x, y], got {points!r}")
    return tuple((float(x), float(y)) for x, y in points)


def _bench(f: _Fields) -> BenchPlacement:
    return BenchPlacement(
        height_m=f.number("height_m", 0.1, 2.0),
        near_edge_x_m=f.number("near_edge_x_m", 0.0, 2.0),
        depth_m=f.number("depth_m", 0.05, 3.0),
        width_m=f.number("width_m", 0.05, 5.0),
        workspace_xy_m=_points(f, "workspace_xy_m", 3),
        container_slots_xy_m=(
            _points(f, "container_slots_xy_m", 2) if "container_slots_xy_m" in f.data else ()
        ),
    )
