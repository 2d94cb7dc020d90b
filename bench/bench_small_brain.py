# SPDX-License-Identifier: Apache-2.0
"""Figures of the small brain: time of a step, sway with moving arms, speed of the lockstep world.

    python bench/bench_small_brain.py [--seconds 60] [--robots lingxi_x2 ...] [--seed 1]

Prints a table on stderr and one JSON object on stdout. Both arms move at random, clear of the
robot, at up to 1.5 rad/s with 0.2 kg in each hand; state is noisy and commands arrive 2 ms late.
The step is judged by its own CPU time; its wall time also tells what else the machine was doing.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import mujoco
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from neuraxis_common.robot import SIDES, compile_urdf, joint_limits, load_profile  # noqa: E402
from neuraxis_common.types import FloatArray, JointTrajectory  # noqa: E402
from neuraxis_sim.lockstep import LockstepWorld  # noqa: E402
from neuraxis_sim.model import RobotModel  # noqa: E402
from neuraxis_sim.scene import generate, load_template  # noqa: E402

ROBOTS = ("lingxi_x2", "expedition_a3", "expedition_a2")
HAND_KG, PEAK_RAD_S, SPREAD_RAD = 0.2, 1.5, 0.7
STEP_MEAN_MAX_MS, STEP_P99_MAX_MS = 2.0, 10.0
SWAY_MAX_MM, TILT_MAX_DEG = 10.0, 1.0
LOOK_HZ, LOCKSTEP_MIN = 5.0, 3.0


def load_hands(robot: RobotModel) -> None:
    """Put a weight between the fingers of both hands."""
    for side in SIDES:
        tcp = robot.model.body(robot.profile.grippers[side].tcp_frame).id
        robot.model.body_mass[tcp], robot.model.body_inertia[tcp] = HAND_KG, 1e-4
    mujoco.mj_setConst(robot.model, mujoco.MjData(robot.model))


class ArmShaker:
    """Gives each idle arm a random motion that keeps the robot clear of itself."""

    def __init__(self, world: LockstepWorld, urdf_xml: str, seed: int) -> None:
        self._world, self._limits = world, joint_limits(urdf_xml)
        self._rng = np.random.default_rng(seed)
        self._scratch = mujoco.MjData(world.robot.model)
        self.failures: list[str] = []

    def shake(self) -> None:
        """Call every few cycles."""
        for side in SIDES:
            status = self._world.brain.status(f"{side}_arm")
            if status == "running":
                continue
            if not isinstance(status, str):
                self.failures.append(status.code)
            self._start(self._world.robot.profile.groups[f"{side}_arm"])

    def _start(self, names: tuple[str, ...]) -> None:
        profile = self._world.robot.profile
        index = [profile.joint_names.index(name) for name in names]
        low = np.array([self._limits[name].lower for name in names]) + 0.05
        high = np.array([self._limits[name].upper for name in names]) - 0.05
        start = np.clip(self._world.state.joints.pos_rad[index], low - 0.04, high + 0.04)
        ready = np.array([profile.ready_pose_rad[name] for name in names])
        goal = np.clip(ready + self._rng.uniform(-SPREAD_RAD, SPREAD_RAD, len(names)), low, high)
        if self._clear(index, start, goal):
            path = minimum_jerk(names, start, goal)
            refusal = self._world.brain.follow(self._world.now_s, path)
            if refusal is not None:
                self.failures.append(refusal.code)

    def _clear(self, index: list[int], start: FloatArray, goal: FloatArray) -> bool:
        robot, scratch = self._world.robot, self._scratch
        scratch.qpos[:] = self._world.qpos()
        for share in np.linspace(0, 1, 6):
            scratch.qpos[robot.joint_qpos_adr[index]] = start + share * (goal - start)
            mujoco.mj_kinematics(robot.model, scratch)
            mujoco.mj_collision(robot.model, scratch)
            if np.any(np.all(robot.model.geom_bodyid[scratch.contact.geom] > 0, axis=1)):
                return False
        return True


def minimum_jerk(names: tuple[str, ...], start: FloatArray, goal: FloatArray) -> JointTrajectory:
    """Path whose fastest joint peaks at `PEAK_RAD_S`."""
    span = max(float(np.abs(goal - start).max()), 0.05)
    t = np.linspace(0.0, span * (15 / 8) / PEAK_RAD_S, 40)
    u = t / t[-1]
    share = 10 * u**3 - 15 * u**4 + 6 * u**5
    rate = (30 * u**2 - 60 * u**3 + 30 * u**4) / t[-1]
    return JointTrajectory(
        names, t, start + np.outer(share, goal - start), np.outer(rate, goal - start)
    )


def timed(brain: Any) -> tuple[list[float], list[float]]:
    """Wrap the brain's step; returns the lists that fill with thread-CPU and wall times in ms."""
    cpu_ms: list[float] = []
    wall_ms: list[float] = []
    step = brain.step

    def measured(now_s: float, state: Any) -> Any:
        wall, cpu = time.perf_counter(), time.thread_time()
        command = step(now_s, state)
        cpu_ms.append((time.thread_time() - cpu) * 1e3)
        wall_ms.append((time.perf_counter() - wall) * 1e3)
        return command

    brain.step = measured
    return cpu_ms, wall_ms


def bench_robot(name: str, seconds: float, seed: int) -> dict[str, Any]:
    """Sway and step times of one robot with both arms moving."""
    profile = load_profile(name, ROOT)
    urdf_xml = compile_urdf(profile, ROOT)
    world = LockstepWorld(
        profile, ROOT, None, seed, with_camera=False, urdf_xml=urdf_xml, prepare=load_hands
    )
    cpu_ms, wall_ms = timed(world.brain)
    shaker = ArmShaker(world, urdf_xml, seed)
    world.advance(1.0)
    base = world.robot.base_qpos_adr
    start = world.qpos()[base : base + 7]
    sway_mm, tilt_deg = 0.0, 0.0
    while world.now_s < seconds + 1.0:
        shaker.shake()
        world.advance(0.02)
        now = world.qpos()[base : base + 7]
        sway_mm = max(sway_mm, 1e3 * float(np.linalg.norm(now[:3] - start[:3])))
        turn = 2 * np.arccos(min(1.0, abs(float(now[3:] @ start[3:]))))
        tilt_deg = max(tilt_deg, float(np.degrees(turn)))
    counters = world.loop.state()["counters"]
    return {
        "seconds": seconds,
        "sway_max_mm": round(sway_mm, 2),
        "turn_max_deg": round(tilt_deg, 3),
        "step_cpu_mean_ms": round(float(np.mean(cpu_ms)), 3),
        "step_cpu_p99_ms": round(float(np.percentile(cpu_ms, 99)), 3),
        "step_wall_p99_ms": round(float(np.percentile(wall_ms, 99)), 3),
        "commands_rejected": counters["commands_rejected"],
        "motion_failures": shaker.failures,
        "ok": sway_mm < SWAY_MAX_MM
        and tilt_deg < TILT_MAX_DEG
        and float(np.mean(cpu_ms)) < STEP_MEAN_MAX_MS
        and float(np.percentile(cpu_ms, 99)) <= STEP_P99_MAX_MS,
    }


def bench_lockstep(name: str, seed: int, seconds: float = 10.0) -> dict[str, Any]:
    """Simulated seconds per CPU second at a bench, blind and while looking."""
    profile = load_profile(name, ROOT)
    template = load_template(ROOT / "config" / "scenes" / "sorting_bench.yaml")
    world = LockstepWorld(profile, ROOT, generate(template, seed, profile), seed)
    world.advance(1.0)
    begin = time.process_time()
    world.advance(seconds)
    blind = seconds / (time.process_time() - begin)
    begin = time.process_time()
    for _ in range(round(seconds * LOOK_HZ)):
        world.advance(1 / LOOK_HZ)
        world.frame()
    looking = seconds / (time.process_time() - begin)
    world.close()
    return {
        "speed_blind": round(blind, 2),
        "speed_looking_5hz": round(looking, 2),
        "ok": looking >= LOCKSTEP_MIN,
    }


def main() -> int:
    """Run everything, print, and return 1 where a figure misses its bound."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--robots", nargs="+", default=list(ROBOTS))
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    robots = {name: bench_robot(name, args.seconds, args.seed) for name in args.robots}
    lockstep = bench_lockstep(args.robots[0], args.seed)
    for name, figures in robots.items():
        print(f"{name}", file=sys.stderr)
        for key, value in figures.items():
            print(f"  {key:<20}{value}", file=sys.stderr)
    print(f"lockstep world of {args.robots[0]}: {lockstep}", file=sys.stderr)
    ok = lockstep["ok"] and all(figures["ok"] for figures in robots.values())
    print(json.dumps({"bench": "small_brain", "robots": robots, "lockstep": lockstep, "ok": ok}))
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
