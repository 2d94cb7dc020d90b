# SPDX-License-Identifier: Apache-2.0
"""What a backend makes of a request: a whole completion, or a stream that others can read along."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

DONE = b"data: [DONE]\n\n"


@dataclass(frozen=True)
class Completion:
    """An answer in one piece.

    Attributes:
        body: A chat completion.
        stream: Whether it was asked for as server-sent events.
    """

    body: dict[str, Any]
    stream: bool = False


class Relay:
    """Chunks of a stream, kept so that a retry can read them from the start.

    Its writer bounds what it puts in; a reader that is slow holds nobody up.
    """

    def __init__(self) -> None:
        self._chunks: list[bytes] = []
        self._ended = False
        self._news = asyncio.Event()

    def put(self, chunk: bytes) -> None:
        """Add a chunk."""
        self._chunks.append(chunk)
        self._tell()

    def end(self) -> None:
        """Nothing more comes."""
        self._ended = True
        self._tell()

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def read(self) -> AsyncIterator[bytes]:
        """All chunks, waiting for those that are still to come."""
        index = 0
        while True:
            news = self._news
            while index < len(self._chunks):
                yield self._chunks[index]
                index += 1
            if self._ended:
                return
            if index == len(self._chunks):
                await news.wait()


def event(data: dict[str, Any]) -> bytes:
    """One server-sent event."""
    return f"data: {json.dumps(data)}\n\n".encode()


def events_of(body: dict[str, Any]) -> Iterator[bytes]:
    """A whole completion in the shape of a streamed one."""
    shared = {key: body[key] for key in ("id", "created", "model")}
    shared["object"] = "chat.completion.chunk"
    message = body["choices"][0]["message"]
    steps = (
        ({"role": "assistant", "content": ""}, None),
        ({"content": message["content"]}, None),
        ({}, body["choices"][0]["finish_reason"]),
    )
    for delta, finish in steps:
        yield event(shared | {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})
    yield DONE
