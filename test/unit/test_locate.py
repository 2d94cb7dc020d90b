# SPDX-License-Identifier: Apache-2.0
"""Geometry from depth: bench plane, poses and sizes, hidden sides, things in the air."""

import math
from dataclasses import replace

import numpy as np
import pytest
from prisms import Prism, Table

from neuraxis_common.shapes import SHAPES
from perception_node.footprint import circle, hexagon, rectangle, wrap
from perception_node.locate import locate
from perception_node.order import middle, quantile
from perception_node.plane import bench_points, fit_bench

NOISE_M = 0.0006
PARTS = [
    Prism("cube", (0.036, 0.036, 0.036), (0.40, 0.15), 0.4),
    Prism("block", (0.066, 0.032, 0.040), (0.45, -0.05), -0.7),
    Prism("cylinder", (0.040, 0.040, 0.050), (0.35, -0.18)),
    Prism("hexagon", (0.044, 0.0381, 0.036), (0.52, 0.20), 0.2),
    Prism("can", (0.038, 0.038, 0.066), (0.55, -0.25)),
    Prism("carton", (0.056, 0.040, 0.052), (0.56, 0.05), 0.9),
]


def see(table, noise_m=NOISE_M, sizes=True):
    frame, ids = table.shoot(noise_m=noise_m)
    detections = table.detections(ids, sizes)
    boxes = np.array([item.box_px for item in detections])
    plane = fit_bench(bench_points(frame.depth_m, frame.info, frame.T_BC, boxes))
    return {item.box_px: item for item in locate(frame, plane, detections)}, detections, plane


def found(table, **options):
    objects, detections, _ = see(table, **options)
    return [objects[item.box_px] for item in detections]


@pytest.mark.parametrize("lean_deg", [0.0, 3.0, -4.0])
def test_bench_plane_is_found_though_things_stand_on_it(lean_deg):
    table = Table(PARTS, lean_deg=lean_deg)
    _, _, plane = see(table)
    tilt = math.degrees(math.acos(min(1.0, plane.normal_B @ table.R_BP[:, 2])))
    assert tilt < 0.3
    assert abs(plane.height_m(np.array([table.R_BP @ (0.4, 0.0, table.height_m)]))[0]) < 0.001


def test_no_plane_without_points():
    assert fit_bench(np.zeros((0, 3))) is None


def test_walls_are_no_bench():
    rng = np.random.default_rng(0)
    wall = np.column_stack([np.full(900, 1.0), rng.uniform(-1, 1, (900, 2))])
    assert fit_bench(wall) is None


@pytest.mark.parametrize("lean_deg", [0.0, 2.5])
def test_parts_on_the_bench_are_where_they_are(lean_deg):
    table = Table(PARTS, lean_deg=lean_deg)
    for part, seen in zip(PARTS, found(table), strict=True):
        assert np.linalg.norm(seen.center_B_m - table.center_B(part)) < 0.004, part
        assert np.abs(seen.size_m - part.size_m).max() < 0.005, part
        if not SHAPES[part.shape].is_round:
            turn = wrap(seen.yaw_B_rad - part.yaw_rad, SHAPES[part.shape].symmetry_rad)
            assert abs(math.degrees(turn)) < 3.0, part


def test_open_container_and_the_part_inside():
    tray = [
        Prism("tray", (0.15, 0.15, 0.003), (0.45, 0.0), 0.1, kind="container"),
        *(Prism("tray", (0.15, 0.004, 0.028), (0.45 + x, y), 0.1 + turn)
          for x, y, turn in _walls(0.073, 0.1)),
    ]  # fmt: skip
    cube = Prism("cube", (0.04, 0.04, 0.04), (0.46, 0.01), 0.5, z_m=0.003)
    table = Table([*tray, cube])
    frame, ids = table.shoot(noise_m=NOISE_M)
    ids[(ids >= 1) & (ids <= 5)] = 1
    detections = [item for item in table.detections(ids) if item.shape in ("tray", "cube")]
    detections[0] = replace(detections[0], size_m=(0.15, 0.15, 0.028))
    boxes = np.array([item.box_px for item in detections])
    plane = fit_bench(bench_points(frame.depth_m, frame.info, frame.T_BC, boxes))
    container, part = locate(frame, plane, tuple(detections))
    assert container.kind == "container"
    assert abs(container.size_m[2] - 0.028) < 0.004
    assert np.linalg.norm(container.center_B_m[:2] - (0.45, 0.0)) < 0.006
    assert abs(math.degrees(wrap(container.yaw_B_rad - 0.1, math.pi / 2))) < 2.0
    assert np.linalg.norm(part.center_B_m - table.center_B(cube)) < 0.005


def test_cap_does_not_draw_a_bottle_towards_the_camera():
    cap_m = 0.044 * SHAPES["bottle"].top_share
    body = Prism("bottle", (0.044, 0.044, 0.050), (0.5, 0.12))
    cap = Prism("bottle", (cap_m, cap_m, 0.026), body.xy_m, z_m=0.050)
    table = Table([body, cap])
    frame, ids = table.shoot(noise_m=NOISE_M)
    ids[ids == 2] = 1
    (bottle,) = table.detections(ids)
    boxes = np.array([bottle.box_px])
    plane = fit_bench(bench_points(frame.depth_m, frame.info, frame.T_BC, boxes))
    (seen,) = locate(frame, plane, (replace(bottle, size_m=(0.044, 0.044, 0.076)),))
    assert np.linalg.norm(seen.center_B_m[:2] - body.xy_m) < 0.0015
    # What the edge of the cap is off by counts one and a half times.
    assert seen.size_m == pytest.approx([0.044, 0.044, 0.076], abs=0.006)


def _walls(reach, yaw):
    for turn in (0.0, math.pi / 2, math.pi, -math.pi / 2):
        angle = yaw + turn - math.pi / 2
        yield reach * math.cos(angle), reach * math.sin(angle), turn


def test_part_in_the_air_is_not_pulled_down_to_the_bench():
    lifted = Prism("cube", (0.04, 0.04, 0.04), (0.4, 0.0), 0.3, z_m=0.12)
    table = Table([lifted])
    (seen,) = found(table)
    assert np.linalg.norm(seen.center_B_m - table.center_B(lifted)) < 0.006


def test_hidden_side_is_completed_from_the_known_size():
    block = Prism("block", (0.07, 0.034, 0.04), (0.48, 0.0), math.pi / 2)
    screen = Prism("cube", (0.04, 0.10, 0.16), (0.38, 0.055))
    table = Table([block, screen])
    with_size = found(table)[0]
    without = found(table, sizes=False)[0]
    error, bare = (abs(item.center_B_m[1]) for item in (with_size, without))
    assert error < 0.006 < bare
    assert abs(with_size.size_m[0] - 0.07) < 0.008
    assert with_size.cov_B_m2[0, 0] > 4 * found(Table([block]))[0].cov_B_m2[0, 0]


def test_thing_without_depth_is_left_out():
    table = Table([PARTS[0], PARTS[1]])
    frame, ids = table.shoot()
    detections = table.detections(ids)
    frame.depth_m[ids == 1] = 0.0
    plane = fit_bench(bench_points(frame.depth_m, frame.info, frame.T_BC, np.zeros((0, 4))))
    assert [item.shape for item in locate(frame, plane, detections)] == ["block"]


@pytest.mark.parametrize("yaw", np.linspace(-1.5, 1.5, 7))
def test_outlines_of_filled_shapes(yaw):
    rng = np.random.default_rng(3)
    turn = np.array([[math.cos(yaw), -math.sin(yaw)], [math.sin(yaw), math.cos(yaw)]])
    box = rng.uniform((-0.03, -0.015), (0.03, 0.015), (3000, 2)) @ turn.T + (0.4, 0.1)
    outline = rectangle(box)
    assert abs(wrap(outline.yaw_rad - yaw, math.pi)) < math.radians(3)
    assert np.allclose(outline.extent_m, (0.06, 0.03), atol=0.0025)
    assert np.allclose(outline.centre, (0.4, 0.1), atol=0.001)
    disc = rng.uniform(-1, 1, (4000, 2))
    disc = disc[np.hypot(*disc.T) < 1] * 0.02 + (0.4, 0.1)
    assert np.allclose(circle(disc).extent_m, 0.04, atol=0.0035)
    flats = rng.uniform(-1, 1, (8000, 2)) * 0.025
    normal = np.radians([30, 90, 150])
    inside = (np.abs(flats @ [np.cos(normal), np.sin(normal)]) < 0.02).all(axis=1)
    outline = hexagon(flats[inside] @ turn.T + (0.4, 0.1))
    assert abs(wrap(outline.yaw_rad - yaw, math.pi / 3)) < math.radians(3)
    assert abs(outline.extent_m[1] - 0.04) < 0.0035


def test_wrap_stays_in_its_half_open_range():
    for angle in np.linspace(-20, 20, 401):
        wrapped = wrap(float(angle), math.pi / 2)
        assert -math.pi / 4 < wrapped <= math.pi / 4 + 1e-12
        assert abs(math.remainder(wrapped - angle, math.pi / 2)) < 1e-9


@pytest.mark.parametrize("count", [1, 2, 7, 1000])
def test_order_statistics_are_those_of_numpy(count):
    points = np.random.default_rng(0).normal(size=(count, 3))
    np.testing.assert_allclose(middle(points), np.median(points, axis=0))
    for share in (0.0, 0.03, 0.5, 0.97, 1.0):
        ordered = np.sort(points[:, 2])
        assert quantile(ordered, share) == pytest.approx(np.quantile(ordered, share))
