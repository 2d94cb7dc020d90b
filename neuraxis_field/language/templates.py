# SPDX-License-Identifier: Apache-2.0
"""Phrases with choices: ``(a|b)`` takes one, ``[a|b]`` one or nothing, nested as wanted.

Three splits: training draws ``train``; tuning looks at ``dev``, the phrases that start with ``~``;
only the last test draws ``heldout``, which has modules of its own (``*_heldout.py``).
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from functools import cache

_INNERMOST = re.compile(r"\(([^()\[\]]*)\)|\[([^()\[\]]*)\]")
_DEV = "~"


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
def _by_split(phrases: tuple[str, ...], dev: bool) -> tuple[str, ...]:
    return tuple(p.lstrip(_DEV) for p in phrases if p.startswith(_DEV) == dev)


def choose(
    rng: random.Random,
    phrases: Sequence[str],
    split: str = "train",
    held_out: Sequence[str] = (),
) -> str:
    """Take one phrase of the split and resolve its choices.

    Args:
        rng: Source of every choice.
        phrases: Those of ``train`` and, with ``~`` before them, of ``dev``.
        split: ``train``, ``dev`` or ``heldout``; the latter two take from ``train`` where they have
            no phrases of their own.
        held_out: Those of ``heldout``.
    """
    phrases = tuple(phrases)
    own: dict[str, Sequence[str]] = {"dev": _by_split(phrases, True), "heldout": held_out}
    return expand(rng, rng.choice(own.get(split) or _by_split(phrases, False)))


def weighted(rng: random.Random, table: dict[str, float]) -> str:
    """Draw a key by its weight."""
    return rng.choices(list(table), list(table.values()))[0]
