# SPDX-License-Identifier: Apache-2.0
"""From a trained network to a signed bundle, with its training curve beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from neuraxis_common.robot import JointLimits, RobotProfile
from neuraxis_field.bundles import (
    frame_statistics,
    make_bundle,
    make_golden,
    random_inputs,
    sign_bundle,
)
from neuraxis_field.control.dagger import Learner
from neuraxis_field.control.dataset import Steps
from neuraxis_field.control.plan import TrainingPlan
from neuraxis_field.onnx_export import mlp_onnx
from small_brain_node.bundle.card import TrainingCard
from small_brain_node.bundle.contract import PolicyContract
from small_brain_node.observation import ObservationBuilder


def signed_policy(
    plan: TrainingPlan,
    learner: Learner,
    contract: PolicyContract,
    folder: Path,
    profile: RobotProfile,
    limits: Mapping[str, JointLimits],
    key: Ed25519PrivateKey,
    command: str,
    more: Mapping[str, Any] | None = None,
) -> bytes:
    """The bundle of a finished run.

    Args:
        plan: Of the run.
        learner: What it ended with.
        contract: Of the student.
        folder: Where the run keeps its rounds; the card's statistics are those of all of them.
        profile: The robot.
        limits: Joint limits by name.
        key: Signs.
        command: What to type to make it again.
        more: For the card, such as figures.
    """
    student = learner.student()
    network = mlp_onnx(contract, student.layers, "Elu", student.mean, student.deviation)
    names = profile.joint_names
    states = random_inputs(contract, names, limits, np.random.default_rng(plan.seed))
    golden = make_golden(contract, names, states, network)
    builder = ObservationBuilder(contract, names)
    steps = Steps(builder, sorted(folder.glob("round_*.npz")))
    card = TrainingCard(
        command=command,
        seed=plan.seed,
        hours=round(learner.seconds / 3600.0, 4),
        curve=tuple(learner.curve),
        statistics=frame_statistics(builder, steps.frames),
        more={"method": "DAgger from the classical walking controller", "plan": plan.as_json()}
        | dict(more or {}),
    )
    return sign_bundle(make_bundle(contract, network, golden, card), key)
