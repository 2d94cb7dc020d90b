# SPDX-License-Identifier: Apache-2.0
"""Processor time of a request by its parts, and of the two towers by the size of a batch."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime

from neuraxis_bridge.chat import answer, read_request
from neuraxis_bridge.decoding import decode
from neuraxis_bridge.executor import execute
from neuraxis_bridge.planner import Planner
from neuraxis_bridge.text import features_of, tokens_of
from neuraxis_bridge.tower import Tower
from perception_node.detector import Detector

SIZES = (1, 2, 4, 8)


def measure_parts(models: Path, bodies: Sequence[bytes]) -> dict[str, float]:
    """Processor milliseconds of each part of a request that is read once, one thread."""
    reader, eyes, spent = Planner(models / "planner.onnx"), Detector(models / "detector.onnx"), {}

    def timed(name: str, work: Callable[..., Any], *given: Any) -> Any:
        began = time.thread_time()
        result = work(*given)
        spent[name] = spent.get(name, 0.0) + time.thread_time() - began
        return result

    for body in bodies:
        question = timed("body_and_image", read_request, body, 10**7)
        understood = timed("text", reader.understand, question.instruction)
        seen = timed("detector", eyes.detect, question.rgb)
        plan = timed("grounding", execute, understood.program, seen, understood.language)
        timed("answer", answer, plan, "x", 0)
    return {name: round(value * 1e3 / len(bodies), 2) for name, value in spent.items()}


def measure_batch(
    models: Path, sentences: Sequence[str], rounds: int = 10
) -> dict[str, dict[str, float]]:
    """Processor milliseconds per item of a batch, one thread.

    Of the text tower the whole program is decoded; of the image tower the first half is measured,
    up to its proposals, since what follows works on the things of one image.
    """
    tower = Tower(models / "planner.onnx")
    features = [features_of(tokens_of(text)) for text in sentences]
    decode(tower, features)
    text = {}
    for size in SIZES:
        began = time.process_time()
        for start in range(0, len(features), size):
            decode(tower, features[start : start + size])
        text[str(size)] = round((time.process_time() - began) * 1e3 / len(features), 3)
    trunk, name = image_trunk(models / "detector.onnx")
    image = {name: np.random.default_rng(0).normal(size=(1, 3, 480, 640)).astype(np.float32)}
    return {"text": text, "image": cpu_ms_per_item(trunk, image, rounds)}


def image_trunk(path: Path) -> tuple[onnx.ModelProto, str]:
    """The image tower from its first convolution to its proposals, and the name of its input."""
    model = onnx.load(path)
    first = next(node for node in model.graph.node if node.op_type == "Conv")
    last = next(name for node in model.graph.node for name in node.output if "proposal/out" in name)
    maker = {name: node for node in model.graph.node for name in node.output}
    wanted, kept = [last], set()
    while wanted:
        name = wanted.pop()
        if name in maker and name not in kept and name != first.input[0]:
            kept.add(name)
            wanted += maker[name].input
    nodes = [node for node in model.graph.node if kept & set(node.output)]
    ends = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None)
            for name in (first.input[0], last)]  # fmt: skip
    graph = onnx.helper.make_graph(nodes, "trunk", ends[:1], ends[1:], model.graph.initializer)
    trunk = onnx.helper.make_model(graph, opset_imports=model.opset_import)
    trunk.ir_version = model.ir_version
    return trunk, first.input[0]


def cpu_ms_per_item(
    model: onnx.ModelProto, feed: dict[str, np.ndarray], rounds: int
) -> dict[str, float]:
    """Processor milliseconds per item, by size of the batch."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    providers = ["CPUExecutionProvider"]
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=providers)
    result = {}
    for size in SIZES:
        batch = {name: np.repeat(values, size, axis=0) for name, values in feed.items()}
        session.run(None, batch)
        began = time.process_time()
        for _ in range(rounds):
            session.run(None, batch)
        result[str(size)] = round((time.process_time() - began) * 1e3 / rounds / size, 3)
    return result
