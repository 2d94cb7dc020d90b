# SPDX-License-Identifier: Apache-2.0
"""Sentences of requests that wait are read along with one that begins; their turns stay theirs."""

from __future__ import annotations

import asyncio
import threading
import time

import numpy as np
import pytest
from gateway_rig import ask, code, gateway, until

from neuraxis_bridge import images
from neuraxis_bridge.chat import MODEL
from neuraxis_bridge.config import BridgeConfig
from neuraxis_bridge.local import LocalBackend
from neuraxis_common.errors import ConfigError
from neuraxis_common.plan import Plan, Refusal

IMAGE = images.encode(np.zeros((48, 64, 3), dtype=np.uint8))


class Brain:
    """Refuses everything; keeps what it read together and planned, and holds each plan back."""

    def __init__(self):
        self.read, self.planned = [], []
        self.gate = threading.Event()
        self._turns = threading.Semaphore(0)

    def begin_next(self):
        """Let one plan go."""
        self._turns.release()

    def read_ahead(self, sentences):
        self.read.append(list(sentences))
        return len(sentences)

    def plan(self, _rgb, sentence, *_more):
        self.planned.append(sentence)
        while not self._turns.acquire(timeout=0.005) and not self.gate.is_set():
            continue
        refusal = Refusal(code="not_a_task", reason=sentence, suggestion="")
        return Plan(language="en", refusal=refusal)


def local(brain, batch=8, workers=1):
    return LocalBackend(brain, workers, 10**6, batch, time.monotonic)


def saying(text):
    content = [{"type": "image_url", "image_url": {"url": IMAGE}}, {"type": "text", "text": text}]
    return {"model": MODEL, "messages": [{"role": "user", "content": content}]}


async def shown(client, name):
    """One value of the metrics."""
    text = (await client.get("/metrics")).text
    return next(float(row.split()[1]) for row in text.splitlines() if row.startswith(f"{name} "))


async def fill(client, brain, *asked):
    """Ask one that begins, then the others, which wait. Each is (text, robot and headers)."""
    asks = [ask(client, "first", saying("first"))]
    await until(lambda: brain.planned == ["first"])
    for count, (text, headers) in enumerate(asked, start=1):
        asks.append(ask(client, body=saying(text), **{"robot": text} | headers))
        while await shown(client, "neuraxis_gateway_waiting") < count:
            await asyncio.sleep(0.001)
    return asks


def run(body, batch=8):
    """Run a coroutine function with a gateway's client and its brain."""

    async def inside():
        brain = Brain()
        async with gateway(local(brain, batch)) as client:
            try:
                await asyncio.wait_for(body(client, brain), 20.0)
            finally:
                brain.gate.set()

    asyncio.run(inside())


def said_of(response):
    """What the brain answered."""
    return Plan.model_validate_json(response.json()["choices"][0]["message"]["content"])


def test_a_lone_request_is_begun_at_once_and_read_alone():
    async def body(client, brain):
        brain.gate.set()
        response = await ask(client, "r", saying("only"))
        assert said_of(response).refusal.reason == "only"
        assert brain.read == [["only"]]
        assert await shown(client, "neuraxis_gateway_batch_sentences_sum") == 1.0

    run(body)


def test_what_waits_is_read_together_once_and_answered_each_its_own():
    async def body(client, brain):
        asks = await fill(client, brain, *((f"s{k}", {}) for k in range(5)))
        brain.gate.set()
        answers = [said_of(response).refusal.reason for response in await asyncio.gather(*asks)]
        assert answers == ["first", "s0", "s1", "s2", "s3", "s4"]
        assert brain.read == [["first"], ["s0", "s1", "s2", "s3"], ["s4"]]
        assert await shown(client, "neuraxis_gateway_batch_sentences_count") == 3.0
        assert await shown(client, "neuraxis_gateway_batch_sentences_sum") == 6.0

    run(body, batch=4)


def test_a_batch_of_one_reads_each_alone():
    async def body(client, brain):
        asks = await fill(client, brain, ("a", {}), ("b", {}))
        brain.gate.set()
        await asyncio.gather(*asks)
        assert brain.read == [["first"], ["a"], ["b"]]

    run(body, batch=1)


def test_what_was_read_ahead_is_still_overtaken_by_what_is_urgent():
    async def body(client, brain):
        same = {"robot": "patient"}
        asks = await fill(client, brain, ("a", same), ("b", same), ("c", same))
        brain.begin_next()
        await until(lambda: brain.planned == ["first", "a"])
        assert brain.read == [["first"], ["a", "b", "c"]]
        urgent = ask(client, "urgent", saying("urgent"), x_priority="high")
        while await shown(client, "neuraxis_gateway_waiting") < 3:
            await asyncio.sleep(0.001)
        brain.gate.set()
        await asyncio.gather(urgent, *asks)
        assert brain.planned == ["first", "a", "urgent", "b", "c"]

    run(body)


def test_what_was_read_ahead_is_still_dropped_at_its_deadline_and_not_charged():
    async def body(client, brain):
        asks = await fill(client, brain, ("a", {}), ("late", {"x_deadline_ms": "2500"}))
        brain.begin_next()
        await until(lambda: brain.planned == ["first", "a"])
        assert code(await asks[2]) == "deadline_passed"
        brain.gate.set()
        await asyncio.gather(*asks)
        assert brain.planned == ["first", "a"]
        costs = (await client.get("/metrics")).text
        assert 'cost_units_total{robot="a"}' in costs
        assert 'cost_units_total{robot="late"}' not in costs

    run(body)


def test_a_request_that_cannot_be_read_spoils_no_batch():
    async def body(client, brain):
        asks = await fill(client, brain, ("good", {}))
        bad = ask(client, "bad", {"messages": "none"})
        while await shown(client, "neuraxis_gateway_waiting") < 2:
            await asyncio.sleep(0.001)
        brain.gate.set()
        _, good, refused = await asyncio.gather(*asks, bad)
        assert said_of(good).refusal.reason == "good" and refused.status_code == 400
        assert brain.read == [["first"], ["good"]]

    run(body)


def test_what_a_refused_request_would_have_read_is_read_together_by_the_next():
    async def body(client, brain):
        bad = {"model": MODEL, "messages": []}
        first = ask(client, "first", saying("first"))
        await until(lambda: brain.planned == ["first"])
        asks = [ask(client, "bad", bad)]
        for count, text in enumerate(("a", "b"), start=2):
            asks.append(ask(client, text, saying(text)))
            while await shown(client, "neuraxis_gateway_waiting") < count:
                await asyncio.sleep(0.001)
        brain.gate.set()
        refused, *_ = await asyncio.gather(*asks, first)
        assert refused.status_code == 400 and brain.read == [["first"], ["a", "b"]]

    run(body)


def test_a_batch_of_none_is_refused():
    with pytest.raises(ConfigError, match="batch must be positive, got 0"):
        BridgeConfig(batch=0)
