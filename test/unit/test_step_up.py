# SPDX-License-Identifier: Apache-2.0
"""The last steps up to a surface and back: what they look at, and how they end."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pd_world import profile_of, urdf_of
from walk_rig import Dummy, with_boxes

from big_brain_node.walk.approach import Approach, Near, Withdrawal
from big_brain_node.walk.config import WalkConfig
from big_brain_node.walk.follow import Pose
from big_brain_node.walk.site import Place
from big_brain_node.walk.surface import facing_rad, to_edge_m
from big_brain_node.walk.work import WorkStance, work_stance
from neuraxis_common.surface import Surface

CONFIG = WalkConfig(radius_m=0.5)
WORK = WorkStance(edge_m=0.16, highest_m=0.745, hands_ahead_m=0.25, hands_aside_m=0.45)
PLACE = Place(x_m=0.66, y_m=0.0, facing_deg=0.0)


def shelf(stamp_s=0.0, edge_m=0.66, height_m=0.72, turn=0.0, taken=()):
    """A surface straight ahead of the origin of odom."""
    along = 0.5 * np.array([np.sin(turn), -np.cos(turn)])
    middle = np.array([edge_m, 0.0])
    spots = np.array(taken, dtype=float).reshape(-1, 2)
    return Surface(stamp_s, height_m, middle + np.outer([-1, 1], along), np.ones((4, 2)), spots)


class Stepper:
    """A dummy before a shelf.

    Attributes:
        surface: What is seen; None where nothing is.
        seen_until_s: Later, nothing new is seen.
    """

    def __init__(self, surface=None, pose=None, boxes=()):
        self.dummy = Dummy(pose=pose, dt_s=0.05)
        self.surface = shelf() if surface is None else surface
        self.seen_until_s, self.grid = np.inf, with_boxes(*boxes)

    def near(self):
        it, seen = self.dummy, self.surface
        if seen is not None:
            seen = replace(seen, stamp_s=min(it.now_s, self.seen_until_s))
        return Near(it.now_s, it.pose, it.odometry_s, seen, self.grid, it.stop_level)

    def run(self, steps, goal, event=None, limit_s=80.0):
        steps.start(self.dummy.now_s, goal)
        while self.dummy.now_s < limit_s:
            if event is not None:
                event(self)
            wish, outcome = steps.update(self.near())
            assert np.isfinite(wish).all() and np.shape(wish) == (3,)
            if outcome != "running":
                assert not wish.any()
                return outcome
            self.dummy.move(wish)
        return "running"

    def up(self, event=None):
        return self.run(Approach(CONFIG, WORK), PLACE, event)


@pytest.mark.parametrize("turn", [0.0, 0.3, -0.3])
@pytest.mark.parametrize("pose", [(0.0, 0.0, 0.0), (0.05, 0.07, -0.1), (-0.2, -0.1, 0.2)])
def test_it_ends_at_the_distance_of_the_bench_and_faces_the_edge(pose, turn) -> None:
    rig = Stepper(shelf(turn=turn), Pose(*pose))
    assert rig.up() == "arrived"
    end = rig.dummy.pose
    assert -0.03 < to_edge_m(rig.surface, end) - WORK.edge_m < 0.03
    assert abs(end.yaw_rad - facing_rad(rig.surface)) <= CONFIG.heading_rad
    nearest = min(to_edge_m(rig.surface, pose) for pose in rig.dummy.trail)
    assert nearest > WORK.edge_m - 0.03
    close = [p.xy_m for p in rig.dummy.trail if to_edge_m(rig.surface, p) < WORK.edge_m + 0.07]
    speed = np.linalg.norm(np.diff(close, axis=0), axis=1) / rig.dummy.dt_s
    assert speed.max() < 0.1 < CONFIG.near_speed_m_s, "slowly at the edge"


def test_a_robot_that_stands_too_near_steps_back() -> None:
    rig = Stepper(pose=Pose(0.60, 0.0, 0.0))
    assert rig.up() == "arrived"
    assert to_edge_m(rig.surface, rig.dummy.pose) > WORK.edge_m - 0.03


def test_no_surface_at_all_is_no_surface_and_no_step() -> None:
    rig = Stepper()
    rig.surface = None
    assert rig.up().code == "no_surface"
    assert len({pose.x_m for pose in rig.dummy.trail}) == 1
    far = Stepper(shelf(edge_m=1.4))
    assert far.up().code == "no_surface"


def test_a_surface_that_is_lost_stops_the_robot() -> None:
    def vanish(rig):
        if rig.dummy.now_s > 2.0:
            rig.surface = None

    rig = Stepper()
    assert rig.up(vanish).code == "surface_lost"
    old = Stepper()
    old.seen_until_s = 2.0
    refused = old.up()
    assert refused.code == "surface_lost"
    assert refused.details["value"] > refused.details["bound"] == CONFIG.grid_timeout_s


def test_another_surface_is_not_followed() -> None:
    def jump(rig):
        if rig.dummy.now_s > 2.0:
            rig.surface = shelf(edge_m=0.9)

    assert Stepper().up(jump).code == "surface_lost"

    def rise(rig):
        if rig.dummy.now_s > 2.0:
            rig.surface = shelf(height_m=0.65)

    assert Stepper().up(rise).code == "surface_lost"

    def spoil(rig):
        if rig.dummy.now_s > 2.0:
            rig.surface = shelf(height_m=np.nan)

    assert Stepper().up(spoil).code == "surface_lost"


def test_a_surface_above_the_hands_is_refused_with_both_heights() -> None:
    refused = Stepper(shelf(height_m=0.80)).up()
    assert refused.code == "surface_too_high"
    assert refused.details["value"] == 0.80 > refused.details["bound"]


def test_what_stands_where_a_hand_comes_over_is_refused_and_what_stands_elsewhere_is_not() -> None:
    hand_side, middle, behind = (0.70, 0.38), (0.70, 0.0), (0.95, 0.38)
    rig = Stepper(shelf(taken=[hand_side]))
    assert rig.up().code == "surface_taken"
    assert len({pose.x_m for pose in rig.dummy.trail}) == 1
    assert Stepper(shelf(taken=[middle, behind])).up() == "arrived"


def test_hands_that_are_over_the_surface_do_not_stop_the_robot() -> None:
    def hands(rig):
        if to_edge_m(rig.surface, rig.dummy.pose) < WORK.hands_ahead_m - 0.02:
            rig.surface = shelf(taken=[(0.70, 0.38)])

    assert Stepper().up(hands) == "arrived"


@pytest.mark.parametrize("back", [False, True])
def test_whatever_is_wrong_with_the_robot_ends_the_steps(back) -> None:
    def stop(rig):
        if rig.dummy.now_s > 2.0:
            rig.dummy.stop_level = "hold"

    def hush(rig):
        rig.dummy.silent = rig.dummy.now_s > 2.0

    def spoil(rig):
        if rig.dummy.now_s > 2.0:
            rig.dummy.pose = Pose(np.nan, 0.0, 0.0)

    def stick(rig):
        rig.dummy.stuck = True

    events = ((stop, "stopped"), (hush, "odometry_silent"), (spoil, "odometry_silent"))
    for event, code in (*events, (stick, "no_progress")):
        rig = Stepper(pose=Pose(0.5, 0.0, 0.0) if back else None)
        if back:
            outcome = rig.run(Withdrawal(CONFIG), Pose(0.0, 0.0, 0.0), event)
        else:
            outcome = rig.up(event)
        assert outcome.code == code


def test_it_steps_straight_back_to_the_stance() -> None:
    rig = Stepper(pose=Pose(0.5, 0.02, 0.05))
    assert rig.run(Withdrawal(CONFIG), Pose(0.0, 0.0, 0.0)) == "arrived"
    off_m, turn = rig.dummy.pose.apart(Pose(0.0, 0.0, 0.0))
    assert off_m <= 1.5 * CONFIG.position_m and turn <= CONFIG.heading_rad
    assert max(abs(pose.yaw_rad) for pose in rig.dummy.trail) < 0.1


def test_it_does_not_step_back_into_something() -> None:
    rig = Stepper(pose=Pose(0.5, 0.0, 0.0), boxes=[(0.15, 0.0, 0.05, 0.05)])
    refused = rig.run(Withdrawal(CONFIG), Pose(0.0, 0.0, 0.0))
    assert refused.code == "no_path"
    assert len({pose.x_m for pose in rig.dummy.trail}) == 1


@pytest.mark.parametrize("robot", ["lingxi_x2", "expedition_a3", "expedition_a2"])
def test_every_robot_works_as_near_to_an_edge_as_to_its_bench(robot) -> None:
    profile = profile_of(robot)
    work = work_stance(profile, urdf_of(robot))
    assert profile.bench.height_m < work.highest_m < profile.bench.height_m + 0.05
    assert abs(work.edge_m - profile.bench.near_edge_x_m) < 0.1
    assert work.hands_ahead_m > work.edge_m
    assert work.edge_m <= work.edge_at(profile.bench.height_m) < work.edge_m + 0.03


@pytest.mark.parametrize("robot", ["expedition_a3", "expedition_a2"])
def test_a_tall_robot_keeps_its_thighs_from_a_low_surface(robot) -> None:
    work = work_stance(profile_of(robot), urdf_of(robot))
    thighs_m = max(ahead for low, high, ahead in work.legs_m if low < 0.72 < high)
    assert work.edge_at(0.72) > thighs_m + 0.04
    rig = Stepper(shelf(height_m=0.72))
    assert rig.run(Approach(CONFIG, work), PLACE) == "arrived"
    assert to_edge_m(rig.surface, rig.dummy.pose) > work.edge_at(0.72) - 0.03
