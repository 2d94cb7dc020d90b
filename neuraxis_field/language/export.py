# SPDX-License-Identifier: Apache-2.0
"""Writes the text tower as one ONNX file that carries its vocabulary, and its training card."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from neuraxis_bridge.text import BUCKETS, FEATURES
from neuraxis_field.language.known import known_words
from neuraxis_field.language.model import MAX_WORDS, VOCABULARY, Planner


def export(model: Planner, out: Path, card: dict[str, Any]) -> None:
    """Export with int8 weights; the card goes beside it as ``<name>.card.json``.

    Args:
        model: The trained network.
        out: ONNX file to write.
        card: What is known about the training; written as it is, plus the file's size.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    plain = out.with_suffix(".float.onnx")
    features = torch.ones(1, 5, FEATURES, dtype=torch.int64)
    words = torch.ones(1, 3, dtype=torch.int64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model.eval(), (features, words), str(plain), dynamo=False, opset_version=17,
            input_names=["features", "words"], output_names=["scores"],
            dynamic_axes={"features": {1: "n"}, "words": {1: "m"}, "scores": {1: "m"}},
        )  # fmt: skip
    quantize_dynamic(plain, out, weight_type=QuantType.QInt8, per_channel=True)
    plain.unlink()
    graph = onnx.load(out)
    contract = {"vocabulary": list(VOCABULARY), "buckets": BUCKETS, "features": FEATURES,
                "max_words": MAX_WORDS, "known_words": known_words()}  # fmt: skip
    for key, value in contract.items():
        graph.metadata_props.append(onnx.StringStringEntryProto(key=key, value=json.dumps(value)))
    onnx.save(graph, out)
    card = card | {"bytes": out.stat().st_size, "weights": "int8, dynamic quantisation"}
    out.with_suffix(".card.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
