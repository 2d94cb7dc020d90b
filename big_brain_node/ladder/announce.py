# SPDX-License-Identifier: Apache-2.0
"""The ladder in words, for diagnostics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from big_brain_node.ladder.rungs import Standing, Switch


@dataclass(frozen=True)
class Line:
    """One line of diagnostics; `ok` only on the best rung."""

    ok: bool
    message: str
    values: dict[str, str]


def line(standing: Standing, wall_less_mono_s: float) -> Line:
    """Where the ladder stands; `wall_less_mono_s` added to a monotonic time is that of the wall."""
    values = {"rung": standing.active, "switches": str(standing.count)} | standing.states
    if standing.newest is None:
        return Line(True, f"plans come from {standing.active}", values)
    return _line(standing.newest, values, next(iter(standing.states)), wall_less_mono_s)


def lines(standing: Standing, switches: Sequence[Switch], wall_less_mono_s: float) -> list[Line]:
    """One line for each switch, oldest first."""
    best, result = next(iter(standing.states)), []
    for place, switch in enumerate(switches, standing.count - len(switches) + 1):
        values = {"rung": switch.taken, "switches": str(place)} | standing.states
        result.append(_line(switch, values, best, wall_less_mono_s))
    return result


def _line(switch: Switch, values: dict[str, str], best: str, wall_less_mono_s: float) -> Line:
    values |= {
        "switched from": switch.left,
        "switched to": switch.taken,
        "switched at": f"{switch.at_s + wall_less_mono_s:.3f}",
        "without a sign of life for ms": f"{switch.blind_s * 1e3:.0f}",
        "why": switch.why,
    }
    return Line(switch.taken == best, f"{switch.taken}: {switch.why}", values)
