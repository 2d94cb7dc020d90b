# SPDX-License-Identifier: Apache-2.0
"""One two-finger gripper: position target with a force limit, judged by measured fingers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neuraxis_common.errors import Rejected
from neuraxis_common.robot import GripperProfile

# Fingers slower than this do not move; measured speed noise stays below it.
STILL_M_S = 0.004
STILL_FOR_S = 0.12
AT_TARGET_M = 0.0015
# Share of the asked force that fingers on an object must measure, friction taken off.
PRESSING_SHARE = 0.3
MIN_FORCE_N = 1.0
# Time for the full force to settle once the fingers have met something.
SQUEEZE_S = 0.1


@dataclass(frozen=True)
class GripReport:
    """What the fingers measure.

    Attributes:
        width_m: Opening between the pads.
        effort_N: Force of each pad as measured at the joint, positive when closing.
        holding: Whether the fingers are kept apart by an object that they press on.
    """

    width_m: float
    effort_N: float
    holding: bool


@dataclass(frozen=True)
class FingerCommand:
    """Position target of the finger joint in m and the effort on top of its stiffness in N."""

    pos_m: float
    effort_N: float = 0.0


@dataclass(frozen=True)
class _Order:
    start_s: float
    target_m: float
    force_N: float
    closing: bool


class Gripper:
    """Drives one gripper joint; q is the travel of each finger, the opening is 2 q.

    Args:
        profile: Limits and the ratio of joint effort to pad force.
        kp: Stiffness of the gripper joint, N/m.
        speed_m_s: Speed of each finger.
        timeout_s: Longest time to reach the width or stall.
    """

    def __init__(
        self, profile: GripperProfile, kp: float, speed_m_s: float, timeout_s: float
    ) -> None:
        self._profile, self._kp = profile, kp
        self._speed_m_s, self._timeout_s = speed_m_s, timeout_s
        self._order: _Order | None = None
        self.reset(None)

    def reset(self, q_m: float | None) -> None:
        """Hold at a measured opening (None: at the first one measured) and forget any order."""
        self._hold_m, self._ref_m = q_m, q_m
        self._order = None
        self._still_since_s: float | None = None
        self._squeeze: tuple[float, FingerCommand] | None = None
        self._outcome: str | Rejected = "idle"
        self._q_m, self._effort_N = 0.0, 0.0

    def order(self, now_s: float, width_m: float, force_N: float) -> Rejected | None:
        """Start closing or opening to a width, pressing with at most this force per pad."""
        limits = self._profile
        wanted = (("width_m", width_m, 0.0, limits.max_opening_m + 1e-6),)
        wanted += (("force_N", force_N, MIN_FORCE_N, limits.max_force_N),)
        for label, value, low, high in wanted:
            if not low <= value <= high:
                reason = f"grip {label} must be in [{low}, {high:g}], got {value}"
                return Rejected("grip_limit", reason, {"value": value, "bound": [low, high]})
        if self._ref_m is None:
            return Rejected("no_state", "the gripper has not been measured yet")
        target_m = width_m / 2
        self._order = _Order(now_s, target_m, force_N, closing=target_m < self._q_m)
        # The ramp starts at the fingers, not where an earlier order left its target.
        self._ref_m, self._still_since_s, self._outcome = self._q_m, None, "running"
        self._squeeze = None
        return None

    def update(
        self, now_s: float, dt_s: float, q_m: float, vel_m_s: float, effort: float
    ) -> FingerCommand:
        """Take one measurement; returns the command for the finger joint."""
        self._q_m = q_m
        self._effort_N = -effort / self._profile.effort_per_force
        if self._ref_m is None:
            self._hold_m = self._ref_m = q_m
        order = self._order
        if order is None:
            return FingerCommand(float(self._hold_m))
        step = self._speed_m_s * dt_s
        self._ref_m += float(np.clip(order.target_m - self._ref_m, -step, step))
        if self._outcome == "running":
            self._judge(now_s, order, vel_m_s)
        if self._squeeze is not None:
            return self._squeeze[1]
        reach_m = order.force_N * self._profile.effort_per_force / self._kp
        return FingerCommand(float(np.clip(self._ref_m, q_m - reach_m, q_m + reach_m)))

    def status(self) -> str | GripReport | Rejected:
        """``idle``, ``running``, why it failed, or what the stopped fingers measure now."""
        return self.report() if self._outcome == "succeeded" else self._outcome

    def report(self) -> GripReport:
        """What the fingers measure at this moment."""
        return GripReport(2 * self._q_m, self._effort_N, self._holding())

    def abandon(self, reason: Rejected) -> None:
        """Give up an order under way; the fingers hold where they are."""
        if self._outcome == "running":
            q_m = self._q_m
            self.reset(q_m)
            self._q_m, self._outcome = q_m, reason

    def _holding(self) -> bool:
        order = self._order
        if order is None or not order.closing:
            return False
        apart = self._q_m > order.target_m + AT_TARGET_M
        return apart and self._effort_N > PRESSING_SHARE * order.force_N

    def _judge(self, now_s: float, order: _Order, vel_m_s: float) -> None:
        if abs(vel_m_s) > STILL_M_S:
            self._still_since_s = None
        elif self._still_since_s is None:
            self._still_since_s = now_s
        still = self._still_since_s is not None and now_s - self._still_since_s >= STILL_FOR_S
        off_m = self._q_m - order.target_m
        if still and order.closing and off_m > AT_TARGET_M and self._effort_N > MIN_FORCE_N:
            if self._squeeze is None:
                self._squeeze = (now_s, self._full_force(order))
            elif now_s - self._squeeze[0] >= SQUEEZE_S:
                self._outcome = "succeeded"
        elif still and (abs(off_m) <= AT_TARGET_M or self._ref_m == order.target_m):
            self._outcome = "succeeded"
        if self._outcome == "running" and now_s - order.start_s > self._timeout_s:
            details = {"width_m": 2 * self._q_m, "bound": self._timeout_s}
            reason = f"the fingers neither arrived nor stalled within {self._timeout_s} s"
            self._outcome = Rejected("grip_timeout", reason, details)

    def _full_force(self, order: _Order) -> FingerCommand:
        """Press with the asked force on what stopped the fingers.

        The target stays within the joint's travel; effort makes up for the stiffness it lacks. A
        part that is lost lets the fingers close, so the force cannot build up on nothing.
        """
        effort_N = order.force_N * self._profile.effort_per_force
        pos_m = max(self._q_m - effort_N / self._kp, 0.0)
        return FingerCommand(pos_m, self._kp * (self._q_m - pos_m) - effort_N)
