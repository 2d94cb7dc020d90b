# SPDX-License-Identifier: Apache-2.0
"""Who is asking: keys checked once and remembered, failures slowed down, budgets kept."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from neuraxis_bridge.budget import Bucket, Buckets
from neuraxis_bridge.keys import KeyEntry, parse_key, read_keys
from neuraxis_common.errors import ConfigError, Rejected

_RELOAD_S = 1.0
_REMEMBERED = 4096
# Keys of one address that were checked the slow way: a fleet behind one address needs as many.
_CHECKS_PER_S, _CHECKS_AT_ONCE = 5.0, 200.0


@dataclass(frozen=True)
class Caller:
    """Who asks, and up to which priority."""

    robot: str
    role: str = "robot"
    max_priority: str = "high"
    key_id: str = ""


@dataclass(frozen=True)
class _Budgets:
    rate: Bucket
    cost: Bucket


class Access:
    """Checks keys against a file, which is read again when it changes.

    A key is hashed the slow way once; then it is known by a keyed digest in memory, under a random
    key that dies with the process. Wrong keys are remembered too: repeating one costs nothing.

    Args:
        path: The keys file.

    Raises:
        ConfigError: The file is missing or malformed, or holds no key in force.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pepper = secrets.token_bytes(32)
        self._known: OrderedDict[bytes, str] = OrderedDict()
        self._checks = Buckets(lambda: Bucket(_CHECKS_PER_S, _CHECKS_AT_ONCE))
        self._budgets: dict[str, _Budgets] = {}
        self._entries = read_keys(path)
        self._stamp, self._looked_s = self._stat(), 0.0
        if all(entry.revoked for entry in self._entries.values()):
            raise ConfigError(f"keys file '{path}' holds no key in force: neuraxis keys add")

    def recall(self, key: str, now_s: float) -> Caller | Rejected | None:
        """The caller of a key checked before; None when it needs `check`, which is slow."""
        self._reload(now_s)
        key_id = self._known.get(self._mark(key))
        if key_id is None:
            return None if parse_key(key) else wrong_key()
        return self._caller(key_id)

    def may_check(self, address: str, now_s: float) -> Rejected | None:
        """Whether this address may have another unknown key checked; counts it."""
        bucket = self._checks.of(address)
        wait_s = bucket.wait_s(now_s)
        if wait_s > 0.0:
            reason = "too many unknown keys from this address"
            return Rejected("too_many_keys", reason, {"retry_after_s": wait_s})
        bucket.take(now_s)
        return None

    def check(self, key: str) -> Caller | Rejected:
        """Compare with the hash; about 50 ms, so call it beside the event loop."""
        parsed = parse_key(key)
        entry = self._entries.get(parsed[0]) if parsed else None
        good = entry is not None and entry.matches(parsed[1])
        self._known[self._mark(key)] = entry.key_id if good else ""
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return self._caller(entry.key_id) if good else wrong_key()

    def spend(self, caller: Caller, now_s: float) -> Rejected | None:
        """Take one request from the caller's budgets, or say why there is none left."""
        budgets = self._of(caller)
        if budgets is None:
            return wrong_key()
        for code, bucket in (("rate_budget", budgets.rate), ("cost_budget", budgets.cost)):
            wait_s = bucket.wait_s(now_s)
            if wait_s > 0.0:
                reason = f"the {code.replace('_', ' ')} of '{caller.robot}' is spent"
                return Rejected(code, reason, {"retry_after_s": wait_s})
        budgets.rate.take(now_s)
        return None

    def charge(self, caller: Caller, units: float, now_s: float) -> None:
        """Take what a request has cost."""
        budgets = self._of(caller)
        if budgets is not None:
            budgets.cost.take(now_s, units)

    def _of(self, caller: Caller) -> _Budgets | None:
        """None when the key was taken out of the file meanwhile."""
        entry = self._entries.get(caller.key_id)
        if entry is None:
            return None
        if caller.key_id not in self._budgets:
            # An hour's cost may be spent at once: a robot works in shifts, not evenly.
            cost = Bucket(entry.cost_per_hour / 3600.0, max(entry.cost_per_hour, 1.0))
            rate = Bucket(entry.rate_per_min / 60.0, float(entry.burst))
            self._budgets[caller.key_id] = _Budgets(rate, cost)
        return self._budgets[caller.key_id]

    def _caller(self, key_id: str) -> Caller | Rejected:
        entry: KeyEntry | None = self._entries.get(key_id)
        if entry is None or entry.revoked:
            return wrong_key()
        return Caller(entry.robot, entry.role, entry.max_priority, key_id)

    def _mark(self, key: str) -> bytes:
        return hmac.digest(self._pepper, key.encode("utf-8", "replace"), hashlib.sha256)

    def _stat(self) -> tuple[int, int]:
        found = self._path.stat()
        return found.st_mtime_ns, found.st_ino

    def _reload(self, now_s: float) -> None:
        """Take a changed file; a broken one leaves the keys as they were."""
        if now_s - self._looked_s < _RELOAD_S:
            return
        self._looked_s = now_s
        try:
            stamp = self._stat()
            if stamp == self._stamp:
                return
            self._entries, self._stamp = read_keys(self._path), stamp
        except (OSError, ConfigError):
            return
        self._known.clear()
        self._budgets.clear()


def wrong_key() -> Rejected:
    """What every bad key gets, whatever is wrong with it."""
    return Rejected(
        "invalid_api_key", "missing or wrong API key; send 'Authorization: Bearer <key>'"
    )
