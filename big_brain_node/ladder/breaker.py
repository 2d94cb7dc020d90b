# SPDX-License-Identifier: Apache-2.0
"""Circuit breaker of one rung: opens at once when the rung is lost, closes when it proved itself.

Going down has to be quick, coming back has to last: an open breaker closes only after several good
probes in a row and a time that doubles while the rung keeps failing soon after it came back.
"""

from __future__ import annotations

from big_brain_node.config import LadderConfig
from neuraxis_bridge.fair_queue import ServiceTime

_FAILED_ANSWERS = 2
_MAX_HOLD_S = 60.0
# Failing again within this time of coming back is flapping.
_CALM_S = 30.0


class Breaker:
    """Health of one rung, from probes and from answers. Time is an argument, monotonic.

    Args:
        config: Tuning.
        now_s: Time of construction; a rung is taken to be there until it shows otherwise.

    Attributes:
        why: What opened it last.
        seen_s: Time of the newest sign of life.
    """

    def __init__(self, config: LadderConfig, now_s: float) -> None:
        self._config = config
        self._hold_s = config.return_after_s
        self._open = False
        self._misses = self._failures = self._good = 0
        self._bad_s = self._closed_s = float("-inf")
        self._service = ServiceTime(config.first_answer_s)
        self.why = ""
        self.seen_s = now_s

    @property
    def usable(self) -> bool:
        """Whether questions may go there."""
        return not self._open

    @property
    def doubtful(self) -> bool:
        """Whether the newest look was missed: a second brain had better be asked as well."""
        return self._misses > 0

    @property
    def likely_s(self) -> float:
        """Time that an answer hardly exceeds."""
        return self._service.likely_s

    def sign(self, now_s: float) -> None:
        """A probe came back well."""
        self.seen_s, self._misses = now_s, 0
        self._good += 1
        ready = self._good >= self._config.return_probes and now_s - self._bad_s >= self._hold_s
        if self._open and ready:
            self._open, self._closed_s, self._failures = False, now_s, 0

    def miss(self, now_s: float, why: str, refused: bool) -> None:
        """A probe failed.

        Args:
            now_s: When.
            why: In words.
            refused: Nobody is there, as the network says itself; else it was only late.
        """
        self._good, self._misses = 0, self._misses + 1
        if refused or self._misses >= self._config.probe_misses:
            self._trip(now_s, why)

    def answered(self, now_s: float, took_s: float) -> None:
        """A question was answered in time."""
        self.seen_s, self._failures, self._misses = now_s, 0, 0
        self._service.add(took_s)

    def failed(self, now_s: float, why: str, lost: bool) -> None:
        """A question was not answered well.

        Args:
            now_s: When.
            why: In words.
            lost: The next question would fare no better: no connection, no right to ask.
        """
        self._failures += 1
        if lost or self._failures >= _FAILED_ANSWERS:
            self._trip(now_s, why)

    def _trip(self, now_s: float, why: str) -> None:
        if not self._open:
            flapping = now_s - self._closed_s < _CALM_S
            longer_s = min(2.0 * self._hold_s, _MAX_HOLD_S)
            self._hold_s = longer_s if flapping else self._config.return_after_s
            self._open, self.why = True, why
        self._bad_s, self._good = now_s, 0
