# SPDX-License-Identifier: Apache-2.0
"""The text tower in two halves: one reads a sentence once, one says the next word of a program.

What is kept from word to word are keys and values of attention, of every decoder layer in turn:
its keys, its values. Kept of the sentence: shape (2 x layers, b, heads, n, width / heads); of the
words so far: the same with t for n.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from neuraxis_field.language.model import MAX_WORDS, Planner, positions


class Reading(nn.Module):
    """Features (b, n, FEATURES) -> what the words look at (2 x layers, b, heads, n, d), and mask.

    The mask has shape (b, 1, 1, n) and is added to scores: rows of zeros are no tokens.
    """

    def __init__(self, model: Planner) -> None:
        super().__init__()
        self.model = model

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Read a batch of sentences."""
        mask = (features[:, :, 0] == 0).to(torch.float32)[:, None, None, :] * -1e9
        memory = self.model.encode(features, mask)
        kept = [part for layer in self.model.decoder for part in layer.cross_attention.read(memory)]
        return torch.stack(kept), mask


class Saying(nn.Module):
    """The last word (b,) and what is kept -> scores of the next word (b, vocabulary)."""

    def __init__(self, model: Planner) -> None:
        super().__init__()
        self.model = model
        width = model.shape.width
        places = positions(MAX_WORDS + 1, width, torch.device("cpu"))
        self.register_buffer("places", places, persistent=False)

    def forward(
        self, word: Tensor, past: Tensor, memory: Tensor, mask: Tensor
    ) -> tuple[Tensor, Tensor]:
        """One step.

        Args:
            word: Index of the word said last, shape (b,).
            past: Kept of the words before it; t is 0 at the first.
            memory: Kept of the sentence.
            mask: Of the sentence.

        Returns:
            Scores, and `past` with this word.
        """
        model, at = self.model, past.shape[3]
        x = model.words(word)[:, None] * math.sqrt(model.shape.width) + self.places[at : at + 1]
        kept = []
        for i, layer in enumerate(model.decoder):
            own, read = (past[2 * i], past[2 * i + 1]), (memory[2 * i], memory[2 * i + 1])
            x, pair = layer.step(x, own, read, mask)
            kept += pair
        scores = functional.linear(model.decoder_norm(x)[:, 0], model.words.weight)
        return scores, torch.stack(kept)
