# SPDX-License-Identifier: Apache-2.0
"""Embedded planner and MoveIt on the same problems, one after the other in one run.

    python bench/bench_planners.py [--plans 40] [--scenes 6] [--robots lingxi_x2 ...]

Needs moveit_py. Problems: a tool goal over the bench among six parts, a detour around a wall, a
goal out of reach; then whole pick and place sequences. Times until the timed trajectory is there:
CPU time of the planning thread and of MoveIt's process together, wall times beside them. A problem
that the embedded planner had to solve for MoveIt is no success of MoveIt. Each success is checked
for collisions by the same shapes, without margins.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

from bench_motion import ROBOTS, Cell, Times, sequences  # noqa: E402

from big_brain_node.motion.grasp import down_pose  # noqa: E402
from big_brain_node.motion.ompl_planner import ArmPlanner  # noqa: E402
from big_brain_node.motion.pick_place import PickPlacePlanner  # noqa: E402
from big_brain_node.motion.planner import (  # noqa: E402
    MotionConfig,
    Obstacle,
    PlanRequest,
    TcpGoal,
    yaw_pose,
)
from big_brain_node.motion.scene_model import bench_obstacle  # noqa: E402
from big_brain_node.moveit.process import PlannerProcess, missing  # noqa: E402
from big_brain_node.moveit.start import with_moveit  # noqa: E402
from neuraxis_common.errors import Rejected  # noqa: E402
from neuraxis_common.robot import compile_urdf  # noqa: E402
from neuraxis_common.types import JointTrajectory  # noqa: E402

TILT_RAD = (-0.9, 0.9)
# Long, so that other load on the machine shows in the times and not in the rates.
READY_S, TIMEOUT_S = 60.0, 15.0
FAR_M = 1.5


def problems(cell: Cell, count: int, seed: int) -> Iterator[tuple[str, PlanRequest]]:
    """Kind and request of each problem."""
    rng, bench = np.random.default_rng(seed), bench_obstacle(cell.profile.bench, cell.T_BO)
    corners = np.array(cell.profile.bench.workspace_xy_m)
    low, high = corners.min(axis=0), corners.max(axis=0)
    size = np.array([0.04, 0.04, 0.05])
    for number in range(count):
        side = ("left", "right")[number % 2]
        sign = 1.0 if side == "left" else -1.0
        at = rng.uniform(low, high, (6, 2))
        parts = tuple(
            Obstacle(f"part_{k}", "box", size, yaw_pose(0.0, cell.on_bench(x, y, 0.025)))
            for k, (x, y) in enumerate(at)
        )
        x, y = rng.uniform(low[0], high[0]), sign * rng.uniform(0.05, 0.22)
        closing = float(rng.uniform(-0.5, 0.5))
        goal = TcpGoal(down_pose(closing, cell.on_bench(x, y, 0.12)), (-0.3, 0.3), TILT_RAD)
        wall = Obstacle(
            "wall",
            "box",
            np.array([0.20, 0.02, 0.16]),
            yaw_pose(0.0, cell.on_bench(0.30, sign * 0.27, 0.08)),
        )
        behind = TcpGoal(
            down_pose(closing, cell.on_bench(0.30, sign * rng.uniform(0.05, 0.12), 0.06)),
            (-0.3, 0.3),
            TILT_RAD,
        )
        far = TcpGoal(down_pose(closing, cell.on_bench(FAR_M, y, 0.1)))
        common = {
            "start_pos_rad": cell.ready,
            "side": side,
            "timeout_s": TIMEOUT_S,
            "seed": number + 1,
        }
        yield "among parts", PlanRequest(goal=goal, obstacles=(bench, *parts), **common)
        yield "around a wall", PlanRequest(goal=behind, obstacles=(bench, wall), **common)
        if number % 4 == 0:
            yield "out of reach", PlanRequest(goal=far, obstacles=(bench,), **common)


def free(planner: ArmPlanner, request: PlanRequest, planned: JointTrajectory) -> bool:
    """Whether nothing touches along the trajectory, between its points neither."""
    bare = MotionConfig(margin_m=1e-6, near_margin_m=1e-6)
    q = planner.kinematics.configuration(request.start_pos_rad)
    scene = planner.arms[request.side].collision.scene(q, request.obstacles, (), None, bare)
    between = 0.5 * (planned.pos_rad[1:] + planned.pos_rad[:-1])
    return scene.first_hit(np.concatenate([planned.pos_rad, between])) is None


class Watch:
    """CPU and wall time of one call, in ms.

    Args:
        process: MoveIt's, whose CPU time counts too.
    """

    def __init__(self, process: PlannerProcess) -> None:
        self._record = process.record

    def __call__(self, call: Callable[..., Any], *args: Any) -> tuple[Any, float, float]:
        """What the call returns, its CPU time, its wall time."""
        cpu_s, wall_s = self._cpu_s(), time.perf_counter()
        result = call(*args)
        wall_ms = (time.perf_counter() - wall_s) * 1e3
        return result, (self._cpu_s() - cpu_s) * 1e3, wall_ms

    def _cpu_s(self) -> float:
        return time.thread_time() + self._record.cpu_s


class Score:
    """Times, successes and lengths of one planner by kind of problem."""

    def __init__(self) -> None:
        self.cpu_ms: dict[str, list[float]] = defaultdict(list)
        self.wall_ms: dict[str, list[float]] = defaultdict(list)
        self.good: Counter[str] = Counter()
        self.why: Counter[str] = Counter()
        self.motion_s: list[float] = []

    def note(self, kind: str, cpu_ms: float, wall_ms: float, good: bool, why: str) -> None:
        """One problem."""
        self.cpu_ms[kind].append(cpu_ms)
        self.wall_ms[kind].append(wall_ms)
        self.good[kind] += good
        if not good:
            self.why[f"{kind}: {why}"] += 1

    def summary(self) -> dict[str, Any]:
        """Times and rate by kind."""
        rows: dict[str, Any] = {
            kind: times(cpu, self.wall_ms[kind])
            | {"success": round(self.good[kind] / len(cpu), 3), "count": len(cpu)}
            for kind, cpu in self.cpu_ms.items()
        }
        if self.motion_s:
            rows["motion_median_s"] = round(float(np.median(self.motion_s)), 2)
        return rows | {"failures": dict(self.why)}


def times(cpu_ms: list[float], wall_ms: list[float]) -> dict[str, float]:
    """Median and p95 of both."""
    rows = {}
    for name, values in (("cpu", cpu_ms), ("wall", wall_ms)):
        p50, p95 = np.percentile(values, [50, 95])
        rows |= {f"{name}_p50_ms": round(float(p50), 1), f"{name}_p95_ms": round(float(p95), 1)}
    return rows


def solve(planner: ArmPlanner, watch: Watch, kind: str, request: PlanRequest, score: Score) -> None:
    """One problem by one planner."""
    planned, cpu_ms, wall_ms = watch(planner.plan, request)
    source = getattr(planner, "last_source", "moveit")
    if kind == "out of reach":
        good = isinstance(planned, Rejected) and planned.code == "unreachable"
    else:
        good = not isinstance(planned, Rejected) and free(planner, request, planned)
        if good:
            score.motion_s.append(planned.duration_s)
    why = source if source != "moveit" else getattr(planned, "code", "collides")
    score.note(kind, cpu_ms, wall_ms, good and source == "moveit", why)


class Timed(Times):
    """The times of `bench_motion`, MoveIt's process included."""

    def __init__(self, watch: Watch) -> None:
        super().__init__()
        self._watch = watch

    def run(self, name: str, call: Any, *args: Any) -> Any:
        """Call and note the times."""
        result, cpu_ms, wall_ms = self._watch(call, *args)
        self.cpu_ms[name].append(cpu_ms)
        self.wall_ms[name].append(wall_ms)
        return result


def pick_and_place(
    cell: Cell, skills: PickPlacePlanner, watch: Watch, args: argparse.Namespace
) -> dict[str, Any]:
    """Whole sequences with one planner; the other gets the same."""
    noted, cell.planner, cell.rng = Timed(watch), skills, np.random.default_rng(args.seed)
    figures = sequences(cell, args.scenes, args.seed, noted)
    for name in ("reach", "transfer", "home"):
        figures[name] = times(noted.cpu_ms[name], noted.wall_ms[name])
    return figures


def measure(robot: str, args: argparse.Namespace) -> dict[str, Any]:
    """Both planners on one robot."""
    cell = Cell(robot, args.seed)
    urdf_xml, clock = compile_urdf(cell.profile, ROOT), time.monotonic
    embedded = ArmPlanner(cell.profile, urdf_xml, clock)
    moveit, process = with_moveit(cell.profile, urdf_xml, ROOT, clock, lambda _line: None)
    try:
        if not process.wait_ready(READY_S):
            raise RuntimeError(f"MoveIt did not start: {process.record.last}")
        planners = {"embedded": embedded, "moveit": moveit}
        scores, watch = {name: Score() for name in planners}, Watch(process)
        for kind, request in problems(cell, args.plans, args.seed):
            # What a restart costs belongs to the fallback, not to MoveIt's figures.
            process.wait_ready(READY_S)
            for name, planner in planners.items():
                solve(planner, watch, kind, request, scores[name])
        result: dict[str, Any] = {name: score.summary() for name, score in scores.items()}
        for name, planner in planners.items():
            moveit.sources.clear()
            skills = PickPlacePlanner(
                cell.profile, urdf_xml, clock, timeout_s=TIMEOUT_S, planner=planner
            )
            result[name]["pick and place"] = pick_and_place(cell, skills, watch, args)
        result["moveit"]["pick and place"]["paths from"] = dict(moveit.sources)
    finally:
        process.close()
    return result


def main() -> int:
    """Run, print a table on stderr and one JSON object on stdout."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--plans", type=int, default=40)
    parser.add_argument("--scenes", type=int, default=6)
    parser.add_argument("--robots", nargs="+", default=list(ROBOTS))
    parser.add_argument("--seed", type=int, default=1000)
    args = parser.parse_args()
    why = missing()
    if why is not None:
        print(f"not run: {why}", file=sys.stderr)
        print(json.dumps({"bench": "planners", "robots": {}, "skipped": why, "ok": True}))
        return 0
    robots = {name: measure(name, args) for name in args.robots}
    for robot, planners in robots.items():
        for planner, figures in planners.items():
            for key, value in figures.items():
                print(f"{robot:<14}{planner:<9} {key:<16}{value}", file=sys.stderr)
    print(json.dumps({"bench": "planners", "robots": robots, "ok": True}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
