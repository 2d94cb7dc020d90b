# SPDX-License-Identifier: Apache-2.0
"""Steps per second of the batch environment over those of MuJoCo's raw batch rollout.

    python bench/bench_training.py [--robot lingxi_x2] [--count 64] [--periods 100]

Both step the same models from the same states with as many threads, turn by turn in one run, so
that whatever else the machine does slows both. The environment adds observation, history, latency,
action map and the check for falls. Prints one JSON object on stdout.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import mujoco  # noqa: E402
from mujoco.rollout import Rollout  # noqa: E402

from neuraxis_common.robot import compile_urdf, joint_limits, load_profile  # noqa: E402
from neuraxis_field.control.batch import BatchWorld  # noqa: E402
from neuraxis_field.control.task import walking_contract  # noqa: E402

SHARE_MIN = 0.8
TURNS = 8


def main() -> int:
    """Exit code 0 when the environment reaches its share."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--robot", default="lingxi_x2")
    parser.add_argument("--count", type=int, default=128)
    parser.add_argument("--periods", type=int, default=100)
    args = parser.parse_args()
    profile = load_profile(args.robot, ROOT)
    urdf_xml = compile_urdf(profile, ROOT)
    contract = walking_contract(profile, joint_limits(urdf_xml), planned=False)
    threads = os.cpu_count() or 1
    world = BatchWorld(profile, urdf_xml, contract, range(args.count), threads)
    data = [mujoco.MjData(world.models[0]) for _ in range(threads)]
    period, each = round(contract.dt_s / world.models[0].opt.timestep), args.periods // TURNS
    held = np.tile(world.held_control(), (args.count, each * period, 1))
    output = np.zeros((args.count, len(contract.action.joints)))
    took_s = {"environment": 0.0, "raw": 0.0}
    with Rollout(nthread=threads) as pool:
        for _ in range(TURNS):
            began = world.state.copy()
            since = time.perf_counter()
            pool.rollout(world.models, data, began, held)
            took_s["raw"] += time.perf_counter() - since
            since = time.perf_counter()
            for _ in range(each):
                world.observe()
                world.reset(world.step(output))
            took_s["environment"] += time.perf_counter() - since
    world.close()
    steps = TURNS * each * period * args.count
    rates = {f"{name}_steps_s": round(steps / value) for name, value in took_s.items()}
    share = took_s["raw"] / took_s["environment"]
    figures = {**rates, "share": round(share, 3), "robots": args.count, "threads": threads}
    for name, value in figures.items():
        print(f"  {name:<22}{value}", file=sys.stderr)
    ok = share >= SHARE_MIN
    print(json.dumps({"bench": "training", "robot": args.robot, **figures, "ok": ok}))
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
