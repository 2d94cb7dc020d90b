# SPDX-License-Identifier: Apache-2.0
"""Golden vectors: what the trainer's own code made of raw robot states, kept with the network."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from neuraxis_common.errors import ConfigError, Rejected
from neuraxis_common.types import FloatArray
from small_brain_node.bundle.contract import GAIT_PLAN, JOINT_KINDS, PolicyContract
from small_brain_node.observation import (
    INPUT_FIELDS,
    Float32Array,
    PolicyInputs,
    base_values,
    joint_values,
)

MIN_VECTORS, MAX_VECTORS = 12, 4096
# A quantity must vary at least so much after scaling, and be so far from any other's line.
TELLING_SPREAD, TELLING_DISTANCE = 1e-3, 2e-4


# Inputs that a file may lack, and their width. A term that observes one still needs it to vary.
SELDOM = {"foot_force_N": 2, "gait_plan": GAIT_PLAN}


@dataclass(frozen=True)
class GoldenVectors:
    """K histories of raw states and what they became, as the training code computed it.

    Attributes:
        joint_names: Order of the joints in `inputs`.
        inputs: Leading shape (K, steps), oldest step first; not fewer than the contract's depth.
        observation: Network input, shape (K, size).
        action: Network output before any clip, shape (K, m).
        target_joints: Order of the joints in `target_rad`.
        target_rad: Where the joints were sent, shape (K, len(target_joints)).
    """

    joint_names: tuple[str, ...]
    inputs: PolicyInputs
    observation: Float32Array
    action: Float32Array
    target_joints: tuple[str, ...]
    target_rad: FloatArray

    @property
    def count(self) -> int:
        """Number of vectors K."""
        return len(self.observation)


def write_golden(golden: GoldenVectors) -> bytes:
    """Golden vectors as an .npz file; every bit is kept."""
    arrays = {f"inputs_{name}": getattr(golden.inputs, name) for name in INPUT_FIELDS}
    arrays |= {
        "joint_names": np.array(golden.joint_names),
        "observation": golden.observation,
        "action": golden.action,
        "target_joints": np.array(golden.target_joints),
        "target_rad": golden.target_rad,
    }
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def read_golden(content: bytes) -> GoldenVectors:
    """Golden vectors from an .npz file.

    Raises:
        ConfigError: Not such a file, or an array that is missing.
    """
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            return GoldenVectors(
                joint_names=tuple(arrays["joint_names"].tolist()),
                inputs=_read_inputs(arrays),
                observation=arrays["observation"],
                action=arrays["action"],
                target_joints=tuple(arrays["target_joints"].tolist()),
                target_rad=arrays["target_rad"],
            )
    except (KeyError, ValueError, OSError, zipfile.BadZipFile, EOFError, AttributeError) as error:
        raise ConfigError(f"golden vectors are not readable: {error}") from error


def _read_inputs(arrays: Mapping[str, np.ndarray]) -> PolicyInputs:
    """Raw states; what few policies look at may be missing, and then is nothing at all."""
    steps = arrays["inputs_elapsed_s"].shape
    rows = {f"inputs_{name}": np.zeros((*steps, width)) for name, width in SELDOM.items()}
    rows |= {name: arrays[name] for name in arrays}
    return PolicyInputs(*(rows[f"inputs_{name}"] for name in INPUT_FIELDS))


def check_golden(contract: PolicyContract, golden: GoldenVectors) -> Rejected | None:
    """Why these vectors prove nothing about the contract: `bad_golden`, `weak_golden`."""
    return _check_shapes(contract, golden) or _check_telling(contract, golden)


def _check_shapes(contract: PolicyContract, golden: GoldenVectors) -> Rejected | None:
    k, n, m = golden.count, len(golden.joint_names), len(contract.action.joints)
    if not MIN_VECTORS <= k <= MAX_VECTORS:
        return _bad(f"there are {k} of them, must be in [{MIN_VECTORS}, {MAX_VECTORS}]")
    steps = np.shape(golden.inputs.elapsed_s)[1:2]
    if not steps or steps[0] < contract.depth:
        return _bad(f"histories have {steps} steps, the contract observes {contract.depth}")
    widths = dict.fromkeys(INPUT_FIELDS, (3,)) | {
        "pos_rad": (n,), "vel_rad_s": (n,), "upper_pos_rad": (n,), "quat_wxyz": (4,),
        "foot_force_N": (2,), "last_action": (m,), "gait_plan": (GAIT_PLAN,),
        "elapsed_s": (),
    }  # fmt: skip
    rows = {
        name: (getattr(golden.inputs, name), (k, *steps, *widths[name])) for name in INPUT_FIELDS
    }
    rows["observation"] = (golden.observation, (k, contract.size))
    rows["action"] = (golden.action, (k, m))
    rows["target_rad"] = (golden.target_rad, (k, len(golden.target_joints)))
    for name, (array, shape) in rows.items():
        if np.shape(array) != shape:
            return _bad(f"'{name}' has shape {np.shape(array)}, need {shape}")
        if not np.issubdtype(array.dtype, np.floating) or not np.all(np.isfinite(array)):
            return _bad(f"'{name}' holds a value that is not finite")
    if np.any(np.linalg.norm(golden.inputs.quat_wxyz, axis=-1) < 0.5):
        return _bad("an orientation is not a unit quaternion")
    return _check_names(contract, golden)


def _check_names(contract: PolicyContract, golden: GoldenVectors) -> Rejected | None:
    for label, names in (("inputs", golden.joint_names), ("targets", golden.target_joints)):
        if len(set(names)) != len(names):
            return _bad(f"the {label} name a joint twice")
    observed = {joint for term in contract.terms for joint in term.joints}
    missing = sorted(observed - set(golden.joint_names))
    missing += sorted(set(contract.action.joints) - set(golden.target_joints))
    if missing:
        return _bad(f"they lack joints of the contract: {', '.join(missing)}")
    return None


def _check_telling(contract: PolicyContract, golden: GoldenVectors) -> Rejected | None:
    """A permutation, a sign or a scale must show: so nothing may be still or move in step."""
    for term in contract.terms:
        if term.kind in JOINT_KINDS:
            at = [golden.joint_names.index(joint) for joint in term.joints]
            names, values = term.joints, joint_values(term.kind, golden.inputs)[..., at]
        else:
            values = base_values(term.kind, golden.inputs, contract)
            names = tuple(f"element {i}" for i in range(values.shape[-1]))
        weak = _indistinct(f"term '{term.name}'", names, values * np.asarray(term.scale))
        if weak is not None:
            return weak
    action = golden.action * np.asarray(contract.action.scale)
    return _indistinct("the action", contract.action.joints, action)


def _indistinct(where: str, names: Sequence[str], values: FloatArray) -> Rejected | None:
    """Refuse scaled values, shape (..., len(names)), of which one is still or follows another."""
    rows = values.reshape(-1, values.shape[-1]).astype(float)
    rows = rows - rows.mean(axis=0)
    spread = np.sqrt(np.mean(rows**2, axis=0))
    if spread.min() < TELLING_SPREAD:
        at = int(np.argmin(spread))
        return _weak(
            f"{where}: '{names[at]}' varies by {spread[at]:.2g} after scaling, needs"
            f" {TELLING_SPREAD}"
        )
    likeness = (rows / spread).T @ (rows / spread) / len(rows)
    distance = spread * np.sqrt(np.clip(1.0 - likeness**2, 0.0, None))
    distance += np.where(np.eye(len(names), dtype=bool), np.inf, 0.0)
    i, j = np.unravel_index(int(np.argmin(distance)), distance.shape)
    if distance[i, j] < TELLING_DISTANCE:
        return _weak(f"{where}: they cannot tell '{names[i]}' from '{names[j]}'")
    return None


def _bad(what: str) -> Rejected:
    return Rejected("bad_golden", f"golden vectors do not fit the contract: {what}")


def _weak(what: str) -> Rejected:
    return Rejected("weak_golden", f"golden vectors prove too little: {what}")
