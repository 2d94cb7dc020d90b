# SPDX-License-Identifier: Apache-2.0
"""Obstacles from depth images and free ways between them."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from walk_rig import with_boxes

from big_brain_node.walk.config import WalkConfig
from big_brain_node.walk.way import clearance_m, find_way, length_m
from neuraxis_common.errors import ConfigError, Rejected
from neuraxis_common.grid import FREE, OCCUPIED, UNKNOWN, empty_grid
from neuraxis_common.types import CameraInfo, RgbdFrame
from perception_node.obstacles import ObstacleConfig, ObstacleMap

CONFIG = WalkConfig(radius_m=0.4)
START, GOAL = np.array([0.0, 0.0]), np.array([3.0, 0.5])


def room_of(grid, way) -> float:
    """Smallest clearance along a way."""
    clearance = clearance_m(grid)
    dense = np.concatenate([np.linspace(a, b, 20) for a, b in pairwise(way)])
    return float(min(clearance[tuple(index)] for index in grid.index(dense)))


def test_an_open_floor_is_crossed_straight() -> None:
    way = find_way(with_boxes(), START, GOAL, CONFIG)
    np.testing.assert_array_equal(way[[0, -1]], [START, GOAL])
    assert length_m(way) < 1.09 * np.linalg.norm(GOAL - START)


@given(st.floats(0.9, 2.0), st.floats(-0.4, 0.4), st.floats(0.05, 0.5), st.floats(0.05, 0.8))
@settings(max_examples=25, deadline=None)
def test_every_way_keeps_the_robots_radius_from_a_box(x, y, half_x, half_y) -> None:
    grid = with_boxes((x, y, half_x, half_y))
    way = find_way(grid, START, GOAL, CONFIG)
    if isinstance(way, Rejected):
        assert way.code in ("goal_occupied", "no_path")
        return
    start_room = clearance_m(grid)[tuple(grid.index(START))]
    assert room_of(grid, way) >= min(CONFIG.radius_m, start_room) - 1.5 * grid.cell_m


def test_a_wall_without_a_door_is_no_path_and_a_box_on_the_goal_is_named() -> None:
    wall = with_boxes((1.5, 0.0, 0.1, 5.0))
    assert find_way(wall, START, GOAL, CONFIG).code == "no_path"
    taken = find_way(with_boxes((3.0, 0.5, 0.1, 0.1)), START, GOAL, CONFIG)
    assert taken.code == "goal_occupied"
    assert taken.details["value"] < taken.details["bound"] == CONFIG.radius_m
    assert find_way(wall, START, np.array([30.0, 0.0]), CONFIG).code == "outside_map"


def test_a_narrow_door_is_passed_only_by_a_narrow_robot() -> None:
    grid = with_boxes((1.5, 2.55, 0.1, 2.2), (1.5, -2.55, 0.1, 2.2))
    wide = replace(CONFIG, radius_m=0.5)
    narrow = replace(CONFIG, radius_m=0.25)
    assert find_way(grid, START, GOAL, wide).code == "no_path"
    assert room_of(grid, find_way(grid, START, GOAL, narrow)) > 0.2


def test_a_stance_at_a_bench_is_left_away_from_it() -> None:
    grid = with_boxes((0.45, 0.0, 0.25, 0.5))
    way = find_way(grid, START, np.array([0.4, 1.8]), CONFIG)
    assert not isinstance(way, Rejected)
    assert way[:, 0].min() < -0.1


def looking_down(boxes, T_OB, stamp_s=0.0):
    """Depth of a camera 1.2 m up, 40 degrees down, over a floor with one box of given height."""
    info = CameraInfo(160, 120, 94.0, 94.0, 80.0, 60.0)
    tilt = np.radians(40.0)
    T_BC = np.eye(4)
    T_BC[:3, :3] = np.array([
        [0.0, -np.sin(tilt), np.cos(tilt)],
        [-1.0, 0.0, 0.0],
        [0.0, -np.cos(tilt), -np.sin(tilt)],
    ])  # fmt: skip
    T_BC[:3, 3] = 0.0, 0.0, 0.5
    T_OC = T_OB @ T_BC
    v, u = np.mgrid[0:120, 0:160]
    rays_C = np.stack([(u + 0.5 - 80) / 94, (v + 0.5 - 60) / 94, np.ones(u.shape)], axis=-1)
    rays = rays_C @ T_OC[:3, :3].T
    depth = np.where(rays[..., 2] < 0, -T_OC[2, 3] / rays[..., 2], np.inf)
    for x, y, half, top in boxes:
        low = (np.array([x - half, y - half, 0.0]) - T_OC[:3, 3]) / rays
        high = (np.array([x + half, y + half, top]) - T_OC[:3, 3]) / rays
        near, far = np.minimum(low, high).max(axis=-1), np.maximum(low, high).min(axis=-1)
        depth = np.where((near < far) & (near > 0) & (near < depth), near, depth)
    depth = np.where(np.isfinite(depth), depth, 0.0).astype(np.float32)
    return RgbdFrame(stamp_s, np.zeros((120, 160, 3), np.uint8), depth, info, T_BC)


def base_at(x, y, yaw):
    T = np.eye(4)
    T[:2, :2] = [[np.cos(yaw), -np.sin(yaw)], [np.sin(yaw), np.cos(yaw)]]
    T[:3, 3] = x, y, 0.7
    return T


@pytest.mark.parametrize("yaw", [0.0, 1.2, -2.5])
def test_a_box_is_mapped_where_it_stands_and_forgotten_when_taken_away(yaw) -> None:
    seen, T_OB = ObstacleMap(ObstacleConfig(stride_px=1)), base_at(0.5, -0.3, yaw)
    box = (0.5 + 1.4 * np.cos(yaw), -0.3 + 1.4 * np.sin(yaw), 0.15, 0.4)
    for stamp_s in (0.1, 0.2):
        grid = seen.update(looking_down([box], T_OB, stamp_s), T_OB)
    assert grid.stamp_s == 0.2
    places = grid.center(np.argwhere(grid.cells == OCCUPIED))
    assert len(places) > 4
    assert np.abs(places - box[:2]).max() < 0.15 + grid.cell_m
    beside = np.array(box[:2]) + 0.5 * np.array([-np.sin(yaw), np.cos(yaw)])
    assert grid.cells[tuple(grid.index(beside))] == FREE
    behind = 2 * T_OB[:2, 3] - box[:2]
    assert grid.cells[tuple(grid.index(behind))] == UNKNOWN
    for _ in range(6):
        grid = seen.update(looking_down([], T_OB), T_OB)
    assert not (grid.cells == OCCUPIED).any()


def test_its_own_knees_are_no_obstacles() -> None:
    T_OB = base_at(0.0, 0.0, 0.0)
    for away_m, stands in ((0.33, False), (0.6, True)):
        seen = ObstacleMap(ObstacleConfig(stride_px=1))
        grid = seen.update(looking_down([(away_m, 0.1, 0.03, 0.5)], T_OB), T_OB)
        places = grid.center(np.argwhere(grid.cells == OCCUPIED))
        assert (len(places) > 0) == stands


def test_a_leaning_base_and_no_depth_make_no_obstacles() -> None:
    seen, T_OB = ObstacleMap(ObstacleConfig(stride_px=2)), base_at(0.0, 0.0, 0.0)
    leaning = T_OB.copy()
    c, s = np.cos(0.02), np.sin(0.02)
    leaning[:3, :3] = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    grid = seen.update(looking_down([], T_OB), leaning)
    assert not (grid.cells == OCCUPIED).any()
    blind = looking_down([], T_OB)
    blind.depth_m[:] = np.nan
    assert (seen.update(blind, T_OB).cells == grid.cells).all()


def test_bounds_are_checked() -> None:
    with pytest.raises(ConfigError, match="cell_m"):
        ObstacleConfig(cell_m=0.0)
    with pytest.raises(ConfigError, match="radius_m"):
        WalkConfig(radius_m=float("nan"))
    assert empty_grid(4.0, 0.05).cells.shape == (80, 80)
