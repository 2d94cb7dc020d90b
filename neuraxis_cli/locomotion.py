# SPDX-License-Identifier: Apache-2.0
"""`neuraxis eval walk | push | carry | lower | half_marathon`: a JSON line each, and a summary."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from neuraxis_common.errors import ConfigError

_MAX_JOBS = 64


@dataclass(frozen=True)
class LocomotionOptions:
    """What to evaluate."""

    kind: str
    robot: str
    episodes: int
    seed: int
    seconds: float
    max_speed_m_s: float
    jobs: int
    policy: Path | None = None
    video: Path | None = None

    def __post_init__(self) -> None:
        """Raise ConfigError for what cannot work."""
        check_counts(self.episodes, self.jobs, self.seed)
        check_video(self.video)


@dataclass(frozen=True)
class LoweringOptions:
    """Which robots to lower."""

    robot: str
    episodes: int
    seed: int
    jobs: int
    policy: Path | None = None
    video: Path | None = None

    def __post_init__(self) -> None:
        """Raise ConfigError for what cannot work."""
        check_counts(self.episodes, self.jobs, self.seed)
        check_video(self.video)


@dataclass(frozen=True)
class RaceOptions:
    """Which races to run."""

    robot: str
    episodes: int
    seed: int
    distance_m: float
    pace_m_s: float
    jobs: int
    policy: Path | None
    bump_every_m: float
    video: Path | None = None

    def __post_init__(self) -> None:
        """Raise ConfigError for what cannot work."""
        check_counts(self.episodes, self.jobs, self.seed)
        check_video(self.video)


def check_counts(episodes: int, jobs: int, seed: int) -> None:
    """Raise ConfigError for numbers out of range."""
    if not 1 <= episodes <= 10_000:
        raise ConfigError(f"episodes must be in [1, 10000], got {episodes}")
    if not 1 <= jobs <= _MAX_JOBS:
        raise ConfigError(f"jobs must be in [1, {_MAX_JOBS}], got {jobs}")
    if seed < 0:
        raise ConfigError(f"seed must be at least 0, got {seed}")


def check_video(video: Path | None) -> None:
    """Raise ConfigError where a film could not be written."""
    if video is not None and not video.absolute().parent.is_dir():
        raise ConfigError(f"no folder for the video {video}")


def run_locomotion_eval(options: LocomotionOptions, data_root: Path) -> int:
    """Run all episodes; exit code 0 when they ran, whoever fell."""
    from neuraxis_common.robot import load_profile
    from neuraxis_field.locomotion import draw_episodes, run_locomotion, summary

    load_profile(options.robot, data_root)
    episodes = draw_episodes(
        options.kind,
        options.robot,
        data_root,
        options.episodes,
        options.seed,
        options.seconds,
        options.max_speed_m_s,
        options.policy,
        options.video,
    )
    rows = []
    for row in run_locomotion(episodes, options.jobs):
        rows.append(row)
        shown = {key: value for key, value in row.items() if key != "speed_errors"}
        print(json.dumps(shown), flush=True)
        upright = sum(not item["fell"] for item in rows)
        print(f"neuraxis: {len(rows)}/{len(episodes)}, {upright} upright", file=sys.stderr)
    print(json.dumps(summary(rows)), flush=True)
    return 0


def run_half_marathon(options: RaceOptions, data_root: Path) -> int:
    """Run all races; exit code 0 when they ran, whoever fell."""
    from neuraxis_common.robot import load_profile
    from neuraxis_field.half_marathon import draw_races, run_races, summary

    load_profile(options.robot, data_root)
    races = draw_races(
        options.robot,
        data_root,
        options.episodes,
        options.seed,
        options.distance_m,
        options.pace_m_s,
        options.policy,
        options.bump_every_m,
        options.video,
    )
    rows = []
    for row in run_races(races, options.jobs):
        rows.append(row)
        print(json.dumps(row), flush=True)
    print(json.dumps(summary(rows)), flush=True)
    return 0


def run_lowering_eval(options: LoweringOptions, data_root: Path) -> int:
    """Run all episodes; exit code 0 when they ran, whoever fell."""
    from neuraxis_common.robot import load_profile
    from neuraxis_field.lowering import draw_lowerings, run_lowerings, summary

    load_profile(options.robot, data_root)
    episodes = draw_lowerings(
        options.robot, data_root, options.episodes, options.seed, options.policy, options.video
    )
    rows = []
    for row in run_lowerings(episodes, options.jobs):
        rows.append(row)
        print(json.dumps(row), flush=True)
        good = sum(item["success"] for item in rows)
        print(f"neuraxis: {len(rows)}/{len(episodes)}, {good} down and up", file=sys.stderr)
    print(json.dumps(summary(rows)), flush=True)
    return 0
