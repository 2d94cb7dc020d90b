# SPDX-License-Identifier: Apache-2.0
"""Steps of many episodes, kept as single frames and stacked when they are trained on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from neuraxis_field.control.rollout import Trace
from small_brain_node.observation import Float32Array, ObservationBuilder


def write_traces(path: Path, traces: Sequence[Trace]) -> None:
    """One round's episodes as .npz; the file is there whole or not at all."""
    draft = path.with_suffix(".part")
    with open(draft, "wb") as file:
        np.savez(
            file,
            frames=np.concatenate([trace.frames for trace in traces]),
            labels=np.concatenate([trace.labels for trace in traces]),
            lengths=np.array([len(trace.frames) for trace in traces]),
            fell=np.array([trace.fell for trace in traces]),
        )
    draft.replace(path)


class Steps:
    """All steps of some rounds.

    Args:
        builder: Of the contract that the frames are of.
        paths: Files of `write_traces`, in order.

    Attributes:
        frames: Shape (N, frame_size).
        labels: Shape (N, m).
        fell: Per episode.
    """

    def __init__(self, builder: ObservationBuilder, paths: Sequence[Path]) -> None:
        self._builder, rounds = builder, []
        for path in paths:
            with np.load(path) as data:
                rounds.append({name: data[name] for name in data.files})
        self.frames: Float32Array = np.concatenate([r["frames"] for r in rounds])
        self.labels: Float32Array = np.concatenate([r["labels"] for r in rounds])
        self.fell = np.concatenate([r["fell"] for r in rounds])
        lengths = np.concatenate([r["lengths"] for r in rounds])
        self._first = np.repeat(np.cumsum(lengths) - lengths, lengths)
        depth = builder.contract.depth
        self._back = np.arange(1 - depth, 1)

    def __len__(self) -> int:
        return len(self.labels)

    def observations(self, index: NDArray[np.intp]) -> Float32Array:
        """What the student saw at these steps, shape (B, size)."""
        at = np.maximum(index[:, None] + self._back, self._first[index, None])
        return self._builder.stack(self.frames[at])

    def spread(self, builder: ObservationBuilder) -> tuple[Float32Array, Float32Array]:
        """Mean and deviation of every element of an observation, shape (size,) each."""
        mean = self.frames.mean(axis=0, dtype=float)
        deviation = np.maximum(self.frames.std(axis=0, dtype=float), 0.05)
        depth = builder.contract.depth
        rows = (np.tile(row, (depth, 1)).astype(np.float32) for row in (mean, deviation))
        stacked = tuple(builder.stack(row) for row in rows)
        return stacked[0], stacked[1]
