# SPDX-License-Identifier: Apache-2.0
"""Which words the grammar uses for things it knows; the rest may be what a sentence stumbles on."""

from __future__ import annotations

import random
from collections import Counter

from neuraxis_bridge.text import tokens_of
from neuraxis_field.language.en_speech import Speaker
from neuraxis_field.language.programs import draw_program
from neuraxis_field.language.refusal_words import COLORS_EN, MORE_NOUNS_EN, NOUNS_EN

_SENTENCES = 12_000
_MIN_COUNT = 3
# Not a split of its own, so that the phrases of training are drawn, but without odd words.
_PLAIN = "plain"


def known_words() -> list[str]:
    """English words of sentences that can be done, sorted; the same at every call."""
    rng = random.Random(0)
    counts: Counter[str] = Counter()
    for _ in range(_SENTENCES):
        counts.update(tokens_of(Speaker(rng, _PLAIN).say(draw_program(rng))))
    words = {word for word, count in counts.items() if count >= _MIN_COUNT and word.isalpha()}
    return sorted(words - {*NOUNS_EN, *MORE_NOUNS_EN, *COLORS_EN})
