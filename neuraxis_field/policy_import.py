# SPDX-License-Identifier: Apache-2.0
"""Drafts of contracts from what other trainers write into their ONNX files.

mjlab writes ``joint_names``, ``joint_stiffness``, ``joint_damping``, ``default_joint_pos``,
``action_scale`` and ``observation_names`` as comma-separated texts, numbers with three decimals
(`get_base_metadata` and `list_to_csv_str` in its ``rl/exporter_utils.py``), and since 2026
``observation_terms_scale``, ``_clip``, ``_history_length`` and ``_flatten_history_dim``, one entry
per term, numbers within an entry parted by ``;``. Isaac Lab and rsl_rl write nothing, so a file
gives the same keys. What nobody says of scales, clips and history, golden vectors find.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import onnxruntime
import yaml

from neuraxis_common.errors import ConfigError
from neuraxis_common.robot import RobotProfile
from small_brain_node.bundle.contract import (
    JOINT_KINDS,
    ActionSpec,
    ObservationTerm,
    PolicyContract,
    Range,
)

# Names of observation terms in mjlab and Isaac Lab, and what they are here.
TERM_KINDS: Mapping[str, str] = {
    "base_lin_vel": "linear_velocity",
    "base_ang_vel": "angular_velocity",
    "projected_gravity": "gravity",
    "joint_pos": "joint_pos",
    "joint_pos_rel": "joint_pos",
    "joint_vel": "joint_vel",
    "joint_vel_rel": "joint_vel",
    "actions": "last_action",
    "last_action": "last_action",
    "command": "velocity_command",
    "twist": "velocity_command",
    "velocity_commands": "velocity_command",
}
LISTS = ("joint_names", "joint_stiffness", "joint_damping", "default_joint_pos", "action_scale")
PER_TERM = "observation_terms_"
FACTS = (*LISTS, "observation_names", "run_path", "command_names")
STANDING_STILL: Range = (0.0, 0.0)
# Stands for a bound that is none, where the other one is.
_FAR = 1e6


def read_facts(text: str) -> dict[str, str]:
    """What a YAML file says in the words of mjlab's metadata: lists instead of texts.

    Raises:
        ConfigError: Not a YAML mapping, or a key that no draft reads.
    """
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"the facts are not valid YAML: {error}") from error
    if not isinstance(data, dict):
        raise ConfigError(f"the facts must be a mapping, got {type(data).__name__}")
    known = (*FACTS, *(PER_TERM + name for name in ("scale", "clip", "history_length")))
    unknown = sorted(str(key) for key in data if key not in known)
    if unknown:
        raise ConfigError(f"facts {', '.join(unknown)} are unknown; known: {', '.join(known)}")
    return {key: _flat(value, ",") for key, value in data.items()}


def read_metadata(model: bytes) -> tuple[dict[str, str], str, str]:
    """Metadata of an ONNX file and the names of its first input and output.

    Raises:
        ConfigError: The file is not loadable.
    """
    try:
        session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has no common class for what can be wrong
        raise ConfigError(f"the network is not loadable: {error}") from error
    metadata = dict(session.get_modelmeta().custom_metadata_map)
    return metadata, session.get_inputs()[0].name, session.get_outputs()[0].name


def draft_contract(
    metadata: Mapping[str, str],
    profile: RobotProfile,
    dt_s: float,
    input_name: str = "obs",
    output_name: str = "actions",
) -> PolicyContract:
    """A contract as far as metadata goes; command ranges are zero and must be filled in.

    Args:
        metadata: As mjlab writes it; joint names may lack ``_joint``.
        profile: The robot; says robot and hardware version.
        dt_s: Control period, which no exporter writes down.
        input_name: Of the network.
        output_name: Of the network.

    Raises:
        ConfigError: A key is missing or its length does not fit, or an observation term or joint
            is unknown; the message names it.
    """
    missing = [key for key in (*LISTS, "observation_names") if key not in metadata]
    if missing:
        raise ConfigError(f"the network's metadata lacks {', '.join(missing)}")
    joints = tuple(_known(name, profile) for name in _texts(metadata["joint_names"]))
    numbers = {key: _numbers(key, metadata[key], len(joints)) for key in LISTS[1:]}
    names = _texts(metadata["observation_names"])
    details = _term_details(metadata, len(names))
    terms = tuple(_term(name, joints, row) for name, row in zip(names, details, strict=True))
    return PolicyContract(
        name=metadata.get("run_path") or "imported policy",
        robot=profile.name,
        hardware_version=profile.hardware_version,
        dt_s=dt_s,
        terms=terms,
        action=ActionSpec(
            joints,
            numbers["action_scale"],
            numbers["joint_stiffness"],
            numbers["joint_damping"],
        ),
        default_pose_rad=dict(zip(joints, numbers["default_joint_pos"], strict=True)),
        command_ranges=(STANDING_STILL, STANDING_STILL, STANDING_STILL),
        input_name=input_name,
        output_name=output_name,
    )


def known_joint(name: str, known: Sequence[str]) -> str:
    """The robot's name of a joint that may lack ``_joint``; raises ConfigError without one."""
    for candidate in (name, f"{name}_joint"):
        if candidate in known:
            return candidate
    raise ConfigError(f"joint '{name}' is not one of this robot's: {', '.join(known)}")


def _term(name: str, joints: tuple[str, ...], details: Mapping[str, Any]) -> ObservationTerm:
    kind = TERM_KINDS.get(name)
    if kind is None:
        known = ", ".join(sorted(TERM_KINDS))
        raise ConfigError(f"observation term '{name}' is unknown; known: {known}")
    return ObservationTerm(name, kind, joints if kind in JOINT_KINDS else (), **details)


def _term_details(metadata: Mapping[str, str], count: int) -> list[dict[str, Any]]:
    """Scale, clip and history of each term, as far as somebody says them."""
    rows: list[dict[str, Any]] = [{} for _ in range(count)]
    for k, scale in enumerate(_entries("scale", metadata, count)):
        rows[k]["scale"] = scale
    for k, clip in enumerate(_entries("clip", metadata, count)):
        if len(clip) != 2:
            raise ConfigError(f"metadata '{PER_TERM}clip': entry {k} is not a low and a high")
        if any(math.isfinite(bound) for bound in clip):
            rows[k]["clip"] = (max(clip[0], -_FAR), min(clip[1], _FAR))
    for k, (steps, *_) in enumerate(_entries("history_length", metadata, count)):
        rows[k]["history"] = max(1, int(steps))
    for k, (flat, *_) in enumerate(_entries("flatten_history_dim", metadata, count)):
        if not flat and rows[k].get("history", 1) > 1:
            raise ConfigError(f"observation term {k} has a history that is not flattened")
    return rows


def _entries(name: str, metadata: Mapping[str, str], count: int) -> list[tuple[float, ...]]:
    """Numbers per term; empty where the metadata lacks them."""
    key = PER_TERM + name
    if key not in metadata:
        return []
    # Before mjlab parted them by semicolons, an entry of several numbers was Python's list.
    entries = re.split(r",(?![^\[(]*[\])])", metadata[key])
    if len(entries) != count:
        raise ConfigError(f"metadata '{key}' has {len(entries)} entries for {count} terms")
    return [_reals(key, re.split("[;,]", entry.strip(" []()"))) for entry in entries]


def _flat(value: Any, mark: str) -> str:
    if isinstance(value, list):
        return mark.join(_flat(item, ";") for item in value)
    return str(value)


def _known(name: str, profile: RobotProfile) -> str:
    try:
        return known_joint(name, profile.joint_names)
    except ConfigError as error:
        raise ConfigError(f"the network has {error}") from error


def _texts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _numbers(key: str, text: str, count: int) -> tuple[float, ...]:
    values = _reals(key, _texts(text))
    if len(values) == 1:
        values *= count
    if len(values) != count:
        raise ConfigError(f"metadata '{key}' has {len(values)} numbers for {count} joints")
    return values


def _reals(key: str, parts: Sequence[str]) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in parts)
    except ValueError as error:
        raise ConfigError(f"metadata '{key}' is not a list of numbers: {error}") from error
