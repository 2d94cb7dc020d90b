# SPDX-License-Identifier: Apache-2.0
"""Around every request: its trace id, one log line, its metrics, and no traceback ever."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from neuraxis_bridge import trace
from neuraxis_bridge.metrics import Metrics
from neuraxis_bridge.recent import Ended, Recent
from neuraxis_bridge.replies import refuse
from neuraxis_bridge.scheduler import origin
from neuraxis_bridge.trace import Span, Tracing, Unrecorded
from neuraxis_common.errors import Rejected

_LOG = logging.getLogger("neuraxis_bridge")
_KEY = "neuraxis"
_ASKED = "/v1/chat/completions"
_ROUTES = (_ASKED, "/v1/models", "/healthz", "/readyz", "/metrics", "/ui",
           "/ui/state")  # fmt: skip
_PROBES = ("/healthz", "/readyz", "/metrics", "/ui/state")


@dataclass
class Note:
    """What is known of a request by its end.

    Attributes:
        began_s: When its headers were there, monotonic.
        span: Its passage through the gateway.
        code: Why it was refused, ``ok`` if it was not.
        until_s: When its answer stops being worth something.
        plan: The answer's content.
    """

    began_s: float
    span: Span
    robot: str = ""
    code: str = "ok"
    wait_s: float | None = None
    service_s: float | None = None
    until_s: float = 0.0
    status: int = 0
    plan: str = ""

    @property
    def trace_id(self) -> str:
        """What the robot's ledger calls it."""
        return self.span.trace_id


def note_of(scope: Scope) -> Note:
    """The note of a request that passed the guard."""
    return scope[_KEY]


class Guard:
    """ASGI middleware.

    Args:
        app: What it stands around.
        metrics: Counts here.
        recent: Keeps what the page shows.
        tracing: Records what robots ask.
        clock_s: Monotonic time.
    """

    def __init__(
        self,
        app: ASGIApp,
        metrics: Metrics,
        recent: Recent,
        tracing: Tracing,
        clock_s: Callable[[], float],
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._recent = recent
        self._tracing = tracing
        self._clock_s = clock_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        note = scope[_KEY] = Note(self._clock_s(), self._span_of(scope))

        async def send_noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                note.status = message["status"]
                MutableHeaders(scope=message)[trace.HEADER] = note.trace_id
            await send(message)

        try:
            await self._app(scope, receive, send_noted)
        except Exception as error:
            fields = {"trace_id": note.trace_id, "error": origin(error)}
            _LOG.error("request failed", extra=fields)
            note.code = "internal_error"
            if not note.status:
                failed = Rejected(note.code, "the gateway failed on this request; its log says why")
                await refuse(failed)(scope, receive, send_noted)
        finally:
            self._write_down(scope["path"], note)

    def _span_of(self, scope: Scope) -> Span:
        headers, path = Headers(scope=scope), scope["path"]
        if path != _ASKED:
            return Unrecorded(headers)
        return self._tracing.begin(headers, f"{scope['method']} {path}")

    def _write_down(self, path: str, note: Note) -> None:
        route = path if path in _ROUTES else "other"
        total_s = self._clock_s() - note.began_s
        self._metrics.requests.labels(route, str(note.status), note.code).inc()
        fields = {"trace_id": note.trace_id, "route": route, "status": note.status,
                  "code": note.code, "total_ms": round(total_s * 1e3, 1)}  # fmt: skip
        if note.robot:
            ended = Ended(note.robot, note.code, note.trace_id, total_s, note.wait_s,
                          note.service_s, note.plan)  # fmt: skip
            self._recent.add(ended, self._clock_s())
            fields["robot"] = note.robot
            self._metrics.seconds.labels("total").observe(total_s)
        for name, stage, value in (
            ("wait_ms", "wait", note.wait_s),
            ("model_ms", "model", note.service_s),
        ):
            if value is not None:
                fields[name] = round(value * 1e3, 1)
                self._metrics.seconds.labels(stage).observe(value)
        facts = {"http.route": route, "http.response.status_code": note.status,
                 "neuraxis.code": note.code, "neuraxis.robot": note.robot}  # fmt: skip
        note.span.end(facts, failed=note.status >= 500)
        _LOG.log(logging.DEBUG if route in _PROBES else logging.INFO, "request", extra=fields)
