# SPDX-License-Identifier: Apache-2.0
"""Batches of whole images for the proposal net."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from neuraxis_field.vision import targets
from neuraxis_field.vision.dataset import VisionData
from neuraxis_field.vision.model import BOX_SCALE_PX, ProposalNet

BATCH = 8


class ProposalTask:
    """Loss of the proposal net on the batch of a step.

    Args:
        net: The net.
        data: Every image is seen once per pass, a busy one twice, in an order drawn from ``seed``.
        seed: Of order and augmentation.
    """

    def __init__(self, net: ProposalNet, data: VisionData, seed: int):
        self._net, self._data, self._seed = net, data, seed
        self._pool = list(range(len(data))) + busy(data)

    def __call__(self, step: int) -> dict[str, Tensor]:
        """Terms of the loss."""
        rng = np.random.default_rng([self._seed, step])
        per_pass = max(1, len(self._pool) // BATCH)
        order = np.random.default_rng([self._seed, 7, step // per_pass]).permutation(self._pool)
        first = step % per_pass * BATCH
        samples = [
            targets.augment(targets.sample(self._data, int(index)), rng)
            for index in order[first : first + BATCH]
        ]
        images = image_batch([item.image for item in samples])
        return proposal_loss(*self._net(images), [targets.grid(item) for item in samples])


def busy(data: VisionData) -> list[int]:
    """Images with a part in a container or in a gripper: the hard ones."""
    return [
        index
        for index, label in enumerate(data.labels)
        if any(item["inside"] or item["held"] for item in label["objects"])
    ]


def image_batch(images: list[np.ndarray]) -> Tensor:
    """Float images (n, 3, h, w) in [0, 1], channels last, from uint8 images (h, w, 3)."""
    batch = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2)
    return (batch.float() / 255.0).contiguous(memory_format=torch.channels_last)


def proposal_loss(
    logits: Tensor, distances: Tensor, grids: list[targets.Grid]
) -> dict[str, Tensor]:
    """Penalty-reduced focal loss on the heat, L1 on the boxes near the peaks."""

    def stack(name: str) -> Tensor:
        return torch.from_numpy(np.stack([getattr(grid, name) for grid in grids]))

    heat, care, weight = stack("heat"), stack("care"), stack("weight")[:, :, None]
    peak = (heat > 0.99).float()
    p = torch.sigmoid(logits)
    positive = (1 - p) ** 2 * functional.softplus(-logits) * peak
    negative = (1 - heat) ** 4 * p**2 * functional.softplus(logits) * (1 - peak) * care
    focal = (positive + negative).sum() / peak.sum().clamp(min=1.0)
    sides = stack("box").clamp(min=0.0) / BOX_SCALE_PX
    # Relative to the object, so that small parts count as much as large containers.
    error = (distances.view(sides.shape) - sides).abs() / (sides.sum(dim=2, keepdim=True) + 0.5)
    return {"heat": focal, "box": 2.0 * (error * weight).sum() / weight.sum().clamp(min=1.0)}
