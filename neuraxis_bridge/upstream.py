# SPDX-License-Identifier: Apache-2.0
"""Any OpenAI-compatible server as a backend: vLLM, SGLang, a cloud, another gateway.

The deadline goes along in the header and bounds every wait here. What the upstream says about
itself (its keys, its limits, its insides) does not reach the robot; what it says about the request
does.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import httpx

from neuraxis_bridge import deadline, images, outcome
from neuraxis_bridge.config import is_loopback
from neuraxis_bridge.outcome import Completion, Relay
from neuraxis_bridge.scheduler import Job
from neuraxis_common.errors import ConfigError, Rejected

HOPS = "x-neuraxis-hops"
_MAX_HOPS = 4
_MAX_ANSWER_BYTES = 4_000_000
_CONNECT_S = 2.0
_PROBE_S = 2.0


class UpstreamBackend:
    """Forwards requests.

    Args:
        url: Base address, with or without ``/v1``.
        key: Bearer token for the upstream; empty sends none. The robots' keys stay here.
        max_pixels: Larger images are refused here already.
        clock_s: Monotonic time, the one of the jobs' deadlines.
        transport: Only for tests.

    Raises:
        ConfigError: The address cannot work.
    """

    def __init__(
        self,
        url: str,
        key: str,
        max_pixels: int,
        clock_s: Callable[[], float],
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        base = url.strip().rstrip("/").removesuffix("/v1")
        parts = urlsplit(base)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            raise ConfigError("--upstream must be http(s)://host[:port][/path] without a password")
        self._name = secrets.token_hex(4)
        self._max_pixels = max_pixels
        self._clock_s = clock_s
        self._probed: tuple[float, list[str] | Rejected] | None = None
        self._http = httpx.AsyncClient(
            base_url=base,
            headers={"authorization": f"Bearer {key}"} if key else {},
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=64),
            trust_env=not is_loopback(parts.hostname),
            transport=transport,
        )

    async def models(self) -> list[str] | Rejected:
        """The upstream's models, asked for at most every other second."""
        now_s = self._clock_s()
        if self._probed is None or now_s - self._probed[0] > _PROBE_S:
            self._probed = (now_s, await self._ask_models())
        return self._probed[1]

    async def _ask_models(self) -> list[str] | Rejected:
        try:
            response = await self._http.get("/v1/models", timeout=_PROBE_S)
            if response.status_code != 200:
                return _refused_by(response.status_code, b"", response.headers)
            return [str(row["id"]) for row in response.json()["data"]][:1000]
        except httpx.HTTPError as error:
            return _unreachable(error)
        except (ValueError, KeyError, TypeError):
            return Rejected("upstream_bad_answer", "the upstream's list of models is none")

    async def ready(self) -> Rejected | None:
        """Whether the upstream lists its models."""
        models = await self.models()
        return Rejected("not_ready", models.reason) if isinstance(models, Rejected) else None

    async def run(self, job: Job) -> None:
        """Settle a job with the upstream's answer, its stream, or what went wrong."""
        request = await asyncio.to_thread(_read, job.body, self._max_pixels)
        loop = _loop_of(job.hops, self._name)
        if isinstance(request, Rejected) or loop is not None:
            job.settle(loop or request)
            return
        left_s = job.deadline_s - self._clock_s()
        if left_s <= 0.0:
            job.settle(deadline.passed("in the queue", job.budget_s))
            return
        relay = Relay() if request.get("stream") else None
        try:
            await asyncio.wait_for(self._forward(job, left_s, relay), left_s)
        except (asyncio.TimeoutError, httpx.TimeoutException):
            timeout = Rejected("upstream_timeout", "the upstream did not answer in time")
            self._fail(job, relay, timeout)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            self._fail(job, relay, _unreachable(error))
        finally:
            if relay is not None:
                relay.end()

    async def _forward(self, job: Job, left_s: float, relay: Relay | None) -> None:
        span = (job.passage or job.span).child("upstream", outward=True)
        facts: dict[str, str | int] = {"http.request.method": "POST"}
        try:
            await self._exchange(job, left_s, relay, span.onward(), facts)
        except BaseException as error:
            facts["error.type"] = type(error).__name__
            raise
        finally:
            status = facts.get("http.response.status_code", 0)
            span.end(facts, failed="error.type" in facts or int(status) >= 400)

    async def _exchange(
        self,
        job: Job,
        left_s: float,
        relay: Relay | None,
        traced: dict[str, str],
        facts: dict[str, str | int],
    ) -> None:
        headers = {
            "content-type": "application/json",
            deadline.HEADER: str(max(1, int(left_s * 1e3))),
            HOPS: f"{job.hops},{self._name}".strip(","),
        } | traced
        timeout = httpx.Timeout(left_s, connect=min(left_s, _CONNECT_S))
        address = "/v1/chat/completions"
        async with self._http.stream(
            "POST", address, content=job.body, headers=headers, timeout=timeout
        ) as response:
            facts["http.response.status_code"] = response.status_code
            if response.status_code != 200:
                body = await _bounded(response)
                job.settle(_refused_by(response.status_code, body or b"", response.headers))
            elif relay is None:
                self._settle_whole(job, await _bounded(response))
            else:
                job.settle(relay)
                await _pass_on(response, relay)

    def _settle_whole(self, job: Job, body: bytes | None) -> None:
        try:
            answer = json.loads(body or b"", parse_constant=_no_number)
            _ = answer["choices"][0]["message"]
        except (ValueError, KeyError, IndexError, TypeError, RecursionError):
            job.settle(Rejected("upstream_bad_answer", "the upstream's answer is no completion"))
            return
        usage = answer.get("usage")
        tokens = usage.get("total_tokens") if isinstance(usage, dict) else None
        if isinstance(tokens, int) and tokens > 0:
            job.cost = float(tokens)
        job.settle(Completion(answer))

    def _fail(self, job: Job, relay: Relay | None, why: Rejected) -> None:
        """Refuse, or end a stream that has begun with an event that says why."""
        if job.result.done() and relay is not None:
            relay.put(outcome.event({"error": {"message": why.reason, "code": why.code}}))
        job.settle(why)

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()


def _read(body: bytes, max_pixels: int) -> dict[str, Any] | Rejected:
    """The request as JSON, if it is one and its images are inside it and within limits."""
    try:
        request = json.loads(body)
        messages = request["messages"]
        contents = [message["content"] for message in messages if message.get("content")]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Rejected("invalid_request", "the body is no chat completion request")
    parts = [part for content in contents if isinstance(content, list) for part in content]
    for part in parts:
        if not isinstance(part, dict) or part.get("type") not in ("text", "image_url"):
            return Rejected("invalid_request", "parts of a message must be text or image_url")
        if part["type"] == "text":
            continue
        image = part.get("image_url")
        url = image.get("url") if isinstance(image, dict) else None
        # An address would make the upstream fetch from wherever a robot says.
        checked = images.decode(url if isinstance(url, str) else "", max_pixels)
        if isinstance(checked, Rejected):
            return checked
    return request


def _loop_of(hops: str, name: str) -> Rejected | None:
    passed = [hop for hop in hops.split(",") if hop]
    if name in passed or len(passed) >= _MAX_HOPS:
        return Rejected("loop", f"the request went through {len(passed)} gateways already")
    return None


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is not JSON")


async def _bounded(response: httpx.Response) -> bytes | None:
    """The whole body; None when it is larger than any answer."""
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > _MAX_ANSWER_BYTES:
            return None
    return bytes(body)


async def _pass_on(response: httpx.Response, relay: Relay) -> None:
    size = 0
    async for chunk in response.aiter_bytes():
        size += len(chunk)
        if size > _MAX_ANSWER_BYTES:
            problem = {"message": "the stream is too long", "code": "upstream_bad_answer"}
            relay.put(outcome.event({"error": problem}))
            return
        relay.put(chunk)


def _refused_by(status: int, body: bytes, headers: httpx.Headers) -> Rejected:
    """What an upstream's status means to the robot."""
    if status == 429 or (status == 503 and "retry-after" in headers):
        given = headers.get("retry-after", "")
        known = given.isascii() and given.isdigit() and len(given) < 5
        after_s = float(given) if known else 1.0
        return Rejected("upstream_busy", "the upstream is busy", {"retry_after_s": after_s})
    if status in (401, 403):
        return Rejected("upstream_refused_us", "the upstream does not take the gateway's key")
    if status in (400, 404, 413, 422):
        try:
            said = str(json.loads(body)["error"]["message"])[:300]
        except (ValueError, KeyError, TypeError, RecursionError):
            said = "it does not say why"
        reason = f"the upstream refuses the request: {said}"
        return Rejected("upstream_refused_request", reason, {"status": status})
    if status in (408, 504):
        return Rejected("upstream_timeout", "the upstream did not answer in time")
    return Rejected("upstream_error", f"the upstream answered {status}")


def _unreachable(error: Exception) -> Rejected:
    reason = f"the upstream cannot be reached: {type(error).__name__}"
    return Rejected("upstream_unreachable", reason)
