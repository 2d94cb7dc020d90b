# SPDX-License-Identifier: Apache-2.0
"""Timed trajectories keep every limit and stay on their path."""

import motion_helpers as mh
import numpy as np
import pytest

from big_brain_node.motion.planner import MotionConfig
from big_brain_node.motion.timing import densify, round_corners, time_path
from neuraxis_common.errors import ConfigError

CONFIG = MotionConfig()


def chain():
    model = mh.pick_place().planner.arms["left"]
    return model.chain(model.ready_q)


def corners(seed=0, count=5):
    arm = chain()
    rng = np.random.default_rng(seed)
    return rng.uniform(0.4 * arm.lower_rad, 0.4 * arm.upper_rad, (count, arm.n))


def all_free(rows):
    return np.ones(len(rows), dtype=bool)


@pytest.mark.parametrize("seed", range(4))
def test_limits_hold_and_ends_are_at_rest(seed):
    arm = chain()
    path = round_corners(corners(seed), 0.4, all_free)
    timed = time_path(arm, path, CONFIG, 1.0, 10.0)
    speed = np.minimum(arm.speed_rad_s * CONFIG.speed_fraction, CONFIG.speed_limit_rad_s)
    assert (np.abs(timed.vel_rad_s) <= speed * (1 + 1e-9)).all()
    assert (timed.vel_rad_s[[0, -1]] == 0).all()
    assert np.allclose(timed.pos_rad[[0, -1]], corners(seed)[[0, -1]])
    assert timed.t_s[0] == 0 and (np.diff(timed.t_s) > 0).all()
    accel = np.diff(timed.vel_rad_s, axis=0) / np.diff(timed.t_s)[:, None]
    assert np.abs(accel).max() <= 1.5 * CONFIG.accel_limit_rad_s2
    step = np.diff(timed.pos_rad, axis=0) / np.diff(timed.t_s)[:, None]
    mean = 0.5 * (timed.vel_rad_s[1:] + timed.vel_rad_s[:-1])
    assert np.abs(step - mean).max() < 0.05


def test_half_speed_scale_takes_longer_and_halves_the_bound():
    arm, path = chain(), corners(1, 2)
    fast, slow = (time_path(arm, path, CONFIG, scale, 10.0) for scale in (1.0, 0.5))
    assert slow.duration_s > fast.duration_s
    bound = 0.5 * np.minimum(arm.speed_rad_s * CONFIG.speed_fraction, CONFIG.speed_limit_rad_s)
    assert (np.abs(slow.vel_rad_s) <= bound * (1 + 1e-9)).all()


def test_tool_speed_is_bounded():
    arm = chain()
    timed = time_path(arm, corners(2, 2), CONFIG, 1.0, 0.1)
    _, p, J = arm.jacobian(timed.pos_rad)
    speed = np.linalg.norm(np.einsum("bij,bj->bi", J[:, :3], timed.vel_rad_s), axis=1)
    assert speed.max() <= 0.1 * (1 + 1e-9)
    assert np.linalg.norm(p[-1] - p[0]) > 0.05


def test_no_motion_is_a_trajectory_at_rest():
    arm = chain()
    still = time_path(arm, np.repeat(corners(0, 1), 3, axis=0), CONFIG, 1.0, 1.0)
    assert (still.vel_rad_s == 0).all() and still.duration_s > 0


def test_dense_path_has_small_steps_and_the_same_corners():
    path, lever = corners(3), chain().lever_m
    dense = densify(path, lever, 0.02)
    assert np.linalg.norm(np.diff(dense, axis=0) * lever, axis=1).max() <= 0.02 + 1e-12
    for corner in path:
        assert np.abs(dense - corner).max(axis=1).min() < 1e-12


def test_rounding_gives_way_where_it_is_not_free():
    path = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]])

    def outside_the_corner(rows):
        return rows[:, 0] - rows[:, 1] > 0.9

    def free(rows):
        # The inside of the corner is blocked near its tip.
        near = np.linalg.norm(rows - [1.0, 0.0], axis=1) < 0.25
        return ~near | outside_the_corner(rows) | (np.abs(rows[:, 1]) < 0.03)

    rounded = round_corners(path, 0.4, free)
    assert rounded is not None
    assert np.allclose(rounded[[0, -1]], path[[0, -1]])


def test_config_names_the_wrong_field():
    with pytest.raises(ConfigError, match="margin_m"):
        MotionConfig(margin_m=0.0)
    with pytest.raises(ConfigError, match="speed_fraction"):
        MotionConfig(speed_fraction=1.5)
