# SPDX-License-Identifier: Apache-2.0
"""Figures of the running system: all nodes, camera and bridge, while the robot does a task.

    neuraxis bench --only graph        (needs the environment of make setup)

Prints a table on stderr and one JSON object on stdout. The real-time factor is simulated over wall
time from the first command to the end of the task.
"""

from __future__ import annotations

import argparse
import io
import json
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

# From the state of the world that an image shows, so with drawing, sending and waiting.
FROM_STATE = "state to objects"
STARTUP_MAX_S = 20.0
REAL_TIME_MIN = 1.0
# Pacing may be late by a period of the state topic at either end.
REAL_TIME_SLACK = 0.005


def measure(robot: str, deadline_s: float) -> dict[str, Any]:
    """Run the default task once."""
    task, ledger = default_task(robot, ROOT), Ledger(BUDGETS_S)
    log = io.StringIO()
    with Family(log) as family:
        began_s = time.monotonic()
        start_graph(family, GraphOptions(ROOT, robot, task["scene"], task["seed"]))
        from neuraxis_cli.node import Operator

        operator = Operator(family.check, ledger)
        try:
            operator.wait_ready(90.0)
            startup_s = time.monotonic() - began_s
            wall_s, sim_s = time.monotonic(), operator.now_s()
            outcome = operator.execute(task["instruction"], deadline_s, lambda *_: None)
            factor = (operator.now_s() - sim_s) / (time.monotonic() - wall_s)
        finally:
            operator.close()
            family.stop(["sim"])
    ledger.link(FROM_STATE, "camera", "perception")
    return figures(ledger.summary(), startup_s, factor) | {"task": outcome.code}


def figures(hops: dict[str, dict[str, Any]], startup_s: float, factor: float) -> dict[str, Any]:
    """Figures against their targets."""
    state = hops["joint state to command"]["p99_ms"]
    seen, drawn = hops["perception"]["p95_ms"], hops[FROM_STATE]["p95_ms"]
    brain = hops["brain"]["p95_ms"] if "brain" in hops else None
    rows = [
        ("system up", startup_s, "s", STARTUP_MAX_S, startup_s <= STARTUP_MAX_S),
        ("real-time factor", factor, "1", REAL_TIME_MIN, factor >= REAL_TIME_MIN - REAL_TIME_SLACK),
        ("joint state to command, p99", state, "ms", 10.0, state <= 10.0),
        ("camera image to 3D objects, p95", seen, "ms", 50.0, seen <= 50.0),
        ("state drawn to 3D objects, p95", drawn, "ms", None, True),
        ("image + sentence to plan, HTTP", brain, "ms", 500.0, bool(brain and brain <= 500.0)),
    ]
    keys = ("name", "value", "unit", "target", "ok")
    return {"bench": "graph", "figures": [dict(zip(keys, row, strict=True)) for row in rows]}


def main() -> int:
    """Measure, print, and say by the exit code whether every target is met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--robot", default="lingxi_x2")
    parser.add_argument("--deadline", type=float, default=300.0, help="of the task, s")
    args = parser.parse_args()
    result = measure(args.robot, args.deadline)
    for row in result["figures"]:
        value = "not measured" if row["value"] is None else f"{row['value']:.3f}"
        line = f"{row['name']:36s} {value:>12s} {row['unit']:3s}"
        if row["target"] is not None:
            line += f" target {row['target']:<6g} {'ok' if row['ok'] else 'MISSED'}"
        print(line, file=sys.stderr)
    print(json.dumps(result))
    return 0 if all(row["ok"] for row in result["figures"]) else 1


if __name__ == "__main__":
    sys.exit(main())
