# SPDX-License-Identifier: Apache-2.0
"""Walking to places: arrival, ways round obstacles, and every refusal with its reason."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from walk_rig import Dummy

from big_brain_node.walk.config import WalkConfig
from big_brain_node.walk.follow import Pose
from big_brain_node.walk.walker import Goal, Walker

CONFIG = WalkConfig(radius_m=0.4)
BENCH = (0.45, 0.0, 0.25, 0.5)


def nearest(dummy, box) -> float:
    """Smallest distance of the trail to a box."""
    trail = np.array([[pose.x_m, pose.y_m] for pose in dummy.trail])
    out = np.abs(trail - box[:2]) - box[2:]
    return float(np.linalg.norm(np.maximum(out, 0.0), axis=1).min())


@given(st.floats(-3.0, 3.0), st.floats(-3.0, 3.0), st.floats(-3.1, 3.1))
@settings(max_examples=4, deadline=None)
def test_it_gets_to_any_stance_of_an_open_floor(x, y, yaw) -> None:
    dummy, goal = Dummy(), Pose(x, y, yaw)
    assert dummy.walk(Walker(CONFIG), Goal(goal)) == "arrived"
    distance, turn = dummy.pose.apart(goal)
    assert distance <= CONFIG.position_m
    assert turn <= CONFIG.heading_rad


def test_it_backs_off_a_bench_and_goes_round_a_crate() -> None:
    crate = (-1.0, 1.0, 0.2, 0.2)
    dummy, goal = Dummy(BENCH, crate), Pose(-2.0, 2.0, np.pi / 2)
    assert dummy.walk(Walker(CONFIG), Goal(goal)) == "arrived"
    assert nearest(dummy, crate) > CONFIG.radius_m - 0.1
    # It never turned before it had room.
    turned = next(pose for pose in dummy.trail if abs(pose.yaw_rad) > 0.2)
    assert turned.x_m < -0.1


def test_what_appears_on_the_way_is_walked_around() -> None:
    dummy, crate = Dummy(), (1.6, 0.1, 0.2, 0.2)

    def event(it):
        if it.pose.x_m > 0.6:
            it.boxes = (crate,)

    assert dummy.walk(Walker(CONFIG), Goal(Pose(3.0, 0.0, 0.0)), event=event) == "arrived"
    assert nearest(dummy, crate) > CONFIG.radius_m - 0.1


def test_it_never_backs_into_what_it_has_seen_behind_it() -> None:
    crate = (-0.75, 0.0, 0.2, 0.2)
    dummy = Dummy((0.75, 0.0, 0.4, 0.5), crate)
    dummy.walk(Walker(CONFIG), Goal(Pose(0.0, 2.5, np.pi / 2)), limit_s=60.0)
    assert nearest(dummy, crate) > 0.3


def test_it_stops_short_of_a_shelf_that_stands_nearer_than_was_taught() -> None:
    goal = Pose(2.0, 0.0, 0.0)
    dummy = Dummy((2.5, 0.0, 0.2, 0.5))
    assert dummy.walk(Walker(CONFIG), Goal(goal)) == "arrived"
    assert 0.0 < goal.x_m - dummy.pose.x_m <= CONFIG.yield_m + CONFIG.position_m
    assert nearest(dummy, (2.5, 0.0, 0.2, 0.5)) > CONFIG.radius_m - 0.1


def test_turning_stays_on_the_spot_even_at_a_bench() -> None:
    dummy = Dummy(BENCH)
    outcome = dummy.walk(Walker(CONFIG), Goal(Pose(9.0, 9.0, 2.5), turn_only=True))
    assert outcome == "arrived"
    assert abs(dummy.pose.yaw_rad - 2.5) <= CONFIG.heading_rad
    assert np.linalg.norm(dummy.pose.xy_m) < 0.05


def after(x_m, **changes):
    def event(it):
        if it.pose.x_m > x_m:
            for name, value in changes.items():
                setattr(it, name, value)

    return event


@pytest.mark.parametrize(
    ("event", "code", "within_s"),
    [
        (after(0.5, silent=True), "odometry_silent", CONFIG.odometry_timeout_s),
        (after(0.5, blind=True), "no_view", CONFIG.grid_timeout_s),
        (after(0.5, stuck=True), "no_progress", CONFIG.progress_timeout_s),
        (after(0.5, stop_level="hold"), "stopped", 0.0),
        (after(0.5, boxes=((1.6, 0.0, 0.1, 5.0),)), "no_path", 4 * CONFIG.replan_s),
        (after(0.5, boxes=((3.0, 0.0, 0.1, 0.1),)), "goal_occupied", 4 * CONFIG.replan_s),
        (after(0.5, pose=Pose(float("nan"), 0.0, 0.0)), "odometry_silent", 0.0),
    ],
)
def test_it_says_why_it_stops_and_asks_for_no_step_any_more(event, code, within_s) -> None:
    dummy, began_s = Dummy(), []

    def noted(it):
        if it.pose.x_m > 0.5 and not began_s:
            began_s.append(it.now_s)
        event(it)

    outcome = dummy.walk(Walker(CONFIG), Goal(Pose(3.0, 0.0, 0.0)), event=noted)
    assert outcome.code == code
    assert outcome.reason
    json.dumps(outcome.details, allow_nan=False)
    assert dummy.now_s - began_s[0] <= within_s + 2 * dummy.dt_s + 0.5


def test_without_any_grid_it_waits_and_then_refuses() -> None:
    dummy = Dummy()
    dummy.blind = True
    assert dummy.walk(Walker(CONFIG), Goal(Pose(3.0, 0.0, 0.0))).code == "no_view"
    assert np.linalg.norm(dummy.pose.xy_m) < 0.6
