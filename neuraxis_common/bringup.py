# SPDX-License-Identifier: Apache-2.0
"""What the launch files share: names to choose from, and what it means when a process ends.

Free of ROS: the actions and events of a launch file come in as arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

SIMULATED = ("mujoco", "gazebo", "mock")
REAL = ("aimdk_hal", "body_drive", "cooperative", "socketcan_mit")
HARDWARE = (*SIMULATED, *REAL)

# Who commands the joints: its controllers are active, those of the others stand by.
COMMANDERS = {
    "impedance": ("impedance_controller",),
    "trajectory": ("left_arm_controller", "right_arm_controller"),
    "none": (),
}
# A robot is to move because somebody said so, not because its software came up.
BRAINS = ("auto", "all", "small", "none")
# Who finds ways for the arms; the first is always there, also when another fails.
MOTION_PLANNERS = ("embedded", "moveit")
BROADCASTERS = (
    "safety_controller",
    "joint_state_broadcaster",
    "imu_sensor_broadcaster",
    "left_foot_broadcaster",
    "right_foot_broadcaster",
)
FALLBACK = ("halt_controller",)

# States and commands pass through threads beside the 1 kHz loop, which has its own priority above
# this one. Where priorities are not allowed, the process starts without.
REALTIME = """sh -c 'chrt --rr 30 true 2>/dev/null && exec chrt --rr 30 "$@"; exec "$@"' sh"""


def arguments(share: str, *names: str) -> list[tuple[str, dict[str, Any]]]:
    """Name and keywords of the launch arguments that are asked for.

    Args:
        share: Folder of the installed ``config/``.
        names: Which, in this order.
    """
    table = {
        "robot": _choice(
            "Which robot: its xacro in urdf/, its profile in config/robots/",
            _stems(share, "robots"),
            "lingxi_x2",
        ),
        "hardware": _choice(
            "What moves: a simulator, a mock, or the robot's own interface", HARDWARE
        ),
        "namespace": _text("Namespace of this robot's nodes and topics; empty for one robot"),
        "xacro_args": _text("More arguments of the robot's xacro: 'name:=value name:=value'"),
        "probe": _choice("On a robot: listen, measure, send nothing", ("false", "true")),
        "commander": _choice(
            "Who commands: the small brain, trajectories of the arms, or nobody yet",
            tuple(COMMANDERS),
        ),
        "scene": _choice(
            "mujoco, gazebo: what stands around the robot, from config/scenes/",
            _stems(share, "scenes"),
            "sorting_bench",
        ),
        "seed": _text("mujoco, gazebo: which drawing of the scene", "0"),
        "headless": _choice("gazebo: without its window", ("true", "false")),
        "record_path": _text("mujoco: .npz file for the states of the world, written at the end"),
        "brains": _choice(
            "all: takes instructions; small: stands and takes motions; none: sends no command; "
            "auto: all where hardware is simulated, none on a robot",
            BRAINS,
        ),
        "brain_url": _text("A brain that serves already; empty starts the bridge of this package"),
        "brain_ca": _text("PEM file of the authorities of that brain; empty trusts the system's"),
        "brain_cert": _text("PEM file of the certificate that this robot shows that brain"),
        "brain_key": _text("PEM file of that certificate's private key"),
        "brain_port": _text("Port of that bridge on the loopback interface", "8740"),
        "motion_planner": _choice(
            "Who finds ways for the arms; the embedded planner stands in where MoveIt is missing, "
            "late or dead",
            MOTION_PLANNERS,
        ),
        "policy": _text(
            "What keeps the robot on its legs: a bundle's path, shipped for the robot's own, "
            "classical for none; auto: what its profile says in MuJoCo, else classical",
            "auto",
        ),
        "rviz": _choice("Whether RViz shows robot, frames and camera", ("false", "true")),
    }
    return [(name, table[name]) for name in names]


def world_files(folder: Any) -> list[tuple[str, dict[str, Any]]]:
    """Name and keywords of the arguments for the files of a MuJoCo world.

    Args:
        folder: Substitution for the folder that they lie in by default.
    """
    table = {
        "model_path": ("world.mjb", "where control.launch.py writes the compiled world"),
        "snapshot_path": ("world.state", "the world's state, for the camera"),
    }
    return [
        (name, {"description": f"mujoco: {what}", "default_value": [folder, f"/{file}"]})
        for name, (file, what) in table.items()
    ]


def gazebo_arguments() -> list[tuple[str, dict[str, Any]]]:
    """Name and keywords of the arguments that only Gazebo has."""
    return [
        ("world", _choice("gazebo: the scene, or nothing but a floor", ("scene", "empty"))),
        ("cameras", _choice("gazebo: with cameras, which need gz-rendering", ("true", "false"))),
    ]


def active(commander: str) -> list[str]:
    """Controllers that are active under a commander, in the order of their start."""
    return [*BROADCASTERS, *COMMANDERS[commander]]


def standing_by(commander: str) -> list[str]:
    """Controllers that are loaded and inactive under a commander; fallbacks first."""
    others = (names for other, names in COMMANDERS.items() if other != commander)
    return [*FALLBACK, *(name for names in others for name in names)]


def named(name: str) -> Callable[[Any], bool]:
    """Matches the process that a launch file calls by this name."""

    def matches(action: Any) -> bool:
        # launch counts its processes: the third is called `name-3`.
        return (action.process_details or {}).get("name", "").rsplit("-", 1)[0] == name

    return matches


def required(what: str, *, but: int | None = None) -> Callable[[Any, Any], None]:
    """For `on_exit`: the launch fails when this process ends before everything is shut down.

    Args:
        what: Name of the process.
        but: Exit code after which the process is started again, and nothing fails.
    """

    def on_exit(event: Any, context: Any) -> None:
        code = event.returncode
        if not context.is_shutdown and code != but:
            raise RuntimeError(f"{what} ended with exit code {code}; see its lines above")

    return on_exit


def refused(phrase: str, reason: str) -> Callable[[Any], None]:
    """For `on_stdout` and `on_stderr`: the launch fails when a process says this.

    For processes that report what is beyond repair and then wait for something else.
    """

    def on_output(event: Any) -> None:
        text = event.text.decode(errors="replace")
        if phrase in text:
            raise RuntimeError(reason)

    return on_output


def insisted(phrase: str, times: int, then: Sequence[Any]) -> Callable[[Any], list[Any] | None]:
    """For `on_stdout` and `on_stderr`: what follows whenever this has been said so many times."""
    said = 0

    def on_output(event: Any) -> list[Any] | None:
        nonlocal said
        said += event.text.decode(errors="replace").count(phrase)
        if said < times:
            return None
        said = 0
        return list(then)

    return on_output


def after(then: Sequence[Any]) -> Callable[[Any, Any], list[Any] | None]:
    """For `on_exit`: what follows the success of a process that somebody else watches."""

    def on_exit(event: Any, context: Any) -> list[Any] | None:
        return None if context.is_shutdown or event.returncode != 0 else list(then)

    return on_exit


def unless_shutdown(then: Sequence[Any]) -> Callable[[Any, Any], list[Any] | None]:
    """For `on_exit`: what follows the end of a process that was to go on."""

    def on_exit(_event: Any, context: Any) -> list[Any] | None:
        return None if context.is_shutdown else list(then)

    return on_exit


def succeeded(what: str, then: Sequence[Any] = ()) -> Callable[[Any, Any], list[Any] | None]:
    """For `on_exit` of a process that does one job: goes on once it is done, else fails."""

    def on_exit(event: Any, context: Any) -> list[Any] | None:
        if context.is_shutdown:
            return None
        if event.returncode != 0:
            raise RuntimeError(f"{what}: exit code {event.returncode}; see the lines above")
        return list(then)

    return on_exit


def _choice(description: str, choices: Sequence[str], default: str = "") -> dict[str, Any]:
    value = default or choices[0]
    return {"description": description, "choices": list(choices), "default_value": value}


def _text(description: str, default: str = "") -> dict[str, Any]:
    return {"description": description, "default_value": default}


def _stems(share: str, kind: str) -> list[str]:
    return sorted(path.stem for path in (Path(share) / "config" / kind).glob("*.yaml"))
