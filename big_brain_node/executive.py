# SPDX-License-Identifier: Apache-2.0
"""One instruction from sentence to verified result.

plan → run each step's tree → retry with a fresh look, in another way → plan again, a bounded number
of times. Time is an argument; nothing here blocks.
"""

from __future__ import annotations

from typing import Any

from py_trees.common import Status
from py_trees.composites import Sequence

from big_brain_node.asking import Judgement
from big_brain_node.compiler.compile import Grounded
from big_brain_node.compiler.words import about, spoken
from big_brain_node.failures import Failures
from big_brain_node.given import language_said
from big_brain_node.hands import Hands
from big_brain_node.job.journal import Job, Journal
from big_brain_node.job.notes import Notes
from big_brain_node.planning import DONE_CODES, Planning
from big_brain_node.ports import Brain, Memory
from big_brain_node.results import Progress, StepReport, TaskResult
from big_brain_node.skills import ALREADY_THERE, NOT_VERIFIED, Attempt, Tools
from big_brain_node.tree import begun, recovery_tree, step_tree
from neuraxis_bridge.job_said import Wanted
from neuraxis_common.errors import Rejected
from neuraxis_common.plan import Answer, Plan


class Executive:
    """Runs one instruction at a time. Call `start`, then `tick` at a steady rate until a result.

    Attributes:
        setbacks: Grows while an instruction runs: which attempts failed, each with its number.
        paused: Whether nothing new begins. It outlives an instruction: only `resume` ends it.

    Args:
        tools: Body, eyes, planner and worker.
        brain: Asked for plans.
        memory: Stands in while no brain answers; where it knows nothing either the instruction
            ends as ``safe_hold``. None ends it with what the brain says.
        journal: Learns at each change how the job stands.
    """

    def __init__(
        self,
        tools: Tools,
        brain: Brain,
        memory: Memory | None = None,
        journal: Journal | None = None,
    ) -> None:
        self._tools, self.paused = tools, False
        self._brain, self._notes = brain, Notes(journal, tools.body.base_in_odom)
        self._planning = Planning(tools, brain, memory)
        self._hands = Hands(tools)
        self._clear()

    def _clear(self) -> None:
        self.setbacks: list[StepReport] = []
        self.result: TaskResult | None = None
        self._instruction: str | None = None
        self._again_job: Job | None = None
        self._queue: list[Grounded] = []
        self._reports: list[StepReport] = []
        self._failures = Failures()
        self._attempt: Attempt | None = None
        self._tree: Sequence | None = None
        # Of the tree: whether it leads back from a failure, and whether its attempt counts.
        self._recovering, self._counts = False, True
        self._resumed_s: float | None = None
        self._judgement: Judgement | None = None
        self._tries = 0
        self._done = 0
        self._active_s, self._ticked_s = 0.0, 0.0

    @property
    def hops(self) -> list[tuple[str, float, float]]:
        """What took how long so far: name, begin and end in monotonic seconds."""
        return self._planning.hops

    @property
    def job(self) -> tuple[Wanted, ...]:
        """The parts that the newest job moves or has moved."""
        return self._planning.job

    @property
    def busy(self) -> bool:
        """Whether an instruction is under way."""
        return self._instruction is not None and self.result is None

    @property
    def at_rest(self) -> bool:
        """Whether a pause has come to where nothing moves any more."""
        still = self._tree is None or not begun(self._tree)
        return self.paused and still and not self._hands.moving

    def start(self, now_s: float, instruction: str, again: Job | None = None) -> Rejected | None:
        """Take an instruction, or refuse it because one is under way.

        Args:
            now_s: Time of measured state.
            instruction: What the person said; that of the job where there is one.
            again: A job that was interrupted; its verified steps are not done again.
        """
        if self.busy:
            details = {"running": self._instruction}
            return Rejected("busy", "an instruction is already under way", details)
        self._clear()
        self._instruction, self._ticked_s, self._again_job = instruction, now_s, again
        self._hands.begin(now_s)
        self._notes.begin(instruction, again)
        self._planning.start(now_s, instruction, again)
        return None

    def cancel(self) -> None:
        """Stop what is under way; arms come to a smooth stop, balance goes on."""
        if self.busy:
            self._abort("cancelled", "cancelled by request")

    def supersede(self) -> None:
        """The same, because of a newer instruction."""
        if self.busy:
            self._abort("superseded", "a newer instruction came")

    def interrupt(self) -> None:
        """The same, because the node ends; the journal keeps the job as it stands."""
        if self.busy:
            self._notes.close()
            self._abort("interrupted", "the big brain was stopped")

    def pause(self) -> None:
        """Begin nothing new: walks stop where they are, arms at the end of the motion under way."""
        self.paused = True
        self._notes.paused(True)

    def resume(self, now_s: float) -> None:
        """Go on after a pause, with a new look at what may have changed."""
        if self.paused and self._tree is not None and not begun(self._tree):
            self._resumed_s = now_s
        self.paused = False
        self._notes.paused(False)

    def progress(self) -> Progress:
        """Where the instruction stands."""
        total = max(len(self._queue) + self._done, 1)
        if self._hands.busy:
            doing = "paused" if self.paused else self._hands.doing
            return Progress("clear the hands", doing, 0.0)
        if self._tree is None or self._attempt is None:
            return Progress("plan", "paused" if self.paused else "ask", self._done / total)
        tip = self._tree.tip()
        skill = "paused" if self.at_rest else tip.name if tip is not None else self._tree.name
        return Progress(self._attempt.step.label, skill, self._done / total)

    def tick(self, now_s: float) -> TaskResult | None:
        """Advance; returns the result once there is one."""
        if not self.busy:
            return self.result
        self._active_s += 0.0 if self.paused else max(now_s - self._ticked_s, 0.0)
        self._ticked_s = now_s
        state, bound_s = self._tools.body.state(), self._tools.config.job_timeout_s
        if state is not None and state.stop_level not in ("run", ""):
            self._abort("stopped", f"the spinal cord is in '{state.stop_level}'")
        elif self._active_s > bound_s:
            self._abort("job_timeout", f"the instruction took longer than {bound_s} s")
        elif self._resumed_s is not None:
            self._go_on(now_s)
        elif self._tree is not None:
            self._run_tree(now_s)
        elif self._judgement is not None:
            self._judge(now_s)
        elif self._hands.busy:
            self._clear_hands(now_s)
        elif not self._queue:
            self._plan(now_s)
        elif not self.paused:
            self._begin_attempt(now_s, self._queue[0])
        return self.result

    def _clear_hands(self, now_s: float) -> None:
        """Put back what an instruction that was cut short has left in a hand, and go home."""
        refused = self._hands.tick(now_s, self.paused)
        if refused is not None:
            self._refuse(refused)
        elif not self._hands.busy:
            if self._hands.setback is not None:
                self.setbacks.append(StepReport("clear the hands", 1, self._hands.setback))
            self._planning.start(now_s, self._instruction, self._again_job)

    def _plan(self, now_s: float) -> None:
        steps = self._planning.tick(now_s)
        if steps is None:
            return
        if isinstance(steps, Answer):
            self._finish(True, "answered", steps.text)
        elif not isinstance(steps, Rejected):
            self._queue, self._tries = list(steps), 0
            plans = self._planning.plans
            self._notes.planned(plans[-1] if plans else None, steps)
        elif steps.code in DONE_CODES and len(self._planning.plans) > 1:
            self._finish(True, "done", "every step is verified")
        else:
            self._refuse(steps)

    def _begin_attempt(self, now_s: float, step: Grounded) -> None:
        T_OB, most = self._tools.body.base_in_odom(), self._tools.config.max_attempts
        self._tries = max(self._tries, len(self._failures.of(step, T_OB)))
        if self._tries >= most:
            reason = f"'{step.label}' has failed {self._tries} times already"
            self._refuse(about(Rejected("failed_before", reason), step, step.index))
            return
        self._attempt = Attempt(step, now_s, avoid=self._failures.grasps(step, T_OB))
        self._tree = step_tree(self._attempt, self._tools)
        self._recovering, self._counts = False, True
        self._tries += 1
        self._notes.step("under_way")

    def _run_tree(self, now_s: float) -> None:
        self._attempt.now_s, self._attempt.paused = now_s, self.paused
        self._tree.tick_once()
        if self._tree.status is Status.RUNNING:
            return
        self.hops.extend(("plan " + name, a, b) for name, a, b in self._attempt.planning_s)
        self._attempt.planning_s.clear()
        failure = self._attempt.failure
        if self._recovering:
            self._recovered(failure)
        elif failure is None or failure.code == ALREADY_THERE:
            self._step_done(now_s)
        elif self._attempt.carry is None or self._attempt.away or failure.code == NOT_VERIFIED:
            self._after_failure(self._hands.still_holding(self._attempt, failure))
        else:
            self._recover()

    def _recover(self) -> None:
        self._recovering = True
        self._tree = recovery_tree(self._attempt, self._tools)

    def _recovered(self, failure: Rejected | None) -> None:
        """After the way back: try again, unless something is still in the hand."""
        stuck = self._tree.status is Status.FAILURE and self._attempt.carry.side in (
            self._tools.body.held()
        )
        if stuck:
            self._hands.keep(self._attempt)
            self._refuse(about(failure, self._attempt.step, self._attempt.step.index))
        elif self._counts:
            self._after_failure(failure)
        else:
            self._again()

    def _step_done(self, now_s: float) -> None:
        self._reports.append(StepReport(self._queue[0].label, self._tries))
        self._planning.verified(self._queue.pop(0))
        self._notes.step("verified")
        self._done, self._tries, self._tree = self._done + 1, 0, None
        if self._queue:
            return
        job, tools = self._planning.job, self._tools
        if not job or not tools.config.judge_looks:
            self._finish(True, "done", "every step is verified")
        else:
            self._judgement = Judgement(tools, self._brain, job, self._language(), now_s)

    def _judge(self, now_s: float) -> None:
        """A second opinion from the image; where the brain has none, the measured one stands."""
        said = self._judgement.tick(now_s)
        if said is None:
            return
        answer = said.answer if isinstance(said, Plan) else None
        self._judgement = None
        if answer is None or answer.yes is None:
            self._finish(True, "done", "every step is verified")
        elif answer.yes:
            self._finish(True, "done", "every step is verified", {"judged": answer.text})
        else:
            self._refuse(Rejected("not_done", answer.text))

    def _again(self) -> None:
        """The same step once more, as if this attempt had not been."""
        self._queue[0], self._tree = self._attempt.step, None
        self._tries -= 1

    def _go_on(self, now_s: float) -> None:
        """After a pause: go on where the tree stands if that is still right, else begin anew."""
        attempt, since_s = self._attempt, self._resumed_s
        if attempt.carry is None or attempt.away:
            self._resumed_s, attempt.resumed_s = None, since_s
            if self._hands.takes(attempt.step) and not attempt.away:
                self._again()
            return
        seen = self._hands.look(attempt, now_s, since_s)
        if seen == "waiting":
            return
        self._resumed_s = None
        if isinstance(seen, Rejected):
            self._abort(seen.code, seen.reason)
        elif not self._recovering and seen == "changed":
            part = attempt.step.part.label
            attempt.failure = Rejected("hand_full", f"the {part} is not put down after the pause")
            self._recover()
            self._counts = False

    def _after_failure(self, failure: Rejected) -> None:
        self._tree, step = None, self._attempt.step
        self._queue[0] = step
        self.setbacks.append(StepReport(step.label, self._tries, failure))
        self._failures.add(self._attempt, failure)
        lost = failure.code == "object_lost"
        if lost and len(self._planning.plans) <= self._tools.config.max_replans:
            self._reports.append(StepReport(step.label, self._tries, failure))
            self._queue.clear()
        elif (
            self._tries >= self._tools.config.max_attempts
            or self._attempt.away
            or failure.code == "no_other_way"
        ):
            self._reports.append(StepReport(step.label, self._tries, failure))
            self._refuse(about(failure, step, step.index))

    def _abort(self, code: str, message: str) -> None:
        if self._tree is not None:
            self._tree.stop(Status.INVALID)
            if code != "stopped":
                self._hands.keep(self._attempt)
        self._hands.stop()
        self._tools.body.halt()
        self._refuse(Rejected(code, message))

    def _refuse(self, refused: Rejected) -> None:
        said = spoken(refused, self._language())
        self._finish(False, said.code, said.reason, said.details)

    def _language(self) -> str:
        return language_said(self._instruction or "", self._planning.plans)

    def _finish(
        self, success: bool, code: str, message: str, details: dict[str, Any] | None = None
    ) -> None:
        if self.result is None:
            plans, reports = tuple(self._planning.plans), tuple(self._reports)
            self.result = TaskResult(success, code, message, plans, reports, details or {})
            self._planning.learn(success)
            self._notes.ended(code)
        self._tree = None
