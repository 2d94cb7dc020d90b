# SPDX-License-Identifier: Apache-2.0
"""Which slips of the feet spoilt the base estimate, for the log and diagnostics."""

from __future__ import annotations

from dataclasses import dataclass

from neuraxis_common.errors import Rejected

SLIPPED = "feet_slipped"


@dataclass(frozen=True)
class FootingReport:
    """What became of the feet since the report before.

    Attributes:
        new: Slips that began since then.
        message: The farthest of those that began or went on; empty where there was none.
        values: ``slips`` since the start and, of that slip, ``moved_m`` and ``turned_rad``.
    """

    new: int
    message: str
    values: dict[str, str]


class Footing:
    """Gathers slips cycle by cycle."""

    def __init__(self) -> None:
        self._slips = self._told = 0
        self._slips_now = False
        self._worst: Rejected | None = None

    def note(self, drift: Rejected | None) -> None:
        """Take the estimate's `drift` of one cycle in; a lifted foot is no slip."""
        slips = drift is not None and drift.code == SLIPPED
        self._slips += slips and not self._slips_now
        self._slips_now = slips
        if slips and (self._worst is None or _moved_m(drift) > _moved_m(self._worst)):
            self._worst = drift

    def take(self) -> FootingReport:
        """Report, and begin the next one."""
        worst, new = self._worst, self._slips - self._told
        self._worst, self._told = None, self._slips
        values = {"slips": str(self._slips)}
        if worst is not None:
            values |= {key: f"{value:.4f}" for key, value in worst.details.items()}
        return FootingReport(new, "" if worst is None else worst.reason, values)


def _moved_m(drift: Rejected) -> float:
    return float(drift.details["moved_m"])
