# SPDX-License-Identifier: Apache-2.0
"""Command line: demo, up, eval, train, bundle, keys, plan, scene, bridge, bench, doctor.

Modules are imported by the command that needs them, so that each starts fast.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from neuraxis_cli.bundle import app as bundle_app
from neuraxis_cli.keys import app as keys_app
from neuraxis_cli.plan import app as plan_app
from neuraxis_cli.train import app as train_app
from neuraxis_common.errors import ConfigError

EXIT_CONFIG, EXIT_INTERRUPTED = 2, 130

app = typer.Typer(
    name="neuraxis",
    help="One sentence moves a humanoid.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
eval_app = typer.Typer(help="Success rates, judged on the simulator's truth.")
app.add_typer(eval_app, name="eval")
app.add_typer(bundle_app, name="bundle")
app.add_typer(keys_app, name="keys")
app.add_typer(plan_app, name="plan")
app.add_typer(train_app, name="train")

Robot = Annotated[str, typer.Option(help="Name of a profile in config/robots.")]
Seed = Annotated[int, typer.Option(help="Draws the scene.")]
Episodes = Annotated[int, typer.Option(help="How many.")]
EpisodeSeed = Annotated[int, typer.Option(help="Draws the episodes; below 1000 is for tuning.")]
Seconds = Annotated[float, typer.Option(help="Length of an episode.")]
Jobs = Annotated[int, typer.Option(help="Processes.")]
Video = Annotated[Path | None, typer.Option(help="Film of the first episode, MP4.")]
Scene = Annotated[str | None, typer.Option(help="Where: a template in config/scenes.")]
Bundle = Annotated[Path | None, typer.Option(help="Policy; the classical controller without.")]


def data_root() -> Path:
    """Folder with config/, urdf/ and models/: NEURAXIS_ROOT, else the checkout of this file."""
    return Path(os.environ.get("NEURAXIS_ROOT", Path(__file__).resolve().parents[1]))


def _speed(text: str) -> float:
    if text == "max":
        return 0.0
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not 0.05 <= value <= 100.0:
        raise ConfigError(f"speed must be 'max' or in [0.05, 100], got '{text}'")
    return value


@app.command()
def demo(
    instruction: Annotated[str | None, typer.Argument(help="English or Chinese.")] = None,
    robot: Robot = "lingxi_x2",
    scene: Scene = None,
    seed: Annotated[int | None, typer.Option(help="Draws the scene.")] = None,
    speed: Annotated[str, typer.Option(help="Simulated over wall time, or 'max'.")] = "1",
    brain_url: Annotated[str, typer.Option(help="A brain that already serves.")] = "",
    out: Annotated[Path, typer.Option(help="Folder for the run's files.")] = Path("out"),
    film: Annotated[bool, typer.Option(help="Make the video.")] = True,
    policy: Bundle = None,
) -> None:
    """Let a robot at a bench do what a sentence says."""
    from neuraxis_cli.demo import DemoOptions, default_task, run_demo

    task = default_task(robot, data_root())
    told = instruction is not None or scene is not None or seed is not None
    options = DemoOptions(
        robot=robot,
        scene=task["scene"] if scene is None else scene,
        seed=task["seed"] if seed is None else seed,
        instruction=task["instruction"] if instruction is None else instruction,
        speed=_speed(speed),
        brain_url=brain_url,
        goal=() if told else tuple(task["goal"]),
        film=film,
        policy=policy,
    )
    raise typer.Exit(run_demo(options, data_root(), out))


@app.command()
def up(
    robot: Robot = "lingxi_x2",
    scene: Annotated[str, typer.Option(help="Template in config/scenes.")] = "sorting_bench",
    seed: Seed = 7,
    speed: Annotated[str, typer.Option(help="Simulated over wall time, or 'max'.")] = "1",
    brain_url: Annotated[str, typer.Option(help="A brain that already serves.")] = "",
    policy: Bundle = None,
) -> None:
    """Run the system; every line of standard input is an instruction."""
    from neuraxis_cli.graph import GraphOptions
    from neuraxis_cli.up import run_up

    world = (data_root(), robot, scene, seed, _speed(speed))
    raise typer.Exit(run_up(GraphOptions(*world, brain_url, policy=policy)))


@eval_app.command("tasks")
def eval_tasks(
    tasks: Annotated[Path | None, typer.Option(help="JSON lines, one episode each.")] = None,
    episodes: Annotated[int | None, typer.Option(help="Draw this many instead.")] = None,
    scene: Scene = None,
    seed: Annotated[int, typer.Option(help="Draws the episodes.")] = 0,
    robot: Robot = "lingxi_x2",
    jobs: Annotated[int, typer.Option(help="Processes.")] = 1,
    brain_url: Annotated[str, typer.Option(help="A brain that already serves.")] = "",
    policy: Bundle = None,
) -> None:
    """Run episodes in lockstep; one JSON line each, then a summary."""
    from neuraxis_cli.evaluate import EvalOptions, run_eval

    options = EvalOptions(tasks, episodes, seed, robot, jobs, brain_url, policy=policy, scene=scene)
    raise typer.Exit(run_eval(options, data_root()))


@eval_app.command("plans")
def eval_plans(
    episodes: Annotated[int, typer.Option(help="Pairs of image and sentence.")] = 100,
    scene: Scene = None,
    seed: Annotated[int, typer.Option(help="Draws the pairs.")] = 0,
    robot: Robot = "lingxi_x2",
    jobs: Jobs = 1,
    brain_url: Annotated[str, typer.Option(help="A brain that already serves.")] = "",
) -> None:
    """Ask for plans of held-out scenes and sentences; nothing moves."""
    from neuraxis_cli.evaluate import EvalOptions, run_eval

    options = EvalOptions(None, episodes, seed, robot, jobs, brain_url, True, scene=scene)
    raise typer.Exit(run_eval(options, data_root()))


@eval_app.command("hazards")
def eval_hazards(
    robot: Robot = "lingxi_x2",
    seed: Annotated[int, typer.Option(help="Draws the harmless sentences.")] = 0,
    good: Annotated[int, typer.Option(help="How many harmless sentences.")] = 500,
    jobs: Jobs = 1,
) -> None:
    """Ask what must be refused, and harmless sentences; one JSON line each, then a summary."""
    from neuraxis_cli.hazards import HazardOptions, run_hazards

    raise typer.Exit(run_hazards(HazardOptions(robot, good, seed, jobs), data_root()))


def _eval_locomotion(
    kind: str,
    robot: str,
    episodes: int,
    seed: int,
    seconds: float,
    max_speed: float,
    jobs: int,
    policy: Path | None,
    video: Path | None,
) -> None:
    from neuraxis_cli.locomotion import LocomotionOptions, run_locomotion_eval

    options = LocomotionOptions(
        kind, robot, episodes, seed, seconds, max_speed, jobs, policy, video
    )
    raise typer.Exit(run_locomotion_eval(options, data_root()))


@eval_app.command("walk")
def eval_walk(
    robot: Robot = "lingxi_x2",
    episodes: Episodes = 100,
    seed: EpisodeSeed = 0,
    seconds: Seconds = 60.0,
    max_speed: Annotated[float, typer.Option(help="Fastest forward command, m/s.")] = 1.0,
    jobs: Jobs = 1,
    policy: Bundle = None,
    video: Video = None,
) -> None:
    """Velocity commands on a flat floor, with random dynamics."""
    _eval_locomotion("walk", robot, episodes, seed, seconds, max_speed, jobs, policy, video)


@eval_app.command("push")
def eval_push(
    robot: Robot = "lingxi_x2",
    episodes: Episodes = 100,
    seed: EpisodeSeed = 0,
    seconds: Seconds = 60.0,
    jobs: Jobs = 1,
    policy: Bundle = None,
    video: Video = None,
) -> None:
    """Shoves at the torso, standing in even episodes and walking in odd ones."""
    _eval_locomotion("push", robot, episodes, seed, seconds, 1.0, jobs, policy, video)


@eval_app.command("carry")
def eval_carry(
    robot: Robot = "lingxi_x2",
    episodes: Episodes = 100,
    seed: EpisodeSeed = 0,
    seconds: Seconds = 60.0,
    max_speed: Annotated[float, typer.Option(help="Fastest forward command, m/s.")] = 1.0,
    jobs: Jobs = 1,
    policy: Bundle = None,
    video: Video = None,
) -> None:
    """Velocity commands with a load in the hands: 1 kg, robots above 45 kg 3 kg."""
    _eval_locomotion("carry", robot, episodes, seed, seconds, max_speed, jobs, policy, video)


@eval_app.command("lower")
def eval_lower(
    robot: Robot = "lingxi_x2",
    episodes: Episodes = 20,
    seed: EpisodeSeed = 0,
    jobs: Jobs = 1,
    policy: Bundle = None,
    video: Video = None,
) -> None:
    """Down to the low posture and up again; and how hard it settles when it is let go of."""
    from neuraxis_cli.locomotion import LoweringOptions, run_lowering_eval

    options = LoweringOptions(robot, episodes, seed, jobs, policy, video)
    raise typer.Exit(run_lowering_eval(options, data_root()))


@eval_app.command("half_marathon")
def eval_half_marathon(
    robot: Robot = "lingxi_x2",
    episodes: Episodes = 1,
    seed: EpisodeSeed = 0,
    distance: Annotated[float, typer.Option(help="To the finish, m.")] = 21097.5,
    pace: Annotated[float, typer.Option(help="Forward velocity, m/s.")] = 0.8,
    bump_every: Annotated[float, typer.Option(help="From one bump to the next, m.")] = 20.0,
    jobs: Jobs = 1,
    policy: Bundle = None,
) -> None:
    """Gentle curves, 2 cm bumps and side wind: metres to the first fall, and the time."""
    from neuraxis_cli.locomotion import RaceOptions, run_half_marathon

    options = RaceOptions(robot, episodes, seed, distance, pace, jobs, policy, bump_every)
    raise typer.Exit(run_half_marathon(options, data_root()))


@eval_app.command("walk_to")
def eval_walk_to(
    places: Annotated[list[str] | None, typer.Argument(help="Of the site, in order.")] = None,
    robot: Robot = "lingxi_x2",
    scene: Annotated[str, typer.Option(help="A scene that has a site.")] = "shelf_room",
    episodes: Episodes = 10,
    seed: EpisodeSeed = 0,
) -> None:
    """Walks to places round obstacles, seen by the robot's own camera."""
    from neuraxis_cli.errands import ErrandOptions, run_errands

    options = ErrandOptions(robot, scene, tuple(places or ("shelf",)), episodes, seed)
    raise typer.Exit(run_errands(options, data_root()))


@app.command()
def teleop(
    pad: Annotated[
        Path | None, typer.Option(help="Gamepad such as /dev/input/js0 instead of the keyboard.")
    ] = None,
    forward: Annotated[float, typer.Option(help="Largest speed, m/s.")] = 0.4,
    turn: Annotated[float, typer.Option(help="Largest rate, rad/s.")] = 0.5,
) -> None:
    """Walk by hand; whoever lets go stops the robot. Set ROS_DOMAIN_ID to that of the robot."""
    from neuraxis_cli.teleop.drive import TeleopConfig
    from neuraxis_cli.teleop.node import run_teleop

    raise typer.Exit(run_teleop(pad, TeleopConfig(forward_m_s=forward, turn_rad_s=turn)))


@app.command()
def scene(
    seed: Seed = 7,
    scene: Annotated[str, typer.Option(help="Template in config/scenes.")] = "sorting_bench",
    robot: Robot = "lingxi_x2",
    as_json: Annotated[bool, typer.Option("--json", help="Print the scene.")] = False,
    png: Annotated[Path | None, typer.Option(help="Render it into this file.")] = None,
    camera: Annotated[str, typer.Option(help="'head' or a camera of the model.")] = "third_person",
) -> None:
    """Print or render the scene of a seed."""
    from neuraxis_cli.scene import show_scene

    show_scene(data_root(), robot, scene, seed, as_json, png, camera)


@app.command(
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    add_help_option=False,
)
def bridge(context: typer.Context) -> None:
    """Serve the brain over HTTP in the OpenAI chat-completions shape; --help lists the options."""
    from neuraxis_bridge.server import main as serve

    raise typer.Exit(serve(["--models", str(data_root() / "models"), *context.args]))


@app.command()
def bench(
    only: Annotated[str, typer.Option(help="Name of one bench, e.g. spinal_cord.")] = "",
) -> None:
    """Measure all figures; a table on standard error, JSON on standard output."""
    from neuraxis_cli.bench import run_benches

    raise typer.Exit(run_benches(data_root() / "bench", only))


@app.command()
def doctor() -> None:
    """Say what is missing, with the command that fixes it."""
    from neuraxis_cli.doctor import run_doctor

    raise typer.Exit(run_doctor(data_root()))


def main() -> int:
    """Entry point: user mistakes are one line on standard error and exit code 2."""
    # A shell that starts us in the background leaves SIGINT ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        app()
    except ConfigError as error:
        print(f"neuraxis: {error}", file=sys.stderr)
        return EXIT_CONFIG
    except KeyboardInterrupt:
        print("neuraxis: interrupted", file=sys.stderr)
        return EXIT_INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main())
