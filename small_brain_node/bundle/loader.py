# SPDX-License-Identifier: Apache-2.0
"""Opens a bundle, or says in one sentence why it must not move this robot."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from neuraxis_common.errors import ConfigError, Rejected
from neuraxis_common.robot import JointLimits, RobotProfile
from small_brain_node.bundle.archive import (
    CARD,
    CONTRACT,
    GOLDEN,
    MAX_BYTES,
    NETWORK,
    Archive,
    unpack,
)
from small_brain_node.bundle.card import TrainingCard, read_card
from small_brain_node.bundle.contract import PolicyContract
from small_brain_node.bundle.contract_json import read_contract
from small_brain_node.bundle.diagnose import Diagnosis, diagnose_observation
from small_brain_node.bundle.diagnose_action import diagnose_network, diagnose_targets
from small_brain_node.bundle.fit import check_fit
from small_brain_node.bundle.golden import GoldenVectors, check_golden, read_golden
from small_brain_node.bundle.signing import check_signature, signer
from small_brain_node.network import Network


@dataclass(frozen=True)
class Bundle:
    """A policy that may run: everything about it was checked.

    Attributes:
        digest: SHA-256 of the manifest: names these very bytes.
        key: Id of the key that signed it.
        network: Warmed up; belongs to one runner.
    """

    contract: PolicyContract
    card: TrainingCard
    network: Network
    digest: str
    key: str


def read_file(path: Path, what: str = "policy bundle") -> bytes:
    """Content of a bundle, or of what goes into one.

    Raises:
        ConfigError: There is no such file, or it is larger than `MAX_BYTES`; names `what` it is.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ConfigError(f"'{path}' is too large for a {what}, at most {MAX_BYTES} B")
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{what} '{path}' is not readable: {error.strerror}") from error


def load_bundle(
    data: bytes,
    profile: RobotProfile,
    limits: Mapping[str, JointLimits],
    trusted: Mapping[str, Ed25519PublicKey],
) -> Bundle | Rejected:
    """Open a bundle for one robot. The signature is checked before anything else is parsed.

    Args:
        data: Content of the file.
        profile: The robot that it is to run on.
        limits: Joint limits by name, from the robot's URDF.
        trusted: Public keys by id.

    Returns:
        The bundle, or why not: `not_a_bundle`, `altered`, `unsigned`, `unknown_key`,
        `bad_contract`, `wrong_robot`, `wrong_hardware`, `contract_mismatch`, `bad_network`,
        `bad_golden`, `weak_golden`, `golden_mismatch`.
    """
    archive = unpack(data)
    if isinstance(archive, Rejected):
        return archive
    refusal = check_signature(archive.manifest, archive.signature, trusted)
    if refusal is not None:
        return refusal
    try:
        contract = read_contract(archive.members[CONTRACT])
    except ConfigError as error:
        return Rejected("bad_contract", str(error))
    refusal = check_fit(contract, profile, limits)
    if refusal is not None:
        return refusal
    return _open(archive, contract)


def check_content(archive: Archive) -> Rejected | None:
    """Everything that can be checked without a key and a robot, as before signing."""
    try:
        contract = read_contract(archive.members[CONTRACT])
    except ConfigError as error:
        return Rejected("bad_contract", str(error))
    opened = _open(archive, contract)
    return opened if isinstance(opened, Rejected) else None


def _open(archive: Archive, contract: PolicyContract) -> Bundle | Rejected:
    try:
        card = read_card(archive.members[CARD], contract)
        golden = read_golden(archive.members[GOLDEN])
    except ConfigError as error:
        code = "bad_contract" if str(error).startswith("card") else "bad_golden"
        return Rejected(code, str(error))
    refusal = check_golden(contract, golden)
    if refusal is not None:
        return refusal
    try:
        network = Network(archive.members[NETWORK], contract)
    except ConfigError as error:
        return Rejected("bad_network", str(error))
    refusal = _compare(contract, golden, network, card)
    if refusal is not None:
        return refusal
    digest = hashlib.sha256(archive.manifest).hexdigest()
    key = signer(archive.signature)
    return Bundle(contract, card, network, digest, key if isinstance(key, str) else "")


def _compare(
    contract: PolicyContract, golden: GoldenVectors, network: Network, card: TrainingCard
) -> Rejected | None:
    stages = {
        "observation": diagnose_observation(contract, golden),
        "network output": diagnose_network(contract, golden, network, card),
        "joint target": diagnose_targets(contract, golden),
    }
    wrong = {stage: d for stage, d in stages.items() if d.causes or d.unexplained}
    if not wrong:
        return None
    causes = [asdict(cause) for diagnosis in wrong.values() for cause in diagnosis.causes]
    unexplained = [name for diagnosis in wrong.values() for name in diagnosis.unexplained]
    reason = "; ".join(_sentence(stage, diagnosis) for stage, diagnosis in wrong.items())
    details = {"causes": causes, "unexplained": unexplained}
    return Rejected("golden_mismatch", f"golden vectors do not come out: {reason}", details)


def _sentence(stage: str, diagnosis: Diagnosis) -> str:
    parts = [f"{cause.where}: {cause.reason}" for cause in diagnosis.causes]
    if diagnosis.unexplained:
        parts.append(f"no cause found for {', '.join(diagnosis.unexplained)}")
    return f"{stage} differs by {diagnosis.difference:.3g}; likely cause: {'; '.join(parts)}"
