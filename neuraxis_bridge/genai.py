# SPDX-License-Identifier: Apache-2.0
"""Large ONNX vision-language models as a backend, through onnxruntime-genai.

Each worker is a process with a model of its own: image and sentence in, a plan held to the plan's
schema out. It stops at the token during which the deadline passes.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from neuraxis_bridge import chat, deadline, genai_prompt
from neuraxis_bridge.chat import Question
from neuraxis_bridge.genai_folder import read_folder
from neuraxis_bridge.genai_model import GenaiConfig, said
from neuraxis_bridge.genai_worker import STUCK_S, Worker, WorkerDiedError, WorkerFailedError
from neuraxis_bridge.outcome import Completion
from neuraxis_bridge.scheduler import Job
from neuraxis_bridge.screen import screen
from neuraxis_bridge.text import language_of
from neuraxis_common.errors import ConfigError, Rejected
from neuraxis_common.plan import Plan

_LOG = logging.getLogger("neuraxis_bridge")


class GenaiBackend:
    """Answers with vision-language models.

    Args:
        config: Which model.
        workers: Processes, each with a copy of it.
        max_pixels: Larger images are refused.
        clock_s: Monotonic time, the one of the jobs' deadlines.
        stuck_s: How long past its deadline a question may go on before its process is ended.

    Raises:
        ConfigError: The model does not load, or not where it was asked for.
    """

    def __init__(
        self,
        config: GenaiConfig,
        workers: int,
        max_pixels: int,
        clock_s: Callable[[], float],
        stuck_s: float = STUCK_S,
    ) -> None:
        self._folder = read_folder(config.folder)
        self._config = config
        self._max_pixels = max_pixels
        self._clock_s = clock_s
        self._free: queue.SimpleQueue[Worker] = queue.SimpleQueue()
        self.workers: list[Worker] = []
        self._down: set[int] = set()
        try:
            for _ in range(workers):
                self.workers.append(Worker(config, stuck_s))
        except ConfigError:
            self._end()
            raise
        for worker in self.workers:
            self._free.put(worker)
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="genai")
        facts = self.workers[0].facts
        where = "; ".join(f"{name} on {said(nodes)}" for name, nodes in facts["placement"].items())
        held = "held to the plan's schema" if facts["guided"] else "not guided"
        _LOG.info("%s in %.1f s: %s; %s", self._folder.kind, facts["load_s"], where, held)

    async def models(self) -> list[str] | Rejected:
        """Names that a request may ask for."""
        return [chat.MODEL]

    async def ready(self) -> Rejected | None:
        """Why it cannot answer, None when at least one process can."""
        if len(self._down) < len(self.workers):
            return None
        return Rejected("not_ready", "the model's processes are down")

    async def run(self, job: Job) -> None:
        """Settle a job; return when its process can take another."""
        loop = asyncio.get_running_loop()

        def settle(outcome: Completion | Rejected) -> None:
            loop.call_soon_threadsafe(job.settle, outcome)

        await loop.run_in_executor(self._pool, self._work, job, settle)

    def _work(self, job: Job, settle: Callable[[Completion | Rejected], None]) -> None:
        worker = self._free.get()
        try:
            if id(worker) in self._down and not self._restart(worker):
                settle(Rejected("model_failed", "the model does not load any more"))
                return
            settle(self._outcome(job, worker))
        except WorkerDiedError as error:
            _LOG.error("%s", error, extra={"trace_id": job.trace_id})
            settle(Rejected("model_failed", "the model ended while it worked on this request"))
            self._restart(worker)
        finally:
            self._free.put(worker)

    def _restart(self, worker: Worker) -> bool:
        """Whether the worker has a process again."""
        if worker.closed:
            return False
        self._down.add(id(worker))
        try:
            worker.start()
        except ConfigError as error:
            _LOG.error("%s", error)
            return False
        self._down.discard(id(worker))
        return True

    def _outcome(self, job: Job, worker: Worker) -> Completion | Rejected:
        if self._clock_s() >= job.deadline_s:
            return deadline.passed("in the queue", job.budget_s)
        question = chat.read_request(job.body, self._max_pixels)
        if isinstance(question, Rejected):
            return question
        refused = screen(question.instruction)
        if refused is not None:
            plan = Plan(language=language_of(question.instruction), refusal=refused)
            return _completion(plan, question, 0, 0)
        return self._ask(job, question, worker)

    def _ask(self, job: Job, question: Question, worker: Worker) -> Completion | Rejected:
        height, width = question.rgb.shape[:2]
        sent = genai_prompt.fitted(width, height, self._folder, self._config.max_image_px)
        scale = genai_prompt.box_scale(self._folder.layout, sent, (width, height))
        asked = genai_prompt.messages(self._folder, question, sent, scale)
        image = genai_prompt.png(question.rgb, sent)
        left_s = job.deadline_s - self._clock_s()
        if left_s <= 0.0:
            return deadline.passed("before the model", job.budget_s)
        try:
            answer = worker.ask(asked, image, sent, left_s)
        except WorkerFailedError as error:
            _LOG.error("%s", error, extra={"trace_id": job.trace_id})
            return Rejected("model_failed", "the model cannot work on this request")
        if answer.stop == "deadline":
            return deadline.passed("in the model", job.budget_s)
        if answer.stop == "length":
            reason = f"the model came to no end within {answer.tokens} tokens"
            return Rejected("model_bad_answer", reason)
        plan = genai_prompt.plan_of(answer.text, scale)
        if isinstance(plan, Rejected):
            return plan
        return _completion(plan, question, answer.prompt_tokens, answer.tokens)

    def _end(self) -> None:
        for worker in self.workers:
            worker.close()

    async def close(self) -> None:
        """End the processes."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        await asyncio.to_thread(self._end)


def _completion(plan: Plan, question: Question, prompt: int, tokens: int) -> Completion:
    body = chat.answer(plan, f"chatcmpl-{uuid.uuid4().hex}", int(time.time()))
    body["usage"] = {
        "prompt_tokens": prompt, "completion_tokens": tokens, "total_tokens": prompt + tokens,
    }  # fmt: skip
    return Completion(body, question.stream)
