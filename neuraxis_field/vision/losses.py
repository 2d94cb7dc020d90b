# SPDX-License-Identifier: Apache-2.0
"""What the two nets are trained to make small."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from neuraxis_field.vision import targets
from neuraxis_field.vision.model import BOX_SCALE_PX


def proposal_loss(
    logits: Tensor, distances: Tensor, grids: list[targets.Grid]
) -> dict[str, Tensor]:
    """Penalty-reduced focal loss on the heat, L1 on the boxes near the peaks."""

    def stack(name: str) -> Tensor:
        return torch.from_numpy(np.stack([getattr(grid, name) for grid in grids]))

    heat, care, weight = stack("heat"), stack("care"), stack("weight")[:, None]
    p = torch.sigmoid(logits).clamp(1e-4, 1 - 1e-4)
    peak = (heat > 0.99).float()
    positive = (1 - p) ** 2 * torch.log(p) * peak
    negative = (1 - heat) ** 4 * p**2 * torch.log(1 - p) * (1 - peak) * care
    focal = -(positive + negative).sum() / peak.sum().clamp(min=1.0)
    error = (distances - stack("box").clamp(min=0.0) / BOX_SCALE_PX).abs()
    # Relative to the object, so that small parts count as much as large containers.
    extent = stack("box").clamp(min=0.0).sum(dim=1, keepdim=True) / BOX_SCALE_PX
    box = (error / (extent + 0.5) * weight).sum() / weight.sum().clamp(min=1.0)
    return {"heat": focal, "box": 2.0 * box}


def refine_loss(out: dict[str, Tensor], label: dict[str, Tensor]) -> dict[str, Tensor]:
    """Cross entropy on the classes, smooth L1 on box and size where something is there."""
    weight, there = label["weight"], label["there"]
    some = there.sum().clamp(min=1.0)
    shape = functional.cross_entropy(
        out["shape"], label["shape"], reduction="none", label_smoothing=0.01
    )
    color = functional.cross_entropy(
        out["color"], label["color"], reduction="none", label_smoothing=0.01
    )
    box = functional.smooth_l1_loss(out["box"], label["box"], reduction="none", beta=0.02).sum(
        dim=1
    )
    size = functional.smooth_l1_loss(out["size"], label["size"], reduction="none", beta=0.05).sum(
        dim=1
    )
    mask = functional.binary_cross_entropy_with_logits(out["mask"], label["mask"], reduction="none")
    return {
        "shape": (shape * weight).sum() / weight.sum().clamp(min=1.0),
        "color": (color * there).sum() / some,
        "edge": 5.0 * (box * there).sum() / some,
        "size": (size * there).sum() / some,
        "mask": (mask.mean(dim=(1, 2)) * there).sum() / some,
    }
