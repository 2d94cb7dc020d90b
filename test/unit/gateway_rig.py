# SPDX-License-Identifier: Apache-2.0
"""A gateway around a backend that tests hold by its hand, driven in one event loop."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager

import httpx

from neuraxis_bridge.app import create_gateway
from neuraxis_bridge.config import BridgeConfig
from neuraxis_bridge.outcome import Completion

BODY = {"model": "m", "messages": [{"role": "user", "content": "go"}]}


class Backend:
    """Answers with the body's own `say`; waits for `gate`, and counts."""

    def __init__(self):
        self.gate = asyncio.Event()
        self.gate.set()
        self.started = []
        self.problem = None

    async def run(self, job):
        said = json.loads(job.body).get("say", "hello")
        self.started.append((job.robot, said))
        await self.gate.wait()
        if said == "explode":
            raise RuntimeError("secret detail")
        message = {"role": "assistant", "content": said}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        body = {"id": f"x{len(self.started)}", "created": 1, "model": "m", "choices": [choice]}
        job.settle(Completion(body, bool(json.loads(job.body).get("stream"))))

    async def models(self):
        return ["m"]

    async def ready(self):
        return self.problem

    async def close(self):
        """Nothing to give back."""


@asynccontextmanager
async def gateway(backend=None, tracing=None, **config):
    """A client of a gateway, whose `backend` is at hand."""
    backend = backend or Backend()
    app = create_gateway(backend, BridgeConfig(**config), tracing=tracing)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
            client.backend = backend
            yield client


def ask(client, robot="r1", body=None, **headers):
    """Ask in the background."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    request = client.post(
        "/v1/chat/completions", json=BODY | (body or {}), headers={"x-robot": robot} | names
    )
    return asyncio.ensure_future(request)


async def until(condition, limit_s=10.0):
    """Let the loop run until something holds."""
    end_s = asyncio.get_running_loop().time() + limit_s
    while not condition():
        assert asyncio.get_running_loop().time() < end_s, "it never held"
        await asyncio.sleep(0.001)


def code(response):
    """Refusal code of a response."""
    return response.json()["error"]["code"]


def run(coroutine):
    """Run one test in a loop of its own."""
    return asyncio.run(asyncio.wait_for(coroutine, 30.0))
