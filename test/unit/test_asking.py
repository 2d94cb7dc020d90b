# SPDX-License-Identifier: Apache-2.0
"""Questions are answered beside what is under way, and nothing but a question is held up."""

from __future__ import annotations

import pytest
from fakes import FakeWorld, ScriptedBrain, default_scene, put_plan

from big_brain_node.asking import Aside, Asides, may_ask
from big_brain_node.config import BigBrainConfig
from big_brain_node.ports import InlineWorker
from big_brain_node.skills import Tools
from neuraxis_bridge.job_said import wanted_of
from neuraxis_bridge.measured import as_detected
from neuraxis_common.errors import Rejected
from neuraxis_common.plan import Answer, Plan

ANSWER = Plan(answer=Answer(kind="count", text="I see 1 red cube", count=1))


def tools_of(world):
    return Tools(world, world, world, InlineWorker(), BigBrainConfig(), lambda: world.now_s)


@pytest.mark.parametrize(
    ("sentence", "may"),
    [
        ("How many red cubes are there", True),
        ("where's the can?", True),
        ("ARE YOU DONE", True),
        ("report what you see", True),
        ("有几个红色立方体", True),
        ("杯子在哪儿？", True),
        ("完成了吗", True),
        ("put the red cube in the blue tray", False),
        ("stop that and move the can to the bin", False),
        ("把红色立方体放进托盘", False),
    ],
)
def test_only_what_has_a_word_of_questions_is_asked_about_first(sentence, may):
    assert may_ask(sentence) is may


def test_each_asker_gets_the_answer_that_is_theirs():
    cube, _, tray = scene = default_scene()
    world = FakeWorld(scene)
    order = put_plan((cube, tray))
    asides = Asides(tools_of(world), ScriptedBrain(ANSWER, order))
    asides.take("anna", "how many?", (), 0.0)
    asides.take("ben", "can you put it there?", (), 0.0)
    said = {}
    for _ in range(3):
        world.advance(0.05)
        said |= dict(asides.tick(world.now_s))
    assert said == {"anna": ANSWER, "ben": order}
    assert asides.tick(world.now_s) == []


def test_the_brain_is_told_the_job():
    cube, _, tray = scene = default_scene()
    world, heard = FakeWorld(scene), []

    class Brain:
        def ask(self, rgb, instruction, seen=(), job=()):
            heard.append((instruction, len(seen), job))
            return ANSWER

    job = wanted_of(put_plan((cube, tray)), as_detected(scene))
    aside = Aside(tools_of(world), Brain(), "is it done?", job, 0.0)
    assert aside.tick(0.0) is None and aside.tick(0.0) is ANSWER
    assert heard == [("is it done?", len(scene), job)]


def test_a_question_waits_for_a_view_no_longer_than_its_deadline():
    world = FakeWorld(default_scene())
    world.blind = True
    aside = Aside(tools_of(world), ScriptedBrain(ANSWER), "where?", (), 0.0)
    deadline_s = BigBrainConfig().look_timeout_s
    assert aside.tick(deadline_s - 0.1) is None
    late = aside.tick(deadline_s + 0.1)
    assert isinstance(late, Rejected) and late.code == "no_view"


def test_a_judgement_looks_only_at_images_from_after_the_end():
    world = FakeWorld(default_scene())
    aside = Aside(tools_of(world), ScriptedBrain(ANSWER), "is it done?", (), since_s=0.5)
    world.advance(0.4)
    assert aside.tick(world.now_s) is None and aside._answer is None
    world.advance(0.2)
    assert aside.tick(world.now_s) is None and aside._answer is not None
