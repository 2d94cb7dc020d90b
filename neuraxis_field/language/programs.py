# SPDX-License-Identifier: Apache-2.0
"""Draws programs: what sentences may ask for, however they say it."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import get_args

from neuraxis_bridge.program import (
    COLORS,
    NUMBERS,
    RANKS,
    Noun,
    Program,
    Put,
    Selection,
)
from neuraxis_common.plan import PartShape
from neuraxis_field.language.templates import weighted

PARTS = get_args(PartShape)
_CONTAINERS = {"tray": 6, "bin": 6, "basket": 4, "crate": 4}
_QUANTS = {"one": 46, "all": 20, "any": 8, "number": 12, "both": 3, "some": 1.5}
_LATER_QUANTS = {"rest": 10, "other": 4}
_TARGET_QUANTS = {"one": 88, "any": 4, "other": 4, "own_color": 2.5, "each": 1.5}
_RELATIONS = {
    "left_of": 4, "right_of": 4, "next_to": 4, "in_front_of": 2, "behind": 2, "nearest_to": 2,
    "farthest_from": 1.5, "in": 5, "on_table": 4,
}  # fmt: skip
_LENGTH = {1: 50, 2: 25, 3: 12, 4: 6, 5: 3, 6: 2.5, 7: 1.5}
MOST_PUTS = 8


def _color(rng: random.Random, share: float) -> str:
    return rng.choice(COLORS) if rng.random() < share else ""


def _shape(rng: random.Random, generic_share: float) -> str:
    return "part" if rng.random() < generic_share else rng.choice(PARTS)


def part_noun(rng: random.Random) -> Noun:
    """A part that something else is described by."""
    rank = rng.choice(RANKS[:6]) if rng.random() < 0.06 else ""
    color = _color(rng, 0.8)
    return Noun(_shape(rng, 0.05 if color else 0.0), color, rank)


def container_noun(rng: random.Random) -> Noun:
    """A container that something else is described by."""
    shape = weighted(rng, _CONTAINERS | {"container": 1.5})
    rank = rng.choice(RANKS[:6]) if rng.random() < 0.06 else ""
    return Noun(shape, _color(rng, 0.65), rank)


def any_noun(rng: random.Random) -> Noun:
    """A part or a container."""
    return part_noun(rng) if rng.random() < 0.6 else container_noun(rng)


def _noun_for(rng: random.Random, relation: str) -> Noun | None:
    if relation in ("on_table", "empty", ""):
        return None
    if relation == "in":
        return container_noun(rng)
    return part_noun(rng) if relation == "holding" else any_noun(rng)


def draw_parts(rng: random.Random, first: bool) -> Selection:
    """Which parts one step takes; `first` steps cannot speak of the rest."""
    quant = weighted(rng, _QUANTS if first else _QUANTS | _LATER_QUANTS)
    if quant == "number":
        weights = (30, 18, 8, 4, 2, 1.5, 1.5, 1, 1, 3)
        quant = rng.choices(NUMBERS, weights)[0]
    generic = {"one": 0.1, "any": 0.15, "other": 0.1}.get(quant, 0.4)
    shape = _shape(rng, generic)
    color = _color(rng, 0.72 if quant in ("one", "both") else 0.5)
    selection = Selection(quant, shape, color)
    roll = rng.random()
    if quant in ("one", "two", "three") and roll < (0.22 if quant == "one" else 0.14):
        selection = _with_rank(rng, selection)
    elif roll < 0.36 and quant not in ("some", "other"):
        if quant != "rest" or roll > 0.3:
            relation = weighted(rng, _RELATIONS)
            if quant not in ("one",) and relation in ("nearest_to", "farthest_from"):
                relation = "in"
            selection = replace(selection, relation=relation, noun=_noun_for(rng, relation))
    if quant == "all" and shape == "part" and rng.random() < 0.22:
        count = 1 if rng.random() < 0.8 else 2
        excepts = tuple(_exception(rng, color) for _ in range(count))
        selection = replace(selection, excepts=excepts)
    if quant == "one" and selection.shape == "part" and not (color or selection.rank):
        if selection.relation not in ("in", "nearest_to", "farthest_from"):
            selection = replace(selection, color=rng.choice(COLORS))
    return selection


def _exception(rng: random.Random, color: str) -> Noun:
    if color:
        return Noun(rng.choice(PARTS))
    if rng.random() < 0.3:
        return Noun("part", rng.choice(COLORS))
    noun = part_noun(rng)
    return noun if noun.color or noun.rank else Noun(noun.shape)


def _with_rank(rng: random.Random, selection: Selection) -> Selection:
    rank = weighted(
        rng, {"leftmost": 5, "rightmost": 5, "nearest": 3, "farthest": 3, "largest": 5,
              "smallest": 5, "middle": 1.5}
    )  # fmt: skip
    single = selection.quant == "one"
    if rank == "middle" and not single:
        rank = "leftmost"
    ordinal = ""
    if single and rank != "middle" and rng.random() < 0.14:
        ordinal = "second" if rng.random() < 0.75 else "third"
    color = selection.color if rng.random() < 0.5 else ""
    shape = "part" if rng.random() < 0.25 else selection.shape
    return replace(selection, rank=rank, ordinal=ordinal, color=color, shape=shape)


def draw_target(rng: random.Random, first: bool) -> Selection:
    """Which container one step fills."""
    quant = weighted(rng, _TARGET_QUANTS)
    shape = weighted(rng, _CONTAINERS | {"container": 2})
    if quant in ("own_color", "each", "other"):
        return Selection(quant, shape if rng.random() < 0.7 else "container")
    if quant == "any":
        return Selection(quant, shape)
    color = _color(rng, 0.66)
    target = Selection("one", shape, color)
    if rng.random() < (0.1 if color else 0.32):
        target = replace(target, rank=rng.choice(RANKS[:6]) if rng.random() < 0.93 else "middle")
    elif rng.random() < 0.08:
        weights = {"empty": 3, "holding": 4, "left_of": 2, "right_of": 2, "next_to": 2,
                   "nearest_to": 2, "in_front_of": 1, "behind": 1, "farthest_from": 1}  # fmt: skip
        relation = weighted(rng, weights)
        target = replace(target, relation=relation, noun=_noun_for(rng, relation))
    return target


def draw_program(rng: random.Random) -> Program:
    """One to eight steps; consecutive steps often share their container."""
    puts: list[Put] = []
    for index in range(weighted(rng, _LENGTH)):
        first = index == 0
        parts = draw_parts(rng, first)
        if puts and puts[-1].target.quant in ("one", "any") and rng.random() < 0.3:
            target = puts[-1].target
        else:
            target = draw_target(rng, first)
        if target.quant in ("each", "own_color"):
            parts = _fit_for_many(rng, parts, target.quant)
        puts.append(Put(parts, target))
        if is_plain(parts) and parts.color and rng.random() < 0.14:
            puts.append(Put(_sibling(rng, parts), target))
    return Program(tuple(puts[:MOST_PUTS]))


def is_plain(parts: Selection) -> bool:
    """Whether only quantifier, colour and shape are said, in a way that joins: "red and blue"."""
    return parts.quant in ("one", "all") and not (parts.rank or parts.relation or parts.excepts)


def _sibling(rng: random.Random, parts: Selection) -> Selection:
    """The same again in another colour, or for "all" also in another shape."""
    if parts.quant == "all" and parts.shape in PARTS and rng.random() < 0.35:
        return replace(parts, shape=rng.choice([s for s in PARTS if s != parts.shape]))
    return replace(parts, color=rng.choice([c for c in COLORS if c != parts.color]))


def _fit_for_many(rng: random.Random, parts: Selection, quant: str) -> Selection:
    """`each` wants a share per container, `own_color` wants parts whose colour is open."""
    color = parts.color if quant == "each" else ""
    shape = parts.shape if rng.random() < 0.6 else "part"
    if quant == "each":
        return Selection("any" if rng.random() < 0.75 else "two", shape, color)
    return Selection("all" if parts.quant != "rest" else "rest", shape)
