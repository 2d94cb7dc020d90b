# SPDX-License-Identifier: Apache-2.0
"""Whether a measured state can be true, given the one before it and what a standing body allows."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from neuraxis_common.errors import Rejected
from neuraxis_common.robot import JointLimits, RobotProfile
from neuraxis_common.types import FloatArray, RobotState
from small_brain_node.body_model import BodyModel, cross

# A joint may be found this far from where its speed allows: encoder noise and late stamps.
_JUMP_SLACK_RAD = 0.12
# Positions this close are the same joint's when it is asked who was exchanged with whom.
_SAME_RAD = 0.02
# Measured beyond the limits by more than this is another joint's angle or another zero.
_LIMIT_SLACK_RAD = 0.12
# Between what the gyro says and how much the measured vertical turned.
_UP_JUMP_RAD = 0.35
# Soles that stand point up; where the IMU disagrees by more than this, it is mounted otherwise.
_SOLE_DOUBT_RAD = 1.0
# Share of the weight on the feet from which the soles stand on something.
_STANDING_SHARE = 0.3
_GRAVITY_M_S2 = 9.81
_LONGEST_S = 0.1
_JOINT_ROWS = ("pos_rad", "vel_rad_s", "effort_Nm")
_IMU_ROWS = ("gyro_B_rad_s", "accel_B_m_s2")


class StateWatch:
    """Finds states that arrive in time, are finite, and still cannot be true.

    What is wrong stays wrong until it is like the last good state again, or until `reset`.

    Args:
        profile: The robot.
        limits: Joint limits by name.
        body: Model of the same robot, for the direction of the soles.
        frozen_s: How long readings may repeat to the last bit.
    """

    def __init__(
        self,
        profile: RobotProfile,
        limits: Mapping[str, JointLimits],
        body: BodyModel,
        frozen_s: float,
    ) -> None:
        self._names, self._body, self._frozen_s = profile.joint_names, body, frozen_s
        rows = [limits[name] for name in self._names]
        self._lower = np.array([row.lower for row in rows]) - _LIMIT_SLACK_RAD
        self._upper = np.array([row.upper for row in rows]) + _LIMIT_SLACK_RAD
        self._speed = np.array([row.velocity for row in rows])
        self._weight_N = body.mass_kg * _GRAVITY_M_S2
        self.reset()

    def reset(self) -> None:
        """Judge the next state on its own."""
        self._good: RobotState | None = None
        self._last: RobotState | None = None
        self._same_s = 0.0

    def check(self, state: RobotState) -> Rejected | None:
        """Judge one finite state of the right shapes; None when nothing speaks against it."""
        frozen, since_s = self._frozen(state), self._since_s(state)
        self._last = state
        if self._good is None:
            fault = self._posture(state)
        else:
            fault = frozen or self._jump(state, since_s) or self._flip(state, since_s)
        if fault is None:
            self._good = state
        return fault

    def _since_s(self, state: RobotState) -> float:
        """Since the state before, good or not: while a fault lasts, the bounds do not grow."""
        if self._last is None:
            return 0.0
        since_s = state.joints.stamp_s - self._last.joints.stamp_s
        return min(max(since_s, 0.0), _LONGEST_S)

    def _frozen(self, state: RobotState) -> Rejected | None:
        """The joints repeat themselves while the IMU goes on; a robot at rest never does."""
        last = self._last
        if last is None or not _same(last.joints, state.joints, _JOINT_ROWS):
            self._same_s = 0.0
            return None
        if not _same(last.imu, state.imu, _IMU_ROWS):
            self._same_s += max(state.joints.stamp_s - last.joints.stamp_s, 0.0)
        if self._same_s < self._frozen_s:
            return None
        reason = f"the joints' readings repeat to the last bit for {self._same_s:.3f} s"
        details = {"value": self._same_s, "bound": self._frozen_s}
        return Rejected("joints_frozen", reason, details)

    def _posture(self, state: RobotState) -> Rejected | None:
        """What a single state says: joints within their limits, the vertical along the legs."""
        pos = state.joints.pos_rad
        out = np.flatnonzero((pos < self._lower) | (pos > self._upper))
        if len(out):
            name, value = self._names[out[0]], float(pos[out[0]])
            reason = f"joint '{name}' is measured at {value:.2f}, beyond its limits"
            return Rejected("joints_beyond_limits", reason, {"joint": name, "value": value})
        if state.foot_force_N.sum() < _STANDING_SHARE * self._weight_N:
            return None
        self._body.place(pos)
        soles = [self._body.frame(index).rotation[:, 2] for index in self._body.sole_ids]
        along = np.sum(soles, axis=0)
        angle = _angle(up_of(state), along / max(float(np.linalg.norm(along)), 1e-9))
        if angle <= _SOLE_DOUBT_RAD:
            return None
        code = "imu_upside_down" if angle > math.pi / 2 else "imu_tilted"
        reason = f"the IMU's vertical is {angle:.2f} rad from that of the soles that stand"
        return Rejected(code, reason, {"value": angle, "bound": _SOLE_DOUBT_RAD})

    def _jump(self, state: RobotState, since_s: float) -> Rejected | None:
        before, now = self._good.joints, state.joints
        step = np.abs(now.pos_rad - before.pos_rad)
        reach = self._speed * since_s + _JUMP_SLACK_RAD
        jumped = np.flatnonzero(step > reach)
        if not len(jumped):
            return None
        name, value = self._names[jumped[0]], float(step[jumped[0]])
        details = {"joint": name, "value": value, "bound": float(reach[jumped[0]])}
        gap = np.abs(now.pos_rad[jumped][:, None] - before.pos_rad[None, :]).min(axis=1)
        if len(jumped) > 1 and np.all(gap < _SAME_RAD):
            joints = [self._names[index] for index in jumped]
            reason = f"{len(joints)} joints read what others read before: the order has changed"
            return Rejected("joints_permuted", reason, details | {"joints": joints})
        reason = f"joint '{name}' jumped by {value:.2f} rad, faster than it can move"
        return Rejected("joint_jump", reason, details)

    def _flip(self, state: RobotState, since_s: float) -> Rejected | None:
        good = self._good
        up, rate = up_of(good), (good.imu.gyro_B_rad_s + state.imu.gyro_B_rad_s) / 2
        angle = _angle(up_of(state), up + cross(up, rate) * since_s)
        if angle <= _UP_JUMP_RAD:
            return None
        code = "imu_upside_down" if angle > 2.5 else "imu_jump"
        reason = f"the measured vertical turned by {angle:.2f} rad that the gyro knows nothing of"
        return Rejected(code, reason, {"value": angle, "bound": _UP_JUMP_RAD})


def up_of(state: RobotState) -> FloatArray:
    """The measured vertical in base axes, unit, shape (3,)."""
    w, x, y, z = state.imu.quat_wxyz / np.linalg.norm(state.imu.quat_wxyz)
    return np.array([2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)])


def _angle(a: FloatArray, b: FloatArray) -> float:
    return math.acos(max(-1.0, min(1.0, float(a @ b) / max(float(np.linalg.norm(b)), 1e-9))))


def _same(a: object, b: object, fields: tuple[str, ...]) -> bool:
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in fields)
