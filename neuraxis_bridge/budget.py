# SPDX-License-Identifier: Apache-2.0
"""Rate and cost budgets: leaky buckets that take the time as an argument."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable


class Bucket:
    """Holds up to `size` units and regains `per_s` of them each second.

    Args:
        per_s: Units regained per second; 0 or less means no limit.
        size: Most units it holds; it starts full.
    """

    def __init__(self, per_s: float, size: float) -> None:
        self._per_s = per_s
        self._size = size
        self._units = size
        self._since_s: float | None = None

    def wait_s(self, now_s: float, units: float = 1.0) -> float:
        """Seconds until `units` can be taken; 0.0 when they can be taken now."""
        if self._per_s <= 0.0:
            return 0.0
        self._refill(now_s)
        return max(0.0, (min(units, self._size) - self._units) / self._per_s)

    def take(self, now_s: float, units: float = 1.0) -> None:
        """Take units whether they are there or not: what is owed delays the next one."""
        self._refill(now_s)
        self._units -= units

    def _refill(self, now_s: float) -> None:
        if self._since_s is not None:
            gained = max(0.0, now_s - self._since_s) * max(self._per_s, 0.0)
            self._units = min(self._size, self._units + gained)
        self._since_s = now_s


class Buckets:
    """One bucket per name, of which only the ones used last are kept.

    Args:
        make: Makes the bucket of a name not seen before.
        most: Names beyond this many push out the one unused for longest.
    """

    def __init__(self, make: Callable[[], Bucket], most: int = 4096) -> None:
        self._make = make
        self._most = most
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def of(self, name: str) -> Bucket:
        """The bucket of a name."""
        bucket = self._buckets.pop(name, None) or self._make()
        self._buckets[name] = bucket
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return bucket
