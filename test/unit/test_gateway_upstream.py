# SPDX-License-Identifier: Apache-2.0
"""In front of another server: what goes along, what comes back, and what each failure becomes."""

from __future__ import annotations

import asyncio
import json
import time

import httpx
import numpy as np
import pytest
from gateway_rig import BODY, ask, code, gateway, run

from neuraxis_bridge import images
from neuraxis_bridge.upstream import HOPS, UpstreamBackend
from neuraxis_common.errors import ConfigError

ANSWER = {
    "id": "1", "object": "chat.completion", "created": 1, "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "hi"},
                 "finish_reason": "stop"}],
    "usage": {"total_tokens": 42},
}  # fmt: skip


def behind(answer, **config):
    """A gateway whose upstream is `answer(request)`."""
    transport = httpx.MockTransport(answer)
    backend = UpstreamBackend("http://up/v1", "their-key", 10**6, time.monotonic, transport)
    return gateway(backend, **config)


def test_deadline_trace_and_the_gateways_own_key_go_along():
    seen = []

    async def answer(request):
        seen.append(request)
        return httpx.Response(200, json=ANSWER)

    async def scene():
        async with behind(answer) as http:
            headers = {"authorization": "Bearer robots-key", "x_trace_id": "a" * 32}
            response = await ask(http, x_deadline_ms="3000", **headers)
            assert response.json() == ANSWER and response.headers["x-trace-id"] == "a" * 32
            assert 'cost_units_total{robot="r1"} 42.0' in (await http.get("/metrics")).text

    run(scene())
    request = seen[0]
    assert request.url == "http://up/v1/chat/completions" and json.loads(request.content) == BODY
    assert request.headers["authorization"] == "Bearer their-key"
    assert 0 < int(request.headers["x-deadline-ms"]) <= 3000
    assert request.headers["traceparent"].startswith("00-" + "a" * 32)


def error(status, message="no", **headers):
    return httpx.Response(status, json={"error": {"message": message}}, headers=headers)


@pytest.mark.parametrize(
    ("given", "status", "named"),
    [
        (error(429, **{"retry-after": "7"}), 429, "upstream_busy"),
        (error(401, "key sk-123 is wrong"), 502, "upstream_refused_us"),
        (error(400, "no such field"), 400, "upstream_refused_request"),
        (error(404, "no such model"), 404, "upstream_refused_request"),
        (error(500, "Traceback: secret"), 502, "upstream_error"),
        (error(503), 502, "upstream_error"),
        (error(504), 504, "upstream_timeout"),
        (httpx.Response(200, content=b"<html>"), 502, "upstream_bad_answer"),
        (httpx.Response(200, json={"choices": []}), 502, "upstream_bad_answer"),
        (
            httpx.Response(200, content=b'{"choices": [{"message": NaN}]}'),
            502,
            "upstream_bad_answer",
        ),
        (httpx.Response(200, content=b"[" * 100_000), 502, "upstream_bad_answer"),
        (httpx.Response(200, content=b" " * 5_000_000), 502, "upstream_bad_answer"),
        (httpx.Response(302, headers={"location": "http://evil"}), 502, "upstream_error"),
    ],
)
def test_every_answer_of_an_upstream_has_its_status(given, status, named):
    async def scene():
        async with behind(lambda _request: given) as http:
            response = await ask(http)
            assert response.status_code == status and code(response) == named
            assert "secret" not in response.text and "sk-123" not in response.text
            if named == "upstream_busy":
                assert response.headers["retry-after"] == "7"

    run(scene())


@pytest.mark.parametrize(
    ("failure", "status", "named"),
    [
        (httpx.ConnectError("refused by 10.1.2.3"), 502, "upstream_unreachable"),
        (httpx.ReadError("reset"), 502, "upstream_unreachable"),
        (httpx.ReadTimeout("slow"), 504, "upstream_timeout"),
    ],
)
def test_failures_of_the_network_are_mapped(failure, status, named):
    def answer(_request):
        raise failure

    async def scene():
        async with behind(answer) as http:
            response = await ask(http)
            assert (response.status_code, code(response)) == (status, named)
            assert "10.1.2.3" not in response.text
            assert (await http.get("/readyz")).status_code == 503

    run(scene())


def test_slow_upstream_is_left_at_the_deadline_and_the_worker_is_free():
    async def answer(request):
        if b"slow" in request.content:
            await asyncio.sleep(30.0)
        return httpx.Response(200, json=ANSWER)

    async def scene():
        async with behind(answer) as http:
            assert (await ask(http, body={"say": "slow"}, x_deadline_ms="60")).status_code == 504
            assert (await ask(http)).status_code == 200

    run(scene())


class Events(httpx.AsyncByteStream):
    """A stream of chunks, an error after them if there is one."""

    def __init__(self, chunks, failure=None):
        self._chunks, self._failure = chunks, failure

    async def __aiter__(self):
        for chunk in self._chunks:
            yield chunk
        if self._failure:
            raise self._failure


def test_stream_comes_through_and_can_be_had_again():
    chunks = [b'data: {"a": 1}\n\n', b"data: [DONE]\n\n"]
    count = []

    def answer(_request):
        count.append(1)
        return httpx.Response(200, stream=Events(chunks))

    async def scene():
        async with behind(answer) as http:
            asked = {"body": {"stream": True}, "idempotency_key": "k"}
            for _ in range(2):
                assert (await ask(http, **asked)).content == b"".join(chunks)
            assert len(count) == 1

    run(scene())


def test_broken_stream_ends_with_an_event_that_says_so():
    stream = Events([b'data: {"a": 1}\n\n'], httpx.ReadError("reset"))

    async def scene():
        async with behind(lambda _request: httpx.Response(200, stream=stream)) as http:
            text = (await ask(http, body={"stream": True})).text
            assert '{"a": 1}' in text and "upstream_unreachable" in text and "[DONE]" not in text

    run(scene())


def test_images_are_judged_before_they_are_sent():
    rgb = np.zeros((2000, 2000, 3), dtype=np.uint8)
    urls = {
        images.encode(rgb): "image_too_large",
        "http://169.254.169.254/secret": "image_not_a_data_uri",
        "data:image/png;base64,AAAA": "image_unreadable",
    }

    async def scene():
        async with behind(lambda _request: pytest.fail("it was sent")) as http:
            for url, named in urls.items():
                part = {"type": "image_url", "image_url": {"url": url}}
                response = await ask(http, body={"messages": [{"role": "user", "content": [part]}]})
                assert response.status_code == 400 and code(response) == named

    run(scene())


def test_circle_of_gateways_is_noticed():
    async def scene():
        async with behind(lambda _request: httpx.Response(200, json=ANSWER)) as http:
            response = await ask(http, **{HOPS: "a,b,c,d"})
            assert response.status_code == 508

    run(scene())


def test_models_are_those_of_the_upstream():
    def answer(request):
        assert request.url.path == "/v1/models"
        return httpx.Response(200, json={"data": [{"id": "qwen"}]})

    async def scene():
        async with behind(answer) as http:
            assert (await http.get("/v1/models")).json()["data"][0]["id"] == "qwen"
            assert (await http.get("/readyz")).status_code == 200

    run(scene())


@pytest.mark.parametrize("url", ["", "ftp://x", "http://", "http://user:pass@x"])
def test_impossible_upstreams_are_config_errors(url):
    with pytest.raises(ConfigError, match="--upstream") as caught:
        UpstreamBackend(url, "", 1, time.monotonic)
    assert "pass@" not in str(caught.value)
