# SPDX-License-Identifier: Apache-2.0
"""`neuraxis train walk`: from nothing to a signed bundle."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import torch
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from neuraxis_common.lifetime import die_with_pool
from neuraxis_common.robot import compile_urdf, joint_limits, load_profile
from neuraxis_field.control.curve import draw_curve
from neuraxis_field.control.dagger import Learner, Report, train
from neuraxis_field.control.device import CPU
from neuraxis_field.control.plan import TrainingPlan
from neuraxis_field.control.rollout import Trace, TrainingEpisode, collect
from neuraxis_field.control.ship import signed_policy
from neuraxis_field.control.task import walking_contract
from small_brain_node.bundle.contract import PolicyContract
from small_brain_node.observation import ObservationBuilder


def train_walking(
    plan: TrainingPlan,
    folder: Path,
    data_root: Path,
    jobs: int,
    report: Report,
    device: torch.device = CPU,
) -> tuple[Learner, PolicyContract]:
    """Train, or go on where an earlier run was ended; see `dagger.train`.

    Episodes run in `jobs` processes on the CPU whatever the device: teacher and stack are C++ and
    numpy on one robot each. Only the network is fitted on the device.
    """
    profile = load_profile(plan.robot, data_root)
    limits = joint_limits(compile_urdf(profile, data_root))
    contract = walking_contract(profile, limits)
    builder = ObservationBuilder(contract, profile.joint_names)
    # Episodes take all processes; more threads would only wait for each other beside them.
    torch.set_num_threads(1)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=die_with_pool) as pool:

        def collector(
            episodes: Sequence[TrainingEpisode], finished: Callable[[], None]
        ) -> list[Trace]:
            futures = [pool.submit(collect, episode) for episode in episodes]
            for _ in as_completed(futures):
                finished()
            return [future.result() for future in futures]

        learner = train(plan, builder, folder, data_root, collector, report, device)
    return learner, contract


def ship_walking(
    plan: TrainingPlan,
    learner: Learner,
    contract: PolicyContract,
    folder: Path,
    data_root: Path,
    key: Ed25519PrivateKey,
    command: str,
    target: Path,
) -> None:
    """Write the signed bundle of a finished run, and its curve as a picture beside it."""
    profile = load_profile(plan.robot, data_root)
    limits = joint_limits(compile_urdf(profile, data_root))
    data = signed_policy(plan, learner, contract, folder, profile, limits, key, command)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    draw_curve(learner.curve, contract.name).save(target.with_suffix(".png"))
