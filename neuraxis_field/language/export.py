# SPDX-License-Identifier: Apache-2.0
"""Writes the text tower as one ONNX file that carries its vocabulary, and its training card.

The file is the half that reads a sentence; the half that says the words of its program is a whole
ONNX model in the metadata, in base64: one file cannot be half of one training and half of another.
Tables of weights have eight bits and a scale for each row; everything is computed in float32, so
that what comes out of one row of a batch does not depend on the others.
"""

from __future__ import annotations

import base64
import io
import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from neuraxis_bridge.text import BUCKETS, FEATURES
from neuraxis_field.language.halves import Reading, Saying
from neuraxis_field.language.known import known_words
from neuraxis_field.language.model import MAX_WORDS, VOCABULARY, Planner

OPSET = 17
SAYING = "saying"
BITS, SCALE = ".bits", ".scale"


def export(model: Planner, out: Path, card: dict[str, Any]) -> None:
    """Export with int8 weights; the card goes beside it as ``<name>.card.json``.

    Args:
        model: The trained network, of any depth and width.
        out: ONNX file to write.
        card: What is known about the training; written as it is, plus the file's size.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    shape = model.shape
    features = torch.ones(2, 5, FEATURES, dtype=torch.int64)
    reading, saying = Reading(model).eval(), Saying(model).eval()
    with torch.no_grad():
        memory, mask = reading(features)
    past = torch.zeros(2 * shape.decoder_layers, 2, shape.heads, 3, shape.width // shape.heads)
    kept = {1: "batch", 3: "tokens"}
    ends = {"memory": kept, "mask": {0: "batch", 3: "tokens"}}
    graph = _compact(_onnx(reading, (features,), {"features": {0: "batch", 1: "tokens"}}, ends))
    said = _compact(
        _onnx(
            saying,
            (torch.ones(2, dtype=torch.int64), past, memory, mask),
            {"word": {0: "batch"}, "past": {1: "batch", 3: "said"}} | ends,
            {"scores": {0: "batch"}, "present": {1: "batch", 3: "saying"}},
        )
    )
    contract = {"vocabulary": list(VOCABULARY), "buckets": BUCKETS, "features": FEATURES,
                "max_words": MAX_WORDS, "known_words": known_words()}  # fmt: skip
    texts = {key: json.dumps(value) for key, value in contract.items()}
    texts[SAYING] = base64.b64encode(said.SerializeToString()).decode()
    helper.set_model_props(graph, texts)
    onnx.save(graph, out)
    weights = "int8, one scale per row; computed in float32"
    card = card | {"bytes": out.stat().st_size, "weights": weights}
    out.with_suffix(".card.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")


def _onnx(
    half: nn.Module, example: tuple[Tensor, ...], inputs: dict[str, Any], outputs: dict[str, Any]
) -> onnx.ModelProto:
    """ONNX of one half, with the names that its weights have in the network."""
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Folding would transpose the weights and take their names away.
        torch.onnx.export(
            half, example, file, dynamo=False, opset_version=OPSET, do_constant_folding=False,
            input_names=list(inputs), output_names=list(outputs), dynamic_axes=inputs | outputs,
        )  # fmt: skip
    return onnx.load_from_string(file.getvalue())


def _compact(model: onnx.ModelProto) -> onnx.ModelProto:
    """Keep tables as int8 times a scale per row; the runtime multiplies them once, on loading."""
    graph, first = model.graph, []
    for item in list(graph.initializer):
        if not item.name.endswith(".weight") or len(item.dims) != 2:
            continue
        table = numpy_helper.to_array(item)
        scale = np.abs(table).max(axis=1, keepdims=True) / 127.0
        scale[scale == 0.0] = 1.0
        bits = np.rint(table / scale).astype(np.int8)
        graph.initializer.remove(item)
        name = item.name
        graph.initializer.append(numpy_helper.from_array(bits, name + BITS))
        graph.initializer.append(numpy_helper.from_array(scale.astype(np.float32), name + SCALE))
        cast = helper.make_node("Cast", [name + BITS], [name + ".cast"], to=TensorProto.FLOAT)
        first += [cast, helper.make_node("Mul", [name + ".cast", name + SCALE], [name])]
    nodes = [*first, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    return model
