# SPDX-License-Identifier: Apache-2.0
"""The ladder: brains in order, then cached plans, then standing still. No clock, no network."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass

from big_brain_node.config import LadderConfig
from big_brain_node.ladder.breaker import Breaker

CACHED = "cached plan"
HOLD = "safe hold"
_KEPT = 100
# A rung that answers has earned this many times its likely time before another is asked.
_PATIENCE = 3.0
_LEAST_PATIENCE_S = 0.5


@dataclass(frozen=True)
class Switch:
    """One change of rung.

    Attributes:
        at_s: When, monotonic.
        blind_s: Time since the newest sign of life of the rung that was left when going down, which
            bounds the time since it was lost; 0 when coming back.
    """

    at_s: float
    left: str
    taken: str
    why: str
    blind_s: float


@dataclass(frozen=True)
class Standing:
    """How the ladder stands.

    Attributes:
        count: Switches ever.
        active: Name of the rung that the next question goes to.
        newest: The newest switch.
        states: How each brain is, in words, best first.
    """

    count: int
    active: str
    newest: Switch | None
    states: dict[str, str]


@dataclass(frozen=True)
class Choice:
    """A rung to ask, and how long to wait until the next one is asked too."""

    rung: int
    patience_s: float


class Ladder:
    """Chooses by health and deadline. Every method that needs the time takes it, monotonic.

    Args:
        names: Of the brains, best first.
        config: Tuning.
        now_s: Time of construction.

    Attributes:
        active: Name of the rung that the next question goes to.
        switches: The newest changes, oldest first.
        count: Changes ever.
    """

    def __init__(self, names: Collection[str], config: LadderConfig, now_s: float) -> None:
        self.names = tuple(names)
        self.breakers = tuple(Breaker(config, now_s) for _ in self.names)
        self.active = self.names[0]
        self.switches: deque[Switch] = deque(maxlen=_KEPT)
        self.count = 0

    def usable(self, rung: int) -> bool:
        """Whether questions may go to a rung."""
        return self.breakers[rung].usable

    def choose(self, left_s: float, tried: Collection[int]) -> Choice | None:
        """The best rung that is there, not tried yet and likely to answer in time.

        Args:
            left_s: Time until an answer is worth nothing, seconds.
            tried: Rungs that were asked this question.
        """
        if left_s <= 0.0:
            return None
        rungs = [k for k, item in enumerate(self.breakers) if item.usable and k not in tried]
        for place, rung in enumerate(rungs):
            likely_s = self.breakers[rung].likely_s
            below = [self.breakers[k].likely_s for k in rungs[place + 1 :]]
            if below and likely_s > left_s and min(below) < likely_s:
                continue
            # What is left must do for the next rung, too.
            most_s = max(left_s - below[0], left_s / 2.0) if below else left_s
            least_s = max(_LEAST_PATIENCE_S, _PATIENCE * likely_s)
            return Choice(rung, min(most_s, least_s) if below else left_s)
        return None

    def settle(self, now_s: float) -> None:
        """Take the best rung that is there; call after anything was told to a breaker."""
        best = next((k for k, item in enumerate(self.breakers) if item.usable), None)
        if best is not None:
            self._go(self.names[best], now_s)
        elif self.active in self.names:
            self._go(CACHED, now_s)

    def hold(self, now_s: float, why: str) -> None:
        """Nothing is left to act on."""
        if not any(item.usable for item in self.breakers):
            self._go(HOLD, now_s, why)

    def _go(self, name: str, now_s: float, why: str = "") -> None:
        if name == self.active:
            return
        blind_s, left = 0.0, self.active
        if self._depth(name) < self._depth(left):
            why = why or f"{name} is back"
        elif left in self.names:
            lost = self.breakers[self.names.index(left)]
            why, blind_s = why or f"{left}: {lost.why}", now_s - lost.seen_s
        self.switches.append(Switch(now_s, left, name, why, blind_s))
        self.active, self.count = name, self.count + 1

    def _depth(self, name: str) -> int:
        return (*self.names, CACHED, HOLD).index(name)
