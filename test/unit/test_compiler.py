# SPDX-License-Identifier: Apache-2.0
"""Plans are grounded in what is seen and held against the rules, or refused with the step."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from fakes import default_scene, put_plan
from hypothesis import given
from hypothesis import strategies as st

from big_brain_node.compiler.compile import compile_again, compile_plan
from big_brain_node.compiler.reach import check_reach
from big_brain_node.compiler.rules import CompilerParams, Rules, Situation
from big_brain_node.compiler.words import CODES, about, spoken
from big_brain_node.compiler.zones import Zone, Zones
from big_brain_node.skills import NOT_VERIFIED
from big_brain_node.walk.config import WalkConfig
from big_brain_node.walk.grounding import WalkTools
from big_brain_node.walk.site import Place, Site
from neuraxis_common.boxes import box_iou
from neuraxis_common.errors import ConfigError, Rejected
from neuraxis_common.plan import Plan, Refusal, RefusalCode, TurnToStep, WalkToStep
from neuraxis_common.types import SceneSnapshot

ROOT = Path(__file__).resolve().parents[2]
SITE = Site({"shelf": Place(x_m=2.0, y_m=0.5, facing_deg=0.0, names=("货架",))})
WALK = WalkTools(None, SITE, WalkConfig(radius_m=0.4))
coordinate = st.floats(0, 640, allow_nan=False)
boxes = st.tuples(coordinate, coordinate, coordinate, coordinate)


@given(boxes, boxes)
def test_iou_is_symmetric_and_bounded(a, b):
    assert box_iou(a, b) == box_iou(b, a)
    assert 0.0 <= box_iou(a, b) <= 1.0


def test_every_step_gets_its_objects():
    cube, cylinder, tray = default_scene()
    scene = SceneSnapshot(0.0, (cube, cylinder, tray))
    steps = compile_plan(put_plan((cylinder, tray), (cube, tray)), scene, 0.4, 1.0)
    assert [step.part.track_id for step in steps] == ["obj_2", "obj_1"]


def test_an_old_sighting_is_not_acted_on():
    cube, _, tray = default_scene()
    scene = SceneSnapshot(5.0, (cube, replace(tray, stamp_s=5.0)))
    refused = compile_plan(put_plan((cube, tray)), scene, 0.4, 1.0)
    assert isinstance(refused, Rejected) and refused.code == "not_grounded"


def test_a_label_the_eyes_do_not_share_is_refused():
    cube, _, tray = default_scene()
    plan = put_plan((cube, tray))
    scene = SceneSnapshot(0.0, (replace(cube, color="green"), tray))
    refused = compile_plan(plan, scene, 0.4, 1.0)
    assert refused.code == "label_mismatch" and refused.details["perceived"] == "green cube"


def test_the_same_part_twice_is_refused():
    cube, _, tray = default_scene()
    scene = SceneSnapshot(0.0, (cube, tray))
    refused = compile_plan(put_plan((cube, tray), (cube, tray)), scene, 0.4, 1.0)
    assert refused.code == "object_used_twice" and refused.details["step"] == 1


def scene():
    return SceneSnapshot(0.0, tuple(default_scene()))


def compiled(plan, rules=None, now=None):
    return compile_plan(plan, scene(), 0.4, 1.0, WALK, rules, now)


def put(**changes):
    cube, _, tray = default_scene()
    return put_plan((replace(cube, **changes), tray))


def with_steps(plan, *steps, first=False):
    return Plan(steps=(*steps, *plan.steps) if first else (*plan.steps, *steps))


def here(**zone):
    return Rules(zones=Zones({"press": Zone(**zone)}))


def test_a_good_plan_with_a_walk_at_its_end_compiles():
    steps = compiled(with_steps(put(), WalkToStep(place="shelf"), TurnToStep(place="shelf")))
    assert [step.label for step in steps] == [
        "put red cube in blue tray", "walk to shelf", "turn to shelf",
    ]  # fmt: skip


def test_a_skill_that_is_not_allowed_here_is_refused_wherever_it_stands():
    rules = Rules(CompilerParams(allowed_skills=("put", "turn_to")))
    plan = with_steps(put(), WalkToStep(place="shelf"))
    refused = compiled(plan, rules)
    assert refused.code == "forbidden_skill" and refused.details["step"] == 1
    assert refused.details["object"] == "shelf"
    steps = compiled(plan)
    assert compile_again(steps, WALK, rules, Situation()).code == "forbidden_skill"
    assert compile_again(steps, WALK, Rules(), Situation()) is None


@pytest.mark.parametrize("skills", [(), ("put", "fly")])
def test_an_allow_list_that_makes_no_sense_is_a_mistake_of_the_configuration(skills):
    with pytest.raises(ConfigError, match="allowed_skills"):
        CompilerParams(allowed_skills=skills)


def test_with_something_in_a_hand_nothing_is_taken_and_nobody_walks_unless_allowed():
    full, walk = Situation(held=("left",)), Plan(steps=(WalkToStep(place="shelf"),))
    for plan in (put(), walk):
        refused = compiled(plan, now=full)
        assert refused.code == "hand_full" and refused.details["held"] == ["left"]
    loaded = Rules(CompilerParams(walk_loaded=True))
    assert not isinstance(compiled(walk, loaded, full), Rejected)
    assert compiled(put(), loaded, full).code == "hand_full"


@pytest.mark.parametrize("step", [WalkToStep(place="shelf"), TurnToStep(place="shelf")])
def test_what_was_seen_before_a_walk_is_not_taken_after_it(step):
    refused = compiled(with_steps(put(), step, first=True))
    assert refused.code == "seen_elsewhere" and refused.details["step"] == 1


def test_a_part_larger_than_the_container_is_refused():
    cube, _, tray = default_scene()
    big = replace(cube, size_m=np.array([0.17, 0.15, 0.04]))
    refused = compile_plan(put_plan((big, tray)), SceneSnapshot(0.0, (big, tray)), 0.4, 1.0)
    assert refused.code == "does_not_fit" and refused.details["bound"] == [180, 140]


@pytest.mark.parametrize(
    ("params", "masses", "payload_kg", "code"),
    [
        (CompilerParams(), {}, 0.065, None),
        (CompilerParams(), {}, 0.063, "too_heavy"),
        (CompilerParams(part_density_kg_m3=7850.0), {}, 0.5, "too_heavy"),
        (CompilerParams(), {"red cube": 0.4}, 0.3, "too_heavy"),
        (CompilerParams(part_density_kg_m3=7850.0), {"red cube": 0.1}, 0.3, None),
        (CompilerParams(), {"green cube": 5.0}, 0.3, None),
    ],
)
def test_a_part_too_heavy_for_the_arm_is_refused(params, masses, payload_kg, code):
    # The cube of 4 cm weighs 64 g at the density of water.
    steps = compiled(put(), Rules(params, payload_kg=payload_kg, masses_kg=masses))
    assert (steps.code if isinstance(steps, Rejected) else None) == code
    if code:
        assert steps.details["known"] == bool(masses) and steps.details["bound"] == payload_kg


@pytest.mark.parametrize(
    ("zone", "shift_m", "refused"),
    [
        ({"box_m": (0.3, 0.15, 0.4, 0.25)}, 0.0, True),
        ({"box_m": (0.3, 0.15, 0.4, 0.25)}, 0.2, False),
        ({"box_m": (0.3, 0.15, 0.4, 0.25), "frame": "base_link", "against": ("hands",)}, 0.2, True),
        ({"polygon_m": ((0.3, 0.1), (0.4, 0.1), (0.35, 0.3))}, 0.0, True),
        ({"box_m": (0.38, -0.05, 0.45, 0.05)}, 0.0, True),
        ({"box_m": (0.3, 0.15, 0.4, 0.25), "z_m": (0.4, 2.0)}, 0.0, False),
        ({"box_m": (0.3, 0.15, 0.4, 0.25), "z_m": (0.2, 2.0)}, 0.0, True),
        ({"box_m": (0.3, 0.15, 0.4, 0.25), "z_m": (-0.5, 0.0)}, 0.0, False),
        ({"box_m": (0.3, 0.15, 0.4, 0.25), "against": ("walks",)}, 0.0, False),
        ({"box_m": (0.375, 0.15, 0.4, 0.25)}, 0.0, True),
        ({"box_m": (0.39, 0.15, 0.4, 0.25)}, 0.0, False),
    ],
)
def test_hands_keep_out_of_zones_at_both_ends_of_a_step(zone, shift_m, refused):
    """The cube of 4 cm lies at (0.35, 0.2, 0.1), the tray at (0.4, 0)."""
    T_OB = np.eye(4)
    T_OB[0, 3] = shift_m
    steps = compiled(put(), here(**zone), Situation(T_OB=T_OB))
    assert isinstance(steps, Rejected) == refused
    if refused:
        assert steps.code == "keep_out" and steps.details["zone"] == "press"


@pytest.mark.parametrize(("x_m", "refused"), [(0.7, True), (0.2, False)])
def test_a_place_too_near_to_a_zone_is_not_walked_to(x_m, refused):
    stance = SITE.places["shelf"].stance(WALK.config.stance_m)
    zone = {"box_m": (stance.x_m - 2.0, -1.0, stance.x_m - 1.0 + x_m, 2.0), "against": ("walks",)}
    walk = Plan(steps=(WalkToStep(place="shelf"),))
    steps = compiled(walk, here(**zone))
    assert isinstance(steps, Rejected) == refused
    # Turning is done on the spot, wherever that is.
    turn = Plan(steps=(TurnToStep(place="shelf"),))
    assert not isinstance(compiled(turn, here(**zone)), Rejected)


class Arms:
    """Cannot reach some parts; notes which scene it was asked about."""

    def __init__(self, **refusals):
        self.refusals, self.asked = refusals, []

    def check_put(self, joint_pos_rad, scene, part, box):
        self.asked.append((part.track_id, {item.track_id for item in scene.objects}))
        return self.refusals.get(part.track_id)


def test_reach_of_each_step_is_checked_without_what_was_moved_before():
    cube, cylinder, tray = default_scene()
    steps = compiled(put_plan((cube, tray), (cylinder, tray)))
    arms = Arms(obj_2=Rejected("unreachable", "too far", {"object": "green cylinder"}))
    refused = check_reach(steps, arms, np.zeros(2), scene())
    assert refused.code == "unreachable" and refused.details["step"] == 1
    assert arms.asked == [("obj_1", {"obj_1", "obj_2", "obj_3"}), ("obj_2", {"obj_2", "obj_3"})]
    assert check_reach(steps, Arms(), np.zeros(2), scene()) is None


def test_a_collision_with_a_zone_is_called_what_it_is():
    contacts = {"contacts": [["left_hand_0", "keep_out/press/3"]]}
    arms = Arms(obj_1=Rejected("goal_in_collision", "the hand collides", contacts))
    refused = check_reach(compiled(put()), arms, np.zeros(2), scene())
    assert refused.code == "keep_out" and refused.details["zone"] == "press"


def test_a_part_that_lies_in_its_container_needs_no_reach():
    cube, _, tray = default_scene()
    inside = replace(cube, center_B_m=tray.center_B_m)
    seen = SceneSnapshot(0.0, (inside, tray))
    steps = compile_plan(put_plan((inside, tray)), seen, 0.4, 1.0)
    arms = Arms(obj_1=Rejected("unreachable", "too far"))
    assert check_reach(steps, arms, np.zeros(2), seen) is None


def test_refusals_are_spoken_in_the_language_of_the_sentence():
    refused = compiled(put(), Rules(payload_kg=0.01))
    english, chinese = spoken(refused, "en"), spoken(refused, "zh")
    assert english.reason == refused.reason and english.details["suggestion"]
    assert chinese.reason == "红色立方体对手臂来说太重"
    assert chinese.details["suggestion"] == CODES["too_heavy"].try_zh
    assert chinese.details["step"] == 0 and chinese.details["object"] == "red cube"
    walk = compiled(Plan(steps=(WalkToStep(place="shelf"),)), here(box_m=(0.0, -1.0, 3.0, 2.0)))
    assert spoken(walk, "zh").reason.startswith("货架")


def test_the_container_is_named_where_the_container_is_meant():
    step = put().steps[0]
    refused = about(Rejected("unreachable", "no", {"object": "blue tray"}), step, 0)
    assert spoken(refused, "zh").reason == "手够不到蓝色托盘"


def test_what_a_brain_or_a_place_said_in_chinese_stays():
    said = Rejected("unknown_place", "没有人教过我“月亮”在哪里", {"suggestion": ""})
    assert spoken(said, "zh").reason == said.reason
    assert spoken(Rejected("never_heard_of", "x"), "zh").reason == "没有做成（never_heard_of）"


@pytest.mark.parametrize("suggestion", ["", "I see: nothing"])
def test_a_brains_own_words_are_handed_on_as_they_are(suggestion):
    refusal = Refusal(code="not_found", reason="I see no teapot", suggestion=suggestion)
    refused = compiled(Plan(refusal=refusal))
    for language in ("en", "zh"):
        said = spoken(refused, language)
        assert (said.reason, said.details["suggestion"]) == ("I see no teapot", suggestion)


def codes_in(*folders):
    """Codes of everything in some folders that makes a refusal of its first argument."""
    makers = ("Rejected", "_abort", "_late", "in_collision", "_too_far")
    for path in (p for folder in folders for p in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(
                node, ast.Call
            ) else ""  # fmt: skip
            if name in makers and isinstance(node.args[0], ast.Constant):
                yield node.args[0].value


def test_every_code_of_the_big_brain_has_words():
    # Memory's, MoveIt's and the journal's stay inside: something else is done instead.
    inner = {"no_cached_plan", "cached_plan_old", "scene_changed", "bad_journal"}
    inner |= {"moveit_late", "moveit_wrong", "moveit_too_close"}
    assert set(codes_in("big_brain_node")) - inner <= set(CODES)
    everywhere = set(codes_in("big_brain_node", "small_brain_node", "neuraxis_bridge"))
    assert set(CODES) <= everywhere | {NOT_VERIFIED}


def test_the_page_lists_every_code():
    page = (ROOT / "docs" / "big_brain.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"`([a-z_]+)`", page))
    assert set(CODES) <= listed and set(get_args(RefusalCode)) <= listed


def test_every_code_has_a_reason_in_chinese_and_both_suggestions_or_none():
    for code, said in CODES.items():
        assert re.search(r"[\u4e00-\u9fff]", said.reason_zh), code
        assert bool(said.try_en) == bool(said.try_zh), code
