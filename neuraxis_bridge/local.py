# SPDX-License-Identifier: Apache-2.0
"""The models of this repository as a backend: a pool of threads around one brain.

onnxruntime lets other threads run while it computes, so the pool uses as many cores as it has
workers. A worker that takes a job on reads the sentences of those that wait along with it: the text
tower works on several in little more time than on one. Nobody waits for a batch to fill, and the
others keep their turns. Images are looked at one by one, since a batch of them costs as much per
image; `bench/bench_gateway.py` measures both.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from neuraxis_bridge import chat, deadline
from neuraxis_bridge.brain import Brain
from neuraxis_bridge.outcome import Completion
from neuraxis_bridge.scheduler import Job
from neuraxis_common.errors import Rejected


class LocalBackend:
    """Answers with a `Brain`.

    Args:
        brain: Loaded towers; several threads use them at once.
        workers: Threads.
        max_pixels: Larger images are refused.
        batch: Sentences read together at most; 1 for one at a time.
        clock_s: Monotonic time, the one of the jobs' deadlines.
    """

    def __init__(
        self,
        brain: Brain,
        workers: int,
        max_pixels: int,
        batch: int,
        clock_s: Callable[[], float],
    ) -> None:
        self._brain = brain
        self._max_pixels = max_pixels
        self._batch = batch
        self._clock_s = clock_s
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="brain")

    async def models(self) -> list[str] | Rejected:
        """Names that a request may ask for."""
        return [chat.MODEL]

    async def ready(self) -> Rejected | None:
        """Loaded when constructed."""
        return None

    async def run(self, job: Job) -> None:
        """Settle a job with a `Completion` or `Rejected`."""
        along = None if job.read else self._along(job)
        loop = asyncio.get_running_loop()
        outcome = await loop.run_in_executor(self._pool, self._plan, job, along)
        if along and isinstance(outcome, Rejected):
            # Refused before it read anything: the next one may take the others along.
            for other in along:
                other.read = False
        job.settle(outcome)

    def _along(self, job: Job) -> list[Job]:
        """Jobs whose sentences are to be read with this one's; nobody else will."""
        job.read = True
        others = [other for other in job.following(self._batch - 1) if not other.read]
        for other in others:
            other.read = True
        return others

    def _plan(self, job: Job, along: list[Job] | None) -> Completion | Rejected:
        if self._clock_s() >= job.deadline_s:
            return deadline.passed("in the queue", job.budget_s)
        question = chat.read_request(job.body, self._max_pixels)
        if isinstance(question, Rejected):
            return question
        if self._clock_s() >= job.deadline_s:
            return deadline.passed("before the model", job.budget_s)
        if along is not None:
            self._read(job, question.instruction, along)
        plan = self._brain.plan(question.rgb, question.instruction, question.measured, question.job)
        request_id = f"chatcmpl-{uuid.uuid4().hex}"
        return Completion(chat.answer(plan, request_id, int(time.time())), question.stream)

    def _read(self, job: Job, sentence: str, along: list[Job]) -> None:
        """Read sentences together, and let each job owe its share of the time."""
        began_s = self._clock_s()
        sentences = [chat.sentence_in(other.body) for other in along]
        job.batch = self._brain.read_ahead([sentence, *filter(None, sentences)])
        took_s = self._clock_s() - began_s
        share_s = took_s / (1 + len(along))
        job.lent_s = took_s - share_s
        for other in along:
            other.lent_s = -share_s

    async def close(self) -> None:
        """Drop what waits."""
        self._pool.shutdown(wait=False, cancel_futures=True)
