# SPDX-License-Identifier: Apache-2.0
"""Work on one thing at a time or on many together, never twice on the same, for several threads."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as WaitedTooLongError
from threading import Lock
from typing import Generic, TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")
# A batch of sentences takes some 10 ms.
_PATIENCE_S = 1.0


class Readings(Generic[_K, _V]):
    """Results by key, the latest `most` of them.

    A batch that fails fails nobody: those in it are worked on again, each alone, when asked for.

    Args:
        work: Results of several keys, in their order; a key's result depends on that key only.
        most: Results kept.
        patience_s: Whoever waited this long for another thread's batch works alone.
    """

    def __init__(
        self,
        work: Callable[[Sequence[_K]], Sequence[_V]],
        most: int,
        patience_s: float = _PATIENCE_S,
    ) -> None:
        self._work = work
        self._most = most
        self._patience_s = patience_s
        self._lock = Lock()
        self._kept: OrderedDict[_K, Future[_V | None]] = OrderedDict()

    def ahead(self, keys: Iterable[_K]) -> int:
        """Work on all that are not known yet, together; how many those were."""
        mine = self._claim(keys)
        if mine:
            self._fulfil(mine)
        return len(mine)

    def under_way(self, key: _K) -> bool:
        """Whether a thread is working on a key just now."""
        with self._lock:
            future = self._kept.get(key)
        return future is not None and not future.done()

    def of(self, key: _K) -> _V:
        """The result of one key: known, another thread's, or worked out now."""
        mine = self._claim([key])
        if mine:
            self._fulfil(mine)
        with self._lock:
            future = self._kept.get(key)
        found = mine.get(key, future)
        try:
            result = None if found is None else found.result(timeout=self._patience_s)
        except WaitedTooLongError:
            result = None
        return self._work([key])[0] if result is None else result

    def _claim(self, keys: Iterable[_K]) -> dict[_K, Future[_V | None]]:
        """Mark those that nobody works on, or has worked on, as one's own."""
        mine: dict[_K, Future[_V | None]] = {}
        with self._lock:
            for key in keys:
                if key in self._kept:
                    self._kept.move_to_end(key)
                else:
                    self._kept[key] = mine[key] = Future()
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return mine

    def _fulfil(self, mine: dict[_K, Future[_V | None]]) -> None:
        try:
            results: Sequence[_V | None] = self._work(list(mine))
        except Exception:
            # Asked for again alone, it fails, if it does, for its own robot.
            results = [None] * len(mine)
            with self._lock:
                for key in mine:
                    self._kept.pop(key, None)
        for future, result in zip(mine.values(), results, strict=True):
            future.set_result(result)
