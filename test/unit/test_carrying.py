# SPDX-License-Identifier: Apache-2.0
"""A part that is taken at the bench and walked with: what is checked, what goes wrong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from fakes import ScriptedBrain, default_scene
from pydantic import ValidationError
from test_walk_steps import CONFIG, SITE, Rig, walk_plan

from big_brain_node.compiler.compile import compile_again, compile_plan
from big_brain_node.compiler.rules import CompilerParams, Rules, Situation
from big_brain_node.compiler.words import spoken
from big_brain_node.compiler.zones import Zone, Zones
from big_brain_node.executive import Executive
from big_brain_node.given import GivenPlans
from big_brain_node.job.again import job_step, steps_again
from big_brain_node.job.journal import Job, JobStep
from big_brain_node.ports import GripResult
from big_brain_node.walk.grounding import GroundedCarry, WalkTools
from big_brain_node.walk.site import Site
from neuraxis_common.errors import Rejected
from neuraxis_common.plan import CarryToStep, PartRef, Plan, WalkToStep
from neuraxis_common.types import SceneSnapshot

CUBE, CYLINDER, TRAY = default_scene()
AT_SHELF = np.eye(4)
AT_SHELF[:2, 3] = 1.8, 0.5
WALK = WalkTools(None, SITE, CONFIG)


TAKEN = ["reach", "grasp", "lift", "stow"]


def carry(part=CUBE, place="shelf"):
    ref = PartRef(shape=part.shape, color=part.color, box=part.box_px)
    return CarryToStep(object=ref, place=place)


def compiled(*steps, walk=WALK, rules=None, now=None, scene=(CUBE, CYLINDER, TRAY)):
    return compile_plan(
        Plan(steps=steps), SceneSnapshot(0.0, tuple(scene)), 0.4, 1.0, walk, rules, now
    )


def nobody():
    return ScriptedBrain(Rejected("brain_unavailable", "nobody"))


def carried(event=None, *boxes, plan=None):
    """A rig that has carried out a plan, and its result."""
    rig = Rig(nobody(), *boxes)
    return rig, rig.run(plan or walk_plan(carry()), event=event)


def at(skill, do):
    """Does something once, half a second into a skill."""
    state = {}

    def event(rig):
        if rig.executive.progress().skill == skill:
            state.setdefault("since_s", rig.world.now_s)
        if rig.world.now_s > state.get("since_s", np.inf) + 0.5 and not state.get("done"):
            state["done"] = True
            do(rig)

    return event


def moved(rig):
    return rig.dummy.pose.apart(rig.dummy.trail[0])[0]


def drop(rig):
    rig.world._grip, rig.world._held = GripResult(0.0, False), None


def test_a_carry_is_a_part_and_a_place_and_nothing_else() -> None:
    (step,) = compiled(carry())
    assert (step.part.track_id, step.name, step.place) == ("obj_1", "shelf", SITE.places["shelf"])
    assert step.label == "carry red cube to shelf"
    text = Plan(steps=(carry(),)).model_dump_json()
    assert Plan.model_validate_json(text).steps == (carry(),)
    assert "CarryToStep" in Plan.model_json_schema()["$defs"]
    for wrong in ({"target": TRAY.box_px}, {"place": "The Shelf"}, {"object": None}):
        with pytest.raises(ValidationError):
            CarryToStep.model_validate(carry().model_dump() | wrong)
    with pytest.raises(ValidationError, match="shape"):
        PartRef(shape="tray", color="blue", box=TRAY.box_px)


@pytest.mark.parametrize(
    ("steps", "changed", "code"),
    [
        ((carry(place="moon"),), {}, "unknown_place"),
        ((carry(),), {"walk": None}, "unsupported_action"),
        ((carry(replace(CUBE, color="green")),), {}, "label_mismatch"),
        ((carry(replace(CUBE, box_px=(0, 0, 9, 9))),), {}, "not_grounded"),
        ((carry(replace(CUBE, box_px=TRAY.box_px)),), {}, "not_grounded"),
        ((carry(),), {"rules": Rules(payload_kg=0.01)}, "too_heavy"),
        ((carry(),), {"rules": Rules(CompilerParams(allowed_skills=("put",)))}, "forbidden_skill"),
        ((carry(),), {"now": Situation(held=("left",))}, "hand_full"),
        ((carry(),), {"now": Situation(T_OB=AT_SHELF)}, "nothing_to_do"),
        ((carry(), carry(CYLINDER)), {}, "seen_elsewhere"),
        ((WalkToStep(place="shelf"), carry()), {}, "seen_elsewhere"),
    ],
)
def test_what_cannot_be_carried_is_refused_with_its_step(steps, changed, code) -> None:
    refused = compiled(*steps, **changed)
    assert isinstance(refused, Rejected) and refused.code == code, refused
    assert refused.details["step"] == len(steps) - 1 and refused.details["object"]


@pytest.mark.parametrize("box_m", [(1.2, 0.2, 1.6, 0.8), (0.3, 0.15, 0.4, 0.25)])
def test_neither_the_part_nor_the_stance_may_lie_in_a_keep_out_zone(box_m) -> None:
    rules = Rules(zones=Zones({"press": Zone(box_m=box_m)}))
    assert compiled(carry(), rules=rules).code == "keep_out"
    steps = compiled(carry())
    assert compile_again(steps, WALK, rules, Situation()).code == "keep_out"
    assert compile_again(steps, WALK, Rules(), Situation()) is None


def test_the_part_is_taken_walked_with_and_set_down() -> None:
    nearest = [np.inf]

    def event(rig):
        nearest[0] = min(nearest[0], 2.0 - rig.dummy.pose.x_m)

    rig, result = carried(event)
    assert result.success, result
    assert rig.world.log == [*TAKEN, "set_over", "set_down", "set_retreat", "set_home"]
    assert rig.world.checked[0][0] == "obj_1" and rig.world.held() == ()
    assert nearest[0] == pytest.approx(0.16, abs=0.04)
    assert rig.dummy.pose.apart(SITE.places["shelf"].stance(CONFIG.stance_m))[0] < 0.2
    assert not rig.legs.wish.any()


def test_where_no_hand_reaches_the_known_height_the_part_is_not_even_taken() -> None:
    rig = Rig(nobody())
    shelf = SITE.places["shelf"].model_copy(update={"height_m": 1.2})
    walk = replace(rig.executive._tools.walk, site=Site({"shelf": shelf}))
    rig.executive = Executive(replace(rig.executive._tools, walk=walk), GivenPlans(nobody()))
    rig.world.too_high = Rejected("surface_too_high", "1.2 m")
    result = rig.run(walk_plan(carry()))
    assert (result.code, result.details["object"]) == ("surface_too_high", "shelf")
    assert rig.world.log == []


@pytest.mark.parametrize("name", ["set_over", "set_down"])
def test_a_part_that_cannot_be_set_down_stays_in_the_hand(name) -> None:
    rig = Rig(nobody())
    rig.world.refuse[name] = 1
    result = rig.run(walk_plan(carry()))
    assert result.code == "no_path" and result.details["held"] == ["left"]
    assert rig.world.held() == ("left",) and not rig.legs.wish.any()
    assert rig.world.log[-1] == name and [step.attempts for step in result.steps] == [1]


def test_no_surface_at_the_place_is_said_with_the_part_in_the_hand() -> None:
    rig = Rig(nobody())
    rig.legs.hidden = True
    result = rig.run(walk_plan(carry()))
    assert (result.code, result.details["object"]) == ("no_surface", "shelf")
    assert result.details["held"] == ["left"] and rig.world.log == TAKEN


def test_a_part_that_is_not_seen_where_it_was_let_go_is_not_done() -> None:
    rig = Rig(nobody())
    rig.legs.set_there = lambda: 0
    result = rig.run(walk_plan(carry()))
    assert result.code == "not_verified" and "held" not in result.details
    assert [step.attempts for step in result.steps] == [1]


def test_what_no_hand_reaches_is_refused_before_anything_moves() -> None:
    rig = Rig(nobody())
    rig.world.out_of_reach["obj_1"] = Rejected("unreachable", "too far")
    assert rig.run(walk_plan(carry())).code == "unreachable"
    assert rig.world.log == []


def test_a_part_lost_on_the_way_stops_the_walk_at_once() -> None:
    rig, result = carried(at("walk_to", drop))
    assert result.code == "part_dropped" and "on the way to shelf" in result.message
    assert not rig.legs.wish.any() and "held" not in result.details
    assert rig.world.log == TAKEN
    assert [step.attempts for step in result.steps] == [1]


def test_what_a_lost_part_itself_is_in_the_way_of_is_not_blamed_on_the_place() -> None:
    def fall(rig):
        drop(rig)
        along = np.arange(0.0, 1.0, 0.03)
        taken = np.stack([np.full_like(along, 2.03), along], axis=1)
        shelf = replace(rig.legs.surface(), taken_O_m=taken)
        rig.legs.surface = lambda: replace(shelf, stamp_s=rig.dummy.now_s)

    rig, result = carried(at("step up", fall))
    assert result.code == "part_dropped" and not rig.legs.wish.any()


def test_a_blocked_way_leaves_the_part_in_the_hand_and_says_so() -> None:
    rig, result = carried(None, (1.0, 0.0, 0.05, 5.0))
    assert result.code == "no_path" and result.details["held"] == ["left"]
    assert result.details["object"] == "shelf"
    assert "the red cube is still in the left hand" in result.message
    assert not rig.legs.wish.any() and rig.world.held() == ("left",)
    assert rig.world.log == TAKEN
    refused = Rejected("no_path", "no way", {"held": ["left"], "object_zh": "红色立方体"})
    assert spoken(refused, "zh").reason == "没有安全的路到红色立方体；东西还在手里"
    # Nothing is put back where the robot stands now, nor is another part taken.
    assert rig.run(walk_plan(carry(CYLINDER))).code == "hand_full"


@pytest.mark.parametrize("name", ["stow", "lift"])
def test_before_the_walk_a_failure_puts_the_part_back_and_it_is_tried_again(name) -> None:
    rig = Rig(nobody())
    rig.world.refuse[name] = 1
    rig.run(walk_plan(carry()), event=at("walk_to", lambda rig: rig.executive.cancel()))
    assert rig.world.log.count("put_back") == 1 and rig.world.log.count("reach") == 2
    assert [entry for entry in rig.world.log if entry != "halt"][-1] == "stow"


def test_a_pause_on_the_way_stands_and_goes_on_with_the_part() -> None:
    seen = []

    def paused(rig):
        rig.executive.pause()

    first = at("walk_to", paused)

    def event(rig):
        first(rig)
        if rig.executive.paused:
            seen.append((rig.legs.wish.any(), rig.dummy.pose))
            if len(seen) == 60:
                rig.executive.resume(rig.world.now_s)
        if rig.world.log[-1:] == ["stow"] and moved(rig) > 0.5:
            rig.executive.cancel()

    rig, result = carried(event)
    assert len(seen) == 60 and not any(walks for walks, _ in seen[1:])
    assert result.code == "cancelled" and moved(rig) > 0.5
    assert rig.world.log.count("reach") == 1 and rig.world.held() == ("left",)


def test_a_pause_with_the_part_over_the_shelf_ends_with_a_new_look_at_it() -> None:
    first, paused_s = at("set over", lambda rig: rig.executive.pause()), []

    def event(rig):
        first(rig)
        if rig.executive.paused:
            paused_s.append(rig.world.now_s)
            if len(paused_s) == 100:
                assert rig.executive.at_rest
                rig.executive.resume(rig.world.now_s)

    rig, result = carried(event)
    assert result.code == "done" and len(paused_s) == 100
    again = ["set_over", "set_back", "set_over", "set_down", "set_retreat", "set_home"]
    assert rig.world.log == [*TAKEN, *again]


def test_a_part_lost_during_a_pause_is_noticed_when_it_ends() -> None:
    first = at("walk_to", lambda rig: rig.executive.pause())

    def event(rig):
        first(rig)
        if rig.executive.paused:
            drop(rig)
            rig.executive.resume(rig.world.now_s)

    assert carried(event)[1].code == "part_dropped"


def test_cancelling_on_the_way_stands_and_keeps_the_part() -> None:
    rig, result = carried(at("walk_to", lambda rig: rig.executive.cancel()))
    assert result.code == "cancelled" and not rig.legs.wish.any()
    assert rig.world.held() == ("left",) and "put_back" not in rig.world.log


def test_a_carry_is_kept_and_taken_up_again() -> None:
    (step,) = compiled(carry())
    kept = job_step(step, np.eye(4))
    assert kept.label == "carry red cube to shelf"
    job = Job(instruction="", steps=(JobStep.model_validate_json(kept.model_dump_json()),))
    scene = SceneSnapshot(0.0, (CUBE, CYLINDER, TRAY))
    (again,) = steps_again(job, scene, np.eye(4), 1.0, WALK)
    assert isinstance(again, GroundedCarry)
    assert (again.part, again.name) == (CUBE, "shelf")
    gone = steps_again(job, SceneSnapshot(0.0, (TRAY,)), np.eye(4), 1.0, WALK)
    assert gone.code == "not_grounded"
    away = np.eye(4)
    away[0, 3] = 1.0
    assert steps_again(job, scene, away, 1.0, WALK).code == "moved_since"
    for wrong in ({"place": ""}, {"part": None}, {"container": kept.part}):
        with pytest.raises(ValidationError, match="lacks"):
            JobStep.model_validate(kept.model_dump() | wrong)
