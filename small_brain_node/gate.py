# SPDX-License-Identifier: Apache-2.0
"""Judges every output of a policy before it becomes a command."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from neuraxis_common.errors import Rejected
from neuraxis_common.robot import JointLimits
from neuraxis_common.types import FloatArray
from small_brain_node.bundle.card import whitening
from small_brain_node.bundle.loader import Bundle
from small_brain_node.config import PolicyConfig
from small_brain_node.onnx_policy import PolicyStep

# What the spinal cord lets a target step beyond the joint's speed.
POSITION_STEP_RAD = 0.05
# Good steps make up for bad ones at this rate.
FORGIVENESS = 0.5
# Least width of a range, after scaling: a joint that training did not move, such as the head, is
# commanded to where it was measured, some mrad from its ready pose.
MIN_SPAN = 0.05
# What one step to and fro counts for at most: a single wild one is not sent, and is no noise.
MOST_TURNED = 0.6
# Larger changes of an observation must change the action; a network repeats itself bit by bit only
# when it does not look, so this needs no patience. With a second step of it the A3 fell where it
# came early or late in a stride.
MOVED = 1e-5


class Gate:
    """Output and input checks of one policy.

    A number that is not finite fails at once. Targets beyond the joint limits and targets that step
    faster than the joint can move are not to be sent; they, targets that dart to and fro,
    observations unlike those of training and outputs that do not follow the observation fail when
    they last: each counts its time, good steps pay it back.

    Args:
        bundle: Whose outputs are judged.
        spans: Where each term lies in a frame.
        limits: Joint limits by name.
        config: Slack and patience.

    Attributes:
        sound: Whether the last step's target may be sent.
    """

    def __init__(
        self,
        bundle: Bundle,
        spans: Mapping[str, slice],
        limits: Mapping[str, JointLimits],
        config: PolicyConfig,
    ) -> None:
        self._config, self._joints = config, bundle.contract.action.joints
        self._dt_s = bundle.contract.dt_s
        self._low = np.array([limits[name].lower for name in self._joints])
        self._high = np.array([limits[name].upper for name in self._joints])
        self._reach = POSITION_STEP_RAD + self._dt_s * np.array(
            [limits[name].velocity for name in self._joints]
        )
        self._learn(bundle, spans)
        self.reset()

    def _learn(self, bundle: Bundle, spans: Mapping[str, slice]) -> None:
        """Bounds and whitening of a frame from the card."""
        size = max(span.stop for span in spans.values())
        self._terms = tuple(spans)
        self._starts = np.array([span.start for span in spans.values()])
        self._mean, self._whiten = np.zeros(size), np.zeros((size, size))
        self._frame_low, self._frame_high = np.zeros(size), np.zeros(size)
        self._usual = np.zeros(len(spans))
        for i, (name, span) in enumerate(spans.items()):
            row = bundle.card.statistics[name]
            self._mean[span] = row.mean
            self._whiten[span, span] = whitening(row.covariance)
            slack = self._config.range_margin * np.maximum(row.high - row.low, MIN_SPAN)
            self._frame_low[span], self._frame_high[span] = row.low - slack, row.high + slack
            self._usual[i] = row.distance_max * np.sqrt(len(row.mean))

    def reset(self) -> None:
        """Forget all counts."""
        self.sound = True
        self._spent_s: dict[str, float] = {}
        self._last: PolicyStep | None = None
        self._stepped_rad: FloatArray | None = None
        self._restlessness = 0.0

    def check(self, step: PolicyStep) -> Rejected | None:
        """Judge one step; once it returns a reason, the policy must not be used any further."""
        if not np.all(np.isfinite(step.frame)):
            return Rejected("policy_input", "the policy's observation is not finite")
        bad = np.flatnonzero(~np.isfinite(step.target_rad))
        if len(bad):
            joint = self._joints[bad[0]]
            reason = f"the policy's output for '{joint}' is not finite"
            return Rejected("policy_not_finite", reason, {"joint": joint})
        beyond, fast = self._beyond(step.target_rad), self._too_fast(step)
        self.sound = beyond is None and fast is None
        patience_s = self._config.gate_patience_s
        found = (
            self._count("policy_limits", beyond, patience_s)
            or self._count("policy_rate", fast, patience_s)
            or self._restless(step)
            or self._count("policy_unfamiliar", self._unfamiliar(step), patience_s)
            or self._count("policy_frozen", self._frozen(step), self._dt_s / 2)
        )
        self._last = step
        return found

    def _count(
        self, code: str, complaint: tuple[str, float, float] | None, patience_s: float
    ) -> Rejected | None:
        spent = self._spent_s.get(code, 0.0)
        if complaint is None:
            self._spent_s[code] = max(spent - FORGIVENESS * self._dt_s, 0.0)
            return None
        self._spent_s[code] = spent + self._dt_s
        if self._spent_s[code] < patience_s:
            return None
        what, value, bound = complaint
        reason = f"{what} {value:.4g}, allowed {bound:.4g}, for {self._spent_s[code]:.2f} s"
        return Rejected(code, reason, {"value": value, "bound": bound})

    def _beyond(self, target_rad: FloatArray) -> tuple[str, float, float] | None:
        excess = np.maximum(self._low - target_rad, target_rad - self._high)
        worst = int(np.argmax(excess))
        if excess[worst] <= self._config.limit_slack_rad:
            return None
        what = f"the policy's target for '{self._joints[worst]}' is beyond its limits by rad"
        return what, float(excess[worst]), self._config.limit_slack_rad

    def _too_fast(self, step: PolicyStep) -> tuple[str, float, float] | None:
        if self._last is None:
            return None
        moved = np.abs(step.target_rad - self._last.target_rad) / self._reach
        worst = int(np.argmax(moved))
        if moved[worst] <= self._config.rate_margin:
            return None
        what = f"the policy's target for '{self._joints[worst]}' steps by reaches of the joint"
        return what, float(moved[worst]), self._config.rate_margin

    def _restless(self, step: PolicyStep) -> Rejected | None:
        """Noise within a joint's reach: each step may pass, but not one after the other.

        A sound policy does so, too, for up to 0.14 s when its robot stumbles with a load; noise
        goes on.
        """
        if self._last is None:
            return None
        stepped_rad = step.target_rad - self._last.target_rad
        before_rad, self._stepped_rad = self._stepped_rad, stepped_rad
        if before_rad is None:
            return None
        back = stepped_rad * before_rad < 0.0
        least_rad = np.minimum(np.abs(stepped_rad), np.abs(before_rad))
        turned = float(np.mean(np.where(back, least_rad, 0.0) / self._reach))
        more = min(turned, MOST_TURNED) - self._config.restless_margin
        self._restlessness = max(self._restlessness + more, 0.0)
        value, bound = self._restlessness, self._config.restless_bound
        if value <= bound:
            return None
        what = "the policy's targets dart to and fro by reaches of a joint, added up"
        reason = f"{what} {value:.4g}, allowed {bound:.4g}"
        return Rejected("policy_restless", reason, {"value": value, "bound": bound})

    def _unfamiliar(self, step: PolicyStep) -> tuple[str, float, float] | None:
        frame = step.frame.astype(float)
        squares = (self._whiten @ (frame - self._mean)) ** 2
        distance = np.sqrt(np.add.reduceat(squares, self._starts)) / self._usual
        worst = int(np.argmax(distance))
        if distance[worst] > self._config.distance_margin:
            what = (
                f"observation '{self._terms[worst]}' is unlike training: distance over its largest"
            )
            return what, float(distance[worst]), self._config.distance_margin
        out = np.maximum(self._frame_low - frame, frame - self._frame_high)
        at = int(np.argmax(out))
        if out[at] > 0.0:
            term = self._terms[int(np.searchsorted(self._starts, at, side="right")) - 1]
            return f"observation '{term}' leaves the range of training by", float(out[at]), 0.0
        return None

    def _frozen(self, step: PolicyStep) -> tuple[str, float, float] | None:
        if self._last is None or np.any(step.action != self._last.action):
            return None
        moved = float(np.abs(step.frame - self._last.frame).max())
        if moved <= MOVED:
            return None
        return "the policy's output stays while its observation changes by", moved, MOVED
