# SPDX-License-Identifier: Apache-2.0
"""What a robot profile holds. Plain data; ``neuraxis_common.robot`` reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class JointLimits:
    """Limits of one joint: rad, rad/s, Nm (m, m/s, N for fingers)."""

    lower: float
    upper: float
    velocity: float
    effort: float


@dataclass(frozen=True)
class JointDynamics:
    """Simulator-only facts of one joint: kg m^2, Nm, Nms/rad (kg, N, Ns/m for fingers)."""

    armature: float
    frictionloss: float
    damping: float


@dataclass(frozen=True)
class TorqueSpeed:
    """Motor limit: ``peak_Nm`` up to ``knee_rad_s``, then falling to zero at ``no_load_rad_s``."""

    peak_Nm: float
    knee_rad_s: float
    no_load_rad_s: float


@dataclass(frozen=True)
class CameraProfile:
    """Head RGB-D camera; colour and depth are registered and share the intrinsics.

    Attributes:
        fovy_deg: Full vertical angle of view.
        depth_noise: Standard deviation is ``depth_noise * z^2``, in m for z in m.
        depth_range_m: Nearest and farthest return.
    """

    frame: str
    width: int
    height: int
    fovy_deg: float
    rate_hz: float
    depth_noise: float
    depth_range_m: tuple[float, float]


@dataclass(frozen=True)
class GripperProfile:
    """Two-finger gripper; ``joint`` is the travel of each finger, so the opening is twice that.

    Attributes:
        max_force_N: Largest force of each pad on a held part.
        effort_per_force: Joint effort that makes 1 N at each pad (both fingers share the drive).
    """

    joint: str
    mimic_joint: str
    tcp_frame: str
    max_opening_m: float
    max_force_N: float
    effort_per_force: float


@dataclass(frozen=True)
class BenchPlacement:
    """Where the bench stands for this robot, in odom (floor, midway between the soles).

    Attributes:
        height_m: Top of the bench above the floor.
        near_edge_x_m: Edge towards the robot.
        workspace_xy_m: Corners of the area in which centres of parts may lie, in odom.
        container_slots_xy_m: Centres of containers that both hands reach, in odom.
    """

    height_m: float
    near_edge_x_m: float
    depth_m: float
    width_m: float
    workspace_xy_m: tuple[tuple[float, float], ...]
    container_slots_xy_m: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class RobotProfile:
    """One robot. Per-joint dicts cover every name of ``joint_names``, rad or m, Nm or N.

    Attributes:
        hardware_version: Build that these numbers describe; policies are made for one build.
        policy: What keeps it on its legs in MuJoCo unless told otherwise: ``shipped`` or
            ``classical``.
        xacro: Path of the description, relative to the data root.
        joint_names: Actuated joints, body joints in the vendor's order, then the grippers.
        ready_pose_rad: Work pose at the bench.
        feet: Names of the (left, right) foot links.
        soles: Names of the (left, right) sole frames, z up on the ground.
        mass_kg: Vendor's sum of link masses, without the added parts.
        added_mass_kg: Grippers (estimates).
        payload_kg: What one arm may lift anywhere in its reach.
        estimates: Which numbers are estimates, and why.
    """

    name: str
    display_name: str
    hardware_version: str
    policy: str
    xacro: str
    base_link: str
    imu_frame: str
    joint_names: tuple[str, ...]
    groups: Mapping[str, tuple[str, ...]]
    default_pose_rad: Mapping[str, float]
    ready_pose_rad: Mapping[str, float]
    lowering_pose_rad: Mapping[str, float]
    lowering_time_s: float
    tilt_limit_rad: float
    kp: Mapping[str, float]
    kd: Mapping[str, float]
    kd_damping: Mapping[str, float]
    kp_max: Mapping[str, float]
    kd_max: Mapping[str, float]
    mujoco: Mapping[str, JointDynamics]
    torque_speed: Mapping[str, TorqueSpeed]
    feet: tuple[str, str]
    soles: tuple[str, str]
    camera: CameraProfile
    grippers: Mapping[str, GripperProfile]
    bench: BenchPlacement
    standing_height_m: float
    mass_kg: float
    added_mass_kg: float
    payload_kg: float
    estimates: tuple[str, ...]
