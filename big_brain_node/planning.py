# SPDX-License-Identifier: Apache-2.0
"""From a sentence to steps that can be done: look, ask the brain, compile, check reach.

Nothing here moves anything. Time is an argument; nothing here blocks.
"""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from big_brain_node.asking import fresh_view, seen_lately
from big_brain_node.compiler.compile import Grounded, compile_again, compile_plan
from big_brain_node.compiler.ground import GroundedStep
from big_brain_node.compiler.reach import check_reach
from big_brain_node.compiler.rules import Situation
from big_brain_node.job.again import steps_again
from big_brain_node.job.journal import Job
from big_brain_node.ports import Brain, Memory
from big_brain_node.skills import Tools
from neuraxis_bridge import measured
from neuraxis_bridge.job_said import Wanted, wanted_of
from neuraxis_common.errors import Rejected
from neuraxis_common.plan import Answer, Plan
from neuraxis_common.types import SceneSnapshot

# A brain that refuses with one of these after a replan has nothing left to add: the job is done.
DONE_CODES = ("nothing_to_do",)
# Plans that another image can mend: the brain and perception saw different instants.
_REASK_CODES = ("not_grounded", "label_mismatch")
# No brain answered: a remembered plan may stand in, where there is a memory.
_NO_BRAIN_CODES = ("brain_unavailable", "brain_timeout", "brain_bad_answer")

Steps = tuple[Grounded, ...]


class Planning:
    """Makes the steps of one instruction, again whenever the executive wants new ones.

    Args:
        tools: Eyes, planner, worker and rules.
        brain: Asked for plans.
        memory: Stands in while no brain answers.

    Attributes:
        plans: Every plan so far.
        scene: What was seen when the newest one was asked for.
        job: Parts to be moved by the newest job, also after its end; empty where it is not known.
        hops: What took how long: name, begin and end in monotonic seconds.
    """

    def __init__(self, tools: Tools, brain: Brain, memory: Memory | None) -> None:
        self._tools, self._brain, self._memory = tools, brain, memory
        self.job: tuple[Wanted, ...] = ()
        self.start(0.0, "")

    def start(self, now_s: float, instruction: str, again: Job | None = None) -> None:
        """Begin with a new instruction, or go on with what a job has left."""
        self._again = again if again is not None and again.left else None
        self._fresh_job = again is None
        self.plans: list[Plan] = [again.plan] if again is not None and again.plan else []
        self.scene: SceneSnapshot | None = None
        self.hops: list[tuple[str, float, float]] = []
        self._instruction, self._started_s = instruction, now_s
        self._answer: Future[Any] | None = None
        self._reach: Future[Any] | None = None
        self._steps: Steps = ()
        self._since_s = 0.0

    def tick(self, now_s: float) -> Steps | Answer | Rejected | None:
        """The steps, the answer to a question, why there are none, or None while it takes long."""
        if self._reach is not None:
            return self._reached()
        if self._answer is None:
            return self._ask(now_s)
        if not self._answer.done():
            return None
        self._hop("brain", self._since_s)
        answer, self._answer = self._answer.result(), None
        if isinstance(answer, Rejected) and self._memory and answer.code in _NO_BRAIN_CODES:
            answer = self._remember(answer, now_s)
        if isinstance(answer, Rejected):
            return answer
        self.plans.append(answer)
        return self._compile(answer) if answer.answer is None else answer.answer

    def _compile(self, plan: Plan) -> Rejected | None:
        tools, since_s = self._tools, self._tools.wall_clock_s()
        bounds = (tools.config.match_iou, tools.config.fresh_age_s)
        now = Situation(tools.body.held(), tools.body.base_in_odom())
        steps = compile_plan(plan, self.scene, *bounds, tools.walk, tools.rules, now)
        self._hop("compile", since_s)
        if isinstance(steps, Rejected):
            again = steps.code in _REASK_CODES and len(self.plans) <= tools.config.max_replans
            return None if again else steps
        if self._fresh_job:
            seen = measured.as_detected(self.scene.objects)
            self.job, self._fresh_job = wanted_of(plan, seen), False
        return self._check_reach(steps)

    def _check_reach(self, steps: Steps) -> Rejected | None:
        tools, state = self._tools, self._tools.body.state()
        if state is None:
            return Rejected("no_state", "there is no measured state to plan from")
        self._steps, self._since_s = steps, tools.wall_clock_s()
        scene = tools.rules.zones.with_hands(self.scene, tools.body.base_in_odom())
        self._reach = tools.worker.submit(
            check_reach, steps, tools.planner, state.joints.pos_rad.copy(), scene
        )
        return None

    def _reached(self) -> Steps | Rejected | None:
        if not self._reach.done():
            return None
        self._hop("reach", self._since_s)
        refused, self._reach = self._reach.result(), None
        return self._steps if refused is None else refused

    def _hop(self, name: str, since_s: float) -> None:
        self.hops.append((name, since_s, self._tools.wall_clock_s()))

    def _ask(self, now_s: float) -> Rejected | None:
        """Send the newest image together with the scene seen at the same stamp."""
        config = self._tools.config
        view = fresh_view(self._tools.eyes, now_s - config.fresh_age_s)
        if view is None:
            first = self._again is not None or not self.plans
            if now_s - self._started_s > config.look_timeout_s and first:
                return Rejected("no_view", "no fresh camera image and scene to plan from")
            return None
        (scene, frame), self._since_s = view, self._tools.wall_clock_s()
        self.scene = scene
        if self._again is not None:
            return self._take_up(self._again)
        seen = seen_lately(scene, config.fresh_age_s)
        anew = {"again": not self._fresh_job}
        job = tuple(step.model_copy(update=anew) for step in self.job)
        self._answer = self._tools.worker.submit(
            self._brain.ask, frame.rgb, self._instruction, seen, job
        )
        return None

    def _take_up(self, job: Job) -> Rejected | None:
        """The steps that are left need no brain; later plans do."""
        tools, self._again = self._tools, None
        T_OB, age_s = tools.body.base_in_odom(), tools.config.fresh_age_s
        steps = steps_again(job, self.scene, T_OB, age_s, tools.walk)
        if isinstance(steps, Rejected):
            return steps
        now = Situation(tools.body.held(), T_OB)
        return compile_again(steps, tools.walk, tools.rules, now) or self._check_reach(steps)

    def _remember(self, no_brain: Rejected, now_s: float) -> Plan | Rejected:
        """A remembered plan for what is seen now; else hold still, with the reasons."""
        scene = self._tools.eyes.snapshot()
        if scene is None or scene.stamp_s < now_s - self._tools.config.fresh_age_s:
            plan: Plan | Rejected = Rejected("no_view", "no fresh view of the scene")
        else:
            plan = self._memory.recall(self._instruction, scene, self._tools.wall_clock_s())
            self.scene = scene
        if not isinstance(plan, Rejected):
            return plan
        self._tools.body.halt()
        reason = f"{no_brain.reason}; no plan stands in: {plan.reason}"
        details = no_brain.details | {"brain": no_brain.code, "memory": plan.code}
        return Rejected("safe_hold", reason, details)

    def verified(self, step: Grounded) -> None:
        """Note that a step's part was seen where it has to go."""
        if not isinstance(step, GroundedStep):
            return
        ends = step.part.label, step.container.label
        for index, wanted in enumerate(self.job):
            if (wanted.object.label, wanted.target.label) == ends and not wanted.verified:
                seen = wanted.model_copy(update={"verified": True})
                self.job = (*self.job[:index], seen, *self.job[index + 1 :])
                return

    def learn(self, success: bool) -> None:
        """Remember a plan that did it alone; forget one that failed."""
        if self._memory is None or not self.plans:
            return
        if success and len(self.plans) == 1:
            now_s = self._tools.wall_clock_s()
            self._memory.keep(self._instruction, self.plans[0], self.scene, now_s)
        elif not success:
            self._memory.forget(self._instruction)
