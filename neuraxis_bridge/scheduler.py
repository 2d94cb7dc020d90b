# SPDX-License-Identifier: Apache-2.0
"""Hands waiting requests to workers, and lets none of them outlive its deadline."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from neuraxis_bridge import deadline
from neuraxis_bridge.fair_queue import Entry, FairQueue, ServiceTime
from neuraxis_bridge.trace import Span
from neuraxis_common.errors import Rejected

_LOG = logging.getLogger("neuraxis_bridge")


@dataclass(eq=False)
class Job:
    """One request on its way through the gateway.

    Attributes:
        body: The request as it came.
        began_s: When its headers were there.
        deadline_s: When an answer stops being worth something; a retry may move it.
        span: The request's passage through the gateway.
        result: What the backend made of it, `Rejected`, or an exception's place; set once. It may
            come after the deadline: then only a retry can still have it.
        wait_s: Time spent waiting for a worker.
        service_s: Time that a worker spent on it.
        cost: Units to charge; the backend may replace the worker's milliseconds.
        in_service: Whether a worker has or had it.
        following: Up to so many jobs that wait, next first. A backend may do part of their work
            along with this one's; they stay in the queue, with their turns and their deadlines.
        read: Whether its sentence was read, or is being read, by itself or with others.
        batch: How many sentences were read together when a worker took it on; 0 for none.
        lent_s: Of `service_s`, what went to other jobs; below 0 what others spent on this one.
        entry: Its place in the queue.
        passage: The part of `span` that it is in: waiting, or in service.
        done: Called once when nothing works on it any more, streams included.
    """

    robot: str
    priority: str
    body: bytes
    began_s: float
    deadline_s: float
    span: Span
    result: asyncio.Future[Any]
    hops: str = ""
    wait_s: float = 0.0
    service_s: float = 0.0
    cost: float | None = None
    in_service: bool = False
    following: Callable[[int], list[Job]] = field(default=lambda _count: [], repr=False)
    read: bool = False
    batch: int = 0
    lent_s: float = 0.0
    entry: Entry | None = None
    passage: Span | None = None
    done: list[Callable[[Job], None]] = field(default_factory=list)

    def settle(self, outcome: Any) -> None:
        """Give the outcome to whoever waits; later outcomes are dropped."""
        if not self.result.done():
            self.result.set_result(outcome)

    def pass_to(self, name: str) -> None:
        """End the passage under way and begin another; with an empty name, none."""
        if self.passage is not None:
            settled = self.result.result() if self.result.done() else None
            refused = settled.code if isinstance(settled, Rejected) else ""
            facts = {"neuraxis.code": refused} if refused else None
            self.passage.end(facts, failed=bool(refused))
        self.passage = self.span.child(name) if name else None

    @property
    def trace_id(self) -> str:
        """What the robot's ledger calls it."""
        return self.span.trace_id

    @property
    def budget_s(self) -> float:
        """Whole time the request was given."""
        return self.deadline_s - self.began_s


Worker = Callable[[Job], Awaitable[None]]


class Scheduler:
    """Runs at most `workers` jobs at once; the rest waits in a fair queue.

    Args:
        run: Settles a job. It returns when the worker is free again.
        workers: Jobs at once.
        queue: Empty queue.
        service: The estimate that the queue uses.
        clock_s: Monotonic time.
    """

    def __init__(
        self,
        run: Worker,
        workers: int,
        queue: FairQueue,
        service: ServiceTime,
        clock_s: Callable[[], float],
    ) -> None:
        self._run = run
        self._workers = workers
        self.queue = queue
        self.service = service
        self._clock_s = clock_s
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def busy(self) -> int:
        """Workers at work."""
        return len(self._tasks)

    def submit(self, job: Job) -> Rejected | None:
        """Take a job on, or say why not. It is handed to a worker by its deadline, or dropped."""
        job.entry = Entry(job.robot, job.priority, job.deadline_s, job)
        refused = self.queue.push(job.entry, self._clock_s(), self.busy)
        if refused is not None:
            return refused
        job.pass_to("wait")
        self._hand_out()
        self._watch(job)
        return None

    def extend(self, job: Job, deadline_s: float) -> None:
        """Keep a job for a retry that waits longer than the first request did."""
        job.deadline_s = max(job.deadline_s, deadline_s)
        if job.entry is not None:
            job.entry.deadline_s = job.deadline_s

    def abandon(self, job: Job) -> None:
        """Nobody waits for the answer any more: drop it unless a worker has it."""
        if not job.in_service:
            self._drop(job, Rejected("client_gone", "the client closed the connection"))

    def _watch(self, job: Job) -> None:
        """Drop a waiting job at its deadline, looking again when a retry has moved that."""
        if job.in_service or job.result.done():
            return
        left_s = job.deadline_s - self._clock_s()
        if left_s > 0.0:
            asyncio.get_running_loop().call_later(left_s, self._watch, job)
        else:
            self._drop(job, deadline.passed("in the queue", job.budget_s))

    def _drop(self, job: Job, why: Rejected) -> None:
        if job.entry is not None:
            self.queue.drop(job.entry)
        job.settle(why)
        self._finished(job)

    def _hand_out(self) -> None:
        while self.busy < self._workers:
            entry = self.queue.pop(self._clock_s())
            if entry is None:
                return
            job: Job = entry.item
            job.wait_s, job.in_service = self._clock_s() - entry.since_s, True
            job.following = self._following
            job.pass_to("model")
            task = asyncio.get_running_loop().create_task(self._serve(job))
            self._tasks.add(task)
            task.add_done_callback(self._free)

    def _following(self, count: int) -> list[Job]:
        return [entry.item for entry in self.queue.following(count)]

    async def _serve(self, job: Job) -> None:
        began_s = self._clock_s()
        try:
            await self._run(job)
        except Exception as error:
            _LOG.error("request failed", extra={"trace_id": job.trace_id, "error": origin(error)})
            job.settle(Rejected("internal_error", "the gateway failed on this request"))
        finally:
            job.service_s = self._clock_s() - began_s
            self.service.add(job.service_s)
            job.settle(Rejected("internal_error", "the gateway gave no answer"))
            self._finished(job)

    def _free(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._hand_out()

    def _finished(self, job: Job) -> None:
        job.pass_to("")
        callbacks, job.done = job.done, []
        for call in callbacks:
            call(job)

    async def close(self) -> None:
        """Cancel what runs."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def origin(error: BaseException) -> str:
    """Kind and places of an error, without its message: that may quote what a client sent."""
    places, step = [], error.__traceback__
    while step is not None:
        name = step.tb_frame.f_code.co_filename.rsplit("/", 1)[-1]
        places.append(f"{name}:{step.tb_lineno}")
        step = step.tb_next
    return f"{type(error).__name__} at {' '.join(places[-6:])}"
