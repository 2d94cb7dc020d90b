# SPDX-License-Identifier: Apache-2.0
"""From a joint path to a timed trajectory: rounded corners, TOPP-RA, softened starts and stops.

TOPP-RA finds the fastest motion along a spline through the path; its speed along the path is then
averaged over a short window, which bounds the jerk and keeps the motion on the path exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from scipy.interpolate import CubicSpline
from toppra import SplineInterpolator, algorithm, constraint

from big_brain_node.motion.kinematics import ArmChain
from big_brain_node.motion.planner import MotionConfig
from neuraxis_common.types import FloatArray, JointTrajectory

_SPACING_RAD = 0.02
# Times the rounded path is drawn back towards its corners before rounding is given up.
_DRAW_BACKS = 6
# Points at which TOPP-RA looks at the limits.
_GRID = (40, 160)
# Time grid on which the speed along the path is averaged.
_FINE_S = 0.004


def densify(path_rad: FloatArray, lever_m: FloatArray, step_m: float) -> FloatArray:
    """The same polyline with small steps.

    Args:
        path_rad: Shape (m, n).
        lever_m: What a turn of each joint moves at most, shape (n,), see `ArmChain`.
        step_m: Bound on the length of a step in joint angles times levers.
    """
    rows = [path_rad[:1]]
    for a, b in pairwise(path_rad):
        count = int(np.ceil(np.linalg.norm((b - a) * lever_m) / step_m))
        if count:
            share = np.arange(1, count + 1)[:, None] / count
            rows.append(a + share * (b - a))
    return np.concatenate(rows)


def round_corners(
    path_rad: FloatArray, radius_rad: float, free: Callable[[FloatArray], FloatArray]
) -> FloatArray | None:
    """Moving average over the evenly resampled path; both ends stay where they are.

    Where the rounded path is not free it is drawn back towards the path itself, little by little.

    Args:
        path_rad: Corners of a free polyline, shape (m, n).
        radius_rad: Length on either side over which the average runs.
        free: Tells for rows (k, n) which of them are free, shape (k,).

    Returns:
        A free path, or None when even the smallest rounding is not.
    """
    even = _resample(path_rad, _SPACING_RAD)
    half = min(int(radius_rad / _SPACING_RAD), (len(even) - 1) // 2)
    if half < 1:
        return even
    window = np.hanning(2 * half + 3)[1:-1]
    front = 2 * even[0] - even[half:0:-1]
    back = 2 * even[-1] - even[-2 : -half - 2 : -1]
    padded = np.concatenate([front, even, back])
    smooth = np.stack([_average(column, window) for column in padded.T], axis=1)
    smooth[0], smooth[-1] = path_rad[0], path_rad[-1]
    share = np.ones(len(even))
    # Between two checks of the planner the polyline itself may cut into a margin.
    excused: FloatArray | None = None
    for _ in range(_DRAW_BACKS):
        mixed = even + share[:, None] * (smooth - even)
        good = free(mixed)
        if excused is None and not good.all():
            excused = ~free(even)
        if good.all() or (good | excused).all():
            return mixed
        good |= excused
        blame = _average(np.pad((~good).astype(float), half), window)
        share *= 1.0 - 0.7 * np.minimum(blame / blame.max(), 1.0)
    return None


def _average(column: FloatArray, window: FloatArray) -> FloatArray:
    return np.convolve(column, window / window.sum(), "valid")


def _resample(path: FloatArray, step: float) -> FloatArray:
    length = _lengths(path)
    count = max(int(np.ceil(length[-1] / step)), 4)
    at = np.linspace(0.0, length[-1], count + 1)
    return np.stack([np.interp(at, length, column) for column in path.T], axis=1)


def _lengths(path: FloatArray) -> FloatArray:
    return np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])


def time_path(
    chain: ArmChain,
    path_rad: FloatArray,
    config: MotionConfig,
    speed_scale: float,
    tcp_speed_m_s: float,
) -> JointTrajectory:
    """Time a path under the joint limits and a bound on the tool's speed.

    Args:
        chain: Gives the joints' speed limits and the tool's speed.
        path_rad: Shape (m, n), at least one row; one row or no motion gives a trajectory at rest.
        config: Fractions and bounds of speed and acceleration.
        speed_scale: In (0, 1], scales joint speed and acceleration.
        tcp_speed_m_s: Bound on the tool centre point.
    """
    if _lengths(path_rad)[-1] < 1e-6:
        pos = np.repeat(path_rad[-1:], 2, axis=0)
        t_s = np.array([0.0, config.sample_s])
        return JointTrajectory(chain.joint_names, t_s, pos, np.zeros_like(pos))
    even = _resample(path_rad, _SPACING_RAD)
    length = _lengths(even)
    curve = CubicSpline(length, even)
    speed = np.minimum(chain.speed_rad_s * config.speed_fraction, config.speed_limit_rad_s)
    accel = np.full(chain.n, config.accel_limit_rad_s2)
    at, rate = _fastest(length, even, speed * speed_scale, accel * speed_scale)
    t_s, s, ds = _softened(at, rate, config.soften_s, config.sample_s)
    pos, vel = curve(s), curve(s, 1) * ds[:, None]
    pos[0], pos[-1] = path_rad[0], path_rad[-1]
    vel[0] = vel[-1] = 0.0
    return _stretched(chain, t_s, pos, vel, speed * speed_scale, tcp_speed_m_s)


def _fastest(
    length: FloatArray, path: FloatArray, speed: FloatArray, accel: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """TOPP-RA: places along the path and the speed along it there, rest to rest."""
    at = np.linspace(0.0, length[-1], int(np.clip(2 * len(length), *_GRID)))
    limits = [
        constraint.JointVelocityConstraint(np.stack([-speed, speed], axis=1)),
        constraint.JointAccelerationConstraint(np.stack([-accel, accel], axis=1)),
    ]
    solver = algorithm.TOPPRA(limits, SplineInterpolator(length, path), gridpoints=at)
    _, rate, _ = solver.compute_parameterization(0.0, 0.0)
    if rate is None or not np.isfinite(rate).all():
        # The path bends so sharply that only a crawl keeps every limit; the caller's stretch
        # then sets the pace.
        rate = np.full(len(at), float(speed.min()))
        rate[0] = rate[-1] = 0.0
    return at, np.maximum(rate, 0.0)


def _softened(
    at: FloatArray, rate: FloatArray, window_s: float, sample_s: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Times, places and speeds along the path, the speed averaged over a window in time."""
    steps = 2.0 * np.diff(at) / np.maximum(rate[1:] + rate[:-1], 1e-3)
    reached_s = np.concatenate([[0.0], np.cumsum(steps)])
    fine_s = np.arange(0.0, reached_s[-1] + _FINE_S, _FINE_S)
    fine = np.interp(fine_s, reached_s, rate)
    window = np.hanning(max(int(window_s / _FINE_S), 1) + 2)[1:-1]
    soft = np.convolve(fine, window / window.sum(), "full")
    covered = np.concatenate([[0.0], np.cumsum(0.5 * (soft[1:] + soft[:-1]) * _FINE_S)])
    soft, covered = soft * at[-1] / covered[-1], covered * at[-1] / covered[-1]
    total_s = (len(soft) - 1) * _FINE_S
    t_s = np.linspace(0.0, total_s, max(int(np.ceil(total_s / sample_s)), 2) + 1)
    grid_s = np.arange(len(soft)) * _FINE_S
    return t_s, np.interp(t_s, grid_s, covered), np.interp(t_s, grid_s, soft)


def _stretched(
    chain: ArmChain,
    t_s: FloatArray,
    pos: FloatArray,
    vel: FloatArray,
    speed: FloatArray,
    tcp_speed_m_s: float,
) -> JointTrajectory:
    """Stretch time evenly until every joint and the tool keep their speed."""
    _, _, J = chain.jacobian(pos)
    tool = np.linalg.norm(np.einsum("bij,bj->bi", J[:, :3], vel), axis=1).max()
    stretch = max(1.0, float(tool) / tcp_speed_m_s, float((np.abs(vel) / speed).max()))
    return JointTrajectory(chain.joint_names, t_s * stretch, pos, vel / stretch)
