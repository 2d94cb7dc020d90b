# SPDX-License-Identifier: Apache-2.0
"""Refuses trajectories that this robot must not follow, before anything moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from neuraxis_common.errors import Rejected
from neuraxis_common.types import FloatArray, JointTrajectory

# A motion planned from a joint at its limit starts where the joint was measured, noise included.
LIMIT_SLACK_RAD = 0.02
SPEED_SLACK = 1.05


def check_trajectory(
    trajectory: JointTrajectory,
    allowed: Sequence[str],
    lower_rad: Mapping[str, float],
    upper_rad: Mapping[str, float],
    max_vel_rad_s: Mapping[str, float],
) -> Rejected | None:
    """First reason to refuse a trajectory, or None.

    Args:
        trajectory: What is asked for; may hold anything a message can hold.
        allowed: Joints that a trajectory may move.
        lower_rad: Lower position limit by joint.
        upper_rad: Upper position limit by joint.
        max_vel_rad_s: Speed limit by joint.
    """
    return (
        _check_names(trajectory.joint_names, allowed)
        or _check_shapes(trajectory)
        or _check_times(trajectory.t_s)
        or _check_positions(trajectory, lower_rad, upper_rad)
        or _check_speeds(trajectory, max_vel_rad_s)
    )


def check_start(
    names: Sequence[str], start_rad: FloatArray, measured_rad: FloatArray, tolerance_rad: float
) -> Rejected | None:
    """Refuse a start that is farther from the measured joints than the tolerance.

    Args:
        names: The n joints.
        start_rad: First point, shape (n,), order of `names`.
        measured_rad: Measured joints, shape (n,), order of `names`.
        tolerance_rad: Largest distance allowed.
    """
    gap = np.abs(start_rad - measured_rad)
    worst = int(np.argmax(gap))
    if gap[worst] <= tolerance_rad:
        return None
    reason = (
        f"joint '{names[worst]}' is {gap[worst]:.3f} rad from the trajectory's start,"
        f" allowed {tolerance_rad} rad"
    )
    details = {"joint": names[worst], "value": float(gap[worst]), "bound": tolerance_rad}
    return Rejected("start_mismatch", reason, details)


def _malformed(reason: str) -> Rejected:
    return Rejected("malformed_trajectory", reason)


def _check_names(names: Sequence[str], allowed: Sequence[str]) -> Rejected | None:
    if not names:
        return _malformed("the trajectory names no joint")
    if len(set(names)) != len(names):
        return _malformed("the trajectory names a joint twice")
    for name in names:
        if name not in allowed:
            reason = f"joint '{name}' cannot be moved by a trajectory"
            return Rejected("joint_not_allowed", reason, {"joint": name})
    return None


def _check_shapes(trajectory: JointTrajectory) -> Rejected | None:
    m, n = len(trajectory.t_s), len(trajectory.joint_names)
    if m < 2:
        return _malformed(f"the trajectory has {m} points, needs at least 2")
    for label, rows in (("positions", trajectory.pos_rad), ("velocities", trajectory.vel_rad_s)):
        if np.shape(rows) != (m, n):
            return _malformed(f"{label} have shape {np.shape(rows)}, need {(m, n)}")
        if not np.all(np.isfinite(rows)):
            return _malformed(f"{label} hold a value that is not finite")
    return None


def _check_times(t_s: FloatArray) -> Rejected | None:
    if not np.all(np.isfinite(t_s)) or t_s[0] != 0.0 or not np.all(np.diff(t_s) > 0):
        return _malformed("times must start at 0 and increase")
    return None


def _check_positions(
    trajectory: JointTrajectory, lower_rad: Mapping[str, float], upper_rad: Mapping[str, float]
) -> Rejected | None:
    for column, name in enumerate(trajectory.joint_names):
        pos = trajectory.pos_rad[:, column]
        low, high = lower_rad[name], upper_rad[name]
        if pos.min() < low - LIMIT_SLACK_RAD or pos.max() > high + LIMIT_SLACK_RAD:
            value = float(pos.min() if pos.min() < low else pos.max())
            reason = f"joint '{name}' would go to {value:.3f} rad, limits [{low:.3f}, {high:.3f}]"
            details = {"joint": name, "value": value, "bound": [low, high]}
            return Rejected("position_limit", reason, details)
    return None


def _check_speeds(
    trajectory: JointTrajectory, max_vel_rad_s: Mapping[str, float]
) -> Rejected | None:
    between = np.abs(np.diff(trajectory.pos_rad, axis=0) / np.diff(trajectory.t_s)[:, None])
    fastest = np.maximum(between.max(axis=0), np.abs(trajectory.vel_rad_s).max(axis=0))
    for column, name in enumerate(trajectory.joint_names):
        value, bound = float(fastest[column]), max_vel_rad_s[name]
        if value > bound * SPEED_SLACK:
            reason = f"joint '{name}' would move at {value:.2f} rad/s, limit {bound:.2f} rad/s"
            details = {"joint": name, "value": value, "bound": bound}
            return Rejected("velocity_limit", reason, details)
    return None
