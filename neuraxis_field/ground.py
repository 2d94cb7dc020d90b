# SPDX-License-Identifier: Apache-2.0
"""The simulator's truth on a robot that goes down: what touches the floor, how hard, how fast."""

from __future__ import annotations

import math

import mujoco
import numpy as np

from neuraxis_sim.lockstep import LockstepWorld

_GRAVITY_M_S2 = 9.81
_FLOOR = 0


class GroundTruth:
    """Looks at one world; call `look` every few ms.

    Attributes:
        height_m: Base over the floor.
        tilt_rad: Base from the vertical.
        touched: Bodies but the feet that touched the floor since `forget`.
        speed_m_s: Fastest base since then.
        force_share: Largest force of the floor since then, over the robot's weight.
        effort_share: Largest effort of a joint since then, over its limit.
        beyond_rad: Farthest that a joint was outside its limits since then.
    """

    def __init__(self, world: LockstepWorld) -> None:
        self._world, self._robot = world, world.robot
        self._model = model = world.robot.model
        self._data = mujoco.MjData(model)
        self._weight_N = float(model.body_subtreemass[0]) * _GRAVITY_M_S2
        joints = [model.joint(name) for name in self._robot.profile.joint_names]
        self._range = np.array([joint.range for joint in joints])
        self._effort_max = model.actuator_ctrlrange[self._robot.actuator_id, 1]
        self.forget()
        self.look()

    def forget(self) -> None:
        """Begin anew to look for the worst."""
        self.touched: set[str] = set()
        self.speed_m_s = self.force_share = self.effort_share = self.beyond_rad = 0.0

    def look(self) -> None:
        """Take note of this moment."""
        model, data, robot = self._model, self._data, self._robot
        _, data.qpos[:], data.qvel[:] = self._world.loop.sim_state()
        effort = self._world.loop.state()["effort"]
        data.ctrl[robot.actuator_id] = effort
        mujoco.mj_forward(model, data)
        base = data.qpos[robot.base_qpos_adr :][:7]
        self.height_m = float(base[2])
        self.tilt_rad = math.acos(max(-1.0, min(1.0, 1 - 2 * (base[4] ** 2 + base[5] ** 2))))
        speed = float(np.linalg.norm(data.qvel[robot.base_dof_adr :][:3]))
        self.speed_m_s = max(self.speed_m_s, speed)
        self.force_share = max(self.force_share, self._floor_N() / self._weight_N)
        self.effort_share = max(self.effort_share, float(np.abs(effort / self._effort_max).max()))
        pos = data.qpos[robot.joint_qpos_adr]
        beyond = np.maximum(self._range[:, 0] - pos, pos - self._range[:, 1])
        self.beyond_rad = max(self.beyond_rad, float(beyond.max()))

    def _floor_N(self) -> float:
        """Normal force of the floor; notes who touches it."""
        model, data, feet = self._model, self._data, self._robot.profile.feet
        force_N, wrench = 0.0, np.zeros(6)
        for i, pair in enumerate(data.contact.geom):
            bodies = model.geom_bodyid[pair]
            if _FLOOR not in bodies:
                continue
            name = str(model.body(int(bodies.max())).name)
            if name not in feet:
                self.touched.add(name)
            mujoco.mj_contactForce(model, data, i, wrench)
            force_N += float(wrench[0])
        return force_N
