# SPDX-License-Identifier: Apache-2.0
"""One instruction from sentence to verified result.

ask the brain → compile the plan → run each step's tree → retry with a fresh look → ask again, a
bounded number of times. Time is an argument; nothing here blocks.
"""

from __future__ import annotations

from typing import Any

from py_trees.common import Status
from py_trees.composites import Sequence

from big_brain_node.compiler.compile import Grounded
from big_brain_node.compiler.words import about, spoken
from big_brain_node.planning import DONE_CODES, Planning
from big_brain_node.ports import Brain, Memory
from big_brain_node.results import Progress, StepReport, TaskResult
from big_brain_node.skills import ALREADY_THERE, NOT_VERIFIED, Attempt, Tools
from big_brain_node.tree import recovery_tree, step_tree
from neuraxis_bridge.text import language_of
from neuraxis_common.errors import Rejected


class Executive:
    """Runs one instruction at a time. Call `start`, then `tick` at a steady rate until a result.

    Attributes:
        setbacks: Grows while an instruction runs: which attempts failed, each with its number.

    Args:
        tools: Body, eyes, planner and worker.
        brain: Asked for plans.
        memory: Stands in while no brain answers; where it knows nothing either the instruction
            ends as ``safe_hold``. None ends it with what the brain says.
    """

    def __init__(self, tools: Tools, brain: Brain, memory: Memory | None = None) -> None:
        self._tools = tools
        self._planning = Planning(tools, brain, memory)
        self._clear()

    def _clear(self) -> None:
        self.setbacks: list[StepReport] = []
        self.result: TaskResult | None = None
        self._instruction: str | None = None
        self._queue: list[Grounded] = []
        self._reports: list[StepReport] = []
        self._attempt: Attempt | None = None
        self._tree: Sequence | None = None
        self._recovering = False
        self._tries = 0
        self._done = 0
        self._started_s = 0.0

    @property
    def hops(self) -> list[tuple[str, float, float]]:
        """What took how long so far: name, begin and end in monotonic seconds."""
        return self._planning.hops

    @property
    def busy(self) -> bool:
        """Whether an instruction is under way."""
        return self._instruction is not None and self.result is None

    def start(self, now_s: float, instruction: str) -> Rejected | None:
        """Take an instruction, or refuse it because one is under way."""
        if self.busy:
            details = {"running": self._instruction}
            return Rejected("busy", "an instruction is already under way", details)
        self._clear()
        self._instruction, self._started_s = instruction, now_s
        self._planning.start(now_s, instruction)
        return None

    def cancel(self) -> None:
        """Stop what is under way; arms come to a smooth stop, balance goes on."""
        if self.busy:
            self._abort("cancelled", "cancelled by request")

    def progress(self) -> Progress:
        """Where the instruction stands."""
        total = max(len(self._queue) + self._done, 1)
        if self._tree is None or self._attempt is None:
            return Progress("plan", "ask", self._done / total)
        tip = self._tree.tip()
        skill = tip.name if tip is not None else self._tree.name
        return Progress(self._attempt.step.label, skill, self._done / total)

    def tick(self, now_s: float) -> TaskResult | None:
        """Advance; returns the result once there is one."""
        if not self.busy:
            return self.result
        state = self._tools.body.state()
        if state is not None and state.stop_level not in ("run", ""):
            self._abort("stopped", f"the spinal cord is in '{state.stop_level}'")
        elif now_s - self._started_s > self._tools.config.job_timeout_s:
            bound_s = self._tools.config.job_timeout_s
            self._abort("job_timeout", f"the instruction took longer than {bound_s} s")
        elif self._tree is not None:
            self._run_tree(now_s)
        elif self._queue:
            self._begin_attempt(now_s, self._queue[0])
        else:
            self._plan(now_s)
        return self.result

    def _plan(self, now_s: float) -> None:
        steps = self._planning.tick(now_s)
        if steps is None:
            return
        if not isinstance(steps, Rejected):
            self._queue, self._tries = list(steps), 0
        elif steps.code in DONE_CODES and len(self._planning.plans) > 1:
            self._finish(True, "done", "every step is verified")
        else:
            self._refuse(steps)

    def _begin_attempt(self, now_s: float, step: Grounded) -> None:
        self._attempt = Attempt(step, now_s)
        self._tree = step_tree(self._attempt, self._tools)
        self._recovering = False
        self._tries += 1

    def _run_tree(self, now_s: float) -> None:
        self._attempt.now_s = now_s
        self._tree.tick_once()
        if self._tree.status is Status.RUNNING:
            return
        self.hops.extend(("plan " + name, a, b) for name, a, b in self._attempt.planning_s)
        self._attempt.planning_s.clear()
        failure = self._attempt.failure
        if self._recovering:
            self._after_failure(failure)
        elif failure is None or failure.code == ALREADY_THERE:
            self._step_done()
        elif self._attempt.carry is None or failure.code == NOT_VERIFIED:
            self._after_failure(failure)
        else:
            self._recovering = True
            self._tree = recovery_tree(self._attempt, self._tools)

    def _step_done(self) -> None:
        self._reports.append(StepReport(self._queue[0].label, self._tries))
        self._queue.pop(0)
        self._done, self._tries, self._tree = self._done + 1, 0, None
        if not self._queue:
            self._finish(True, "done", "every step is verified")

    def _after_failure(self, failure: Rejected) -> None:
        self._tree, step = None, self._attempt.step
        self._queue[0] = step
        self.setbacks.append(StepReport(step.label, self._tries, failure))
        lost = failure.code == "object_lost"
        if lost and len(self._planning.plans) <= self._tools.config.max_replans:
            self._reports.append(StepReport(step.label, self._tries, failure))
            self._queue.clear()
            return
        if self._tries >= self._tools.config.max_attempts:
            self._reports.append(StepReport(step.label, self._tries, failure))
            self._refuse(about(failure, step, step.index))

    def _abort(self, code: str, message: str) -> None:
        if self._tree is not None:
            self._tree.stop(Status.INVALID)
        self._tools.body.halt()
        self._refuse(Rejected(code, message))

    def _refuse(self, refused: Rejected) -> None:
        said = spoken(refused, self._language())
        self._finish(False, said.code, said.reason, said.details)

    def _language(self) -> str:
        """Of the sentence; a plan given as JSON says it itself."""
        given = (self._instruction or "").lstrip().startswith("{")
        if given and self._planning.plans:
            return self._planning.plans[-1].language
        return "en" if given else language_of(self._instruction or "")

    def _finish(
        self, success: bool, code: str, message: str, details: dict[str, Any] | None = None
    ) -> None:
        if self.result is None:
            plans, reports = tuple(self._planning.plans), tuple(self._reports)
            self.result = TaskResult(success, code, message, plans, reports, details or {})
            self._planning.learn(success)
        self._tree = None
