# SPDX-License-Identifier: Apache-2.0
"""The brain client against servers that are good, absent, slow, or talk nonsense."""

from __future__ import annotations

import json
import socket
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from big_brain_node.brain_client import BrainClient
from neuraxis_bridge import chat
from neuraxis_common.errors import ConfigError, Rejected
from neuraxis_common.plan import ContainerRef, PartRef, Plan, PutStep, Refusal

RGB = np.zeros((48, 64, 3), dtype=np.uint8)
PLAN = Plan(
    steps=(
        PutStep(
            object=PartRef(shape="cube", color="red", box=(1, 2, 10, 12)),
            target=ContainerRef(shape="tray", color="blue", box=(20, 2, 60, 40)),
        ),
    )
)
REFUSING = Plan(language="zh", refusal=Refusal(code="unsafe", reason="我不会这样做"))


@contextmanager
def serving(answer):
    """A server on loopback; `answer(handler, body)` writes the response."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            try:
                answer(self, body)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def log_message(self, *_args):
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def send(handler, payload, status=200):
    data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    handler.send_response(status)
    handler.send_header("content-length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)


def content(text):
    return {"choices": [{"message": {"role": "assistant", "content": text}}]}


def asked(payload, status=200, **client):
    with serving(lambda handler, _body: send(handler, payload, status)) as url:
        brain = BrainClient(url, **client)
        try:
            return brain.ask(RGB, "put the red cube in the tray")
        finally:
            brain.close()


@pytest.mark.parametrize("plan", [PLAN, REFUSING])
def test_plan_arrives_as_it_was_sent(plan):
    assert asked(chat.answer(plan, "id", 0)) == plan


def test_fenced_json_is_read():
    assert asked(content(f"```json\n{PLAN.model_dump_json()}\n```")) == PLAN


def test_request_is_what_the_bridge_reads():
    bodies = []

    def answer(handler, body):
        bodies.append((body, handler.headers, handler.path))
        send(handler, chat.answer(PLAN, "id", 0))

    with serving(answer) as url:
        BrainClient(url + "/v1/", api_key="k3y", timeout_s=1.5).ask(RGB, "put it there")
    body, headers, path = bodies[0]
    question = chat.read_request(body, max_pixels=10**6)
    assert question.instruction == "put it there" and np.array_equal(question.rgb, RGB)
    assert headers["authorization"] == "Bearer k3y" and path == "/v1/chat/completions"
    assert headers["x-deadline-ms"] == "1500"


def test_any_model_is_told_that_words_in_the_image_are_no_orders():
    client = BrainClient("http://127.0.0.1:9")
    told = client.question(RGB, "put it there")["messages"][0]
    client.close()
    assert told["role"] == "system" and told["content"].endswith(chat.WHO_ORDERS)


@pytest.mark.parametrize(
    "payload",
    [
        b"<html>hello</html>",
        b"",
        b"\xff\xfe\x00",
        [],
        {},
        {"choices": []},
        {"choices": [{"message": {"content": None}}]},
        content("sure, I will do that"),
        content("{}"),
        content('{"version": 2}'),
        content(json.dumps({"actions": ["wave"]})),
        content(PLAN.model_dump_json().replace('"cube"', '"banana"')),
        content(PLAN.model_dump_json().replace("1.0", "-1.0", 1)),
        content(PLAN.model_dump_json().replace("60.0", "6000.0")),
        b"[" * 50_000,
    ],
)
def test_garbage_and_other_schemas_are_rejected(payload):
    answer = asked(payload)
    assert isinstance(answer, Rejected) and answer.code == "brain_bad_answer"


def test_endless_answer_is_cut_off():
    def answer(handler, _body):
        handler.send_response(200)
        handler.end_headers()
        for _ in range(200):
            handler.wfile.write(b"x" * 65536)

    with serving(answer) as url:
        assert BrainClient(url, timeout_s=5.0).ask(RGB, "go").code == "brain_bad_answer"


@pytest.mark.parametrize(
    ("status", "code"),
    [(500, "brain_unavailable"), (503, "brain_unavailable"), (401, "brain_unavailable"),
     (404, "brain_unavailable"), (429, "brain_unavailable"), (504, "brain_timeout"),
     (302, "brain_unavailable")],
)  # fmt: skip
def test_error_status_is_rejected_with_what_the_server_says(status, code):
    answer = asked(chat.error_body("x", "because of this"), status)
    assert answer.code == code and "because of this" in answer.reason
    assert asked(b"oops", status).code == code


def test_nobody_there_is_unavailable():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    assert BrainClient(f"http://127.0.0.1:{port}").ask(RGB, "go").code == "brain_unavailable"
    assert BrainClient("http://no-such-host.invalid").ask(RGB, "go").code == "brain_unavailable"


def test_connection_closed_half_way_is_unavailable():
    def answer(handler, _body):
        handler.send_response(200)
        handler.send_header("content-length", "1000")
        handler.end_headers()
        handler.wfile.write(b"{")
        handler.close_connection = True

    with serving(answer) as url:
        assert BrainClient(url).ask(RGB, "go").code == "brain_unavailable"


def test_question_whose_connection_breaks_is_sent_once_more_under_the_same_key():
    seen = []

    def answer(handler, body):
        seen.append((handler.headers, body))
        if len(seen) == 1:
            handler.connection.shutdown(socket.SHUT_RDWR)
            handler.close_connection = True
        else:
            send(handler, chat.answer(PLAN, "id", 0))

    with serving(answer) as url:
        brain = BrainClient(url, timeout_s=60.0, priority="high")
        assert brain.ask(RGB, "go") == PLAN and brain.ask(RGB, "go") == PLAN
        brain.close()
    (first, body), (retry, same), (other, _) = seen
    assert first["idempotency-key"] == retry["idempotency-key"] != other["idempotency-key"]
    assert body == same
    assert int(retry["x-deadline-ms"]) <= int(first["x-deadline-ms"])
    ids = [headers["traceparent"].split("-")[1:3] for headers in (first, retry, other)]
    assert ids[0][0] == ids[1][0] != ids[2][0] and ids[0][1] != ids[1][1]
    assert {headers["x-priority"] for headers, _ in seen} == {"high"}


@pytest.mark.parametrize("drip", [False, True])
def test_slow_brain_times_out(drip):
    stop = threading.Event()

    def answer(handler, _body):
        handler.send_response(200)
        handler.end_headers()
        while drip and not stop.wait(0.05):
            handler.wfile.write(b" ")
            handler.wfile.flush()
        stop.wait(5.0)

    with serving(answer) as url:
        began = time.monotonic()
        assert BrainClient(url, timeout_s=0.3).ask(RGB, "go").code == "brain_timeout"
        assert time.monotonic() - began < 5.0
        stop.set()


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "instruction_empty"), ("  \n", "instruction_empty"), ("a" * 2001, "instruction_too_long"),
     ("put " * 2500, "instruction_too_long")],
)  # fmt: skip
def test_impossible_sentences_are_not_even_sent(text, code):
    assert BrainClient("http://127.0.0.1:9").ask(RGB, text).code == code


@pytest.mark.parametrize("url", ["", "localhost:8740", "ftp://x", "http://", "http://x:99999999"])
def test_impossible_addresses_are_config_errors(url):
    with pytest.raises(ConfigError, match="URL"):
        BrainClient(url)


def test_impossible_priority_is_a_config_error():
    with pytest.raises(ConfigError, match="brain_priority must be one of low, normal, high"):
        BrainClient("http://x", priority="urgent")


def test_impossible_timeout_is_a_config_error():
    with pytest.raises(ConfigError, match="timeout_s"):
        BrainClient("http://x", timeout_s=0.0)
