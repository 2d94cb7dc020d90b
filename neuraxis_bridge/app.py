# SPDX-License-Identifier: Apache-2.0
"""The HTTP application: routes and what they answer."""

from __future__ import annotations

import asyncio
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
from neuraxis_bridge.trace import Tracing, Untraced
from neuraxis_bridge.ui import add_page
from neuraxis_common.errors import ConfigError, Rejected

_TEXT = "text/plain; version=0.0.4; charset=utf-8"


def create_app(
    brain: Brain,
    config: BridgeConfig,
    clock_s: Callable[[], float] = time.monotonic,
    tracing: Tracing | None = None,
) -> FastAPI:
    """The application around one loaded brain."""
    backend = LocalBackend(brain, config.workers, config.max_pixels, config.batch, clock_s)
    return create_gateway(backend, config, clock_s, tracing)


def create_gateway(
    backend: Backend,
    config: BridgeConfig,
    clock_s: Callable[[], float] = time.monotonic,
    tracing: Tracing | None = None,
) -> FastAPI:
    """The application around any backend.

    Args:
        backend: What answers.
        config: Limits.
        clock_s: Monotonic time.
        tracing: Where requests are recorded; None for what `config` says.

    Raises:
        ConfigError: The keys file is unfit, or spans are wanted and OpenTelemetry is missing.
    """
    metrics, door = Metrics(), Door(config, clock_s)
    tracing = tracing or _tracing_of(config)
    gateway = Gateway(backend, config, door, metrics, clock_s)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        door.close()
        await gateway.close()
        await asyncio.to_thread(tracing.close)

    app = FastAPI(
        title="neuraxis gateway", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan
    )
    recent = Recent()
    app.add_middleware(Guard, metrics=metrics, recent=recent, tracing=tracing, clock_s=clock_s)
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


def _tracing_of(config: BridgeConfig) -> Tracing:
    if not config.otlp_endpoint:
        return Untraced()
    try:
        from neuraxis_bridge.otel import to_collector
    except ImportError as error:
        raise ConfigError(
            f"OpenTelemetry is missing: pip install 'neuraxis[otel]' ({error})"
        ) from error
    return to_collector(config.otlp_endpoint)


def _refuse(request: Request, problem: Rejected, status: int | None = None) -> Response:
    note_of(request.scope).code = problem.code
    return replies.refuse(problem, status)
