# SPDX-License-Identifier: Apache-2.0
"""Figures of arm motion: inverse kinematics, free-space plans, whole pick and place sequences.

    python bench/bench_motion.py [--plans 100] [--scenes 30] [--robots lingxi_x2 ...] [--seed 1000]

Prints a table on stderr and one JSON object on stdout. Sequences run kinematically on generated
scenes: each segment is planned from where the last one ended, with 3 mm of noise on what is seen
and 2 mrad on the joints. Times are CPU time of the planning thread; wall times stand beside them.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from big_brain_node.motion.grasp import down_pose  # noqa: E402
from big_brain_node.motion.pick_place import PickPlacePlanner  # noqa: E402
from big_brain_node.motion.planner import Obstacle, PlanRequest, TcpGoal, yaw_pose  # noqa: E402
from big_brain_node.motion.scene_model import bench_obstacle, odom_in_base  # noqa: E402
from neuraxis_common.errors import Rejected  # noqa: E402
from neuraxis_common.profile import RobotProfile  # noqa: E402
from neuraxis_common.robot import compile_urdf, load_profile  # noqa: E402
from neuraxis_common.types import (  # noqa: E402
    FloatArray,
    JointTrajectory,
    SceneObject,
    SceneSnapshot,
)
from neuraxis_sim.scene import generate, load_template  # noqa: E402
from neuraxis_sim.scene_types import SceneItem  # noqa: E402

ROBOTS = ("lingxi_x2", "expedition_a3", "expedition_a2")
IK_MAX_MS, PLAN_MEDIAN_MAX_MS, PLAN_P95_MAX_MS, RATE_MIN = 20.0, 100.0, 500.0, 0.97
SEEN_NOISE_M, JOINT_NOISE_RAD = 0.003, 0.002
TILT_RAD = (-0.9, 0.9)
SEGMENTS = ("grasp", "lift", "transfer", "lower", "retreat", "home")


class Times:
    """CPU and wall times by name."""

    def __init__(self) -> None:
        self.cpu_ms: dict[str, list[float]] = defaultdict(list)
        self.wall_ms: dict[str, list[float]] = defaultdict(list)

    def run(self, name: str, call: Any, *args: Any) -> Any:
        """Call and note the times."""
        cpu_s, wall_s = time.thread_time(), time.perf_counter()
        result = call(*args)
        self.cpu_ms[name].append((time.thread_time() - cpu_s) * 1e3)
        self.wall_ms[name].append((time.perf_counter() - wall_s) * 1e3)
        return result

    def summary(self, name: str) -> dict[str, float]:
        """Median and p95."""
        cpu, wall = self.cpu_ms[name], self.wall_ms[name]
        return {
            "median_ms": round(float(np.median(cpu)), 1),
            "p95_ms": round(float(np.percentile(cpu, 95)), 1),
            "wall_median_ms": round(float(np.median(wall)), 1),
        }


class Cell:
    """One robot in its ready pose at its bench."""

    def __init__(self, robot: str, seed: int) -> None:
        self.profile: RobotProfile = load_profile(robot, ROOT)
        self.planner = PickPlacePlanner(
            self.profile, compile_urdf(self.profile, ROOT), time.monotonic
        )
        pose = self.profile.ready_pose_rad
        self.ready = np.array([pose[name] for name in self.profile.joint_names])
        kinematics = self.planner.planner.kinematics
        q = kinematics.configuration(self.ready)
        self.T_BO = odom_in_base(kinematics, self.profile, q)
        self.rng = np.random.default_rng(seed)
        self.index = {name: k for k, name in enumerate(self.profile.joint_names)}

    def on_bench(self, x_m: float, y_m: float, above_m: float) -> FloatArray:
        """A point over the bench in base_link."""
        at = [x_m, y_m, self.profile.bench.height_m + above_m, 1.0]
        return (self.T_BO @ at)[:3]

    def seen(self, item: SceneItem) -> SceneObject:
        """A scene item as perception would report it."""
        center = (self.T_BO @ [*item.xyz_m, 1.0])[:3] + self.rng.normal(0, SEEN_NOISE_M, 3)
        size, cov = np.array(item.size_m), np.eye(3) * SEEN_NOISE_M**2
        box = (0.0, 0.0, 1.0, 1.0)
        return SceneObject(
            item.name, item.kind, item.shape, item.color, center, item.yaw_rad, size, cov,
            0.0, 1.0, box,
        )  # fmt: skip

    def after(self, pos: FloatArray, trajectory: JointTrajectory) -> FloatArray:
        """The joints at the end of a trajectory, nearly."""
        moved = pos.copy()
        rows = [self.index[name] for name in trajectory.joint_names]
        moved[rows] = trajectory.pos_rad[-1]
        moved[rows] += self.rng.normal(0, JOINT_NOISE_RAD, len(rows))
        return moved


def plans(cell: Cell, count: int, times: Times) -> float:
    """Free-space plans over a bench with eight parts; returns the share that succeeded."""
    bench = cell.profile.bench
    low, high = np.array(bench.workspace_xy_m).min(axis=0), np.array(bench.workspace_xy_m).max(0)
    done = 0
    for k in range(count):
        spots = cell.rng.uniform(low, high, (9, 2))
        size = np.array([0.04, 0.04, 0.05])
        obstacles = (
            bench_obstacle(bench, cell.T_BO),
            *(
                Obstacle(f"part_{i}", "box", size, yaw_pose(0.0, cell.on_bench(x, y, 0.025)))
                for i, (x, y) in enumerate(spots[1:])
            ),
        )
        side = "left" if spots[0, 1] >= 0 else "right"
        at = cell.on_bench(float(spots[0, 0]), float(spots[0, 1]), 0.10)
        goal = TcpGoal(down_pose(0.0, at), (-np.pi, np.pi), TILT_RAD)
        request = PlanRequest(cell.ready, side, goal, obstacles, seed=k + 1)
        arm = cell.planner.planner.open(request)
        times.run("ik", arm.postures, [goal], arm.start_rad)
        planned = times.run("plan", cell.planner.planner.plan, request)
        done += not isinstance(planned, Rejected)
    return done / count


def sequence(cell: Cell, scene: SceneSnapshot, part: SceneObject, box: SceneObject,
             times: Times, moving_s: list[float]) -> str:  # fmt: skip
    """One pick and place, kinematically; returns how it ended."""
    planner = cell.planner
    reached = times.run("reach", planner.plan_reach, cell.ready, scene, part, box)
    if isinstance(reached, Rejected):
        return f"reach {reached.code}"
    carry, trajectory = reached
    total_s = trajectory.duration_s
    pos = cell.after(cell.ready, trajectory)
    pos = planner.cell.with_fingers(pos, carry.side, carry.open_width_m)
    for name in SEGMENTS:
        what = carry.side if name in ("retreat", "home") else carry
        planned = times.run(name, getattr(planner, f"plan_{name}"), pos, scene, what)
        if isinstance(planned, Rejected):
            return f"{name} {planned.code}"
        total_s += planned.duration_s
        pos = cell.after(pos, planned)
        if name in ("grasp", "lower"):
            width = part.size_m[1] if name == "grasp" else carry.open_width_m
            pos = planner.cell.with_fingers(pos, carry.side, float(width))
    moving_s.append(total_s)
    return "done"


def sequences(cell: Cell, place: str, scenes: int, seed: int, times: Times) -> dict[str, Any]:
    """Two parts of each scene into containers drawn at random."""
    template = load_template(ROOT / f"config/scenes/{place}.yaml")
    ended: Counter[str] = Counter()
    moving_s: list[float] = []
    for k in range(scenes):
        drawn = generate(template, seed + k, cell.profile)
        snapshot = SceneSnapshot(0.0, tuple(cell.seen(item) for item in drawn.objects))
        loose = {item.name for item in drawn.parts if not item.inside}
        boxes = [o for o in snapshot.objects if o.kind == "container"]
        for part in [o for o in snapshot.objects if o.track_id in loose][:2]:
            box = boxes[int(cell.rng.integers(len(boxes)))]
            ended[sequence(cell, snapshot, part, box, times, moving_s)] += 1
    total = sum(ended.values())
    return {
        "sequences": total,
        "rate": round(ended["done"] / total, 4),
        "ended": dict(ended),
        "moving_median_s": round(float(np.median(moving_s)), 2),
    }


def measure(robot: str, args: argparse.Namespace) -> dict[str, Any]:
    """All figures of one robot and whether each keeps its bound."""
    cell, times = Cell(robot, args.seed), Times()
    share = plans(cell, args.plans, times)
    result: dict[str, Any] = {"plan_success": round(share, 3)}
    result |= sequences(cell, args.place, args.scenes, args.seed, times)
    result |= {name: times.summary(name) for name in ("ik", "plan", "reach", *SEGMENTS)}
    result["ok"] = (
        result["ik"]["median_ms"] <= IK_MAX_MS
        and result["plan"]["median_ms"] <= PLAN_MEDIAN_MAX_MS
        and result["plan"]["p95_ms"] <= PLAN_P95_MAX_MS
        and result["rate"] >= RATE_MIN
    )
    return result


def main() -> int:
    """Run everything, print, and return 1 where a figure misses its bound."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--plans", type=int, default=100)
    parser.add_argument("--scenes", type=int, default=30)
    parser.add_argument("--place", default="sorting_bench", help="template in config/scenes")
    parser.add_argument("--robots", nargs="+", default=list(ROBOTS))
    parser.add_argument("--seed", type=int, default=1000)
    args = parser.parse_args()
    robots = {name: measure(name, args) for name in args.robots}
    for name, figures in robots.items():
        print(name, file=sys.stderr)
        for key, value in figures.items():
            print(f"  {key:<16}{value}", file=sys.stderr)
    ok = all(figures["ok"] for figures in robots.values())
    print(json.dumps({"bench": "motion", "robots": robots, "ok": ok}))
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
