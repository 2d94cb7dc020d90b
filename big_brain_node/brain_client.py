# SPDX-License-Identifier: Apache-2.0
"""Asks a brain over HTTP, any server with the OpenAI chat-completions shape.

Whatever the network or the server does, `ask` answers within its timeout, with a plan or a refusal.
The timeout goes along as ``x-deadline-ms``: a gateway drops what nobody waits for any more. Each
question is a trace of its own, which ``traceparent`` names to the server and the ledger to us. Its
id is its ``idempotency-key``, too: where a connection breaks the question is sent once more, and a
gateway that has the answer already computes none anew.
"""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Sequence
from typing import Any, get_args
from urllib.parse import urlsplit

import httpx
import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from neuraxis_bridge import idempotency, images, job_said, measured, trace
from neuraxis_bridge.chat import MODEL, WHO_ORDERS, instruction_problem
from neuraxis_bridge.config import is_loopback
from neuraxis_bridge.job_said import Wanted
from neuraxis_bridge.keys import PRIORITIES
from neuraxis_common.errors import ConfigError, Rejected
from neuraxis_common.ledger import Hop
from neuraxis_common.plan import ContainerShape, PartShape, Plan
from neuraxis_common.types import SceneObject

HOP = "brain request"
_MAX_ANSWER_BYTES = 1_000_000
_SYSTEM = (
    f"You plan for a robot at a bench. It can only put parts ({', '.join(get_args(PartShape))}) "
    f"into containers ({', '.join(get_args(ContainerShape))}). Answer with one JSON plan of the "
    "given schema: the steps in order, with boxes in pixels of the image, or a refusal if it "
    "cannot be done exactly as said, or the answer if the sentence asks about the scene or the "
    f"job. {WHO_ORDERS}"
)


# The connection was there and broke: the answer may exist. One that cannot be made is left at once.
_BROKEN = (httpx.ReadError, httpx.WriteError, httpx.CloseError, httpx.RemoteProtocolError)


class _TooLateError(Exception):
    """The answer did not end in time."""


class BrainClient:
    """Client of one brain.

    Args:
        url: Base address, with or without ``/v1``: ``http://127.0.0.1:8740``.
        api_key: Sent as bearer token; None or empty sends none.
        timeout_s: Whole time that one question may take.
        model: Name of the model to ask for.
        on_asked: Gets a `Hop` of this name, `HOP`, with its trace id, once a question that was sent
            is answered or given up; called in the thread that asks.
        tls: What to trust and show over HTTPS; None for what the system trusts.
        priority: One of `PRIORITIES`, for a gateway that serves many robots.

    Raises:
        ConfigError: The address, the timeout or the priority cannot work.
    """

    def __init__(
        self,
        url: str,
        api_key: str | None = None,
        timeout_s: float = 2.0,
        model: str = MODEL,
        on_asked: Callable[[Hop], None] | None = None,
        tls: ssl.SSLContext | None = None,
        priority: str = "normal",
    ) -> None:
        if priority not in PRIORITIES:
            choices = ", ".join(PRIORITIES)
            raise ConfigError(f"brain_priority must be one of {choices}, got '{priority}'")
        if not 0 < timeout_s <= 600:
            raise ConfigError(f"timeout_s must be in (0, 600], got {timeout_s}")
        base = url.strip().rstrip("/").removesuffix("/v1")
        try:
            parts = urlsplit(base)
            host = parts.hostname
            _ = parts.port
        except ValueError as error:
            raise ConfigError(f"brain URL '{url}' is not an address: {error}") from error
        if parts.scheme not in ("http", "https") or not host:
            raise ConfigError(f"brain URL '{url}' must start with http:// or https:// and a host")
        self.url = base
        self.timeout_s = timeout_s
        self._model = model
        self._on_asked = on_asked or (lambda _hop: None)
        self._schema = {"name": "plan", "schema": Plan.model_json_schema(), "strict": False}
        headers = {"x-priority": priority}
        headers |= {"Authorization": f"Bearer {api_key}"} if api_key else {}
        # A proxy of the environment cannot reach this machine's own loopback.
        self._http = httpx.Client(
            headers=headers,
            timeout=timeout_s,
            trust_env=not is_loopback(host),
            verify=True if tls is None else tls,
        )

    def ask(
        self,
        rgb: NDArray[np.uint8],
        instruction: str,
        seen: Sequence[SceneObject] = (),
        job: Sequence[Wanted] = (),
        timeout_s: float | None = None,
        question_id: str = "",
    ) -> Plan | Rejected:
        """Ask once.

        Args:
            rgb: Camera image, shape (h, w, 3), uint8.
            instruction: What the person said.
            seen: What perception tracks in this image.
            job: What the robot does or has just done.
            timeout_s: Whole time for this question; None for that of the client.
            question_id: Its trace id, from `trace.new_id`, where other brains are asked the same;
                empty draws one.

        Returns:
            A valid plan (which may itself refuse), or `Rejected` with code ``instruction_empty``,
            ``instruction_too_long``, ``brain_unavailable``, ``brain_timeout`` or
            ``brain_bad_answer``.
        """
        problem = instruction_problem(instruction)
        if problem is not None:
            return problem
        limit_s = self.timeout_s if timeout_s is None else timeout_s
        try:
            question = self.question(rgb, instruction, seen, job)
            status, body = self._post(question, limit_s, question_id or trace.new_id())
        except (_TooLateError, httpx.TimeoutException):
            reason = f"the brain at {self.url} gave no answer within {limit_s:g} s"
            return Rejected("brain_timeout", reason, {"timeout_s": limit_s})
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            reason = f"the brain at {self.url} cannot be reached: {error}"
            return Rejected("brain_unavailable", reason)
        if status != 200:
            return self._refused(status, body)
        return _plan_in(body, rgb.shape)

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def question(
        self,
        rgb: NDArray[np.uint8],
        instruction: str,
        seen: Sequence[SceneObject] = (),
        job: Sequence[Wanted] = (),
    ) -> dict[str, Any]:
        """The request's body for one image, shape (h, w, 3), one sentence, and what is known."""
        image = {"type": "image_url", "image_url": {"url": images.encode(rgb)}}
        known = [measured.say(seen)] if seen else []
        known += [job_said.say(job)] if job else []
        return {
            "model": self._model,
            "messages": [
                {"role": "system", "content": _SYSTEM},
                *({"role": "system", "content": said} for said in known),
                {"role": "user", "content": [image, {"type": "text", "text": instruction}]},
            ],
            "response_format": {"type": "json_schema", "json_schema": self._schema},
            "temperature": 0,
        }

    def _post(
        self, question: dict[str, Any], limit_s: float, question_id: str
    ) -> tuple[int, bytes]:
        """Status and body; the whole exchange within the timeout, the body within its limit."""
        since_s = time.monotonic()
        try:
            try:
                return self._exchange(question, limit_s, question_id)
            except _BROKEN:
                left_s = since_s + limit_s - time.monotonic()
                if left_s <= 0.0:
                    raise
                return self._exchange(question, left_s, question_id)
        finally:
            self._on_asked(Hop(HOP, since_s, time.monotonic(), question_id))

    def _exchange(
        self, question: dict[str, Any], limit_s: float, question_id: str
    ) -> tuple[int, bytes]:
        deadline_s = time.monotonic() + limit_s
        body = bytearray()
        address = f"{self.url}/v1/chat/completions"
        headers = {
            "x-deadline-ms": str(max(1, int(limit_s * 1e3))),
            idempotency.HEADER: question_id,
            trace.PARENT: trace.new_parent(question_id),
        }
        with self._http.stream(
            "POST", address, json=question, headers=headers, timeout=limit_s
        ) as response:
            for chunk in response.iter_bytes():
                body += chunk
                if time.monotonic() > deadline_s:
                    raise _TooLateError
                if len(body) > _MAX_ANSWER_BYTES:
                    break
            return response.status_code, bytes(body)

    def _refused(self, status: int, body: bytes) -> Rejected:
        try:
            said = str(json.loads(body)["error"]["message"])[:300]
        except (ValueError, KeyError, TypeError):
            said = "no explanation"
        reason = f"the brain at {self.url} answered {status}: {said}"
        code = "brain_timeout" if status in (408, 504) else "brain_unavailable"
        return Rejected(code, reason, {"status": status})


def _plan_in(body: bytes, image_shape: tuple[int, ...]) -> Plan | Rejected:
    """The plan in a chat completion, if it is one and its boxes lie in the image."""
    try:
        content = json.loads(body)["choices"][0]["message"]["content"]
        plan = Plan.model_validate_json(_unfenced(content))
    except (ValueError, KeyError, IndexError, TypeError, RecursionError) as error:
        return Rejected("brain_bad_answer", f"the brain's answer is no plan: {_short(error)}")
    height, width = image_shape[:2]
    refs = [(index, ref) for index, step in enumerate(plan.steps) for ref in step.refs]
    refs += [(None, ref) for ref in (plan.answer.things if plan.answer else ())]
    for index, ref in refs:
        x0, y0, x1, y1 = ref.box
        if not (x0 < x1 <= width + 1 and y0 < y1 <= height + 1):
            reason = f"the {ref.label}'s box {ref.box} is not in the {width} x {height} image"
            return Rejected("brain_bad_answer", reason, {"step": index})
    return plan


def _unfenced(content: object) -> str:
    """Without the ``` fence that some servers put around JSON; TypeError if it is no text."""
    if not isinstance(content, str):
        raise TypeError(f"content is a {type(content).__name__}, not text")
    text = content.strip()
    if text.startswith("```"):
        text = text.strip("`").removeprefix("json").strip()
    return text


def _short(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        return f"field '{'.'.join(str(step) for step in first['loc'])}': {first['msg']}"
    return f"{type(error).__name__}: {str(error)[:120]}"
