# SPDX-License-Identifier: Apache-2.0
"""Latency ledger: every hop writes when it got its input and when it gave its output."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Hop:
    """One passage through one hop; both stamps in seconds of the same monotonic clock.

    Attributes:
        trace_id: What a request to another machine is called there, 32 hexadecimal digits; empty
            for a hop that asks nobody.
    """

    name: str
    stamp_in_s: float
    stamp_out_s: float
    trace_id: str = ""


class Ledger:
    """Collects hops and sums them up as percentiles.

    Args:
        budgets_s: Deadline per hop name; hops without one get no verdict.
    """

    def __init__(self, budgets_s: dict[str, float] | None = None) -> None:
        self._budgets_s = dict(budgets_s or {})
        self._durations_s: dict[str, list[float]] = defaultdict(list)
        self._hops: list[Hop] = []

    def add(self, name: str, stamp_in_s: float, stamp_out_s: float, trace_id: str = "") -> None:
        """Record one passage. Raises ValueError when it ends before it starts."""
        if not stamp_out_s >= stamp_in_s:
            raise ValueError(f"hop '{name}' ends at {stamp_out_s} before it starts at {stamp_in_s}")
        self._hops.append(Hop(name, stamp_in_s, stamp_out_s, trace_id))
        self._durations_s[name].append(stamp_out_s - stamp_in_s)

    def link(self, name: str, first: str, last: str) -> None:
        """Record as `name` what passes from the start of `first` to the end of a `last` after it.

        A `last` takes up the newest `first` that began before it.
        """
        starts_s = sorted(hop.stamp_in_s for hop in self._hops if hop.name == first)
        for hop in [hop for hop in self._hops if hop.name == last]:
            index = bisect_right(starts_s, hop.stamp_in_s)
            if index:
                self.add(name, starts_s[index - 1], hop.stamp_out_s)

    def summary(self) -> dict[str, dict[str, float | int | bool]]:
        """Per hop: n, p50/p95/p99/max in ms; with a budget also whether p95 is within it."""
        result: dict[str, dict[str, float | int | bool]] = {}
        for name, durations in self._durations_s.items():
            ms = np.asarray(durations) * 1e3
            row: dict[str, float | int | bool] = {"n": len(durations)}
            for label, q in (("p50_ms", 50), ("p95_ms", 95), ("p99_ms", 99)):
                row[label] = round(float(np.percentile(ms, q)), 3)
            row["max_ms"] = round(float(ms.max()), 3)
            if name in self._budgets_s:
                row["budget_ms"] = round(self._budgets_s[name] * 1e3, 3)
                row["within_budget"] = bool(row["p95_ms"] <= row["budget_ms"])
            result[name] = row
        return result

    def write_jsonl(self, path: Path) -> None:
        """Write every hop, one JSON object per line; `trace_id` where it has one."""
        with path.open("w", encoding="utf-8") as stream:
            for hop in self._hops:
                row = {key: value for key, value in hop.__dict__.items() if value != ""}
                stream.write(json.dumps(row) + "\n")
