# SPDX-License-Identifier: Apache-2.0
"""Questions about a scene and a job, and conditions: what they come to on one scene."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fake_scene import container, part
from pydantic import ValidationError

from neuraxis_bridge import job_said
from neuraxis_bridge.executor import execute
from neuraxis_bridge.program import parse

# The black can stands in the white bin, a red cube in the blue tray; the green basket is empty.
SCENE = (
    part("red cube", 60, y=300),
    part("green block", 160, y=300),
    container("blue tray", 260, y=200),
    part("red cube", 260, y=180, scale=0.8),
    container("white bin", 430, y=200),
    part("black can", 430, y=180, scale=0.8),
    container("green basket", 580, y=200),
)


def asked(text, language="en", scene=SCENE, job=()):
    return execute(parse(f"ask {text}"), scene, language, job=job).answer


def moves(text, scene=SCENE):
    plan = execute(parse(text), scene)
    return [(step.object.label, step.target.label) for step in plan.steps] or plan.refusal


@pytest.mark.parametrize(
    ("question", "count", "text"),
    [
        ("count any red cube", 2, "I see 2 red cubes"),
        ("count any red cube in blue tray", 1, "I see 1 red cube in the blue tray"),
        ("count any part", 4, "I see 4 parts: red cube x2, green block, black can"),
        ("count any cup", 0, "I see no cups"),
        ("count any container empty", 1, "I see 1 empty container"),
    ],
)
def test_things_are_counted(question, count, text):
    answer = asked(question)
    assert (answer.kind, answer.count, answer.text) == ("count", count, text)
    assert len(answer.things) == count


@pytest.mark.parametrize(
    ("question", "yes"),
    [
        ("exists any red cube", True),
        ("exists any red cube in white bin", False),
        ("exists two red cube", True),
        ("exists three red cube", False),
        ("exists all red cube in blue tray", False),
        ("exists all can in white bin", True),
        ("exists all cup in white bin", False),
        ("exists any green basket empty", True),
        ("exists any tray empty", False),
        ("exists any bin holding can", True),
        ("exists any leftmost red part", True),
    ],
)
def test_a_question_that_wants_yes_or_no(question, yes):
    answer = asked(question)
    assert answer.yes is yes
    assert answer.text.startswith("yes: " if yes else "no, ")
    assert asked(question, "zh").text.startswith("是的" if yes else "不")


@pytest.mark.parametrize(
    ("question", "en", "zh"),
    [
        ("where any green block", "the green block is on the table, right of the red cube",
         "绿色长方块在桌上，在红色立方体右边"),
        ("where any can", "the black can is in the white bin", "黑色罐子在白色箱子里"),
        ("where any cup", "I see no cup", "我没有看到杯子"),
        ("color any leftmost cube", "red", "红色"),
        ("list any part on_table", "red cube, green block", "红色立方体、绿色长方块"),
        ("list any container empty", "green basket", "绿色篮子"),
        ("done", "there is no job under way", "没有进行中的任务"),
    ],
)  # fmt: skip
def test_an_answer_is_said_in_the_language_of_the_question(question, en, zh):
    assert asked(question).text == en
    assert asked(question, "zh").text == zh


def test_everything_is_listed_by_where_it_is():
    text = asked("list").text
    assert text == (
        "on the table: red cube, green block; in the blue tray: red cube; "
        "in the white bin: black can; in the green basket: nothing"
    )
    assert "绿色篮子里：什么都没有" in asked("list", "zh").text
    assert len(asked("list").things) == len(SCENE)


def test_an_answer_about_more_than_a_plan_may_name_still_counts_them_all():
    many = tuple(part("red cube", 30 + 5 * x) for x in range(80))
    answer = asked("count any red cube", scene=many)
    assert answer.count == 80 and len(answer.things) == 64


def test_a_question_about_what_is_not_there_is_refused():
    plan = execute(parse("ask exists any red cube left_of purple cup"), SCENE, "en")
    assert plan.answer is None and plan.refusal.code == "not_found"


PUT = "put one green block into one white bin"
ELSE = f"{PUT} else put one green block into one blue tray"


@pytest.mark.parametrize(
    ("program", "target"),
    [
        (f"if any can in bin {PUT}", "white bin"),
        (f"unless any can in tray {PUT}", "white bin"),
        (f"if two red cube {PUT}", "white bin"),
        (f"if any can in tray {ELSE}", "blue tray"),
        (f"unless any can in bin {ELSE}", "blue tray"),
        (f"if all can in bin {ELSE}", "white bin"),
    ],
)
def test_a_condition_decides_which_step_is_done(program, target):
    assert moves(program) == [("green block", target)]


def test_a_condition_that_does_not_hold_is_said():
    refused = moves(f"if three red cube in bin {PUT}")
    assert refused.code == "nothing_to_do"
    assert refused.reason == "there are not 3 red cubes in the bin"
    refused = moves(f"unless any can in bin {PUT}")
    assert refused.reason == "there is a can in the bin"


def test_conditions_are_about_the_scene_before_the_first_step():
    program = "put one leftmost red cube into one white bin ; if any red cube on_table " + PUT
    assert moves(program) == [("red cube", "white bin"), ("green block", "white bin")]


def test_a_job_is_judged_by_what_its_containers_hold_more_than_before():
    plan = execute(parse("put all red cube into one white bin"), SCENE)
    job = job_said.wanted_of(plan, SCENE)
    assert [step.already for step in job] == [0, 0]
    answer = asked("done", job=job)
    assert (answer.yes, answer.count, answer.of) == (False, 0, 2)
    one = (replace(SCENE[0], box=(420, 150, 440, 180)), *SCENE[1:])
    answer = asked("done", scene=one, job=job)
    assert (answer.yes, answer.count, answer.of) == (False, 1, 2)
    assert answer.text == "1 of 2 seen done, not yet: red cube into white bin"
    # A cube was in the tray before: another one has to come.
    job = job_said.wanted_of(execute(parse("put one red cube into one blue tray"), SCENE), SCENE)
    assert job[0].already == 1 and not asked("done", job=job).yes
    two = (replace(SCENE[0], box=(225, 150, 245, 180)), *SCENE[1:])
    assert asked("done", "zh", two, job).yes


def test_what_is_not_seen_at_all_speaks_neither_for_a_job_nor_against_it():
    job = job_said.wanted_of(execute(parse("put all red cube into one white bin"), SCENE), SCENE)
    one = (replace(SCENE[0], box=(420, 150, 440, 180)), *SCENE[1:3], *SCENE[4:])
    answer = asked("done", scene=one, job=job)
    assert (answer.yes, answer.count, answer.of) == (None, 1, 2)
    assert answer.text == "1 of 2 seen done, cannot see: red cube into white bin"
    # In the bin it is taken for something else.
    taken_for = replace(SCENE[3], color="orange", box=(410, 150, 430, 180))
    assert asked("done", scene=(*one, taken_for), job=job).yes is None


def test_a_job_goes_along_as_a_message_and_comes_back():
    job = job_said.wanted_of(execute(parse("put all part into one white bin"), SCENE), SCENE)
    assert len(job) == 3 and job_said.read(job_said.say(job)) == job
    assert job_said.read("Something else") == ()
    for broken in ("", "[", '[{"object": 1}]', "[" + "{}," * 40 + "{}]"):
        with pytest.raises(ValidationError):
            job_said.read(job_said.PREFIX + broken)
