# SPDX-License-Identifier: Apache-2.0
"""One name for a request in the robot's ledger, the gateway's log and the upstream's.

The headers are those of W3C Trace Context (https://www.w3.org/TR/trace-context/), beside
``x-trace-id`` for names that do not fit into them.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Protocol

HEADER = "x-trace-id"
PARENT = "traceparent"
STATE = "tracestate"
_PARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MAX_STATE = 512
_SAMPLED = "01"


class Span(Protocol):
    """One passage of a request, recorded or not.

    Attributes:
        trace_id: What the request is called.
    """

    trace_id: str

    def child(self, name: str, *, outward: bool = False) -> Span:
        """Begin a passage within this one; `outward` for one that another server answers."""

    def onward(self) -> dict[str, str]:
        """Headers that make what the next server does a part of this passage."""

    def end(self, facts: Mapping[str, str | int] | None = None, *, failed: bool = False) -> None:
        """End it, with what is known of it by then."""


class Tracing(Protocol):
    """Where the passages of requests are recorded."""

    def begin(self, headers: Mapping[str, str], name: str) -> Span:
        """The passage of one request, within that of the robot where its headers name one."""

    def close(self) -> None:
        """Hand over what is left; may take seconds."""


class Unrecorded:
    """The `Span` of a gateway that records none: what the robot sent goes on as it came."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self.trace_id = trace_id(headers)
        self._onward = {HEADER: self.trace_id}
        if parent_in(headers):
            self._onward |= {PARENT: headers[PARENT]} | _state_in(headers)
        elif re.fullmatch(r"[0-9a-f]{32}", self.trace_id):
            self._onward[PARENT] = new_parent(self.trace_id)

    def child(self, _name: str, *, outward: bool = False) -> Span:
        """Itself."""
        return self

    def onward(self) -> dict[str, str]:
        """The robot's own headers; ``traceparent`` also where its id fits into one."""
        return dict(self._onward)

    def end(self, facts: Mapping[str, str | int] | None = None, *, failed: bool = False) -> None:
        """Nothing to record."""


class Untraced:
    """The `Tracing` that records nothing."""

    def begin(self, headers: Mapping[str, str], _name: str) -> Span:
        """A span that only carries the id."""
        return Unrecorded(headers)

    def close(self) -> None:
        """Nothing is left."""


def new_id() -> str:
    """A new id, 32 hexadecimal digits."""
    return secrets.token_hex(16)


def new_parent(of_id: str) -> str:
    """``traceparent`` of a new span in the trace of this id, which has 32 hexadecimal digits."""
    return f"00-{of_id}-{secrets.token_hex(8)}-{_SAMPLED}"


def parent_in(headers: Mapping[str, str]) -> str:
    """The trace id in ``traceparent``, empty where there is none."""
    match = _PARENT.fullmatch(headers.get(PARENT, ""))
    return match[1] if match else ""


def trace_id(headers: Mapping[str, str]) -> str:
    """The id of W3C ``traceparent``, else of ``x-trace-id``, else a new one."""
    given = headers.get(HEADER, "")
    return parent_in(headers) or (given if _ID.fullmatch(given) else new_id())


def _state_in(headers: Mapping[str, str]) -> dict[str, str]:
    state = headers.get(STATE, "")
    fits = 0 < len(state) <= _MAX_STATE and state.isascii() and state.isprintable()
    return {STATE: state} if fits else {}
