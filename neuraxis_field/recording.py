# SPDX-License-Identifier: Apache-2.0
"""Recordings of a policy in its trainer's own environment: golden vectors and statistics of it.

`tools/policy_recording.py` writes them there. The joints are in the trainer's order; every joint is
known by its name.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuraxis_common.errors import ConfigError
from neuraxis_common.types import FloatArray
from neuraxis_field.policy_import import known_joint
from small_brain_node.action_map import ActionMap
from small_brain_node.bundle.contract import GAIT_PLAN, PolicyContract
from small_brain_node.bundle.golden import MIN_VECTORS, GoldenVectors
from small_brain_node.observation import INPUT_FIELDS, PolicyInputs

VECTORS = 64
STATE = (
    "pos_rad", "vel_rad_s", "quat_wxyz", "gyro_B_rad_s", "linear_velocity_B_m_s",
    "velocity_command",
)  # fmt: skip
# What the trainer's code made of the states.
MADE = ("observation", "action", "target_rad")
RARE = ("upper_pos_rad", "foot_force_N", "elapsed_s")


@dataclass(frozen=True)
class Recording:
    """T steps of E robots, one after the other.

    Attributes:
        joint_names: Order of the joints in the states, by the names that the profile knows.
        action_joints: Order of the joints in actions and targets.
        arrays: `STATE`, `MADE` and any of `RARE`, leading shape (T, E); actions as they left the
            network.
        first: Where an episode begins, shape (T, E).
    """

    joint_names: tuple[str, ...]
    action_joints: tuple[str, ...]
    arrays: Mapping[str, FloatArray]
    first: NDArray[np.bool_]

    def inputs(self, contract: PolicyContract) -> PolicyInputs:
        """What the policy could know at every step, leading shape (T, E).

        The last action is that of the step before, clipped as the contract says, and zero where an
        episode begins. What was not recorded is zero: a contract that observes it is refused,
        because its golden vectors never move.
        """
        action = ActionMap(contract, contract.action.joints).clipped(self.arrays["action"])
        last = np.concatenate([np.zeros_like(action[:1]), action[:-1]])
        steps = self.first.shape
        absent = {
            "upper_pos_rad": np.zeros((*steps, len(self.joint_names))),
            "foot_force_N": np.zeros((*steps, 2)),
            "gait_plan": np.zeros((*steps, GAIT_PLAN)),
            "elapsed_s": np.zeros(steps),
        }
        rows = absent | {name: row for name, row in self.arrays.items() if name not in MADE}
        rows["last_action"] = np.where(self.first[..., None], 0.0, last)
        return PolicyInputs(*(rows[name].astype(float) for name in INPUT_FIELDS))

    def golden(self, contract: PolicyContract) -> GoldenVectors:
        """Up to `VECTORS` histories, spread over the recording, and what came of them.

        Raises:
            ConfigError: Too few steps that have the contract's whole history in their episode.
        """
        ends = self._ends(contract.depth)
        if len(ends) < MIN_VECTORS:
            raise ConfigError(
                f"the recording has {len(ends)} steps with a history of {contract.depth} in their"
                f" episode, needs {MIN_VECTORS}"
            )
        chosen = np.linspace(0, len(ends) - 1, min(VECTORS, len(ends))).round().astype(int)
        step, robot = ends[chosen].T
        back = np.arange(1 - contract.depth, 1)
        inputs = self.inputs(contract)
        histories = PolicyInputs(
            *(getattr(inputs, name)[step[:, None] + back, robot[:, None]] for name in INPUT_FIELDS)
        )
        made = {name: self.arrays[name][step, robot] for name in MADE}
        return GoldenVectors(
            self.joint_names,
            histories,
            made["observation"].astype(np.float32),
            made["action"].astype(np.float32),
            self.action_joints,
            made["target_rad"].astype(float),
        )

    def _ends(self, depth: int) -> NDArray[np.intp]:
        """Last steps (t, robot) of whole histories, shape (k, 2).

        An environment that resets itself within a step may show targets of the next episode, so
        the last step of each episode is left out; so is the recording's first, whose last action
        nobody knows, unless an episode begins there.
        """
        length = len(self.first)
        since = np.zeros(self.first.shape, dtype=int)
        for t in range(length):
            before = since[t - 1] + 1 if t else np.zeros(self.first.shape[1:], dtype=int)
            since[t] = np.where(self.first[t], 1, before)
        over = np.concatenate([self.first[1:], np.ones_like(self.first[:1])])
        return np.argwhere((since >= depth) & ~over)


def read_recording(content: bytes, contract: PolicyContract, known: Sequence[str]) -> Recording:
    """A recording from its .npz file.

    Args:
        content: Of the file.
        contract: Of the policy that was recorded.
        known: The robot's joints.

    Raises:
        ConfigError: Not such a file, an array that is missing or of another shape, a joint that
            the robot does not have, or actions in another order than the contract's.
    """
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as data:
            arrays = {name: data[name] for name in data.files}
    except (ValueError, OSError, zipfile.BadZipFile, EOFError) as error:
        raise ConfigError(f"the recording is not readable: {error}") from error
    names = ("joint_names", "action_joints", "first", *STATE, *MADE)
    missing = [name for name in names if name not in arrays]
    if missing:
        raise ConfigError(f"the recording lacks {', '.join(missing)}")
    joints, acting = (
        tuple(known_joint(str(name), known) for name in arrays.pop(key)) for key in names[:2]
    )
    if acting != contract.action.joints:
        raise ConfigError(
            f"the recording's actions are of {', '.join(acting)}; the contract's of"
            f" {', '.join(contract.action.joints)}"
        )
    first = arrays.pop("first").astype(bool)
    _check_shapes(arrays, first.shape, len(joints), contract)
    return Recording(joints, acting, arrays, first)


def _check_shapes(
    arrays: Mapping[str, np.ndarray], steps: tuple[int, ...], joints: int, contract: PolicyContract
) -> None:
    if len(steps) != 2:
        raise ConfigError(f"the recording: 'first' has shape {steps}, need (steps, robots)")
    m = len(contract.action.joints)
    widths: dict[str, tuple[int, ...]] = dict.fromkeys((*STATE, "upper_pos_rad"), (3,))
    widths |= {"pos_rad": (joints,), "vel_rad_s": (joints,), "upper_pos_rad": (joints,)}
    widths |= {"quat_wxyz": (4,), "foot_force_N": (2,), "elapsed_s": ()}
    widths |= {"observation": (contract.size,), "action": (m,), "target_rad": (m,)}
    for name, array in arrays.items():
        if name not in widths:
            raise ConfigError(f"the recording holds '{name}', which nobody reads")
        if array.shape != (*steps, *widths[name]):
            raise ConfigError(
                f"the recording: '{name}' has shape {array.shape}, need {(*steps, *widths[name])}"
            )
        if not np.issubdtype(array.dtype, np.floating) or not np.all(np.isfinite(array)):
            raise ConfigError(f"the recording: '{name}' holds a value that is not finite")
