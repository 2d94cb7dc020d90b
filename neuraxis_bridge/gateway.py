# SPDX-License-Identifier: Apache-2.0
"""One request's way through the gateway: who, how long, how urgent, in, wait, answer or refusal."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from typing import Any, Protocol

from fastapi import Request
from fastapi.responses import Response, StreamingResponse

from neuraxis_bridge import deadline, idempotency, replies
from neuraxis_bridge.access import Caller
from neuraxis_bridge.config import BridgeConfig
from neuraxis_bridge.door import Door
from neuraxis_bridge.fair_queue import FairQueue, ServiceTime
from neuraxis_bridge.guard import Note, note_of
from neuraxis_bridge.intake import Intake
from neuraxis_bridge.keys import PRIORITIES
from neuraxis_bridge.metrics import Metrics
from neuraxis_bridge.outcome import Completion, Relay, events_of
from neuraxis_bridge.recent import plan_in
from neuraxis_bridge.scheduler import Job, Scheduler
from neuraxis_common.errors import Rejected

_SSE = "text/event-stream"


class Backend(Protocol):
    """What answers behind the gateway."""

    async def run(self, job: Job) -> None:
        """Settle a job with `Completion`, `Relay` or `Rejected`; return when free again."""

    async def models(self) -> list[str] | Rejected:
        """Names of the models."""

    async def ready(self) -> Rejected | None:
        """Why it cannot answer, None when it can."""

    async def close(self) -> None:
        """Give back what it holds."""


class Gateway:
    """Stands between robots and a backend.

    Args:
        backend: What answers.
        config: Limits.
        door: Who may come in.
        metrics: Counts here.
        clock_s: Monotonic time.
    """

    def __init__(
        self,
        backend: Backend,
        config: BridgeConfig,
        door: Door,
        metrics: Metrics,
        clock_s: Callable[[], float],
    ) -> None:
        self._backend = backend
        self._config = config
        self._door = door
        self._metrics = metrics
        self._clock_s = clock_s
        service = ServiceTime()
        queue = FairQueue(config.max_waiting, config.max_per_robot, config.workers, service)
        self._scheduler = Scheduler(backend.run, config.workers, queue, service, clock_s)
        self._intake = Intake(config.max_body_bytes, config.max_held_bytes, config.upload_s)
        self._retries = idempotency.Retries()
        metrics.watch("waiting", "Requests that wait for a worker", lambda: len(queue))
        metrics.watch("busy_workers", "Workers at work", lambda: self._scheduler.busy)
        metrics.watch("held_bytes", "Bytes of requests", lambda: self._intake.held_bytes)
        metrics.watch("service_seconds", "Mean time of a worker", lambda: service.mean_s)

    async def ready(self) -> Rejected | None:
        """Why a balancer should send requests elsewhere, None when it should not."""
        if self._scheduler.queue.saturated:
            return Rejected("not_ready", "the queue is full")
        return await self._backend.ready()

    def state(self) -> dict[str, Any]:
        """How busy it is, for the page."""
        scheduler = self._scheduler
        full = scheduler.queue.saturated
        queue = {
            "waiting": len(scheduler.queue), "most": self._config.max_waiting,
            "busy": scheduler.busy, "workers": self._config.workers,
            "held_bytes": self._intake.held_bytes,
            "service_ms": round(scheduler.service.mean_s * 1e3, 1),
        }  # fmt: skip
        return {"queue": queue, "ready": not full, "problem": "the queue is full" if full else ""}

    async def close(self) -> None:
        """Drop all work."""
        await self._scheduler.close()
        await self._backend.close()

    async def ask(self, request: Request) -> Response:
        """Answer one chat completion, in time or with a refusal."""
        note = note_of(request.scope)
        result = await self._work_of(request, note)
        job = None
        if isinstance(result, Job):
            job, result = result, await self._await(request, result, note)
        if isinstance(result, Rejected):
            note.code = result.code
            if result.code == "deadline_passed":
                self._metrics.dropped.labels(result.details["stage"]).inc()
            return replies.refuse(result, result.details.get("status"))
        return self._answer(result, job, note)

    async def _work_of(self, request: Request, note: Note) -> Job | Rejected:
        """The job that will answer: a new one, or the one that this request is a retry of."""
        caller = await self._door.enter(request, "robot")
        if isinstance(caller, Rejected):
            return caller
        note.robot = caller.robot
        config, headers = self._config, request.headers
        given = headers.get(deadline.HEADER)
        budget_s = deadline.budget_s(given, config.deadline_s, config.max_deadline_s)
        priority = _priority(headers.get("x-priority", "normal"), caller)
        for part in (budget_s, priority):
            if isinstance(part, Rejected):
                return part
        until_s = deadline.send_by_s(note.began_s, budget_s, config.margin_s)
        note.until_s = until_s
        refused = self._door.spend(caller) or self._early_refusal(request, caller)
        if refused is not None:
            return refused
        body = await self._intake.read(request, until_s - self._clock_s())
        if isinstance(body, Rejected):
            timed_out = body.code == "upload_timeout" and self._clock_s() >= until_s
            return deadline.passed("while the body came", budget_s) if timed_out else body
        result = asyncio.get_running_loop().create_future()
        job = Job(caller.robot, priority, body, note.began_s, until_s, note.span, result)
        job.hops = headers.get("x-neuraxis-hops", "")
        return self._take_on(job, caller, headers.get(idempotency.HEADER))

    def _early_refusal(self, request: Request, caller: Caller) -> Rejected | None:
        """Refuse before the body is read where no retry can be meant and the queue is full."""
        queue, key = self._scheduler.queue, request.headers.get(idempotency.HEADER, "")
        if not queue.saturated or self._retries.known(caller.robot, key, self._clock_s()):
            return None
        after_s = queue.wait_s(self._scheduler.busy) / 4
        return Rejected("queue_full", "the queue is full", {"retry_after_s": after_s})

    def _take_on(self, job: Job, caller: Caller, key: str | None) -> Job | Rejected:
        """Submit a job, or find the one that it repeats."""
        now_s, size = self._clock_s(), len(job.body)
        if key is not None:
            earlier = self._retries.find(job.robot, key, job.body, now_s)
            if earlier is not None:
                self._intake.release(size)
                if isinstance(earlier, Job):
                    self._metrics.replayed.inc()
                    self._scheduler.extend(earlier, job.deadline_s)
                return earlier
        job.done.append(lambda _job: self._intake.release(size))
        job.done.append(lambda done: self._charge(done, caller))
        refused = self._scheduler.submit(job)
        if refused is not None:
            self._intake.release(size)
            return refused
        if key is not None:
            self._retries.keep(job.robot, key, job.body, job, now_s)
            job.done.append(lambda done: self._forget_failure(done, key))
        return job

    def _charge(self, job: Job, caller: Caller) -> None:
        job.body = b""
        if job.batch:
            self._metrics.batch.observe(job.batch)
        own_s = job.service_s - job.lent_s if job.in_service else 0.0
        units = own_s * 1e3 if job.cost is None else job.cost
        if units > 0.0:
            self._door.charge(caller, units)
            self._metrics.cost.labels(caller.robot).inc(units)

    def _forget_failure(self, job: Job, key: str) -> None:
        outcome = job.result.result()
        if isinstance(outcome, Rejected) and not replies.final(outcome.code):
            self._retries.forget(job.robot, key, job)

    async def _await(self, request: Request, job: Job, note: Note) -> Any:
        """The job's outcome, unless this request's own time ends first."""
        until_s = note.until_s
        gone = None
        if idempotency.HEADER not in request.headers:
            gone = asyncio.ensure_future(_disconnected(request))
        try:
            waiting = {job.result} | ({gone} if gone else set())
            left_s = max(0.0, until_s - self._clock_s())
            await asyncio.wait(waiting, timeout=left_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if gone is not None:
                gone.cancel()
        if job.in_service and job.service_s:
            note.wait_s, note.service_s = job.wait_s, job.service_s
        if not job.result.done() and self._clock_s() < until_s:
            self._scheduler.abandon(job)
            return Rejected("client_gone", "the client closed the connection")
        if not job.result.done() or self._clock_s() >= until_s:
            stage = "in the model" if job.in_service else "in the queue"
            late = deadline.passed(stage, until_s - note.began_s)
            outcome = job.result.result() if job.result.done() else late
            return outcome if isinstance(outcome, Rejected) else late
        return job.result.result()

    def _answer(self, result: Completion | Relay, job: Job, note: Note) -> Response:
        parts = {"queue": job.wait_s, "total": self._clock_s() - note.began_s}
        if note.service_s is not None:
            parts["model"] = note.service_s
        timing = ", ".join(f"{name};dur={value * 1e3:.2f}" for name, value in parts.items())
        headers = {"server-timing": timing}
        if isinstance(result, Relay):
            return StreamingResponse(result.read(), media_type=_SSE, headers=headers)
        note.plan = plan_in(result.body)
        if result.stream:
            events = _each(events_of(result.body))
            return StreamingResponse(events, media_type=_SSE, headers=headers)
        # Escaped, so that whatever an upstream put into its strings can be sent.
        return Response(json.dumps(result.body), headers=headers, media_type="application/json")


async def _each(chunks: Any) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        continue


def _priority(wanted: str, caller: Caller) -> str | Rejected:
    """The priority asked for, or the highest that the caller may have."""
    if not re.fullmatch("|".join(PRIORITIES), wanted):
        return Rejected("invalid_priority", f"x-priority must be one of {', '.join(PRIORITIES)}")
    return min(wanted, caller.max_priority, key=PRIORITIES.index)
