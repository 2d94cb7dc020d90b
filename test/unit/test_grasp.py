# SPDX-License-Identifier: Apache-2.0
"""Grasps close on faces, keep off the bench; places keep off what lies there already."""

import motion_helpers as mh
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from big_brain_node.motion import grasp as g

HAND = g.HandShape(tip_m=0.02, half_width_m=0.011, max_opening_m=0.09)
SIZES = {
    "cube": (0.04, 0.04, 0.04),
    "block": (0.07, 0.034, 0.04),
    "cylinder": (0.04, 0.04, 0.05),
    "hexagon": (0.046, 0.04, 0.035),
    "carton": (0.056, 0.04, 0.06),
    "bottle": (0.04, 0.04, 0.08),
    "can": (0.045, 0.045, 0.07),
    "cup": (0.048, 0.048, 0.06),
}
PAIRS = {"cube": 2, "block": 1, "hexagon": 3, "carton": 1}


def part(shape, yaw_rad=0.3):
    return mh.item("part", shape, (0.3, 0.1), SIZES[shape], yaw_rad)


@pytest.mark.parametrize("shape", PAIRS)
def test_closing_axis_is_normal_to_a_face(shape):
    options = g.grasps(part(shape), HAND)
    assert len(options) == 2 * PAIRS[shape]
    for option in options:
        # Faces lie at right angles to the part's own y axis, and every pi / pairs from it.
        turn = (option.closing_rad - np.pi / 2) / (np.pi / PAIRS[shape])
        assert turn == pytest.approx(round(turn), abs=1e-9)
        assert option.width_m == SIZES[shape][1]
        assert option.width_m < option.open_width_m <= HAND.max_opening_m


def test_round_part_may_be_taken_from_any_side():
    options = g.grasps(part("cylinder"), HAND)
    covered = sum(high - low for low, high in (o.yaw_free_rad for o in options))
    assert covered == pytest.approx(2 * np.pi)


@pytest.mark.parametrize("shape", SIZES)
@pytest.mark.parametrize("tilt_rad", np.linspace(-g.MAX_TILT_RAD, g.MAX_TILT_RAD, 5))
def test_fingers_stay_above_the_bench_at_any_tilt(shape, tilt_rad):
    option = g.grasps(part(shape), HAND)[0]
    T = g.tilted_pose(0.0, tilt_rad, np.array([0.0, 0.0, option.height_m]))
    tips = [T @ [x, 0.0, HAND.tip_m, 1.0] for x in (-HAND.half_width_m, HAND.half_width_m)]
    assert min(tip[2] for tip in tips) >= g.TIP_CLEARANCE_M - 1e-9


@pytest.mark.parametrize("shape", SIZES)
def test_a_grip_by_the_top_reaches_just_below_it(shape):
    deep, top = g.grasps(part(shape), HAND), g.grasps(part(shape), HAND, grip_m=g.TOP_GRIP_M)
    ways = [(o.closing_rad, o.yaw_free_rad, o.open_width_m) for o in deep]
    assert ways == [(o.closing_rad, o.yaw_free_rad, o.open_width_m) for o in top]
    for option in top:
        tips_m = option.height_m - HAND.tip_m
        assert tips_m == pytest.approx(SIZES[shape][2] - g.TOP_GRIP_M)
        assert option.height_m > deep[0].height_m
    assert g.grasps(part(shape), HAND, grip_m=SIZES[shape][2]) == []


def test_part_wider_than_the_hand_has_no_grasp():
    wide = mh.item("part", "cube", (0.3, 0.1), (0.088, 0.088, 0.05))
    assert g.grasps(wide, HAND) == []


@settings(max_examples=50, deadline=None)
@given(st.floats(-3.1, 3.1), st.floats(-0.95, 0.95))
def test_angles_survive_the_round_trip(closing_rad, tilt_rad):
    T = g.tilted_pose(closing_rad, tilt_rad, np.zeros(3))
    assert np.allclose(T[:3, :3] @ T[:3, :3].T, np.eye(3), atol=1e-9)
    assert np.linalg.det(T[:3, :3]) == pytest.approx(1.0)
    assert g.closing_and_tilt(T) == pytest.approx((closing_rad, tilt_rad), abs=1e-9)
    below_rad = np.arcsin(-T[2, 2])
    assert below_rad == pytest.approx(np.pi / 2 - abs(tilt_rad), abs=1e-6)


def test_goal_follows_the_part():
    option = g.grasps(part("block"), HAND)[0]
    goal = option.goal(part("block", 0.8), underside_m=0.1)
    closing, _ = g.closing_and_tilt(goal.T_B_tcp)
    assert closing == pytest.approx(0.8 + np.pi / 2)
    assert np.allclose(goal.T_B_tcp[:2, 3], part("block").center_B_m[:2])
    assert goal.T_B_tcp[2, 3] == pytest.approx(0.1 + option.height_m)


def box(yaw_rad=0.2):
    return mh.item("box", "tray", (0.4, 0.0), (0.16, 0.16, 0.026), yaw_rad)


def inside(container, xy, margin_m):
    offset = xy - container.center_B_m[:2]
    c, s = np.cos(container.yaw_B_rad), np.sin(container.yaw_B_rad)
    local = np.array([c * offset[0] + s * offset[1], -s * offset[0] + c * offset[1]])
    return np.all(np.abs(local) <= container.size_m[:2] / 2 - margin_m)


def test_first_spot_of_an_empty_container_is_its_middle():
    first = g.spots(box(), part("cube"), [])[0]
    assert np.allclose(first.xy_B_m, box().center_B_m[:2])
    assert first.crowding_m == 0


@pytest.mark.parametrize("shape", SIZES)
def test_spots_keep_the_part_off_the_walls(shape):
    radius = 0.5 * np.hypot(*SIZES[shape][:2])
    for spot in g.spots(box(), part(shape), []):
        assert inside(box(), spot.xy_B_m, radius)


def test_spots_avoid_what_lies_inside():
    lying = mh.item("other", "cube", (0.4, 0.0), (0.035, 0.035, 0.035))
    cube = part("cube")
    assert g.contents(box(), [lying, cube]) == [lying]
    best = g.spots(box(), cube, [lying])[0]
    away = np.linalg.norm(best.xy_B_m - lying.center_B_m[:2])
    centered = g.Spot(lying.center_B_m[:2], 0.0)
    assert away > np.linalg.norm(centered.xy_B_m - lying.center_B_m[:2]) + 0.02


def test_the_carried_part_is_not_in_its_own_way():
    cube = mh.item("part", "cube", (0.4, 0.0), (0.035, 0.035, 0.035))
    assert g.spots(box(), cube, [cube])[0].crowding_m == 0
