# SPDX-License-Identifier: Apache-2.0
"""A policy seat shared by expert and student: one of them drives, the expert always says how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from neuraxis_common.errors import Rejected
from neuraxis_common.robot import JointLimits, RobotProfile
from neuraxis_common.types import FloatArray, JointCommand
from neuraxis_field.control.student import Student
from small_brain_node.action_map import ActionMap, EquivalentAction
from small_brain_node.blend import CommandShaper
from small_brain_node.body_model import BodyModel
from small_brain_node.bundle.contract import PolicyContract
from small_brain_node.observation import (
    Float32Array,
    ObservationBuilder,
    ObservationHistory,
    PolicyInputs,
)
from small_brain_node.onnx_policy import inputs_of, whole_command
from small_brain_node.policy import Observation
from small_brain_node.walking.controller import WalkingController

# Time constant of the disturbance on the expert's actions.
NOISE_S = 0.05
# Until its first command arrives, the spinal cord does not run.
START_STEPS = 10


@dataclass(frozen=True)
class Driving:
    """Who drives in an episode.

    Attributes:
        expert_share: Chance that the expert drives a turn; the student drives the others.
        turn_s: Length of a turn.
        noise: Deviation of a disturbance on the expert's actions, in units of output.
    """

    expert_share: float = 1.0
    turn_s: float = 1.0
    noise: float = 0.0


class Apprentice:
    """Expert and student on the same measured states.

    Args:
        expert: Says what to do in every state, whoever drives; its plan is the student's, too.
        student: None where there is none yet; then the expert drives.
        contract: Of the student.
        profile: Of the robot.
        limits: Joint limits by name.
        body: Model of the robot, not the expert's own.
        driving: Who drives.
        rng: Draws turns and disturbance.

    Attributes:
        frames: Newest frame of each step's observation, shape (frame_size,) each.
        labels: The expert's action in each step, shape (m,) each.
        over: Set once the expert has no answer or the robot was stopped.
    """

    def __init__(
        self,
        expert: WalkingController,
        student: Student | None,
        contract: PolicyContract,
        profile: RobotProfile,
        limits: Mapping[str, JointLimits],
        body: BodyModel,
        driving: Driving,
        rng: np.random.Generator,
    ) -> None:
        self._expert, self._student, self._driving, self._rng = expert, student, driving, rng
        names = profile.joint_names
        self._body, self._map = body, ActionMap(contract, names)
        self._label = EquivalentAction(contract, names, body)
        self._history = ObservationHistory(ObservationBuilder(contract, names))
        self._shaper = CommandShaper(profile, limits)
        self._ranges = np.array(contract.command_ranges)
        self._kp = np.array([profile.kp[name] for name in names])
        self._kd = np.array([profile.kd[name] for name in names])
        index = self._map.index
        self._kp[index], self._kd[index] = contract.action.kp, contract.action.kd
        self._dt_s = contract.dt_s
        self.frames: list[Float32Array] = []
        self.labels: list[FloatArray] = []
        self.over = False
        self._begin()

    def _begin(self) -> None:
        self._last_action = np.zeros(len(self._map.index))
        self._noise = np.zeros(len(self._map.index))
        self._sent: JointCommand | None = None
        self._began_s: float | None = None
        self._turn_ends_s, self._expert_drives = -np.inf, True
        self._history.reset()

    def reset(self) -> None:
        """The spinal cord stopped the robot, or has not begun to run."""
        self.over = len(self.frames) > START_STEPS
        if not self.over:
            self.frames.clear()
            self.labels.clear()
        self._expert.reset()
        self._begin()

    def act(self, observation: Observation) -> JointCommand | Rejected:
        """One step at the contract's rate."""
        if self._began_s is None:
            self._began_s = observation.now_s
        seen = self._history.push(self._inputs(observation))
        try:
            asked = self._expert.act(observation)
        except np.linalg.LinAlgError as error:
            asked = Rejected("no_controller", str(error))
        if isinstance(asked, Rejected) or self.over:
            self.over = True
            return Rejected("episode_over", "the expert has no answer")
        label = self._label.action(asked, observation.state.joints)
        self.frames.append(self._history.frames[-1].copy())
        self.labels.append(label)
        action = self._drive(observation.now_s, seen, label)
        self._last_action = action
        target = self._map.target(action)
        command = whole_command(
            observation, self._body, self._map.index, target, self._kp, self._kd
        )
        self._sent = self._shaper.shaped(command, self._sent)
        return self._sent

    def _inputs(self, observation: Observation) -> PolicyInputs:
        planned = self._expert.planner.seen(observation)
        elapsed_s = observation.now_s - self._began_s
        inputs = inputs_of(observation, self._last_action, planned, elapsed_s)
        low, high = self._ranges.T
        return replace(inputs, velocity_command=np.clip(inputs.velocity_command, low, high))

    def _drive(self, now_s: float, seen: Float32Array, label: FloatArray) -> FloatArray:
        driving, rng = self._driving, self._rng
        if now_s >= self._turn_ends_s:
            self._turn_ends_s = now_s + driving.turn_s
            self._expert_drives = bool(rng.uniform() < driving.expert_share)
        if self._student is not None and not self._expert_drives:
            return self._map.clipped(self._student.act(seen))
        share = self._dt_s / NOISE_S
        fresh = rng.normal(0.0, 1.0, len(label)) * np.sqrt(2.0 * share)
        self._noise += driving.noise * fresh - share * self._noise
        return self._map.clipped(label + self._noise)
