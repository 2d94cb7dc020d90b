# SPDX-License-Identifier: Apache-2.0
"""A bounded queue that is fair over robots and lets priorities overtake without starving others.

Self-clocked fair queueing (Golestani 1994): each request gets a tag one share of work after the
last one of its robot, and the least tag is next. A robot that asks much waits behind itself, not
others behind it. Priorities are shares, so low ones go slower but never stop.
"""

from __future__ import annotations

import heapq
import itertools
import math
from dataclasses import dataclass, field
from typing import Any

from neuraxis_common.errors import Rejected

_SHARES = {"high": 16.0, "normal": 4.0, "low": 1.0}
_WEIGHT_OF_NEWEST = 0.1


class ServiceTime:
    """Running estimate of how long one request keeps a worker, from what was measured.

    Args:
        first_s: Taken until something was measured.
    """

    def __init__(self, first_s: float = 0.1) -> None:
        self.mean_s = first_s
        self._deviation_s = 0.0
        self._measured = False

    def add(self, took_s: float) -> None:
        """Take up one measurement."""
        if not self._measured:
            self.mean_s, self._measured = took_s, True
        error_s = took_s - self.mean_s
        self.mean_s += _WEIGHT_OF_NEWEST * error_s
        self._deviation_s += _WEIGHT_OF_NEWEST * (abs(error_s) - self._deviation_s)

    @property
    def likely_s(self) -> float:
        """What a request hardly exceeds: mean and two mean deviations."""
        return self.mean_s + 2.0 * self._deviation_s


@dataclass
class Entry:
    """A request that waits.

    Attributes:
        deadline_s: Time after which it is worth nothing.
        item: What the queue's owner wants back.
        gone: Set by `FairQueue.drop`; such an entry is never popped.
    """

    robot: str
    priority: str
    deadline_s: float
    item: Any
    since_s: float = 0.0
    gone: bool = field(default=False, init=False)


class FairQueue:
    """What waits for a worker. Every method that needs the time takes it.

    Args:
        most: Entries beyond this many are refused.
        most_per_robot: Entries of one robot beyond this many are refused.
        workers: Workers that empty the queue.
        service: Estimate of how long one entry keeps a worker.
    """

    def __init__(self, most: int, most_per_robot: int, workers: int, service: ServiceTime) -> None:
        self._most = most
        self._most_per_robot = most_per_robot
        self._workers = workers
        self._service = service
        self._heap: list[tuple[float, int, Entry]] = []
        self._order = itertools.count()
        self._clock = 0.0
        self._last_tag: dict[tuple[str, str], float] = {}
        self._of_robot: dict[str, int] = {}
        self._waiting = 0

    def __len__(self) -> int:
        return self._waiting

    @property
    def saturated(self) -> bool:
        """Whether the next request would be refused, whoever asks."""
        return self._waiting >= self._most

    def wait_s(self, busy: int) -> float:
        """Expected wait of a new entry in seconds, with `busy` workers at work."""
        ahead = self._waiting + max(0, busy - self._workers + 1)
        return ahead * self._service.mean_s / self._workers

    def push(self, entry: Entry, now_s: float, busy: int) -> Rejected | None:
        """Let an entry wait, or refuse it at once with the time after which a retry makes sense."""
        refused = self._refusal(entry, now_s, busy)
        if refused is not None:
            return refused
        flow = (entry.robot, entry.priority)
        tag = max(self._clock, self._last_tag.get(flow, 0.0)) + 1.0 / _SHARES[entry.priority]
        self._last_tag[flow] = tag
        entry.since_s = now_s
        heapq.heappush(self._heap, (tag, next(self._order), entry))
        self._waiting += 1
        self._of_robot[entry.robot] = self._of_robot.get(entry.robot, 0) + 1
        return None

    def pop(self, now_s: float) -> Entry | None:
        """The next entry that can still be in time; those that cannot stay for their deadline."""
        while self._heap:
            tag, _, entry = heapq.heappop(self._heap)
            self._clock = max(self._clock, tag)
            if entry.gone:
                continue
            self._forget(entry)
            if entry.deadline_s > now_s:
                return entry
        # Nobody waits: nobody's past counts.
        self._last_tag.clear()
        return None

    def following(self, count: int) -> list[Entry]:
        """Up to `count` entries that still wait, next first; none is taken out."""
        waiting = (row for row in self._heap if not row[2].gone)
        return [entry for _, _, entry in heapq.nsmallest(count, waiting)]

    def drop(self, entry: Entry) -> None:
        """Take out an entry that nobody waits for any more; does nothing when it is out already."""
        if not entry.gone:
            self._forget(entry)

    def _forget(self, entry: Entry) -> None:
        entry.gone = True
        self._waiting -= 1
        left = self._of_robot[entry.robot] - 1
        if left:
            self._of_robot[entry.robot] = left
        else:
            del self._of_robot[entry.robot]

    def _refusal(self, entry: Entry, now_s: float, busy: int) -> Rejected | None:
        one_s = self._service.mean_s / self._workers
        if self._of_robot.get(entry.robot, 0) >= self._most_per_robot:
            reason = f"{self._most_per_robot} requests of '{entry.robot}' are waiting already"
            return _refused("robot_queue_full", reason, self._service.mean_s)
        if self.saturated:
            reason = f"{self._waiting} requests are waiting already"
            return _refused("queue_full", reason, max(1, self._waiting // 4) * one_s)
        wait_s, left_s = self.wait_s(busy), entry.deadline_s - now_s
        # A high priority overtakes, so what waits does not tell how long it will wait.
        if entry.priority != "high" and wait_s > 0.0 and wait_s + self._service.likely_s > left_s:
            reason = (
                f"about {wait_s * 1e3:.0f} ms to wait and {self._service.likely_s * 1e3:.0f} ms of "
                f"work do not fit into {left_s * 1e3:.0f} ms"
            )
            return _refused("too_busy_for_deadline", reason, max(one_s, wait_s - left_s / 2))
        return None


def _refused(code: str, reason: str, retry_after_s: float) -> Rejected:
    # A guess beyond a minute is none.
    return Rejected(code, reason, {"retry_after_s": min(max(retry_after_s, 0.01), 60.0)})


def retry_headers(refused: Rejected) -> dict[str, str]:
    """Retry-After in whole seconds as HTTP wants it, and in milliseconds as robots need it."""
    after_s = refused.details.get("retry_after_s")
    if after_s is None:
        return {}
    return {
        "retry-after": str(max(1, math.ceil(after_s))),
        "retry-after-ms": str(math.ceil(after_s * 1e3)),
    }
