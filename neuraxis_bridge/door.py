# SPDX-License-Identifier: Apache-2.0
"""Who comes in: by keys file, by the one key of a small installation, or anybody on loopback."""

from __future__ import annotations

import asyncio
import hmac
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from fastapi import Request

from neuraxis_bridge.access import Access, Caller, wrong_key
from neuraxis_bridge.config import BridgeConfig
from neuraxis_common.errors import Rejected

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Door:
    """Lets callers in.

    Args:
        config: Says which keys there are.
        clock_s: Monotonic time.

    Raises:
        ConfigError: The keys file is missing, malformed or without a key in force.
    """

    def __init__(self, config: BridgeConfig, clock_s: Callable[[], float]) -> None:
        self._api_key = config.api_key
        self._access = Access(config.keys_file) if config.keys_file else None
        self._clock_s = clock_s
        # Hashing takes 16 MiB each time: one thread, so that a flood of wrong keys takes no more.
        self._hasher = ThreadPoolExecutor(1, thread_name_prefix="keys")

    async def enter(self, request: Request, role: str) -> Caller | Rejected:
        """The caller of a request, if the key is right and may do this."""
        given = request.headers.getlist("authorization")
        if len(given) > 1:
            return wrong_key()
        key = given[0].removeprefix("Bearer ").strip() if given else ""
        if self._access is None:
            return self._simple(request, key)
        caller = self._access.recall(key, self._clock_s())
        if caller is None:
            address = request.client.host if request.client else ""
            caller = self._access.may_check(address, self._clock_s())
        if caller is None:
            check = self._access.check
            caller = await asyncio.get_running_loop().run_in_executor(self._hasher, check, key)
        if isinstance(caller, Caller) and caller.role != role:
            return Rejected("wrong_role", f"this needs a key of role '{role}'")
        return caller

    def _simple(self, request: Request, key: str) -> Caller | Rejected:
        if self._api_key and not hmac.compare_digest(key.encode(), self._api_key.encode()):
            return wrong_key()
        name = request.headers.get("x-robot", "")
        if not _NAME.fullmatch(name):
            name = request.client.host if request.client else "unknown"
        return Caller(name)

    def spend(self, caller: Caller) -> Rejected | None:
        """Take one request from the caller's budgets."""
        return self._access.spend(caller, self._clock_s()) if self._access else None

    def charge(self, caller: Caller, units: float) -> None:
        """Take what a request has cost."""
        if self._access is not None:
            self._access.charge(caller, units, self._clock_s())

    def close(self) -> None:
        """Check no more keys."""
        self._hasher.shutdown(wait=False, cancel_futures=True)
