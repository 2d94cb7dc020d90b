# SPDX-License-Identifier: Apache-2.0
"""The seam that every whole-body controller fills, classical or learned."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from neuraxis_common.errors import Rejected
from neuraxis_common.types import FloatArray, JointCommand, RobotState
from small_brain_node.lowering.way import LowReference
from small_brain_node.odometry import BaseEstimate


@dataclass(frozen=True)
class UpperReference:
    """Where waist, head, arms and fingers should be now. Shapes (n,), order of the profile.

    Entries of leg joints are ignored: the legs belong to the policy. `effort_Nm` comes on top of
    what carries the joint's own weight.
    """

    pos_rad: FloatArray
    vel_rad_s: FloatArray
    acc_rad_s2: FloatArray
    effort_Nm: FloatArray


@dataclass(frozen=True)
class Observation:
    """Input of one policy step: clock, measurement, base estimate, tasks of upper body and legs.

    Attributes:
        velocity_command: Forward m/s, left m/s and turn rad/s that are asked for, shape (3,).
        low: How low to be; policies that only stand and walk do not read it.
    """

    now_s: float
    state: RobotState
    base: BaseEstimate
    upper: UpperReference
    velocity_command: FloatArray = field(default_factory=lambda: np.zeros(3))
    low: LowReference = field(default_factory=LowReference)


class Policy(Protocol):
    """Keeps its balance and tracks the upper-body reference."""

    def reset(self) -> None:
        """Forget everything; the next step starts from its measured state without a jump."""

    def act(self, observation: Observation) -> JointCommand | Rejected:
        """One step, at the rate of the small brain.

        Returns:
            The command; `Rejected` where nothing can be commanded any more. Then the next rung
            acts; where none is left nothing is sent, and the spinal cord's watchdog takes the robot
            down its stop ladder.
        """
