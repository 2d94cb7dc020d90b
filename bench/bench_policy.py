# SPDX-License-Identifier: Apache-2.0
"""Time of one step of the policy runner with a network as large as walking policies are.

    python bench/bench_policy.py [--steps 4000] [--robot lingxi_x2]

Three hidden layers of 256, five steps of about 100 observed numbers. Every step holds observation,
inference, gate and command, at the node's priority and with pauses, so that caches go cold as they
do on a robot. Prints one JSON object on stdout. Judged by its own CPU time; its wall time also
tells what else the machine does.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from itertools import pairwise
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from neuraxis_common.realtime import realtime  # noqa: E402
from neuraxis_common.robot import RobotProfile, compile_urdf, joint_limits, load_profile  # noqa: E402
from neuraxis_common.types import ImuState, JointState, RobotState  # noqa: E402
from neuraxis_field.bundles import make_statistics, random_inputs  # noqa: E402
from neuraxis_field.onnx_export import mlp_onnx  # noqa: E402
from small_brain_node.body_model import BodyModel  # noqa: E402
from small_brain_node.bundle.card import TrainingCard  # noqa: E402
from small_brain_node.bundle.contract import (  # noqa: E402
    ActionSpec,
    ObservationTerm,
    PolicyContract,
)
from small_brain_node.bundle.loader import Bundle  # noqa: E402
from small_brain_node.config import PolicyConfig  # noqa: E402
from small_brain_node.network import Network  # noqa: E402
from small_brain_node.odometry import BaseEstimate  # noqa: E402
from small_brain_node.policy import Observation, UpperReference  # noqa: E402
from small_brain_node.runner import CLASSICAL, PolicyRunner  # noqa: E402
from small_brain_node.standing import StandingController  # noqa: E402

WIDTH, LAYERS, HISTORY, DT_S = 256, 3, 5, 0.01
# That of the small brain's node.
PRIORITY, PAUSE_S = 25, 0.0025
STEP_P99_MAX_MS = 1.0


def make_contract(profile: RobotProfile) -> PolicyContract:
    """A walking policy's contract, the whole body observed, at the small brain's own rate."""
    legs = (*profile.groups["left_leg"], *profile.groups["right_leg"])
    body = tuple(name for name in profile.joint_names if "gripper" not in name)
    terms = (
        ObservationTerm("base_ang_vel", "angular_velocity", (), (0.25,), None, HISTORY),
        ObservationTerm("projected_gravity", "gravity", history=HISTORY),
        ObservationTerm("velocity_commands", "velocity_command", history=HISTORY),
        ObservationTerm("joint_pos", "joint_pos", body, history=HISTORY),
        ObservationTerm("joint_vel", "joint_vel", body, (0.05,), None, HISTORY),
        ObservationTerm("upper", "upper_reference", body[len(legs) :], history=HISTORY),
        ObservationTerm("actions", "last_action", history=HISTORY),
    )
    gains = [tuple(table[name] for name in legs) for table in (profile.kp, profile.kd)]
    return PolicyContract(
        name="bench",
        robot=profile.name,
        hardware_version=profile.hardware_version,
        dt_s=DT_S,
        terms=terms,
        action=ActionSpec(legs, (0.25,) * len(legs), *gains, clip=(-10.0, 10.0)),
        default_pose_rad={name: profile.ready_pose_rad[name] for name in body},
        command_ranges=((-0.3, 1.0), (-0.3, 0.3), (-0.6, 0.6)),
    )


def make_runner(robot: str) -> tuple[PolicyRunner, RobotProfile, int]:
    """Runner of a random network of the usual size, and the size of its observation."""
    profile = load_profile(robot, ROOT)
    urdf_xml = compile_urdf(profile, ROOT)
    limits, contract = joint_limits(urdf_xml), make_contract(profile)
    rng = np.random.default_rng(0)
    sizes = [contract.size, *[WIDTH] * LAYERS, len(contract.action.joints)]
    layers = [(rng.normal(0.0, n**-0.5, (n, m)), np.zeros(m)) for n, m in pairwise(sizes)]
    states = random_inputs(contract, profile.joint_names, limits, rng, 400)
    statistics = make_statistics(contract, profile.joint_names, states)
    card = TrainingCard("bench", 0, 0.0, (), statistics)
    bundle = Bundle(contract, card, Network(mlp_onnx(contract, layers), contract), "", "")
    classical = StandingController(profile, BodyModel(profile, urdf_xml))
    # Time is measured here, not safety: a random network is to stay in charge.
    config = PolicyConfig(rate_margin=100.0, limit_slack_rad=3.0)
    body = BodyModel(profile, urdf_xml)
    runner = PolicyRunner(profile, limits, body, classical, config, 1.0 / DT_S, bundle)
    return runner, profile, contract.size


def observe(k: int, profile: RobotProfile, rng: np.random.Generator) -> Observation:
    """A robot that stands in its ready pose, measured with noise."""
    now_s, n = k * DT_S, len(profile.joint_names)
    pos = np.array([profile.ready_pose_rad[name] for name in profile.joint_names])
    joints = JointState(now_s, pos + rng.normal(0, 1e-3, n), rng.normal(0, 1e-2, n), np.zeros(n))
    imu = ImuState(now_s, np.array([1.0, 0, 0, 0]), rng.normal(0, 1e-2, 3), np.zeros(3))
    base = BaseEstimate(np.eye(4), np.zeros(6), np.array([0.0, 0.0, 1.0]))
    upper = UpperReference(pos, np.zeros(n), np.zeros(n), np.zeros(n))
    return Observation(now_s, RobotState(joints, imu, np.array([200.0, 200.0])), base, upper)


def main() -> int:
    """Measure, print, and return 1 where the p99 misses its bound."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--robot", default="lingxi_x2")
    args = parser.parse_args()
    runner, profile, size = make_runner(args.robot)
    rng = np.random.default_rng(1)
    cpu_ms, wall_ms = np.zeros(args.steps), np.zeros(args.steps)
    with realtime(PRIORITY):
        for k in range(args.steps):
            seen = observe(k, profile, rng)
            wall, cpu = time.perf_counter(), time.thread_time()
            runner.act(seen)
            cpu_ms[k] = (time.thread_time() - cpu) * 1e3
            wall_ms[k] = (time.perf_counter() - wall) * 1e3
            time.sleep(PAUSE_S)
    figures = {
        "step_cpu_p50_ms": round(float(np.percentile(cpu_ms, 50)), 4),
        "step_cpu_p99_ms": round(float(np.percentile(cpu_ms, 99)), 4),
        "step_wall_p50_ms": round(float(np.percentile(wall_ms, 50)), 4),
        "step_wall_p99_ms": round(float(np.percentile(wall_ms, 99)), 4),
        "observation": size,
        "network": f"{LAYERS} x {WIDTH}",
    }
    stayed = runner.in_charge != CLASSICAL
    ok = stayed and figures["step_cpu_p99_ms"] <= STEP_P99_MAX_MS
    for name, value in figures.items():
        print(f"  {name:<20}{value}", file=sys.stderr)
    if not stayed:
        print(f"  the network fell back: {runner.take_notes()}", file=sys.stderr)
    print(json.dumps({"bench": "policy", "robot": args.robot, **figures, "ok": ok}))
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
