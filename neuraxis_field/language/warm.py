# SPDX-License-Identifier: Apache-2.0
"""Takes the text tower's weights back out of a file that `export` wrote, or of a training state."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor

from neuraxis_common.errors import ConfigError
from neuraxis_field.growth import grown_rows
from neuraxis_field.language.export import BITS, SAYING, SCALE
from neuraxis_field.language.model import VOCABULARY, Planner

# What a layer adds to what passes through it comes out of these.
_ADDS = ("attention.out.", "feed_out.")


def first_weights(model: Planner, path: Path) -> dict[str, Tensor]:
    """Weights to start from, for a model whose program words may be others and layers more.

    Features of sentences do not depend on the vocabulary, so only the table of program words grows.
    Layers that the file lacks begin by adding nothing to what passes through them.

    Args:
        model: Fresh.
        path: An exported ONNX file, whose weights have eight bits, or a training state.

    Raises:
        ConfigError: The file does not say what its rows of words stand for, or they are not as
            many.
    """
    if path.suffix == ".onnx":
        weights, words = _exported(path)
    else:
        state = torch.load(path, weights_only=False)
        weights, words = dict(state["model"]), state.get("vocabulary")
    if words is None:
        raise ConfigError(f"{path} does not say its program words")
    key = "words.weight"
    fresh = model.state_dict()
    weights[key] = grown_rows(weights[key], words, fresh[key], VOCABULARY)
    for name in fresh.keys() - weights.keys():
        silent = any(part in name for part in _ADDS)
        weights[name] = torch.zeros_like(fresh[name]) if silent else fresh[name]
    return weights


def _exported(path: Path) -> tuple[dict[str, Tensor], list[str] | None]:
    reading = onnx.load(path)
    texts = {item.key: item.value for item in reading.metadata_props}
    if SAYING not in texts:
        raise ConfigError(f"{path} lacks '{SAYING}', the half of the text tower that says words")
    saying = onnx.load_from_string(base64.b64decode(texts[SAYING]))
    arrays = {
        item.name.removeprefix("model."): numpy_helper.to_array(item)
        for half in (reading, saying)
        for item in half.graph.initializer
    }
    weights = {name: value for name, value in arrays.items() if not name.endswith((BITS, SCALE))}
    for name, value in arrays.items():
        if name.endswith(BITS):
            key = name.removesuffix(BITS)
            weights[key] = value.astype(np.float32) * arrays[key + SCALE]
    words = texts.get("vocabulary")
    tensors = {key: torch.tensor(value) for key, value in weights.items()}
    return tensors, None if words is None else json.loads(words)
