# SPDX-License-Identifier: Apache-2.0
"""Draws questions and conditions, and says which of them mean the same.

"Is the red cube in the tray?" and "is there a red cube in the tray?" are one program: Chinese has
no articles to tell them apart, and the answer is the same.
"""

from __future__ import annotations

import random
from dataclasses import replace

from neuraxis_bridge.program import Condition, Program, Put, Question, Selection
from neuraxis_field.language.programs import (
    container_noun,
    draw_parts,
    draw_target,
    part_noun,
)
from neuraxis_field.language.templates import weighted

_KINDS = {"count": 21, "exists": 27, "where": 20, "color": 9, "list": 15, "done": 8}
_LOOK_SHARE = 0.3
_CONTAINER_SHARE = 0.25
_SHAPES = {"count": 0.35, "exists": 0.25, "where": 0.05, "color": 0.15, "list": 0.6}
_PART_RELATIONS = {"in": 8, "on_table": 5, "left_of": 3, "right_of": 3, "next_to": 3, "behind": 1.5,
                   "in_front_of": 1.5, "nearest_to": 1, "farthest_from": 0.5}  # fmt: skip
_CONTAINER_RELATIONS = {"empty": 5, "holding": 5, "left_of": 2, "right_of": 2, "next_to": 1,
                        "behind": 1, "in_front_of": 1}  # fmt: skip
_RELATED = {"count": 0.5, "exists": 0.7, "where": 0.12, "color": 0.6, "list": 0.75}
_RANKED = {"where": 0.2, "color": 0.35, "list": 0.12}
_NUMBERS = {"two": 5, "three": 3, "four": 1, "five": 0.5}


def draw_question(rng: random.Random) -> Question:
    """A question, worded as finely as people do; `canonical` says what it comes to."""
    kind = weighted(rng, _KINDS)
    if kind == "done" or (kind == "list" and rng.random() < _LOOK_SHARE):
        return Question(kind)
    return Question(kind, _things(rng, kind))


def draw_condition(rng: random.Random) -> Condition:
    """What may hold or not."""
    return Condition("if" if rng.random() < 0.68 else "unless", _things(rng, "exists"))


def conditional(rng: random.Random, program: Program) -> Program:
    """The program with a condition in one of the places where it is clear what it holds for.

    That is: on all of at most two steps, or on the last one. One step may have another instead.
    """
    puts, condition = list(program.puts[:3]), draw_condition(rng)
    if len(puts) == 2 and rng.random() < 0.5:
        return Program(tuple(replace(put, condition=condition) for put in puts))
    otherwise = None
    if rng.random() < 0.3:
        otherwise = Put(draw_parts(rng, True), draw_target(rng, True))
        if rng.random() < 0.5:
            otherwise = Put(puts[-1].parts, otherwise.target)
    puts[-1] = replace(puts[-1], condition=condition, otherwise=otherwise)
    return Program(tuple(puts))


def canonical(program: Program) -> Program:
    """The program that stands for all that mean the same."""
    asked = program.question
    if asked is not None:
        what = asked.what
        return program if what is None else replace(program, question=_plain(asked))
    return replace(program, puts=tuple(_settled(put) for put in program.puts))


def _plain(asked: Question) -> Question:
    keep = asked.kind == "exists" and asked.what.quant != "one"
    return asked if keep else replace(asked, what=replace(asked.what, quant="any"))


def _settled(put: Put) -> Put:
    held = put.condition
    if held is None or held.what.quant != "one":
        return put
    return replace(put, condition=replace(held, what=replace(held.what, quant="any")))


def _things(rng: random.Random, kind: str) -> Selection:
    """Parts or containers, in the ways in which one asks about them."""
    of_parts = rng.random() > _CONTAINER_SHARE
    noun = part_noun(rng) if of_parts else container_noun(rng)
    shape = ("part" if of_parts else "container") if rng.random() < _SHAPES[kind] else noun.shape
    color = "" if kind == "color" else noun.color
    what = Selection(_quant(rng, kind), shape, color)
    if rng.random() < _RANKED.get(kind, 0.0):
        ranked = draw_parts if of_parts else draw_target
        rank = next(s.rank for s in iter(lambda: ranked(rng, True), None) if s.rank)
        return replace(what, quant="one", rank=rank, color=color if rng.random() < 0.5 else "")
    if rng.random() < _RELATED[kind] or (kind == "color" and shape in ("part", "container")):
        what = _related(rng, what, of_parts)
    if what.quant == "all" and kind == "exists" and not what.relation:
        return replace(what, quant="any")
    return what


def _quant(rng: random.Random, kind: str) -> str:
    if kind in ("count", "list"):
        return "any"
    if kind == "color":
        return "one"
    if kind == "where":
        return "one" if rng.random() < 0.8 else "all"
    roll = rng.random()
    if roll < 0.12:
        return weighted(rng, _NUMBERS)
    return "all" if roll < 0.19 else "one" if roll < 0.5 else "any"


def _related(rng: random.Random, what: Selection, of_parts: bool) -> Selection:
    relation = weighted(rng, _PART_RELATIONS if of_parts else _CONTAINER_RELATIONS)
    noun = None
    if relation == "in":
        noun = container_noun(rng)
    elif relation == "holding":
        noun = part_noun(rng)
        if not noun.color and rng.random() < 0.3:
            noun = replace(noun, shape="part", rank="")
    elif relation not in ("on_table", "empty"):
        noun = part_noun(rng) if rng.random() < 0.6 else container_noun(rng)
    quant = "one" if relation in ("nearest_to", "farthest_from") else what.quant
    return replace(what, relation=relation, noun=noun, quant=quant)
