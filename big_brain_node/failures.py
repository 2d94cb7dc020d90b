# SPDX-License-Identifier: Apache-2.0
"""What failed in this job, so that nothing is tried the same way again, whoever plans it anew."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from big_brain_node.compiler.compile import Grounded
from big_brain_node.ports import Carry
from big_brain_node.skills import Attempt
from big_brain_node.walk.grounding import GroundedWalk
from neuraxis_common.errors import Rejected
from neuraxis_common.types import FloatArray

# Two parts of one label farther apart than this are two parts.
_SAME_PART_M = 0.03
# The grasp is not to blame when the robot's own parts do not answer.
_NOT_THE_GRASP = ("small_brain_down", "not_accepted", "preempted", "no_state", "no_motion")


@dataclass(frozen=True)
class _Failed:
    label: str
    at_O_m: FloatArray | None
    failure: Rejected
    carry: Carry | None


class Failures:
    """Failed attempts of one job, across its plans."""

    def __init__(self) -> None:
        self._all: list[_Failed] = []

    def add(self, attempt: Attempt, failure: Rejected) -> None:
        """Remember how an attempt failed."""
        carry = None if failure.code in _NOT_THE_GRASP else attempt.carry
        self._all.append(_Failed(attempt.step.label, attempt.part_O_m, failure, carry))

    def of(self, step: Grounded, T_OB: FloatArray) -> list[_Failed]:
        """Those of the same step: same labels, and the part where it was then."""
        same = [item for item in self._all if item.label == step.label]
        if isinstance(step, GroundedWalk):
            return same
        at_O_m = T_OB[:3, :3] @ step.part.center_B_m + T_OB[:3, 3]
        return [
            item
            for item in same
            if item.at_O_m is None or np.linalg.norm(item.at_O_m - at_O_m) < _SAME_PART_M
        ]

    def grasps(self, step: Grounded, T_OB: FloatArray) -> tuple[Carry, ...]:
        """Grasps that are not to be tried again."""
        return tuple(item.carry for item in self.of(step, T_OB) if item.carry is not None)
