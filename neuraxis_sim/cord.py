# SPDX-License-Identifier: Apache-2.0
"""The C++ spinal cord on top of a compiled MuJoCo world, and its readings as value types."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import mujoco
import neuraxis_spinal as ns
import numpy as np

from neuraxis_common.robot import SIDES, RobotProfile, joint_limits
from neuraxis_common.types import ImuState, JointState, RobotState
from neuraxis_sim.model import IMU_SENSORS, TIMESTEP_S, RobotModel


def cord_config(profile: RobotProfile, urdf_xml: str, **options: float) -> ns.Config:
    """Limits and gains of every joint for the spinal cord.

    Args:
        profile: Gains and motor limits.
        urdf_xml: Compiled description of the same robot, for the joint limits.
        options: Fields of ``Config`` that differ from the defaults, in its units.
    """
    limits = joint_limits(urdf_xml)
    joints = []
    for name in profile.joint_names:
        limit, motor = limits[name], profile.torque_speed[name]
        joints.append(
            {
                "name": name,
                "lower": limit.lower,
                "upper": limit.upper,
                "velocity_max": limit.velocity,
                "effort_max": limit.effort,
                "kp_max": profile.kp_max[name],
                "kd_max": max(profile.kd_max[name], profile.kd_damping[name]),
                "kp_hold": profile.kp[name],
                "kd_hold": profile.kd[name],
                "kd_damping": profile.kd_damping[name],
                "lowering_pos": profile.lowering_pose_rad[name],
                "knee_speed": motor.knee_rad_s,
                "no_load_speed": motor.no_load_rad_s,
            }
        )
    settings = {
        "lowering_time_s": profile.lowering_time_s,
        "tilt_limit_rad": profile.tilt_limit_rad,
    }
    return ns.Config(joints, **(settings | options))


def build_backend(robot: RobotModel) -> ns.MujocoBackend:
    """The compiled world as the spinal cord's actuators and sensors."""
    profile = robot.profile
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "world.mjb"
        mujoco.mj_saveModel(robot.model, str(path), None)
        quat, gyro, accel = IMU_SENSORS
        return ns.MujocoBackend(
            str(path),
            list(profile.joint_names),
            quat_sensor=quat,
            gyro_sensor=gyro,
            accel_sensor=accel,
            foot_sensors=[f"{side}_foot_force" for side in SIDES],
        )


def build_loop(
    robot: RobotModel,
    urdf_xml: str,
    backend: ns.MujocoBackend | None = None,
    **options: float,
) -> ns.Loop:
    """The spinal cord's loop with a world as its backend, robot in the ready pose.

    Args:
        robot: Compiled world.
        urdf_xml: Description it was compiled from.
        backend: Of the same world, for callers that push bodies; made here when None.
        options: See `cord_config`.
    """
    config = cord_config(robot.profile, urdf_xml, **options)
    loop = ns.Loop(config, backend or build_backend(robot), TIMESTEP_S)
    qvel = np.zeros(robot.model.nv)
    loop.set_sim_state(robot.standing_qpos(robot.profile.ready_pose_rad), qvel)
    return loop


def read_state(raw: Mapping[str, Any]) -> RobotState:
    """What ``Loop.state()`` returns, as value types."""
    stamp_s = float(raw["stamp_s"])
    return RobotState(
        joints=JointState(stamp_s, raw["pos"], raw["vel"], raw["effort"]),
        imu=ImuState(stamp_s, raw["quat_wxyz"], raw["gyro"], raw["accel"]),
        foot_force_N=raw["foot_force"],
        stop_level=str(raw["stop_level"]),
    )
