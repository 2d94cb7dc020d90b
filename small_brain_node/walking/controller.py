# SPDX-License-Identifier: Apache-2.0
"""Walks where it is told and stands otherwise: what a policy bundle may replace."""

from __future__ import annotations

import math

import numpy as np
import pinocchio as pin

from neuraxis_common.robot import RobotProfile
from neuraxis_common.types import FloatArray, JointCommand
from small_brain_node.body_model import GRAVITY_M_S2, BodyModel, cross
from small_brain_node.policy import Observation
from small_brain_node.standing import StandingController
from small_brain_node.walking.dcm import Pendulum, bounded
from small_brain_node.walking.gait import Gait, GaitGeometry, GaitStep, Phase
from small_brain_node.walking.settings import VelocityCommand, WalkingSettings
from small_brain_node.walking.swing import SwingPath, SwingState
from small_brain_node.walking.whole_body import BodyMeasure, WantedMotion, WholeBody

# How fast the wanted height of the base moves to that of walking.
_HEIGHT_SLEW_M_S = 0.1
# Time constant of the change of a leg's stiffness between stance and swing.
_STIFFNESS_S = 0.03
# Commands keep this far inside the spinal cord's gate.
_INSIDE = 0.999


class WalkingController:
    """Classical walking and standing with one foot or both on a flat floor.

    The gait decides where the centre of pressure and the next footstep must be to keep the
    divergent component of motion in reach; whole-body inverse dynamics turns this into torques. Leg
    references keep the swinging foot on its path and the base upright; in the stance leg they are
    soft, so that they do not fight the centre of pressure. While it stands, `StandingController`
    acts.

    Args:
        profile: Gains, poses and groups.
        body: Model of the same robot; not shared across threads.
        settings: Tuning; that of the robot when None.
    """

    def __init__(
        self, profile: RobotProfile, body: BodyModel, settings: WalkingSettings | None = None
    ) -> None:
        self._settings = settings = settings or WalkingSettings.of(profile.name)
        self._standing = StandingController(profile, body)
        self._whole = WholeBody(profile, body)
        names = list(profile.joint_names)
        self._kp = np.array([profile.kp[name] for name in names])
        self._kd = np.array([profile.kd[name] for name in names])
        ready = np.array([profile.ready_pose_rad[name] for name in names])
        soles = self._whole.soles(ready)
        self._upright = soles[0].rotation.T
        middle = (soles[0].translation + soles[1].translation) / 2
        com_height = float((body.com_B_m() - middle) @ soles[0].rotation[:, 2])
        height = float(-middle @ soles[0].rotation[:, 2])
        self._height_m = height - settings.drop * com_height
        self._com_height_m = com_height * (1 - settings.drop)
        self._omega_1_s = omega = math.sqrt(GRAVITY_M_S2 / self._com_height_m)
        pendulum = Pendulum(omega, settings.single_s, settings.double_s)
        width = float(np.linalg.norm(soles[0].translation - soles[1].translation))
        self._halves = _used_sole(profile, body, settings, 1)
        self._halves_both = _used_sole(profile, body, settings, 2)
        geometry = GaitGeometry(
            width=settings.width * width,
            width_min=2 * body.soles[0].half_y_m + settings.gap_m,
            reach=settings.reach * com_height,
            stride=settings.stride * com_height,
            halves=self._halves,
            halves_both=self._halves_both,
        )
        self._gait = Gait(pendulum, geometry, settings)
        self.reset()

    @property
    def phase(self) -> Phase:
        """What the feet do now."""
        return self._gait.phase

    def reset(self) -> None:
        """Stand; the next step starts from its measured state."""
        self._standing.reset()
        self._gait.reset()
        self._swing: SwingPath | None = None
        self._cop: FloatArray | None = None
        self._legs_rad: FloatArray | None = None
        self._height_now_m: float | None = None
        self._floor_m = 0.0
        self._stiffness = np.ones(2)
        self._now_s: float | None = None

    def act(self, observation: Observation) -> JointCommand:
        """One step at 100 Hz."""
        joints, base = observation.state.joints, observation.base
        dt_s = 0.0 if self._now_s is None else observation.now_s - self._now_s
        dt_s = min(max(dt_s, 0.0), 0.1)
        self._now_s = observation.now_s
        T_OB = pin.SE3(base.T_OB)
        body = self._whole.measure(joints.pos_rad, joints.vel_rad_s, base.twist_B)
        soles_O = tuple(T_OB * sole for sole in body.soles)
        step = self._gait.step(
            dt_s,
            VelocityCommand.nearest(observation.velocity_command),
            self._predicted_dcm(body, T_OB),
            np.array([_planar(sole) for sole in soles_O]),
            _load_share(observation.state.foot_force_N),
        )
        if step is None:
            return self._stand(observation)
        self._cop = step.cop_O_m
        swing = self._swing_state(step, soles_O, dt_s)
        wanted_OB = self._wanted_base(step, T_OB, soles_O, dt_s)
        effort = self._efforts(observation, step, body, T_OB, wanted_OB, swing)
        pos, vel = self._leg_references(observation, step, T_OB, wanted_OB, soles_O, swing, dt_s)
        return self._bounded(observation, step, pos, vel, effort, dt_s)

    def _stand(self, observation: Observation) -> JointCommand:
        self._cop = self._legs_rad = self._height_now_m = self._swing = None
        self._stiffness[:] = 1.0
        return self._standing.act(observation)

    def _predicted_dcm(self, body: BodyMeasure, T_OB: pin.SE3) -> FloatArray:
        """The DCM at the time when this cycle's torques act, shape (2,).

        Its velocity is the angular momentum about a contact over mass and height: unlike that of
        the centre of mass, a swinging leg does not disturb it (Gong and Grizzle, J. Dyn. Syst.
        Meas. Control 144, 2022).
        """
        R, height_m = T_OB.rotation, self._com_height_m
        spin_O = R @ body.spin_m2_s
        vel_O = (R @ body.com_m_s)[:2] + np.array([spin_O[1], -spin_O[0]]) / height_m
        dcm = T_OB.act(body.com_m)[:2] + vel_O / self._omega_1_s
        if self._cop is None:
            return dcm
        growth = math.exp(self._omega_1_s * self._settings.lead_s)
        return self._cop + growth * (dcm - self._cop)

    def _swing_state(
        self, step: GaitStep, soles_O: tuple[pin.SE3, ...], dt_s: float
    ) -> SwingState | None:
        """Wanted motion of the foot in the air; starts a path at lift-off."""
        if step.swinging is None:
            self._swing = None
            self._standing.reset()
            return None
        if self._swing is None:
            sole = soles_O[step.swinging]
            start = np.array([*sole.translation, _planar(sole)[2]])
            settings = self._settings
            self._swing = SwingPath(start, settings.single_s, settings.clearance_m)
        floor_m = min(soles_O[step.standing[0]].translation[2], self._swing.floor_m)
        target = np.array([*step.target[:2], floor_m, step.target[2]])
        return self._swing.advance(step.time_s, dt_s, target, step.early_s)

    def _wanted_base(
        self, step: GaitStep, T_OB: pin.SE3, soles_O: tuple[pin.SE3, ...], dt_s: float
    ) -> pin.SE3:
        """Base where it is over the floor, at the wanted height and orientation."""
        floor_m = self._floor(step, soles_O)
        slew = _HEIGHT_SLEW_M_S * dt_s
        if self._height_now_m is None:
            self._height_now_m, self._floor_m = T_OB.translation[2] - floor_m, floor_m
        self._floor_m += min(max(floor_m - self._floor_m, -slew), slew)
        floor_m = self._floor_m
        self._height_now_m += min(max(self._height_m - self._height_now_m, -slew), slew)
        R = pin.rpy.rpyToMatrix(0.0, 0.0, step.heading_rad) @ self._upright
        place = T_OB.translation.copy()
        place[2] = floor_m + self._height_now_m
        return pin.SE3(R, place)

    def _floor(self, step: GaitStep, soles_O: tuple[pin.SE3, ...]) -> float:
        """Height of the lowest floor that a foot stands on or left."""
        heights = [soles_O[i].translation[2] for i in step.standing]
        return min(heights if self._swing is None else [*heights, self._swing.floor_m])

    def _efforts(
        self,
        observation: Observation,
        step: GaitStep,
        body: BodyMeasure,
        T_OB: pin.SE3,
        wanted_OB: pin.SE3,
        swing: SwingState | None,
    ) -> FloatArray:
        settings, base = self._settings, observation.base
        R_BO = T_OB.rotation.T
        rise_m = wanted_OB.translation[2] - T_OB.translation[2]
        lift = settings.height * rise_m - settings.height_rate * float(R_BO[:, 2] @ body.com_m_s)
        rate_B = R_BO @ np.array([0.0, 0.0, step.yaw_rate_rad_s])
        turn_acc = settings.tilt * pin.log3(R_BO @ wanted_OB.rotation)
        turn_acc = turn_acc + settings.tilt_rate * (rate_B - base.twist_B[3:])
        sole_acc = np.zeros((2, 6))
        if swing is not None:
            sole_acc[step.swinging, :3] = R_BO @ swing.acc[:3]
            sole_acc[step.swinging, 3:] = R_BO[:, 2] * swing.acc[3]
        upper_acc = observation.upper.acc_rad_s2.copy()
        upper_acc[self._whole.legs] = 0.0
        cop_O = np.append(step.cop_O_m, wanted_OB.translation[2] - self._height_now_m)
        cop_B = T_OB.actInv(cop_O)
        wanted = WantedMotion(cop_B, lift, turn_acc, sole_acc, upper_acc, step.standing)
        halves = self._halves if len(step.standing) == 1 else self._halves_both
        effort = self._whole.torques(
            body, base.up_B, wanted, halves, settings.grip, settings.friction
        )
        return effort + observation.upper.effort_Nm

    def _leg_references(
        self,
        observation: Observation,
        step: GaitStep,
        T_OB: pin.SE3,
        wanted_OB: pin.SE3,
        soles_O: tuple[pin.SE3, ...],
        swing: SwingState | None,
        dt_s: float,
    ) -> tuple[FloatArray, FloatArray]:
        """Angles and rates of all joints, legs from inverse kinematics, shapes (n,)."""
        twist = observation.base.twist_B
        flat_O = T_OB.rotation @ twist[:3]
        flat_O[2] = 0.0
        goals, twists = [], np.zeros((2, 6))
        for i, sole_O in enumerate(soles_O):
            if i == step.swinging:
                goal = T_OB.actInv(_sole_frame(swing))
                rate_B = T_OB.rotation[2] * swing.vel[3]
                speed_B = T_OB.rotation.T @ swing.vel[:3]
                twists[i, :3] = speed_B - twist[:3] - cross(twist[3:], goal.translation)
                twists[i, 3:] = rate_B - twist[3:]
            else:
                flat = pin.SE3(_level(sole_O.rotation), sole_O.translation)
                goal = wanted_OB.actInv(flat)
                turn_B = wanted_OB.rotation[2] * step.yaw_rate_rad_s
                speed_B = wanted_OB.rotation.T @ flat_O
                twists[i, :3] = -speed_B - cross(turn_B, goal.translation)
                twists[i, 3:] = -turn_B
            goals.append(goal)
        posture = observation.state.joints.pos_rad.copy()
        if self._legs_rad is not None:
            posture[self._whole.legs] = self._legs_rad + dt_s * self._legs_rad_s
        pos, vel = self._whole.reach(posture, tuple(goals), twists)
        self._legs_rad, self._legs_rad_s = pos[self._whole.legs], vel[self._whole.legs]
        return pos, vel

    def _bounded(
        self,
        observation: Observation,
        step: GaitStep,
        pos: FloatArray,
        vel: FloatArray,
        effort: FloatArray,
        dt_s: float,
    ) -> JointCommand:
        """The command within what the spinal cord's gate lets through."""
        whole, settings, upper = self._whole, self._settings, observation.upper
        kp, kd = self._kp.copy(), self._kd.copy()
        wanted = np.full(2, settings.stance_stiffness)
        if step.swinging is not None:
            wanted[step.swinging] = settings.swing_stiffness
        self._stiffness += min(dt_s / _STIFFNESS_S, 1.0) * (wanted - self._stiffness)
        for stiffness, index in zip(self._stiffness, whole.leg_index, strict=True):
            kp[index] *= stiffness
            kd[index] *= math.sqrt(stiffness)
        sent_pos, sent_vel = upper.pos_rad.copy(), upper.vel_rad_s.copy()
        legs, top = whole.legs, _INSIDE * whole.speed_max
        sent_vel[legs] = bounded(vel[legs], top[legs])
        ahead = pos[legs] + settings.lead_s * sent_vel[legs]
        sent_pos[legs] = np.minimum(np.maximum(ahead, whole.lower[legs]), whole.upper[legs])
        effort = bounded(effort, _INSIDE * whole.effort_max)
        return JointCommand(observation.now_s, sent_pos, sent_vel, effort, kp, kd)


def _used_sole(
    profile: RobotProfile, body: BodyModel, settings: WalkingSettings, ankles: int
) -> FloatArray:
    """Half length and width of the sole in which so many ankles hold the weight, shape (2,)."""
    load_N = body.mass_kg * GRAVITY_M_S2 / ankles
    sole, model = body.soles[0], body.model
    last = [model.joints[model.getJointId(name)].idx_v for name in profile.groups["left_leg"][-2:]]
    held_m = settings.ankle_share * model.effortLimit[last] / load_N
    return np.minimum(settings.sole_margin * np.array([sole.half_x_m, sole.half_y_m]), held_m)


def _planar(sole: pin.SE3) -> FloatArray:
    """x, y and heading of a sole."""
    forward = sole.rotation[:, 0]
    return np.array([*sole.translation[:2], math.atan2(forward[1], forward[0])])


def _level(rotation: FloatArray) -> FloatArray:
    """A flat sole's axes with the heading of a tilted one's."""
    return pin.rpy.rpyToMatrix(0.0, 0.0, math.atan2(rotation[1, 0], rotation[0, 0]))


def _sole_frame(swing: SwingState) -> pin.SE3:
    return pin.SE3(pin.rpy.rpyToMatrix(0.0, 0.0, swing.pos[3]), swing.pos[:3])


def _load_share(force_N: FloatArray) -> FloatArray:
    total = float(force_N.sum())
    return force_N / total if total > 1.0 else np.full(2, 0.5)
