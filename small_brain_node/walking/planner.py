# SPDX-License-Identifier: Apache-2.0
"""Where the body and its feet should go in each cycle: what a network may follow, too."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

import numpy as np
import pinocchio as pin

from neuraxis_common.robot import RobotProfile
from neuraxis_common.types import FloatArray
from small_brain_node.body_model import GRAVITY_M_S2, BodyModel
from small_brain_node.bundle.contract import GAIT_PLAN
from small_brain_node.policy import Observation
from small_brain_node.walking.dcm import Pendulum
from small_brain_node.walking.gait import Gait
from small_brain_node.walking.gait_step import GaitGeometry, GaitStep, Phase
from small_brain_node.walking.planar import wrap
from small_brain_node.walking.settings import VelocityCommand, WalkingSettings
from small_brain_node.walking.swing import SwingPath, SwingState
from small_brain_node.walking.trim import LastingPush
from small_brain_node.walking.whole_body import BodyMeasure, WholeBody

# How fast the wanted height of the base moves to that of walking.
_HEIGHT_SLEW_M_S = 0.1
# Off a bump no sole must be late: it is sent below the floor, for odom may be wrong by as much.
_RAISED_M, _BELOW_M = 0.008, 0.01


@dataclass(frozen=True)
class WalkPlan:
    """One cycle of a walk.

    Attributes:
        body: As measured, in base axes.
        T_OB: Base in odom, as measured.
        soles_O: Middles of both soles in odom, as measured.
        step: Where the centre of pressure and the swinging sole should be.
        swing: Wanted motion of the sole in the air, in odom; None while both stand.
        wanted_OB: Base over where it is, at the wanted height and orientation.
        floor_m: Height of the floor that this height is over.
        dt_s: Since the cycle before.
    """

    body: BodyMeasure
    T_OB: pin.SE3
    soles_O: tuple[pin.SE3, ...]
    step: GaitStep
    swing: SwingState | None
    wanted_OB: pin.SE3
    floor_m: float
    dt_s: float


class WalkPlanner:
    """Gait, path of the swinging sole and height of the base, replanned from every measurement.

    Args:
        profile: Gains, poses and groups.
        body: Model of the same robot; not shared across threads.
        settings: Tuning; that of the robot when None.

    Attributes:
        cycle: How often it planned.
        whole: Kinematics and dynamics, placed as measured by `advance`.
        halves: Half length and width of the area in a sole for the centre of pressure while it
            bears all the weight, shape (2,).
        halves_both: The same while both soles share the weight.
    """

    def __init__(
        self, profile: RobotProfile, body: BodyModel, settings: WalkingSettings | None = None
    ) -> None:
        self._settings = settings = settings or WalkingSettings.of(profile.name)
        self.whole = WholeBody(profile, body)
        names = profile.joint_names
        ready = np.array([profile.ready_pose_rad[name] for name in names])
        soles = self.whole.soles(ready)
        self._upright = soles[0].rotation.T
        middle = (soles[0].translation + soles[1].translation) / 2
        com_height = float((body.com_B_m() - middle) @ soles[0].rotation[:, 2])
        height = float(-middle @ soles[0].rotation[:, 2])
        self._height_m = height - settings.drop * com_height
        self._com_height_m = com_height * (1 - settings.drop)
        self._omega_1_s = omega = math.sqrt(GRAVITY_M_S2 / self._com_height_m)
        pendulum = Pendulum(omega, settings.single_s, settings.double_s)
        width = float(np.linalg.norm(soles[0].translation - soles[1].translation))
        self.halves = _used_sole(profile, body, settings, 1)
        self.halves_both = _used_sole(profile, body, settings, 2)
        geometry = GaitGeometry(
            width=settings.width * width,
            width_min=2 * body.soles[0].half_y_m + settings.gap_m,
            reach=settings.reach * com_height,
            stride=settings.stride * com_height,
            halves=self.halves,
            halves_both=self.halves_both,
        )
        self._gait = Gait(pendulum, geometry, settings)
        self._push = LastingPush(omega, settings.push_m)
        self.cycle = 0
        self.reset()

    @property
    def phase(self) -> Phase:
        """What the feet do now."""
        return self._gait.phase

    @property
    def speed_share(self) -> float:
        """How much of the commanded speed this floor is trusted to bear, in (0, 1]."""
        return self._gait.speed_share

    def reset(self) -> None:
        """Stand; the next step starts from its measured state."""
        self._gait.reset()
        self._now_s: float | None = None
        self._stand()

    def _stand(self) -> None:
        self._plan: WalkPlan | None = None
        self._swing: SwingPath | None = None
        self._cop: FloatArray | None = None
        self._push.reset()
        self._trodden_m: deque[float] = deque([math.inf], maxlen=self._settings.trodden)
        self._height_now_m: float | None = None
        self._floor_m = 0.0

    def advance(self, observation: Observation) -> WalkPlan | None:
        """One cycle at 100 Hz; None while the robot stands.

        Whoever asks again in the same cycle gets the same plan: controllers share a planner, so
        that one can go on in the middle of the other's stride.
        """
        if observation.now_s == self._now_s:
            return self._plan
        self.cycle += 1
        joints, base = observation.state.joints, observation.base
        dt_s = 0.0 if self._now_s is None else observation.now_s - self._now_s
        dt_s = min(max(dt_s, 0.0), 0.1)
        self._now_s = observation.now_s
        T_OB = pin.SE3(base.T_OB)
        body = self.whole.measure(joints.pos_rad, joints.vel_rad_s, base.twist_B)
        soles_O = tuple(T_OB * sole for sole in body.soles)
        step = self._gait.step(
            dt_s,
            VelocityCommand.nearest(observation.velocity_command),
            self._predicted_dcm(body, T_OB, dt_s),
            np.array([_planar(sole) for sole in soles_O]),
            _load_share(observation.state.foot_force_N),
        )
        if step is None:
            self._stand()
            return None
        self._cop = step.cop_O_m
        swing = self._swing_state(step, soles_O, dt_s)
        wanted_OB = self._wanted_base(step, T_OB, soles_O, dt_s)
        self._plan = WalkPlan(body, T_OB, soles_O, step, swing, wanted_OB, self._floor_m, dt_s)
        return self._plan

    def seen(self, observation: Observation) -> FloatArray:
        """The cycle's plan as a network sees it, in SI units and base axes, shape (GAIT_PLAN,).

        Zeros but for the phase while the robot stands. Places: 0 to 4 one per phase, in the order
        of `Phase`; 5 to 7 for start, single and double support 1 where the left foot is the stance
        foot (in double support the one that takes over), -1 where the right one is; 8 time since
        the phase began; 9 to 11 velocity forward, left and turning; 12, 13 centre of pressure; 14
        to 17 position of the swinging sole and its heading, 18 to 21 their rates, 22 to 25 their
        accelerations; 26 how far the base has to rise, 27 to turn to the left.
        """
        plan, row = self.advance(observation), np.zeros(GAIT_PLAN)
        row[list(Phase).index(self.phase)] = 1.0
        if plan is None:
            return row
        step, T_OB = plan.step, plan.T_OB
        R, side = T_OB.rotation, 1.0 if self._gait.left_stands else -1.0
        base_rad = math.atan2(R[1, 0], R[0, 0])
        row[5:8] = side * row[1:4]
        row[8] = step.time_s
        row[9:12] = self._gait.velocity
        row[12:14] = T_OB.actInv(np.append(step.cop_O_m, plan.floor_m))[:2]
        if plan.swing is not None:
            swing = plan.swing
            row[14:17] = T_OB.actInv(swing.pos[:3])
            row[17] = wrap(swing.pos[3] - base_rad)
            row[18:21], row[21] = R.T @ swing.vel[:3], swing.vel[3]
            row[22:25], row[25] = R.T @ swing.acc[:3], swing.acc[3]
        row[26] = plan.wanted_OB.translation[2] - T_OB.translation[2]
        row[27] = wrap(step.heading_rad - base_rad)
        return row

    def _predicted_dcm(self, body: BodyMeasure, T_OB: pin.SE3, dt_s: float) -> FloatArray:
        """The DCM at the time when this cycle's torques act, lasting pushes included, shape (2,).

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
        self._push.learn(dt_s, dcm, self._cop)
        dcm = dcm + self._push.sideways(R[:2, 0])
        growth = math.exp(self._omega_1_s * self._settings.lead_s)
        return self._cop + growth * (dcm - self._cop)

    def _swing_state(
        self, step: GaitStep, soles_O: tuple[pin.SE3, ...], dt_s: float
    ) -> SwingState | None:
        """Wanted motion of the foot in the air; starts a path at lift-off."""
        if step.swinging is None:
            self._swing = None
            return None
        if self._swing is None:
            sole = soles_O[step.swinging]
            start = np.array([*sole.translation, _planar(sole)[2]])
            settings = self._settings
            self._swing = SwingPath(start, settings.single_s, settings.clearance_m)
            self._trodden_m.append(float(start[2]))
        floor_m = self._floor(step, soles_O)
        if soles_O[step.standing[0]].translation[2] > floor_m + _RAISED_M:
            floor_m -= _BELOW_M
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
        """Height of the lowest floor that a foot stands on or left in the last few steps."""
        return min(*self._trodden_m, *(soles_O[i].translation[2] for i in step.standing))


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


def _load_share(force_N: FloatArray) -> FloatArray:
    total = float(force_N.sum())
    return force_N / total if total > 1.0 else np.full(2, 0.5)
