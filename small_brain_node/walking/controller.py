# SPDX-License-Identifier: Apache-2.0
"""Walks where it is told and stands otherwise: what a policy bundle may replace."""

from __future__ import annotations

import math

import numpy as np
import pinocchio as pin

from neuraxis_common.robot import RobotProfile
from neuraxis_common.types import FloatArray, JointCommand
from small_brain_node.body_model import BodyModel, cross
from small_brain_node.policy import Observation
from small_brain_node.standing import StandingController
from small_brain_node.walking.dcm import bounded
from small_brain_node.walking.gait_step import Phase
from small_brain_node.walking.planner import WalkPlan, WalkPlanner
from small_brain_node.walking.settings import WalkingSettings
from small_brain_node.walking.swing import SwingState
from small_brain_node.walking.whole_body import WantedMotion

# Time constant of the change of a leg's stiffness from stance to swing.
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
        self._settings = settings or WalkingSettings.of(profile.name)
        self._standing = StandingController(profile, body)
        self._planner = WalkPlanner(profile, body, self._settings)
        self._whole = self._planner.whole
        names = list(profile.joint_names)
        self._kp = np.array([profile.kp[name] for name in names])
        self._kd = np.array([profile.kd[name] for name in names])
        self.reset()

    @property
    def phase(self) -> Phase:
        """What the feet do now."""
        return self._planner.phase

    @property
    def planner(self) -> WalkPlanner:
        """Says where the body and its feet should go."""
        return self._planner

    def reset(self) -> None:
        """Stand; the next step starts from its measured state."""
        self._planner.reset()
        self._rejoin()

    def _rejoin(self) -> None:
        """Go on from the measured state, wherever the planner is in its stride."""
        self._standing.reset()
        self._legs_rad: FloatArray | None = None
        self._stiffness = np.ones(2)
        self._cycle = self._planner.cycle

    def act(self, observation: Observation) -> JointCommand:
        """One step at 100 Hz."""
        plan = self._planner.advance(observation)
        if self._planner.cycle > self._cycle + 1:
            self._rejoin()
        self._cycle = self._planner.cycle
        if plan is None:
            self._legs_rad = None
            self._stiffness[:] = 1.0
            return self._standing.act(observation)
        if plan.swing is None:
            self._standing.reset()
        effort = self._efforts(observation, plan)
        pos, vel = self._leg_references(observation, plan)
        return self._bounded(observation, plan, pos, vel, effort)

    def _efforts(self, observation: Observation, plan: WalkPlan) -> FloatArray:
        settings, base = self._settings, observation.base
        step, body, swing = plan.step, plan.body, plan.swing
        T_OB, wanted_OB = plan.T_OB, plan.wanted_OB
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
        cop_O = np.append(step.cop_O_m, plan.floor_m)
        cop_B = T_OB.actInv(cop_O)
        wanted = WantedMotion(cop_B, lift, turn_acc, sole_acc, upper_acc, step.standing)
        alone = len(step.standing) == 1
        halves = self._planner.halves if alone else self._planner.halves_both
        effort = self._whole.torques(
            body, base.up_B, wanted, halves, settings.grip, settings.friction
        )
        return effort + observation.upper.effort_Nm

    def _leg_references(
        self, observation: Observation, plan: WalkPlan
    ) -> tuple[FloatArray, FloatArray]:
        """Angles and rates of all joints, legs from inverse kinematics, shapes (n,)."""
        step, swing, T_OB, wanted_OB = plan.step, plan.swing, plan.T_OB, plan.wanted_OB
        twist = observation.base.twist_B
        flat_O = T_OB.rotation @ twist[:3]
        flat_O[2] = 0.0
        goals, twists = [], np.zeros((2, 6))
        for i, sole_O in enumerate(plan.soles_O):
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
            posture[self._whole.legs] = self._legs_rad + plan.dt_s * self._legs_rad_s
        pos, vel = self._whole.reach(posture, tuple(goals), twists)
        self._legs_rad, self._legs_rad_s = pos[self._whole.legs], vel[self._whole.legs]
        return pos, vel

    def _bounded(
        self,
        observation: Observation,
        plan: WalkPlan,
        pos: FloatArray,
        vel: FloatArray,
        effort: FloatArray,
    ) -> JointCommand:
        """The command within what the spinal cord's gate lets through."""
        whole, settings, upper = self._whole, self._settings, observation.upper
        kp, kd = self._kp.copy(), self._kd.copy()
        wanted = np.full(2, settings.stance_stiffness)
        if plan.step.swinging is not None:
            wanted[plan.step.swinging] = settings.swing_stiffness
        # A leg that has just landed is soft at once: stiff, it throws its sole off the floor.
        eased = self._stiffness + min(plan.dt_s / _STIFFNESS_S, 1.0) * (wanted - self._stiffness)
        self._stiffness = np.minimum(eased, wanted)
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


def _level(rotation: FloatArray) -> FloatArray:
    """A flat sole's axes with the heading of a tilted one's."""
    return pin.rpy.rpyToMatrix(0.0, 0.0, math.atan2(rotation[1, 0], rotation[0, 0]))


def _sole_frame(swing: SwingState) -> pin.SE3:
    return pin.SE3(pin.rpy.rpyToMatrix(0.0, 0.0, swing.pos[3]), swing.pos[:3])
