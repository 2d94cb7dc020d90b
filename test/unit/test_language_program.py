# SPDX-License-Identifier: Apache-2.0
"""The typed program: text form and structure."""

from __future__ import annotations

import random

import pytest

from neuraxis_bridge.program import (
    REFUSALS,
    WORDS,
    Noun,
    Program,
    ProgramError,
    Put,
    Selection,
    count_of,
    parse,
)
from neuraxis_field.language.programs import draw_program


def test_text_form_reads_as_documented():
    program = parse("put all red part left_of green block into one blue tray")
    parts = Selection("all", "part", "red", relation="left_of", noun=Noun("block", "green"))
    assert program == Program((Put(parts, Selection("one", "tray", "blue")),))


def test_parse_and_print_are_inverse():
    rng = random.Random(1)
    for _ in range(500):
        program = draw_program(rng)
        assert parse(str(program)) == program


@pytest.mark.parametrize("code", REFUSALS)
def test_refusals_round_trip(code):
    assert str(parse(f"refuse {code}")) == f"refuse {code}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "put",
        "put one cube",
        "put one cube into",
        "put one tray into one bin",
        "put one cube into one cube",
        "put one red red cube into one bin",
        "put one second cube into one bin",
        "put one cube in red cube into one bin",
        "put one cube into one bin ;",
        "put one cube into one bin extra",
        "refuse",
        "refuse tired",
        "refuse unsafe ; put one cube into one bin",
        "put one cube into one bin in tray",
    ],
)
def test_what_is_no_program_is_refused_with_the_word(text):
    with pytest.raises(ProgramError, match=r"expected|unexpected|needs|cannot"):
        parse(text)


def is_beginning(text):
    """Whether it is a program or could become one."""
    try:
        return bool(parse(text))
    except ProgramError as error:
        return error.incomplete


def test_beginnings_of_programs_are_told_from_mistakes():
    rng = random.Random(4)
    for _ in range(200):
        words = str(draw_program(rng)).split()
        for count in range(1, len(words)):
            assert is_beginning(" ".join(words[:count])), words[:count]
    with pytest.raises(ProgramError) as mistake:
        parse("put one tray")
    assert not mistake.value.incomplete


def test_every_word_of_drawn_programs_is_in_the_vocabulary():
    rng = random.Random(2)
    used = {word for _ in range(2000) for word in str(draw_program(rng)).split()}
    assert used <= set(WORDS)


def test_number_words_count():
    assert [count_of(word) for word in ("two", "three", "ten")] == [2, 3, 10]
    assert count_of("many") > 32
    assert count_of("all") is None
