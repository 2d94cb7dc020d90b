# SPDX-License-Identifier: Apache-2.0
"""The HTTP application: routes, limits and errors. The model runs on one worker thread."""

from __future__ import annotations

import asyncio
import hmac
import logging
import time
import uuid
from collections.abc import AsyncIterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException as StarletteError

from neuraxis_bridge import chat
from neuraxis_bridge.brain import Brain
from neuraxis_bridge.config import BridgeConfig
from neuraxis_common.errors import Rejected
from neuraxis_common.plan import Plan

_LOG = logging.getLogger("neuraxis_bridge")
_STATUS_CODES = {
    401: "invalid_api_key",
    404: "not_found",
    405: "method_not_allowed",
    408: "upload_timeout",
    413: "body_too_large",
    503: "busy",
    504: "deadline",
}


class _Work:
    """One model thread with a bounded queue."""

    def __init__(self, brain: Brain, config: BridgeConfig) -> None:
        self._brain = brain
        self._config = config
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="brain")
        self._waiting = 0

    def _read_and_plan(self, body: bytes) -> Plan | Rejected:
        question = chat.read_request(body, self._config.max_pixels)
        if isinstance(question, Rejected):
            return question
        return self._brain.plan(question.rgb, question.instruction)

    async def plan(self, body: bytes) -> Plan | Rejected:
        """Plan within the deadline; raises HTTPException 503 or 504 when that cannot be."""
        if self._waiting >= self._config.max_waiting:
            raise HTTPException(503, f"{self._waiting} requests are waiting already")
        self._waiting += 1
        future = self._pool.submit(self._read_and_plan, body)
        future.add_done_callback(self._finished)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), self._config.deadline_s)
        except asyncio.TimeoutError:
            raise HTTPException(504, f"no plan within {self._config.deadline_s} s") from None

    def _finished(self, _future: Future[Plan | Rejected]) -> None:
        self._waiting -= 1

    def close(self) -> None:
        """Drop what waits."""
        self._pool.shutdown(wait=False, cancel_futures=True)


async def _body(request: Request, config: BridgeConfig) -> bytes:
    """The request's body; raises HTTPException when it is too large or too slow."""
    too_large = HTTPException(413, f"the body is larger than {config.max_body_bytes} bytes")
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > config.max_body_bytes:
        raise too_large
    chunks: list[bytes] = []
    received = 0

    async def receive() -> None:
        nonlocal received
        async for chunk in request.stream():
            received += len(chunk)
            if received > config.max_body_bytes:
                raise too_large
            chunks.append(chunk)

    try:
        await asyncio.wait_for(receive(), config.upload_s)
    except asyncio.TimeoutError:
        raise HTTPException(408, f"the body took longer than {config.upload_s} s") from None
    return b"".join(chunks)


def _check_key(request: Request, config: BridgeConfig) -> None:
    if not config.api_key:
        return
    given = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
    if not hmac.compare_digest(given.encode(), config.api_key.encode()):
        raise HTTPException(401, "missing or wrong API key; send 'Authorization: Bearer <key>'")


def _error(status: int, code: str, message: str) -> JSONResponse:
    return JSONResponse(chat.error_body(code, message), status)


def create_app(brain: Brain, config: BridgeConfig) -> FastAPI:
    """The application around one loaded brain."""
    work = _Work(brain, config)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        work.close()

    app = FastAPI(
        title="neuraxis bridge", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan
    )

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok", "model": chat.MODEL}

    @app.get("/v1/models")
    async def models(request: Request) -> dict[str, object]:
        _check_key(request, config)
        entry = {"id": chat.MODEL, "object": "model", "created": 0, "owned_by": "neuraxis"}
        return {"object": "list", "data": [entry]}

    @app.post("/v1/chat/completions")
    async def completions(request: Request) -> JSONResponse:
        _check_key(request, config)
        result = await work.plan(await _body(request, config))
        if isinstance(result, Rejected):
            status = 404 if result.code == "model_not_found" else 400
            return _error(status, result.code, result.reason)
        return JSONResponse(chat.answer(result, f"chatcmpl-{uuid.uuid4().hex}", int(time.time())))

    _add_error_handlers(app)
    return app


def _add_error_handlers(app: FastAPI) -> None:
    """Every failure is answered in the error shape of the API, none with a traceback."""

    @app.exception_handler(StarletteError)
    async def refuse(_request: Request, error: StarletteError) -> JSONResponse:
        code = _STATUS_CODES.get(error.status_code, "error")
        return _error(error.status_code, code, str(error.detail))

    @app.exception_handler(Exception)
    async def fail(request: Request, error: Exception) -> JSONResponse:
        _LOG.error("%s %s failed", request.method, request.url.path, exc_info=error)
        return _error(500, "internal_error", "the bridge failed on this request; its log says why")
