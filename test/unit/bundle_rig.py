# SPDX-License-Identifier: Apache-2.0
"""Small policies, their bundles and keys, made on the spot for tests."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pd_world import profile_of, urdf_of

from neuraxis_common.robot import joint_limits
from neuraxis_field.bundles import (
    make_bundle,
    make_golden,
    make_statistics,
    random_inputs,
    sign_bundle,
)
from neuraxis_field.onnx_export import mlp_onnx
from small_brain_node.bundle.archive import CARD, CONTRACT, GOLDEN, NETWORK, pack, write_manifest
from small_brain_node.bundle.card import TrainingCard, write_card
from small_brain_node.bundle.contract import ActionSpec, ObservationTerm, PolicyContract
from small_brain_node.bundle.contract_json import write_contract
from small_brain_node.bundle.golden import GoldenVectors, write_golden
from small_brain_node.bundle.loader import load_bundle
from small_brain_node.bundle.signing import key_id, sign

ROBOT = "lingxi_x2"
LEGS = ("left_leg", "right_leg")


def body_joints(robot: str = ROBOT) -> tuple[str, ...]:
    """All joints but the fingers."""
    return tuple(name for name in profile_of(robot).joint_names if "gripper" not in name)


def leg_joints(robot: str = ROBOT) -> tuple[str, ...]:
    groups = profile_of(robot).groups
    return tuple(name for leg in LEGS for name in groups[leg])


def make_contract(robot: str = ROBOT, history: int = 3, **changes) -> PolicyContract:
    """A walking policy's contract: legs act, the whole body is observed."""
    profile, legs = profile_of(robot), leg_joints(robot)
    seen = body_joints(robot)
    terms = (
        ObservationTerm("base_ang_vel", "angular_velocity", scale=(0.25,), history=history),
        ObservationTerm("projected_gravity", "gravity", history=history),
        ObservationTerm("velocity_commands", "velocity_command", scale=(2.0, 2.0, 0.25),
                        history=history),
        ObservationTerm("joint_pos", "joint_pos", seen, history=history),
        ObservationTerm("joint_vel", "joint_vel", seen, (0.05,), (-60.0, 60.0), history),
        ObservationTerm("actions", "last_action", history=history),
        ObservationTerm("base_quat", "orientation", history=history),
    )  # fmt: skip
    action = ActionSpec(
        joints=legs,
        scale=tuple(0.25 + 0.01 * i for i in range(len(legs))),
        kp=tuple(profile.kp[name] for name in legs),
        kd=tuple(profile.kd[name] for name in legs),
        clip=(-10.0, 10.0),
    )
    contract = PolicyContract(
        name="tiny walker",
        robot=robot,
        hardware_version=profile.hardware_version,
        dt_s=0.02,
        terms=terms,
        action=action,
        default_pose_rad={name: profile.ready_pose_rad[name] + 0.01 for name in seen},
        command_ranges=((-0.3, 1.0), (-0.3, 0.3), (-0.6, 0.6)),
    )
    return replace(contract, **changes)


def linear_network(weights: np.ndarray, bias: np.ndarray, contract: PolicyContract) -> bytes:
    """ONNX file of ``observation @ weights + bias``."""
    return mlp_onnx(contract, [(weights, bias)])


def mlp_network(contract: PolicyContract, width: int, layers: int, seed: int = 0) -> bytes:
    """ONNX file of a perceptron with random weights."""
    rng = np.random.default_rng(seed)
    sizes = [contract.size, *[width] * layers, len(contract.action.joints)]
    return mlp_onnx(
        contract,
        [(rng.normal(0.0, n**-0.5, (n, m)), rng.normal(0.0, 0.1, m)) for n, m in pairwise(sizes)],
    )


def random_network(contract: PolicyContract, seed: int = 0) -> bytes:
    """A linear network whose outputs all differ."""
    rng = np.random.default_rng(seed)
    m = len(contract.action.joints)
    weights = rng.normal(0.0, contract.size**-0.5, (contract.size, m))
    return linear_network(weights, rng.normal(0.0, 0.1, m), contract)


def states_of(contract: PolicyContract, seed: int = 0, count: int = 24):
    limits = joint_limits(urdf_of(contract.robot))
    names = profile_of(contract.robot).joint_names
    return random_inputs(contract, names, limits, np.random.default_rng(seed), count)


def golden_of(contract: PolicyContract, network: bytes, seed: int = 0) -> GoldenVectors:
    names = profile_of(contract.robot).joint_names
    return make_golden(contract, names, states_of(contract, seed), network)


def card_of(contract: PolicyContract, inputs=None) -> TrainingCard:
    names = profile_of(contract.robot).joint_names
    statistics = make_statistics(
        contract, names, states_of(contract, 1, 400) if inputs is None else inputs
    )
    return TrainingCard("python -m tests", 0, 0.0, ({"step": 0, "reward": 0.0},), statistics)


@cache
def signing_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


def trusted_keys():
    public = signing_key().public_key()
    return {key_id(public): public}


def unsigned_bundle(contract=None, network=None, golden=None, card=None) -> bytes:
    contract = contract or make_contract()
    network = network or random_network(contract)
    return make_bundle(
        contract, network, golden or golden_of(contract, network), card or card_of(contract)
    )


def signed_bundle(*parts, **named) -> bytes:
    return sign_bundle(unsigned_bundle(*parts, **named), signing_key())


def standing_policy(name: str = "tiny walker") -> bytes:
    """A signed linear policy whose output is small everywhere, around the ready pose."""
    profile = profile_of(ROBOT)
    pose = {joint: profile.ready_pose_rad[joint] for joint in body_joints()}
    contract = make_contract(default_pose_rad=pose, name=name)
    rng = np.random.default_rng(0)
    weights = rng.normal(0.0, 0.002, (contract.size, len(contract.action.joints)))
    network = linear_network(weights, np.zeros(weights.shape[1]), contract)
    return signed_bundle(contract, network)


def load(data: bytes, robot: str = ROBOT):
    limits = joint_limits(urdf_of(robot))
    return load_bundle(data, profile_of(robot), limits, trusted_keys())


def forged_bundle(contract, network, golden, card) -> bytes:
    """A signed bundle of parts that nobody compared."""
    members = {
        CONTRACT: write_contract(contract),
        NETWORK: network,
        GOLDEN: write_golden(golden),
        CARD: write_card(card),
    }
    manifest = write_manifest(members)
    return pack(members, manifest, sign(manifest, signing_key()))


def changed_term(contract: PolicyContract, name: str, **changes) -> PolicyContract:
    """The contract with one observation term changed."""
    terms = tuple(replace(t, **changes) if t.name == name else t for t in contract.terms)
    return replace(contract, terms=terms)


def term_of(contract: PolicyContract, name: str) -> ObservationTerm:
    return next(term for term in contract.terms if term.name == name)
