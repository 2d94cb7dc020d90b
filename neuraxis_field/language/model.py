# SPDX-License-Identifier: Apache-2.0
"""The text tower: a small encoder-decoder transformer from token features to program words."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from neuraxis_bridge.program import WORDS
from neuraxis_bridge.text import BUCKETS

END, START = 0, 1
VOCABULARY = ("<end>", "<start>", *WORDS)
MAX_WORDS = 120
# Share of what a layer adds that training hides: frames are few beside the sentences drawn of them.
_DROP = 0.06


@dataclass(frozen=True)
class Shape:
    """Sizes of the network."""

    width: int = 128
    heads: int = 4
    hidden: int = 448
    encoder_layers: int = 4
    decoder_layers: int = 2
    reach: int = 16


class Attention(nn.Module):
    """Multi-head attention; with `reach`, adds a learned bias per clipped distance."""

    def __init__(self, shape: Shape, reach: int = 0) -> None:
        super().__init__()
        self.heads, self.reach = shape.heads, reach
        self.query = nn.Linear(shape.width, shape.width)
        self.key_value = nn.Linear(shape.width, 2 * shape.width)
        self.out = nn.Linear(shape.width, shape.width)
        if reach:
            self.bias = nn.Parameter(torch.zeros(shape.heads, 2 * reach + 1))

    def read(self, memory: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values of a memory (b, m, d), both of shape (b, heads, m, d / heads)."""
        b, m, d = memory.shape
        k, v = self.key_value(memory).split(d, dim=-1)
        k = k.reshape(b, m, self.heads, d // self.heads).transpose(1, 2)
        return k, v.reshape(b, m, self.heads, d // self.heads).transpose(1, 2)

    def look(self, x: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
        """Mix values for x (b, n, d), which stands at the last n of the m places of the keys."""
        b, n, d = x.shape
        m = k.shape[2]
        q = self.query(x).reshape(b, n, self.heads, d // self.heads).transpose(1, 2)
        scores = q @ k.transpose(2, 3) / math.sqrt(d // self.heads) + mask
        if self.reach:
            at = torch.arange(m, device=x.device)
            at = at[m - n :, None] - at[None]
            scores = scores + self.bias[:, at.clamp(-self.reach, self.reach) + self.reach]
        mixed = scores.softmax(-1) @ v
        return self.out(mixed.transpose(1, 2).reshape(b, n, d))

    def forward(self, x: Tensor, memory: Tensor, mask: Tensor) -> Tensor:
        """Shapes (b, n, d), (b, m, d), mask broadcastable to (b, heads, n, m), added to scores."""
        return self.look(x, *self.read(memory), mask)


class Layer(nn.Module):
    """Pre-norm self-attention, optional attention to the memory, feed-forward."""

    def __init__(self, shape: Shape, cross: bool) -> None:
        super().__init__()
        self.self_norm = nn.LayerNorm(shape.width)
        self.self_attention = Attention(shape, shape.reach)
        self.cross = cross
        if cross:
            self.cross_norm, self.cross_attention = nn.LayerNorm(shape.width), Attention(shape)
        self.feed_norm = nn.LayerNorm(shape.width)
        self.feed_in = nn.Linear(shape.width, shape.hidden)
        self.feed_out = nn.Linear(shape.hidden, shape.width)

    def forward(self, x: Tensor, mask: Tensor, memory: Tensor, memory_mask: Tensor) -> Tensor:
        """One layer; `memory` is ignored without cross-attention."""
        y = self.self_norm(x)
        x = x + self._some(self.self_attention(y, y, mask))
        if self.cross:
            x = x + self._some(self.cross_attention(self.cross_norm(x), memory, memory_mask))
        return x + self._some(self.feed_out(functional.relu(self.feed_in(self.feed_norm(x)))))

    def step(
        self, x: Tensor, past: tuple[Tensor, Tensor], memory: tuple[Tensor, Tensor], mask: Tensor
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """`forward` at the last place only, from keys and values kept of the places before it.

        Args:
            x: Shape (b, 1, d).
            past: Keys and values of self-attention before this place.
            memory: Keys and values of the memory.
            mask: For the memory.

        Returns:
            What passes on, shape (b, 1, d), and `past` with this place.
        """
        y = self.self_norm(x)
        k, v = (torch.cat(pair, 2) for pair in zip(past, self.self_attention.read(y), strict=True))
        x = x + self.self_attention.look(y, k, v, torch.zeros(()))
        x = x + self.cross_attention.look(self.cross_norm(x), *memory, mask)
        return x + self.feed_out(functional.relu(self.feed_in(self.feed_norm(x)))), (k, v)

    def _some(self, x: Tensor) -> Tensor:
        return functional.dropout(x, _DROP, self.training)


def positions(count: int, width: int, device: torch.device) -> Tensor:
    """Sinusoids, shape (count, width)."""
    rate = torch.exp(torch.arange(0, width, 2, device=device) * (-math.log(1e4) / width))
    angle = torch.arange(count, device=device)[:, None] * rate[None]
    return torch.cat((angle.sin(), angle.cos()), dim=1)


class Planner(nn.Module):
    """Features (b, n, FEATURES) and program words so far (b, m) -> scores of the next words."""

    def __init__(self, shape: Shape | None = None) -> None:
        super().__init__()
        self.shape = shape = shape or Shape()
        self.grams = nn.Embedding(BUCKETS, shape.width, padding_idx=0)
        nn.init.normal_(self.grams.weight, std=1 / math.sqrt(shape.width))
        with torch.no_grad():
            self.grams.weight[0].zero_()
        self.words = nn.Embedding(len(VOCABULARY), shape.width)
        nn.init.normal_(self.words.weight, std=1 / math.sqrt(shape.width))
        self.encoder = nn.ModuleList(Layer(shape, False) for _ in range(shape.encoder_layers))
        self.decoder = nn.ModuleList(Layer(shape, True) for _ in range(shape.decoder_layers))
        self.encoder_norm, self.decoder_norm = nn.LayerNorm(shape.width), nn.LayerNorm(shape.width)

    def encode(self, features: Tensor, mask: Tensor) -> Tensor:
        """Shape (b, n, FEATURES), additive mask (b, 1, 1, n) -> memory (b, n, width)."""
        count = (features > 0).sum(-1, keepdim=True).clamp(min=1).to(torch.float32)
        x = self.grams(features).sum(2) / count.sqrt()
        x = x * math.sqrt(self.shape.width)
        x = x + positions(x.shape[1], self.shape.width, x.device)
        for layer in self.encoder:
            x = layer(x, mask, x, mask)
        return self.encoder_norm(x)

    def decode(self, words: Tensor, memory: Tensor, memory_mask: Tensor) -> Tensor:
        """Words (b, m), memory (b, n, width) -> scores (b, m, vocabulary)."""
        m = words.shape[1]
        x = self.words(words) * math.sqrt(self.shape.width)
        x = x + positions(m, self.shape.width, x.device)
        at = torch.arange(m, device=x.device)
        mask = (at[None] > at[:, None]).to(torch.float32) * -1e9
        for layer in self.decoder:
            x = layer(x, mask, memory, memory_mask)
        return functional.linear(self.decoder_norm(x), self.words.weight)

    def forward(self, features: Tensor, words: Tensor) -> Tensor:
        """Scores of every next word. Shape (b, m, vocabulary)."""
        mask = (features[:, :, 0] == 0).to(torch.float32)[:, None, None, :] * -1e9
        return self.decode(words, self.encode(features, mask), mask)
