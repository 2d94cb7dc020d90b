# SPDX-License-Identifier: Apache-2.0
"""The rung below all balance policies: the robot is lowered while it can still be balanced."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

import numpy as np

from neuraxis_common.errors import Rejected
from neuraxis_common.robot import RobotProfile
from neuraxis_common.types import FloatArray, JointCommand, RobotState
from small_brain_node.blend import is_finite, mixed
from small_brain_node.body_model import BodyModel
from small_brain_node.lowering.posture import Posture, PostureCheck
from small_brain_node.lowering.settings import LoweringSettings
from small_brain_node.lowering.way import LowWay
from small_brain_node.policy import Observation, Policy

_LONGEST_S = 0.1


class LowPhase(Enum):
    """What the robot does about its height."""

    UP = "up"
    STOPPING = "stopping"
    LOWERING = "lowering"
    LOW = "low"
    RISING = "rising"
    LOOKING = "looking"
    LIMP = "limp"


class LoweringRung:
    """Lets a policy balance the robot, and lowers it on request or when the policy gives up.

    Up again it comes by `stand_up` alone. A robot that is low when its spinal cord begins to run
    stays as it is; where it does not come to rest on its soles, its joints only damp.

    Args:
        profile: The robot.
        body: Its model; not shared across threads.
        policy: Balances while the robot is up.
        lowering: Moves it down and up, as low as `Observation.low` says.
        settings: Tuning and bounds.

    Attributes:
        phase: What it does now.
        cause: Why it went down or stays down without a request; None otherwise.
        notes: What happened since they were last taken.
    """

    def __init__(
        self,
        profile: RobotProfile,
        body: BodyModel,
        policy: Policy,
        lowering: Policy,
        settings: LoweringSettings | None = None,
    ) -> None:
        self._policy, self._lowering = policy, lowering
        self._settings = settings = settings or LoweringSettings.of(profile.name)
        self._check = PostureCheck(profile, body, settings)
        self._way = LowWay(settings)
        self._lower, self._upper = body.lower_rad, body.upper_rad
        columns = (profile.kp, profile.kd, profile.kd_damping)
        self._kp, self._kd, self._kd_damping = (
            np.array([column[name] for name in profile.joint_names]) for column in columns
        )
        self.notes: list[str] = []
        self._posture: Posture | None = None
        self._fresh = True
        self._now_s: float | None = None
        self._last: JointCommand | None = None
        self._from: tuple[float, JointCommand] | None = None
        self._begin(LowPhase.UP)

    @property
    def posture(self) -> Posture | None:
        """As measured in the last step."""
        return self._posture

    @property
    def is_up(self) -> bool:
        """Whether the policy balances, so that arms and legs may be told to move."""
        return self.phase is LowPhase.UP

    def _begin(self, phase: LowPhase, cause: Rejected | None = None) -> None:
        self.phase, self.cause = phase, cause
        self._still_s = self._waited_s = 0.0

    def reset(self) -> None:
        """Begin anew from the next measured state: up where it stands, down where it is low."""
        self._policy.reset()
        self._lowering.reset()
        self._fresh, self._now_s = True, None
        self._last = self._from = None

    def lower(self) -> Rejected | None:
        """Come to rest and go down, or say why not; no matter where it is already on its way."""
        if self._posture is None:
            return Rejected("no_state", "the robot has not been measured yet")
        if self.phase is LowPhase.UP:
            if self._posture.tilt_rad > self._settings.tilt_max_rad:
                return self._check.refusal(self._posture)
            self._begin(LowPhase.STOPPING)
        elif self.phase is LowPhase.RISING:
            self._begin(LowPhase.LOWERING)
            self._way.go(1.0)
        return None

    def stand_up(self) -> Rejected | None:
        """Rise from where the robot is, or say why it cannot."""
        if self._posture is None:
            return Rejected("no_state", "the robot has not been measured yet")
        if self.phase is LowPhase.STOPPING:
            self._begin(LowPhase.UP)
        if self.phase in (LowPhase.UP, LowPhase.RISING):
            return None
        refusal = self._check.refusal(self._posture)
        if refusal is not None:
            return refusal
        if self.phase in (LowPhase.LOOKING, LowPhase.LIMP):
            self._way.begin(self._check.way(self._posture))
        self._way.go(0.0)
        self._begin(LowPhase.RISING)
        return None

    def act(self, observation: Observation) -> JointCommand | Rejected:
        """One step, at the rate of the small brain."""
        now_s = observation.now_s
        dt_s = 0.0 if self._now_s is None else min(max(now_s - self._now_s, 0.0), _LONGEST_S)
        self._now_s = now_s
        self._posture = posture = self._check.measure(observation.state, observation.base)
        if self._fresh:
            self._fresh = False
            self._start(posture, observation.state)
        self._change_phase(posture, dt_s)
        if self.phase in (LowPhase.LOOKING, LowPhase.LIMP):
            return self._lie(now_s, observation.state)
        if self.phase in (LowPhase.UP, LowPhase.STOPPING):
            command = self._balance(observation, posture)
        else:
            command = self._move(observation, dt_s)
        if isinstance(command, Rejected):
            return command
        self._last = self._blended(command)
        return self._last

    def take_notes(self) -> list[str]:
        """What happened since the last call, for the log."""
        notes, self.notes = self.notes, []
        return notes

    def _start(self, posture: Posture, state: RobotState) -> None:
        """Where it is when the spinal cord begins to run."""
        low = self._check.is_low(posture)
        self._begin(LowPhase.LOOKING if low else LowPhase.UP)
        self._found_rad = np.clip(state.joints.pos_rad, self._lower, self._upper)

    def _change_phase(self, posture: Posture, dt_s: float) -> None:
        if self.phase is LowPhase.STOPPING:
            self._stop(posture, dt_s)
        elif self.phase is LowPhase.LOOKING:
            self._look(posture, dt_s)
        elif self.phase is LowPhase.LOWERING and self._way.arrived:
            self._begin(LowPhase.LOW, self.cause)
        elif self.phase is LowPhase.RISING and self._way.arrived:
            self._still_s = self._still_s + dt_s if self._check.at_rest(posture) else 0.0
            if self._still_s >= self._settings.rest_s:
                self._begin(LowPhase.UP)
                self._policy.reset()
                self._take_over()

    def _look(self, posture: Posture, dt_s: float) -> None:
        """Whether it rests on its soles; forces swing for a moment after a stop."""
        self._waited_s += dt_s
        refusal = self._check.refusal(posture)
        if refusal is None:
            self._begin(LowPhase.LOW)
            self._way.begin(self._check.way(posture))
        elif self._waited_s >= self._settings.rest_s:
            self._begin(LowPhase.LIMP, refusal)

    def _stop(self, posture: Posture, dt_s: float) -> None:
        k = self._settings
        self._waited_s += dt_s
        self._still_s = self._still_s + dt_s if self._check.at_rest(posture) else 0.0
        if self._still_s >= k.rest_s:
            self._go_down(posture)
        elif self._waited_s > k.rest_timeout_s:
            self.notes.append(f"stays up: not at rest on both feet within {k.rest_timeout_s} s")
            self._begin(LowPhase.UP)

    def _go_down(self, posture: Posture, cause: Rejected | None = None) -> None:
        self._begin(LowPhase.LOWERING, cause)
        self._way.begin(self._check.way(posture))
        self._way.go(1.0)
        self._lowering.reset()
        self._take_over()

    def _balance(self, observation: Observation, posture: Posture) -> JointCommand | Rejected:
        """What the policy says; the way down where it has nothing to say any more."""
        if self.phase is LowPhase.STOPPING:
            observation = replace(observation, velocity_command=np.zeros(3))
        command = self._policy.act(observation)
        if not isinstance(command, Rejected) or self._check.refusal(posture) is not None:
            return command
        self.notes.append(f"goes down: {command.reason}")
        self._go_down(posture, command)
        return self._move(observation, 0.0)

    def _move(self, observation: Observation, dt_s: float) -> JointCommand | Rejected:
        try:
            command = self._lowering.act(replace(observation, low=self._way.advance(dt_s)))
        except np.linalg.LinAlgError as error:
            command = Rejected("no_controller", f"the lowering failed: {error}")
        if not isinstance(command, Rejected) and not is_finite(command):
            command = Rejected("no_controller", "the lowering's command is not finite")
        return command

    def _lie(self, now_s: float, state: RobotState) -> JointCommand:
        """Stay as found for a look, then damp."""
        zero: FloatArray = np.zeros(len(self._kp))
        if self.phase is LowPhase.LOOKING:
            pos, kp, kd = self._found_rad, self._kp, self._kd
        else:
            pos = np.clip(state.joints.pos_rad, self._lower, self._upper)
            kp, kd = zero, self._kd_damping
        return JointCommand(now_s, pos.copy(), zero, zero.copy(), kp.copy(), kd.copy())

    def _take_over(self) -> None:
        """From here on, go over from the last command to another controller's."""
        self._from = None if self._last is None else (self._last.stamp_s, self._last)

    def _blended(self, command: JointCommand) -> JointCommand:
        if self._from is None:
            return command
        began_s, source = self._from
        share = (command.stamp_s - began_s) / self._settings.blend_s
        if not 0.0 <= share < 1.0:
            self._from = None
            return command
        return mixed(source, command, share)
