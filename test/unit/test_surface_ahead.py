# SPDX-License-Identifier: Apache-2.0
"""The surface ahead from synthetic depth images."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from surface_rig import base_at, look, table, thing

from big_brain_node.walk.follow import pose_of
from big_brain_node.walk.surface import facing_rad, to_edge_m
from neuraxis_common.errors import ConfigError
from neuraxis_common.params import RobotParams
from neuraxis_common.surface import SPOT_M
from perception_node.config import PerceptionConfig
from perception_node.obstacles import ObstacleConfig
from perception_node.surface import SurfaceAhead, SurfaceConfig

# One pixel of the rig's camera at the farthest edge.
_PIXEL_M = 0.015


def spots_at(spots, x, y, half_m):
    """Those within a square."""
    return spots[(np.abs(spots - (x, y)) < half_m).all(axis=1)]


@pytest.mark.parametrize("edge_m", [0.3, 0.5, 0.7])
@pytest.mark.parametrize("yaw", [0.0, 0.3, -0.3])
@pytest.mark.parametrize("height_m", [0.45, 0.72, 0.9])
def test_height_and_near_edge_are_those_of_the_table(edge_m, yaw, height_m) -> None:
    T_OB = base_at()
    found = SurfaceAhead().update(look([table(edge_m, height_m, yaw=yaw)], T_OB), T_OB)
    assert abs(found.height_m - height_m) < 0.004
    assert abs(to_edge_m(found, pose_of(T_OB)) - edge_m) < _PIXEL_M
    assert abs(facing_rad(found) - yaw) < 0.03
    left, right = found.edge_O_m
    assert left[1] > right[1]
    assert len(found.free_O_m) > 50 and len(found.taken_O_m) == 0


@pytest.mark.parametrize("noise_m", [0.0015, 0.004])
def test_noise_moves_the_edge_by_millimetres(noise_m) -> None:
    T_OB = base_at(1.0, -2.0, 1.2)
    boxes = [table(0.5)]
    turned = []
    for centre, half, yaw in boxes:
        turned.append(((T_OB[:3, :3] @ centre) + [1.0, -2.0, 0.0], half, yaw + 1.2))
    for seed in range(3):
        frame = look(turned, T_OB, noise_m=noise_m, seed=seed)
        found = SurfaceAhead().update(frame, T_OB)
        assert abs(found.height_m - 0.72) < 0.008
        assert abs(to_edge_m(found, pose_of(T_OB)) - 0.5) < 2 * _PIXEL_M


def test_what_stands_on_it_and_what_it_hides_is_not_free() -> None:
    T_OB, box = base_at(), thing(0.75, 0.1)
    bare = SurfaceAhead().update(look([table(0.55)], T_OB), T_OB)
    found = SurfaceAhead().update(look([table(0.55), box], T_OB), T_OB)
    assert len(spots_at(bare.free_O_m, 0.75, 0.1, 0.03)) > 0
    assert len(spots_at(found.free_O_m, 0.75, 0.1, 0.03 - SPOT_M / 2)) == 0
    assert len(spots_at(found.free_O_m, 0.80, 0.1, 0.02)) == 0
    assert len(spots_at(found.taken_O_m, 0.75, 0.1, 0.06)) > 0
    assert len(spots_at(found.free_O_m, 0.75, -0.2, 0.06)) >= 9
    assert abs(to_edge_m(found, pose_of(T_OB)) - 0.55) < _PIXEL_M


def test_a_hand_over_the_surface_is_neither_surface_nor_edge() -> None:
    T_OB = base_at()
    hand = thing(0.35, 0.12, height_m=0.82, size=(0.2, 0.12, 0.1))
    found = SurfaceAhead().update(look([table(0.4), hand], T_OB), T_OB)
    assert abs(found.height_m - 0.72) < 0.004
    assert abs(to_edge_m(found, pose_of(T_OB)) - 0.4) < _PIXEL_M
    assert len(spots_at(found.free_O_m, 0.42, 0.12, 0.04)) == 0


def test_no_surface_is_said_of_a_floor_a_low_box_a_post_and_no_depth() -> None:
    T_OB = base_at()
    low, post = table(0.5, 0.3), thing(0.6, 0.0, 0.0, size=(0.05, 0.05, 0.8))
    for boxes in ([], [low], [post], [table(1.3)]):
        assert SurfaceAhead().update(look(boxes, T_OB), T_OB) is None
    blind = look([table(0.5)], T_OB)
    for nothing in (np.nan, 0.0):
        blind.depth_m[:] = nothing
        assert SurfaceAhead().update(blind, T_OB) is None


def test_single_pixels_without_depth_are_passed_over() -> None:
    T_OB, rng = base_at(), np.random.default_rng(1)
    frame = look([table(0.5)], T_OB)
    frame.depth_m[rng.random(frame.depth_m.shape) < 0.1] = np.nan
    found = SurfaceAhead().update(frame, T_OB)
    assert abs(to_edge_m(found, pose_of(T_OB)) - 0.5) < _PIXEL_M


def test_an_edge_that_left_the_view_is_remembered_for_a_step_and_no_longer() -> None:
    seen, boxes = SurfaceAhead(), [table(0.66)]
    here = base_at(0.40)
    assert seen.update(look(boxes, here, 0.0), here) is not None
    near = base_at(0.50)
    assert SurfaceAhead().update(look(boxes, near, 1.0), near) is None, "the edge is out of view"
    found = seen.update(look(boxes, near, 1.0), near)
    assert abs(to_edge_m(found, pose_of(near)) - 0.16) < _PIXEL_M
    assert found.stamp_s == 1.0
    late = SurfaceConfig().edge_age_s + 1.0
    assert seen.update(look(boxes, near, late), near) is None
    higher = [table(0.66, 0.80)]
    assert seen.update(look(higher, near, 1.1), near) is None
    away = base_at(0.50, 0.5)
    assert seen.update(look(boxes, away, 1.1), away) is None
    seen.reset()
    assert seen.update(look(boxes, near, 1.1), near) is None


def test_bounds_are_checked() -> None:
    with pytest.raises(ConfigError, match="low_m"):
        SurfaceConfig(low_m=np.nan)


def test_no_two_parameters_of_the_perception_node_share_a_name() -> None:
    names = [
        item.name
        for config in (RobotParams, PerceptionConfig, ObstacleConfig, SurfaceConfig)
        for item in fields(config)
    ]
    assert len(names) == len(set(names))
