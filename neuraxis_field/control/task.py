# SPDX-License-Identifier: Apache-2.0
"""What a walking policy sees and does: the contract, and an expert's command as an action."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt

import numpy as np

from neuraxis_common.robot import JointLimits, RobotProfile
from small_brain_node.bundle.contract import ActionSpec, ObservationTerm, PolicyContract
from small_brain_node.walking.settings import LIMITS

# Softer than a hold, so that a target that is a little off is not a hard push; stiffer than what
# would ask for targets far from the joint.
# The A3's teacher fell in 2 of 10 runs of 8 s through a share of 0.5, through 1 in none.
GAIN_SHARE, _GAIN_SHARES = 0.5, {"expedition_a3": 1.0}
# Share of a joint's largest torque that one unit of output asks for.
UNIT_TORQUE = 0.5
OUTPUT_CLIP = 20.0
DT_S = 0.01
HISTORY = 10
# About what a foot of a light robot bears.
FOOT_UNIT_N = 300.0
# Flags, time, velocity, centre of pressure, the swinging sole's way, the base's.
PLAN_SCALE = (
    *(1.0,) * 8, 3.0, *(2.0,) * 3, *(10.0,) * 2,
    *(2.0,) * 4, *(0.5,) * 4, *(0.05,) * 4, 10.0, 3.0,
)  # fmt: skip
LEGS = ("left_leg", "right_leg")
UPPER = ("waist", "left_arm", "right_arm", "head")


def walking_contract(
    robot: RobotProfile,
    limits: Mapping[str, JointLimits],
    history: int = HISTORY,
    planned: bool = True,
) -> PolicyContract:
    """Contract of a walking policy: legs act, the upper body is observed where it is and goes.

    Args:
        robot: For whom.
        limits: Joint limits by name.
        history: Observed steps of what changes from step to step.
        planned: Whether it follows the walking controller's gait plan.
    """
    legs = tuple(name for group in LEGS for name in robot.groups[group])
    upper = tuple(name for group in UPPER for name in robot.groups[group])
    share = _GAIN_SHARES.get(robot.name, GAIN_SHARE)
    kp = tuple(share * robot.kp[name] for name in legs)
    terms = (
        ObservationTerm("gyro", "angular_velocity", scale=(0.5,), history=history),
        ObservationTerm("gravity", "gravity", scale=(4.0,), history=history),
        ObservationTerm("velocity", "linear_velocity", scale=(2.0,), history=history),
        ObservationTerm("command", "velocity_command", scale=(2.0,)),
        ObservationTerm("leg_pos", "joint_pos", legs, scale=(2.0,), history=history),
        ObservationTerm("leg_vel", "joint_vel", legs, (0.2,), (-20.0, 20.0), history),
        ObservationTerm("feet", "foot_force", scale=(1.0 / FOOT_UNIT_N,), history=history),
        ObservationTerm("last_action", "last_action", history=history),
        ObservationTerm("upper_pos", "joint_pos", upper),
        ObservationTerm("upper_goal", "upper_reference", upper),
    )
    if planned:
        terms += (ObservationTerm("plan", "gait_plan", scale=PLAN_SCALE),)
    action = ActionSpec(
        joints=legs,
        scale=tuple(
            UNIT_TORQUE * limits[name].effort / gain for name, gain in zip(legs, kp, strict=True)
        ),
        kp=kp,
        kd=tuple(sqrt(share) * robot.kd[name] for name in legs),
        clip=(-OUTPUT_CLIP, OUTPUT_CLIP),
    )
    ready = robot.ready_pose_rad
    pose = {
        name: float(np.clip(ready[name], limits[name].lower, limits[name].upper))
        for name in (*legs, *upper)
    }
    return PolicyContract(
        name=f"{robot.name} walk",
        robot=robot.name,
        hardware_version=robot.hardware_version,
        dt_s=DT_S,
        terms=terms,
        action=action,
        default_pose_rad=pose,
        command_ranges=tuple(LIMITS.values()),
    )
