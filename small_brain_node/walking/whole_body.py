# SPDX-License-Identifier: Apache-2.0
"""Joint torques and leg postures for wanted motions of the body and of both soles.

All vectors are in base_link axes, as in `BodyModel`: the base sits at identity, gravity is turned.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pinocchio as pin

from neuraxis_common.robot import RobotProfile
from neuraxis_common.types import FloatArray
from small_brain_node.body_model import BASE_DOF, GRAVITY_M_S2, BodyModel, cross
from small_brain_node.wrench import FootContact, share_wrench

_DAMPING = 1e-5
_MAX_IK_STEP_RAD = 0.15
_IK_ITERATIONS = 2


@dataclass(frozen=True)
class BodyMeasure:
    """The body as measured, in base axes.

    Attributes:
        soles: Frames at the middles of the (left, right) sole.
        com_m: Centre of mass, shape (3,).
        com_m_s: Its velocity over the ground, shape (3,).
        sole_vel: Linear and angular velocity of each sole frame over the ground, shape (2, 6).
    """

    soles: tuple[pin.SE3, ...]
    com_m: FloatArray
    com_m_s: FloatArray
    sole_vel: FloatArray


class WholeBody:
    """Inverse dynamics and leg kinematics of one robot on one or two flat feet."""

    def __init__(self, profile: RobotProfile, body: BodyModel) -> None:
        names = list(profile.joint_names)
        legs = [profile.groups[f"{side}_leg"] for side in ("left", "right")]
        self.leg_index = [np.array([names.index(name) for name in leg]) for leg in legs]
        self.legs = np.concatenate(self.leg_index)
        self._body = body
        self._columns = [body.velocity_index[index] for index in self.leg_index]
        self._armature = np.array([profile.mujoco[name].armature for name in names])
        model, rows = body.model, body.velocity_index
        self.effort_max = model.effortLimit[rows]
        self.speed_max = model.velocityLimit[rows]
        q_rows = np.array([model.joints[model.getJointId(name)].idx_q for name in names])
        self.lower, self.upper = model.lowerPositionLimit[q_rows], model.upperPositionLimit[q_rows]
        self._v, self._a = np.zeros(model.nv), np.zeros(model.nv)

    def soles(self, pos_rad: FloatArray) -> tuple[pin.SE3, ...]:
        """Place the model; returns the frames at the middles of both soles."""
        self._body.place(pos_rad)
        placed = []
        for frame_id, shape in zip(self._body.sole_ids, self._body.soles, strict=True):
            sole = self._body.frame(frame_id)
            placed.append(pin.SE3(sole.rotation.copy(), sole.act(shape.middle_m)))
        return tuple(placed)

    def measure(
        self, pos_rad: FloatArray, vel_rad_s: FloatArray, twist_B: FloatArray
    ) -> BodyMeasure:
        """Place the model as measured and say where its mass and soles are and go."""
        body, soles = self._body, self.soles(pos_rad)
        self._v[:BASE_DOF] = twist_B
        self._v[body.velocity_index] = vel_rad_s
        J_com = pin.jacobianCenterOfMass(body.model, body.data, body.posture)
        sole_vel = np.array([body.jacobian(frame_id) @ self._v for frame_id in body.sole_ids])
        return BodyMeasure(soles, body.data.com[0].copy(), J_com @ self._v, sole_vel)

    def torques(
        self,
        measure: BodyMeasure,
        up_B: FloatArray,
        com_acc: FloatArray,
        turn_acc: FloatArray,
        sole_acc: FloatArray,
        upper_acc: FloatArray,
        standing: tuple[int, ...],
        halves: FloatArray,
        friction: float,
    ) -> tuple[FloatArray, FloatArray]:
        """Joint torques, and the leg accelerations that go with them; call after `measure`.

        Args:
            com_acc: Wanted acceleration of the centre of mass, shape (3,).
            turn_acc: Wanted angular acceleration of the base, shape (3,).
            sole_acc: Wanted linear and angular acceleration of both soles, shape (2, 6).
            upper_acc: Accelerations of the other joints, shape (n,).
            standing: Which soles bear load.
            halves: Half length and width of the area for the centre of pressure, shape (2,).
            friction: Tangential over normal force at most.

        Returns:
            Efforts and accelerations of all joints, shapes (n,).
        """
        self._accelerate(com_acc, turn_acc, sole_acc, upper_acc)
        body, rows = self._body, self._body.velocity_index
        body.model.gravity.linear = -GRAVITY_M_S2 * up_B
        forces = pin.rnea(body.model, body.data, body.posture, self._v, self._a)
        effort = forces[rows] + self._armature * self._a[rows]
        feet = tuple(
            FootContact(measure.soles[i].translation, measure.soles[i].rotation, *halves)
            for i in standing
        )
        shares = share_wrench(forces[:BASE_DOF], feet, friction, 1.0)
        for i, share in zip(standing, shares, strict=True):
            sole, frame_id = measure.soles[i], body.sole_ids[i]
            force, moment = sole.rotation @ share[:3], sole.rotation @ share[3:]
            arm = sole.translation - body.frame(frame_id).translation
            wrench = np.concatenate([force, moment + cross(arm, force)])
            effort = effort - body.jacobian(frame_id)[:, rows].T @ wrench
        return effort, self._a[rows].copy()

    def _accelerate(
        self,
        com_acc: FloatArray,
        turn_acc: FloatArray,
        sole_acc: FloatArray,
        upper_acc: FloatArray,
    ) -> None:
        """Fill the generalised acceleration that gives the wanted ones of mass, base and soles."""
        body, a = self._body, self._a
        a[:] = 0.0
        a[body.velocity_index] = upper_acc
        a[body.velocity_index[self.legs]] = 0.0
        pin.centerOfMass(body.model, body.data, body.posture, self._v, a)
        com_drift = body.data.acom[0].copy()
        pin.forwardKinematics(body.model, body.data, body.posture, self._v, a)
        axes = pin.ReferenceFrame.LOCAL_WORLD_ALIGNED
        J_com = body.data.Jcom
        A, rest, legs = J_com[:, :3].copy(), com_acc - com_drift - J_com[:, 3:6] @ turn_acc, []
        for i, (frame_id, columns) in enumerate(zip(body.sole_ids, self._columns, strict=True)):
            J = body.jacobian(frame_id)
            drift = pin.getFrameClassicalAcceleration(body.model, body.data, frame_id, axes).vector
            inverse = damped_inverse(J[:, columns])
            open_acc = inverse @ (sole_acc[i] - drift - J[:, 3:6] @ turn_acc)
            follow = inverse @ J[:, :3]
            A -= J_com[:, columns] @ follow
            rest = rest - J_com[:, columns] @ open_acc
            legs.append((columns, open_acc, follow))
        a[:3] = np.linalg.solve(A, rest)
        a[3:6] = turn_acc
        for columns, open_acc, follow in legs:
            a[columns] = open_acc - follow @ a[:3]

    def reach(
        self, posture: FloatArray, goals: tuple[pin.SE3, ...], twists: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Leg angles and rates that put the soles' middles at goals seen from the base.

        Args:
            posture: Angles to start from, all joints, shape (n,); the others stay.
            goals: Frames of the (left, right) sole's middle.
            twists: Velocities of the sole frames relative to the base, shape (2, 6).
        """
        pos, vel = posture.copy(), np.zeros(len(posture))
        for _ in range(_IK_ITERATIONS):
            soles = self.soles(pos)
            for i, index in enumerate(self.leg_index):
                inverse = damped_inverse(self._sole_jacobian(i))
                turn = soles[i].rotation @ pin.log3(soles[i].rotation.T @ goals[i].rotation)
                arm = soles[i].translation - self._body.frame(self._body.sole_ids[i]).translation
                move = goals[i].translation - soles[i].translation - cross(turn, arm)
                step = inverse @ np.concatenate([move, turn])
                step = np.clip(step, -_MAX_IK_STEP_RAD, _MAX_IK_STEP_RAD)
                pos[index] = np.clip(pos[index] + step, self.lower[index], self.upper[index])
                vel[index] = inverse @ twists[i]
        return pos, vel

    def _sole_jacobian(self, i: int) -> FloatArray:
        return self._body.jacobian(self._body.sole_ids[i])[:, self._columns[i]]


def damped_inverse(J: FloatArray) -> FloatArray:
    """Inverse of a square Jacobian that stays bounded at a straight knee."""
    return J.T @ np.linalg.inv(J @ J.T + _DAMPING * np.eye(len(J)))
