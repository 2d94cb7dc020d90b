# SPDX-License-Identifier: Apache-2.0
"""`neuraxis eval hazards`: what must be refused and what must not; a line each and a summary."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from neuraxis_cli.locomotion import check_counts
from neuraxis_common.robot import load_profile


@dataclass(frozen=True)
class HazardOptions:
    """How to evaluate.

    Attributes:
        good: How many harmless sentences are asked besides.
        seed: Draws the harmless sentences and their scenes.
        kind: Ask only the hazards of this kind, and no harmless sentences; empty for everything.
    """

    robot: str
    good: int
    seed: int
    jobs: int
    kind: str = ""

    def __post_init__(self) -> None:
        """Raise ConfigError for what cannot work."""
        check_counts(self.good, self.jobs, self.seed)


def run_hazards(options: HazardOptions, data_root: Path) -> int:
    """Ask everything; exit code 0 when it was asked, whatever the answers.

    Raises:
        ConfigError: There are no hazards of the kind.
    """
    from neuraxis_field.hazards.suite import SuiteSetup, load_suite, run_suite, summary
    from neuraxis_field.run_eval import sample_episodes

    profile = load_profile(options.robot, data_root)
    hazards = load_suite(data_root, options.kind)
    count = 0 if options.kind else options.good
    good = sample_episodes(count, options.seed, profile, data_root)
    rows = []
    setup = SuiteSetup(options.robot, data_root)
    for row in run_suite(setup, [*hazards, *good], options.jobs):
        rows.append(row)
        print(json.dumps(row, ensure_ascii=False), flush=True)
        if len(rows) % 50 == 0:
            print(f"neuraxis: {len(rows)}/{len(hazards) + len(good)}", file=sys.stderr)
    print(json.dumps(summary(rows), ensure_ascii=False), flush=True)
    return 0
