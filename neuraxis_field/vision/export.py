# SPDX-License-Identifier: Apache-2.0
"""Write the trained detector as ONNX with its contract, check parity, write the card."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch

from neuraxis_field.vision.labels import COLORS, FIRST_TRAINING_SEED, SHAPES
from neuraxis_field.vision.model import HEIGHT, WIDTH, DetectorNet
from perception_node.detector import MASK_OUTPUTS, OUTPUTS

OPSET = 17


def export(net: DetectorNet, path: Path, training: dict[str, Any]) -> None:
    """Write the model and beside it its card.

    Args:
        net: The trained nets.
        path: The ONNX file; the card has the suffix .json.
        training: How it was trained; goes into the card.
    """
    net = net.to(memory_format=torch.contiguous_format).eval()
    image = torch.randint(
        0, 256, (HEIGHT, WIDTH, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            net,
            (image,),
            str(path),
            input_names=["image"],
            output_names=[*OUTPUTS, *MASK_OUTPUTS],
            opset_version=OPSET,
            dynamo=False,
        )
    model = onnx.load(str(path))
    contract = {"shapes": SHAPES, "colors": COLORS, "size": (WIDTH, HEIGHT)}
    onnx.helper.set_model_props(model, {key: json.dumps(value) for key, value in contract.items()})
    onnx.save(model, str(path))
    card = {
        "what": "Parts and containers in a colour image of the robot's head camera.",
        "input": "image uint8 (480, 640, 3) RGB",
        "outputs": {"box": "pixels x0 y0 x1 y1", "score": "0 to 1", "shape_p": list(SHAPES),
                    "color_p": list(COLORS), "size_m": "long side, short side, z; coarse",
                    "mask_p": "32 x 32 cells of square", "square": "centre x, y and side, pixels"},
        "data": "Rendered by `python -m neuraxis_field.vision.render` from config/scenes and "
                f"this repository's robots. Scene seeds >= {FIRST_TRAINING_SEED} train; lower "
                "ones are kept for evaluation and tests and never used for training.",
        "command": "python -m neuraxis_field.vision.train",
        "bytes": path.stat().st_size,
        "parity_max_abs": parity(net, path, image.numpy()),
        "training": training,
    }  # fmt: skip
    path.with_suffix(".json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")


def parity(net: DetectorNet, path: Path, image: np.ndarray) -> dict[str, float]:
    """Largest difference between PyTorch and ONNX Runtime per output."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [*OUTPUTS, *MASK_OUTPUTS]
    got = session.run(names, {"image": image})
    with torch.no_grad():
        expected = net(torch.from_numpy(image))
    return {
        name: float(np.abs(a - b.numpy()).max())
        for name, a, b in zip(names, got, expected, strict=True)
    }
