# SPDX-License-Identifier: Apache-2.0
"""Figures of the spinal cord: CPU time of a cycle, wake-up jitter, overhead over bare MuJoCo.

    python bench/bench_spinal_cord.py [--seconds 10] [--robot lingxi_x2] [--build build/core]

Prints a table on stderr and one JSON object on stdout. Jitter is compared with ``cyclictest`` at
the same priority on the same core at the same time, so both suffer from the same neighbours; the
simulator's loop is compared with a bare ``mj_step`` loop that repeats its controls, round by round.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import mujoco

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from neuraxis_common.robot import compile_urdf, joint_limits, load_profile  # noqa: E402
from neuraxis_sim.model import build_model  # noqa: E402

PRIORITY = 80
# The 99.9th percentile of lateness needs many samples.
WAKE_SHARE = 2
SIM_ROUNDS, SIM_STEPS = 9, 2000
MEDIAN_MAX_US, P999_MAX_US = 5.0, 50.0
JITTER_RATIO_MAX, SIM_RATIO_MAX = 1.2, 1.15
HISTOGRAM_US = 20_000


def build_binary(build: Path) -> Path:
    """Bring the C++ side up to date.

    Args:
        build: CMake's build folder; made where it does not exist.
    """
    name = "neuraxis_bench_spinal_cord"
    python = f"-DPython_EXECUTABLE={sys.executable}"
    configure = ["cmake", "-S", str(ROOT), "-B", str(build), python]
    commands = [configure, ["cmake", "--build", str(build), "--target", name]]
    if (build / "CMakeCache.txt").exists():
        commands = commands[1:]
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return build / name


def write_world(robot: str, folder: Path) -> Path:
    """Write the compiled robot and what the C++ side needs to hold it standing.

    Args:
        robot: Name of a profile.
        folder: Where the model and the world file go.
    """
    profile = load_profile(robot, ROOT)
    urdf_xml = compile_urdf(profile, ROOT)
    model = build_model(profile, urdf_xml)
    limits = joint_limits(urdf_xml)
    mujoco.mj_saveModel(model.model, str(folder / "world.mjb"), None)
    qpos = model.standing_qpos(profile.ready_pose_rad)
    lines = [str(folder / "world.mjb"), str(len(qpos)), " ".join(map(repr, qpos.tolist()))]
    lines.append(str(len(profile.joint_names)))
    for name in profile.joint_names:
        limit, motor = limits[name], profile.torque_speed[name]
        numbers = (
            *(limit.lower, limit.upper, limit.velocity, limit.effort),
            *(profile.kp[name], profile.kd[name], motor.knee_rad_s, motor.no_load_rad_s),
        )
        lines.append(" ".join([name, *map(repr, map(float, numbers))]))
    path = folder / "world.txt"
    path.write_text("\n".join(lines) + "\n")
    return path


def measure(binary: Path, *args: str) -> dict[str, Any]:
    """Run one measurement of the C++ side."""
    done = subprocess.run([binary, *args], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{binary.name} {' '.join(args)}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def percentile_us(histogram: dict[str, int], fraction: float) -> float:
    """Percentile of a histogram {microseconds: count}, exact to its 1 us buckets."""
    rows = sorted((int(us), count) for us, count in histogram.items())
    total, seen = sum(count for _, count in rows), 0
    for us, count in rows:
        seen += count
        if seen >= fraction * total:
            return float(us)
    return float("nan")


def measure_wake(binary: Path, seconds: float, folder: Path) -> dict[str, Any]:
    """Wake-up lateness of the loop and of cyclictest, at the same time on the same core."""
    core = str(max(os.sched_getaffinity(0)))
    report = folder / "cyclictest.json"
    tester = None
    if shutil.which("cyclictest"):
        options = f"-q -m -t1 -i 1000 -a {core} -p {PRIORITY} -h {HISTOGRAM_US}"
        tester = subprocess.Popen(
            ["cyclictest", *options.split(), "-D", str(round(seconds)), f"--json={report}"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    pinned = (Path("taskset"), "-c", core, str(binary))
    result = measure(*pinned, "wake", str(seconds), str(PRIORITY))
    if tester is not None and tester.wait() == 0:
        thread = json.loads(report.read_text())["thread"]["0"]
        histogram = thread["histogram"]
        result["cyclictest"] = {
            "count": thread["cycles"],
            "p50_us": percentile_us(histogram, 0.5),
            "p999_us": percentile_us(histogram, 0.999),
            "max_us": thread["max"],
        }
    return result


def figure(name: str, value: float | None, unit: str, target: float) -> dict[str, Any]:
    """One row: a value that must not exceed its target; None where it cannot be measured."""
    ok = None if value is None else bool(value <= target)
    return {"name": name, "value": value, "unit": unit, "target": target, "ok": ok}


def run(seconds: float, robot: str, build: Path) -> dict[str, Any]:
    """Take all measurements in one run."""
    binary = build_binary(build)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cycle = measure(binary, "cycle", str(seconds), str(PRIORITY))
        wake = measure_wake(binary, WAKE_SHARE * seconds, folder)
        world = write_world(robot, folder)
        sim = measure(binary, "sim", str(world), str(SIM_ROUNDS), str(SIM_STEPS))
    reference = wake.get("cyclictest")
    jitter_ratio = wake["p999_us"] / max(reference["p999_us"], 1.0) if reference else None
    sim_ratio = sim["loop_us"] / sim["bare_us"]
    figures = [
        figure("cord cycle, 31 joints, CPU, median", cycle["p50_us"], "us", MEDIAN_MAX_US),
        figure("cord cycle, 31 joints, CPU, p99.9", cycle["p999_us"], "us", P999_MAX_US),
        figure("wake-up p99.9 / cyclictest p99.9", jitter_ratio, "1", JITTER_RATIO_MAX),
        figure("simulator loop / bare mj_step", sim_ratio, "1", SIM_RATIO_MAX),
    ]
    details = {"cycle": cycle, "wake": wake, "sim": {"robot": robot, **sim}}
    return {"bench": "spinal_cord", "figures": figures, "details": details}


def print_table(result: dict[str, Any]) -> None:
    """Print the figures for people."""
    for row in result["figures"]:
        value = "not measured" if row["value"] is None else f"{row['value']:.3f}"
        verdict = {True: "ok", False: "MISSED", None: "-"}[row["ok"]]
        print(
            f"{row['name']:40s} {value:>12s} {row['unit']:3s} <= {row['target']:<6g} {verdict}",
            file=sys.stderr,
        )


def main() -> int:
    """Measure, print, and say by the exit code whether every measured target is met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10.0, help="length of each timed part")
    parser.add_argument("--robot", default="lingxi_x2")
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "core")
    args = parser.parse_args()
    result = run(args.seconds, args.robot, args.build)
    print_table(result)
    print(json.dumps(result))
    return 0 if all(row["ok"] is not False for row in result["figures"]) else 1


if __name__ == "__main__":
    sys.exit(main())
