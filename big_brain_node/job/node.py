# SPDX-License-Identifier: Apache-2.0
"""Where people pause, resume and take up again what the big brain does, and ask about it.

Service: big_brain/pause, std_srvs/SetBool: true pauses, false resumes. Out: /diagnostics, one line
at each change, and at 1 Hz while a job waits for somebody.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from std_srvs.srv import SetBool

from big_brain_node.asking import Asides, may_ask
from big_brain_node.convert import to_refused, to_said
from big_brain_node.executive import Executive
from big_brain_node.job.config import JobParams
from big_brain_node.job.journal import FileJournal, Job
from neuraxis_common import convert
from neuraxis_common.errors import Rejected
from neuraxis_common.goals import finish
from neuraxis_common.lifecycle import NeuraxisLifecycleNode
from neuraxis_common.plan import Plan

_PERIOD_S = 1.0


class JobDesk:
    """The journal of one node and what an operator may do with it.

    Nothing here begins by itself: a job that a restart cut short waits for somebody to say so.

    Args:
        node: Its name tells jobs of several robots apart.
        params: Where the journal lies, and how old a job may be.
    """

    def __init__(self, node: NeuraxisLifecycleNode, params: JobParams) -> None:
        self._node, self._params = node, params
        name = ".".join(Path(node.get_fully_qualified_name()).parts[1:])
        home = Path(os.environ.get("ROS_HOME", Path.home() / ".ros"))
        folder = Path(params.state_dir) if params.state_dir else home / "neuraxis"
        self.journal = FileJournal(folder / f"{name}.job.json", time.time)
        self._waiting: Job | None = None
        self.read()
        self._now_s: Callable[[], float] = lambda: 0.0
        self._executive: Executive | None = None
        self._service: Any = None
        self._told: tuple[bool, str] = (True, "")
        # Instructions are numbered as they come; an older one never takes the place of a newer.
        self._arrivals, self._newest_order = 0, 0
        self._out = node.create_output(DiagnosticArray, "/diagnostics")

    def serve(self, executive: Executive, now_s: Callable[[], float], asides: Asides) -> None:
        """Offer the service for an executive; `now_s` is the time of measured state."""
        self._executive, self._now_s, self._asides = executive, now_s, asides
        self._service = self._node.create_service(SetBool, "big_brain/pause", self._on_pause)
        self._node.create_timer(_PERIOD_S, self.tell)

    def begun(self) -> None:
        """An instruction begins: what waited is dropped, or is what begins."""
        self._waiting = None

    def interrupted(self) -> Job | Rejected:
        """The job that waits, or why none may be taken up again."""
        if self._waiting is None:
            return Rejected("nothing_to_resume", "nothing was under way")
        age_s, bound_s = time.time() - self._waiting.wrote_s, self._params.resume_age_s
        if not 0.0 <= age_s <= bound_s:
            reason = f"the job was interrupted {age_s:.0f} s ago, at most {bound_s:g} are allowed"
            return Rejected("job_too_old", reason, {"value": round(age_s), "bound": bound_s})
        return self._waiting

    def resume(self) -> None:
        """End a pause."""
        self._executive.resume(self._now_s())
        self.tell()

    def tell(self) -> None:
        """Say how the job stands where that is new, or waits for somebody."""
        ok, message = self._standing()
        if (ok, message) != self._told or not ok:
            now_s = self._node.get_clock().now().nanoseconds * 1e-9
            name = f"{self._node.get_fully_qualified_name()}: job"
            values = {"paused": str(self._executive.paused), "journal": self.journal.problem}
            self._out.publish(convert.to_diagnostics(now_s, name, ok, message, values))
        self._told = (ok, message)

    def asks(self, goal: Any) -> bool:
        """Whether an instruction may be a question; if so, `answer` hands it on or back."""
        sentence, now_s = goal.request.instruction, self._now_s()
        self._arrivals += 1
        if not may_ask(sentence) or now_s <= 0.0:
            self._newest_order = self._arrivals
            return False
        self._asides.take((self._arrivals, goal), sentence, self._executive.job, now_s)
        return True

    def answer(self) -> list[Any]:
        """Answer what was a question; returns what was an order after all."""
        orders = []
        for (number, goal), said in self._asides.tick(self._now_s()):
            if isinstance(said, Plan) and not said.steps:
                finish(goal, said.answer is not None, to_said(said))
            elif goal.is_cancel_requested:
                _refuse(goal, Rejected("cancelled", "cancelled by request"))
            elif number < self._newest_order:
                _refuse(goal, Rejected("superseded", "a newer instruction came"))
            else:
                self._newest_order = number
                orders.append(goal)
        return orders

    def drop_questions(self) -> None:
        """Nobody waits for an answer from a node that has stopped."""
        for _, goal in self._asides.drop():
            _refuse(goal, Rejected("interrupted", "the big brain was stopped"))

    def _standing(self) -> tuple[bool, str]:
        it = self._executive
        if self.journal.problem:
            return False, self.journal.problem
        if self._waiting is not None:
            return False, f"interrupted: {self._waiting.describe()}; 'continue' goes on"
        if it.paused:
            return False, "paused" if it.at_rest or not it.busy else "pausing"
        return True, "under way" if it.busy else ""

    def _on_pause(self, request: Any, response: Any) -> Any:
        if not self._node.acting:
            response.success, response.message = False, "the big brain is not active"
            return response
        if request.data:
            self._executive.pause()
            response.message = "pausing" if self._executive.busy else "paused; nothing is under way"
            self.tell()
        else:
            response.message = "resumed" if self._executive.paused else "nothing was paused"
            self.resume()
        response.success = True
        self._node.get_logger().info(f"operator: {response.message}")
        return response

    def read(self) -> None:
        """Look whether the journal holds a job that was cut short."""
        job, log = self.journal.read(), self._node.get_logger()
        self._waiting = None
        if isinstance(job, Rejected):
            log.warning(job.reason)
        elif job is not None and job.interrupted:
            log.warning(f"interrupted: {job.describe()}; say 'continue' to go on")
            self._waiting = job

    def close(self) -> None:
        """Take the service back."""
        if self._service is not None:
            self._node.destroy_service(self._service)
            self._service = None


def _refuse(goal: Any, why: Rejected) -> None:
    finish(goal, False, to_refused(why, goal.request.instruction))
