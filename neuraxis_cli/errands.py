# SPDX-License-Identifier: Apache-2.0
"""`neuraxis eval walk_to | carry_to`: errands in lockstep, judged on the simulator's truth."""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neuraxis_cli.evaluate import wait_bridge
from neuraxis_cli.graph import start_bridge
from neuraxis_cli.processes import Family
from neuraxis_common.errors import ConfigError
from neuraxis_common.robot import load_profile

if TYPE_CHECKING:
    from neuraxis_common.profile import RobotProfile
    from neuraxis_field.carry_errand import CarryErrand


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


def run_carries(options: ErrandOptions, data_root: Path, brain_url: str = "") -> int:
    """The same for parts that are brought to a place. Raises ConfigError for more than one."""
    from big_brain_node.walk.site import load_site
    from neuraxis_field.carry_errand import draw
    from neuraxis_sim.scene import generate, load_template

    if len(options.places) != 1:
        raise ConfigError(f"give one place, got {len(options.places)}")
    profile, folder = load_profile(options.robot, data_root), data_root / "config"
    site = load_site(folder / "sites" / f"{options.scene}.yaml")
    template = load_template(folder / "scenes" / f"{options.scene}.yaml")
    seed, errands = options.seed, []
    while len(errands) < options.episodes:
        errand = draw(generate(template, seed, profile), options.places[0], site)
        errands += [] if errand is None else [errand]
        seed += 1
    started_s, rows = time.monotonic(), []
    with tempfile.TemporaryFile("w+", encoding="utf-8") as log, Family(log) as family:
        url = brain_url or start_bridge(family, data_root)
        if not brain_url:
            wait_bridge(url, family)
        for errand in errands:
            row = _carry(errand, profile, data_root, url, options.policy)
            rows.append({"seed": errand.seed, "robot": profile.name} | row)
            print(json.dumps(rows[-1], ensure_ascii=False), flush=True)
    print(json.dumps(summary(rows) | {"wall_s": round(time.monotonic() - started_s, 1)}))
    return 0 if all(row["success"] for row in rows) else 1


def _carry(
    errand: CarryErrand, profile: RobotProfile, data_root: Path, url: str, policy: Path | None
) -> dict[str, Any]:
    from big_brain_node.brain_client import BrainClient
    from big_brain_node.config import BigBrainConfig
    from neuraxis_field.carry_errand import CarryRun
    from neuraxis_field.episode import make_planner
    from neuraxis_field.errand import Mind
    from perception_node.pipeline import Perception

    brain = BrainClient(url, None, BigBrainConfig().brain_timeout_s)
    sees = Perception(data_root / "models" / "detector.onnx")
    mind = Mind(sees, make_planner(profile, data_root), brain)
    run = CarryRun(errand, profile, data_root, mind, policy)
    try:
        return run.run()
    finally:
        run.close()
        brain.close()


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
    if row["result"] != "done":
        return row["result"]
    if row.get("moved"):
        return "moved"
    if row.get("where") != row.get("place"):
        return f"part_{row['where']}"
    return "off_the_goal"
