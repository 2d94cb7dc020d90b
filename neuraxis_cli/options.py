# SPDX-License-Identifier: Apache-2.0
"""What several commands of the command line share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from neuraxis_common.policies import bundle_file

Robot = Annotated[str, typer.Option(help="Name of a profile in config/robots.")]
Seed = Annotated[int, typer.Option(help="Draws the scene.")]
Episodes = Annotated[int, typer.Option(help="How many.")]
EpisodeSeed = Annotated[int, typer.Option(help="Draws the episodes; below 1000 is for tuning.")]
Seconds = Annotated[float, typer.Option(help="Length of an episode.")]
Jobs = Annotated[int, typer.Option(help="Processes.")]
Video = Annotated[Path | None, typer.Option(help="Film of the first episode, MP4.")]
Scene = Annotated[str | None, typer.Option(help="Where: a template in config/scenes.")]
Steps = Annotated[
    int | None,
    typer.Option(
        help="Only jobs whose plan has at least this many steps, half of them under a condition. "
        "Each part that is brought somewhere is a step: 'all red cubes' may be three."
    ),
]
Bundle = Annotated[
    str,
    typer.Option(
        help="A bundle, 'shipped' for the robot's own, 'classical', or 'auto': its profile."
    ),
]
BrainUrl = Annotated[str, typer.Option(help="A brain that already serves.")]


def data_root() -> Path:
    """Folder with config/, urdf/ and models/: NEURAXIS_ROOT, else the checkout of this file."""
    return Path(os.environ.get("NEURAXIS_ROOT", Path(__file__).resolve().parents[1]))


def legs(policy: str, robot: str) -> Path | None:
    """The bundle that `--policy` names; None for the classical controller."""
    from neuraxis_common.robot import load_profile

    return bundle_file(policy, robot, load_profile(robot, data_root()).policy, data_root())
