# SPDX-License-Identifier: Apache-2.0
"""Setting a held part down as skills: what they wait for, what they see, how they fail."""

from __future__ import annotations

import numpy as np
import pytest
from fakes import FakeWorld, default_scene
from py_trees.common import Status
from py_trees.composites import Sequence

from big_brain_node.compiler.ground import GroundedStep
from big_brain_node.config import BigBrainConfig
from big_brain_node.ports import Carry, GripResult, InlineWorker
from big_brain_node.set_down import set_down_skills
from big_brain_node.skills import NOT_VERIFIED, Attempt, Tools
from big_brain_node.walk.config import WalkConfig
from big_brain_node.walk.grounding import WalkTools
from big_brain_node.walk.site import Site
from big_brain_node.walk.work import WorkStance
from neuraxis_common.errors import Rejected
from neuraxis_common.surface import Surface
from neuraxis_common.types import JointTrajectory, SceneSnapshot

EDGE = np.array([[0.2, 0.5], [0.2, -0.5]])
WORK = WorkStance(0.16, 0.745, 0.25, 0.45, base_z_m=0.65)
PLACE_O_M = np.array([0.35, 0.1, 0.74])


class Shelf(FakeWorld):
    """A robot at a shelf with a part in its left hand; its base rises after a walk.

    Attributes:
        low_z_m, rises_s, rising_for_s: How high the base is at first, when and how long it rises.
        shows: Whether a part that was let go is seen.
        dark: Whether no surface is seen.
        asked: Plans that were asked for, each with surface, T_OB and scene.
        refuses: What a plan is refused with, by name.
    """

    def __init__(self):
        super().__init__(default_scene())
        self.part = self.objects["obj_1"]
        self._carry = Carry("left", self.part, None, None, 0.06, 0.0)
        self._held, self._grip = "obj_1", GripResult(0.04, True)
        self.low_z_m, self.rises_s, self.rising_for_s = WORK.base_z_m, 0.0, 0.0
        self.shows, self.dark = True, False
        self.asked, self.refuses, self.surfaces = {}, {}, 0

    def base_in_odom(self):
        T = np.eye(4)
        T[2, 3] = self.low_z_m + 0.02 * min(max(self.now_s - self.rises_s, 0.0), self.rising_for_s)
        return T

    def surface(self):
        self.surfaces += 1
        if self.dark:
            return None
        lies = self._held is None and self.shows
        taken = PLACE_O_M[None, :2] + 0.01 if lies else np.zeros((0, 2))
        return Surface(self.now_s, 0.72, EDGE, np.array([PLACE_O_M[:2]]), taken)

    def held_at(self, _joint_pos_rad, _carry):
        T = self.base_in_odom()
        return PLACE_O_M - T[:3, 3]

    def _plan(self, name, scene, surface, T_OB):
        self.asked[name] = (surface, T_OB, scene, self.now_s)
        if name in self.refuses:
            return Rejected(self.refuses[name], f"{name} is refused")
        path = np.array([[self._q_rad], [self._q_rad + 0.1]])
        return JointTrajectory(("shoulder",), np.array([0.0, 0.1]), path, np.zeros((2, 1)))

    def plan_set_over(self, _pos, scene, _carry, surface, T_OB):
        return self._plan("over", scene, surface, T_OB)

    def plan_set_down(self, _pos, scene, _carry, surface, T_OB):
        return self._plan("down", scene, surface, T_OB)

    def plan_set_back(self, _pos, scene, _carry, surface, T_OB):
        return self._plan("back", scene, surface, T_OB)

    def plan_set_retreat(self, _pos, scene, _side, surface, T_OB):
        return self._plan("retreat", scene, surface, T_OB)

    def plan_set_home(self, _pos, scene, _side, surface, T_OB):
        return self._plan("home", scene, surface, T_OB)


def set_down(world, event=None, limit_s=60.0):
    """Run the skills one after another; returns the attempt and the status."""
    walk = WalkTools(world, Site(), WalkConfig(), WORK)
    tools = Tools(
        body=world, eyes=world, planner=world, worker=InlineWorker(), config=BigBrainConfig(),
        wall_clock_s=lambda: 0.0, walk=walk,
    )  # fmt: skip
    attempt = Attempt(GroundedStep(0, world.part, world.objects["obj_3"]), carry=world._carry)
    attempt.scene = SceneSnapshot(0.0)
    tree = Sequence("set down", memory=True)
    tree.add_children(set_down_skills(attempt, tools))
    while world.now_s < limit_s:
        world.advance(0.05)
        attempt.now_s = world.now_s
        if event is not None:
            event(world, attempt)
        tree.tick_once()
        if tree.status is not Status.RUNNING:
            break
    return attempt, tree.status


def test_over_down_let_go_up_home_and_seen_there() -> None:
    world = Shelf()
    attempt, status = set_down(world)
    assert (status, attempt.failure) == (Status.SUCCESS, None)
    assert list(world.asked) == ["over", "down", "retreat", "home"]
    assert world._held is None
    surfaces = {id(surface) for surface, *_ in world.asked.values()}
    assert len(surfaces) == 1, "the hand hides the surface that it goes over"
    before, after = world.asked["down"][2], world.asked["retreat"][2]
    assert before.objects == ()
    (part,) = after.objects
    np.testing.assert_allclose(part.center_B_m + world.base_in_odom()[:3, 3], PLACE_O_M)


def test_nothing_is_planned_before_the_base_stands_still_and_the_surface_is_seen_since() -> None:
    world = Shelf()
    world.low_z_m, world.rising_for_s = WORK.base_z_m - 0.04, 2.0
    attempt, status = set_down(world)
    assert (status, attempt.failure) == (Status.SUCCESS, None)
    surface, T_OB, _, at_s = world.asked["over"]
    assert at_s > 2.0 and surface.stamp_s >= 2.0
    np.testing.assert_array_equal(T_OB, world.base_in_odom())


def test_a_robot_that_stands_low_is_waited_for_longer() -> None:
    late = Shelf()
    late.low_z_m, late.rises_s, late.rising_for_s = WORK.base_z_m - 0.04, 1.5, 2.0
    set_down(late)
    assert late.asked["over"][3] > 3.5, "it stood still before it rose"
    low = Shelf()
    low.low_z_m = WORK.base_z_m - 0.04
    attempt, status = set_down(low)
    assert (status, attempt.failure) == (Status.SUCCESS, None)


def test_a_robot_that_rises_as_the_arm_moves_is_waited_for_before_the_way_down() -> None:
    def rise(world, _attempt):
        if "over" in world.asked and world.rising_for_s == 0.0:
            world.rises_s, world.rising_for_s = world.now_s, 2.0

    world = Shelf()
    world.low_z_m = WORK.base_z_m - 0.04
    attempt, status = set_down(world, rise)
    assert (status, attempt.failure) == (Status.SUCCESS, None)
    np.testing.assert_array_equal(world.asked["down"][1], world.base_in_odom())


def test_a_base_that_never_stands_still_and_no_surface_end_in_time() -> None:
    world = Shelf()
    world.rising_for_s = np.inf
    attempt, status = set_down(world)
    assert (status, attempt.failure.code) == (Status.FAILURE, "timeout")
    assert world.asked == {} and world._held == "obj_1"
    dark = Shelf()
    dark.dark = True
    attempt, status = set_down(dark)
    assert (status, attempt.failure.code) == (Status.FAILURE, "no_surface")
    assert dark.asked == {} and dark._held == "obj_1"


@pytest.mark.parametrize("name", ["over", "down"])
def test_a_refused_plan_leaves_the_part_in_the_hand(name) -> None:
    world = Shelf()
    world.refuses = {name: "no_free_spot"}
    attempt, status = set_down(world)
    assert (status, attempt.failure.code) == (Status.FAILURE, "no_free_spot")
    assert attempt.failure.details["skill"] == f"set {name}"
    assert world._held == "obj_1"


def test_a_part_that_slips_on_the_way_is_said() -> None:
    def slip(world, _attempt):
        if "over" in world.asked:
            world._grip, world._held = GripResult(0.0, False), None

    attempt, status = set_down(Shelf(), slip)
    assert (status, attempt.failure.code) == (Status.FAILURE, "part_dropped")


def test_a_part_that_is_not_seen_there_is_not_verified() -> None:
    world = Shelf()
    world.shows = False
    attempt, status = set_down(world)
    assert (status, attempt.failure.code) == (Status.FAILURE, NOT_VERIFIED)
    assert "red cube" in attempt.failure.reason


def test_during_a_pause_nothing_new_begins() -> None:
    def pause(world, attempt):
        attempt.paused = "over" in world.asked and world.now_s < 10.0

    world = Shelf()
    attempt, status = set_down(world, pause)
    assert (status, attempt.failure) == (Status.SUCCESS, None)
    assert world.asked["down"][3] >= 10.0


@pytest.mark.parametrize(
    ("pause_at", "asked"),
    [
        ("look", ["over", "down", "retreat", "home"]),
        ("over", ["over", "back", "down", "retreat", "home"]),
        ("down", ["over", "down", "retreat", "home"]),
    ],
)
def test_after_a_pause_the_surface_is_looked_at_again_with_the_hand_out_of_the_view(
    pause_at, asked
) -> None:
    began_s, ends_s = [], 20.0

    def pause(world, attempt):
        seen = world.surfaces > 0 if pause_at == "look" else pause_at in world.asked
        if seen and not began_s:
            began_s.append(world.now_s)
        attempt.paused = bool(began_s) and world.now_s < ends_s
        if began_s and not attempt.paused:
            attempt.resumed_s = ends_s

    world = Shelf()
    attempt, status = set_down(world, pause)
    assert (status, attempt.failure) == (Status.SUCCESS, None)
    assert list(world.asked) == asked
    over, down = world.asked["over"], world.asked["down"]
    if pause_at != "down":
        assert over[0].stamp_s >= ends_s and down[0] is over[0]
    else:
        assert down[3] < ends_s < world.asked["retreat"][3], "nothing has come under it meanwhile"


def test_a_hand_that_finds_no_way_back_after_a_pause_keeps_the_part() -> None:
    def pause(world, attempt):
        attempt.paused = "over" in world.asked and world.now_s < 10.0
        attempt.resumed_s = 10.0 if world.now_s >= 10.0 else -np.inf

    world = Shelf()
    world.refuses = {"back": "no_path"}
    attempt, status = set_down(world, pause)
    assert (status, attempt.failure.code) == (Status.FAILURE, "no_path")
    assert "down" not in world.asked and world._held == "obj_1"


def test_the_surface_is_looked_for_only_while_it_matters() -> None:
    counts = []

    def count(world, _attempt):
        if "over" in world.asked and "home" not in world.asked:
            counts.append(world.surfaces)

    set_down(Shelf(), count)
    assert len(set(counts)) == 1
