# SPDX-License-Identifier: Apache-2.0
"""When to step and where: a phase machine over the divergent component of motion (DCM).

Everything is horizontal and in odom. A sole is (x, y, heading), m and rad; points are (x, y).
"""

from __future__ import annotations

import math

import numpy as np

from neuraxis_common.types import FloatArray
from small_brain_node.walking.dcm import Pendulum, bounded, min_jerk
from small_brain_node.walking.gait_step import (
    GaitGeometry,
    GaitStep,
    Measured,
    Phase,
)
from small_brain_node.walking.planar import mean_heading, turned, wrap
from small_brain_node.walking.settings import VelocityCommand, WalkingSettings
from small_brain_node.walking.trim import LandingTrim, SpeedTrim, Traction

LEFT, RIGHT = 0, 1
# A swinging sole with this share of the load has landed.
_LANDED_SHARE = 0.06
# No landing is believed in before this share of the swing.
_LANDING_FROM = 0.6
# How long a late floor, or a foot slow to take load, is waited for.
_PATIENCE_S = 0.12
# Feet this close to side by side are good to stand on.
_LEVEL_M, _LEVEL_RAD = 0.03, 0.06
# Heading may run ahead of the feet by this.
_LEAD_RAD = 0.3
# Largest turn of one foot against the other.
_SPLAY_RAD = 0.35


class Gait:
    """Plans steps for a velocity command; stands while there is none.

    Args:
        pendulum: Of the robot.
        geometry: Of the robot.
        settings: Tuning.
    """

    def __init__(
        self, pendulum: Pendulum, geometry: GaitGeometry, settings: WalkingSettings
    ) -> None:
        self._pendulum, self._geometry, self._settings = pendulum, geometry, settings
        self._trim, self._landing, self._traction = SpeedTrim(), LandingTrim(), Traction()
        self.reset()

    def reset(self) -> None:
        """Stand."""
        self.phase = Phase.STAND
        self._stance = LEFT
        self._time_s = 0.0
        self._start_s = self._settings.start_s
        self._from = np.zeros(2)
        self._vel = np.zeros(3)
        self._heading: float | None = None
        self._trim.reset()
        self._landing.reset()
        self._traction.reset()
        self._bearing_rad = 0.0

    def step(
        self,
        dt_s: float,
        command: VelocityCommand,
        dcm: FloatArray,
        soles: FloatArray,
        load: FloatArray,
    ) -> GaitStep | None:
        """Advance one cycle.

        Args:
            dt_s: Since the last cycle.
            command: Where to walk.
            dcm: Measured, shape (2,).
            soles: Measured (left, right), shape (2, 3).
            load: Share of the weight on each foot, shape (2,).

        Returns:
            None while the robot stands.
        """
        now = Measured(dcm, soles, load)
        self._time_s += dt_s
        if self._heading is None or self.phase is Phase.STAND:
            self._heading = mean_heading(soles)
        if self.phase is Phase.STAND and not self._leave_standing(command, now):
            return None
        self._slew(command, dt_s, soles)
        self._change_phase(command, now)
        if self.phase is Phase.STAND:
            return None
        plans = {
            Phase.START: self._plan_start,
            Phase.SINGLE: self._plan_single,
            Phase.DOUBLE: self._plan_double,
            Phase.SETTLE: self._plan_settle,
        }
        return plans[self.phase](now)

    @property
    def left_stands(self) -> bool:
        """Whether the left foot is the stance foot; in double support, the one that takes over."""
        return self._stance == LEFT

    @property
    def velocity(self) -> FloatArray:
        """Forward and left m/s and turn rad/s that are walked now, shape (3,)."""
        return self._vel

    @property
    def speed_share(self) -> float:
        """How much of the commanded speed is walked, in (0, 1]; less where soles slip."""
        return self._traction.share

    def _leave_standing(self, command: VelocityCommand, now: Measured) -> bool:
        beyond = self._beyond_soles(now)
        if command.still and beyond < self._settings.capture_m:
            return False
        to_left = self._left_of_middle(now)
        if command.still:
            self._stance = LEFT if to_left > 0 else RIGHT
            self._start_s = 0.4 * self._settings.start_s
        else:
            sideways = command.vy_m_s + 0.1 * command.yaw_rate_rad_s
            self._stance = RIGHT if sideways > 0 else LEFT
            self._start_s = self._settings.start_s
        self._vel[:] = 0.0
        self._trim.reset()
        self._enter(Phase.START, now)
        return True

    def _slew(self, command: VelocityCommand, dt_s: float, soles: FloatArray) -> None:
        most = self._settings.side_m_s
        aside = min(max(command.vy_m_s, -most), most)
        wanted = np.array([command.vx_m_s, aside, command.yaw_rate_rad_s])
        wanted *= self._traction.share
        step = self._settings.accel_m_s2 * dt_s * np.array([1.0, 1.0, 2.0])
        self._vel += bounded(wanted - self._vel, step)
        feet = mean_heading(soles)
        ahead = wrap(self._heading + self._vel[2] * dt_s - feet)
        self._heading = feet + min(max(ahead, -_LEAD_RAD), _LEAD_RAD)
        self._trim.move(dt_s, turned(self._heading) @ self._vel[:2])

    def _change_phase(self, command: VelocityCommand, now: Measured) -> None:
        time_s, swinging = self._time_s, 1 - self._stance
        if self.phase is Phase.START and time_s >= self._start_s:
            self._enter(Phase.SINGLE, now)
        elif self.phase is Phase.SINGLE:
            landed = now.load[swinging] > _LANDED_SHARE
            single_s = self._pendulum.single_s
            if (landed and time_s > _LANDING_FROM * single_s) or time_s > single_s + _PATIENCE_S:
                slip_rad = abs(wrap(now.soles[self._stance, 2] - self._bearing_rad))
                self._traction.stepped(slip_rad)
                self._stance = swinging
                if not command.still:
                    # Who steps because of a shove lands when the shove lets him.
                    self._landing.landed(swinging, time_s - single_s)
                self._trim.step(now.dcm, turned(self._heading))
                done = command.still and self._calm(now)
                self._enter(Phase.SETTLE if done else Phase.DOUBLE, now)
        elif self.phase is Phase.DOUBLE:
            late_s = time_s - self._pendulum.double_s
            if late_s >= 0 and (now.load[self._stance] > 0.6 or late_s > _PATIENCE_S):
                self._enter(Phase.SINGLE, now)
        elif self.phase is Phase.SETTLE:
            self._leave_settling(command, now)

    def _leave_settling(self, command: VelocityCommand, now: Measured) -> None:
        falls = self._beyond_soles(now) > self._settings.capture_m
        if not command.still or falls:
            self._start_s = self._settings.start_s * (0.4 if falls else 1.0)
            self._stance = LEFT if self._left_of_middle(now) > 0 else RIGHT
            self._enter(Phase.START, now)
        elif self._time_s >= self._settings.settle_s:
            self._enter(Phase.STAND, now)

    def _enter(self, phase: Phase, now: Measured) -> None:
        self.phase, self._time_s, self._from = phase, 0.0, now.dcm.copy()
        self._bearing_rad = now.soles[self._stance, 2]

    def _calm(self, now: Measured) -> bool:
        """Whether both feet are side by side and the DCM is between them."""
        R = turned(mean_heading(now.soles))
        apart = R.T @ (now.soles[LEFT, :2] - now.soles[RIGHT, :2])
        twist = wrap(now.soles[LEFT, 2] - now.soles[RIGHT, 2])
        level = abs(apart[0]) < _LEVEL_M and abs(twist) < _LEVEL_RAD
        return level and self._beyond_soles(now) == 0.0 and not np.any(self._vel)

    def _nominal(self, stance: int) -> tuple[FloatArray, FloatArray]:
        """Displacement of every step, and its alternating part for a stance foot."""
        step_s, geometry = self._pendulum.step_s, self._geometry
        R = turned(self._heading + self._vel[2] * step_s / 2)
        advance = (self._vel[:2] + self._trim.speed_m_s) * step_s
        advance *= min(1.0, geometry.stride / max(math.hypot(*advance), 1e-6))
        width = max(geometry.width, geometry.width_min + abs(float(advance[1])))
        sway = np.array([0.0, -width if stance == LEFT else width])
        return R @ advance, R @ sway

    def _plan_single(self, now: Measured) -> GaitStep:
        pendulum, stance = self._pendulum, self._stance
        left_s = max(pendulum.single_s - self._time_s, 0.0)
        advance, sway = self._nominal(stance)
        next_offset = pendulum.lift_off_offset(advance, -sway)
        wanted = pendulum.touch_down_offset(advance + sway, next_offset)
        sole = now.soles[stance]
        error = now.dcm - sole[:2] - wanted / pendulum.growth(left_s)
        halves, R = self._geometry.halves, turned(sole[2])
        moved = bounded(R.T @ error * self._settings.dcm_gain, halves)
        cop = sole[:2] + R @ moved
        touch_down = pendulum.after(now.dcm, cop, left_s) - sole[:2]
        move = self._reachable(pendulum.displacement(touch_down, next_offset), stance)
        turn = self._heading + self._vel[2] * (left_s + pendulum.step_s / 2) - sole[2]
        turn = min(max(wrap(turn), -_SPLAY_RAD), _SPLAY_RAD)
        target = np.append(sole[:2] + move, sole[2] + turn)
        return self._say(cop, (stance,), 1 - stance, target)

    def _plan_double(self, now: Measured) -> GaitStep:
        pendulum, stance = self._pendulum, self._stance
        time_s = min(self._time_s, pendulum.double_s)
        old, new = now.soles[1 - stance, :2], now.soles[stance, :2]
        speed = (new - old) / pendulum.double_s
        along = old + speed * time_s
        lift_off = pendulum.lift_off_offset(*self._nominal(stance))
        wanted = pendulum.transfer_offset(pendulum.double_s - time_s, speed, lift_off)
        cop = along + self._settings.dcm_gain * (now.dcm - along - wanted)
        return self._say(self._between(cop, now.soles, self._geometry.halves), (LEFT, RIGHT))

    def _plan_start(self, now: Measured) -> GaitStep:
        lift_off = self._pendulum.lift_off_offset(*self._nominal(self._stance))
        goal = now.soles[self._stance, :2] + lift_off
        return self._shift(now, goal, self._start_s)

    def _plan_settle(self, now: Measured) -> GaitStep:
        return self._shift(now, now.soles[:, :2].mean(axis=0), self._settings.settle_s)

    def _shift(self, now: Measured, goal: FloatArray, duration_s: float) -> GaitStep:
        """Bring the DCM to a goal in a given time, on both feet."""
        share, slope = min_jerk(self._time_s / duration_s)
        wanted = self._from + share * (goal - self._from)
        rate = slope / duration_s * (goal - self._from)
        cop = wanted - rate / self._pendulum.omega_1_s
        cop = cop + self._settings.dcm_gain * (now.dcm - wanted)
        return self._say(self._between(cop, now.soles, self._geometry.halves_both), (LEFT, RIGHT))

    def _say(
        self,
        cop: FloatArray,
        standing: tuple[int, ...],
        swinging: int | None = None,
        target: FloatArray | None = None,
    ) -> GaitStep:
        target = np.zeros(3) if target is None else target
        return GaitStep(
            phase=self.phase,
            cop_O_m=cop,
            standing=standing,
            swinging=swinging,
            time_s=self._time_s,
            target=target,
            heading_rad=self._heading,
            yaw_rate_rad_s=float(self._vel[2]),
            early_s=0.0 if swinging is None else float(self._landing.early_s[swinging]),
        )

    def _reachable(self, move: FloatArray, stance: int) -> FloatArray:
        """The nearest step the legs can make without one foot treading on the other."""
        geometry = self._geometry
        R = turned(self._heading)
        ahead, aside = R.T @ move
        outward = -aside if stance == LEFT else aside
        outward = min(max(float(outward), geometry.width_min), geometry.reach)
        ahead = min(max(float(ahead), -geometry.reach), geometry.reach)
        return R @ np.array([ahead, -outward if stance == LEFT else outward])

    def _between(self, point: FloatArray, soles: FloatArray, halves: FloatArray) -> FloatArray:
        """The nearest point of the area between both soles, in good approximation."""
        way = soles[RIGHT, :2] - soles[LEFT, :2]
        share = min(max(float((point - soles[LEFT, :2]) @ way / (way @ way)), 0.0), 1.0)
        middle = soles[LEFT, :2] + share * way
        R = turned(mean_heading(soles))
        return middle + R @ bounded(R.T @ (point - middle), halves)

    def _beyond_soles(self, now: Measured) -> float:
        """How far the DCM is outside the used area of both soles, m."""
        nearest = self._between(now.dcm, now.soles, self._geometry.halves_both)
        return math.hypot(*(now.dcm - nearest))

    def _left_of_middle(self, now: Measured) -> float:
        R = turned(mean_heading(now.soles))
        return float((R.T @ (now.dcm - now.soles[:, :2].mean(axis=0)))[1])
