# SPDX-License-Identifier: Apache-2.0
"""The observation of a policy: one builder for training, replay and robot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from neuraxis_common.errors import ConfigError
from neuraxis_common.types import FloatArray
from small_brain_node.bundle.contract import (
    JOINT_KINDS,
    POSITION_KINDS,
    ObservationTerm,
    PolicyContract,
)

Float32Array = NDArray[np.float32]


@dataclass(frozen=True)
class PolicyInputs:
    """Everything a policy may know at one control step, as measured: no scale, no default pose.

    Each array may have leading axes, alike in all: environments in training, steps in a replay.
    Joints are in the order of whoever made them, n of them; base axes are those of base_link.

    Attributes:
        pos_rad: Measured joints, shape (..., n).
        vel_rad_s: Shape (..., n).
        quat_wxyz: Base in the world, shape (..., 4).
        gyro_B_rad_s: Shape (..., 3).
        linear_velocity_B_m_s: Estimate of the base's velocity, shape (..., 3).
        velocity_command: Forward m/s, left m/s, turn rad/s, shape (..., 3).
        upper_pos_rad: Where waist, head and arms should be, shape (..., n).
        foot_force_N: Vertical force on the (left, right) sole, shape (..., 2).
        last_action: Previous output after the contract's clip, shape (..., m).
        gait_plan: What the walking controller's planner wants of the body and its feet, places as
            in `WalkPlanner.seen`, shape (..., GAIT_PLAN).
        elapsed_s: Time since the policy began, shape (...,).
    """

    pos_rad: FloatArray
    vel_rad_s: FloatArray
    quat_wxyz: FloatArray
    gyro_B_rad_s: FloatArray
    linear_velocity_B_m_s: FloatArray
    velocity_command: FloatArray
    upper_pos_rad: FloatArray
    foot_force_N: FloatArray
    last_action: FloatArray
    gait_plan: FloatArray
    elapsed_s: FloatArray


INPUT_FIELDS = tuple(item.name for item in fields(PolicyInputs))


def stack_inputs(steps: Sequence[PolicyInputs]) -> PolicyInputs:
    """Several steps as one value with a new first axis."""
    return PolicyInputs(*(np.stack([getattr(s, name) for s in steps]) for name in INPUT_FIELDS))


class ObservationBuilder:
    """Turns inputs into frames and frames into the network's observation.

    Args:
        contract: What the network expects.
        joint_names: Order of the joints in the inputs.

    Attributes:
        frame_size: Elements of one frame: every term once.
        spans: Where each term lies in a frame, by its name.

    Raises:
        ConfigError: The contract observes a joint that the inputs do not have.
    """

    def __init__(self, contract: PolicyContract, joint_names: Sequence[str]) -> None:
        self.contract = contract
        number = {name: i for i, name in enumerate(joint_names)}
        missing = sorted({j for t in contract.terms for j in t.joints if j not in number})
        if missing:
            raise ConfigError(f"the contract observes unknown joints: {', '.join(missing)}")
        self._index = {
            term.name: np.array([number[joint] for joint in term.joints], dtype=np.intp)
            for term in contract.terms
        }
        self.spans: dict[str, slice] = {}
        self.frame_size = 0
        for term in contract.terms:
            width = contract.width(term)
            self.spans[term.name] = slice(self.frame_size, self.frame_size + width)
            self.frame_size += width
        self._prepare()
        self.gather = _gather(contract, self.spans, self.frame_size)

    def _prepare(self) -> None:
        """Scale, offset and clip of every element of a frame."""
        self._scale, self._offset = np.ones(self.frame_size), np.zeros(self.frame_size)
        self._low = np.full(self.frame_size, -np.inf)
        self._high = np.full(self.frame_size, np.inf)
        for term in self.contract.terms:
            span = self.spans[term.name]
            self._scale[span] = term.scale
            if term.kind in POSITION_KINDS:
                self._offset[span] = [self.contract.default_pose_rad[j] for j in term.joints]
            if term.clip is not None:
                self._low[span], self._high[span] = term.clip

    def frame(self, inputs: PolicyInputs) -> Float32Array:
        """One step of all terms. Shape (..., frame_size)."""
        raw = np.concatenate([self.raw(term, inputs) for term in self.contract.terms], axis=-1)
        raw -= self._offset
        np.clip(raw, self._low, self._high, out=raw)
        raw *= self._scale
        if self.contract.observation_clip is not None:
            np.clip(raw, *self.contract.observation_clip, out=raw)
        return raw.astype(np.float32)

    def raw(self, term: ObservationTerm, inputs: PolicyInputs) -> FloatArray:
        """A term's values in SI units, before default pose, clip and scale. Shape (..., width)."""
        if term.kind in JOINT_KINDS:
            return np.take(joint_values(term.kind, inputs), self._index[term.name], axis=-1)
        return base_values(term.kind, inputs, self.contract)

    def stack(self, frames: Float32Array) -> Float32Array:
        """The observation from the last frames.

        Args:
            frames: Oldest first, shape (..., depth, frame_size).

        Returns:
            Shape (..., size of the contract).
        """
        flat = frames.reshape(*frames.shape[:-2], -1)
        return np.take(flat, self.gather, axis=-1)

    def observe(self, history: PolicyInputs) -> Float32Array:
        """The observation from a history of inputs; the oldest step stands in for what is missing.

        Args:
            history: Oldest first; the last leading axis is time.

        Returns:
            Shape (..., size of the contract), without the axis of time.
        """
        frames = self.frame(history)
        depth, length = self.contract.depth, frames.shape[-2]
        at = np.clip(np.arange(length - depth, length), 0, None)
        return self.stack(np.take(frames, at, axis=-2))


class ObservationHistory:
    """The last frames of one robot or of many environments; what `observe` does, step by step.

    Args:
        builder: Of the same contract.
        batch: Leading shape, () for one robot.
    """

    def __init__(self, builder: ObservationBuilder, batch: tuple[int, ...] = ()) -> None:
        self._builder = builder
        shape = (*batch, builder.contract.depth, builder.frame_size)
        self.frames: Float32Array = np.zeros(shape, np.float32)
        self._fresh = np.ones(batch, dtype=bool)

    def reset(self, where: NDArray[np.bool_] | bool = True) -> None:
        """Forget; the next frame fills the whole history where this is set."""
        self._fresh = self._fresh | where

    def push(self, inputs: PolicyInputs) -> Float32Array:
        """Add one step; returns the observation, shape (..., size of the contract)."""
        frame, frames = self._builder.frame(inputs), self.frames
        frames[..., :-1, :] = frames[..., 1:, :]
        frames[..., -1, :] = frame
        if self._fresh.any():
            frames[...] = np.where(self._fresh[..., None, None], frame[..., None, :], frames)
            self._fresh = np.zeros_like(self._fresh)
        return self._builder.stack(frames)


def joint_values(kind: str, inputs: PolicyInputs) -> FloatArray:
    """The array of the inputs that a joint term observes, shape (..., n)."""
    if kind == "joint_pos":
        return inputs.pos_rad
    return inputs.vel_rad_s if kind == "joint_vel" else inputs.upper_pos_rad


def base_values(kind: str, inputs: PolicyInputs, contract: PolicyContract) -> FloatArray:
    """Values of a term that observes no joints, shape (..., width)."""
    if kind == "gravity":
        up = up_in_base(inputs.quat_wxyz)
        return -up if contract.gravity == "down" else up
    if kind == "orientation":
        return _oriented(inputs.quat_wxyz, contract.quaternion)
    if kind == "gait_phase":
        angle = 2.0 * np.pi / contract.gait_period_s * np.asarray(inputs.elapsed_s, dtype=float)
        return np.stack([np.sin(angle), np.cos(angle)], axis=-1)
    return {
        "angular_velocity": inputs.gyro_B_rad_s,
        "linear_velocity": inputs.linear_velocity_B_m_s,
        "velocity_command": inputs.velocity_command,
        "foot_force": inputs.foot_force_N,
        "last_action": inputs.last_action,
        "gait_plan": inputs.gait_plan,
    }[kind]


def up_in_base(quat_wxyz: FloatArray) -> FloatArray:
    """Unit vector against gravity in base axes, shape (..., 3)."""
    w, x, y, z = np.moveaxis(_unit(quat_wxyz), -1, 0)
    return np.stack([2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)], axis=-1)


def reread_quaternion(inputs: PolicyInputs) -> PolicyInputs:
    """The same inputs for somebody who takes (w, x, y, z) for (x, y, z, w)."""
    return replace(inputs, quat_wxyz=np.roll(inputs.quat_wxyz, 1, axis=-1))


def _unit(quat: FloatArray) -> FloatArray:
    # Summed by hand, so that one robot and a batch of them are rounded alike.
    w, x, y, z = np.moveaxis(quat, -1, 0)
    return quat / np.sqrt(w * w + x * x + y * y + z * z)[..., None]


def _oriented(quat_wxyz: FloatArray, order: str) -> FloatArray:
    quat = _unit(quat_wxyz)
    quat = np.where(quat[..., :1] < 0.0, -quat, quat)
    return quat if order == "wxyz" else np.roll(quat, -1, axis=-1)


def _gather(contract: PolicyContract, spans: dict[str, slice], frame_size: int) -> NDArray[np.intp]:
    """Where each element of the observation lies in the frames, flattened oldest first."""
    depth = contract.depth
    blocks = []
    for term in contract.terms:
        steps = np.arange(depth - term.history, depth)
        if contract.history_order == "newest_first":
            steps = steps[::-1]
        span = spans[term.name]
        blocks.append(steps[:, None] * frame_size + np.arange(span.start, span.stop))
    if contract.stacking == "frame":
        return np.concatenate(blocks, axis=1).ravel()
    return np.concatenate([block.ravel() for block in blocks])
