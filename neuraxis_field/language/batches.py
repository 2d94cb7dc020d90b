# SPDX-License-Identifier: Apache-2.0
"""Endless, reproducible training batches and held-out sets."""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from neuraxis_bridge.text import features_of, tokens_of
from neuraxis_field.language.model import END, START, VOCABULARY
from neuraxis_field.language.sampler import Example, draw

_POOL_BATCHES = 24
_WORD_DROP = 0.12
_INDEX = {word: i for i, word in enumerate(VOCABULARY)}


def word_ids(example: Example) -> list[int]:
    """Start, the words of the program, end."""
    return [START, *(_INDEX[word] for word in str(example.program).split()), END]


def collate(examples: list[Example], drop: random.Random | None = None) -> tuple[Tensor, Tensor]:
    """Padded features (b, n, k) and word ids (b, m); -1 pads words.

    Args:
        examples: One per row.
        drop: Generator that sometimes hides a word's own bucket, so that its n-grams are learned.
    """
    features = [features_of(tokens_of(example.text)) for example in examples]
    words = [word_ids(example) for example in examples]
    depth = max(int((f > 0).sum(1).max()) for f in features)
    batch = np.zeros((len(features), max(map(len, features)), depth), dtype=np.int64)
    targets = np.full((len(words), max(map(len, words))), -1, dtype=np.int64)
    for row, (feature, ids) in enumerate(zip(features, words, strict=True)):
        if drop is not None:
            for token in feature:
                if token[1] and drop.random() < _WORD_DROP:
                    token[0] = token[1]
        batch[row, : len(feature)] = feature[:, :depth]
        targets[row, : len(ids)] = ids
    return torch.from_numpy(batch), torch.from_numpy(targets)


def training(seed: int, first_step: int, size: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches of sentences of like length, from `first_step` on; the same for the same seed."""
    pool_index, skip = divmod(first_step, _POOL_BATCHES)
    while True:
        rng = random.Random(f"{seed}-{pool_index}")
        pool = [draw(rng, "train") for _ in range(size * _POOL_BATCHES)]
        pool.sort(key=lambda e: len(e.text) * (2.2 if e.language == "zh" else 0.5))
        order = list(range(_POOL_BATCHES))
        rng.shuffle(order)
        for index in order[skip:]:
            yield collate(pool[index * size : (index + 1) * size], rng)
        pool_index, skip = pool_index + 1, 0


def held_out(seed: int, count: int, split: str = "heldout") -> list[Example]:
    """Examples of phrasings and nouns that training never sees; tune on those of ``dev`` only."""
    rng = random.Random(f"{split}-{seed}")
    return [draw(rng, split) for _ in range(count)]
