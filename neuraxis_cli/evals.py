# SPDX-License-Identifier: Apache-2.0
"""`neuraxis eval`: what the parts and the whole can do, counted.

Modules are imported by the command that needs them, so that each starts fast.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from neuraxis_cli.options import (
    BrainUrl,
    Bundle,
    Episodes,
    EpisodeSeed,
    Jobs,
    Robot,
    Scene,
    Seconds,
    Steps,
    Video,
    data_root,
    legs,
)
from neuraxis_common.policies import AUTO

app = typer.Typer(help="Success rates, judged on the simulator's truth.")


@app.command("tasks")
def eval_tasks(
    tasks: Annotated[Path | None, typer.Option(help="JSON lines, one episode each.")] = None,
    episodes: Annotated[int | None, typer.Option(help="Draw this many instead.")] = None,
    scene: Scene = None,
    steps: Steps = None,
    seed: Annotated[int, typer.Option(help="Draws the episodes.")] = 0,
    robot: Robot = "lingxi_x2",
    jobs: Jobs = 1,
    brain_url: BrainUrl = "",
    policy: Bundle = AUTO,
) -> None:
    """Run episodes in lockstep; one JSON line each, then a summary."""
    from neuraxis_cli.evaluate import EvalOptions, run_eval

    options = EvalOptions(
        tasks, episodes, seed, robot, jobs, brain_url,
        policy=legs(policy, robot), scene=scene, steps=steps,
    )  # fmt: skip
    raise typer.Exit(run_eval(options, data_root()))


@app.command("plans")
def eval_plans(
    episodes: Annotated[int, typer.Option(help="Pairs of image and sentence.")] = 100,
    scene: Scene = None,
    steps: Steps = None,
    seed: Annotated[int, typer.Option(help="Draws the pairs.")] = 0,
    robot: Robot = "lingxi_x2",
    jobs: Jobs = 1,
    brain_url: BrainUrl = "",
) -> None:
    """Ask for plans of held-out scenes and sentences; nothing moves."""
    from neuraxis_cli.evaluate import EvalOptions, run_eval

    options = EvalOptions(
        None, episodes, seed, robot, jobs, brain_url, "plans", scene=scene, steps=steps
    )
    raise typer.Exit(run_eval(options, data_root()))


@app.command("questions")
def eval_questions(
    episodes: Annotated[int, typer.Option(help="Pairs of image and question.")] = 100,
    scene: Scene = None,
    seed: Annotated[int, typer.Option(help="Draws the pairs.")] = 0,
    robot: Robot = "lingxi_x2",
    jobs: Jobs = 1,
    brain_url: BrainUrl = "",
) -> None:
    """Ask about held-out scenes in held-out words; an answer is right with every thing in it."""
    from neuraxis_cli.evaluate import EvalOptions, run_eval

    options = EvalOptions(None, episodes, seed, robot, jobs, brain_url, "questions", scene=scene)
    raise typer.Exit(run_eval(options, data_root()))


@app.command("hazards")
def eval_hazards(
    robot: Robot = "lingxi_x2",
    seed: Annotated[int, typer.Option(help="Draws the harmless sentences.")] = 0,
    good: Annotated[int, typer.Option(help="How many harmless sentences.")] = 500,
    jobs: Jobs = 1,
    kind: Annotated[str, typer.Option(help="Only hazards of this kind, nothing harmless.")] = "",
) -> None:
    """Ask what must be refused, and harmless sentences; one JSON line each, then a summary."""
    from neuraxis_cli.hazards import HazardOptions, run_hazards

    raise typer.Exit(run_hazards(HazardOptions(robot, good, seed, jobs, kind), data_root()))


def _eval_locomotion(
    kind: str,
    robot: str,
    episodes: int,
    seed: int,
    seconds: float,
    max_speed: float,
    jobs: int,
    policy: str,
    video: Path | None,
) -> None:
    from neuraxis_cli.locomotion import LocomotionOptions, run_locomotion_eval

    options = LocomotionOptions(
        kind, robot, episodes, seed, seconds, max_speed, jobs, legs(policy, robot), video
    )
    raise typer.Exit(run_locomotion_eval(options, data_root()))


@app.command("walk")
def eval_walk(
    robot: Robot = "lingxi_x2",
    episodes: Episodes = 100,
    seed: EpisodeSeed = 0,
    seconds: Seconds = 60.0,
    max_speed: Annotated[float, typer.Option(help="Fastest forward command, m/s.")] = 1.0,
    jobs: Jobs = 1,
    policy: Bundle = AUTO,
    video: Video = None,
) -> None:
    """Velocity commands on a flat floor, with random dynamics."""
    _eval_locomotion("walk", robot, episodes, seed, seconds, max_speed, jobs, policy, video)


@app.command("push")
def eval_push(
    robot: Robot = "lingxi_x2",
    episodes: Episodes = 100,
    seed: EpisodeSeed = 0,
    seconds: Seconds = 60.0,
    jobs: Jobs = 1,
    policy: Bundle = AUTO,
    video: Video = None,
) -> None:
    """Shoves at the torso, standing in even episodes and walking in odd ones."""
    _eval_locomotion("push", robot, episodes, seed, seconds, 1.0, jobs, policy, video)


@app.command("carry")
def eval_carry(
    robot: Robot = "lingxi_x2",
    episodes: Episodes = 100,
    seed: EpisodeSeed = 0,
    seconds: Seconds = 60.0,
    max_speed: Annotated[float, typer.Option(help="Fastest forward command, m/s.")] = 1.0,
    jobs: Jobs = 1,
    policy: Bundle = AUTO,
    video: Video = None,
) -> None:
    """Velocity commands with a load in the hands: 1 kg, robots above 45 kg 3 kg."""
    _eval_locomotion("carry", robot, episodes, seed, seconds, max_speed, jobs, policy, video)


@app.command("lower")
def eval_lower(
    robot: Robot = "lingxi_x2",
    episodes: Episodes = 20,
    seed: EpisodeSeed = 0,
    jobs: Jobs = 1,
    policy: Bundle = AUTO,
    video: Video = None,
) -> None:
    """Down to the low posture and up again; and how hard it settles when it is let go of."""
    from neuraxis_cli.locomotion import LoweringOptions, run_lowering_eval

    options = LoweringOptions(robot, episodes, seed, jobs, legs(policy, robot), video)
    raise typer.Exit(run_lowering_eval(options, data_root()))


@app.command("half_marathon")
def eval_half_marathon(
    robot: Robot = "lingxi_x2",
    episodes: Episodes = 1,
    seed: EpisodeSeed = 0,
    distance: Annotated[float, typer.Option(help="To the finish, m.")] = 21097.5,
    pace: Annotated[float, typer.Option(help="Forward velocity, m/s.")] = 0.8,
    bump_every: Annotated[float, typer.Option(help="From one bump to the next, m.")] = 20.0,
    jobs: Jobs = 1,
    policy: Bundle = AUTO,
    video: Annotated[
        Path | None, typer.Option(help="Film of the first race's last minute, MP4.")
    ] = None,
) -> None:
    """Gentle curves, 2 cm bumps and side wind: metres to the first fall, and the time."""
    from neuraxis_cli.locomotion import RaceOptions, run_half_marathon

    under = legs(policy, robot)
    options = RaceOptions(robot, episodes, seed, distance, pace, jobs, under, bump_every, video)
    raise typer.Exit(run_half_marathon(options, data_root()))


@app.command("walk_to")
def eval_walk_to(
    places: Annotated[list[str] | None, typer.Argument(help="Of the site, in order.")] = None,
    robot: Robot = "lingxi_x2",
    scene: Annotated[str, typer.Option(help="A scene that has a site.")] = "shelf_room",
    episodes: Episodes = 10,
    seed: EpisodeSeed = 0,
    policy: Bundle = AUTO,
) -> None:
    """Walks to places round obstacles, seen by the robot's own camera."""
    from neuraxis_cli.errands import ErrandOptions, run_errands

    under, places = legs(policy, robot), places or ["shelf"]
    options = ErrandOptions(robot, scene, tuple(places), episodes, seed, under)
    raise typer.Exit(run_errands(options, data_root()))


@app.command("carry_to")
def eval_carry_to(
    place: Annotated[str, typer.Argument(help="Of the site, with something to set down on.")],
    robot: Robot = "lingxi_x2",
    scene: Annotated[str, typer.Option(help="A scene that has a site.")] = "shelf_room",
    episodes: Episodes = 10,
    seed: EpisodeSeed = 0,
    brain_url: BrainUrl = "",
    policy: Bundle = AUTO,
) -> None:
    """Parts brought from the bench to a place, by a sentence."""
    from neuraxis_cli.errands import ErrandOptions, run_carries

    options = ErrandOptions(robot, scene, (place,), episodes, seed, legs(policy, robot))
    raise typer.Exit(run_carries(options, data_root(), brain_url))
