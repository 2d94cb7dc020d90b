# SPDX-License-Identifier: Apache-2.0
"""Drafts of contracts from what other trainers write into their ONNX files.

mjlab writes ``joint_names``, ``joint_stiffness``, ``joint_damping``, ``default_joint_pos``,
``action_scale`` and ``observation_names`` as comma-separated texts, numbers with three decimals;
Isaac Lab and rsl_rl write nothing, so the same keys are filled in by hand. A draft says nothing
about scales, clips and history that are not in the metadata: golden vectors find those.
"""

from __future__ import annotations

from collections.abc import Mapping

import onnxruntime

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
STANDING_STILL: Range = (0.0, 0.0)


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
    terms = tuple(_term(name, joints) for name in _texts(metadata["observation_names"]))
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


def _term(name: str, joints: tuple[str, ...]) -> ObservationTerm:
    kind = TERM_KINDS.get(name)
    if kind is None:
        known = ", ".join(sorted(TERM_KINDS))
        raise ConfigError(f"observation term '{name}' is unknown; known: {known}")
    return ObservationTerm(name, kind, joints if kind in JOINT_KINDS else ())


def _known(name: str, profile: RobotProfile) -> str:
    for candidate in (name, f"{name}_joint"):
        if candidate in profile.joint_names:
            return candidate
    raise ConfigError(f"the network has joint '{name}', which '{profile.name}' does not have")


def _texts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _numbers(key: str, text: str, count: int) -> tuple[float, ...]:
    try:
        values = tuple(float(part) for part in _texts(text))
    except ValueError as error:
        raise ConfigError(f"metadata '{key}' is not a list of numbers: {error}") from error
    if len(values) == 1:
        values *= count
    if len(values) != count:
        raise ConfigError(f"metadata '{key}' has {len(values)} numbers for {count} joints")
    return values
