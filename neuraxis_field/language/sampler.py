# SPDX-License-Identifier: Apache-2.0
"""Draws (sentence, language, program) triples for training and for exactness tests."""

from __future__ import annotations

import random
from dataclasses import dataclass

from neuraxis_bridge.program import Program, Put, Selection
from neuraxis_field.language import en_frames, en_heldout, noise, zh_frames, zh_heldout
from neuraxis_field.language.programs import draw_program
from neuraxis_field.language.questions import canonical, conditional, draw_question
from neuraxis_field.language.refusals import draw_refusal
from neuraxis_field.language.speech import speaker
from neuraxis_field.language.templates import choose

_CHINESE_SHARE = 0.45
_REFUSAL_SHARE = 0.17
_NO_TARGET_SHARE = 0.01
_QUESTION_SHARE = 0.17
_CONDITION_SHARE = 0.3
_CLEAR = Program(
    (Put(Selection("all", "part", relation="on_table"), Selection("one", "container")),)
)


@dataclass(frozen=True)
class Example:
    """One sentence with what it means."""

    text: str
    language: str
    program: Program


def say(rng: random.Random, program: Program, language: str, split: str) -> str:
    """One way to say a program, with typing noise."""
    text = speaker(language)(rng, split).say(program)
    return noisy(rng, text, language)


def noisy(rng: random.Random, text: str, language: str) -> str:
    """The sentence as somebody may type it."""
    return noise.chinese(rng, text) if language == "zh" else noise.english(rng, text)


def draw(rng: random.Random, split: str = "train", language: str | None = None) -> Example:
    """One example.

    Args:
        rng: Source of every choice.
        split: ``train``, ``dev`` or ``heldout``: frames and unknown nouns do not overlap.
        language: ``en`` or ``zh``; drawn when None.
    """
    language = language or ("zh" if rng.random() < _CHINESE_SHARE else "en")
    roll = rng.random()
    if roll < _REFUSAL_SHARE:
        text, program = draw_refusal(rng, language, split)
        return Example(noisy(rng, text, language), language, program)
    if roll < _REFUSAL_SHARE + _NO_TARGET_SHARE:
        seen, own = (zh_frames, zh_heldout) if language == "zh" else (en_frames, en_heldout)
        text = choose(rng, seen.NO_TARGET, split, own.NO_TARGET)
        return Example(noisy(rng, text, language), language, _CLEAR)
    if roll < _REFUSAL_SHARE + _NO_TARGET_SHARE + _QUESTION_SHARE:
        program = Program(question=draw_question(rng))
    else:
        program = draw_order(rng)
    return Example(say(rng, program, language, split), language, canonical(program))


def draw_order(rng: random.Random) -> Program:
    """Something to be done, now and then under a condition."""
    program = draw_program(rng)
    return program if rng.random() > _CONDITION_SHARE else conditional(rng, program)
