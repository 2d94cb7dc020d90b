# SPDX-License-Identifier: Apache-2.0
"""A held part over a free spot of a surface, down, and the hand home, kinematically."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import motion_helpers as mh
import numpy as np
import pytest
from pick_place_rules import after, bench_scene, by_name, tool

from big_brain_node.motion.carrying import CarryPlanner
from big_brain_node.motion.set_down import SurfaceHere, as_bench, with_room
from big_brain_node.walk.work import work_stance
from neuraxis_common.errors import Rejected
from neuraxis_common.surface import SPOT_M
from neuraxis_common.types import SceneSnapshot

ROBOT = "lingxi_x2"
EMPTY = SceneSnapshot(0.0)


@lru_cache
def planner(robot=ROBOT):
    return CarryPlanner(mh.profile(robot), mh.urdf(robot), mh.FakeClock())


@lru_cache
def held(robot=ROBOT, part="block", box="tray"):
    """A grasp of a part, and all joints with the arms in the ready pose and it in the hand."""
    scene = bench_scene(robot)
    carry, _ = planner(robot).plan_reach(
        mh.ready(robot), scene, by_name(scene, part), by_name(scene, box)
    )
    width_m = carry.grasp.grasp.width_m
    return carry, planner(robot).cell.with_fingers(mh.ready(robot), carry.side, width_m)


@lru_cache
def stance(robot=ROBOT):
    return work_stance(mh.profile(robot), mh.urdf(robot))


def standing(robot=ROBOT):
    """T_OB of the robot at its bench."""
    return np.linalg.inv(mh.T_BO(robot))


def shelf(robot=ROBOT, height_m=None, but=None, taken=()):
    """An empty surface where the robot steps up to, without the spots that `but` says."""
    height_m, work = height_m or mh.profile(robot).bench.height_m, stance(robot)
    near_x_m = work.base_x_m + work.edge_at(height_m)
    surface = as_bench(mh.profile(robot).bench, height_m, near_x_m)
    free = surface.free_O_m
    keep = np.ones(len(free), bool) if but is None else ~but(free)
    spots = np.array(taken, dtype=float).reshape(-1, 2)
    return replace(surface, free_O_m=free[keep], taken_O_m=spots)


def set_down(surface, robot=ROBOT, T_OB=None, part="block", box="tray"):
    """Plan all segments; returns joints by name and where the part is when it is let go, odom."""
    T_OB = standing(robot) if T_OB is None else T_OB
    (carry, start), it, pos = held(robot, part, box), planner(robot), {}
    now = start
    for name in ("over", "down", "retreat", "home"):
        who = carry if name in ("over", "down") else carry.side
        planned = getattr(it, f"plan_set_{name}")(now, EMPTY, who, surface, T_OB)
        if isinstance(planned, Rejected):
            return name, planned
        pos[name] = now = after(now, planned, robot)
        if name == "down":
            at_O_m = (T_OB @ [*it.held_at(now, carry), 1.0])[:3]
            now = it.cell.with_fingers(now, carry.side, carry.open_width_m)
    return pos, at_O_m


@pytest.mark.parametrize("part", ["block", "can"])
def test_the_part_is_let_go_just_above_a_free_spot_and_the_hand_goes_home(part) -> None:
    box = {"block": "tray", "can": "bin"}[part]
    surface = shelf()
    pos, at_O_m = set_down(surface, part=part, box=box)
    assert not isinstance(at_O_m, Rejected), at_O_m
    carry = held(ROBOT, part, box)[0]
    underside = at_O_m[2] - carry.grasp.part_size_m[2] / 2
    # A part that is turned in the hand a little has a lower corner.
    assert -0.002 < underside - surface.height_m < 0.02
    assert np.linalg.norm(surface.free_O_m - at_O_m[:2], axis=1).min() < SPOT_M
    assert at_O_m[0] > mh.profile().bench.near_edge_x_m + 0.06
    names = mh.profile().joint_names
    arm = [names.index(name) for name in planner().planner.arms[carry.side].joint_names]
    assert np.allclose(pos["home"][arm], planner().planner.arms[carry.side].ready_rad)
    rise = (
        tool(pos["retreat"], ROBOT, carry.side)[2, 3] - tool(pos["down"], ROBOT, carry.side)[2, 3]
    )
    assert rise > 0.04


@pytest.mark.parametrize("robot", ["lingxi_x2", "expedition_a2", "expedition_a3"])
def test_from_over_the_surface_the_part_comes_back_to_where_the_arm_rests(robot) -> None:
    surface, T_OB, it = shelf(robot), standing(robot), planner(robot)
    carry, start = held(robot)
    over = after(start, it.plan_set_over(start, EMPTY, carry, surface, T_OB), robot)
    planned = it.plan_set_back(over, EMPTY, carry, surface, T_OB)
    assert not isinstance(planned, Rejected), planned
    from_rest_m = [
        np.linalg.norm(tool(pos, robot, carry.side)[:3, 3] - tool(start, robot, carry.side)[:3, 3])
        for pos in (over, after(over, planned, robot))
    ]
    assert from_rest_m[0] > 0.1 > from_rest_m[1]


@pytest.mark.parametrize("robot", ["lingxi_x2", "expedition_a2", "expedition_a3"])
def test_every_robot_sets_down_on_its_bench_and_on_the_lower_shelf(robot) -> None:
    for height_m in (mh.profile(robot).bench.height_m, 0.72):
        assert planner(robot).check_set(height_m) is None
        _, at_O_m = set_down(shelf(robot, height_m), robot)
        assert not isinstance(at_O_m, Rejected), at_O_m
        assert 0.0 < at_O_m[2] - height_m < 0.06


def test_it_keeps_off_what_stands_on_the_surface() -> None:
    _, at_O_m = set_down(shelf())
    near = at_O_m[:2]
    taken = [near + np.array([x, y]) for x in (-0.03, 0.0, 0.03) for y in (-0.03, 0.0, 0.03)]

    def there(free):
        return (np.abs(free - near) < 0.06).all(axis=1)

    _, beside_O_m = set_down(shelf(but=there, taken=taken))
    assert not isinstance(beside_O_m, Rejected), beside_O_m
    carry = held()[0]
    reach = 0.5 * float(np.hypot(*carry.grasp.part_size_m[:2]))
    apart = np.linalg.norm(np.array(taken) - beside_O_m[:2], axis=1).min()
    assert apart > reach + SPOT_M / 2


def test_the_surface_is_where_odometry_says_and_not_where_the_bench_was() -> None:
    turned, c, s = np.eye(4), np.cos(1.6), np.sin(1.6)
    turned[:2, :2], turned[:2, 3] = [[c, -s], [s, c]], (-1.6, 1.9)
    here = shelf()
    edge = here.edge_O_m @ turned[:2, :2].T + turned[:2, 3]
    free = here.free_O_m @ turned[:2, :2].T + turned[:2, 3]
    cells = np.unique(np.floor(free / SPOT_M).astype(int), axis=0)
    away = replace(here, edge_O_m=edge, free_O_m=(cells + 0.5) * SPOT_M)
    _, at_O_m = set_down(away, T_OB=turned @ standing())
    assert not isinstance(at_O_m, Rejected), at_O_m
    back = turned[:2, :2].T @ (at_O_m[:2] - turned[:2, 3])
    assert 0.2 < back[0] < 0.5 and abs(back[1]) < 0.4


def test_a_full_surface_and_one_too_small_have_no_free_spot() -> None:
    def everything(free):
        return np.ones(len(free), bool)

    def all_but_a_corner(free):
        return ~(np.linalg.norm(free - (0.35, 0.1), axis=1) < 0.05)

    for but in (everything, all_but_a_corner):
        name, refused = set_down(shelf(but=but))
        assert (name, refused.code) == ("over", "no_free_spot")


def test_free_spots_out_of_reach_are_unreachable() -> None:
    name, refused = set_down(shelf(but=lambda free: free[:, 0] < 0.62))
    assert name == "over" and refused.code in ("unreachable", "no_free_spot")


def test_room_around_a_spot_counts_from_what_is_not_free() -> None:
    surface = shelf()
    roomy = with_room(surface, 0.1, 0.05)
    edge = mh.profile().bench.near_edge_x_m
    assert roomy[:, 0].min() > edge + 0.05
    assert np.abs(roomy[:, 1]).max() <= mh.profile().bench.width_m / 2 - 0.1 + SPOT_M
    assert len(with_room(surface, 0.3, 0.05)) == 0
    assert with_room(replace(surface, free_O_m=np.zeros((0, 2))), 0.1, 0.0).shape == (0, 2)


def test_heights_that_no_hand_passes_or_reaches_are_refused_before_anything_moves() -> None:
    it, bench = planner(), mh.profile().bench
    assert it.check_set(bench.height_m) is None
    high = it.check_set(bench.height_m + 0.1)
    assert high.code == "surface_too_high" and high.details["value"] > high.details["bound"]
    low = it.check_set(0.3)
    assert low.code == "unreachable" and low.details["value"] == 0.3


def test_a_tilted_base_sees_the_surface_rise() -> None:
    T_OB = np.eye(4)
    c, s = np.cos(0.05), np.sin(0.05)
    T_OB[:3, :3], T_OB[2, 3] = [[c, 0, s], [0, 1, 0], [-s, 0, c]], 0.65
    here = SurfaceHere(shelf(), np.linalg.inv(T_OB))
    near, far = (np.array([x, 0.0]) for x in (0.2, 0.6))
    for xy in (near, far):
        point_O = T_OB @ [*xy, here.z_m(xy), 1.0]
        assert abs(point_O[2] - here.surface.height_m) < 1e-9
    assert here.z_m(far) > here.z_m(near)
