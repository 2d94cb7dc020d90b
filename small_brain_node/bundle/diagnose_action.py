# SPDX-License-Identifier: Apache-2.0
"""Why a network or its action mapping does not give the golden actions and joint targets."""

from __future__ import annotations

import numpy as np

from neuraxis_common.types import FloatArray
from small_brain_node.action_map import ActionMap
from small_brain_node.bundle.card import TrainingCard
from small_brain_node.bundle.causes import Cause, Subject, name_causes
from small_brain_node.bundle.columns import Expected, match_columns
from small_brain_node.bundle.contract import PolicyContract
from small_brain_node.bundle.diagnose import NO_CLIP, Diagnosis, agrees
from small_brain_node.bundle.golden import GoldenVectors
from small_brain_node.network import Network
from small_brain_node.observation import Float32Array

# Kernels of other frameworks sum in another order.
ACTION_TOLERANCE = 2e-4
TARGET_TOLERANCE = 2e-5


def diagnose_targets(contract: PolicyContract, golden: GoldenVectors) -> Diagnosis:
    """Compare joint targets made from the golden actions with the golden targets."""
    spec = contract.action
    at = [golden.target_joints.index(joint) for joint in spec.joints]
    wanted = golden.target_rad[:, at]
    mapping = ActionMap(contract, spec.joints)
    built = mapping.target(mapping.clipped(golden.action))
    difference = float(np.abs(built - wanted).max())
    if agrees(built, wanted, TARGET_TOLERANCE):
        return Diagnosis(difference)
    m = len(spec.joints)
    clip = spec.clip or NO_CLIP
    expected = Expected(np.arange(m), mapping.scale, np.zeros(m), mapping.pose_rad, clip)
    source = golden.action.astype(float)
    lines = match_columns(source, wanted.astype(float), expected, TARGET_TOLERANCE)
    if lines is not None:
        subject = Subject("action", True, spec.joints, spec.joints, positions=True, added=True)
        causes = name_causes(lines, expected, subject)
        if causes:
            return Diagnosis(difference, tuple(causes))
    return _diagnose_clip(contract, mapping, golden, wanted, difference)


def _diagnose_clip(
    contract: PolicyContract,
    mapping: ActionMap,
    golden: GoldenVectors,
    wanted: FloatArray,
    difference: float,
) -> Diagnosis:
    outputs = (wanted - mapping.pose_rad) / mapping.scale
    most = float(np.abs(outputs).max())
    was = contract.action.clip
    for clip in (None, (-most, most), (float(outputs.min()), float(outputs.max()))):
        clipped = np.clip(golden.action.astype(float), *(clip or NO_CLIP))
        if agrees(mapping.target(clipped), wanted, TARGET_TOLERANCE):
            reason = f"the golden targets clip the output to {clip}, the contract to {was}"
            cause = Cause("clip", "action", reason, {"contract": was, "golden": clip})
            return Diagnosis(difference, (cause,))
    return Diagnosis(difference, unexplained=("action",))


def diagnose_network(
    contract: PolicyContract, golden: GoldenVectors, network: Network, card: TrainingCard
) -> Diagnosis:
    """Compare the network's answers to the golden observations with the golden actions."""
    found = network.infer_all(golden.observation)
    if not np.all(np.isfinite(found)):
        cause = Cause("not_finite", "network", "the network's output is not finite")
        return Diagnosis(float("inf"), (cause,))
    difference = float(np.abs(found - golden.action).max())
    if agrees(found, golden.action, ACTION_TOLERANCE):
        return Diagnosis(difference)
    normalised = network.infer_all(_normalised(contract, golden, card))
    if agrees(normalised, golden.action, 50 * ACTION_TOLERANCE):
        reason = "the network wants normalised observations: export it with its normaliser inside"
        return Diagnosis(difference, (Cause("normaliser", "network", reason),))
    m = len(contract.action.joints)
    expected = Expected(np.arange(m), np.ones(m), np.zeros(m), np.zeros(m), NO_CLIP)
    lines = match_columns(
        found.astype(float), golden.action.astype(float), expected, ACTION_TOLERANCE
    )
    if lines is not None:
        joints = contract.action.joints
        causes = name_causes(lines, expected, Subject("network output", False, joints, joints))
        if causes:
            return Diagnosis(difference, tuple(causes))
    reason = "the network is not the one that gave the golden actions"
    return Diagnosis(difference, (Cause("other_network", "network", reason),))


def _normalised(
    contract: PolicyContract, golden: GoldenVectors, card: TrainingCard
) -> Float32Array:
    """Golden observations minus mean, over standard deviation, from the card's statistics."""
    observation = golden.observation.astype(float)
    start = 0
    if contract.stacking == "term":
        rows = [(t, t.history) for t in contract.terms]
    else:
        rows = [(t, 1) for t in contract.terms] * contract.depth
    for term, repeats in rows:
        row = card.statistics[term.name]
        stop = start + repeats * contract.width(term)
        deviation = np.sqrt(np.maximum(np.diag(row.covariance), 1e-12))
        observation[:, start:stop] -= np.tile(row.mean, repeats)
        observation[:, start:stop] /= np.tile(deviation, repeats)
        start = stop
    return observation.astype(np.float32)
