# SPDX-License-Identifier: Apache-2.0
"""One trace from the robot's ledger through gateways to the model; a collector harms nothing."""

from __future__ import annotations

import json
import logging
import socket
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import numpy as np
import pytest
from gateway_rig import ask, gateway, run
from test_gateway_upstream import ANSWER, behind
from wire_rig import SAY, serving

from big_brain_node.brain_client import HOP, BrainClient
from neuraxis_bridge.config import BridgeConfig
from neuraxis_bridge.server import main
from neuraxis_common.errors import ConfigError
from neuraxis_common.ledger import Ledger
from neuraxis_common.plan import Plan

pytest.importorskip("opentelemetry.sdk", reason="needs pip install 'neuraxis[otel]'")

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from neuraxis_bridge import otel

RGB = np.full((480, 640, 3), 90, dtype=np.uint8)
ASKED = "POST /v1/chat/completions"
HEXA = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{HEXA}-00f067aa0ba902b7-01"


def recording():
    """A `Tracing`, and where its spans come."""
    spans = InMemorySpanExporter()
    return otel.Recording(SimpleSpanProcessor(spans)), spans


def named(spans):
    """Finished spans by name."""
    return {span.name: span for span in spans.get_finished_spans()}


def trace_of(span):
    return f"{span.context.trace_id:032x}"


@contextmanager
def robot(port):
    """A client whose requests are written into a ledger."""
    ledger = Ledger()
    hops = []
    brain = BrainClient(f"http://127.0.0.1:{port}", timeout_s=60.0, on_asked=hops.append)
    try:
        yield brain, ledger
    finally:
        brain.close()
        for hop in hops:
            ledger.add(hop.name, hop.stamp_in_s, hop.stamp_out_s, hop.trace_id)


def test_ledger_of_the_robot_and_spans_of_two_gateways_are_one_trace(tmp_path):
    (inner_tracing, inner), (outer_tracing, outer) = recording(), recording()
    with (
        serving(tracing=inner_tracing) as behind_port,
        serving(tracing=outer_tracing, upstream=f"http://127.0.0.1:{behind_port}") as port,
        robot(port) as (brain, ledger),
    ):
        assert isinstance(brain.ask(RGB, SAY), Plan)
    ledger.write_jsonl(tmp_path / "ledger.jsonl")
    row = json.loads((tmp_path / "ledger.jsonl").read_text())
    outer, inner = named(outer), named(inner)
    assert row["name"] == HOP
    assert {trace_of(span) for span in (*outer.values(), *inner.values())} == {row["trace_id"]}
    assert set(outer) == {ASKED, "wait", "model", "upstream"}
    assert set(inner) == {ASKED, "wait", "model"}
    assert outer[ASKED].parent.is_remote and outer[ASKED].kind is SpanKind.SERVER
    for name in ("wait", "model"):
        for spans in (outer, inner):
            assert spans[name].parent.span_id == spans[ASKED].context.span_id
    assert outer["upstream"].parent.span_id == outer["model"].context.span_id
    assert outer["upstream"].kind is SpanKind.CLIENT
    assert inner[ASKED].parent.span_id == outer["upstream"].context.span_id
    assert outer[ASKED].attributes["http.response.status_code"] == 200
    assert outer[ASKED].attributes["neuraxis.code"] == "ok"


def test_request_without_a_trace_gets_one_and_a_name_of_the_robots_own_stays_its_name():
    tracing, spans = recording()

    async def scene():
        async with gateway(tracing=tracing) as http:
            for given in ("", "job-7"):
                headers = {"x_trace_id": given} if given else {}
                said = (await ask(http, **headers)).headers["x-trace-id"]
                root = [span for span in spans.get_finished_spans() if span.name == ASKED][-1]
                assert root.parent is None and root.attributes["neuraxis.trace_id"] == said
                assert said == given or said == trace_of(root)

    run(scene())


def test_what_is_refused_in_the_queue_or_by_the_model_says_so_in_its_spans():
    tracing, spans = recording()

    async def scene():
        async with gateway(tracing=tracing, workers=1) as http:
            assert (await ask(http, body={"say": "explode"})).status_code == 500
            http.backend.gate.clear()
            held = ask(http, "r1")
            late = await ask(http, "r2", x_deadline_ms="100", traceparent=PARENT)
            assert late.status_code == 504 and late.headers["x-trace-id"] == HEXA
            http.backend.gate.set()
            await held

    run(scene())
    failed = next(span for span in spans.get_finished_spans() if span.name == "model")
    assert failed.status.status_code is StatusCode.ERROR
    assert failed.attributes["neuraxis.code"] == "internal_error"
    waited = [span for span in spans.get_finished_spans() if trace_of(span) == HEXA]
    assert {span.name for span in waited} == {ASKED, "wait"}
    assert {span.attributes["neuraxis.code"] for span in waited} == {"deadline_passed"}


def test_gateway_that_records_nothing_hands_the_robots_headers_on_as_they_came():
    seen = []

    def answer(request):
        seen.append(request.headers)
        return httpx.Response(200, json=ANSWER)

    async def scene():
        async with behind(answer) as http:
            await ask(http, traceparent=PARENT, tracestate="vendor=1")
            zero = f"00-{HEXA}-0000000000000000-01"
            assert (await ask(http, traceparent=zero)).headers["x-trace-id"] != HEXA

    run(scene())
    assert seen[0]["traceparent"] == PARENT and seen[0]["tracestate"] == "vendor=1"
    assert seen[1]["traceparent"].split("-")[1] == seen[1]["x-trace-id"]


class Collector(ThreadingHTTPServer):
    """Keeps what it gets and answers nobody before `open` is set."""

    daemon_threads = True

    def __init__(self):
        self.asked, self.open, self.bodies = threading.Event(), threading.Event(), []
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.bodies.append((self.path, body))
        self.server.asked.set()
        self.server.open.wait(60.0)
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_args):
        """Stay quiet."""


@contextmanager
def collecting():
    with Collector() as collector:
        threading.Thread(target=collector.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield collector
        finally:
            collector.open.set()
            collector.shutdown()


def test_requests_are_answered_while_the_collector_hangs(monkeypatch):
    # Spans are sent at once and for longer than any request may take.
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "1")
    monkeypatch.setattr(otel, "_EXPORT_S", 600.0)
    with collecting() as collector:
        with (
            serving(otlp_endpoint=collector.url) as port,
            robot(port) as (brain, _),
        ):
            assert isinstance(brain.ask(RGB, SAY), Plan)
            assert collector.asked.wait(60.0)
            for _ in range(3):
                assert isinstance(brain.ask(RGB, SAY), Plan)
            assert not collector.open.is_set()
            collector.open.set()
        path, body = collector.bodies[0]
    sent = ExportTraceServiceRequest.FromString(body)
    names = {span.name for span in sent.resource_spans[0].scope_spans[0].spans}
    assert path == "/v1/traces" and names <= {ASKED, "wait", "model"} and names


def test_requests_are_answered_while_nobody_collects(monkeypatch, caplog):
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "1")
    monkeypatch.setattr(otel, "_EXPORT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = f"http://127.0.0.1:{closed.getsockname()[1]}"
    with caplog.at_level(logging.ERROR):
        with serving(otlp_endpoint=nobody) as port, robot(port) as (brain, ledger):
            for _ in range(3):
                assert isinstance(brain.ask(RGB, SAY), Plan)
    assert ledger.summary()[HOP]["n"] == 3
    assert "internal_error" not in caplog.text


@pytest.mark.parametrize(
    "endpoint",
    ["collector", "localhost:4318", "grpc://x:4317", "http://", "http://x:99999", "http://u:pw@x",
     "http://x/?key=pw", "http://x y", " "],
)  # fmt: skip
def test_impossible_collectors_are_config_errors(endpoint, capsys):
    with pytest.raises(ConfigError, match="otlp_endpoint") as caught:
        BridgeConfig(otlp_endpoint=endpoint)
    assert "pw" not in str(caught.value)
    assert main(["--port", "0", "--otlp-endpoint", endpoint]) == 2
    assert "otlp_endpoint" in capsys.readouterr().err


def test_spans_without_the_library_are_a_config_error_that_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "neuraxis_bridge.otel", None)
    with pytest.raises(ConfigError, match=r"pip install 'neuraxis\[otel\]'"):
        with serving(otlp_endpoint="http://127.0.0.1:4318"):
            pass
