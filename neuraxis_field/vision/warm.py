# SPDX-License-Identifier: Apache-2.0
"""Starts training from an exported detector whose checkpoints are gone.

The export folded every batch normalisation into its convolution. `load_exported` undoes that such
that the net gives what the file gives; `settle` then measures what goes through each normalisation,
so that the net also gives about that with the statistics of a batch, as in training.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from neuraxis_common.errors import ConfigError
from neuraxis_field.growth import grown_rows
from neuraxis_field.vision.labels import SHAPES
from neuraxis_field.vision.model import DetectorNet

_NOTHING = "<nothing>"
_BATCHES = 8


def load_exported(net: DetectorNet, path: Path) -> None:
    """Fill the net with the weights of an ONNX file that `export` wrote, whatever its shapes.

    Raises:
        ConfigError: The file lacks a layer of the net or has one of another size.
    """
    model = onnx.load(path)
    meta = {prop.key: prop.value for prop in model.metadata_props}
    old_shapes = (*json.loads(meta["shapes"]), _NOTHING)
    values = {item.name: numpy_helper.to_array(item) for item in model.graph.initializer}
    for node in model.graph.node:
        # The exporter keeps equal weights once.
        if node.op_type == "Identity" and node.input[0] in values:
            values[node.output[0]] = values[node.input[0]]
    found = {
        _module_name(node.name): [torch.from_numpy(values[name].copy()) for name in node.input[1:]]
        for node in model.graph.node
        if node.op_type in ("Conv", "Gemm")
    }
    for name, module in net.named_modules():
        if not isinstance(module, nn.Conv2d | nn.Linear):
            continue
        if name not in found:
            raise ConfigError(f"detector model {path} has no layer '{name}' of this net")
        weight, bias = found[name]
        if name == "refine.shape":
            names = (*SHAPES, _NOTHING)
            weight = grown_rows(weight, old_shapes, module.weight.detach(), names)
            bias = grown_rows(bias, old_shapes, module.bias.detach(), names)
        if weight.shape != module.weight.shape:
            raise ConfigError(
                f"detector model {path} has layer '{name}' as {tuple(weight.shape)}, "
                f"the net {tuple(module.weight.shape)}"
            )
        with torch.no_grad():
            module.weight.copy_(weight)
            if module.bias is not None:
                module.bias.copy_(bias)
            else:
                _pass_through(_normalisation(net, name), bias)


def settle(net: nn.Module, batch_loss: Callable[[int], object], batches: int = _BATCHES) -> None:
    """Give every normalisation the statistics of what goes through it; the output stays the same.

    Args:
        net: With statistics from `load_exported`.
        batch_loss: Runs the net on the batch of a step.
        batches: How many steps to look at.
    """
    sums: dict[nn.BatchNorm2d, list[Tensor]] = {}

    def look(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        flat = inputs[0].detach().double().transpose(0, 1).flatten(1)
        seen = [torch.tensor(flat.shape[1]), flat.sum(1), (flat**2).sum(1)]
        kept = sums.get(module)
        sums[module] = seen if kept is None else [a + b for a, b in zip(kept, seen, strict=True)]

    net.eval()
    norms = [module for module in net.modules() if isinstance(module, nn.BatchNorm2d)]
    hooks = [module.register_forward_pre_hook(look) for module in norms]
    with torch.no_grad():
        for step in range(batches):
            batch_loss(step)
        for hook in hooks:
            hook.remove()
        for module, (count, total, squares) in sums.items():
            mean = total / count
            _refit(module, mean, (squares / count - mean**2).clamp(min=1e-6))


def _refit(module: nn.BatchNorm2d, mean: Tensor, variance: Tensor) -> None:
    """Other statistics, and the scale and offset with which they give the same output."""
    gain = module.weight / (module.running_var + module.eps).sqrt()
    offset = module.bias - gain * module.running_mean
    module.running_mean.copy_(mean)
    module.running_var.copy_(variance)
    module.weight.copy_(gain * (module.running_var + module.eps).sqrt())
    module.bias.copy_(offset + gain * module.running_mean)


def _pass_through(module: nn.BatchNorm2d, bias: Tensor) -> None:
    module.weight.fill_(1.0)
    module.bias.copy_(bias)
    module.running_mean.zero_()
    module.running_var.fill_(1.0 - module.eps)


def _normalisation(net: DetectorNet, convolution: str) -> nn.BatchNorm2d:
    """The one that follows a convolution in its sequence."""
    parent, _, place = convolution.rpartition(".")
    return net.get_submodule(f"{parent}.{int(place) + 1}")


def _module_name(node: str) -> str:
    """``proposal.fine.1.first.0`` of ``/proposal/fine/fine.1/first/first.0/Conv``.

    The export names an entry of a sequence by the whole path from where the sequence is known.
    """
    names, last = [], ""
    for piece in node.strip("/").split("/")[:-1]:
        names.append(piece.removeprefix(f"{last}.") if last else piece)
        last = piece
    return ".".join(names)
