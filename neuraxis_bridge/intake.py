# SPDX-License-Identifier: Apache-2.0
"""Takes bodies in, and holds no more bytes of them at once than allowed."""

from __future__ import annotations

import asyncio

from fastapi import Request
from starlette.requests import ClientDisconnect

from neuraxis_common.errors import Rejected


class Intake:
    """Counts the bytes of all requests from their first chunk to the end of the work on them.

    Args:
        max_body_bytes: A larger body is refused.
        max_held_bytes: Bytes of all requests at once.
        upload_s: A body that takes longer is refused.
    """

    def __init__(self, max_body_bytes: int, max_held_bytes: int, upload_s: float) -> None:
        self._max_body_bytes = max_body_bytes
        self._max_held_bytes = max_held_bytes
        self._upload_s = upload_s
        self.held_bytes = 0

    async def read(self, request: Request, left_s: float) -> bytes | Rejected:
        """The body, whose bytes count until `release`; what is refused counts no more.

        Args:
            request: Its stream is not read yet.
            left_s: Time until the request's deadline.
        """
        length = request.headers.get("content-length", "")
        if length.isdigit() and int(length) > self._max_body_bytes:
            return self._too_large()
        chunks: list[bytes] = []
        try:
            limit_s = min(self._upload_s, max(left_s, 0.0))
            problem = await asyncio.wait_for(self._receive(request, chunks), limit_s)
        except asyncio.TimeoutError:
            problem = Rejected("upload_timeout", f"the body took longer than {limit_s:g} s")
        except ClientDisconnect:
            problem = Rejected("client_gone", "the client closed the connection")
        except BaseException:
            self.release(sum(map(len, chunks)))
            raise
        if problem is not None:
            self.release(sum(map(len, chunks)))
            return problem
        return b"".join(chunks)

    async def _receive(self, request: Request, chunks: list[bytes]) -> Rejected | None:
        received = 0
        async for chunk in request.stream():
            received += len(chunk)
            if received > self._max_body_bytes:
                return self._too_large()
            if self.held_bytes + len(chunk) > self._max_held_bytes:
                reason = f"requests hold {self.held_bytes} bytes already"
                return Rejected("memory_full", reason, {"retry_after_s": 1.0})
            self.held_bytes += len(chunk)
            chunks.append(chunk)
        return None

    def release(self, count: int) -> None:
        """Bytes that are no longer held."""
        self.held_bytes -= count

    def _too_large(self) -> Rejected:
        reason = f"the body is larger than {self._max_body_bytes} bytes"
        return Rejected("body_too_large", reason)
