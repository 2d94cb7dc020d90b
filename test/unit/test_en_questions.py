# SPDX-License-Identifier: Apache-2.0
"""Questions and conditions in English: nothing left open, nothing shared by splits, agreement."""

import random
import re

import pytest

from neuraxis_bridge.program import Condition, Question, parse
from neuraxis_field.language import en_ask_words, en_questions
from neuraxis_field.language.programs import any_noun, draw_parts, draw_target

LEFT_OVER = re.compile(r"[{}\[\]|<>~]")
KINDS = ("count", "exists", "where", "color", "list")
QUANTS = ("one", "any", "all", "two", "five", "many")
PLACES = {
    "part": ("", "in", "on_table", "left_of", "right_of", "next_to", "in_front_of", "behind",
             "nearest_to", "farthest_from"),
    "tray": ("", "empty", "holding", "left_of", "next_to", "behind"),
}  # fmt: skip


def _selections(kind_of):
    """Words of selections of every quantifier and relation, with random nouns."""
    rng = random.Random(5)
    for quant in QUANTS:
        for place in PLACES[kind_of]:
            part, box = draw_parts(rng, True), draw_target(rng, True)
            shape = rng.choice((kind_of, part.shape if kind_of == "part" else box.shape))
            color = rng.choice(("", "red", "orange"))
            noun = {"": "", "in": "blue tray", "holding": "red cube", "on_table": "", "empty": ""}
            where = f"{place} {noun.get(place, str(any_noun(rng)))}"
            yield " ".join(f"{quant} {color} {shape} {where}".split())
    yield f"one largest red {kind_of}"
    yield f"one second leftmost {kind_of}"


@pytest.mark.parametrize("split", ["train", "dev"])
@pytest.mark.parametrize("kind_of", PLACES)
def test_every_question_and_condition_can_be_said(split, kind_of):
    rng = random.Random(3)
    for words in _selections(kind_of):
        for kind in KINDS:
            question = parse(f"ask {kind} {words}").question
            for _ in range(4):
                text = en_questions.ask(rng, split, question)
                assert text and not LEFT_OVER.search(text), text
        for word in ("if", "unless"):
            condition = parse(f"{word} {words} put any cup into one bin").puts[0].condition
            for otherwise in ("", "wave the flag"):
                text = en_questions.conditional(rng, split, condition, "do it so", otherwise)
                assert "do it so" in text and otherwise in text
                assert not LEFT_OVER.search(text), text


@pytest.mark.parametrize("kind", ["list", "done"])
def test_questions_about_everything_have_no_slots(kind):
    rng = random.Random(1)
    for split in ("train", "dev"):
        for _ in range(100):
            assert not LEFT_OVER.search(en_questions.ask(rng, split, Question(kind)))


@pytest.mark.parametrize("name", en_questions.TABLES)
def test_splits_share_no_frame(name):
    frames = en_questions.TABLES[name]
    dev = {frame[1:] for frame in frames if frame.startswith("~")}
    train = {frame for frame in frames if not frame.startswith("~")}
    assert dev and train and not dev & train


def _said(words, kind, plural=None):
    """Phrases of a selection with one noun for its shape, singular or plural."""
    what = parse(f"if {words} put any cup into one bin").puts[0].condition.what
    for seed in range(5000):
        said = en_ask_words.said(random.Random(seed), what, kind)
        if plural is None or said.plural == plural:
            yield said


def _texts(words, kind, frame, plural=None):
    rng = random.Random(0)
    return {said.fill(rng, frame) for said in _said(words, kind, plural)}


@pytest.mark.parametrize(
    ("words", "kind", "frame", "text"),
    [
        ("any red cube in blue tray", "exists", "{be} there {A}",
         "is there a red cube in the blue tray"),
        ("any red cube in blue tray", "exists", "{be} there {A}",
         "are there any red cubes in the blue tray"),
        ("two red cube on_table", "exists", "{be} {N} {R}",
         "are at least two red cubes on the table"),
        ("all red cube on_table", "exists", "{be} {N} {R}", "is every red cube on the table"),
        ("all red cube on_table", "exists", "{be} {N} {R}", "are all the red cubes on the table"),
        ("one blue tray empty", "exists", "{be} {N} {R}", "is the blue tray empty"),
        ("one blue tray holding red cube", "exists", "{does} {N} hold {M}",
         "does the blue tray hold a red cube"),
        ("any orange bottle", "if", "if there {be} {A}", "if there is an orange bottle"),
        ("any tray empty", "if", "if there {be} {A}", "if there is an empty tray"),
        ("any red cube", "unless", "if there {be} {No}", "if there are no red cubes"),
        ("any red cube in blue tray", "unless", "if {Non} {be} {R}",
         "if no red cube is in the blue tray"),
        ("two red cube", "unless", "if there {be} {No}", "if there are fewer than two red cubes"),
        ("one red cube on_table", "unless", "if {N} {not} {R}",
         "if the red cube isn't on the table"),
        ("one red cube", "where", "where{'s} {P}", "where's the red cube"),
        ("all red cube", "where", "where{'s} {P}", "where are the red cubes"),
        ("all red cube on_table", "count", "how many {N} are {R}",
         "how many red cubes are on the table"),
        ("any tray empty", "count", "how many {Ps} are there", "how many empty trays are there"),
        ("any tray empty", "list", "which {N} {be} {R}", "which tray is empty"),
        ("any tray empty", "list", "which of {N} {be} {R}", "which of the trays are empty"),
    ],
)  # fmt: skip
def test_nouns_and_verbs_agree(words, kind, frame, text):
    assert text in _texts(words, kind, frame)


def test_singular_and_plural_never_mix():
    for plural, wrong in ((True, "is"), (False, "are")):
        for text in _texts("all red cube on_table", "exists", "{be} {N} {R}", plural):
            assert not text.startswith(wrong + " "), text


def test_what_is_meant_by_name_is_not_asked_for_with_there_is():
    rng, question = random.Random(2), parse("ask exists one red cube").question
    texts = [en_questions.ask(rng, "train", question) for _ in range(300)]
    assert not [text for text in texts if re.search(r"\b(is|are) there (the|that|my)\b", text)]


def test_unknown_things_are_named_in_questions_and_conditions():
    rng = random.Random(4)
    for split in ("train", "dev"):
        for _ in range(200):
            text = en_questions.ask_unknown(rng, split, "coffee grinder")
            assert "coffee grinder" in text and not LEFT_OVER.search(text), text


def test_an_instruction_keeps_its_words():
    condition = Condition("if", parse("ask count any red cube").question.what)
    text = en_questions.conditional(random.Random(0), "train", condition, "move {P} now")
    assert "move {P} now" in text
