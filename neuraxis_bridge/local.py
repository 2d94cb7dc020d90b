# SPDX-License-Identifier: Apache-2.0
"""The models of this repository as a backend: a pool of threads around one brain.

onnxruntime lets other threads run while it computes, so the pool uses as many cores as it has
workers. The exported towers take one image and one sentence; `bench/bench_gateway.py` says what a
batch would bring.
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
        clock_s: Monotonic time, the one of the jobs' deadlines.
    """

    def __init__(
        self, brain: Brain, workers: int, max_pixels: int, clock_s: Callable[[], float]
    ) -> None:
        self._brain = brain
        self._max_pixels = max_pixels
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
        job.settle(await asyncio.get_running_loop().run_in_executor(self._pool, self._plan, job))

    def _plan(self, job: Job) -> Completion | Rejected:
        if self._clock_s() >= job.deadline_s:
            return deadline.passed("in the queue", job.budget_s)
        question = chat.read_request(job.body, self._max_pixels)
        if isinstance(question, Rejected):
            return question
        if self._clock_s() >= job.deadline_s:
            return deadline.passed("before the model", job.budget_s)
        plan = self._brain.plan(question.rgb, question.instruction, question.measured, question.job)
        request_id = f"chatcmpl-{uuid.uuid4().hex}"
        return Completion(chat.answer(plan, request_id, int(time.time())), question.stream)

    async def close(self) -> None:
        """Drop what waits."""
        self._pool.shutdown(wait=False, cancel_futures=True)
