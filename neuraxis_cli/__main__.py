# SPDX-License-Identifier: Apache-2.0
"""Command line: demo, up, eval, train, bundle, keys, plan, scene, bridge, bench, doctor.

Modules are imported by the command that needs them, so that each starts fast.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from neuraxis_cli.bundle import app as bundle_app
from neuraxis_cli.evals import app as eval_app
from neuraxis_cli.keys import app as keys_app
from neuraxis_cli.options import BrainUrl, Bundle, Robot, Scene, Seed, data_root, legs
from neuraxis_cli.plan import app as plan_app
from neuraxis_cli.train import app as train_app
from neuraxis_common.errors import ConfigError
from neuraxis_common.policies import AUTO

EXIT_CONFIG, EXIT_INTERRUPTED = 2, 130

app = typer.Typer(
    name="neuraxis",
    help="One sentence moves a humanoid.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(eval_app, name="eval")
app.add_typer(bundle_app, name="bundle")
app.add_typer(keys_app, name="keys")
app.add_typer(plan_app, name="plan")
app.add_typer(train_app, name="train")


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
    brain_url: BrainUrl = "",
    out: Annotated[Path, typer.Option(help="Folder for the run's files.")] = Path("out"),
    film: Annotated[bool, typer.Option(help="Make the video.")] = True,
    policy: Bundle = AUTO,
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
        policy=legs(policy, robot),
    )
    raise typer.Exit(run_demo(options, data_root(), out))


@app.command()
def up(
    robot: Robot = "lingxi_x2",
    scene: Annotated[str, typer.Option(help="Template in config/scenes.")] = "sorting_bench",
    seed: Seed = 7,
    speed: Annotated[str, typer.Option(help="Simulated over wall time, or 'max'.")] = "1",
    brain_url: BrainUrl = "",
    policy: Bundle = AUTO,
) -> None:
    """Run the system; every line of standard input is an instruction."""
    from neuraxis_cli.graph import GraphOptions
    from neuraxis_cli.up import run_up

    world = (data_root(), robot, scene, seed, _speed(speed))
    raise typer.Exit(run_up(GraphOptions(*world, brain_url, policy=legs(policy, robot))))


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
