# SPDX-License-Identifier: Apache-2.0
"""Rigid-body model of one robot in base_link, from its URDF."""

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ET
from dataclasses import dataclass

import numpy as np
import pinocchio as pin

from neuraxis_common.errors import ConfigError
from neuraxis_common.robot import RobotProfile
from neuraxis_common.types import FloatArray

GRAVITY_M_S2 = 9.81
BASE_DOF = 6


@dataclass(frozen=True)
class SoleShape:
    """Rectangle of one sole in its sole frame (x forward, z up, on the ground).

    Attributes:
        middle_m: Middle of the rectangle, shape (3,), z = 0.
        half_x_m: Half the length.
        half_y_m: Half the width.
    """

    middle_m: FloatArray
    half_x_m: float
    half_y_m: float


class BodyModel:
    """Kinematics and inverse dynamics with every vector in base_link axes.

    The floating base sits at identity and gravity is turned instead, so one forward-kinematics pass
    serves odometry and dynamics. Joint vectors have the order of the profile, shape (n,); mimic
    joints follow their leader.

    Attributes:
        velocity_index: Columns of the joints in Jacobians and generalised forces, shape (n,).
        lower_rad, upper_rad: Limits of the joints in the URDF, shape (n,).
        mass_kg: Total mass of the model.
        soles: Shapes of the (left, right) sole.
    """

    def __init__(self, profile: RobotProfile, urdf_xml: str) -> None:
        self.model = pin.buildModelFromXML(urdf_xml, pin.JointModelFreeFlyer())
        self.data = self.model.createData()
        missing = [name for name in profile.joint_names if not self.model.existJointName(name)]
        if missing:
            raise ConfigError(f"the URDF of '{profile.name}' lacks joints {', '.join(missing)}")
        joints = [self.model.joints[self.model.getJointId(name)] for name in profile.joint_names]
        self._q_index = np.array([joint.idx_q for joint in joints])
        self.lower_rad = self.model.lowerPositionLimit[self._q_index]
        self.upper_rad = self.model.upperPositionLimit[self._q_index]
        self.velocity_index = np.array([joint.idx_v for joint in joints])
        self._mimics = self._find_mimics(urdf_xml, profile.joint_names)
        self._q = pin.neutral(self.model)
        self._v, self._a = np.zeros(self.model.nv), np.zeros(self.model.nv)
        self.sole_ids = tuple(self.frame_id(name) for name in profile.soles)
        self.soles = self._measure_soles(urdf_xml, profile)
        self.mass_kg = float(sum(inertia.mass for inertia in self.model.inertias[1:]))

    def frame_id(self, name: str) -> int:
        """Index of a URDF frame. Raises ConfigError when the URDF has none of that name."""
        if not self.model.existFrame(name):
            raise ConfigError(f"the URDF lacks frame '{name}'")
        return int(self.model.getFrameId(name))

    def place(self, pos_rad: FloatArray) -> None:
        """Set the joints; the frame queries below answer for them."""
        self._set_posture(pos_rad)
        pin.computeJointJacobians(self.model, self.data, self._q)
        pin.updateFramePlacements(self.model, self.data)

    @property
    def posture(self) -> FloatArray:
        """Configuration of the placed joints as Pinocchio takes it, shape (nq,)."""
        return self._q

    def frame(self, frame_id: int) -> pin.SE3:
        """Pose of a frame in base_link."""
        return self.data.oMf[frame_id]

    def jacobian(self, frame_id: int) -> FloatArray:
        """Velocity (linear, angular) of a frame in base axes, shape (6, nv), base columns first."""
        return pin.getFrameJacobian(
            self.model, self.data, frame_id, pin.ReferenceFrame.LOCAL_WORLD_ALIGNED
        )

    def com_B_m(self) -> FloatArray:
        """Centre of mass of the placed joints in base_link, shape (3,)."""
        return pin.centerOfMass(self.model, self.data, self._q, False).copy()

    def inverse_dynamics(
        self,
        up_B: FloatArray,
        base_acc_B: FloatArray,
        vel_rad_s: FloatArray,
        acc_rad_s2: FloatArray,
    ) -> FloatArray:
        """Generalised forces for the placed joints without contacts, shape (nv,).

        Args:
            up_B: Unit vector against gravity in base_link, shape (3,).
            base_acc_B: Linear and angular acceleration of the base, shape (6,).
            vel_rad_s: Joint velocities, shape (n,).
            acc_rad_s2: Joint accelerations, shape (n,).
        """
        self.model.gravity.linear = -GRAVITY_M_S2 * up_B
        self._v[self.velocity_index] = vel_rad_s
        self._a[:BASE_DOF] = base_acc_B
        self._a[self.velocity_index] = acc_rad_s2
        return pin.rnea(self.model, self.data, self._q, self._v, self._a)

    def joint_efforts(
        self,
        pos_rad: FloatArray,
        up_B: FloatArray,
        vel_rad_s: FloatArray,
        acc_rad_s2: FloatArray,
    ) -> FloatArray:
        """Efforts that carry and move the links while the base rests, without contacts, shape (n,).

        Needs no `place`, and leaves frames and Jacobians as they were.

        Args:
            pos_rad: Joint positions, shape (n,).
            up_B: Unit vector against gravity in base_link, shape (3,).
            vel_rad_s: Joint velocities, shape (n,).
            acc_rad_s2: Joint accelerations, shape (n,).
        """
        self._set_posture(pos_rad)
        rest = np.zeros(BASE_DOF)
        return self.inverse_dynamics(up_B, rest, vel_rad_s, acc_rad_s2)[self.velocity_index]

    def _set_posture(self, pos_rad: FloatArray) -> None:
        self._q[self._q_index] = pos_rad
        for q_index, leader, multiplier, offset in self._mimics:
            self._q[q_index] = multiplier * pos_rad[leader] + offset

    def _measure_soles(self, urdf_xml: str, profile: RobotProfile) -> tuple[SoleShape, ...]:
        """Bounds of each foot's collision shapes, seen from its sole frame."""
        kind = pin.GeometryType.COLLISION
        shapes = pin.buildGeomFromUrdfString(self.model, urdf_xml, kind).geometryObjects
        soles = []
        for foot, frame_id in zip(profile.feet, self.sole_ids, strict=True):
            joint_M_sole = self.model.frames[frame_id].placement
            corners = [
                joint_M_sole.actInv(shape.placement.act(corner))
                for shape in shapes
                if self.model.frames[shape.parentFrame].name == foot
                for corner in _box_corners(shape.geometry)
            ]
            if not corners:
                raise ConfigError(f"foot link '{foot}' has no collision shape")
            low, high = np.min(corners, axis=0), np.max(corners, axis=0)
            middle, half = (low + high) / 2, (high - low) / 2
            middle[2] = 0.0
            soles.append(SoleShape(middle, float(half[0]), float(half[1])))
        return tuple(soles)

    def _find_mimics(
        self, urdf_xml: str, names: tuple[str, ...]
    ) -> tuple[tuple[int, int, float, float], ...]:
        mimics = []
        for joint in ET.fromstring(urdf_xml).findall("joint"):
            mimic = joint.find("mimic")
            if mimic is None:
                continue
            follower = self.model.joints[self.model.getJointId(joint.get("name"))]
            leader = names.index(mimic.get("joint"))
            ratio = float(mimic.get("multiplier", 1.0))
            mimics.append((follower.idx_q, leader, ratio, float(mimic.get("offset", 0.0))))
        return tuple(mimics)


def cross(a: FloatArray, b: FloatArray) -> FloatArray:
    """Vector product of two vectors, shape (3,); numpy's own costs ten times as much here."""
    (a0, a1, a2), (b0, b1, b2) = a.tolist(), b.tolist()
    return np.array([a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0])


def _box_corners(geometry: object) -> list[FloatArray]:
    geometry.computeLocalAABB()
    ends = (geometry.aabb_local.min_, geometry.aabb_local.max_)
    return [
        np.array([ends[i][0], ends[j][1], ends[k][2]])
        for i, j, k in itertools.product((0, 1), repeat=3)
    ]
