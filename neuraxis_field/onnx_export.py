# SPDX-License-Identifier: Apache-2.0
"""Multilayer perceptrons as ONNX files, from plain arrays of any trainer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from neuraxis_common.errors import ConfigError
from neuraxis_common.types import FloatArray
from small_brain_node.bundle.contract import PolicyContract

OPSET, IR_VERSION = 17, 9
ACTIVATIONS = ("Elu", "Relu", "Selu", "Tanh", "Sigmoid")
Layer = tuple[FloatArray, FloatArray]


def mlp_onnx(
    contract: PolicyContract,
    layers: Sequence[Layer],
    activation: str = "Elu",
    mean: FloatArray | None = None,
    deviation: FloatArray | None = None,
) -> bytes:
    """ONNX file of a perceptron with its normaliser inside.

    Args:
        contract: Gives names and sizes of input and output.
        layers: Weights, shape (inputs, outputs), and biases, shape (outputs,); the activation
            stands between them, not after the last.
        activation: One of `ACTIVATIONS`.
        mean: Subtracted from the observation first, shape (size,).
        deviation: What that is divided by, shape (size,).

    Raises:
        ConfigError: Shapes that do not follow from each other or from the contract.
    """
    if activation not in ACTIVATIONS:
        raise ConfigError(f"activation must be one of {', '.join(ACTIVATIONS)}, got '{activation}'")
    _check_shapes(contract, layers)
    arrays: dict[str, FloatArray] = {}
    nodes, last = [], contract.input_name
    if mean is not None and deviation is not None:
        arrays["mean"], arrays["deviation"] = mean, deviation
        nodes.append(helper.make_node("Sub", [last, "mean"], ["centred"]))
        nodes.append(helper.make_node("Div", ["centred", "deviation"], ["normalised"]))
        last = "normalised"
    for i, (weights, biases) in enumerate(layers):
        arrays[f"w{i}"], arrays[f"b{i}"] = weights, biases
        final = i == len(layers) - 1
        out = contract.output_name if final else f"h{i}"
        nodes.append(helper.make_node("Gemm", [last, f"w{i}", f"b{i}"], [out]))
        if not final:
            nodes.append(helper.make_node(activation, [out], [f"a{i}"]))
            last = f"a{i}"
    return _model(contract, nodes, arrays)


def _check_shapes(contract: PolicyContract, layers: Sequence[Layer]) -> None:
    size = contract.size
    for i, (weights, biases) in enumerate(layers):
        if weights.shape[0] != size or biases.shape != weights.shape[1:]:
            raise ConfigError(
                f"layer {i} has weights {weights.shape} and biases {biases.shape}, gets {size}"
            )
        size = weights.shape[1]
    if size != len(contract.action.joints):
        raise ConfigError(f"the last layer gives {size}, not {len(contract.action.joints)}")


def _model(
    contract: PolicyContract, nodes: list[onnx.NodeProto], arrays: dict[str, FloatArray]
) -> bytes:
    sizes = ((contract.input_name, contract.size),)
    sizes += ((contract.output_name, len(contract.action.joints)),)
    ports = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, size]) for name, size in sizes
    ]
    weights = [
        numpy_helper.from_array(array.astype(np.float32), name) for name, array in arrays.items()
    ]
    graph = helper.make_graph(nodes, "policy", ports[:1], ports[1:], weights)
    opset = [helper.make_opsetid("", OPSET)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=IR_VERSION)
    onnx.checker.check_model(model)
    return model.SerializeToString()
