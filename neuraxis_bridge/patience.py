# SPDX-License-Identifier: Apache-2.0
"""HTTP/1.1 that closes a connection whose request headers never end.

uvicorn bounds the time between requests, not the time within their headers: a client that sends one
byte a minute would keep its connection for ever.
"""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol


class Patient(H11Protocol):
    """Gives request headers `header_s` seconds, from the connection or from their first byte."""

    header_s = 10.0
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Wait for the first request."""
        super().connection_made(transport)
        self._judge()

    def data_received(self, data: bytes) -> None:
        """See whether the headers are whole by now."""
        super().data_received(data)
        self._judge()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        super().connection_lost(exc)
        self._stop()

    def _judge(self) -> None:
        if self.conn.their_state is not h11.IDLE:
            self._stop()
        elif self._timer is None:
            self._timer = self.loop.call_later(self.header_s, self._lose_patience)

    def _lose_patience(self) -> None:
        self._timer = None
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            self.transport.close()

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def patient_for(header_s: float) -> type[Patient]:
    """A protocol class that gives request headers this many seconds."""
    return type("Patient", (Patient,), {"header_s": header_s})
