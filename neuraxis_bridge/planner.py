# SPDX-License-Identifier: Apache-2.0
"""Reads sentences: sentence -> program, by the network in models/planner.onnx.

Decoding is greedy among the words that may follow; what stays unfinished is refused. Where the best
program cannot be carried out, the next likely ones are found by uniform-cost search.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from neuraxis_bridge.decoding import Decoded, decode, search, text_of
from neuraxis_bridge.program import Program, ProgramError, parse
from neuraxis_bridge.readings import Readings
from neuraxis_bridge.text import (
    MAX_TOKENS,
    features_of,
    has_foreign_script,
    language_of,
    tokens_of,
)
from neuraxis_bridge.tower import Tower

# Sentences kept: a robot asks again, or another says the same. Up to 0.7 MB each.
_KEPT = 64
_OVER_AND_OVER = 4


@dataclass(frozen=True)
class Understood:
    """What a sentence was taken to mean.

    Attributes:
        confidence: Probability that the network gives to the whole program, in [0, 1].
        strange: Where an object is unknown: English words that are not even misspellings of words
            the grammar knows.
    """

    program: Program
    language: str
    confidence: float
    strange: tuple[str, ...] = ()


class Planner:
    """Reads sentences.

    Args:
        model_path: The ONNX file.
        num_threads: Threads of the ONNX session.
    """

    def __init__(self, model_path: Path, num_threads: int = 1) -> None:
        self._tower = Tower(model_path, num_threads)
        self._readings: Readings[str, Decoded] = Readings(self._decode, _KEPT)

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """Words of programs, with the marks of start and end."""
        return self._tower.vocabulary

    def read_ahead(self, sentences: Sequence[str]) -> int:
        """Read sentences together that will be asked for one by one; how many were new."""
        return self._readings.ahead(text for text in sentences if not has_foreign_script(text))

    def being_read(self, sentence: str) -> bool:
        """Whether another thread is reading a sentence just now."""
        return self._readings.under_way(sentence)

    def understand(self, sentence: str) -> Understood:
        """The program of one sentence. Never fails: what makes no sense is refused as no task."""
        language = language_of(sentence)
        if has_foreign_script(sentence):
            return Understood(Program(refusal="unsupported_language"), language, 1.0)
        tokens = tokens_of(sentence)
        if _repeats(tokens):
            return Understood(Program(refusal="not_a_task"), language, 1.0)
        decoded = self._readings.of(sentence)
        # Of a longer sentence the end would not even be read.
        sure = math.exp(decoded.total_log_p) if len(tokens) <= MAX_TOKENS else 0.0
        try:
            program = parse(text_of(self._tower, decoded.ids))
            strange = self._strange(tokens) if program.refusal == "unknown_object" else ()
            return Understood(program, language, sure, strange)
        except ProgramError:
            return Understood(Program(refusal="not_a_task"), language, 0.0)

    def _strange(self, tokens: list[str]) -> tuple[str, ...]:
        words = [word for word in tokens if word.isascii() and word.isalpha() and len(word) > 2]
        return tuple(
            word
            for word in dict.fromkeys(words)
            if word not in self._tower.known
            and not (len(word) > 4 and difflib.get_close_matches(word, self._tower.known, 1, 0.8))
        )

    def others(self, sentence: str, within: float) -> Iterator[Understood]:
        """Every program about as likely as the one of `understand`, likeliest first, without it.

        Args:
            sentence: What was said.
            within: Least share of the best program's probability, in (0, 1].
        """
        decoded = self._readings.of(sentence)
        floor = decoded.total_log_p + math.log(within)
        for said, log_p in search(self._tower, decoded, floor):
            yield Understood(parse(said), language_of(sentence), math.exp(log_p))

    def _decode(self, sentences: Sequence[str]) -> list[Decoded]:
        return decode(self._tower, [features_of(tokens_of(text)) for text in sentences])


def _repeats(tokens: Sequence[str]) -> bool:
    """Whether one word is said over and over, which asks for nothing."""
    words = [token for token in tokens if token.isalnum()]
    return len(words) >= _OVER_AND_OVER and len(set(words)) == 1
