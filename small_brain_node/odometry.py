# SPDX-License-Identifier: Apache-2.0
"""Base pose in odom: tilt from the IMU, heading and position from the legs that stand."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from neuraxis_common.errors import Rejected
from neuraxis_common.types import FloatArray, RobotState
from small_brain_node.body_model import BASE_DOF, BodyModel, cross
from small_brain_node.footing import SLIPPED

# Below this share of the load a foot says nothing about where the floor is; once lifted, it has
# landed when it bears the other share, and stands where it is then.
STANDING_SHARE = 0.1
LANDED_SHARE = 0.3
# Feet that both stood for this long do not turn on the floor.
REST_S = 0.3
# Time constants of the low-pass filters; sensor noise above them is not balance.
TILT_FILTER_S = 0.05
TWIST_FILTER_S = 0.02
# A print higher or lower than the floor at start-up is a bump, or in the long run an error.
FLOOR_S = 2.0
SLIP_BOUND_M = 0.015
SLIP_BOUND_RAD = 0.06


@dataclass(frozen=True)
class BaseEstimate:
    """Where the base is and how it moves.

    Attributes:
        T_OB: Pose of base_link in odom, shape (4, 4).
        twist_B: Linear and angular velocity of the base in base axes, shape (6,).
        up_B: Unit vector against gravity in base axes, shape (3,).
        drift: Set while the feet stand elsewhere than they stood, so that T_OB cannot be trusted.
    """

    T_OB: FloatArray
    twist_B: FloatArray
    up_B: FloatArray
    drift: Rejected | None = None


@dataclass(frozen=True)
class _Footprint:
    """Where the soles stand or last stood, in odom: positions (2, 3) and headings (2,)."""

    pos_O_m: FloatArray
    heading_rad: FloatArray


class BaseEstimator:
    """Keeps T_OB; odom is fixed at the first update, on the floor midway between the soles.

    A foot that was lifted gets a new print where it lands. In the long run the floor is taken to be
    as high as at start-up, so odom follows steps over bumps of a flat floor.
    """

    def __init__(self, body: BodyModel) -> None:
        self._body = body
        self.reset()

    def reset(self) -> None:
        """Fix odom anew at the next update."""
        self._prints: _Footprint | None = None
        self._lifted = np.array([False, False])
        self._stood_s = np.inf
        self._R_OB: FloatArray | None = None
        self._gyro_B = np.zeros(3)
        self._up_B: FloatArray | None = None
        self._twist_B = np.zeros(BASE_DOF)
        self._stamp_s = 0.0

    def update(self, state: RobotState) -> BaseEstimate:
        """Advance on one measurement."""
        body, joints = self._body, state.joints
        body.place(joints.pos_rad)
        dt_s = min(max(state.imu.stamp_s - self._stamp_s, 0.0), 0.1)
        self._stamp_s = state.imu.stamp_s
        up_B = self._filter_up(state, dt_s)
        soles = [body.frame(frame_id) for frame_id in body.sole_ids]
        pos_B = np.array([sole.translation for sole in soles])
        forward_B = np.array([sole.rotation[:, 0] for sole in soles])
        share = self._anchor_share(state.foot_force_N, dt_s)
        R_LB = _level(up_B)
        pos_L, forward_L = pos_B @ R_LB.T, forward_B @ R_LB.T
        heading_L = np.arctan2(forward_L[:, 1], forward_L[:, 0])
        if self._prints is None:
            self._prints = _footprint(pos_L, heading_L)
            self._floor_m = self._prints.pos_O_m[:, 2].copy()
        turn = self._heading(heading_L, share, R_LB, self._turn(state.imu.gyro_B_rad_s, dt_s))
        R_OL = _about_z(turn)
        R_OB = R_OL @ R_LB
        self._R_OB = R_OB
        T_OB = np.eye(4)
        T_OB[:3, :3] = R_OB
        T_OB[:3, 3] = share @ (self._prints.pos_O_m - pos_L @ R_OL.T)
        self._follow_lifted(T_OB[:3, 3] + pos_L @ R_OL.T, heading_L + turn)
        self._sink(dt_s)
        twist_B = self._filter_twist(state, pos_B, share, dt_s)
        return BaseEstimate(T_OB, twist_B, up_B, self._drift(pos_L, heading_L, share))

    def _heading(
        self, heading_L: FloatArray, share: FloatArray, R_LB: FloatArray, turn_B: FloatArray
    ) -> float:
        """Angle from the level base to odom: from feet that stand, while stepping from the gyro.

        Feet turn on the floor while the other leg swings; so they get new headings.
        """
        if self._R_OB is None or self._stood_s > REST_S:
            return _mean_angle(self._prints.heading_rad - heading_L, share)
        R = self._R_OB @ _rotation(turn_B) @ R_LB.T
        turn_rad = float(np.arctan2(R[1, 0] - R[0, 1], R[0, 0] + R[1, 1]))
        self._prints = replace(self._prints, heading_rad=heading_L + turn_rad)
        return turn_rad

    def _turn(self, gyro_B_rad_s: FloatArray, dt_s: float) -> FloatArray:
        """Rotation vector since the last measurement, shape (3,)."""
        mean, self._gyro_B = (gyro_B_rad_s + self._gyro_B) / 2, gyro_B_rad_s
        return mean * dt_s

    def _anchor_share(self, force_N: FloatArray, dt_s: float) -> FloatArray:
        """How much each foot counts; a lifted one not before it has landed."""
        share = _load_share(force_N)
        bar = np.where(self._lifted, LANDED_SHARE, 0.0)
        self._lifted = share <= bar
        self._stood_s = 0.0 if self._lifted.any() else self._stood_s + dt_s
        share = np.where(self._lifted, 0.0, share)
        return share / share.sum()

    def _follow_lifted(self, pos_O_m: FloatArray, heading_rad: FloatArray) -> None:
        """Move the prints of lifted feet along, so that they land where they are."""
        if not self._lifted.any():
            return
        prints = self._prints
        self._prints = _Footprint(
            np.where(self._lifted[:, None], pos_O_m, prints.pos_O_m),
            np.where(self._lifted, heading_rad, prints.heading_rad),
        )

    def _sink(self, dt_s: float) -> None:
        """Bring the prints' heights slowly to that of the floor."""
        pos_O_m = self._prints.pos_O_m.copy()
        gain = dt_s / (FLOOR_S + dt_s)
        pos_O_m[:, 2] += gain * (self._floor_m - pos_O_m[:, 2])
        self._prints = replace(self._prints, pos_O_m=pos_O_m)

    def _filter_up(self, state: RobotState, dt_s: float) -> FloatArray:
        w, x, y, z = state.imu.quat_wxyz / np.linalg.norm(state.imu.quat_wxyz)
        measured = np.array([2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)])
        if self._up_B is None:
            self._up_B = measured
        else:
            turned = self._up_B + cross(self._up_B, state.imu.gyro_B_rad_s) * dt_s
            gain = dt_s / (TILT_FILTER_S + dt_s)
            mixed = turned + gain * (measured - turned)
            self._up_B = mixed / np.linalg.norm(mixed)
        return self._up_B

    def _filter_twist(
        self, state: RobotState, pos_B: FloatArray, share: FloatArray, dt_s: float
    ) -> FloatArray:
        """Velocity of the base from legs whose soles do not move, low-pass filtered."""
        gyro = state.imu.gyro_B_rad_s
        linear = np.zeros(3)
        for frame_id, p, part in zip(self._body.sole_ids, pos_B, share, strict=True):
            J = self._body.jacobian(frame_id)[:3, self._body.velocity_index]
            linear -= part * (J @ state.joints.vel_rad_s + cross(gyro, p))
        gain = dt_s / (TWIST_FILTER_S + dt_s)
        self._twist_B = self._twist_B + gain * (np.concatenate([linear, gyro]) - self._twist_B)
        return self._twist_B

    def _drift(
        self, pos_L: FloatArray, heading_L: FloatArray, share: FloatArray
    ) -> Rejected | None:
        """Compare how the soles stand to each other now and at start-up."""
        if share.min() <= 0.0:
            return Rejected("foot_lifted", "one foot does not stand on the floor")
        prints = self._prints
        span = np.linalg.norm(pos_L[1] - pos_L[0])
        moved_m = abs(span - np.linalg.norm(prints.pos_O_m[1] - prints.pos_O_m[0]))
        was = prints.heading_rad[1] - prints.heading_rad[0]
        turned_rad = abs(_wrap(heading_L[1] - heading_L[0] - was))
        if moved_m <= SLIP_BOUND_M and turned_rad <= SLIP_BOUND_RAD:
            return None
        reason = (
            f"the feet slipped: {moved_m * 1e3:.0f} mm and {turned_rad:.3f} rad against each other,"
            f" allowed {SLIP_BOUND_M * 1e3:.0f} mm and {SLIP_BOUND_RAD} rad"
        )
        details = {"moved_m": float(moved_m), "turned_rad": float(turned_rad)}
        return Rejected(SLIPPED, reason, details)


def _load_share(force_N: FloatArray) -> FloatArray:
    """How much each foot counts, shape (2,); both alike when nothing is measured."""
    total = float(force_N.sum())
    if total <= 1.0:
        return np.array([0.5, 0.5])
    share = np.where(force_N < STANDING_SHARE * total, 0.0, force_N)
    return share / share.sum()


def _footprint(pos_L: FloatArray, heading_L: FloatArray) -> _Footprint:
    turn = -_mean_angle(heading_L, np.array([0.5, 0.5]))
    pos_O = (pos_L - pos_L.mean(axis=0)) @ _about_z(turn).T
    return _Footprint(pos_O, heading_L + turn)


def _level(up_B: FloatArray) -> FloatArray:
    """Smallest rotation that brings `up_B` to +z, shape (3, 3)."""
    x, y, z = up_B
    k = 1.0 / (1.0 + max(z, -0.99))
    return np.array([[1 - k * x * x, -k * x * y, -x], [-k * x * y, 1 - k * y * y, -y], [x, y, z]])


def _about_z(angle_rad: float) -> FloatArray:
    c, s = np.cos(angle_rad), np.sin(angle_rad)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def _rotation(turn_rad: FloatArray) -> FloatArray:
    """A small rotation vector as a matrix, shape (3, 3); exact to the second order."""
    x, y, z = turn_rad
    K = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.eye(3) + K + K @ K / 2


def _mean_angle(angles_rad: FloatArray, weights: FloatArray) -> float:
    return float(np.arctan2(weights @ np.sin(angles_rad), weights @ np.cos(angles_rad)))


def _wrap(angle_rad: float) -> float:
    return float(np.arctan2(np.sin(angle_rad), np.cos(angle_rad)))
