# SPDX-License-Identifier: Apache-2.0
"""One bundle at work: measured state in, joint targets out, with the history in between."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuraxis_common.errors import ConfigError
from neuraxis_common.robot import RobotProfile
from neuraxis_common.types import FloatArray, JointCommand, JointState
from small_brain_node.action_map import ActionMap, EquivalentAction
from small_brain_node.body_model import BodyModel
from small_brain_node.bundle.contract import GAIT_PLAN
from small_brain_node.bundle.loader import Bundle
from small_brain_node.observation import (
    Float32Array,
    ObservationBuilder,
    ObservationHistory,
    PolicyInputs,
)
from small_brain_node.policy import Observation
from small_brain_node.walking.planner import WalkPlanner

_NO_PLAN = np.zeros(GAIT_PLAN)


@dataclass(frozen=True)
class PolicyStep:
    """What one inference gave.

    Attributes:
        frame: Newest frame of the observation, shape (frame_size,).
        observation: What the network saw, shape (size,).
        action: Clipped output, shape (m,); not finite where the network's is not.
        target_rad: Where the action's joints should go, shape (m,).
    """

    frame: Float32Array
    observation: Float32Array
    action: FloatArray
    target_rad: FloatArray


def inputs_of(
    observation: Observation, last_action: FloatArray, gait_plan: FloatArray, elapsed_s: float
) -> PolicyInputs:
    """What a policy may know of one step of the small brain."""
    state = observation.state
    return PolicyInputs(
        pos_rad=state.joints.pos_rad,
        vel_rad_s=state.joints.vel_rad_s,
        quat_wxyz=state.imu.quat_wxyz,
        gyro_B_rad_s=state.imu.gyro_B_rad_s,
        linear_velocity_B_m_s=observation.base.twist_B[:3],
        velocity_command=observation.velocity_command,
        upper_pos_rad=observation.upper.pos_rad,
        foot_force_N=state.foot_force_N,
        last_action=last_action,
        gait_plan=gait_plan,
        elapsed_s=np.asarray(elapsed_s, dtype=float),
    )


def whole_command(
    observation: Observation,
    body: BodyModel,
    index: NDArray[np.intp],
    target_rad: FloatArray,
    kp: FloatArray,
    kd: FloatArray,
) -> JointCommand:
    """The whole robot's command: targets for a policy's joints, references for the others.

    The others get what carries and moves their links as feed-forward, with the base taken at rest:
    its acceleration is the policy's doing, and as measured mostly noise.

    Args:
        observation: Gives the upper body's reference, and how the robot leans.
        body: Model of the same robot.
        index: Where the policy's joints stand in the profile, shape (m,).
        target_rad: Of these joints, shape (m,).
        kp: Stiffness of all joints, shape (n,).
        kd: Damping of all joints, shape (n,).
    """
    upper = observation.upper
    pos, vel, acc = upper.pos_rad.copy(), upper.vel_rad_s.copy(), upper.acc_rad_s2.copy()
    pos[index], vel[index], acc[index] = target_rad, 0.0, 0.0
    measured = observation.state.joints.pos_rad
    effort = upper.effort_Nm + body.joint_efforts(measured, observation.base.up_B, vel, acc)
    effort[index] = 0.0
    return JointCommand(observation.now_s, pos, vel, effort, kp.copy(), kd.copy())


class OnnxPolicy:
    """Observation history and network of one bundle.

    Args:
        bundle: Checked against the same profile.
        profile: Order of the joints, and gains of those that the policy leaves to the arms.
        body: Model of the same robot; not shared across threads.
        planner: Of the classical controller, for policies that follow its plan.

    Raises:
        ConfigError: The policy follows a plan, and there is no planner.

    Attributes:
        index: Where the action's joints stand in the profile, shape (m,).
    """

    def __init__(
        self,
        bundle: Bundle,
        profile: RobotProfile,
        body: BodyModel,
        planner: WalkPlanner | None = None,
    ) -> None:
        self.bundle, self._body = bundle, body
        contract, names = bundle.contract, list(profile.joint_names)
        if contract.follows_plan and planner is None:
            raise ConfigError(f"policy '{contract.name}' follows a gait plan, and nobody makes one")
        self._planner = planner if contract.follows_plan else None
        spec = contract.action
        self._map = ActionMap(contract, names)
        self._equivalent = EquivalentAction(contract, names, body)
        self.index = self._map.index
        self._ranges = np.array(contract.command_ranges)
        self.kp = np.array([profile.kp[name] for name in names])
        self.kd = np.array([profile.kd[name] for name in names])
        self.kp[self.index], self.kd[self.index] = spec.kp, spec.kd
        builder = ObservationBuilder(contract, names)
        self.spans = builder.spans
        self._history = ObservationHistory(builder)
        self.reset()

    def reset(self) -> None:
        """Begin anew: the next state fills the history, the last action is none."""
        self._history.reset()
        self._last_action = np.zeros(len(self.index))
        self._began_s: float | None = None

    def take_over(self, sent: JointCommand, joints: JointState) -> None:
        """Count what another controller sent as this policy's last action.

        What the network observes as its last action is then what the robot does, also while it
        only runs in the shadow, and nothing jumps when it takes over.

        Args:
            sent: Last command.
            joints: As measured when it was made.
        """
        self._last_action = self._equivalent.action(sent, joints)

    def step(self, observation: Observation) -> PolicyStep:
        """One inference, at the contract's rate."""
        if self._began_s is None:
            self._began_s = observation.now_s
        elapsed_s = observation.now_s - self._began_s
        planned = _NO_PLAN if self._planner is None else self._planner.seen(observation)
        inputs = inputs_of(observation, self._last_action, planned, elapsed_s)
        low, high = self._ranges.T
        wish = np.clip(observation.velocity_command, low, high)
        inputs = PolicyInputs(**(vars(inputs) | {"velocity_command": wish}))
        seen = self._history.push(inputs)
        action = self._map.clipped(self.bundle.network.infer(seen))
        if np.all(np.isfinite(action)):
            self._last_action = action
        target = self._map.target(action)
        return PolicyStep(self._history.frames[-1].copy(), seen, action, target)

    def command(self, observation: Observation, target_rad: FloatArray) -> JointCommand:
        """The whole robot's command: targets for the policy's joints, references for the others.

        Args:
            observation: Gives the upper body's reference.
            target_rad: Of the action's joints, shape (m,).
        """
        return whole_command(observation, self._body, self.index, target_rad, self.kp, self.kd)
