# SPDX-License-Identifier: Apache-2.0
"""Garbage and near-miss plans end in a refusal: no exception, no motion.

The examples are the same on every run. `FUZZ_EXAMPLES=2000` in the environment tries more.
"""

from __future__ import annotations

import copy
import io
import json
import os
import sys
from contextlib import suppress

from fakes import FakeWorld, ScriptedBrain, default_scene, put_plan
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_walk_steps import CONFIG, SITE, DummyLegs
from walk_rig import Dummy

from big_brain_node.compiler.words import CODES
from big_brain_node.config import BigBrainConfig
from big_brain_node.executive import Executive
from big_brain_node.given import GivenPlans, read_plan
from big_brain_node.ports import InlineWorker
from big_brain_node.skills import Tools
from big_brain_node.walk.grounding import WalkTools
from neuraxis_cli.__main__ import main
from neuraxis_common.errors import Rejected
from neuraxis_common.plan import Plan, RefusalCode, WalkToStep

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "60"))
SETTINGS = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
DT_S = 0.25
JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["put", "walk_to", "turn_to", "exec", "red", "cube", "tray", "shelf", "zh"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=6,
)
CUBE, CYLINDER, TRAY = default_scene()


def good_plan():
    """Two puts and a walk, as JSON would hold it."""
    plan = put_plan((CUBE, TRAY), (CYLINDER, TRAY))
    steps = (*plan.steps, WalkToStep(place="shelf"))
    return json.loads(Plan(steps=steps).model_dump_json())


def carry_out(text):
    """Give a text to the executive; returns result, fake bench and the dummy that walks."""
    world, dummy = FakeWorld(default_scene()), Dummy(dt_s=DT_S)
    legs = DummyLegs(dummy)
    tools = Tools(
        world, world, world, InlineWorker(), BigBrainConfig(), lambda: 0.0,
        walk=WalkTools(legs, SITE, CONFIG),
    )  # fmt: skip
    nobody = Rejected("brain_unavailable", "nobody")
    executive = Executive(tools, GivenPlans(ScriptedBrain(nobody)))
    assert executive.start(world.now_s, text) is None
    for _ in range(2000):
        world.advance(DT_S)
        dummy.move(legs.wish)
        if executive.tick(world.now_s) is not None:
            return executive.result, world, dummy
    raise AssertionError("the executive never ended")


def check_refused(result, world, dummy):
    refusal = result.refusal()
    assert set(refusal) == {"code", "step", "object", "reason", "suggestion"}
    assert refusal["code"] in CODES or refusal["code"] in RefusalCode.__args__
    assert refusal["reason"] and isinstance(refusal["reason"], str)
    json.dumps([refusal, result.details])
    assert world.log == []
    assert len({pose.x_m for pose in dummy.trail}) == 1


def places_in(node):
    """Every (holder, key) of a nested document."""
    for key in list(node) if isinstance(node, dict) else range(len(node)):
        yield node, key
        if isinstance(node[key], dict | list):
            yield from places_in(node[key])


@st.composite
def near_misses(draw):
    """The good plan with one field replaced, taken away, added or moved."""
    plan = copy.deepcopy(good_plan())
    node, key = draw(st.sampled_from(list(places_in(plan))))
    how = draw(st.sampled_from(("replace", "take", "add", "nudge", "twice")))
    if how == "take":
        del node[key]
    elif how == "add" and isinstance(node, dict):
        node[draw(st.text(max_size=6))] = draw(JUNK)
    elif how == "nudge" and isinstance(node[key], float):
        node[key] += draw(st.floats(-1e4, 1e4))
    elif how == "twice" and isinstance(node, list):
        node.append(copy.deepcopy(node[key]))
    else:
        node[key] = draw(JUNK)
    return plan


def test_the_good_plan_is_carried_out():
    result, world, _ = carry_out(json.dumps(good_plan()))
    assert result.success and world.log.count("grasp") == 2


@SETTINGS
@given(st.text(max_size=400).map(lambda text: "{" + text))
def test_text_that_begins_like_a_plan_moves_nothing(text):
    result, world, dummy = carry_out(text)
    assert result.code == "bad_plan"
    check_refused(result, world, dummy)


@SETTINGS
@given(st.dictionaries(st.sampled_from(["steps", "refusal", "version", "language", "x"]), JUNK))
def test_a_document_of_junk_moves_nothing(document):
    result, world, dummy = carry_out(json.dumps(document))
    assert not result.success
    check_refused(result, world, dummy)


@settings(SETTINGS, max_examples=5 * EXAMPLES)
@given(near_misses())
def test_a_near_miss_is_refused_or_does_exactly_what_it_says(document):
    text = json.dumps(document)
    result, world, dummy = carry_out(text)
    if not result.success:
        check_refused(result, world, dummy)
        return
    plan = read_plan(text)
    puts = [step for step in plan.steps if step.skill == "put"]
    named = [(step.object.label, step.target.label) for step in puts]
    assert set(named) <= {("red cube", "blue tray"), ("green cylinder", "blue tray")}
    assert len(named) == len(set(named)) == world.log.count("grasp")
    walked = any(step.skill == "walk_to" for step in plan.steps)
    assert walked == (len({round(pose.x_m, 6) for pose in dummy.trail}) > 1)


def test_the_published_schema_is_that_of_the_plan(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["neuraxis", "plan", "schema"])
    with suppress(SystemExit):
        main()
    assert json.loads(capsys.readouterr().out) == Plan.model_json_schema()


def test_the_check_prints_a_plan_in_full_or_names_what_is_wrong(monkeypatch, capsys):
    def check(text):
        monkeypatch.setattr(sys, "argv", ["neuraxis", "plan", "check", "-"])
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))
        try:
            code = main()
        except SystemExit as end:
            code = end.code or 0
        return code, *capsys.readouterr()

    code, out, _ = check(json.dumps(good_plan()))
    assert code == 0 and json.loads(out) == good_plan()
    code, out, error = check('{"steps": [{"skill": "fly"}]}')
    assert code == 2 and not out and "steps.0" in error
