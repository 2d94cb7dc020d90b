# SPDX-License-Identifier: Apache-2.0
"""Takes the text tower's weights back out of a file that `export` wrote, or of a training state."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor

from neuraxis_common.errors import ConfigError
from neuraxis_field.growth import grown_rows
from neuraxis_field.language.model import VOCABULARY, Planner

_QUANTISED = "_quantized"
# What quantisation calls a product; the one without a module before it gives the words' scores.
_PRODUCT = "/MatMul_quant"
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
    graph = onnx.load(path)
    arrays = {item.name: numpy_helper.to_array(item) for item in graph.graph.initializer}
    weights = {name: value for name, value in arrays.items() if _is_plain(name)}
    for name in arrays:
        if name.endswith(_QUANTISED) and not name.startswith("onnx::"):
            weights[name.removesuffix(_QUANTISED)] = _values(arrays, name)
    for node in graph.graph.node:
        if node.op_type != "MatMulInteger":
            continue
        # A product's weight lies transposed; the last one's is the table of words, with a scale
        # for each word and so finer than the one that looks words up.
        name = node.name.removesuffix(_PRODUCT).strip("/").replace("/", ".")
        key = f"{name or 'words'}.weight"
        weights[key] = _values(arrays, node.input[1]).T
    words = {item.key: item.value for item in graph.metadata_props}.get("vocabulary")
    tensors = {key: torch.tensor(value) for key, value in weights.items()}
    return tensors, None if words is None else json.loads(words)


def _is_plain(name: str) -> bool:
    parts = (_QUANTISED, "_scale", "_zero_point")
    return not name.startswith("onnx::") and not name.endswith(parts)


def _values(arrays: dict[str, np.ndarray], name: str) -> np.ndarray:
    stem = name.removesuffix(_QUANTISED)
    zero = arrays[f"{stem}_zero_point"].astype(np.float32)
    return (arrays[name].astype(np.float32) - zero) * arrays[f"{stem}_scale"]
