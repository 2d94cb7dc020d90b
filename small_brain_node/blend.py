# SPDX-License-Identifier: Apache-2.0
"""Commands between commands: hold, mix, and keep within what the joints allow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from neuraxis_common.robot import JointLimits, RobotProfile
from neuraxis_common.types import FloatArray, JointCommand, RobotState

# Below the spinal cord's own bound, which refuses a command as a whole.
POSITION_STEP_RAD = 0.04
MAX_PAUSE_S = 0.1


class CommandShaper:
    """Limits and gains of one robot, applied to whole commands.

    Args:
        profile: Order of the joints and gains of a hold.
        limits: Joint limits by name.
    """

    def __init__(self, profile: RobotProfile, limits: Mapping[str, JointLimits]) -> None:
        rows = [limits[name] for name in profile.joint_names]
        self._low = np.array([row.lower for row in rows])
        self._high = np.array([row.upper for row in rows])
        self._speed = np.array([row.velocity for row in rows])
        self.effort_max = np.array([row.effort for row in rows])
        self._kp = np.array([profile.kp[name] for name in profile.joint_names])
        self._kd = np.array([profile.kd[name] for name in profile.joint_names])

    def hold(self, now_s: float, state: RobotState) -> JointCommand:
        """Stay where the joints are measured."""
        zero = np.zeros(len(self._low))
        pos = np.clip(state.joints.pos_rad, self._low, self._high)
        return JointCommand(now_s, pos, zero, zero.copy(), self._kp.copy(), self._kd.copy())

    def shaped(self, command: JointCommand, sent: JointCommand | None) -> JointCommand:
        """The nearest command within limits that is in reach of the one sent before."""
        pos = np.clip(command.pos_rad, self._low, self._high)
        if sent is not None:
            dt_s = min(max(command.stamp_s - sent.stamp_s, 0.0), MAX_PAUSE_S)
            reach = POSITION_STEP_RAD + self._speed * dt_s
            pos = np.clip(pos, sent.pos_rad - reach, sent.pos_rad + reach)
        return replace(
            command,
            pos_rad=pos,
            vel_rad_s=np.clip(command.vel_rad_s, -self._speed, self._speed),
            effort_Nm=np.clip(command.effort_Nm, -self.effort_max, self.effort_max),
        )

    def effort_share(self, command: JointCommand, state: RobotState) -> FloatArray:
        """Effort that a command asks of each joint now, as a share of the joint's, shape (n,)."""
        joints = state.joints
        effort = command.effort_Nm + command.kp * (command.pos_rad - joints.pos_rad)
        effort += command.kd * (command.vel_rad_s - joints.vel_rad_s)
        return np.clip(effort / self.effort_max, -1.0, 1.0)


def mixed(old: JointCommand, new: JointCommand, share: float) -> JointCommand:
    """All five rows between two commands; share 1 is the new one."""
    rows = {
        name: (1.0 - share) * getattr(old, name) + share * getattr(new, name)
        for name in ("pos_rad", "vel_rad_s", "effort_Nm", "kp", "kd")
    }
    return replace(new, **rows)


def is_finite(command: JointCommand) -> bool:
    """Whether every number of a command is finite."""
    rows = (command.pos_rad, command.vel_rad_s, command.effort_Nm, command.kp, command.kd)
    return all(bool(np.all(np.isfinite(row))) for row in rows)
