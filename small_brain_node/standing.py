# SPDX-License-Identifier: Apache-2.0
"""Keeps the robot standing on both feet while the upper body moves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pinocchio as pin

from neuraxis_common.robot import RobotProfile
from neuraxis_common.types import FloatArray, JointCommand
from small_brain_node.body_model import BASE_DOF, BodyModel, cross
from small_brain_node.odometry import BaseEstimate
from small_brain_node.policy import Observation
from small_brain_node.wrench import FootContact, share_wrench

# Distance (m, rad) below which a reference has arrived.
SETTLED = 1e-5
# Largest change of a leg reference in one cycle.
MAX_LEG_STEP_RAD = 0.02


@dataclass(frozen=True)
class BalanceGains:
    """Feedback from base motion to base acceleration, on top of the joints' own stiffness.

    The joint PD alone makes a pendulum of about 1 Hz with a damping ratio below 0.1; these gains
    bring the ratio near 0.7 and stay slow against 20 ms of delay.

    Attributes:
        pos: Acceleration per offset, 1/s^2.
        pos_rate: Acceleration per velocity, 1/s.
        tilt: Angular acceleration per angle, 1/s^2.
        tilt_rate: Angular acceleration per rate, 1/s.
        reference_speed_m_s: Fastest move of the wanted base position.
        recenter_per_s: How fast the base shifts to bring the centre of mass back over the feet.
        recenter_free: Distance of the centre of mass from the middle of the feet that is left
            alone, as a share of half the sole's length.
        recenter_max_m: Largest such shift.
        friction: Tangential over normal force that a sole is asked for at most.
        sole_margin: Share of the sole that the centre of pressure may use.
    """

    pos: float = 10.0
    pos_rate: float = 6.0
    tilt: float = 15.0
    tilt_rate: float = 6.0
    reference_speed_m_s: float = 0.05
    reference_speed_rad_s: float = 0.1
    recenter_per_s: float = 0.3
    recenter_free: float = 0.45
    recenter_max_m: float = 0.03
    friction: float = 0.5
    sole_margin: float = 0.85


@dataclass
class _Stance:
    """Fixed when standing begins, in odom; `shift_m` is the slow move over the feet.

    `middle_O` is the upright frame midway between the soles, `speed_m_s` that of the reference.
    """

    soles_O: tuple[pin.SE3, ...]
    middle_O: pin.SE3
    reference_OB: pin.SE3
    legs_rad: FloatArray
    shift_m: FloatArray
    now_s: float
    speed_m_s: FloatArray
    settled: bool = False


class StandingController:
    """Whole-body standing: what a policy bundle may replace.

    Each cycle it takes the inverse dynamics of the whole body for the wanted base acceleration and
    the arms' reference, shares the wrench this needs between the soles, and sends the joint torques
    that follow as feed-forward. Leg references keep both soles where they stood and the base at the
    profile's ready pose, or where `aim` puts it; the actuators' stiffness around them holds the
    robot when commands stop.

    Args:
        profile: Gains, poses and groups.
        body: Model of the same robot; not shared across threads.
    """

    def __init__(
        self, profile: RobotProfile, body: BodyModel, gains: BalanceGains | None = None
    ) -> None:
        self._body, self._gains = body, gains or BalanceGains()
        names = list(profile.joint_names)
        legs = [profile.groups[f"{side}_leg"] for side in ("left", "right")]
        self._leg_index = [np.array([names.index(name) for name in leg]) for leg in legs]
        self._legs = np.concatenate(self._leg_index)
        self._kp = np.array([profile.kp[name] for name in names])
        self._kd = np.array([profile.kd[name] for name in names])
        self._ready = np.array([profile.ready_pose_rad[name] for name in names])
        self._lower, self._upper = body.lower_rad[self._legs], body.upper_rad[self._legs]
        self._goal_MB = self._ready_MB = _between(self._place_soles(self._ready)).inverse()
        self._stance: _Stance | None = None

    @property
    def ready_MB(self) -> pin.SE3:
        """Base of the ready pose in the upright frame midway between the soles."""
        return self._ready_MB

    @property
    def legs_rad(self) -> FloatArray | None:
        """Angles that the legs are sent to, left before right; None before the first step."""
        return None if self._stance is None else self._stance.legs_rad

    def reset(self) -> None:
        """Forget the stance; the next step starts from its measured state."""
        self._stance = None

    def aim(self, goal_MB: pin.SE3) -> None:
        """Move the base there, seen from the upright frame midway between the soles."""
        self._goal_MB = goal_MB

    def act(self, observation: Observation) -> JointCommand:
        """One step at 100 Hz."""
        now_s, joints, base = observation.now_s, observation.state.joints, observation.base
        soles_B = self._place_soles(joints.pos_rad)
        T_OB = pin.SE3(base.T_OB)
        if self._stance is None:
            self._stance = self._begin(now_s, joints.pos_rad, T_OB, soles_B)
        stance = self._stance
        dt_s = min(max(now_s - stance.now_s, 0.0), 0.1)
        stance.now_s = now_s
        effort = self._feed_forward(observation, T_OB, soles_B)
        self._recenter(stance, T_OB, dt_s)
        self._move_reference(stance, dt_s)
        pos = observation.upper.pos_rad.copy()
        pos[self._legs] = stance.legs_rad
        vel = observation.upper.vel_rad_s.copy()
        vel[self._legs] = 0.0
        effort += observation.upper.effort_Nm
        return JointCommand(now_s, pos, vel, effort, self._kp.copy(), self._kd.copy())

    def _place_soles(self, pos_rad: FloatArray) -> tuple[pin.SE3, ...]:
        """Place the model; returns the middles of both soles in base_link."""
        self._body.place(pos_rad)
        soles = []
        for frame_id, shape in zip(self._body.sole_ids, self._body.soles, strict=True):
            sole = self._body.frame(frame_id)
            soles.append(pin.SE3(sole.rotation.copy(), sole.act(shape.middle_m)))
        return tuple(soles)

    def _begin(
        self, now_s: float, pos_rad: FloatArray, T_OB: pin.SE3, soles_B: tuple[pin.SE3, ...]
    ) -> _Stance:
        """Stand on the soles as measured."""
        soles_O = tuple(T_OB * sole for sole in soles_B)
        middle, legs = _upright(_between(soles_O)), pos_rad[self._legs].copy()
        return _Stance(soles_O, middle, T_OB, legs, np.zeros(2), now_s, np.zeros(3))

    def _feed_forward(
        self, observation: Observation, T_OB: pin.SE3, soles_B: tuple[pin.SE3, ...]
    ) -> FloatArray:
        """Joint efforts that carry the body and move it as wanted, shape (n,)."""
        body, upper = self._body, observation.upper
        vel, acc = upper.vel_rad_s.copy(), upper.acc_rad_s2.copy()
        vel[self._legs] = acc[self._legs] = 0.0
        base_acc_B = self._base_acceleration(observation.base, T_OB)
        forces = body.inverse_dynamics(observation.base.up_B, base_acc_B, vel, acc)
        feet = tuple(
            FootContact(sole.translation, sole.rotation, shape.half_x_m, shape.half_y_m)
            for sole, shape in zip(soles_B, body.soles, strict=True)
        )
        gains = self._gains
        shares = share_wrench(forces[:BASE_DOF], feet, gains.friction, gains.sole_margin)
        effort = forces[body.velocity_index]
        for i, (frame_id, sole) in enumerate(zip(body.sole_ids, soles_B, strict=True)):
            J = body.jacobian(frame_id)[:, body.velocity_index]
            arm = sole.translation - body.frame(frame_id).translation
            force_B, moment_B = sole.rotation @ shares[i, :3], sole.rotation @ shares[i, 3:]
            at_frame = np.concatenate([force_B, moment_B + cross(arm, force_B)])
            effort -= J.T @ at_frame
        return effort

    def _base_acceleration(self, base: BaseEstimate, T_OB: pin.SE3) -> FloatArray:
        """Wanted linear and angular acceleration of the base in base axes, shape (6,)."""
        gains, wanted = self._gains, self._stance.reference_OB
        offset_B = T_OB.rotation.T @ (wanted.translation - T_OB.translation)
        turn_B = pin.log3(T_OB.rotation.T @ wanted.rotation)
        speed_B = T_OB.rotation.T @ self._stance.speed_m_s - base.twist_B[:3]
        linear = gains.pos * offset_B + gains.pos_rate * speed_B
        angular = gains.tilt * turn_B - gains.tilt_rate * base.twist_B[3:]
        return np.concatenate([linear, angular])

    def _recenter(self, stance: _Stance, T_OB: pin.SE3, dt_s: float) -> None:
        """Shift the base slowly so that the centre of mass stays over the middle of the feet."""
        gains = self._gains
        com_O = T_OB.act(self._body.com_B_m())
        unshifted = (com_O - stance.middle_O.translation)[:2] - stance.shift_m
        free_m = gains.recenter_free * self._body.soles[0].half_x_m
        beyond = unshifted - np.clip(unshifted, -free_m, free_m)
        wanted = np.clip(-beyond, -gains.recenter_max_m, gains.recenter_max_m)
        stance.shift_m = stance.shift_m + gains.recenter_per_s * dt_s * (wanted - stance.shift_m)

    def _move_reference(self, stance: _Stance, dt_s: float) -> None:
        """Move the wanted base pose towards the goal, and the leg references with it."""
        gains, wanted = self._gains, stance.reference_OB
        goal_OB = stance.middle_O * self._goal_MB
        step = goal_OB.translation + np.append(stance.shift_m, 0.0) - wanted.translation
        turn = pin.log3(wanted.rotation.T @ goal_OB.rotation)
        stance.speed_m_s = np.zeros(3)
        if stance.settled and max(np.abs(step).max(), np.abs(turn).max()) < SETTLED:
            return
        step = _limited(step, gains.reference_speed_m_s * dt_s)
        turn = _limited(turn, gains.reference_speed_rad_s * dt_s)
        if dt_s > 0.0:
            stance.speed_m_s = step / dt_s
        stance.reference_OB = pin.SE3(wanted.rotation @ pin.exp3(turn), wanted.translation + step)
        stance.settled = self._solve_legs(stance) < SETTLED

    def _solve_legs(self, stance: _Stance) -> float:
        """One Newton step of both legs towards soles at their place; returns what was missing."""
        posture = self._ready.copy()
        posture[self._legs] = stance.legs_rad
        soles_B = self._place_soles(posture)
        reference_BO = stance.reference_OB.inverse()
        missing, moves = 0.0, []
        rows = zip(self._leg_index, stance.soles_O, soles_B, self._body.sole_ids, strict=True)
        for index, sole_O, sole_B, frame_id in rows:
            wanted_B = reference_BO * sole_O
            J = self._body.jacobian(frame_id)[:, self._body.velocity_index[index]]
            turn_B = sole_B.rotation @ pin.log3(sole_B.rotation.T @ wanted_B.rotation)
            arm = sole_B.translation - self._body.frame(frame_id).translation
            move = wanted_B.translation - sole_B.translation - cross(turn_B, arm)
            error = np.concatenate([move, turn_B])
            missing = max(missing, float(np.abs(error).max()))
            moves.append(np.clip(_damped_solve(J, error), -MAX_LEG_STEP_RAD, MAX_LEG_STEP_RAD))
        legs = stance.legs_rad + np.concatenate(moves)
        stance.legs_rad = np.minimum(np.maximum(legs, self._lower), self._upper)
        return missing


def _between(soles: tuple[pin.SE3, ...]) -> pin.SE3:
    """Frame midway between both soles, axes those of their mean."""
    turn = pin.log3(soles[0].rotation.T @ soles[1].rotation)
    rotation = soles[0].rotation @ pin.exp3(turn / 2)
    return pin.SE3(rotation, (soles[0].translation + soles[1].translation) / 2)


def _upright(frame: pin.SE3) -> pin.SE3:
    """The same frame turned so that z is vertical."""
    forward = frame.rotation[:, 0]
    heading = np.arctan2(forward[1], forward[0])
    return pin.SE3(pin.rpy.rpyToMatrix(0.0, 0.0, heading), frame.translation)


def _limited(step: FloatArray, length: float) -> FloatArray:
    norm = float(np.linalg.norm(step))
    return step if norm <= length else step * (length / norm)


def _damped_solve(J: FloatArray, wanted: FloatArray, damping: float = 1e-6) -> FloatArray:
    return J.T @ np.linalg.solve(J @ J.T + damping * np.eye(len(wanted)), wanted)
