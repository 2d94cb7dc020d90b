# SPDX-License-Identifier: Apache-2.0
"""One instruction from sentence to verified result.

ask the brain → compile the plan → run each step's tree → retry with a fresh look → ask again, a
bounded number of times. Time is an argument; nothing here blocks.
"""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from py_trees.common import Status
from py_trees.composites import Sequence

from big_brain_node.checker import GroundedStep, compile_plan
from big_brain_node.ports import Brain, Memory
from big_brain_node.skills import ALREADY_THERE, NOT_VERIFIED, Attempt, Tools
from big_brain_node.tree import recovery_tree, step_tree
from neuraxis_common.errors import Rejected
from neuraxis_common.plan import Plan
from neuraxis_common.types import SceneSnapshot

# A brain that refuses with one of these after a replan has nothing left to add: the job is done.
_DONE_CODES = ("nothing_to_do",)
# Plans that another image can mend: the brain and perception saw different instants.
_REASK_CODES = ("not_grounded", "label_mismatch")
# No brain answered: a remembered plan may stand in, where there is a memory.
_NO_BRAIN_CODES = ("brain_unavailable", "brain_timeout", "brain_bad_answer")


@dataclass(frozen=True)
class StepReport:
    """How one grounded step ended."""

    label: str
    attempts: int
    failure: Rejected | None = None


@dataclass(frozen=True)
class TaskResult:
    """How an instruction ended: `code` is ``done`` or the refusal or failure that ended it."""

    success: bool
    code: str
    message: str
    plans: tuple[Plan, ...] = ()
    steps: tuple[StepReport, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Progress:
    """For feedback: the step in words, the skill under way, the share of steps done."""

    step: str
    skill: str
    fraction: float


class Executive:
    """Runs one instruction at a time. Call `start`, then `tick` at a steady rate until a result.

    `hops` and `setbacks` grow while an instruction runs: what took how long, and which attempts
    failed, each with the number of the attempt.

    Args:
        tools: Body, eyes, planner and worker.
        brain: Asked for plans.
        memory: Stands in while no brain answers; where it knows nothing either the instruction
            ends as ``safe_hold``. None ends it with what the brain says.
    """

    def __init__(self, tools: Tools, brain: Brain, memory: Memory | None = None) -> None:
        self._tools, self._brain, self._memory = tools, brain, memory
        self._clear()

    def _clear(self) -> None:
        self.hops: list[tuple[str, float, float]] = []
        self.setbacks: list[StepReport] = []
        self.result: TaskResult | None = None
        self._instruction: str | None = None
        self._future: Future[Any] | None = None
        self._asked_scene: SceneSnapshot | None = None
        self._plans: list[Plan] = []
        self._queue: list[GroundedStep] = []
        self._reports: list[StepReport] = []
        self._attempt: Attempt | None = None
        self._tree: Sequence | None = None
        self._recovering = False
        self._tries = 0
        self._done = 0
        self._started_s = 0.0

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
        if self._future is None:
            self._ask(now_s)
            return
        if not self._future.done():
            return
        self.hops.append(("brain", self._asked_wall_s, self._tools.wall_clock_s()))
        answer, self._future = self._future.result(), None
        if isinstance(answer, Rejected) and self._memory and answer.code in _NO_BRAIN_CODES:
            answer = self._remember(answer, now_s)
        if isinstance(answer, Rejected):
            self._finish(False, answer.code, answer.reason, answer.details)
            return
        self._plans.append(answer)
        config = self._tools.config
        since_s = self._tools.wall_clock_s()
        bounds = (config.match_iou, config.fresh_age_s)
        steps = compile_plan(answer, self._asked_scene, *bounds, self._tools.walk)
        self.hops.append(("compile", since_s, self._tools.wall_clock_s()))
        if isinstance(steps, Rejected):
            replanned = len(self._plans) > 1
            if replanned and steps.code in _DONE_CODES:
                self._finish(True, "done", "every step is verified")
            elif steps.code in _REASK_CODES and len(self._plans) <= config.max_replans:
                return
            else:
                self._finish(False, steps.code, steps.reason, steps.details)
            return
        self._queue, self._tries = list(steps), 0

    def _ask(self, now_s: float) -> None:
        """Send the newest image together with the scene seen at the same stamp."""
        eyes = self._tools.eyes
        scene, frame = eyes.snapshot(), eyes.frame()
        fresh = (
            scene is not None
            and frame is not None
            and min(scene.stamp_s, frame.stamp_s) >= now_s - self._tools.config.fresh_age_s
        )
        if not fresh:
            if now_s - self._started_s > self._tools.config.look_timeout_s and not self._plans:
                reason = "no fresh camera image and scene to plan from"
                self._finish(False, "no_view", reason)
            return
        self._asked_scene = scene
        self._asked_wall_s = self._tools.wall_clock_s()
        oldest_s = scene.stamp_s - self._tools.config.fresh_age_s
        seen = tuple(item for item in scene.objects if item.stamp_s >= oldest_s)
        self._future = self._tools.worker.submit(
            self._brain.ask, frame.rgb, self._instruction, seen
        )

    def _remember(self, no_brain: Rejected, now_s: float) -> Plan | Rejected:
        """A remembered plan for what is seen now; else hold still, with the reasons."""
        scene = self._tools.eyes.snapshot()
        if scene is None or scene.stamp_s < now_s - self._tools.config.fresh_age_s:
            plan: Plan | Rejected = Rejected("no_view", "no fresh view of the scene")
        else:
            plan = self._memory.recall(self._instruction, scene, self._tools.wall_clock_s())
            self._asked_scene = scene
        if not isinstance(plan, Rejected):
            return plan
        self._tools.body.halt()
        reason = f"{no_brain.reason}; no plan stands in: {plan.reason}"
        details = no_brain.details | {"brain": no_brain.code, "memory": plan.code}
        return Rejected("safe_hold", reason, details)

    def _begin_attempt(self, now_s: float, step: GroundedStep) -> None:
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
        self._tree = None
        self._queue[0] = self._attempt.step
        self.setbacks.append(StepReport(self._queue[0].label, self._tries, failure))
        if failure.code == "object_lost" and len(self._plans) <= self._tools.config.max_replans:
            self._reports.append(StepReport(self._queue[0].label, self._tries, failure))
            self._queue.clear()
            return
        if self._tries >= self._tools.config.max_attempts:
            self._reports.append(StepReport(self._queue[0].label, self._tries, failure))
            self._finish(False, failure.code, failure.reason, failure.details)

    def _abort(self, code: str, message: str) -> None:
        if self._tree is not None:
            self._tree.stop(Status.INVALID)
        self._tools.body.halt()
        self._finish(False, code, message)

    def _finish(
        self, success: bool, code: str, message: str, details: dict[str, Any] | None = None
    ) -> None:
        if self.result is None:
            self.result = TaskResult(
                success, code, message, tuple(self._plans), tuple(self._reports), details or {}
            )
            self._learn(success)
        self._tree = None

    def _learn(self, success: bool) -> None:
        """Remember a plan that did it alone; forget one that failed."""
        if self._memory is None or not self._plans:
            return
        if success and len(self._plans) == 1:
            now_s = self._tools.wall_clock_s()
            self._memory.keep(self._instruction, self._plans[0], self._asked_scene, now_s)
        elif not success:
            self._memory.forget(self._instruction)
