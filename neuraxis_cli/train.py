# SPDX-License-Identifier: Apache-2.0
"""`neuraxis train`: policies from episodes in simulation."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from neuraxis_cli.options import data_root
from neuraxis_common.errors import ConfigError

_CLIP_S = 20.0

app = typer.Typer(help="Train policies; a run that was killed goes on where it was.")


@app.callback()
def tasks() -> None:
    """Keep `walk` a word of its own while it is the only task."""


@app.command()
def walk(
    robot: Annotated[str, typer.Option(help="Name of a profile in config/robots.")] = "lingxi_x2",
    seed: Annotated[int, typer.Option(help="Of everything that is drawn.")] = 0,
    rounds: Annotated[int, typer.Option(help="Rounds of collecting and training.")] = 8,
    work_rounds: Annotated[int, typer.Option(help="More of them, at a bench.")] = 3,
    shove_rounds: Annotated[int, typer.Option(help="More of them, under hard shoves.")] = 0,
    bump_rounds: Annotated[int, typer.Option(help="More of them, over bumps in wind.")] = 0,
    review_rounds: Annotated[int, typer.Option(help="More of them, of all kinds by turns.")] = 0,
    episodes: Annotated[int, typer.Option(help="Per round.")] = 40,
    seconds: Annotated[float, typer.Option(help="Length of an episode.")] = 15.0,
    jobs: Annotated[int, typer.Option(help="Processes that run episodes.")] = 2,
    device: Annotated[
        str, typer.Option(help="Fits the network: auto (a GPU where torch sees one), cpu or cuda.")
    ] = "auto",
    state: Annotated[
        Path | None, typer.Option(help="Keeps the rounds; build/control/<robot>_walk by default.")
    ] = None,
    key: Annotated[
        Path | None, typer.Option(help="Signs the bundle; without it none is written.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Bundle; models/policies/<robot>_walk.nxpolicy by default.")
    ] = None,
) -> None:
    """Distil the walking controller into a network; bundle and learning curve at the end."""
    from neuraxis_field.control.device import fitting_device
    from neuraxis_field.control.plan import TrainingPlan
    from neuraxis_field.control.run import ship_walking, train_walking
    from small_brain_node.bundle.archive import SUFFIX
    from small_brain_node.bundle.signing import read_private_key

    root = data_root()
    private = None if key is None else read_private_key(key)
    counts = {"rounds": rounds, "work_rounds": work_rounds, "shove_rounds": shove_rounds,
              "bump_rounds": bump_rounds, "review_rounds": review_rounds}  # fmt: skip
    plan = TrainingPlan.of(robot, seed=seed, **counts, episodes=episodes, seconds=seconds)
    folder = state or root / "build" / "control" / f"{robot}_walk"
    fits_on = fitting_device(device)
    print(f"neuraxis: the network is fitted on {fits_on}", file=sys.stderr)
    learner, contract = train_walking(plan, folder, root, jobs, _Bar().show, fits_on)
    for row in learner.curve:
        print(json.dumps(row))
    if private is not None:
        target = out or root / "models" / "policies" / f"{robot}_walk{SUFFIX}"
        command = (
            f"neuraxis train walk --robot {robot} --seed {seed} --rounds {rounds}"
            f" --work-rounds {work_rounds} --shove-rounds {shove_rounds}"
            f" --bump-rounds {bump_rounds} --review-rounds {review_rounds}"
            f" --episodes {episodes} --seconds {seconds:g}"
        )
        ship_walking(plan, learner, contract, folder, root, private, command, target)
        print(f"neuraxis: wrote '{target}'", file=sys.stderr)
        _film(robot, root, target, folder / "clip.mp4")


def _film(robot: str, root: Path, bundle: Path, clip: Path) -> None:
    """What the policy does in the end: it walks and is shoved, on a seed that is for tuning."""
    from neuraxis_field.locomotion import LocomotionEpisode, run_locomotion

    walking = 1
    episode = LocomotionEpisode(
        "push", robot, root, walking, seed=0, seconds=_CLIP_S, policy=bundle, video=clip
    )
    try:
        (row,) = run_locomotion([episode], jobs=1)
    except ConfigError as error:
        print(f"neuraxis: no clip: {error}", file=sys.stderr)
        return
    fell = " and fell" if row["fell"] else ""
    print(f"neuraxis: walked, was shoved{fell}: '{clip}'", file=sys.stderr)


class _Bar:
    """One line of progress on standard error, drawn over itself on a terminal."""

    def __init__(self) -> None:
        self._last = ""

    def show(self, text: str, share: float) -> None:
        bar = "#" * round(20 * share)
        end = "\n" if share >= 1.0 else "\r"
        if sys.stderr.isatty():
            print(f"\033[2K{text} [{bar:<20}] {share:4.0%}", end=end, file=sys.stderr, flush=True)
        elif share >= 1.0:
            print(f"neuraxis: {text}", file=sys.stderr, flush=True)
