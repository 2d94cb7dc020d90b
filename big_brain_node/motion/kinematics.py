# SPDX-License-Identifier: Apache-2.0
"""Kinematics of one arm: Pinocchio reads the URDF, numpy evaluates many postures at once.

`RobotKinematics` holds the Pinocchio model of the whole robot with a fixed base. `ArmChain` is the
serial chain from base_link to one tool centre point with all other joints frozen; it evaluates a
batch of postures in a few numpy calls, which is what inverse kinematics with many starts needs.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass, field

import numpy as np
import pinocchio as pin

from neuraxis_common.errors import ConfigError
from neuraxis_common.types import FloatArray

# Cross product by index: (a x b)_i = a_next b_after - a_after b_next.
_NEXT, _AFTER = [1, 2, 0], [2, 0, 1]


class RobotKinematics:
    """Pinocchio model of the robot, addressed in profile order.

    Args:
        urdf_xml: The robot's URDF.
        joint_names: Actuated joints in profile order; mimic joints follow their source.
    """

    def __init__(self, urdf_xml: str, joint_names: tuple[str, ...]) -> None:
        self.model = pin.buildModelFromXML(urdf_xml)
        self.joint_names = tuple(joint_names)
        self.data = self.model.createData()
        missing = [name for name in joint_names if not self.model.existJointName(name)]
        if missing:
            raise ConfigError(f"joints {missing} are in the profile but not in the URDF")
        self._q_index = np.array([self.q_index(name) for name in joint_names])
        self._mimic = self._read_mimic(urdf_xml)

    def q_index(self, joint_name: str) -> int:
        """Index of a joint in Pinocchio's configuration vector."""
        return self.model.joints[self.model.getJointId(joint_name)].idx_q

    def _read_mimic(self, urdf_xml: str) -> list[tuple[int, int, float, float]]:
        rows = []
        for joint in ET.fromstring(urdf_xml).iter("joint"):
            mimic = joint.find("mimic")
            if mimic is None or not self.model.existJointName(joint.get("name")):
                continue
            scale = float(mimic.get("multiplier", "1"))
            offset = float(mimic.get("offset", "0"))
            source = self.q_index(mimic.get("joint"))
            rows.append((self.q_index(joint.get("name")), source, scale, offset))
        return rows

    def configuration(self, joint_pos_rad: FloatArray) -> FloatArray:
        """Pinocchio configuration, shape (nq,), from all joints in profile order."""
        q = pin.neutral(self.model)
        q[self._q_index] = joint_pos_rad
        for target, source, scale, offset in self._mimic:
            q[target] = scale * q[source] + offset
        return q

    def frame_pose(self, q: FloatArray, frame: str) -> FloatArray:
        """Pose of a URDF link in base_link, shape (4, 4)."""
        if not self.model.existFrame(frame):
            raise ConfigError(f"the URDF has no link '{frame}'")
        pin.framesForwardKinematics(self.model, self.data, q)
        return self.data.oMf[self.model.getFrameId(frame)].homogeneous

    def upright_axes(self, q: FloatArray, joints: tuple[str, ...]) -> tuple[str, ...]:
        """Those of the joints that turn about the base's z axis, within a few degrees."""
        pin.computeJointJacobians(self.model, self.data, q)
        found = []
        for name in joints:
            i = self.model.getJointId(name)
            J = pin.getJointJacobian(self.model, self.data, i, pin.ReferenceFrame.WORLD)
            if abs(J[5, self.model.joints[i].idx_v]) > 0.99:
                found.append(name)
        return tuple(found)

    def chain(self, q: FloatArray, joints: tuple[str, ...], tcp: str) -> ArmChain:
        """The serial chain of `joints` up to frame `tcp`, all other joints frozen as in `q`."""
        q = q.copy()
        ids = [self.model.getJointId(name) for name in joints]
        index = np.array([self.model.joints[i].idx_q for i in ids])
        q[index] = 0.0
        pin.framesForwardKinematics(self.model, self.data, q)
        pin.computeJointJacobians(self.model, self.data, q)
        frames, axes, previous = [], [], pin.SE3.Identity()
        for i in ids:
            here = self.data.oMi[i]
            frames.append((previous.inverse() * here).homogeneous)
            local = pin.getJointJacobian(self.model, self.data, i, pin.ReferenceFrame.LOCAL)
            axes.append(local[3:, self.model.joints[i].idx_v])
            previous = here
        tool = (previous.inverse() * self.data.oMf[self.model.getFrameId(tcp)]).homogeneous
        lower = self.model.lowerPositionLimit[index]
        upper = self.model.upperPositionLimit[index]
        speed = self.model.velocityLimit[[self.model.joints[i].idx_v for i in ids]]
        return ArmChain(
            tuple(joints), index, np.array(frames), np.array(axes), tool, lower, upper, speed
        )


@dataclass(frozen=True)
class ArmChain:
    """Serial chain of n revolute joints ending in a tool.

    Attributes:
        q_index: Where the joints sit in Pinocchio's configuration, shape (n,).
        frames: Pose of each joint in its predecessor at zero, shape (n, 4, 4).
        axes: Joint axes in their own frames, shape (n, 3).
        tool: Tool frame in the last joint's frame, shape (4, 4).
        lower_rad, upper_rad, speed_rad_s: URDF limits, shape (n,).
        lever_m: Farthest the tool can be from each joint, shape (n,).
    """

    joint_names: tuple[str, ...]
    q_index: FloatArray
    frames: FloatArray
    axes: FloatArray
    tool: FloatArray
    lower_rad: FloatArray
    upper_rad: FloatArray
    speed_rad_s: FloatArray
    lever_m: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        """Precompute the constant parts of Rodrigues' formula per joint."""
        R = self.frames[:, :3, :3]
        K = skew(self.axes)
        object.__setattr__(self, "_terms", (R, R @ K, R @ K @ K))
        reach = np.linalg.norm([*self.frames[1:, :3, 3], self.tool[:3, 3]], axis=1)
        object.__setattr__(self, "lever_m", reach[::-1].cumsum()[::-1])

    @property
    def n(self) -> int:
        """Number of joints."""
        return len(self.joint_names)

    def forward(self, pos_rad: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Tool rotation (b, 3, 3) and position (b, 3) in base_link for postures (b, n)."""
        R, p, _, _ = self._walk(np.atleast_2d(pos_rad))
        return R, p

    def jacobian(self, pos_rad: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Tool rotation (b, 3, 3), position (b, 3) and Jacobian (b, 6, n) in base_link axes.

        Rows of the Jacobian: linear velocity of the tool centre point, then angular velocity.
        """
        R, p, axes, origins = self._walk(np.atleast_2d(pos_rad))
        arm = p[:, None, :] - origins
        linear = axes[..., _NEXT] * arm[..., _AFTER] - axes[..., _AFTER] * arm[..., _NEXT]
        return R, p, np.concatenate([linear, axes], axis=2).transpose(0, 2, 1)

    def _walk(self, pos: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        constant, first, second = self._terms
        s = np.sin(pos)[:, :, None, None]
        c = 1.0 - np.cos(pos)[:, :, None, None]
        steps = constant + s * first + c * second
        R = np.broadcast_to(np.eye(3), (len(pos), 3, 3))
        p = np.zeros((len(pos), 3))
        axes, origins = np.empty((len(pos), self.n, 3)), np.empty((len(pos), self.n, 3))
        for i in range(self.n):
            p = p + R @ self.frames[i, :3, 3]
            R = R @ steps[:, i]
            axes[:, i], origins[:, i] = R @ self.axes[i], p
        p = p + R @ self.tool[:3, 3]
        return R @ self.tool[:3, :3], p, axes, origins


def skew(v: FloatArray) -> FloatArray:
    """Cross-product matrices (..., 3, 3) of vectors (..., 3)."""
    K = np.zeros((*v.shape[:-1], 3, 3))
    K[..., 0, 1], K[..., 0, 2], K[..., 1, 2] = -v[..., 2], v[..., 1], -v[..., 0]
    K[..., 1, 0], K[..., 2, 0], K[..., 2, 1] = v[..., 2], -v[..., 1], v[..., 0]
    return K


def rotation_log(R: FloatArray) -> FloatArray:
    """Rotation vectors (b, 3) of rotations (b, 3, 3); within 1e-3 of a half turn the axis is x."""
    vee = 0.5 * np.stack(
        [R[:, 2, 1] - R[:, 1, 2], R[:, 0, 2] - R[:, 2, 0], R[:, 1, 0] - R[:, 0, 1]], axis=1
    )
    sine = np.linalg.norm(vee, axis=1)
    angle = np.arctan2(sine, 0.5 * (np.trace(R, axis1=1, axis2=2) - 1.0))
    scale = np.where(sine > 1e-9, angle / np.maximum(sine, 1e-9), 1.0)
    half_turn = angle > np.pi - 1e-3
    return np.where(half_turn[:, None], [np.pi, 0.0, 0.0], vee * scale[:, None])
