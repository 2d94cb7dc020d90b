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
from small_brain_node.walking.dcm import bounded
from small_brain_node.wrench import FootContact, share_wrench, skew

# Of what is left of a straight knee's reach: with less, a leg that is pulled straight asks for
# torques beyond all bounds and then whirls.
_DAMPING = 1e-3 * np.eye(6)
_EYE = np.eye(3)
_MAX_IK_STEP_RAD = 0.15
_LEAST_KNEE_RAD = 0.06


@dataclass(frozen=True)
class BodyMeasure:
    """The body as measured, in base axes.

    Attributes:
        soles: Frames at the middles of the (left, right) sole.
        com_m: Centre of mass, shape (3,).
        com_m_s: Its velocity over the ground, shape (3,).
        spin_m2_s: Angular momentum about it per mass, shape (3,).
    """

    soles: tuple[pin.SE3, ...]
    com_m: FloatArray
    com_m_s: FloatArray
    spin_m2_s: FloatArray


@dataclass(frozen=True)
class WantedMotion:
    """What the whole body should do, in base axes.

    Attributes:
        cop_m: Centre of pressure, shape (3,).
        lift_m_s2: Vertical acceleration of the centre of mass.
        turn_acc: Angular acceleration of the base, shape (3,).
        sole_acc: Linear and angular acceleration of both soles, shape (2, 6).
        upper_acc: Accelerations of all joints but the legs', shape (n,), zero for the legs.
        standing: Which soles bear load.
    """

    cop_m: FloatArray
    lift_m_s2: float
    turn_acc: FloatArray
    sole_acc: FloatArray
    upper_acc: FloatArray
    standing: tuple[int, ...]


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
        self.lower, self.upper = body.lower_rad.copy(), body.upper_rad.copy()
        self._v, self._a = np.zeros(model.nv), np.zeros(model.nv)
        ready = np.array([profile.ready_pose_rad[name] for name in names])
        self._keep_knees_bent(ready)

    def _keep_knees_bent(self, ready_rad: FloatArray) -> None:
        """Narrow the knees' limits: beyond straight, a step of the kinematics leads further astray.

        A knee is the joint of a leg that changes the distance of its sole to the hip most; zero is
        straight in all descriptions here.
        """
        soles, model = self.soles(ready_rad), self._body.model
        for i, (index, columns) in enumerate(zip(self.leg_index, self._columns, strict=True)):
            first = next(j for j in range(model.njoints) if model.joints[j].idx_v == columns[0])
            way = soles[i].translation - self._body.data.oMi[first].translation
            knee = index[int(np.argmax(np.abs(way @ self._sole_jacobian(i)[:3])))]
            if ready_rad[knee] > 0:
                self.lower[knee] = max(self.lower[knee], _LEAST_KNEE_RAD)
            else:
                self.upper[knee] = min(self.upper[knee], -_LEAST_KNEE_RAD)

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
        pin.ccrba(body.model, body.data, body.posture, self._v)
        momentum = body.data.hg
        com_m_s, spin = momentum.linear / body.mass_kg, momentum.angular / body.mass_kg
        return BodyMeasure(soles, body.data.com[0].copy(), com_m_s, spin)

    def torques(
        self,
        measure: BodyMeasure,
        up_B: FloatArray,
        wanted: WantedMotion,
        halves: FloatArray,
        grip: float,
        friction: float,
    ) -> FloatArray:
        """Joint torques for a wanted motion; call after `measure`.

        Args:
            measure: What `measure` returned.
            up_B: Unit vector against gravity, shape (3,).
            wanted: The motion.
            halves: Half length and width of the area for the centre of pressure, shape (2,).
            grip: Share of the sole's length and width that is counted on against twisting.
            friction: Tangential over normal force at most.

        Returns:
            Efforts of all joints, shape (n,).
        """
        self._accelerate(measure, up_B, wanted)
        body, rows = self._body, self._body.velocity_index
        body.model.gravity.linear = -GRAVITY_M_S2 * up_B
        forces = pin.rnea(body.model, body.data, body.posture, self._v, self._a)
        effort = forces[rows] + self._armature * self._a[rows]
        feet = tuple(
            FootContact(
                measure.soles[i].translation,
                measure.soles[i].rotation,
                grip * body.soles[i].half_x_m,
                grip * body.soles[i].half_y_m,
                (float(halves[0]), float(halves[1])),
            )
            for i in wanted.standing
        )
        shares = share_wrench(forces[:BASE_DOF], feet, friction, 1.0)
        for i, share in zip(wanted.standing, shares, strict=True):
            sole, frame_id = measure.soles[i], body.sole_ids[i]
            force, moment = sole.rotation @ share[:3], sole.rotation @ share[3:]
            arm = sole.translation - body.frame(frame_id).translation
            wrench = np.concatenate([force, moment + cross(arm, force)])
            effort = effort - body.jacobian(frame_id)[:, rows].T @ wrench
        return effort

    def _accelerate(self, measure: BodyMeasure, up_B: FloatArray, wanted: WantedMotion) -> None:
        """Fill the generalised acceleration that gives the wanted motion.

        The legs follow from the soles and the base, so the base's linear acceleration is what is
        left to choose: it is the one for which the ground's force goes through the wanted centre of
        pressure, without a horizontal moment about it. So a swinging leg does not tip the body.
        """
        body, a = self._body, self._a
        a[:] = 0.0
        a[body.velocity_index] = wanted.upper_acc
        pin.forwardKinematics(body.model, body.data, body.posture, self._v, a)
        axes = pin.ReferenceFrame.LOCAL_WORLD_ALIGNED
        a[3:6] = wanted.turn_acc
        H, follows = body.data.Ag[:, :3].copy(), []
        for i, (frame_id, columns) in enumerate(zip(body.sole_ids, self._columns, strict=True)):
            J = body.jacobian(frame_id)
            drift = pin.getFrameClassicalAcceleration(body.model, body.data, frame_id, axes).vector
            inverse = damped_inverse(J[:, columns])
            a[columns] = inverse @ (wanted.sole_acc[i] - drift - J[:, 3:6] @ wanted.turn_acc)
            follow = inverse @ J[:, :3]
            H -= body.data.Ag[:, columns] @ follow
            follows.append((columns, follow))
        pin.computeCentroidalMomentumTimeVariation(body.model, body.data, body.posture, self._v, a)
        rate = body.data.dhg.vector
        force = rate[:3] + body.mass_kg * GRAVITY_M_S2 * up_B
        arm = skew(measure.com_m - wanted.cop_m)
        moment, moment_per_acc = rate[3:] + arm @ force, H[3:] + arm @ H[:3]
        upward = up_B[:, None] * up_B
        level = _EYE - upward
        A = level @ moment_per_acc + upward @ H[:3]
        missing = body.mass_kg * wanted.lift_m_s2 - up_B @ rate[:3]
        a[:3] = np.linalg.solve(A, missing * up_B - level @ moment)
        for columns, follow in follows:
            a[columns] -= follow @ a[:3]

    def reach(
        self, posture: FloatArray, goals: tuple[pin.SE3, ...], twists: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Leg angles and rates that put the soles' middles at goals seen from the base.

        Args:
            posture: Angles to start from, close to the answer, which is one Newton step away: all
                joints, shape (n,); the others stay.
            goals: Frames of the (left, right) sole's middle.
            twists: Velocities of the sole frames relative to the base, shape (2, 6).
        """
        pos, vel = posture.copy(), np.zeros(len(posture))
        soles = self.soles(posture)
        for i, index in enumerate(self.leg_index):
            inverse = damped_inverse(self._sole_jacobian(i))
            turn = soles[i].rotation @ pin.log3(soles[i].rotation.T @ goals[i].rotation)
            arm = soles[i].translation - self._body.frame(self._body.sole_ids[i]).translation
            move = goals[i].translation - soles[i].translation - cross(turn, arm)
            step = bounded(inverse @ np.concatenate([move, turn]), _MAX_IK_STEP_RAD)
            pos[index] = np.minimum(
                np.maximum(pos[index] + step, self.lower[index]), self.upper[index]
            )
            vel[index] = inverse @ twists[i]
        return pos, vel

    def _sole_jacobian(self, i: int) -> FloatArray:
        return self._body.jacobian(self._body.sole_ids[i])[:, self._columns[i]]


def damped_inverse(J: FloatArray) -> FloatArray:
    """Inverse of a square Jacobian that stays bounded at a straight knee."""
    return J.T @ np.linalg.inv(J @ J.T + _DAMPING)
