# SPDX-License-Identifier: Apache-2.0
"""From network outputs to joint targets and back: one mapping for robot, golden vectors, logs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from neuraxis_common.types import FloatArray
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
