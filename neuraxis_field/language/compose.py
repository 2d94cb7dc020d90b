# SPDX-License-Identifier: Apache-2.0
"""Frames made of parts: ``<adverb>`` in a sentence becomes one entry of the table of that name."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence

from neuraxis_field.language.templates import expand

_SLOT = re.compile(r"<(\w+)>")


def counted(frames: Sequence[str]) -> tuple[str, ...]:
    """The frames; one that starts with ``3*`` stands three times, so it is drawn more often."""
    result: list[str] = []
    for frame in frames:
        times, star, rest = frame.partition("*")
        result += [rest] * int(times) if star and times.isdigit() else [frame]
    return tuple(result)


def resolved(rng: random.Random, text: str, tables: Mapping[str, Sequence[str]]) -> str:
    """The text with every ``<name>`` replaced by an entry of that table, which may name others."""

    def entry(match: re.Match[str]) -> str:
        name = match.group(1)
        return expand(rng, rng.choice(tables[name])) if name in tables else match.group(0)

    while any(name in tables for name in _SLOT.findall(text)):
        text = _SLOT.sub(entry, text)
    return text
