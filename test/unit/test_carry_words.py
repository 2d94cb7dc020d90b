# SPDX-License-Identifier: Apache-2.0
"""Sentences that carry a part to a place: read by rules, the part found by asking where it is."""

from pathlib import Path

import numpy as np
import pytest

from big_brain_node.walk.site import load_site
from big_brain_node.walk.words import WalkingWords
from neuraxis_common.errors import Rejected
from neuraxis_common.plan import Answer, ContainerRef, PartRef, Plan, PutStep, Refusal

ROOT = Path(__file__).resolve().parents[2]
RGB = np.zeros((4, 4, 3), dtype=np.uint8)
CUBE = PartRef(shape="cube", color="red", box=(0, 0, 1, 1))
OTHER = PartRef(shape="cube", color="red", box=(2, 0, 3, 1))
TRAY = ContainerRef(shape="tray", color="blue", box=(1, 1, 2, 2))
PUT = Plan(program="put one red cube into one tray", steps=(PutStep(object=CUBE, target=TRAY),))


def where(*things, text="there"):
    return Plan(answer=Answer(kind="where", text=text, things=things))


class Listener:
    """Answers questions with the things it sees, all else with one plan."""

    def __init__(self, *things, plan=PUT):
        self.heard, self.things, self.plan = [], things, plan

    def ask(self, _rgb, instruction, _seen=(), _job=()):
        self.heard.append(instruction)
        asks = instruction.startswith("where is ") or instruction.endswith("在哪里？")
        return where(*self.things) if asks else self.plan


def asked(sentence, *things, **kinds):
    listener = Listener(*(things or (CUBE,)), **kinds)
    words = WalkingWords(listener, load_site(ROOT / "config/sites/shelf_room.yaml"))
    return words.ask(RGB, sentence), listener.heard


def steps_of(plan):
    return [f"{step.skill} {getattr(step, 'place', '')}".strip() for step in plan.steps]


@pytest.mark.parametrize(
    ("sentence", "question", "steps"),
    [
        ("bring the red cube to the shelf", "where is the red cube?", ["carry_to shelf"]),
        ("Please take the red cube over to the rack.", "where is the red cube?",
         ["carry_to shelf"]),
        ("could you carry that red cube back to the workbench?", "where is that red cube?",
         ["carry_to bench"]),
        ("get a cube to the door", "where is a cube?", ["carry_to door"]),
        ("deliver red cube to shelf", "where is the red cube?", ["carry_to shelf"]),
        ("put the red cube on the shelf", "where is the red cube?", ["carry_to shelf"]),
        ("place the largest part onto the rack", "where is the largest part?", ["carry_to shelf"]),
        ("I'd like you to bring the cube in the tray to the shelf",
         "where is the cube in the tray?", ["carry_to shelf"]),
        ("bring the cube between the tray and the bin to the shelf",
         "where is the cube between the tray and the bin?", ["carry_to shelf"]),
        ("pick up the red cube and carry it to the shelf", "where is the red cube?",
         ["carry_to shelf"]),
        ("take the red cube, then put it on the shelf", "where is the red cube?",
         ["carry_to shelf"]),
        ("take the cube with you to the shelf, then come back to the bench", "where is the cube?",
         ["carry_to shelf", "walk_to bench"]),
        ("把红色方块拿到货架上", "红色方块在哪里？", ["carry_to shelf"]),
        ("请把红色方块送到架子那里。", "红色方块在哪里？", ["carry_to shelf"]),
        ("帮我将托盘里的方块搬去货架", "托盘里的方块在哪里？", ["carry_to shelf"]),
        ("把红色方块放到货架上去", "红色方块在哪里？", ["carry_to shelf"]),
        ("把红色方块放在货架上", "红色方块在哪里？", ["carry_to shelf"]),
        ("把红色方块端过去货架", "红色方块在哪里？", ["carry_to shelf"]),
        ("拿红色方块到货架", "红色方块在哪里？", ["carry_to shelf"]),
        ("拿起红色方块，然后把它放到架子上", "红色方块在哪里？", ["carry_to shelf"]),
        ("take the red cube out of the tray and bring it to the shelf",
         "where is the red cube in the tray?", ["carry_to shelf"]),
        ("take the red cube from the bench to the shelf", "where is the red cube?",
         ["carry_to shelf"]),
        ("把红色方块从托盘里拿出来放到货架上", "托盘里的红色方块在哪里？", ["carry_to shelf"]),
        ("取红色方块送到货架上", "红色方块在哪里？", ["carry_to shelf"]),
        ("把红色方块放货架上", "红色方块在哪里？", ["carry_to shelf"]),
        ("你能把红色方块拿过去放在货架上吗？", "红色方块在哪里？", ["carry_to shelf"]),
        ("把红色方块带到门口，再回到工作台", "红色方块在哪里？",
         ["carry_to door", "walk_to bench"]),
    ],
)  # fmt: skip
def test_a_carried_part_is_asked_for_and_the_place_is_known(sentence, question, steps) -> None:
    plan, heard = asked(sentence)
    assert steps_of(plan) == steps
    assert heard == [question] and plan.steps[0].object == CUBE
    assert plan.language == ("zh" if "哪里" in question else "en")


def test_what_comes_before_is_the_brains_and_stays_in_front() -> None:
    plan, heard = asked("put the red cube in the tray and bring the red cube to the shelf", OTHER)
    assert steps_of(plan) == ["put", "carry_to shelf"]
    assert heard == ["put the red cube in the tray", "where is the red cube?"]
    assert (plan.program, plan.steps[1].object) == (PUT.program, OTHER)


@pytest.mark.parametrize(
    "sentence",
    [
        "bring the red cube to the tray",
        "put the red cube on the tray",
        "bring the red cube to the shelf if it is alone",
        "do not bring the red cube to the shelf",
        "never take the cube to the shelf",
        "bring the red cube",
        "bring it to the shelf",
        "bring the red cube to the shelf and the block",
        "put the red cube in the tray",
        "把红色方块放到托盘里",
        "不要把红色方块拿到货架上",
        "如果托盘是空的，把红色方块拿到货架上",
        "把它拿到货架上",
    ],
)
def test_conditions_negations_and_other_targets_go_to_the_brain_as_they_were_said(sentence) -> None:
    plan, heard = asked(sentence)
    assert (plan, heard) == (PUT, [sentence])


@pytest.mark.parametrize(
    ("sentence", "things", "code", "word"),
    [
        ("bring the red cube to the shelf", (CUBE, OTHER), "ambiguous", "2 could be meant"),
        ("把红色方块拿到货架上", (CUBE, OTHER), "ambiguous", "有2个"),
        ("bring the tray to the shelf", (TRAY,), "unsupported_action", "not a blue tray"),
        ("把托盘拿到货架上", (TRAY,), "unsupported_action", "只能拿零件"),
    ],
)
def test_what_is_not_one_part_is_refused_with_a_reason(sentence, things, code, word) -> None:
    plan, _ = asked(sentence, *things)
    assert plan.refusal.code == code and word in plan.refusal.reason


@pytest.mark.parametrize(
    "sentence",
    [
        "bring the red cube and the blue block to the shelf",
        "bring all cubes to the shelf",
        "take two cubes to the shelf",
        "把红色方块和蓝色方块拿到货架上",
        "把所有方块都拿到货架上",
    ],
)
def test_several_parts_at_once_are_refused_unasked(sentence) -> None:
    plan, heard = asked(sentence)
    assert plan.refusal.code == "unsupported_action" and heard == []


def test_any_of_several_will_do_where_any_is_said() -> None:
    assert asked("bring a red cube to the shelf", CUBE, OTHER)[0].steps[0].object == CUBE


def test_nothing_seen_and_refusals_of_the_brain_move_nothing() -> None:
    site = load_site(ROOT / "config/sites/shelf_room.yaml")

    def told(answer):
        listener = Listener()
        listener.ask = lambda *_args: answer
        return WalkingWords(listener, site).ask(RGB, "bring the red cube to the shelf")

    missing = told(where(text="I see no red cube"))
    assert (missing.refusal.code, missing.refusal.reason) == ("not_found", "I see no red cube")
    no = Plan(refusal=Refusal(code="unknown_object", reason="what is that?"))
    assert told(no) is no
    late = Rejected("brain_timeout", "too late")
    assert told(late) is late
    assert told(PUT).refusal.code == "unknown_object"


@pytest.mark.parametrize("code", ["unknown_object", "unsupported_action", "not_a_task"])
def test_a_place_that_neither_site_nor_brain_knows_is_named_with_the_known_ones(code) -> None:
    no = Plan(refusal=Refusal(code=code, reason="what?"))
    refused, heard = asked("bring the red cube to the moon", plan=no)
    assert refused.code == "unknown_place" and "moon" in refused.reason
    assert refused.details["known"] == ["bench", "door", "shelf"]
    assert heard == ["bring the red cube to the moon"]
    missing = Plan(refusal=Refusal(code="not_found", reason="I see no tray"))
    assert asked("bring the red cube to the tray", plan=missing)[0] is missing
