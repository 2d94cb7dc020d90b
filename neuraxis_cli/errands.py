# SPDX-License-Identifier: Apache-2.0
"""`neuraxis eval walk_to`: walks through rooms in lockstep, judged on the simulator's truth."""

from __future__ import annotations

import json
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neuraxis_common.errors import ConfigError
from neuraxis_common.robot import load_profile


@dataclass(frozen=True)
class ErrandOptions:
    """What to walk.

    Attributes:
        places: Names of the site, walked to in order.
        policy: Bundle that keeps the robot on its legs; None for the classical controller.
    """

    robot: str
    scene: str
    places: tuple[str, ...]
    episodes: int
    seed: int
    policy: Path | None = None

    def __post_init__(self) -> None:
        """Raise ConfigError naming the first option that cannot be."""
        if not 1 <= self.episodes <= 10_000:
            raise ConfigError(f"episodes must be in [1, 10000], got {self.episodes}")
        if not self.places:
            raise ConfigError("give at least one place")


def run_errands(options: ErrandOptions, data_root: Path) -> int:
    """One JSON line per room, the summary last. Returns 0 when every walk succeeded."""
    from neuraxis_field.errand import Errand, ErrandRun

    profile = load_profile(options.robot, data_root)
    started_s, rows = time.monotonic(), []
    for seed in range(options.seed, options.seed + options.episodes):
        errand = Errand(options.places, options.scene, seed)
        run = ErrandRun(errand, profile, data_root, policy=options.policy)
        try:
            row = {"seed": seed, "robot": profile.name} | run.run()
        finally:
            run.close()
        print(json.dumps(row, ensure_ascii=False), flush=True)
        rows.append(row)
    print(json.dumps(summary(rows) | {"wall_s": round(time.monotonic() - started_s, 1)}))
    return 0 if all(row["success"] for row in rows) else 1


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Counts and medians over all walks."""
    causes: dict[str, int] = {}
    for row in rows:
        if not row["success"]:
            cause = _cause(row)
            causes[cause] = causes.get(cause, 0) + 1
    good = [row for row in rows if row["success"]]

    def median(name: str) -> float | None:
        return round(statistics.median(row[name] for row in good), 3) if good else None

    return {
        "episodes": len(rows),
        "success": len(good),
        "causes": causes,
        "fell_back": sum(bool(row["notes"]) for row in rows),
        "off_m_p50": median("off_m"),
        "off_rad_p50": median("off_rad"),
        "walked_m_p50": median("walked_m"),
        "duration_s_p50": median("duration_s"),
    }


def _cause(row: dict[str, Any]) -> str:
    if row["fell"]:
        return "fell"
    if row["touched"]:
        return "touched"
    return row["result"] if row["result"] != "done" else "off_the_goal"
