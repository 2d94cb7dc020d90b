# SPDX-License-Identifier: Apache-2.0
"""Networks that were trained elsewhere: packed with a contract, signed, opened as by a robot."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from neuraxis_common.errors import ConfigError, Rejected
from neuraxis_common.robot import JointLimits, RobotProfile
from neuraxis_field.bundles import (
    make_bundle,
    make_golden,
    make_statistics,
    random_inputs,
    sign_bundle,
)
from neuraxis_field.recording import read_recording
from small_brain_node.bundle.card import TermStatistics, TrainingCard
from small_brain_node.bundle.contract import PolicyContract
from small_brain_node.bundle.contract_json import read_contract
from small_brain_node.bundle.golden import GoldenVectors
from small_brain_node.bundle.loader import load_bundle, read_file
from small_brain_node.bundle.signing import key_id

# States that stand for training's where nobody recorded any.
DRAWN = 2000


@dataclass(frozen=True)
class Origin:
    """Where a network comes from, for the card.

    Attributes:
        command: What to type in the trainer to make it again.
        seed: Of that run.
        hours: Wall time of that run.
    """

    command: str
    seed: int
    hours: float


def read_contract_file(path: Path) -> PolicyContract:
    """A contract from JSON, or from YAML of the same fields where the name ends in .yaml or .yml.

    Raises:
        ConfigError: The file is not readable, or as by `read_contract`.
    """
    content = read_file(path, "contract")
    if path.suffix in (".yaml", ".yml"):
        try:
            content = json.dumps(yaml.safe_load(content)).encode()
        except (yaml.YAMLError, TypeError, UnicodeDecodeError) as error:
            raise ConfigError(f"contract '{path}' is not valid YAML: {error}") from error
    return read_contract(content)


def import_policy(
    network: bytes,
    contract: PolicyContract,
    recording: bytes | None,
    origin: Origin,
    profile: RobotProfile,
    limits: Mapping[str, JointLimits],
    key: Ed25519PrivateKey,
) -> bytes | Rejected:
    """The signed bundle, after the robot's own loader has opened it.

    Args:
        network: Content of the ONNX file.
        contract: Completed by hand.
        recording: From the trainer's environment (`tools/policy_recording.py`). Without it, golden
            vectors come from our own builder: they pin the network, and prove nothing about the
            contract. The card says which.
        origin: For the card.
        profile: The robot.
        limits: Joint limits by name.
        key: Signs.

    Raises:
        ConfigError: The parts contradict each other; the message names the likely cause.
    """
    golden, statistics = (
        _drawn(network, contract, profile, limits)
        if recording is None
        else _recorded(recording, contract, profile)
    )
    proof = "drawn here: the contract is not proven" if recording is None else "recorded"
    card = TrainingCard(
        origin.command, origin.seed, origin.hours, (), statistics, {"golden_vectors": proof}
    )
    data = sign_bundle(make_bundle(contract, network, golden, card), key)
    public = key.public_key()
    opened = load_bundle(data, profile, limits, {key_id(public): public})
    return opened if isinstance(opened, Rejected) else data


def _recorded(
    content: bytes, contract: PolicyContract, profile: RobotProfile
) -> tuple[GoldenVectors, dict[str, TermStatistics]]:
    recording = read_recording(content, contract, profile.joint_names)
    statistics = make_statistics(contract, recording.joint_names, recording.inputs(contract))
    return recording.golden(contract), statistics


def _drawn(
    network: bytes,
    contract: PolicyContract,
    profile: RobotProfile,
    limits: Mapping[str, JointLimits],
) -> tuple[GoldenVectors, dict[str, TermStatistics]]:
    names, rng = profile.joint_names, np.random.default_rng(0)
    golden = make_golden(contract, names, random_inputs(contract, names, limits, rng), network)
    states = random_inputs(contract, names, limits, rng, DRAWN)
    return golden, make_statistics(contract, names, states)
