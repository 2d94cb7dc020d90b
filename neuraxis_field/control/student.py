# SPDX-License-Identifier: Apache-2.0
"""The network that learns, as plain arrays while it acts."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np

from neuraxis_common.types import FloatArray
from small_brain_node.observation import Float32Array


@dataclass(frozen=True)
class Student:
    """A perceptron with ELU between its layers, float32.

    Attributes:
        layers: Weights, shape (inputs, outputs), and biases, shape (outputs,).
        mean: Subtracted from the observation first, shape (size,).
        deviation: What that is divided by, shape (size,).
    """

    layers: tuple[tuple[Float32Array, Float32Array], ...]
    mean: Float32Array
    deviation: Float32Array

    def act(self, observation: Float32Array) -> FloatArray:
        """Outputs before any clip, shape (m,) or (B, m)."""
        x = (observation - self.mean) / self.deviation
        for weights, biases in self.layers[:-1]:
            x = x @ weights + biases
            x = np.where(x > 0.0, x, np.expm1(np.minimum(x, 0.0)))
        weights, biases = self.layers[-1]
        return (x @ weights + biases).astype(float)

    def pack(self) -> bytes:
        """As .npz."""
        arrays = {"mean": self.mean, "deviation": self.deviation}
        for i, (weights, biases) in enumerate(self.layers):
            arrays |= {f"w{i}": weights, f"b{i}": biases}
        buffer = io.BytesIO()
        np.savez(buffer, **arrays)
        return buffer.getvalue()

    @classmethod
    def unpack(cls, content: bytes) -> Student:
        """The reverse of `pack`."""
        with np.load(io.BytesIO(content)) as data:
            count = sum(name.startswith("w") for name in data.files)
            layers = tuple((data[f"w{i}"], data[f"b{i}"]) for i in range(count))
            return cls(layers, data["mean"], data["deviation"])
