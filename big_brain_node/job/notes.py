# SPDX-License-Identifier: Apache-2.0
"""Keeps the journal of the instruction under way."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from big_brain_node.compiler.compile import Grounded
from big_brain_node.job.again import job_step, stance
from big_brain_node.job.journal import Job, JobStep, Journal
from neuraxis_common.plan import Plan
from neuraxis_common.types import FloatArray


class Notes:
    """What the executive knows of its job, written at each change.

    Args:
        journal: Where to; None for nowhere.
        base_in_odom: The base now, T_OB, shape (4, 4).
    """

    def __init__(self, journal: Journal | None, base_in_odom: Callable[[], FloatArray]) -> None:
        self._journal, self._base = journal, base_in_odom
        self._job, self._open = Job(instruction="", state="ended"), False

    def begin(self, instruction: str, again: Job | None) -> None:
        """An instruction, or one that is taken up again."""
        self._job, self._open = again or Job(instruction=instruction), True
        self._write(state="planning")

    def planned(self, plan: Plan | None, steps: Sequence[Grounded]) -> None:
        """What is left to do."""
        T_OB = self._base()
        left = tuple(job_step(step, T_OB) for step in steps)
        self._write(state="running", plan=plan, steps=(*self._verified(), *left))

    def step(self, state: str) -> None:
        """The first step that is left is ``under_way`` or ``verified``."""
        steps = list(self._job.steps)
        first = len(self._verified())
        if first < len(steps):
            steps[first] = steps[first].model_copy(update={"state": state})
            self._write(steps=tuple(steps))

    def paused(self, paused: bool) -> None:
        """Whether a pause began or ended."""
        if self._job.steps:
            self._write(state="paused" if paused else "running")

    def close(self) -> None:
        """Leave the journal as it is, whatever happens to the job from here on."""
        self._open = False

    def ended(self, code: str) -> None:
        """Nothing is under way any more."""
        self._write(state="ended", code=code)
        self._open = False

    def _verified(self) -> tuple[JobStep, ...]:
        return tuple(step for step in self._job.steps if step.state == "verified")

    def _write(self, **changes: object) -> None:
        if self._journal is None or not self._open:
            return
        base_O = stance(self._base())
        self._job = self._job.model_copy(update={"base_O": base_O, **changes})
        self._journal.write(self._job)
