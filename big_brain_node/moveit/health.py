# SPDX-License-Identifier: Apache-2.0
"""How MoveIt is doing, for diagnostics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from big_brain_node.moveit.planner import MoveItArmPlanner
from big_brain_node.moveit.process import PlannerProcess


@dataclass(frozen=True)
class Health:
    """One line of diagnostics.

    Attributes:
        level: ``warn`` whenever the embedded planner stands in.
        values: Counts of questions and what became of them, times in ms.
    """

    level: Literal["ok", "warn"]
    message: str
    values: dict[str, str]


def health(planner: MoveItArmPlanner, process: PlannerProcess | None) -> Health:
    """Sum up; never waits."""
    sources = dict(sorted(planner.sources.items()))
    values = {f"paths from {source}": str(count) for source, count in sources.items()}
    if process is None:
        return Health("warn", "MoveIt is not installed; the embedded planner does it", values)
    record = process.record
    counts = ("asked", "answered", "refused", "late", "died")
    values |= {name: str(getattr(record, name)) for name in counts}
    if record.took_s:
        median, high = np.percentile(record.took_s, [50, 95]) * 1e3
        values |= {"took p50 ms": f"{median:.0f}", "took p95 ms": f"{high:.0f}"}
    if process.state != "ready":
        why = f": {record.last}" if record.last else ""
        return Health("warn", f"MoveIt is {process.state}{why}", values)
    if planner.last_source not in ("", "moveit"):
        message = f"the newest path is the embedded planner's: {planner.last_source}"
        return Health("warn", message, values)
    return Health("ok", record.last, values)
