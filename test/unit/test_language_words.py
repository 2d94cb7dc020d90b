# SPDX-License-Identifier: Apache-2.0
"""The vocabulary: every shape has words of its own, and nothing that has words is unknown."""

import random
from typing import get_args

import pytest

from neuraxis_bridge.program import CONTAINER_SHAPES, PART_SHAPES
from neuraxis_bridge.reasons import describe, fixed
from neuraxis_bridge.screen import rule_for
from neuraxis_bridge.seen import Thing
from neuraxis_common.plan import ContainerShape, PartShape
from neuraxis_field.language import (
    en_heldout,
    en_words,
    odd_words,
    refusal_words,
    sampler,
    zh_heldout,
    zh_words,
)
from neuraxis_field.language.programs import draw_program

SHAPES = get_args(PartShape) + get_args(ContainerShape)
FORMS = {
    "en": {shape: {form for pair in forms for form in pair}
           for shape, forms in en_words.SHAPES.items()},
    "zh": {shape: set(forms) for shape, forms in zh_words.SHAPES.items()},
}  # fmt: skip


@pytest.mark.parametrize("language", FORMS)
def test_every_shape_has_words_that_no_other_shape_has(language):
    forms = FORMS[language]
    assert set(forms) == {*PART_SHAPES, *CONTAINER_SHAPES}
    for shape, own in forms.items():
        others = set().union(*(forms[other] for other in forms if other != shape))
        assert not own & others


def test_nothing_known_is_taught_as_unknown():
    known = set().union(*FORMS["en"].values(), *FORMS["zh"].values())
    for name in ("NOUNS_EN", "MORE_NOUNS_EN", "NOUNS_EN_HELD_OUT", "NOUNS_ZH", "MORE_NOUNS_ZH",
                 "NOUNS_ZH_HELD_OUT"):  # fmt: skip
        assert not known & set(getattr(refusal_words, name)), name
    assert not known & {*odd_words.ENGLISH}
    # A count only: nobody reads these.
    assert len(known & {*en_heldout.NOUNS, *zh_heldout.NOUNS}) == 0


@pytest.mark.parametrize("language", FORMS)
def test_training_says_every_shape_by_name(language):
    rng = random.Random(4)
    said = dict.fromkeys(SHAPES, 0)
    for _ in range(1500):
        program = draw_program(rng)
        text = sampler.say(rng, program, language, "train").lower()
        for shape in said:
            named = any(form in text for form in FORMS[language][shape])
            said[shape] += named and shape in str(program).split()
    assert min(said.values()) > 30, said


@pytest.mark.parametrize("shape", SHAPES)
def test_no_word_for_a_shape_sounds_dangerous(shape):
    for form in FORMS["en"][shape]:
        assert rule_for(f"make sure that the red {form} ends up with the blue {form}") is None
    for form in FORMS["zh"][shape]:
        assert rule_for(f"把红色的{form}放到蓝色的{form}旁边") is None


@pytest.mark.parametrize(
    "sentence", ["make him take the pills", "give the baby the medicine bottle", "给他喂药瓶里的药"]
)
def test_medicine_for_a_person_stays_dangerous(sentence):
    assert rule_for(sentence).code == "unsafe"


@pytest.mark.parametrize("shape", SHAPES)
def test_answers_name_every_shape_in_both_languages(shape):
    thing = Thing(0, "part", shape, "red", (0.0, 0.0, 1.0, 1.0), None)
    assert describe(thing, "en") == f"red {shape}"
    name = describe(thing, "zh").removeprefix("红色")
    assert name in FORMS["zh"][shape]
    assert f"{shape}s" in fixed("unknown_object", "en").suggestion
    assert name in fixed("unknown_object", "zh").suggestion
