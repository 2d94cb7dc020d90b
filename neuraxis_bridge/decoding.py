# SPDX-License-Identifier: Apache-2.0
"""From sentences to programs with the text tower: the best one, greedily, and others by search.

Sentences of like length that are read together are decoded together, word by word. A row of a batch
is computed from that row alone, so a sentence's program does not depend on the ones beside it.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from neuraxis_bridge.program import ProgramError, parse
from neuraxis_bridge.tower import END, START, Tower, filled_length

# Words that one search may say beside those of the best program, some 0.2 ms each.
_SEARCH_STEPS = 80


@dataclass(frozen=True, eq=False)
class Decoded:
    """A sentence's greedy program, and what a search goes on from.

    Attributes:
        ids: Words, from start to end.
        log_p: Log probability of every word at each place, shape (len(ids) - 1, vocabulary).
        memory: Of the sentence, shape (kept, 1, heads, n, size).
        mask: Of the sentence, shape (1, 1, 1, n).
        past: Of the words but the last, shape (kept, 1, heads, len(ids) - 1, size).
    """

    ids: tuple[int, ...]
    log_p: NDArray[np.float64]
    memory: NDArray[np.float32]
    mask: NDArray[np.float32]
    past: NDArray[np.float32]

    @property
    def total_log_p(self) -> float:
        """Log probability of the whole program."""
        return sum(float(row[word]) for row, word in zip(self.log_p, self.ids[1:], strict=True))


def text_of(tower: Tower, ids: Sequence[int]) -> str:
    """The words of a program."""
    return " ".join(tower.vocabulary[i] for i in ids[1:] if i != END)


def decode(tower: Tower, sentences: Sequence[NDArray[np.int64]]) -> list[Decoded]:
    """Greedy programs among the words that may follow.

    Args:
        tower: The network.
        sentences: Features of each, shape (n, FEATURES).
    """
    groups: dict[int, list[int]] = {}
    for index, features in enumerate(sentences):
        groups.setdefault(filled_length(len(features)), []).append(index)
    found: dict[int, Decoded] = {}
    for group in groups.values():
        decoded = _greedy(tower, [sentences[index] for index in group])
        found |= zip(group, decoded, strict=True)
    return [found[index] for index in range(len(sentences))]


def _greedy(tower: Tower, sentences: list[NDArray[np.int64]]) -> list[Decoded]:
    """Programs of sentences of one filled length; a row that has ended leaves the batch."""
    count = len(sentences)
    memory, mask = tower.read(sentences)
    ids = [[START] for _ in range(count)]
    rows: list[list[NDArray[np.float64]]] = [[] for _ in range(count)]
    found: dict[int, Decoded] = {}
    alive, past = list(range(count)), tower.nothing_said(count)
    now, hidden = memory, mask
    while alive:
        log_p, past = tower.say([ids[row][-1] for row in alive], past, now, hidden)
        for at, row in enumerate(alive):
            rows[row].append(log_p[at])
            ids[row].append(_best(tower, ids[row], log_p[at]))
            if ids[row][-1] == END or len(ids[row]) > tower.max_words:
                one = slice(row, row + 1)
                found[row] = Decoded(
                    tuple(ids[row]), np.stack(rows[row]), memory[:, one].copy(), mask[one],
                    past[:, at : at + 1].copy(),
                )  # fmt: skip
        on = [at for at, row in enumerate(alive) if row not in found]
        if len(on) < len(alive):
            alive, past = [alive[at] for at in on], past[:, on]
            now, hidden = memory[:, alive], mask[alive]
    return [found[row] for row in range(count)]


def search(tower: Tower, decoded: Decoded, floor: float) -> Iterator[tuple[str, float]]:
    """Other programs by uniform-cost search, likeliest first, each with its log probability.

    Args:
        tower: The network.
        decoded: Of the sentence.
        floor: Least log probability.
    """
    best = text_of(tower, decoded.ids)
    heap = [(0.0, [START], tower.nothing_said(1))]
    steps = 0
    while heap and steps < _SEARCH_STEPS:
        cost, ids, past = heapq.heappop(heap)
        said = text_of(tower, ids)
        if ids[-1] == END:
            if said != best:
                yield said, -cost
            continue
        if len(ids) > tower.max_words:
            continue
        at = len(ids)
        if tuple(ids) == decoded.ids[:at]:
            step, past = decoded.log_p[at - 1], decoded.past[:, :, :, :at]
        else:
            steps += 1
            rows, past = tower.say(ids[-1:], past, decoded.memory, decoded.mask)
            step = rows[0]
        log_p = step - cost
        for index in np.flatnonzero(log_p >= floor):
            if _may_follow(said, int(index), tower.vocabulary[index]):
                heapq.heappush(heap, (-float(log_p[index]), [*ids, int(index)], past))


def _best(tower: Tower, ids: list[int], log_p: NDArray[np.float64]) -> int:
    """The likeliest next word with which the words so far are, or may become, a program."""
    said = text_of(tower, ids)
    first = int(log_p.argmax())
    if _may_follow(said, first, tower.vocabulary[first]):
        return first
    order = [int(i) for i in np.argsort(-log_p, kind="stable")]
    return next((i for i in order if _may_follow(said, i, tower.vocabulary[i])), first)


@lru_cache(maxsize=10_000)
def _may_follow(said: str, index: int, word: str) -> bool:
    if index == START:
        return False
    try:
        parse(said if index == END else f"{said} {word}")
    except ProgramError as error:
        return index != END and error.incomplete
    return True
