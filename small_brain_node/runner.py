# SPDX-License-Identifier: Apache-2.0
"""Runs bundles behind the `Policy` seam: gate, ways to fall back, hot swap.

Who is in charge: the policy that was asked for → the one before it → the classical controller →
nobody; then the robot is lowered (`lowering/rung.py`) or, where it cannot be, the spinal cord's
stop ladder acts on the silence. A policy that fell back stays out until its bundle is offered
again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from neuraxis_common.errors import ConfigError, Rejected
from neuraxis_common.policies import CLASSICAL
from neuraxis_common.robot import JointLimits, RobotProfile
from neuraxis_common.types import JointCommand, JointState
from small_brain_node.blend import CommandShaper, is_finite, mixed
from small_brain_node.body_model import BodyModel
from small_brain_node.bundle.fit import check_rate
from small_brain_node.bundle.loader import Bundle
from small_brain_node.config import PolicyConfig
from small_brain_node.gate import Gate
from small_brain_node.onnx_policy import OnnxPolicy, PolicyStep
from small_brain_node.policy import Observation, Policy
from small_brain_node.walking.planner import WalkPlanner

# A policy may step this share of its period early, so that jitter does not skip a cycle.
EARLY = 0.1
Swap = str | Rejected
_Sent = tuple[JointCommand, JointState]


@dataclass(eq=False)
class _Seat:
    """One policy with its gate, whether it is in charge or only watches."""

    policy: OnnxPolicy
    gate: Gate
    due_s: float | None = None
    step: PolicyStep | None = None
    failure: Rejected | None = None

    @property
    def name(self) -> str:
        return self.policy.bundle.contract.name

    @property
    def follows_plan(self) -> bool:
        return self.policy.bundle.contract.follows_plan

    def reset(self) -> None:
        self.policy.reset()
        self.gate.reset()
        self.due_s = self.step = None

    def update(self, observation: Observation, sent: _Sent | None) -> None:
        """Infer where it is due; `sent` where somebody else is in charge."""
        now_s, dt_s = observation.now_s, self.policy.bundle.contract.dt_s
        if self.failure is not None:
            return
        if self.due_s is None or not abs(now_s - self.due_s) < 2.0 * dt_s:
            self.due_s = now_s
        if now_s < self.due_s - EARLY * dt_s:
            return
        self.due_s += dt_s
        if sent is not None:
            self.policy.take_over(*sent)
        step = self.policy.step(observation)
        self.failure = self.gate.check(step)
        if self.failure is not None:
            return
        unsound = not self.gate.sound and self.step is not None
        self.step = replace(step, target_rad=self.step.target_rad) if unsound else step

    def command(self, observation: Observation) -> JointCommand:
        return self.policy.command(observation, self.step.target_rad)


@dataclass(eq=False)
class _Candidate:
    """A bundle on trial beside whoever is in charge."""

    seat: _Seat
    offered_s: float
    since_s: float
    worst: tuple[str, float] = ("", 0.0)


@dataclass(eq=False)
class _Blend:
    """From somebody's live commands, or from a command that no longer changes."""

    source: _Seat | JointCommand | None
    began_s: float
    length_s: float


class PolicyRunner:
    """A `Policy` that runs bundles, and the classical controller where none is left.

    Args:
        profile: The robot.
        limits: Joint limits by name, from its URDF.
        body: Its model, for what carries the upper body; not shared across threads.
        classical: The controller below all policies.
        config: Gate, swap and blend.
        rate_hz: How often `act` is called.
        bundle: What to begin with; None for the classical controller.
        planner: Of the classical controller; policies that follow a plan go on in its stride, and
            it in theirs.

    Attributes:
        planner: As given.
        notes: What happened since they were last taken: fallbacks and ends of swaps.
        swap: ``none``, ``shadow``, ``blend``, ``done``, or why the last offer was refused.

    Raises:
        ConfigError: The bundle's period does not fit `rate_hz`, or it follows a plan that nobody
            makes.
    """

    def __init__(
        self,
        profile: RobotProfile,
        limits: Mapping[str, JointLimits],
        body: BodyModel,
        classical: Policy,
        config: PolicyConfig,
        rate_hz: float,
        bundle: Bundle | None = None,
        planner: WalkPlanner | None = None,
    ) -> None:
        self._profile, self._limits, self._body = profile, limits, body
        self._classical, self.planner = classical, planner
        self._config, self._rate_hz = config, rate_hz
        self._shaper = CommandShaper(profile, limits)
        self._previous: _Seat | None = None
        self._candidate: _Candidate | None = None
        self._blend: _Blend | None = None
        # The last command, and the joints that it answered.
        self._sent: JointCommand | None = None
        self._seen: JointState | None = None
        self.notes: list[str] = []
        self.swap: Swap = "none"
        if bundle is not None:
            refusal = check_rate(bundle.contract, rate_hz)
            if refusal is not None:
                raise ConfigError(refusal.reason)
        self._active = None if bundle is None else self._seat(bundle)

    @property
    def in_charge(self) -> str:
        """Name of the policy whose commands are sent, or ``classical``."""
        return CLASSICAL if self._active is None else self._active.name

    @property
    def last_step(self) -> PolicyStep | None:
        """Newest inference of the policy in charge."""
        return None if self._active is None else self._active.step

    def reset(self) -> None:
        """Begin anew from the next measured state; who fell back stays out."""
        self._classical.reset()
        for seat in self._seats():
            seat.reset()
        self._sent, self._seen, self._blend = None, None, None
        if self.swap == "blend":
            self.swap = "done"
        if self._candidate is not None:
            self._candidate.offered_s = self._candidate.since_s = np.nan

    def offer(self, now_s: float, bundle: Bundle) -> Rejected | None:
        """Let a bundle run in the shadow and take over if it agrees; or say why not."""
        if self._candidate is not None or self.swap == "blend":
            return Rejected("swap_busy", "another bundle is on trial or being blended in")
        refusal = check_rate(bundle.contract, self._rate_hz)
        if refusal is None:
            self._candidate = _Candidate(self._seat(bundle), now_s, now_s)
            self.swap = "shadow"
        return refusal

    def act(self, observation: Observation) -> JointCommand | Rejected:
        """One step, at the rate of the small brain."""
        if self._sent is None and self._active is not None:
            hold = self._shaper.hold(observation.now_s, observation.state)
            self._sent = hold
            self._blend = _Blend(hold, observation.now_s, self._config.blend_s)
        sent = None if self._sent is None else (self._sent, self._seen or observation.state.joints)
        if any(seat.follows_plan for seat in self._seats()):
            # At the controller's rate, also where a policy steps more slowly.
            self.planner.advance(observation)
        for seat in self._seats():
            seat.update(observation, None if seat is self._active else sent)
        self._fall_back(observation.now_s)
        live = self._command_of(self._active, observation)
        if isinstance(live, Rejected):
            return live
        self._try_swap(observation, live)
        command = self._blended(observation, live)
        if isinstance(command, Rejected):
            return command
        self._sent, self._seen = self._shaper.shaped(command, self._sent), observation.state.joints
        return self._sent

    def take_notes(self) -> list[str]:
        """What happened since the last call, for the log."""
        notes, self.notes = self.notes, []
        return notes

    def _seat(self, bundle: Bundle) -> _Seat:
        policy = OnnxPolicy(bundle, self._profile, self._body, self.planner)
        return _Seat(policy, Gate(bundle, policy.spans, self._limits, self._config))

    def _seats(self) -> list[_Seat]:
        trial = None if self._candidate is None else self._candidate.seat
        return [seat for seat in (self._active, self._previous, trial) if seat is not None]

    def _fall_back(self, now_s: float) -> None:
        if self._previous is not None and self._previous.failure is not None:
            self.notes.append(f"'{self._previous.name}' is lost: {self._previous.failure.reason}")
            self._previous = None
        if self._active is None or self._active.failure is None:
            return
        failed, self._active, self._previous = self._active, self._previous, None
        self.notes.append(
            f"'{failed.name}' fell back to '{self.in_charge}': {failed.failure.reason}"
        )
        if self.swap == "blend":
            self.swap = failed.failure
        self._blend = _Blend(self._sent, now_s, self._config.fallback_s)
        if self._active is None and not failed.follows_plan:
            self._classical.reset()

    def _command_of(
        self, who: _Seat | JointCommand | None, observation: Observation
    ) -> JointCommand | Rejected:
        if isinstance(who, JointCommand):
            return who
        if who is not None:
            return who.command(observation)
        try:
            command = self._classical.act(observation)
        except np.linalg.LinAlgError as error:
            command = Rejected("no_controller", f"the classical controller failed: {error}")
        if not isinstance(command, Rejected) and not is_finite(command):
            reason = "the classical controller's command is not finite"
            command = Rejected("no_controller", reason)
        if isinstance(command, Rejected):
            self._classical.reset()
        return command

    def _try_swap(self, observation: Observation, live: JointCommand) -> None:
        trial = self._candidate
        if trial is None:
            return
        now_s = observation.now_s
        if np.isnan(trial.since_s):
            trial.offered_s = trial.since_s = now_s
        if trial.seat.failure is not None:
            self._refuse(trial.seat.failure)
            return
        joint, share = self._divergence(trial.seat, observation, live)
        if share > self._config.divergence_share:
            trial.since_s = now_s
            trial.worst = max(trial.worst, (joint, share), key=lambda row: row[1])
        if now_s - trial.since_s >= self._config.shadow_s:
            self._promote(trial.seat, now_s)
        elif now_s - trial.offered_s >= self._config.shadow_timeout_s:
            joint, share = trial.worst
            bound = self._config.divergence_share
            reason = (
                f"joint '{joint}' would get an effort that differs by {share:.2f} of its limit"
                f" from '{self.in_charge}', allowed {bound}"
            )
            details = {"joint": joint, "value": share, "bound": bound}
            self._refuse(Rejected("swap_diverges", reason, details))

    def _divergence(
        self, seat: _Seat, observation: Observation, live: JointCommand
    ) -> tuple[str, float]:
        """The policy's joint whose effort would change most, and by which share of its limit."""
        shadow = self._shaper.shaped(seat.command(observation), None)
        theirs = self._shaper.effort_share(shadow, observation.state)
        ours = self._shaper.effort_share(live, observation.state)
        index = seat.policy.index
        gap = np.abs(theirs - ours)[index]
        worst = int(np.argmax(gap))
        return self._profile.joint_names[index[worst]], float(gap[worst])

    def _promote(self, seat: _Seat, now_s: float) -> None:
        self.notes.append(f"'{seat.name}' takes over from '{self.in_charge}'")
        self._previous, self._active, self._candidate = self._active, seat, None
        self._blend = _Blend(self._previous, now_s, self._config.blend_s)
        self.swap = "blend"

    def _refuse(self, why: Rejected) -> None:
        self.notes.append(f"'{self._candidate.seat.name}' is not taken: {why.reason}")
        self._candidate, self.swap = None, why

    def _blended(self, observation: Observation, live: JointCommand) -> JointCommand | Rejected:
        blend = self._blend
        if blend is None:
            return live
        share = (observation.now_s - blend.began_s) / blend.length_s
        lost = isinstance(blend.source, _Seat) and blend.source.failure is not None
        if lost:
            blend.source = self._sent
        if not 0.0 <= share < 1.0:
            self._blend = None
            self.swap = "done" if self.swap == "blend" else self.swap
            return live
        source = self._command_of(blend.source, observation)
        return live if isinstance(source, Rejected) else mixed(source, live, share)
