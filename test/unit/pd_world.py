# SPDX-License-Identifier: Apache-2.0
"""A robot in MuJoCo under its small brain, without the spinal cord: five-tuples drive motors."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import mujoco
import numpy as np

from neuraxis_common.errors import Rejected
from neuraxis_common.robot import SIDES, RobotProfile, compile_urdf, joint_limits, load_profile
from neuraxis_common.types import ImuState, JointState, JointTrajectory, RobotState
from neuraxis_sim.model import build_model
from neuraxis_sim.sensors import SensorNoise
from small_brain_node.core import SmallBrain

DATA_ROOT = Path(__file__).resolve().parents[2]
ROBOTS = ("lingxi_x2", "expedition_a3", "expedition_a2")
CYCLE_MS = 10


@cache
def profile_of(robot: str) -> RobotProfile:
    return load_profile(robot, DATA_ROOT)


@cache
def urdf_of(robot: str) -> str:
    return compile_urdf(profile_of(robot), DATA_ROOT)


def row(profile: RobotProfile, values) -> np.ndarray:
    return np.array([values[name] for name in profile.joint_names])


def smooth_path(names, start, goal, peak_rad_s, points=40) -> JointTrajectory:
    """Minimum-jerk path whose fastest joint peaks at this speed."""
    peak_over_mean = 15 / 8
    span = max(float(np.abs(goal - start).max()), 0.05)
    t = np.linspace(0.0, span * peak_over_mean / peak_rad_s, points)
    u = t / t[-1]
    share = 10 * u**3 - 15 * u**4 + 6 * u**5
    rate = (30 * u**2 - 60 * u**3 + 30 * u**4) / t[-1]
    pos, vel = start + np.outer(share, goal - start), np.outer(rate, goal - start)
    return JointTrajectory(tuple(names), t, pos, vel)


class PdWorld:
    """Steps physics at 1 kHz and the brain at 100 Hz; commands arrive `delay_ms` late."""

    def __init__(self, robot, pose=None, delay_ms=5, noise_seed=None, payload_kg=0.0):
        self.profile = profile = profile_of(robot)
        urdf_xml = urdf_of(robot)
        self.robot = build_model(profile, urdf_xml)
        self.model = self.robot.model
        self.data = mujoco.MjData(self.model)
        self._load_hands(payload_kg)
        self.data.qpos[:] = self.robot.standing_qpos(pose or profile.ready_pose_rad)
        mujoco.mj_forward(self.model, self.data)
        self.brain = SmallBrain(profile, urdf_xml)
        self.limits = joint_limits(urdf_xml)
        self._effort = np.array([self.limits[name].effort for name in profile.joint_names])
        self._noise = None if noise_seed is None else SensorNoise(profile, noise_seed)
        self._delay_ms, self._queue, self._ms = delay_ms, [], 0
        self._command = None
        self._mimic = [a for _, a in self.robot.mimic_qpos_adr]

    def _load_hands(self, payload_kg):
        for side in SIDES:
            tcp = self.model.body(f"{side}_tcp").id
            self.model.body_mass[tcp] = payload_kg
            self.model.body_inertia[tcp] = 1e-4 if payload_kg else 0.0
        mujoco.mj_setConst(self.model, self.data)

    @property
    def now_s(self) -> float:
        return self._ms * 1e-3

    def state(self) -> RobotState:
        data, robot = self.data, self.robot
        joints = JointState(
            self.now_s,
            data.qpos[robot.joint_qpos_adr].copy(),
            data.qvel[robot.joint_dof_adr].copy(),
            data.actuator_force[robot.actuator_id].copy(),
        )
        imu = ImuState(
            self.now_s, *(robot.sensor(data, f"imu_{what}") for what in ("quat", "gyro", "accel"))
        )
        feet = np.array([robot.sensor(data, f"{side}_foot_force")[0] for side in SIDES])
        state = RobotState(joints, imu, feet)
        return state if self._noise is None else self._noise.apply(state)

    def run(self, seconds, silent=False):
        """Advance; while silent the brain is not asked and the last command stays."""
        for _ in range(round(seconds * 1e3)):
            if self._ms % CYCLE_MS == 0 and not silent:
                command = self.brain.step(self.now_s, self.state())
                assert not isinstance(command, Rejected), command
                self._queue.append((self._ms + self._delay_ms, command))
            while self._queue and self._queue[0][0] <= self._ms:
                self._command = self._queue.pop(0)[1]
            if self._command is not None:
                self._drive(self._command)
            mujoco.mj_step(self.model, self.data)
            self._ms += 1

    def push(self, force_W_N, seconds):
        """Push the base while time goes on."""
        base = self.model.body("base_link").id
        self.data.xfrc_applied[base, :3] = force_W_N
        self.run(seconds)
        self.data.xfrc_applied[base] = 0.0

    def _drive(self, c):
        q = self.data.qpos[self.robot.joint_qpos_adr]
        dq = self.data.qvel[self.robot.joint_dof_adr]
        effort = c.effort_Nm + c.kp * (c.pos_rad - q) + c.kd * (c.vel_rad_s - dq)
        self.data.ctrl[self.robot.actuator_id] = np.clip(effort, -self._effort, self._effort)

    def base(self) -> np.ndarray:
        """True T_WB."""
        body, T = self.data.body("base_link"), np.eye(4)
        T[:3, :3], T[:3, 3] = body.xmat.reshape(3, 3), body.xpos
        return T

    def clear_of_itself(self, names, start, goal) -> bool:
        """Whether joints can go straight from start to goal without the robot touching itself."""
        scratch = mujoco.MjData(self.model)
        scratch.qpos[:] = self.data.qpos
        index = [self.robot.joint_qpos_adr[self.profile.joint_names.index(n)] for n in names]
        for share in np.linspace(0, 1, 6):
            scratch.qpos[index] = start + share * (goal - start)
            mujoco.mj_kinematics(self.model, scratch)
            mujoco.mj_collision(self.model, scratch)
            bodies = self.model.geom_bodyid[scratch.contact.geom]
            if np.any(np.all(bodies > 0, axis=1)):
                return False
        return True


def tilt_deg(T_before: np.ndarray, T_after: np.ndarray) -> float:
    """Angle between two orientations."""
    c = (np.trace(T_before[:3, :3].T @ T_after[:3, :3]) - 1) / 2
    return float(np.degrees(np.arccos(np.clip(c, -1, 1))))
