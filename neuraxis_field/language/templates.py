# SPDX-License-Identifier: Apache-2.0
"""Phrases with choices: ``(a|b)`` takes one, ``[a|b]`` one or nothing, nested as wanted.

A phrase that starts with ``~`` is held out: training never sees it, the held-out split prefers it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from functools import cache

_INNERMOST = re.compile(r"\(([^()\[\]]*)\)|\[([^()\[\]]*)\]")
HELD_OUT = "~"


def expand(rng: random.Random, phrase: str) -> str:
    """Resolve every choice; slots in braces stay."""
    if "(" not in phrase and "[" not in phrase:
        return phrase
    while match := _INNERMOST.search(phrase):
        group = match.group(1)
        optional = group is None
        text = rng.choice((match.group(2) if optional else group).split("|"))
        if optional and rng.random() < 0.5:
            text = ""
        phrase = phrase[: match.start()] + text + phrase[match.end() :]
    return phrase


@cache
def _by_split(phrases: tuple[str, ...], held_out: bool) -> tuple[str, ...]:
    return tuple(p.lstrip(HELD_OUT) for p in phrases if p.startswith(HELD_OUT) == held_out)


def choose(rng: random.Random, phrases: Sequence[str], split: str = "train") -> str:
    """Take one phrase of the split and resolve its choices.

    Args:
        rng: Source of every choice.
        phrases: With ``~`` before those held out.
        split: ``train`` takes from the phrases that are not held out; ``heldout`` from those that
            are, or from all where none is.
    """
    phrases = tuple(phrases)
    held = _by_split(phrases, True) if split == "heldout" else ()
    return expand(rng, rng.choice(held or _by_split(phrases, False)))


def weighted(rng: random.Random, table: dict[str, float]) -> str:
    """Draw a key by its weight."""
    return rng.choices(list(table), list(table.values()))[0]
