# SPDX-License-Identifier: Apache-2.0
"""Figures of the running system: all nodes, camera and bridge, while the robot does a task.

    neuraxis bench --only graph        (needs the environment of make setup)

Prints a table on stderr and one JSON object on stdout. The real-time factor is simulated over wall
time from the first command to the end of the task.

The brain is asked for the task and then, while the robot stands, for one thing after the other that
cannot be had in this scene: it looks and reads as for a plan, searches for another reading besides,
and nothing moves. Its time runs from the tick of the big brain that asks to the one that has the
checked answer.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from neuraxis_cli.demo import BUDGETS_S, default_task  # noqa: E402
from neuraxis_cli.graph import GraphOptions, start_graph  # noqa: E402
from neuraxis_cli.processes import Family  # noqa: E402
from neuraxis_common.ledger import Ledger  # noqa: E402
from neuraxis_common.policies import AUTO, bundle_file  # noqa: E402
from neuraxis_common.robot import load_profile  # noqa: E402
from neuraxis_sim.live import load_scene  # noqa: E402

# From the state of the world that an image shows, so with drawing, sending and waiting.
FROM_STATE = "state to objects"
STARTUP_MAX_S = 20.0
REAL_TIME_MIN = 1.0
# Pacing may be late by a period of the state topic at either end.
REAL_TIME_SLACK = 0.005
# Between two questions, simulated: what the one before left to do is done.
PAUSE_S = 0.3
COLORS = ("red", "green", "blue", "yellow", "orange", "purple", "white", "black")
# How an instruction ends when the brain gave a checked answer that says no.
ANSWERED = ("not_found", "ambiguous", "not_enough", "nothing_to_do")


def impossible(robot: str, task: dict[str, Any], count: int) -> list[str]:
    """Sentences about the parts of the scene and containers that it has not."""
    scene = load_scene(task["scene"], task["seed"], load_profile(robot, ROOT), ROOT)
    parts = [f"{item.color} {item.shape}" for item in scene.objects if item.kind == "part"]
    there = {(item.color, item.shape) for item in scene.objects if item.kind == "container"}
    absent = [
        f"{color} {shape}"
        for color in COLORS
        for shape in ("tray", "bin")
        if (color, shape) not in there
    ]
    pairs = [f"put the {part} in the {container}" for container in absent for part in parts]
    return random.Random(0).sample(pairs, min(count, len(pairs)))


def measure(robot: str, deadline_s: float, questions: int) -> dict[str, Any]:
    """Run the default task once, then ask."""
    task, ledger = default_task(robot, ROOT), Ledger(BUDGETS_S)
    log = io.StringIO()
    with Family(log) as family:
        began_s = time.monotonic()
        legs = bundle_file(AUTO, robot, load_profile(robot, ROOT).policy, ROOT)
        world = (ROOT, robot, task["scene"], task["seed"])
        start_graph(family, GraphOptions(*world, policy=legs))
        from neuraxis_cli.node import Operator

        operator = Operator(family.check, ledger)
        try:
            operator.wait_ready(90.0)
            startup_s = time.monotonic() - began_s
            wall_s, sim_s = time.monotonic(), operator.now_s()
            outcome = operator.execute(task["instruction"], deadline_s)
            factor = (operator.now_s() - sim_s) / (time.monotonic() - wall_s)
            codes = []
            for sentence in impossible(robot, task, questions):
                codes.append(operator.execute(sentence, deadline_s).code)
                operator.rest(PAUSE_S, 10.0)
        finally:
            operator.close()
            family.stop(["sim"])
    ledger.link(FROM_STATE, "camera", "perception")
    found = {"task": outcome.code, "unanswered": [c for c in codes if c not in ANSWERED]}
    return figures(ledger.summary(), startup_s, factor) | found


def figures(hops: dict[str, dict[str, Any]], startup_s: float, factor: float) -> dict[str, Any]:
    """Figures against their targets."""
    state = hops["joint state to command"]["p99_ms"]
    seen, drawn = hops["perception"]["p95_ms"], hops[FROM_STATE]["p95_ms"]
    asked = hops.get("brain", {"n": 0, "p50_ms": None, "p95_ms": None})
    brain = asked["p95_ms"]
    rows = [
        ("system up", startup_s, "s", STARTUP_MAX_S, startup_s <= STARTUP_MAX_S),
        ("real-time factor", factor, "1", REAL_TIME_MIN, factor >= REAL_TIME_MIN - REAL_TIME_SLACK),
        ("joint state to command, p99", state, "ms", 10.0, state <= 10.0),
        ("camera image to 3D objects, p95", seen, "ms", 50.0, seen <= 50.0),
        ("state drawn to 3D objects, p95", drawn, "ms", None, True),
        ("image + sentence to plan, p50", asked["p50_ms"], "ms", None, True),
        ("image + sentence to plan, p95", brain, "ms", 250.0, bool(brain and brain <= 250.0)),
    ]
    keys = ("name", "value", "unit", "target", "ok")
    rows = [dict(zip(keys, row, strict=True)) for row in rows]
    return {"bench": "graph", "images": hops["perception"]["n"], "asked": asked["n"],
            "figures": rows}  # fmt: skip


def main() -> int:
    """Measure, print, and say by the exit code whether every target is met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--robot", default="lingxi_x2")
    parser.add_argument("--deadline", type=float, default=300.0, help="of the task, s")
    parser.add_argument("--questions", type=int, default=24, help="to the brain, after the task")
    args = parser.parse_args()
    result = measure(args.robot, args.deadline, args.questions)
    for row in result["figures"]:
        value = "not measured" if row["value"] is None else f"{row['value']:.3f}"
        line = f"{row['name']:36s} {value:>12s} {row['unit']:3s}"
        if row["target"] is not None:
            line += f" target {row['target']:<6g} {'ok' if row['ok'] else 'MISSED'}"
        print(line, file=sys.stderr)
    print(json.dumps(result))
    met = all(row["ok"] for row in result["figures"]) and not result["unanswered"]
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
