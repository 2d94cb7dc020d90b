# SPDX-License-Identifier: Apache-2.0
"""`neuraxis eval tasks | plans`: episodes in, one JSON line each and a summary out."""

from __future__ import annotations

import json
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from neuraxis_cli.graph import start_bridge
from neuraxis_cli.processes import Family
from neuraxis_common.errors import ConfigError
from neuraxis_common.robot import load_profile

BRIDGE_DEADLINE_S = 60.0
_MAX_JOBS = 64


@dataclass(frozen=True)
class EvalOptions:
    """What to evaluate: a file of tasks, or a number of drawn episodes.

    Attributes:
        what: ``tasks``, ``plans`` for no more than these, ``questions`` about the scenes.
        steps: Fewest steps of the plan of a drawn job; None for jobs of one to four.
    """

    tasks: Path | None
    episodes: int | None
    seed: int
    robot: str
    jobs: int
    brain_url: str = ""
    what: str = "tasks"
    policy: Path | None = None
    scene: str | None = None
    steps: int | None = None

    def __post_init__(self) -> None:
        """Raise ConfigError for what cannot work."""
        if (self.tasks is None) == (self.episodes is None):
            raise ConfigError("give either --tasks FILE or --episodes N")
        if self.tasks is not None and self.scene is not None:
            raise ConfigError("a tasks file names its own scenes: give --scene with --episodes")
        if self.tasks is not None and self.steps is not None:
            raise ConfigError("a tasks file says its own jobs: give --steps with --episodes")
        if self.episodes is not None and self.episodes < 1:
            raise ConfigError(f"episodes must be at least 1, got {self.episodes}")
        if not 1 <= self.jobs <= _MAX_JOBS:
            raise ConfigError(f"jobs must be in [1, {_MAX_JOBS}], got {self.jobs}")
        if self.seed < 0:
            raise ConfigError(f"seed must be at least 0, got {self.seed}")


def run_eval(options: EvalOptions, data_root: Path) -> int:
    """Run all episodes; exit code 0 when they ran, whatever their success."""
    from neuraxis_field.evaluate import summary
    from neuraxis_field.plan_pairs import pairs_summary
    from neuraxis_field.run_eval import (
        SCENE,
        EvalSetup,
        check_episodes,
        evaluate,
        evaluate_plans,
        sample_episodes,
    )
    from neuraxis_field.tasks_file import load_tasks

    profile = load_profile(options.robot, data_root)
    if options.tasks is not None:
        episodes = list(load_tasks(options.tasks))
        check_episodes(episodes, profile, data_root)
    else:
        scene = options.scene or SCENE
        drawn = (options.episodes, options.seed, profile, data_root, scene)
        episodes = sample_episodes(*drawn, options.what == "questions", options.steps)
    rows = []
    with tempfile.TemporaryFile("w+", encoding="utf-8") as log, Family(log) as family:
        url = options.brain_url or start_bridge(family, data_root)
        if not options.brain_url:
            wait_bridge(url, family)
        legs = options.policy
        setup = EvalSetup(options.robot, data_root, data_root / "models", url, policy=legs)
        run = evaluate_plans if options.what == "plans" else evaluate
        for row in run(setup, episodes, options.jobs):
            rows.append(row)
            print(json.dumps(row, ensure_ascii=False), flush=True)
            good = sum(bool(item["success"]) for item in rows)
            print(f"neuraxis: {len(rows)}/{len(episodes)}, {good} good", file=sys.stderr)
    total = pairs_summary(rows) if options.what == "plans" else summary(rows)
    print(json.dumps(total, ensure_ascii=False), flush=True)
    return 0


def wait_bridge(url: str, family: Family) -> None:
    """Until the bridge serves. Raises when it ended or does not serve in time."""
    until_s = time.monotonic() + BRIDGE_DEADLINE_S
    while True:
        family.check()
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=2.0):
                return
        except (urllib.error.URLError, OSError) as error:
            if time.monotonic() > until_s:
                raise RuntimeError(f"the bridge does not serve: {error}") from error
        time.sleep(0.2)
