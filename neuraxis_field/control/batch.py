# SPDX-License-Identifier: Apache-2.0
"""Many robots at once, stepped by MuJoCo's own threads: the environment for learning by reward.

Each robot has its own dynamics and latency. The spinal cord's law, ``kp (target - q) - kd dq``
within the joints' torque, sits in the model's actuators, so that a control period is one call.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

import mujoco
import numpy as np
from mujoco.rollout import Rollout
from numpy.typing import NDArray

from neuraxis_common.errors import ConfigError
from neuraxis_common.robot import SIDES, RobotProfile, joint_limits
from neuraxis_common.types import FloatArray
from neuraxis_field.dynamics import DrawnDynamics
from neuraxis_sim.model import TIMESTEP_S, RobotModel, build_model
from small_brain_node.action_map import ActionMap
from small_brain_node.body_model import GRAVITY_M_S2
from small_brain_node.bundle.contract import GAIT_PLAN, PolicyContract
from small_brain_node.observation import (
    Float32Array,
    ObservationBuilder,
    ObservationHistory,
    PolicyInputs,
    up_in_base,
)

_PHYSICS = int(mujoco.mjtState.mjSTATE_FULLPHYSICS)
# Commands under way: latency is at most this many control periods.
_UNDER_WAY = 2
_FALLEN_UP, _FALLEN_SHARE = 0.7, 0.6


class BatchWorld:
    """N robots on empty floors.

    Args:
        profile: Of all of them.
        urdf_xml: Compiled description.
        contract: Of the policy that is to act.
        seeds: One per robot; draws its dynamics and latency.
        threads: Of MuJoCo's pool; 0 for the calling thread.

    Raises:
        ConfigError: The contract follows a gait plan.

    Attributes:
        command: Forward m/s, left m/s and turn rad/s that each is told, shape (N, 3).
        upper_rad: Where the joints that are not the policy's should be, shape (N, n).
        state: Full physics of each, shape (N, size).
        models: One per robot.
        delay_ms: From observation to command, shape (N,).
    """

    def __init__(
        self,
        profile: RobotProfile,
        urdf_xml: str,
        contract: PolicyContract,
        seeds: Sequence[int],
        threads: int,
    ) -> None:
        if contract.follows_plan:
            raise ConfigError("nobody makes a gait plan in a batch: observe none")
        names, limits = profile.joint_names, joint_limits(urdf_xml)
        self._map = ActionMap(contract, names)
        self._robot = robot = build_model(profile, urdf_xml)
        self._effort = np.array([limits[name].effort for name in names])
        kp = np.array([profile.kp[name] for name in names])
        kd = np.array([profile.kd[name] for name in names])
        kp[self._map.index], kd[self._map.index] = contract.action.kp, contract.action.kd
        drawn = [DrawnDynamics(seed) for seed in seeds]
        self.models = [self._own_model(one, kp, kd) for one in drawn]
        count, self._period = len(seeds), round(contract.dt_s / TIMESTEP_S)
        self.delay_ms = np.minimum([one.latency_ms for one in drawn], _UNDER_WAY * self._period)
        self._pool = Rollout(nthread=threads)
        self._data = [mujoco.MjData(robot.model) for _ in range(max(threads, 1))]
        self._history = ObservationHistory(ObservationBuilder(contract, names), (count,))
        self._ready = np.array([profile.ready_pose_rad[name] for name in names])
        self._start = self._standing_state()
        self._height_m = float(robot.standing_qpos(profile.ready_pose_rad)[robot.base_qpos_adr + 2])
        self._joint_qpos = 1 + robot.joint_qpos_adr
        self._joint_qvel = 1 + robot.model.nq + robot.joint_dof_adr
        self._base_qpos = 1 + robot.base_qpos_adr
        self._base_qvel = 1 + robot.model.nq + robot.base_dof_adr
        self.command = np.zeros((count, 3))
        self.upper_rad = np.tile(self._ready, (count, 1))
        self.state = np.tile(self._start, (count, 1))
        self._sent = np.tile(self._ready, (count, 1 + _UNDER_WAY, 1))
        self._last_action = np.zeros((count, len(self._map.index)))
        self._touch = [robot.model.sensor(f"{side}_foot_force").adr[0] for side in SIDES]
        weight_N = np.array([model.body_mass.sum() * GRAVITY_M_S2 for model in self.models])
        self._half_weight_N = np.repeat(weight_N[:, None] / 2, 2, axis=1)
        self._feet_N = self._half_weight_N.copy()
        self._elapsed_s = np.zeros(count)
        self._dt_s = contract.dt_s
        self.reset(np.ones(count, dtype=bool))

    def reset(self, where: NDArray[np.bool_]) -> None:
        """Stand at the origin again, where this is set, shape (N,)."""
        self.state[where] = self._start
        self._sent[where] = self._ready
        self._last_action[where] = 0.0
        self._feet_N[where] = self._half_weight_N[where]
        self._elapsed_s[where] = 0.0
        self._history.reset(where)

    def observe(self) -> Float32Array:
        """What each policy sees now, shape (N, size of the contract). Call once per step."""
        return self._history.push(self.inputs())

    def inputs(self) -> PolicyInputs:
        """Measured without noise; the base's velocity is the simulator's own."""
        base, at = self.state[:, self._base_qpos : self._base_qpos + 7], self._base_qvel
        quat = base[:, 3:]
        linear = _into_base(quat, self.state[:, at : at + 3])
        return PolicyInputs(
            pos_rad=self.state[:, self._joint_qpos],
            vel_rad_s=self.state[:, self._joint_qvel],
            quat_wxyz=quat,
            gyro_B_rad_s=self.state[:, at + 3 : at + 6],
            linear_velocity_B_m_s=linear,
            velocity_command=self.command,
            upper_pos_rad=self.upper_rad,
            foot_force_N=self._feet_N,
            last_action=self._last_action,
            gait_plan=np.zeros((len(self.state), GAIT_PLAN)),
            elapsed_s=self._elapsed_s,
        )

    def step(self, output: FloatArray) -> NDArray[np.bool_]:
        """One control period with the network's outputs, shape (N, m); returns who has fallen."""
        action = self._map.clipped(output)
        self._sent[:, :-1] = self._sent[:, 1:]
        self._sent[:, -1] = self.upper_rad
        self._sent[:, -1, self._map.index] = self._map.target(action)
        late = (np.arange(self._period) - self.delay_ms[:, None]) // self._period
        control = np.take_along_axis(self._sent, (_UNDER_WAY + late)[..., None], axis=1)
        commands = self._ordered(control)
        states, sensed = self._pool.rollout(self.models, self._data, self.state, commands)
        self.state, self._feet_N = states[:, -1].copy(), sensed[:, -1, self._touch]
        self._last_action = action
        self._elapsed_s += self._dt_s
        return self.fallen()

    def push(self, velocity_m_s: FloatArray) -> None:
        """Add a horizontal velocity to each base, shape (N, 2)."""
        self.state[:, self._base_qvel : self._base_qvel + 2] += velocity_m_s

    def fallen(self) -> NDArray[np.bool_]:
        """Who lies, shape (N,)."""
        base = self.state[:, self._base_qpos : self._base_qpos + 7]
        low = base[:, 2] < _FALLEN_SHARE * self._height_m
        return low | (up_in_base(base[:, 3:])[:, 2] < _FALLEN_UP)

    def held_control(self) -> FloatArray:
        """Controls that hold the ready pose, in the model's order, shape (nu,)."""
        return self._ordered(self._ready)

    def _ordered(self, targets: FloatArray) -> FloatArray:
        control = np.zeros((*targets.shape[:-1], self._robot.model.nu))
        control[..., self._robot.actuator_id] = targets
        return control

    def close(self) -> None:
        """End the threads."""
        self._pool.close()

    def _own_model(self, drawn: DrawnDynamics, kp: FloatArray, kd: FloatArray) -> mujoco.MjModel:
        own = RobotModel(**(vars(self._robot) | {"model": copy.copy(self._robot.model)}))
        drawn.prepare(own)
        strength, stiffness, damping = drawn.motors(len(kp))
        model, ids = own.model, own.actuator_id
        model.actuator_gaintype[ids] = mujoco.mjtGain.mjGAIN_FIXED
        model.actuator_biastype[ids] = mujoco.mjtBias.mjBIAS_AFFINE
        model.actuator_gainprm[ids, 0] = kp * stiffness
        model.actuator_biasprm[ids, :3] = 0.0
        model.actuator_biasprm[ids, 1] = -kp * stiffness
        model.actuator_biasprm[ids, 2] = -kd * damping
        model.actuator_ctrllimited[ids] = 0
        model.actuator_forcelimited[ids] = 1
        model.actuator_forcerange[ids] = (strength * self._effort)[:, None] * [-1.0, 1.0]
        return model

    def _standing_state(self) -> FloatArray:
        model, data = self._robot.model, mujoco.MjData(self._robot.model)
        data.qpos[:] = self._robot.standing_qpos(self._robot.profile.ready_pose_rad)
        state = np.zeros(mujoco.mj_stateSize(model, _PHYSICS))
        mujoco.mj_getState(model, data, state, _PHYSICS)
        return state


def _into_base(quat_wxyz: FloatArray, vector_W: FloatArray) -> FloatArray:
    """World vectors in base axes, shape (N, 3)."""
    w, v = quat_wxyz[:, :1], -quat_wxyz[:, 1:]
    across = 2.0 * np.cross(v, vector_W)
    return vector_W + w * across + np.cross(v, across)
