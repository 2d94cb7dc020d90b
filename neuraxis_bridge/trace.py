# SPDX-License-Identifier: Apache-2.0
"""One name for a request in the robot's ledger, the gateway's log and the upstream's."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping

HEADER = "x-trace-id"
_PARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def trace_id(headers: Mapping[str, str]) -> str:
    """The id of W3C ``traceparent``, else of ``x-trace-id``, else a new one."""
    match = _PARENT.fullmatch(headers.get("traceparent", ""))
    if match and set(match[1]) != {"0"}:
        return match[1]
    given = headers.get(HEADER, "")
    return given if _ID.fullmatch(given) else secrets.token_hex(16)


def onward(given_id: str) -> dict[str, str]:
    """Headers that hand an id on; ``traceparent`` too where the id fits into one."""
    headers = {HEADER: given_id}
    if re.fullmatch(r"[0-9a-f]{32}", given_id):
        headers["traceparent"] = f"00-{given_id}-{secrets.token_hex(8)}-01"
    return headers
