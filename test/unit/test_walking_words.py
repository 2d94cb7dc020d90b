# SPDX-License-Identifier: Apache-2.0
"""Sentences that walk: whole clauses of known places only, all else is the brain's to read."""

from pathlib import Path

import numpy as np
import pytest

from big_brain_node.walk.site import load_site
from big_brain_node.walk.words import WalkingWords
from neuraxis_common.errors import ConfigError, Rejected
from neuraxis_common.plan import ContainerRef, PartRef, Plan, PutStep, Refusal

ROOT = Path(__file__).resolve().parents[2]
RGB = np.zeros((4, 4, 3), dtype=np.uint8)
PUT = PutStep(
    object=PartRef(shape="cube", color="red", box=(0, 0, 1, 1)),
    target=ContainerRef(shape="bin", color="blue", box=(1, 1, 2, 2)),
)


class Listener:
    """Notes what it is asked and answers with one put."""

    def __init__(self, answer=None):
        self.heard = []
        self.answer = answer or Plan(program="put one red cube into one bin", steps=(PUT,))

    def ask(self, _rgb, instruction, _seen=(), _job=()):
        self.heard.append(instruction)
        return self.answer


def asked(sentence, listener=None):
    listener = listener or Listener()
    words = WalkingWords(listener, load_site(ROOT / "config/sites/shelf_room.yaml"))
    return words.ask(RGB, sentence), listener.heard


def steps_of(plan):
    return [(step.skill, getattr(step, "place", "")) for step in plan.steps]


@pytest.mark.parametrize(
    ("sentence", "steps"),
    [
        ("walk to the shelf", ["walk_to shelf"]),
        ("Please go over to the rack.", ["walk_to shelf"]),
        ("could you come back to the workbench please?", ["walk_to bench"]),
        ("return to the bench", ["walk_to bench"]),
        ("turn to the door", ["turn_to door"]),
        ("look at the exit", ["turn_to door"]),
        ("face the shelf", ["turn_to shelf"]),
        ("go to the shelf, then turn to the bench", ["walk_to shelf", "turn_to bench"]),
        ("walk to the door and then walk to the shelf and face the bench",
         ["walk_to door", "walk_to shelf", "turn_to bench"]),
        ("Go to the shelf. Then come back to the table.", ["walk_to shelf", "walk_to bench"]),
        ("走到货架那里", ["walk_to shelf"]),
        ("请去门口", ["walk_to door"]),
        ("回到工作台", ["walk_to bench"]),
        ("first walk to the door, then walk to the shelf", ["walk_to door", "walk_to shelf"]),
        ("go to the door, after that go to the shelf", ["walk_to door", "walk_to shelf"]),
        ("请先走到架子旁边，再面向门", ["walk_to shelf", "turn_to door"]),
        ("走到架子旁边，然后转向门", ["walk_to shelf", "turn_to door"]),
        ("去门口，再回到工作台。", ["walk_to door", "walk_to bench"]),
        ("面向货架", ["turn_to shelf"]),
    ],
)  # fmt: skip
def test_walks_are_read_without_asking_the_brain(sentence, steps):
    plan, heard = asked(sentence)
    assert [" ".join(step) for step in steps_of(plan)] == steps
    assert heard == []


@pytest.mark.parametrize(
    ("sentence", "rest"),
    [
        ("put the red cube in the bin, then walk to the shelf", "put the red cube in the bin"),
        ("Put the red cube and the hexagon in the bin and then go to the door",
         "put the red cube and the hexagon in the bin"),
        ("把红色立方体放进箱子，然后走到货架", "把红色立方体放进箱子"),
    ],
)  # fmt: skip
def test_what_comes_before_the_walk_is_for_the_brain(sentence, rest):
    plan, heard = asked(sentence)
    assert heard == [rest]
    assert [skill for skill, _ in steps_of(plan)] == ["put", "walk_to"]
    assert plan.program == "put one red cube into one bin"


@pytest.mark.parametrize(
    "sentence",
    [
        "put the red cube in the bin",
        "do not walk to the shelf",
        "never put a cube in the bin, then walk to the shelf",
        "if the cube is in the bin, walk to the shelf",
        "put the cube in the bin, then walk to the shelf unless somebody stands there",
        "walk to the shelf and put the red cube in the bin",
        "go to the red cube and put it in the bin",
        "put the red cube in the bin, then walk to the moon",
        "不要走到货架",
        "如果看到红色立方体，走到货架",
        "throw the cube at the shelf",
        "",
    ],
)
def test_everything_else_goes_to_the_brain_as_it_was_said(sentence):
    plan, heard = asked(sentence)
    assert heard == [sentence]
    assert steps_of(plan) == [("put", "")]


@pytest.mark.parametrize(
    ("sentence", "named"),
    [
        ("walk to the moon", "moon"),
        ("walk to the shelf with the red cube", "shelf with the red cube"),
        ("走到月球", "月球"),
    ],
)
def test_a_place_that_nobody_taught_is_refused_with_the_known_ones(sentence, named):
    refused, heard = asked(sentence)
    assert isinstance(refused, Rejected) and refused.code == "unknown_place" and heard == []
    assert named in refused.reason
    assert refused.details["known"] == ["bench", "door", "shelf"]


def test_a_refusal_of_the_rest_is_a_refusal_of_all():
    no = Plan(refusal=Refusal(code="unsafe", reason="that could hurt somebody"))
    plan, heard = asked("throw the cube at him, then walk to the shelf", Listener(no))
    assert plan is no and heard == ["throw the cube at him"]


def test_one_name_for_two_places_is_refused_when_the_site_is_read(tmp_path):
    path = tmp_path / "twice.yaml"
    path.write_text(
        "places:\n"
        "  shelf: {x_m: 0.0, y_m: 0.0, facing_deg: 0.0, names: [rack]}\n"
        "  rack: {x_m: 1.0, y_m: 0.0, facing_deg: 0.0}\n"
    )
    with pytest.raises(ConfigError, match="'rack'"):
        load_site(path)
