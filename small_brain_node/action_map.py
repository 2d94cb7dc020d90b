# SPDX-License-Identifier: Apache-2.0
"""From network outputs to joint targets and back: one mapping for robot, golden vectors, logs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from neuraxis_common.types import FloatArray, JointCommand, JointState
from small_brain_node.body_model import BodyModel
from small_brain_node.bundle.contract import PolicyContract


class ActionMap:
    """``target = default_pose + scale * clip(output)``, all in the order of the action's joints.

    Args:
        contract: Says pose, scale and clip.
        joint_names: Order of whole-robot positions; holds all joints of the action.

    Attributes:
        index: Where the action's joints stand in `joint_names`, shape (m,).
    """

    def __init__(self, contract: PolicyContract, joint_names: Sequence[str]) -> None:
        spec, names = contract.action, list(joint_names)
        self.index = np.array([names.index(joint) for joint in spec.joints], dtype=np.intp)
        self.pose_rad = np.array([contract.default_pose_rad[joint] for joint in spec.joints])
        self.scale = np.asarray(spec.scale)
        self._clip = spec.clip or (-np.inf, np.inf)

    def clipped(self, output: FloatArray) -> FloatArray:
        """What counts as the action of an output, float64, shape (..., m)."""
        return np.clip(output.astype(float), *self._clip)

    def target(self, action: FloatArray) -> FloatArray:
        """Joint targets of a clipped action, rad, shape (..., m)."""
        return self.pose_rad + self.scale * action

    def implied(self, pos_rad: FloatArray) -> FloatArray:
        """The action that would have sent the robot to these positions.

        Args:
            pos_rad: In the order of `joint_names`, shape (..., n).

        Returns:
            Clipped, shape (..., m).
        """
        return np.clip((pos_rad[..., self.index] - self.pose_rad) / self.scale, *self._clip)


class EquivalentAction:
    """The action with which a policy's joints do what another controller's command would.

    Effort, stiffness and damping of the command make a torque at the measured state. The target
    ``q + (torque + kd * dq) / kp`` makes the same torque with the policy's own gains. A joint
    without stiffness gets the command's own position.

    Args:
        contract: Of the policy.
        joint_names: Order of commands and states.
        body: Has the joints' limits.
    """

    def __init__(
        self, contract: PolicyContract, joint_names: Sequence[str], body: BodyModel
    ) -> None:
        self._map = ActionMap(contract, joint_names)
        self._index = index = self._map.index
        self._kp, self._kd = np.array(contract.action.kp), np.array(contract.action.kd)
        self._effort = body.model.effortLimit[body.velocity_index][index]
        self._low, self._high = body.lower_rad[index], body.upper_rad[index]

    def torque(self, command: JointCommand, joints: JointState) -> FloatArray:
        """What the action's joints would be asked for now, within their limits, shape (m,)."""
        i = self._index
        torque = command.kp[i] * (command.pos_rad[i] - joints.pos_rad[i])
        torque += command.kd[i] * (command.vel_rad_s[i] - joints.vel_rad_s[i])
        return np.clip(torque + command.effort_Nm[i], -self._effort, self._effort)

    def action(self, command: JointCommand, joints: JointState) -> FloatArray:
        """Shape (m,); its target lies within the joints' limits."""
        i, stiff = self._index, self._kp > 0.0
        torque = self.torque(command, joints) + self._kd * joints.vel_rad_s[i]
        ahead = np.divide(torque, self._kp, out=np.zeros_like(torque), where=stiff)
        target = np.where(stiff, joints.pos_rad[i] + ahead, command.pos_rad[i])
        pos = np.zeros(len(joints.pos_rad))
        pos[i] = np.clip(target, self._low, self._high)
        return self._map.implied(pos)
