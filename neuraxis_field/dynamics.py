# SPDX-License-Identifier: Apache-2.0
"""Robots as they come off the line and age: random dynamics for evaluation and training."""

from __future__ import annotations

from dataclasses import dataclass, replace

import mujoco
import numpy as np

from neuraxis_common.errors import Rejected
from neuraxis_common.types import FloatArray, JointCommand
from neuraxis_sim.model import RobotModel
from small_brain_node.policy import Observation, Policy


@dataclass(frozen=True)
class DynamicsSpread:
    """How far drawn values lie from the nominal ones: +- shares, or (least, most).

    Attributes:
        mass: Of every link, its inertia with it.
        floor_friction: Coefficient of soles on the floor.
        joint_friction: Factor on friction and damping in the joints.
        armature: Of every joint.
        strength: Torque that arrives over torque commanded, per motor.
        gain: Stiffness and damping that act over those commanded, per joint.
        latency_ms: From measurement to command, per episode.
    """

    mass: float = 0.1
    floor_friction: tuple[float, float] = (0.6, 1.2)
    joint_friction: tuple[float, float] = (0.5, 2.0)
    armature: float = 0.2
    strength: float = 0.05
    gain: float = 0.1
    latency_ms: tuple[int, int] = (0, 20)


class DrawnDynamics:
    """One draw of everything a robot's numbers can be wrong about.

    Attributes:
        latency_ms: From measurement to command.
        floor_friction: Coefficient of soles on the floor.
    """

    def __init__(self, seed: int, spread: DynamicsSpread | None = None) -> None:
        self._rng = np.random.default_rng([seed, 0xD1])
        self._spread = k = spread or DynamicsSpread()
        self.latency_ms = int(self._rng.integers(k.latency_ms[0], k.latency_ms[1] + 1))
        self.floor_friction = float(self._rng.uniform(*k.floor_friction))

    def prepare(self, robot: RobotModel) -> None:
        """Change a compiled world in place."""
        model, k, draw = robot.model, self._spread, self._around
        scale = draw(k.mass, model.nbody)
        model.body_mass[:] *= scale
        model.body_inertia[:] *= scale[:, None]
        dofs = robot.joint_dof_adr
        factor = self._rng.uniform(*k.joint_friction, len(dofs))
        model.dof_frictionloss[dofs] *= factor
        model.dof_damping[dofs] *= factor
        model.dof_armature[dofs] *= draw(k.armature, len(dofs))
        feet = [model.body(name).id for name in robot.profile.feet]
        for geom in range(model.ngeom):
            if model.geom_bodyid[geom] in (0, *feet):
                model.geom_friction[geom, 0] = self.floor_friction
        mujoco.mj_setConst(model, mujoco.MjData(model))

    def motors(self, joints: int) -> FloatArray:
        """Factors on commanded (effort, stiffness, damping) per joint, shape (3, joints)."""
        strength = self._around(self._spread.strength, joints)
        gains = self._around(self._spread.gain, (2, joints))
        return strength * np.concatenate([np.ones((1, joints)), gains])

    def _around(self, share: float, shape: int | tuple[int, ...]) -> FloatArray:
        return self._rng.uniform(1 - share, 1 + share, shape)


class OtherMotors:
    """A policy whose motors make of a command what their factors say.

    A strong motor saturates where the others do: the spinal cord refuses commands beyond.

    Args:
        policy: Whose commands.
        factors: On effort, stiffness and damping, shape (3, n).
        effort_max_Nm: Limits of the motors, shape (n,).
    """

    def __init__(self, policy: Policy, factors: FloatArray, effort_max_Nm: FloatArray) -> None:
        self._policy, self._factors, self._effort_max_Nm = policy, factors, effort_max_Nm

    def reset(self) -> None:
        """As the policy."""
        self._policy.reset()

    def act(self, observation: Observation) -> JointCommand | Rejected:
        """As the policy, for other motors."""
        command = self._policy.act(observation)
        if isinstance(command, Rejected):
            return command
        effort, kp, kd = self._factors
        most = self._effort_max_Nm
        return replace(
            command,
            effort_Nm=np.minimum(np.maximum(command.effort_Nm * effort, -most), most),
            kp=command.kp * kp,
            kd=command.kd * kd,
        )
