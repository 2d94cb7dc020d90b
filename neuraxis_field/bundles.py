# SPDX-License-Identifier: Apache-2.0
"""Makes policy bundles: golden vectors, statistics, the unsigned file, and its signature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from neuraxis_common.errors import ConfigError, Rejected
from neuraxis_common.robot import JointLimits
from neuraxis_common.types import FloatArray, JointCommand
from small_brain_node.action_map import ActionMap
from small_brain_node.bundle.archive import (
    CARD,
    CONTRACT,
    GOLDEN,
    NETWORK,
    Archive,
    pack,
    unpack,
    write_manifest,
)
from small_brain_node.bundle.card import TermStatistics, TrainingCard, whitening, write_card
from small_brain_node.bundle.contract import GAIT_PLAN, PolicyContract
from small_brain_node.bundle.contract_json import write_contract
from small_brain_node.bundle.golden import GoldenVectors, write_golden
from small_brain_node.bundle.loader import check_content
from small_brain_node.bundle.signing import sign
from small_brain_node.network import Network
from small_brain_node.observation import (
    Float32Array,
    ObservationBuilder,
    PolicyInputs,
    stack_inputs,
)
from small_brain_node.onnx_policy import inputs_of
from small_brain_node.policy import Observation, Policy
from small_brain_node.walking.planner import WalkPlanner

# Golden states need not be ones that a robot stands in; they need to move everything.
TILT_RAD = 0.5
GOLDEN_VECTORS = 24


def make_bundle(
    contract: PolicyContract, network: bytes, golden: GoldenVectors, card: TrainingCard
) -> bytes:
    """An unsigned bundle.

    Args:
        contract: What the network expects and means.
        network: Content of the ONNX file.
        golden: Made by the code that trained the network, not by the code that will run it.
        card: How the network came about.

    Raises:
        ConfigError: The parts contradict each other; the message names the likely cause.
    """
    members = {
        CONTRACT: write_contract(contract),
        NETWORK: network,
        GOLDEN: write_golden(golden),
        CARD: write_card(card),
    }
    return pack_members(members)


def pack_members(members: Mapping[str, bytes]) -> bytes:
    """An unsigned bundle from the content of its members; checked as by `make_bundle`."""
    manifest = write_manifest(members)
    refusal = check_content(Archive(members, manifest, None))
    if refusal is not None:
        raise ConfigError(refusal.reason)
    return pack(members, manifest, None)


def sign_bundle(data: bytes, key: Ed25519PrivateKey) -> bytes:
    """The same bundle with a signature; an old one is replaced.

    Raises:
        ConfigError: Not a bundle, or one whose parts contradict each other.
    """
    archive = unpack(data)
    if isinstance(archive, Rejected):
        raise ConfigError(archive.reason)
    refusal = check_content(archive)
    if refusal is not None:
        raise ConfigError(refusal.reason)
    return pack(archive.members, archive.manifest, sign(archive.manifest, key))


def make_golden(
    contract: PolicyContract, joint_names: Sequence[str], inputs: PolicyInputs, network: bytes
) -> GoldenVectors:
    """Golden vectors of a policy that was trained on `ObservationBuilder` itself.

    Args:
        contract: Of that policy.
        joint_names: Order of the joints in `inputs`.
        inputs: Raw states, leading shape (K, steps).
        network: Content of the ONNX file.
    """
    observation = ObservationBuilder(contract, joint_names).observe(inputs)
    action = Network(network, contract).infer_all(observation)
    joints = contract.action.joints
    mapping = ActionMap(contract, joints)
    target = mapping.target(mapping.clipped(action))
    return GoldenVectors(tuple(joint_names), inputs, observation, action, joints, target)


def random_inputs(
    contract: PolicyContract,
    joint_names: Sequence[str],
    limits: Mapping[str, JointLimits],
    rng: np.random.Generator,
    count: int = GOLDEN_VECTORS,
) -> PolicyInputs:
    """States that move every joint and axis on its own, leading shape (count, depth).

    Args:
        contract: Gives depth, command ranges and number of outputs.
        joint_names: Order of the joints.
        limits: Joint limits by name.
        rng: Source of randomness.
        count: Number of histories.
    """
    shape, n = (count, contract.depth), len(joint_names)
    low = np.array([limits[name].lower for name in joint_names])
    high = np.array([limits[name].upper for name in joint_names])
    speed = np.array([limits[name].velocity for name in joint_names])
    ranges = np.array(contract.command_ranges)
    axis = rng.normal(size=(*shape, 3))
    axis /= np.linalg.norm(axis, axis=-1, keepdims=True)
    half = rng.uniform(-TILT_RAD / 2, TILT_RAD / 2, (*shape, 1))
    heading = rng.uniform(-np.pi, np.pi, (*shape, 1)) / 2
    zero = np.zeros((*shape, 2))
    turn = np.concatenate([np.cos(heading), zero, np.sin(heading)], axis=-1)
    return PolicyInputs(
        pos_rad=rng.uniform(low, high, (*shape, n)),
        vel_rad_s=rng.uniform(-0.5, 0.5, (*shape, n)) * speed,
        quat_wxyz=_product(turn, np.concatenate([np.cos(half), np.sin(half) * axis], axis=-1)),
        gyro_B_rad_s=rng.normal(0.0, 1.0, (*shape, 3)),
        linear_velocity_B_m_s=rng.normal(0.0, 0.5, (*shape, 3)),
        velocity_command=rng.uniform(ranges[:, 0], ranges[:, 1], (*shape, 3)),
        upper_pos_rad=rng.uniform(low, high, (*shape, n)),
        foot_force_N=rng.uniform(0.0, 500.0, (*shape, 2)),
        last_action=rng.uniform(-1.0, 1.0, (*shape, len(contract.action.joints))),
        gait_plan=rng.uniform(-1.0, 1.0, (*shape, GAIT_PLAN)),
        elapsed_s=rng.uniform(0.0, 20.0, (count, 1)) + contract.dt_s * np.arange(contract.depth),
    )


def make_statistics(
    contract: PolicyContract, joint_names: Sequence[str], inputs: PolicyInputs
) -> dict[str, TermStatistics]:
    """Statistics of every term over all the given states, for the card.

    Args:
        contract: Names and scales the terms.
        joint_names: Order of the joints in `inputs`.
        inputs: As many states as training can spare, any leading shape.
    """
    builder = ObservationBuilder(contract, joint_names)
    return frame_statistics(builder, builder.frame(inputs).reshape(-1, builder.frame_size))


def frame_statistics(
    builder: ObservationBuilder, frames: Float32Array
) -> dict[str, TermStatistics]:
    """The same from frames, shape (N, frame_size)."""
    frames = frames.astype(float)
    rows = {}
    for name, span in builder.spans.items():
        values = frames[:, span]
        covariance = np.atleast_2d(np.cov(values, rowvar=False))
        mean = values.mean(axis=0)
        distance = np.linalg.norm((values - mean) @ whitening(covariance).T, axis=1)
        rows[name] = TermStatistics(
            mean,
            values.min(axis=0),
            values.max(axis=0),
            covariance,
            max(float(distance.max()) / np.sqrt(len(mean)), 1e-6),
        )
    return rows


class Recorder:
    """A controller that keeps what a policy in its place would have seen.

    For statistics and replay. The last action is the one that a policy of this contract would have
    needed to send what the controller sent.

    Args:
        inner: What decides.
        contract: Of the policy that the recording is for.
        joint_names: Order of the robot's joints.
        planner: For policies that follow a gait plan.
    """

    def __init__(
        self,
        inner: Policy,
        contract: PolicyContract,
        joint_names: Sequence[str],
        planner: WalkPlanner | None = None,
    ) -> None:
        self._inner, self._map = inner, ActionMap(contract, joint_names)
        self._planner = planner
        self._last_action = np.zeros(len(contract.action.joints))
        self._steps: list[PolicyInputs] = []
        self._began_s: float | None = None

    def reset(self) -> None:
        """Begin the clock anew; what was recorded stays."""
        self._inner.reset()
        self._last_action = np.zeros_like(self._last_action)
        self._began_s = None

    def act(self, observation: Observation) -> JointCommand | Rejected:
        """One step of the inner controller, recorded."""
        if self._began_s is None:
            self._began_s = observation.now_s
        elapsed_s = observation.now_s - self._began_s
        seen = inputs_of(observation, self._last_action, self._planned(observation), elapsed_s)
        self._steps.append(seen)
        command = self._inner.act(observation)
        if not isinstance(command, Rejected):
            self._last_action = self._map.implied(command.pos_rad)
        return command

    def _planned(self, observation: Observation) -> FloatArray:
        return np.zeros(GAIT_PLAN) if self._planner is None else self._planner.seen(observation)

    def inputs(self) -> PolicyInputs:
        """All steps, leading shape (number of steps,)."""
        return stack_inputs(self._steps)


def _product(p: FloatArray, q: FloatArray) -> FloatArray:
    """Hamilton product of quaternions (w, x, y, z), shape (..., 4)."""
    w, v = p[..., :1], p[..., 1:]
    s, u = q[..., :1], q[..., 1:]
    scalar = w * s - np.sum(v * u, axis=-1, keepdims=True)
    return np.concatenate([scalar, w * u + s * v + np.cross(v, u)], axis=-1)
