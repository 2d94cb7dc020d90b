# SPDX-License-Identifier: Apache-2.0
"""Requests as spans of OpenTelemetry, sent to a collector by OTLP over HTTP.

Spans are handed over by a thread of the library, in batches. A collector that is slow or gone costs
spans, never a request: what does not fit into the library's queue is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import requests
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span as OtelSpan
from opentelemetry.trace import SpanKind, StatusCode, Tracer, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from neuraxis_bridge import trace
from neuraxis_bridge.config import is_loopback

_W3C = TraceContextTextMapPropagator()
_PATH = "/v1/traces"
# One batch, tries included; also bounds how long a gateway without its collector takes to end.
_EXPORT_S = 3.0


class _Recorded:
    """A `trace.Span` that is recorded."""

    def __init__(self, tracer: Tracer, span: OtelSpan, trace_id: str) -> None:
        self._tracer, self._span, self.trace_id = tracer, span, trace_id

    def child(self, name: str, *, outward: bool = False) -> _Recorded:
        kind = SpanKind.CLIENT if outward else SpanKind.INTERNAL
        within = set_span_in_context(self._span, Context())
        span = self._tracer.start_span(name, context=within, kind=kind)
        return _Recorded(self._tracer, span, self.trace_id)

    def onward(self) -> dict[str, str]:
        headers = {trace.HEADER: self.trace_id}
        _W3C.inject(headers, set_span_in_context(self._span, Context()))
        return headers

    def end(self, facts: Mapping[str, str | int] | None = None, *, failed: bool = False) -> None:
        self._span.set_attributes(dict(facts or {}))
        if failed:
            self._span.set_status(StatusCode.ERROR)
        self._span.end()


class Recording:
    """Records requests.

    Args:
        processor: Gets every span that has ended.
    """

    def __init__(self, processor: SpanProcessor) -> None:
        resource = Resource.create({"service.name": "neuraxis-gateway"})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("neuraxis_bridge")

    def begin(self, headers: Mapping[str, str], name: str) -> trace.Span:
        """The span of one request; a child of the robot's where ``traceparent`` names one.

        An ``x-trace-id`` alone is the request's name and an attribute, but no trace of its own.
        """
        sent = {key: headers[key] for key in (trace.PARENT, trace.STATE) if key in headers}
        within = _W3C.extract(sent, Context())
        span = self._tracer.start_span(name, context=within, kind=SpanKind.SERVER)
        own_id = f"{span.get_span_context().trace_id:032x}"
        named = not within and trace.HEADER in headers
        given_id = trace.trace_id({trace.HEADER: headers[trace.HEADER]}) if named else own_id
        span.set_attribute("neuraxis.trace_id", given_id)
        return _Recorded(self._tracer, span, given_id)

    def close(self) -> None:
        """Hand over what is left."""
        self._provider.shutdown()


def to_collector(endpoint: str) -> Recording:
    """Record to a collector.

    Args:
        endpoint: Its base address, checked by `BridgeConfig`, with or without ``/v1/traces``.
            Headers and certificates for it are those of ``OTEL_EXPORTER_OTLP_*``.
    """
    address = endpoint.rstrip("/").removesuffix(_PATH) + _PATH
    session = requests.Session()
    # A proxy of the environment cannot reach this machine's own loopback.
    session.trust_env = not is_loopback(urlsplit(address).hostname or "")
    exporter = OTLPSpanExporter(address, timeout=_EXPORT_S, session=session)
    return Recording(BatchSpanProcessor(exporter))
