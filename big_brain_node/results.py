# SPDX-License-Identifier: Apache-2.0
"""How an instruction stands and how it ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from neuraxis_common.errors import Rejected
from neuraxis_common.plan import Plan


@dataclass(frozen=True)
class StepReport:
    """How one grounded step ended."""

    label: str
    attempts: int
    failure: Rejected | None = None


@dataclass(frozen=True)
class TaskResult:
    """How an instruction ended: `code` is ``done`` or the refusal or failure that ended it.

    Attributes:
        message: Why, in the sentence's language.
        details: Of a refusal: ``step``, ``object``, ``suggestion``, ``language``, and the numbers.
    """

    success: bool
    code: str
    message: str
    plans: tuple[Plan, ...] = ()
    steps: tuple[StepReport, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)

    def refusal(self) -> dict[str, Any] | None:
        """For a machine: code, step from 0 or None, object, reason, suggestion."""
        if self.success:
            return None
        said = self.details
        return {
            "code": self.code,
            "step": said.get("step"),
            "object": said.get("object", ""),
            "reason": self.message,
            "suggestion": said.get("suggestion", ""),
        }


@dataclass(frozen=True)
class Progress:
    """For feedback: the step in words, the skill under way, the share of steps done."""

    step: str
    skill: str
    fraction: float
