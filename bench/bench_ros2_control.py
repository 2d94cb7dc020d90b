# SPDX-License-Identifier: Apache-2.0
"""The spinal cord under a controller manager at 1 kHz, beside ros2_control's own mock.

    python bench/bench_ros2_control.py [--seconds 10] [--rounds 5] [--robot lingxi_x2]
    python bench/bench_ros2_control.py --watch 3600 [--hardware mujoco --model world.mjb]

Both have the same joints, sensors, controllers and commands, and take turns, so that neighbours on
this machine disturb both; ``bench_ros2_control`` times every cycle of both with the same clock.
``--watch`` runs ours alone and prints period and cycle as a histogram. Without a ROS 2 machine that
has ros2_control and this package, with its benches, it says so and measures nothing.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from neuraxis_common.errors import ConfigError  # noqa: E402
from neuraxis_common.robot import RobotProfile, load_profile  # noqa: E402

OURS, PEER = "mock", "generic"
RATIO_MAX = 1.2
SETTLE_S, INTRODUCE_S = 1.0, 1.0
COMMAND_RATE_HZ = 100.0
ACTIVE = (
    "safety_controller",
    "joint_state_broadcaster",
    "imu_sensor_broadcaster",
    "left_foot_broadcaster",
    "right_foot_broadcaster",
    "impedance_controller",
)
STANDING_BY = ("halt_controller",)


def why_not() -> str:
    """Why nothing can be measured here; empty where it can."""
    try:
        import rclpy  # noqa: F401
        from ament_index_python.packages import PackageNotFoundError, get_package_prefix
    except ImportError:
        return "no ROS 2 here"
    try:
        get_package_prefix("controller_manager")
        binary = Path(get_package_prefix("neuraxis")) / "lib" / "neuraxis" / "bench_ros2_control"
    except PackageNotFoundError as error:
        return f"package {error} is not there"
    except OSError as error:
        return f"no ROS 2 is sourced: {error}"
    return "" if binary.is_file() else "neuraxis was built without NEURAXIS_BUILD_BENCH"


def describe(profile: RobotProfile, hardware: str, model: str) -> str:
    """The robot's description with this hardware."""
    import xacro

    mappings = {"hardware": hardware, "model_path": model}
    return xacro.process_file(str(ROOT / profile.xacro), mappings=mappings).toxml()


@contextlib.contextmanager
def commander(profile: RobotProfile, urdf_xml: str) -> Iterator[threading.Event]:
    """Commands the ready pose at 100 Hz, and describes the robot until the event is set."""
    import rclpy
    from rclpy.qos import DurabilityPolicy, QoSProfile, qos_profile_sensor_data
    from std_msgs.msg import String

    from neuraxis.msg import JointCommandArray

    rclpy.init()
    node = rclpy.create_node("bench_commander")
    latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    description = node.create_publisher(String, "robot_description", latched)
    commands = node.create_publisher(
        JointCommandArray, "spinal_cord/command", qos_profile_sensor_data
    )
    names = list(profile.joint_names)
    message = JointCommandArray(
        name=names,
        position=[profile.ready_pose_rad[name] for name in names],
        velocity=[0.0] * len(names),
        effort=[0.0] * len(names),
        kp=[profile.kp[name] for name in names],
        kd=[profile.kd[name] for name in names],
    )
    done, running = threading.Event(), threading.Event()

    def run() -> None:
        introduced_s = 0.0
        while not done.wait(1.0 / COMMAND_RATE_HZ):
            # Fast DDS may lose the first latched sample; a manager that has one ignores others.
            if time.monotonic() - introduced_s > INTRODUCE_S and not running.is_set():
                introduced_s = time.monotonic()
                description.publish(String(data=urdf_xml))
            message.header.stamp = node.get_clock().now().to_msg()
            commands.publish(message)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield running
    finally:
        done.set()
        thread.join()
        node.destroy_node()
        rclpy.shutdown()


def measure(
    profile: RobotProfile, hardware: str, model: str, window_s: float, windows: int
) -> list[dict[str, Any]]:
    """Histograms of the cycles, one entry per window."""
    from ament_index_python.packages import get_package_prefix

    controllers = ROOT / "config" / "controllers"
    configs = (controllers / "controllers.yaml", controllers / f"{profile.name}.yaml")
    params = [word for path in configs for word in ("--params-file", str(path))]
    binary = Path(get_package_prefix("neuraxis")) / "lib" / "neuraxis" / "bench_ros2_control"
    spawner = Path(get_package_prefix("controller_manager")) / "lib/controller_manager/spawner"
    numbers = map(str, (window_s, windows))
    remap = ["-r", "~/robot_description:=robot_description"]
    with commander(profile, describe(profile, hardware, model)) as running:
        manager = subprocess.Popen(
            [str(binary), *numbers, "--ros-args", *params, *remap, "--log-level", "warn"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for names, options in ((STANDING_BY, ["--inactive"]), (ACTIVE, [])):
            done = subprocess.run(
                [str(spawner), *names, *options], capture_output=True, text=True, check=False
            )
            if done.returncode != 0:
                manager.kill()
                raise ConfigError(f"{hardware}: {done.stdout}{done.stderr}")
            running.set()
        time.sleep(SETTLE_S)
        output, _ = manager.communicate("go\n")
    rows = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    if len(rows) != windows or manager.returncode != 0:
        raise ConfigError(f"{hardware}: the manager ended with {manager.returncode}: {output}")
    return rows


def middle(rows: list[dict[str, Any]], part: str, what: str) -> float:
    """Median over windows."""
    return statistics.median(row[part][what] for row in rows)


def compare(profile: RobotProfile, seconds: float, rounds: int) -> dict[str, Any]:
    """Both hardwares in turns; the medians of their windows."""
    rows: dict[str, list[dict[str, Any]]] = {OURS: [], PEER: []}
    for turn in range(rounds):
        order = (OURS, PEER) if turn % 2 == 0 else (PEER, OURS)
        for hardware in order:
            rows[hardware] += measure(profile, hardware, "", seconds, 1)
    ratio = middle(rows[OURS], "cpu", "p50_us") / middle(rows[PEER], "cpu", "p50_us")
    overruns = {name: sum(row["overruns"] for row in those) for name, those in rows.items()}
    name = f"read+update+write, {len(profile.joint_names)} joints, CPU median / {PEER}"
    figures = [
        {"name": name, "value": ratio, "unit": "1", "target": RATIO_MAX, "ok": ratio <= RATIO_MAX},
    ]
    return {
        "bench": "ros2_control",
        "figures": figures,
        "details": {"overruns": overruns, "windows": rows},
    }


def print_rows(rows: list[dict[str, Any]], title: str) -> None:
    """Medians over windows, the maximum over all."""
    print(f"{title}: overruns {sum(row['overruns'] for row in rows)}", file=sys.stderr)
    for part in ("cpu", "wall", "period", "read", "update", "write"):
        cells = [f"{middle(rows, part, what):9.1f}" for what in ("p50_us", "p99_us", "p999_us")]
        worst = max(row[part]["max_us"] for row in rows)
        print(f"  {part:8s}" + " ".join(cells) + f" {worst:9.1f} us", file=sys.stderr)


def main() -> int:
    """Measure, print, and say by the exit code whether every measured target is met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10.0, help="length of each window")
    parser.add_argument("--rounds", type=int, default=5, help="windows of each hardware")
    parser.add_argument("--robot", default="lingxi_x2")
    parser.add_argument("--watch", type=float, default=0.0, help="run ours alone for so many s")
    parser.add_argument("--hardware", default=OURS, help="with --watch")
    parser.add_argument("--model", default="", help="with --watch --hardware mujoco")
    args = parser.parse_args()
    reason = why_not()
    if reason:
        print(f"not measured: {reason}", file=sys.stderr)
        print(json.dumps({"bench": "ros2_control", "figures": [], "skipped": reason}))
        return 0
    os.environ.setdefault("ROS_DOMAIN_ID", str(40 + os.getpid() % 40))
    profile = load_profile(args.robot, ROOT)
    print("          p50       p99     p99.9       max", file=sys.stderr)
    if args.watch > 0:
        rows = measure(profile, args.hardware, args.model, args.watch, 1)
        print_rows(rows, args.hardware)
        print(json.dumps({"bench": "ros2_control", "figures": [], "details": rows[0]}))
        return 0
    result = compare(profile, args.seconds, args.rounds)
    for hardware, rows in result["details"]["windows"].items():
        print_rows(rows, hardware)
    row = result["figures"][0]
    verdict = "ok" if row["ok"] else "MISSED"
    print(f"{row['name']}: {row['value']:.3f} <= {row['target']} {verdict}", file=sys.stderr)
    print(json.dumps(result))
    return 0 if row["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
