# SPDX-License-Identifier: Apache-2.0
"""What real sensors make of the simulator's exact joints, IMU and foot forces."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from neuraxis_common.robot import SIDES, RobotProfile
from neuraxis_common.types import FloatArray, RobotState


@dataclass(frozen=True)
class SensorNoiseLevels:
    """Standard deviations. Estimates for 16 to 18 bit encoders and a tactical MEMS IMU.

    Attributes:
        tilt_bias_rad: Of the constant mounting error of the IMU, drawn once per axis.
        tilt_rad: Of the orientation, per reading and axis.
        finger_m: Of the finger travel; finger_m_s and finger_N are the same of speed and force.
        effort_share: Error of a torque or force reading as a share of it.
    """

    joint_rad: float = 2e-4
    joint_rad_s: float = 1e-2
    joint_Nm: float = 0.05
    finger_m: float = 3e-5
    finger_m_s: float = 5e-4
    finger_N: float = 0.2
    effort_share: float = 0.02
    tilt_bias_rad: float = 1e-3
    tilt_rad: float = 5e-4
    gyro_rad_s: float = 3e-3
    accel_m_s2: float = 3e-2
    foot_N: float = 1.0


class SensorNoise:
    """Adds noise to measured states; draws from its own generator.

    Args:
        profile: Tells finger joints from turning ones.
        seed: Equal seeds and states give equal readings.
        levels: How noisy.
    """

    def __init__(
        self, profile: RobotProfile, seed: int, levels: SensorNoiseLevels | None = None
    ) -> None:
        self._rng = np.random.default_rng([seed, 0x5E])
        self._levels = k = levels or SensorNoiseLevels()
        fingers = {profile.grippers[side].joint for side in SIDES}
        finger = np.array([name in fingers for name in profile.joint_names])
        self._pos = np.where(finger, k.finger_m, k.joint_rad)
        self._vel = np.where(finger, k.finger_m_s, k.joint_rad_s)
        self._effort = np.where(finger, k.finger_N, k.joint_Nm)
        self._tilt_bias_rad = self._rng.normal(0, k.tilt_bias_rad, 3) * (1, 1, 0)

    def apply(self, state: RobotState) -> RobotState:
        """The state as the sensors give it; stamps and stop level stay."""
        k, joints, imu = self._levels, state.joints, state.imu
        return replace(
            state,
            joints=replace(
                joints,
                pos_rad=joints.pos_rad + self._draw(self._pos),
                vel_rad_s=joints.vel_rad_s + self._draw(self._vel),
                effort_Nm=self._scaled(joints.effort_Nm) + self._draw(self._effort),
            ),
            imu=replace(
                imu,
                quat_wxyz=self._turned(imu.quat_wxyz),
                gyro_B_rad_s=imu.gyro_B_rad_s + self._rng.normal(0, k.gyro_rad_s, 3),
                accel_B_m_s2=imu.accel_B_m_s2 + self._rng.normal(0, k.accel_m_s2, 3),
            ),
            foot_force_N=np.maximum(
                self._scaled(state.foot_force_N) + self._rng.normal(0, k.foot_N, 2), 0.0
            ),
        )

    def _draw(self, sigma: FloatArray) -> FloatArray:
        return self._rng.normal(0, 1, sigma.shape) * sigma

    def _scaled(self, values: FloatArray) -> FloatArray:
        return values * (1 + self._rng.normal(0, self._levels.effort_share, values.shape))

    def _turned(self, quat_wxyz: FloatArray) -> FloatArray:
        """The orientation turned by a small rotation about the body's axes."""
        half = (self._tilt_bias_rad + self._rng.normal(0, self._levels.tilt_rad, 3)) / 2
        w, v = quat_wxyz[0], quat_wxyz[1:]
        x, y, z = v.tolist()
        turned = np.concatenate([[w - v @ half], v + w * half])
        turned[1:] += np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]]) @ half
        return turned / np.linalg.norm(turned)
