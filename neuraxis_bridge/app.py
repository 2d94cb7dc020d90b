# SPDX-License-Identifier: Apache-2.0
"""The HTTP application: routes and what they answer."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException as StarletteError

from neuraxis_bridge import chat, replies
from neuraxis_bridge.brain import Brain
from neuraxis_bridge.config import BridgeConfig
from neuraxis_bridge.door import Door
from neuraxis_bridge.gateway import Backend, Gateway
from neuraxis_bridge.guard import Guard, note_of
from neuraxis_bridge.local import LocalBackend
from neuraxis_bridge.metrics import Metrics
from neuraxis_bridge.recent import Recent
from neuraxis_bridge.schema import add_contract
from neuraxis_bridge.ui import add_page
from neuraxis_common.errors import Rejected

_TEXT = "text/plain; version=0.0.4; charset=utf-8"


def create_app(
    brain: Brain, config: BridgeConfig, clock_s: Callable[[], float] = time.monotonic
) -> FastAPI:
    """The application around one loaded brain."""
    backend = LocalBackend(brain, config.workers, config.max_pixels, config.batch, clock_s)
    return create_gateway(backend, config, clock_s)


def create_gateway(
    backend: Backend, config: BridgeConfig, clock_s: Callable[[], float] = time.monotonic
) -> FastAPI:
    """The application around any backend. Raises ConfigError when the keys file is unfit."""
    metrics, door = Metrics(), Door(config, clock_s)
    gateway = Gateway(backend, config, door, metrics, clock_s)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        door.close()
        await gateway.close()

    app = FastAPI(
        title="neuraxis gateway", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan
    )
    recent = Recent()
    app.add_middleware(Guard, metrics=metrics, recent=recent, clock_s=clock_s)
    add_page(app, door, lambda: gateway.state() | recent.state(clock_s()))

    add_contract(app)

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok", "model": chat.MODEL}

    @app.get("/readyz")
    async def readyz(request: Request) -> Response:
        problem = await gateway.ready()
        return JSONResponse({"status": "ready"}) if problem is None else _refuse(request, problem)

    @app.get("/metrics")
    async def show_metrics(request: Request) -> Response:
        caller = await door.enter(request, "monitor")
        if isinstance(caller, Rejected):
            return _refuse(request, caller)
        return Response(metrics.text(), media_type=_TEXT)

    @app.get("/v1/models")
    async def models(request: Request) -> Response:
        caller = await door.enter(request, "robot")
        names = caller if isinstance(caller, Rejected) else await backend.models()
        if isinstance(names, Rejected):
            return _refuse(request, names)
        shared = {"object": "model", "created": 0, "owned_by": "neuraxis"}
        return JSONResponse({"object": "list", "data": [{"id": name} | shared for name in names]})

    @app.post("/v1/chat/completions")
    async def completions(request: Request) -> Response:
        return await gateway.ask(request)

    @app.exception_handler(StarletteError)
    async def refuse(request: Request, error: StarletteError) -> Response:
        problem = Rejected(replies.code_of(error.status_code), str(error.detail))
        return _refuse(request, problem, error.status_code)

    return app


def _refuse(request: Request, problem: Rejected, status: int | None = None) -> Response:
    note_of(request.scope).code = problem.code
    return replies.refuse(problem, status)
