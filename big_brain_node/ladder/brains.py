# SPDX-License-Identifier: Apache-2.0
"""Several brains as one: asks the best that is there and goes down the ladder within its time."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from big_brain_node.brain_client import BrainClient
from big_brain_node.config import LadderConfig
from big_brain_node.ladder.endpoints import Endpoint
from big_brain_node.ladder.probe import Probe
from big_brain_node.ladder.rungs import Ladder, Standing, Switch
from neuraxis_bridge import trace
from neuraxis_bridge.chat import instruction_problem
from neuraxis_bridge.job_said import Wanted
from neuraxis_common.errors import Rejected
from neuraxis_common.ledger import Hop
from neuraxis_common.plan import Plan
from neuraxis_common.types import SceneObject

_LOST_STATUS = (401, 403, 404)
_BUSY_STATUS = 429


@dataclass(frozen=True)
class _Question:
    """What every brain is asked, as `BrainClient.ask` takes it; one id for all of them."""

    asked: tuple[NDArray[np.uint8], str, Sequence[SceneObject], Sequence[Wanted]]
    question_id: str = field(default_factory=trace.new_id)


@dataclass
class _Asked:
    """One brain under one question; `given_up` once the next one was asked as well."""

    rung: int
    since_s: float
    patient_until_s: float
    answer: Future[Plan | Rejected]
    given_up: bool = False


class Brains:
    """A `Brain` made of several, best first.

    While a question is under way each brain's link is watched. A question goes to the next brain
    when its brain shows no sign of life, fails, or takes longer than it usually does; whichever
    sound answer comes first is taken. A plan that refuses is an answer, too: nobody else is asked
    to allow it.

    Args:
        places: Where they are, best first.
        timeout_s: Whole time for one question.
        config: Tuning of the ladder.
        on_asked: As for `BrainClient`, for each brain that is asked.
        tls: As for `BrainClient`, the same for all.
        priority: As for `BrainClient`, the same for all.

    Raises:
        ConfigError: An address cannot work.
    """

    def __init__(
        self,
        places: Sequence[Endpoint],
        timeout_s: float,
        config: LadderConfig,
        on_asked: Callable[[Hop], None] | None = None,
        tls: ssl.SSLContext | None = None,
        priority: str = "normal",
    ) -> None:
        self._config, self._timeout_s = config, timeout_s
        self._clients = [
            BrainClient(
                item.url,
                item.api_key,
                timeout_s,
                on_asked=on_asked,
                tls=tls,
                priority=priority,
            )
            for item in places
        ]
        self._ladder = Ladder([item.name for item in places], config, time.monotonic())
        self._news = threading.Condition()
        # A brain that stalls keeps its thread until the question's time is over.
        self._pool = ThreadPoolExecutor(4 * len(places), thread_name_prefix="brain")
        self._probes = [
            Probe(client.url, config.probe_timeout_s, self._reporter(rung), tls)
            for rung, client in enumerate(self._clients)
        ]
        for probe in self._probes:
            probe.start(config.idle_period_s)

    def ask(
        self,
        rgb: NDArray[np.uint8],
        instruction: str,
        seen: Sequence[SceneObject] = (),
        job: Sequence[Wanted] = (),
    ) -> Plan | Rejected:
        """Ask until one answers; `Rejected` ``brain_unavailable`` when none does in time.

        Args:
            rgb: Camera image, shape (h, w, 3), uint8.
            instruction: What the person said.
            seen: What perception tracks in this image.
            job: What the robot does or has just done.
        """
        problem = instruction_problem(instruction)
        if problem is not None:
            return problem
        self._look_every(self._config.probe_period_s)
        try:
            question = _Question((rgb, instruction, seen, job))
            return self._climb(question, time.monotonic() + self._timeout_s)
        finally:
            self._look_every(self._config.idle_period_s)

    def _climb(self, question: _Question, until_s: float) -> Plan | Rejected:
        asked: list[_Asked] = []
        why: dict[str, str] = {}
        with self._news:
            while True:
                plan = self._harvest(asked, why)
                if plan is not None:
                    return plan
                now_s = time.monotonic()
                if all(item.given_up for item in asked):
                    self._ask_next(asked, question, until_s, now_s)
                waiting = [item for item in asked if self._hoped_for(item, why)]
                if now_s >= until_s or not waiting:
                    return self._nobody(asked, why)
                wake_s = [item.patient_until_s for item in waiting if not item.given_up]
                # Without a rung left to try, those given up may still answer.
                self._news.wait(max(0.0, min([until_s, *wake_s]) - now_s))
                self._lose_patience(asked)

    def _hoped_for(self, item: _Asked, why: dict[str, str]) -> bool:
        """Whether an answer may come yet; none is waited for over a lost link."""
        return self._ladder.names[item.rung] not in why and self._ladder.usable(item.rung)

    def _ask_next(
        self, asked: list[_Asked], question: _Question, until_s: float, now_s: float
    ) -> None:
        choice = self._ladder.choose(until_s - now_s, [item.rung for item in asked])
        if choice is None:
            return
        answer = self._pool.submit(
            self._clients[choice.rung].ask,
            *question.asked,
            max(until_s - now_s, 0.01),
            question.question_id,
        )
        answer.add_done_callback(self._notify)
        asked.append(_Asked(choice.rung, now_s, now_s + choice.patience_s, answer))

    def _harvest(self, asked: list[_Asked], why: dict[str, str]) -> Plan | None:
        """The first sound answer; the others go into the breakers once."""
        now_s = time.monotonic()
        for item in asked:
            name = self._ladder.names[item.rung]
            if name in why or not item.answer.done():
                continue
            answer = item.answer.result()
            if isinstance(answer, Rejected):
                why[name], item.given_up = answer.reason, True
                self._judge(item.rung, answer, now_s)
                continue
            self._ladder.breakers[item.rung].answered(now_s, now_s - item.since_s)
            self._ladder.settle(now_s)
            return answer
        return None

    def _judge(self, rung: int, answer: Rejected, now_s: float) -> None:
        status = answer.details.get("status")
        # A busy brain is a live one; the next question may find it idle.
        if status == _BUSY_STATUS:
            return
        lost = status in _LOST_STATUS or (answer.code == "brain_unavailable" and status is None)
        self._ladder.breakers[rung].failed(now_s, _short(answer), lost)
        self._ladder.settle(now_s)

    def _lose_patience(self, asked: list[_Asked]) -> None:
        now_s = time.monotonic()
        for item in asked:
            if item.given_up or item.answer.done():
                continue
            breaker = self._ladder.breakers[item.rung]
            late = now_s >= item.patient_until_s
            if late:
                why = f"no answer within {now_s - item.since_s:.1f} s"
                breaker.failed(now_s, why, lost=False)
                self._ladder.settle(now_s)
            item.given_up = late or breaker.doubtful or not breaker.usable

    def _nobody(self, asked: list[_Asked], why: dict[str, str]) -> Rejected:
        reasons = {}
        for rung, name in enumerate(self._ladder.names):
            unasked = "not asked" if all(item.rung != rung for item in asked) else "no answer"
            known = self._ladder.breakers[rung]
            reasons[name] = why.get(name) or (unasked if known.usable else known.why)
        said = "; ".join(f"{name}: {reason}" for name, reason in reasons.items())
        return Rejected("brain_unavailable", f"no brain answers: {said}", {"brains": reasons})

    def hold(self, why: str) -> None:
        """Say that there is nothing left to act on."""
        with self._news:
            self._ladder.hold(time.monotonic(), why)

    def news(self, told: int) -> tuple[Standing, list[Switch]]:
        """How it stands, and the switches after the first `told` ones."""
        with self._news:
            ladder = self._ladder
            states = {
                name: "there" if item.usable else f"left: {item.why}"
                for name, item in zip(ladder.names, ladder.breakers, strict=True)
            }
            newest = ladder.switches[-1] if ladder.switches else None
            untold = min(ladder.count - told, len(ladder.switches))
            fresh = list(ladder.switches)[-untold:] if untold > 0 else []
            return Standing(ladder.count, ladder.active, newest, states), fresh

    def close(self) -> None:
        """Give threads and connections back."""
        for probe in self._probes:
            probe.close()
        self._pool.shutdown(wait=False, cancel_futures=True)
        for client in self._clients:
            client.close()

    def _look_every(self, period_s: float) -> None:
        for probe in self._probes:
            probe.set_period(period_s)

    def _reporter(self, rung: int) -> Any:
        def report(now_s: float, why: str, refused: bool) -> None:
            with self._news:
                breaker = self._ladder.breakers[rung]
                if why:
                    breaker.miss(now_s, why, refused)
                else:
                    breaker.sign(now_s)
                self._ladder.settle(now_s)
                self._news.notify_all()

        return report

    def _notify(self, _answer: Any) -> None:
        with self._news:
            self._news.notify_all()


def _short(answer: Rejected) -> str:
    status = answer.details.get("status")
    return f"answers {status}" if status else answer.code.replace("_", " ")
