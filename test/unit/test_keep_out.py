# SPDX-License-Identifier: Apache-2.0
"""Keep-out zones: as files, in arm motions, in walks."""

from __future__ import annotations

from itertools import pairwise

import motion_helpers as mh
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pick_place_rules import bench_scene, by_name
from walk_rig import with_boxes

from big_brain_node.compiler.zones import KEEP_OUT, Zone, Zones, zone_named
from big_brain_node.walk.config import WalkConfig
from big_brain_node.walk.site import load_site
from big_brain_node.walk.way import find_way
from neuraxis_common.errors import ConfigError, Rejected

CONFIG = WalkConfig(radius_m=0.4)
corner = st.tuples(st.floats(-2.0, 2.0), st.floats(-2.0, 2.0))


def test_a_site_holds_zones_and_masses_without_any_place(tmp_path):
    path = tmp_path / "site.yaml"
    path.write_text(
        "keep_out:\n"
        "  press: {box_m: [0.3, -0.1, 0.6, 0.4], z_m: [0.7, 1.6], against: [hands]}\n"
        "  hatch: {polygon_m: [[1, 1], [2, 1], [2, 2]]}\n"
        "part_mass_kg: {red cube: 0.4}\n"
    )
    site = load_site(path)
    assert not site.places and site.part_mass_kg == {"red cube": 0.4}
    zones = Zones(site.keep_out)
    assert [name for name, _ in zones.of("hands")] == ["press", "hatch"]
    assert [name for name, _ in zones.of("walks")] == ["hatch"]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("keep_out: {a: {}}", "either polygon_m or box_m"),
        ("keep_out: {a: {box_m: [0, 0, 1, 1], polygon_m: [[0, 0], [1, 0], [1, 1]]}}", "either"),
        ("keep_out: {a: {box_m: [0, 0, 0, 1]}}", "area"),
        ("keep_out: {a: {polygon_m: [[0, 0], [1, 1]]}}", "area"),
        ("keep_out: {a: {box_m: [0, 0, 1, .nan]}}", "keep_out.a.box_m"),
        ("keep_out: {a: {box_m: [0, 0, 1, 1], z_m: [2, 1]}}", "z_m must rise"),
        ("keep_out: {a: {box_m: [0, 0, 1, 1], frame: base_link}}", "base_link"),
        ("keep_out: {a: {box_m: [0, 0, 1, 1], against: []}}", "against"),
        ("keep_out: {A B: {box_m: [0, 0, 1, 1]}}", "keep_out"),
        ("part_mass_kg: {red cube: 0}", "part_mass_kg"),
        ("part_mass_kg: {red cube: .inf}", "part_mass_kg"),
    ],
)
def test_what_is_wrong_with_a_zone_is_named(tmp_path, text, word):
    path = tmp_path / "site.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=word):
        load_site(path)


@given(st.lists(corner, min_size=3, max_size=7), corner)
@settings(max_examples=60, derandomize=True, deadline=None)
def test_strips_cover_every_point_of_a_polygon(corners, point):
    try:
        zone = Zone(polygon_m=tuple(corners))
    except ValueError:
        return
    if zone.distance_m(np.array(point)) < -1e-6:
        x, y = point
        slack = 1e-6
        assert any(
            x0 - slack <= x <= x1 + slack and y0 - slack <= y <= y1 + slack
            for x0, y0, x1, y1 in zone.strips_m()
        )


def around(item, zone_m=0.06, **more):
    """Zones over a part of the bench, given in odom, seen from the ready pose."""
    T_OB = np.linalg.inv(mh.T_BO())
    at = T_OB[:3, :3] @ item.center_B_m + T_OB[:3, 3]
    x, y = at[:2]
    box = (x - zone_m / 2, y - zone_m / 2, x + zone_m / 2, y + zone_m / 2)
    return Zones({"press": Zone(box_m=box, **more)}), T_OB


def test_no_arm_motion_ends_in_a_zone_and_the_refusal_names_it():
    planner, scene = mh.pick_place(), bench_scene()
    block, box = by_name(scene, "block"), by_name(scene, "bin")
    free = planner.check_put(mh.ready(), scene, block, box)
    assert free is None
    top_m = mh.profile().bench.height_m
    zones, T_OB = around(block, z_m=(top_m, top_m + 0.2))
    barred = zones.with_hands(scene, T_OB)
    assert sum(item.kind == KEEP_OUT for item in barred.objects) == 1
    refused = planner.check_put(mh.ready(), barred, block, box)
    assert isinstance(refused, Rejected) and zone_named(refused.details["contacts"]) == "press"
    reach = planner.plan_reach(mh.ready(), barred, block, box)
    assert isinstance(reach, Rejected) and reach.code == "goal_in_collision"


def test_a_zone_high_above_the_bench_lets_the_hands_work():
    planner, scene = mh.pick_place(), bench_scene()
    block, box = by_name(scene, "block"), by_name(scene, "bin")
    zones, T_OB = around(block, z_m=(1.6, 2.0))
    assert planner.check_put(mh.ready(), zones.with_hands(scene, T_OB), block, box) is None


def test_a_way_keeps_its_distance_from_a_zone_on_a_free_floor():
    grid = with_boxes()
    zone = Zone(box_m=(1.2, -0.6, 1.8, 0.3))
    zones = Zones({"hatch": zone})
    start, goal = np.array([0.0, 0.0]), np.array([3.0, 0.0])
    straight = find_way(grid, start, goal, CONFIG)
    assert min(zone.distance_m(point) for point in straight) < 0.0
    way = find_way(zones.on_floor(grid), start, goal, CONFIG)
    dense = np.concatenate([np.linspace(a, b, 20) for a, b in pairwise(way)])
    slack = 2 * grid.cell_m
    assert min(zone.distance_m(point) for point in dense) > CONFIG.radius_m - slack
    into = find_way(zones.on_floor(grid), start, np.array([1.5, 0.0]), CONFIG)
    assert isinstance(into, Rejected) and into.code == "goal_occupied"


def test_without_zones_against_walks_the_grid_stays_as_it_is():
    grid = with_boxes()
    zones = Zones({"lamp": Zone(box_m=(0.0, 0.0, 1.0, 1.0), against=("hands",))})
    assert zones.on_floor(grid) is grid and Zones().on_floor(None) is None
