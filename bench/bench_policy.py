# SPDX-License-Identifier: Apache-2.0
"""Time of one step of the policy runner with a shipped policy, on what it saw while it walked.

    python bench/bench_policy.py [--robot lingxi_x2] [--policy FILE] [--seconds 30]

The simulated robot walks and turns under the policy; what the runner was asked is then asked again
of a fresh one, at the node's priority and with pauses, so that caches go cold as they do on a
robot. A step holds plan, observation, inference, gate and command; inference alone is the network.
The classical controller is asked the same. Prints one JSON object on stdout. Judged by the CPU time
of the inference; wall times also tell what else the machine does.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from neuraxis_common.realtime import realtime  # noqa: E402
from neuraxis_common.robot import compile_urdf, load_profile  # noqa: E402
from neuraxis_sim.lockstep import LockstepWorld  # noqa: E402
from small_brain_node.config import PolicyConfig  # noqa: E402
from small_brain_node.policy import Observation, Policy  # noqa: E402
from small_brain_node.policy_source import PolicySource  # noqa: E402
from small_brain_node.runner import CLASSICAL, PolicyRunner  # noqa: E402

RATE_HZ = 100.0
# That of the small brain's node.
PRIORITY, PAUSE_S = 25, 0.0025
INFERENCE_P99_MAX_MS = 1.0
# The first steps fill caches.
WARM_UP = 100


class Listener:
    """Keeps what a policy is asked."""

    def __init__(self, inner: Policy) -> None:
        self._inner, self.asked = inner, []

    def reset(self) -> None:
        """Begin anew."""
        self._inner.reset()
        self.asked.clear()

    def act(self, observation: Observation) -> object:
        """One step."""
        self.asked.append(observation)
        return self._inner.act(observation)


def walk(robot: str, runner: PolicyRunner, seconds: float) -> Sequence[Observation]:
    """What the runner was asked while it walked."""
    listener = Listener(runner)
    profile = load_profile(robot, ROOT)
    world = LockstepWorld(profile, ROOT, None, with_camera=False, policy=listener)
    while world.now_s < seconds:
        turn = 0.4 if world.now_s % 10.0 > 5.0 else 0.0
        world.brain.walk(world.now_s, np.array([0.4, 0.0, turn]))
        world.advance(0.05)
    return listener.asked


def time_each(act: Callable[[Any], object], inputs: Sequence[Any]) -> tuple[np.ndarray, np.ndarray]:
    """CPU and wall time of each call, ms."""
    cpu_ms, wall_ms = np.zeros(len(inputs)), np.zeros(len(inputs))
    with realtime(PRIORITY):
        for k, one in enumerate(inputs):
            wall, cpu = time.perf_counter(), time.thread_time()
            act(one)
            cpu_ms[k] = (time.thread_time() - cpu) * 1e3
            wall_ms[k] = (time.perf_counter() - wall) * 1e3
            time.sleep(PAUSE_S)
    return cpu_ms[WARM_UP:], wall_ms[WARM_UP:]


def main() -> int:
    """Measure, print, and return 1 where the p99 misses its bound."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--robot", default="lingxi_x2")
    parser.add_argument("--policy", type=Path)
    parser.add_argument("--seconds", type=float, default=30.0)
    args = parser.parse_args()
    path = args.policy or ROOT / "models" / "policies" / f"{args.robot}_walk.nxpolicy"
    profile = load_profile(args.robot, ROOT)
    urdf_xml = compile_urdf(profile, ROOT)

    def source(bundle_path: str) -> PolicySource:
        return PolicySource(profile, urdf_xml, PolicyConfig(bundle_path=bundle_path), ROOT)

    walked, learned, classical = (
        source(bundle).runner(RATE_HZ) for bundle in (str(path), str(path), "")
    )
    asked = walk(args.robot, walked, args.seconds)
    walked.reset()
    figures: dict[str, object] = {"steps": len(asked)}
    seen = []
    for observation in asked:
        walked.act(observation)
        seen.append(walked.last_step.observation)
    network = source("").open(str(path)).network
    rows = (
        ("inference", network.infer, seen),
        ("policy", learned.act, asked),
        ("classical", classical.act, asked),
    )
    for name, act, inputs in rows:
        for clock, times in zip(("cpu", "wall"), time_each(act, inputs), strict=True):
            for percent in (50, 99):
                label = f"{name}_{clock}_p{percent}_ms"
                figures[label] = round(float(np.percentile(times, percent)), 3)
    stayed = CLASSICAL not in (walked.in_charge, learned.in_charge)
    ok = stayed and figures["inference_cpu_p99_ms"] <= INFERENCE_P99_MAX_MS
    for name, value in figures.items():
        print(f"  {name:<24}{value}", file=sys.stderr)
    if not stayed:
        print(f"  the policy fell back: {learned.take_notes()}", file=sys.stderr)
    print(json.dumps({"bench": "policy", "robot": args.robot, **figures, "ok": ok}))
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
