# SPDX-License-Identifier: Apache-2.0
"""Retries with the same ``idempotency-key`` share one computation and get one answer."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from neuraxis_common.errors import Rejected

HEADER = "idempotency-key"
_MAX_CHARS = 128


@dataclass
class _Slot:
    fingerprint: bytes
    work: Any
    until_s: float


class Retries:
    """Remembers the work behind each key of each robot.

    Args:
        keep_s: Seconds for which an answer can be had again.
        most: Keys beyond this many push out the oldest.
    """

    def __init__(self, keep_s: float = 600.0, most: int = 4096) -> None:
        self._keep_s = keep_s
        self._most = most
        self._slots: OrderedDict[tuple[str, str], _Slot] = OrderedDict()

    def __len__(self) -> int:
        return len(self._slots)

    def known(self, robot: str, key: str, now_s: float) -> bool:
        """Whether a request with this key may be a retry."""
        slot = self._slots.get((robot, key))
        return slot is not None and slot.until_s > now_s

    def find(self, robot: str, key: str, body: bytes, now_s: float) -> Any | Rejected | None:
        """The work that this key stands for, None when it is new.

        Rejected when the key is no key, or stood for another body.
        """
        if not (0 < len(key) <= _MAX_CHARS and key.isascii() and key.isprintable()):
            reason = f"{HEADER} must be 1 to {_MAX_CHARS} printable ASCII characters"
            return Rejected("invalid_idempotency_key", reason)
        slot = self._slots.get((robot, key))
        if slot is None or slot.until_s <= now_s:
            return None
        if slot.fingerprint != hashlib.sha256(body).digest():
            reason = f"this {HEADER} came with another body before"
            return Rejected("idempotency_key_reused", reason)
        return slot.work

    def keep(self, robot: str, key: str, body: bytes, work: Any, now_s: float) -> None:
        """Let this key stand for some work."""
        self._slots.pop((robot, key), None)
        digest = hashlib.sha256(body).digest()
        self._slots[robot, key] = _Slot(digest, work, now_s + self._keep_s)
        while self._slots:
            oldest = next(iter(self._slots.values()))
            if oldest.until_s > now_s and len(self._slots) <= self._most:
                return
            self._slots.popitem(last=False)

    def forget(self, robot: str, key: str, work: Any) -> None:
        """Let a retry compute anew, unless the key stands for other work by now."""
        slot = self._slots.get((robot, key))
        if slot is not None and slot.work is work:
            del self._slots[robot, key]
