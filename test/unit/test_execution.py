# SPDX-License-Identifier: Apache-2.0
"""Pause, resume, supersede; motions that do not happen; nothing tried twice the same way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from fakes import FakeWorld, ScriptedBrain, default_scene, put_plan
from test_walk_steps import Rig, walk_plan

from big_brain_node.compiler.rules import Rules
from big_brain_node.compiler.zones import KEEP_OUT, Zone, Zones
from big_brain_node.config import BigBrainConfig
from big_brain_node.executive import Executive
from big_brain_node.given import GivenPlans
from big_brain_node.moved import MotionWatch, closed, opened
from big_brain_node.ports import Carry, GripResult, InlineWorker
from big_brain_node.skills import Tools
from neuraxis_common.errors import Rejected
from neuraxis_common.plan import WalkToStep
from neuraxis_common.types import JointTrajectory

DT_S = 0.05
SAY = "put the red cube in the blue tray"


class Job:
    """An executive over a fake bench, ticked by hand."""

    def __init__(self, objects=None, plan=None, config=None, brain=None, rules=None):
        objects = objects or default_scene()
        cube, _, tray = default_scene()
        self.world = FakeWorld(objects)
        self.brain = brain or ScriptedBrain(plan or put_plan((cube, tray)))
        self.config = config or BigBrainConfig()
        tools = Tools(
            self.world, self.world, self.world, InlineWorker(), self.config,
            lambda: self.world.now_s, rules=rules or Rules(),
        )  # fmt: skip
        self.it = Executive(tools, self.brain)

    def begin(self, instruction=SAY):
        assert self.it.start(self.world.now_s, instruction) is None
        return self

    def tick(self):
        self.world.advance(DT_S)
        return self.it.tick(self.world.now_s)

    def until(self, condition, limit_s=600.0):
        until_s = self.world.now_s + limit_s
        while not condition():
            assert self.world.now_s < until_s, f"never; log {self.world.log}"
            self.tick()
        return self

    def until_skill(self, name):
        return self.until(lambda: self.it.progress().skill == name)

    def end(self):
        self.until(lambda: self.it.result is not None)
        return self.it.result

    def wait(self, seconds):
        for _ in range(round(seconds / DT_S)):
            self.tick()
        return self


def shifted(item, x_m):
    return replace(item, center_B_m=item.center_B_m + np.array([x_m, 0.0, 0.0]))


@pytest.mark.parametrize("skill", ["look", "reach", "grasp", "lift", "transfer", "place", "home"])
def test_a_pause_ends_the_motion_under_way_and_begins_no_other(skill):
    job = Job().begin().until_skill(skill)
    job.it.pause()
    job.wait(1.0)
    assert job.it.at_rest and job.it.progress().skill == "paused"
    moved = list(job.world.log)
    # Longer than any skill or the whole job may take.
    job.wait(job.config.job_timeout_s + 10.0)
    assert job.world.log == moved and job.it.busy and "halt" not in moved
    job.it.resume(job.world.now_s)
    result = job.end()
    assert result.success and result.steps[0].attempts == 1


def test_what_lies_in_the_hand_is_carried_on_after_a_pause():
    job = Job().begin().until_skill("lift")
    job.it.pause()
    job.wait(2.0)
    job.it.resume(job.world.now_s)
    assert job.end().success
    assert job.world.log.count("reach") == 1 and "put_back" not in job.world.log


def test_a_container_moved_during_the_pause_makes_it_put_the_part_back_and_begin_anew():
    job = Job().begin().until_skill("lift")
    job.it.pause()
    job.wait(2.0)
    tray = job.world.objects["obj_3"]
    job.world.objects["obj_3"] = replace(
        tray, center_B_m=tray.center_B_m + np.array([0.1, 0.0, 0.0])
    )
    job.it.resume(job.world.now_s)
    result = job.end()
    assert result.success and result.steps[0].attempts == 1
    assert job.world.log.index("put_back") < len(job.world.log) - job.world.log[::-1].index("reach")
    assert job.world.log.count("reach") == 2


def test_before_the_part_is_taken_a_pause_ends_with_a_new_look():
    job = Job().begin().until_skill("look")
    job.it.pause()
    job.wait(2.0)
    cube = job.world.objects["obj_1"]
    job.world.objects["obj_1"] = replace(
        cube, center_B_m=cube.center_B_m + np.array([0.05, 0.0, 0.0])
    )
    job.it.resume(job.world.now_s)
    job.until(lambda: "reach" in job.world.log)
    assert job.world._carry.part.center_B_m[0] == pytest.approx(cube.center_B_m[0] + 0.05)
    assert job.end().success


def test_no_view_after_a_pause_ends_the_job_with_the_part_in_the_hand():
    job = Job().begin().until_skill("lift")
    job.it.pause()
    job.wait(1.0)
    job.world.blind = True
    job.it.resume(job.world.now_s)
    assert job.end().code == "no_view" and job.world.log[-1] == "halt"
    assert job.world.held() == ("left",)


def test_a_paused_robot_begins_no_new_instruction_until_it_is_resumed():
    job = Job()
    job.it.pause()
    job.begin().wait(5.0)
    assert job.world.log == [] and job.it.busy
    job.it.resume(job.world.now_s)
    assert job.end().success


def test_a_cancel_during_a_pause_ends_the_job():
    job = Job().begin().until_skill("lift")
    job.it.pause()
    job.wait(1.0)
    job.it.cancel()
    assert job.it.result.code == "cancelled"


def test_a_walk_stands_during_a_pause_and_goes_on_after_it():
    rig = Rig(ScriptedBrain(Rejected("brain_unavailable", "nobody")))
    stood = []

    def pause(it):
        if abs(it.world.now_s - 3.0) < 0.01:
            it.executive.pause()
        if 5.0 < it.world.now_s < 60.0:
            stood.append(it.dummy.pose.x_m)
            assert not it.legs.wish.any() and it.executive.at_rest
        if abs(it.world.now_s - 60.0) < 0.01:
            it.executive.resume(it.world.now_s)

    result = rig.run(walk_plan(WalkToStep(place="shelf")), event=pause)
    assert result.success and result.steps[0].attempts == 1
    assert 0.0 < stood[0] < 1.0 and max(stood) - min(stood) < 0.05


@pytest.mark.parametrize("end", ["cancel", "supersede"])
def test_a_part_left_in_the_hand_is_put_back_before_the_next_instruction(end):
    job = Job().begin().until_skill("lift")
    getattr(job.it, end)()
    code = {"cancel": "cancelled", "supersede": "superseded"}[end]
    assert job.it.result.code == code and job.world.log[-1] == "halt"
    asked = len(job.brain.asked)
    job.begin("put the cube in the tray")
    job.until(lambda: "put_back" in job.world.log)
    # Nobody is asked while the hand is in the picture.
    assert len(job.brain.asked) == asked and job.it.progress().step == "clear the hands"
    assert job.end().success
    after = [word for word in job.world.log[job.world.log.index("halt") :] if word != "halt"]
    assert after[:4] == ["put_back", "retreat", "home", "reach"]


def test_a_part_that_cannot_be_put_down_is_not_dropped():
    job = Job().begin().until_skill("lift")
    job.it.cancel()
    job.world.refuse = {"put_back": 1}
    result = job.begin("put the cube in the tray").end()
    assert result.code == "hand_full" and result.details["object"] == "red cube"
    assert job.world.held() == ("left",)
    # Somebody made room: the next instruction tries again.
    assert job.begin("put the cube in the tray").end().success


def test_a_failure_whose_way_back_fails_leaves_the_part_in_the_hand():
    job = Job()
    job.world.refuse = {"transfer": 1, "put_back": 1}
    result = job.begin().end()
    assert result.code == "no_path" and job.world.held() == ("left",)
    assert "retreat" not in job.world.log


def test_hands_are_not_cleared_where_the_robot_has_gone_away_since():
    job = Job().begin().until_skill("lift")
    job.it.cancel()
    elsewhere = np.eye(4)
    elsewhere[0, 3] = 1.0
    job.world.base_in_odom = lambda: elsewhere
    result = job.begin("put the cube in the tray").end()
    assert result.code == "hand_full" and "put_back" not in job.world.log


def test_a_body_that_says_it_moved_and_did_not_is_found_out():
    job = Job()
    job.world.stuck = True
    result = job.begin().end()
    assert result.code == "no_motion" and result.details["moving"] == "a"
    assert result.steps[0].attempts == job.config.max_attempts
    assert "grasp" not in job.world.log


def trajectory(*points, duration_s=4.0):
    pos = np.array(points, dtype=float)[:, None]
    return JointTrajectory(("elbow",), np.linspace(0.0, duration_s, len(pos)), pos, 0.0 * pos)


@pytest.mark.parametrize(("share", "found"), [(0.0, True), (0.1, True), (0.5, False), (1.0, False)])
def test_joints_that_lag_behind_are_no_fault_and_those_that_stand_are(share, found):
    watch = MotionWatch(trajectory(0.0, 1.0), 10.0, np.zeros(1))
    outcomes = []
    for k in range(1, 41):
        now_s = 10.0 + 0.1 * k
        outcomes.append(watch.under_way(now_s, np.array([share * 0.25 * (now_s - 10.0)])))
    assert any(outcome is not None for outcome in outcomes) == found
    if found:
        first = next(item for item in outcomes if item is not None)
        assert first.code == "no_motion" and first.details["moving"] == "elbow"


def test_a_trajectory_that_stands_asks_for_no_motion():
    watch = MotionWatch(trajectory(0.3, 0.3, 0.31), 0.0, np.array([0.3]))
    assert all(watch.under_way(0.1 * k, np.array([0.3])) is None for k in range(60))
    assert watch.claimed(np.array([0.3])) is None


@pytest.mark.parametrize(("end_rad", "found"), [(1.0, False), (0.93, False), (0.5, True)])
def test_an_end_is_believed_where_the_joints_are_there(end_rad, found):
    watch = MotionWatch(trajectory(0.0, 1.0), 0.0, np.zeros(1))
    assert (watch.claimed(np.array([end_rad])) is not None) == found


def test_fingers_that_never_closed_hold_nothing_and_those_that_stay_closed_let_nothing_go():
    cube, _, tray = default_scene()
    carry = Carry("left", cube, tray, None, 0.056, 0.0)
    assert closed(carry, GripResult(0.041, True)) is None
    assert closed(carry, GripResult(0.056, True)).code == "no_motion"
    assert closed(carry, GripResult(0.0, False)) is None
    assert opened(carry, 0.041, GripResult(0.055, False)) is None
    assert opened(carry, 0.041, GripResult(0.041, False)).code == "no_motion"
    assert opened(carry, None, GripResult(0.0, False)) is None


def test_each_further_try_knows_the_grasps_that_failed():
    job = Job()
    job.world.misses = 2
    assert job.begin().end().success
    assert [len(avoid) for avoid in job.world.avoided] == [0, 1, 2]
    assert all(item.part.track_id == "obj_1" for item in job.world.avoided[-1])


def test_when_no_other_way_is_left_it_is_not_tried_again():
    job = Job()
    job.world.misses = 1
    plan_reach = job.world.plan_reach

    def once(*args):
        avoid = args[-1]
        return Rejected("no_other_way", "none left") if avoid else plan_reach(*args)

    job.world.plan_reach = once
    result = job.begin().end()
    assert result.code == "no_other_way" and result.steps[0].attempts == 2


def test_a_new_plan_does_not_make_a_step_forget_how_often_it_failed():
    cube, _, tray = default_scene()
    job = Job(brain=ScriptedBrain(put_plan((cube, tray))))
    job.world.misses = 2
    job.begin().until(lambda: len(job.it.setbacks) == 2)
    job.world.hidden.add("obj_1")
    job.until(lambda: len(job.it.setbacks) == 3)
    assert job.it.setbacks[-1].failure.code == "object_lost"
    job.world.hidden.clear()
    result = job.end()
    assert result.code == "failed_before" and len(job.brain.asked) == 2
    assert result.refusal()["object"] == "red cube"


def test_every_arm_motion_is_planned_round_the_zones_where_the_base_is_now():
    zone = Zone(box_m=(0.3, 0.5, 0.4, 0.6), against=("hands",))
    job = Job(rules=Rules(zones=Zones({"press": zone})))
    seen = []
    plan_lift = job.world.plan_lift
    job.world.plan_lift = lambda q, scene, carry: seen.append(scene) or plan_lift(q, scene, carry)
    job.begin().until_skill("grasp")
    swayed = np.eye(4)
    swayed[0, 3] = 0.01
    job.world.base_in_odom = lambda: swayed
    assert job.end().success
    checked = job.world.checked[0][1]
    for scene, x_m in ((checked, 0.35), (seen[0], 0.34)):
        (box,) = (item for item in scene.objects if item.kind == KEEP_OUT)
        assert box.center_B_m[0] == pytest.approx(x_m) and box.size_m[1] == pytest.approx(0.1)


def test_a_walk_goes_round_a_zone_on_a_free_floor():
    rig = Rig(ScriptedBrain(Rejected("brain_unavailable", "nobody")))
    zone = Zone(box_m=(0.7, -0.5, 0.9, 0.15), against=("walks",))
    tools = replace(rig.executive._tools, rules=Rules(zones=Zones({"hatch": zone})))
    rig.executive = Executive(tools, GivenPlans(ScriptedBrain(Rejected("unused", ""))))
    result = rig.run(walk_plan(WalkToStep(place="shelf")))
    assert result.success, result
    nearest = min(zone.distance_m(pose.xy_m) for pose in rig.dummy.trail)
    assert nearest > 0.25, "the robot's middle, on cells of 10 cm"
