# SPDX-License-Identifier: Apache-2.0
"""Batches of crops for the refining net."""

from __future__ import annotations

from dataclasses import dataclass, fields

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from rich.progress import track
from torch import Tensor
from torch.nn import functional

from neuraxis_field.vision import targets
from neuraxis_field.vision.dataset import VisionData
from neuraxis_field.vision.model import CROP, SIZE_SCALE_M, WIDTH, DetectorNet, crop_square
from neuraxis_field.vision.train_proposal import busy, image_batch

BATCH = 128
SUGGESTED = (8, 4)
_CHUNK = 8


@dataclass(frozen=True)
class Table:
    """Places to crop and what is there, one row each.

    Attributes:
        image: Index of the image. Shape (n,).
        square: Centre x, y and side in pixels. Shape (n, 3).
        shape: Index into ``SHAPES`` or ``targets.NOTHING``. Shape (n,).
        color: Index into ``COLORS``. Shape (n,).
        size_m: Shape (n, 3).
        box: Box of the object in pixels. Shape (n, 4).
        id: Its value in the mask image. Shape (n,).
        suggested: From the proposal net and not from the truth. Shape (n,).
    """

    image: NDArray
    square: NDArray
    shape: NDArray
    color: NDArray
    size_m: NDArray
    box: NDArray
    id: NDArray
    suggested: NDArray


def suggest(net: DetectorNet, data: VisionData) -> Table:
    """All true boxes and what the proposal net suggests in every image, busy images twice."""
    rows: list[Table] = []
    hard = set(busy(data))
    net.proposal.eval()
    for first in track(range(0, len(data), _CHUNK), description="suggestions"):
        indices = range(first, min(first + _CHUNK, len(data)))
        samples = [targets.sample(data, index) for index in indices]
        with torch.no_grad():
            logits, distances = net.proposal(image_batch([item.image for item in samples]))
        for place, (index, item) in enumerate(zip(indices, samples, strict=True)):
            own = slice(place, place + 1)
            boxes = net.peaks(logits[own], distances[own], *SUGGESTED)[0].numpy()
            for _ in range(2 if index in hard else 1):
                rows.append(_rows(index, item, item.box, False))
                rows.append(_rows(index, item, boxes, True))
    columns = {
        field.name: np.concatenate([getattr(row, field.name) for row in rows])
        for field in fields(Table)
    }
    return Table(**columns)


def _rows(index: int, item: targets.Sample, boxes: NDArray, suggested: bool) -> Table:
    boxes = boxes.astype(np.float32)
    boxes[:, 2:] = np.maximum(boxes[:, 2:], boxes[:, :2] + 4.0)
    found, weight = targets.label_boxes(item, boxes)
    keep = weight > 0
    found, boxes = found[keep], boxes[keep]
    there, best = found >= 0, np.maximum(found, 0)
    if not len(item.box):
        best, item = np.zeros(len(best), int), targets.blank(item)
    return Table(
        image=np.full(len(boxes), index),
        square=crop_square(torch.from_numpy(boxes)).numpy(),
        shape=np.where(there, item.shape[best], targets.NOTHING),
        color=item.color[best],
        size_m=item.size_m[best],
        box=item.box[best],
        id=np.where(there, item.ids[best], 0),
        suggested=np.full(len(boxes), suggested),
    )


class RefineTask:
    """Loss of the refining net on the batch of a step.

    Args:
        net: Its ``refine`` is trained.
        data: Images and masks that the crops are cut from.
        table: Where to cut.
        seed: Of order and augmentation.
    """

    def __init__(self, net: DetectorNet, data: VisionData, table: Table, seed: int):
        self._net, self._data, self._table, self._seed = net.refine, data, table, seed

    def __call__(self, step: int) -> dict[str, Tensor]:
        """Terms of the loss."""
        rng = np.random.default_rng([self._seed, 1, step])
        count = len(self._table.image)
        per_pass = max(1, count // BATCH)
        order = np.random.default_rng([self._seed, 9, step // per_pass]).permutation(count)
        first = step % per_pass * BATCH
        # Rows of one image side by side: its pages are read once.
        rows = np.sort(order[first : first + BATCH])
        crops, places, labels = self._cut(rows, rng)
        return refine_loss(self._net(crops, places), labels)

    def _cut(
        self, rows: NDArray, rng: np.random.Generator
    ) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
        table = self._table
        square = jitter(table.square[rows], table.suggested[rows], rng)
        flip = rng.random(len(rows)) < 0.5
        crops = np.empty((len(rows), CROP, CROP, 3), np.uint8)
        masks = np.empty((len(rows), targets.MASK, targets.MASK), np.float32)
        for i, row in enumerate(rows):
            index = int(table.image[row])
            crops[i] = cut(np.asarray(self._data.images[index]), square[i])
            masks[i] = targets.crop_mask(
                np.asarray(self._data.masks[index]), table.id[row], square[i]
            )
            if flip[i]:
                crops[i], masks[i] = crops[i, :, ::-1], masks[i, :, ::-1]
        box = (table.box[rows] - np.tile(square[:, :2], 2)) / square[:, 2:]
        box[flip] = box[flip][:, [2, 1, 0, 3]] * (-1, 1, -1, 1)
        square[flip, 0] = WIDTH - square[flip, 0]
        labels = {
            "shape": table.shape[rows],
            "color": table.color[rows],
            "box": box.astype(np.float32),
            "size": np.log(table.size_m[rows] / SIZE_SCALE_M).astype(np.float32),
            "mask": masks,
        }
        images = torch.from_numpy(crops).permute(0, 3, 1, 2).float() / 255.0
        return (
            disturb(images, rng).contiguous(memory_format=torch.channels_last),
            torch.from_numpy((square / WIDTH).astype(np.float32)),
            {key: torch.from_numpy(value) for key, value in labels.items()},
        )


def jitter(square: NDArray, suggested: NDArray, rng: np.random.Generator) -> NDArray:
    """Squares (n, 3) moved and scaled by the errors of proposals, less where they have them."""
    spread = np.where(suggested, 0.02, np.where(rng.random(len(square)) < 0.3, 0.08, 0.03))
    moved = square.copy()
    moved[:, :2] += rng.normal(0.0, 1.0, (len(square), 2)) * spread[:, None] * square[:, 2:]
    moved[:, 2] *= np.exp(rng.normal(0.0, 1.0, len(square)) * spread)
    return moved


def cut(image: NDArray[np.uint8], square: NDArray) -> NDArray[np.uint8]:
    """Bilinear crop (64, 64, 3), black outside the image; as `DetectorNet.crops` cuts."""
    u, v, side = (float(value) for value in square)
    step = side / CROP
    M = np.array(
        [[step, 0, u - side / 2 + step / 2 - 0.5], [0, step, v - side / 2 + step / 2 - 0.5]]
    )
    return cv2.warpAffine(image, M, (CROP, CROP), None, cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)


def disturb(images: Tensor, rng: np.random.Generator) -> Tensor:
    """Change exposure, white balance and contrast of crops (n, 3, h, w); add grain; blur some."""
    count = len(images)

    def draw(low: float, high: float, channels: int = 1) -> Tensor:
        values = rng.uniform(low, high, (count, channels, 1, 1)).astype(np.float32)
        return torch.from_numpy(values)

    images = images.clamp(min=1e-4) ** draw(0.88, 1.14) * draw(0.85, 1.18) * draw(0.95, 1.05, 3)
    soft = functional.avg_pool2d(images, 3, 1, 1, count_include_pad=False)
    images = torch.lerp(images, soft, draw(-0.6, 0.7).clamp(min=0.0))
    grain = torch.from_numpy(rng.standard_normal(images.shape, dtype=np.float32))
    return (images + grain * draw(-0.02, 0.02).clamp(min=0.0)).clamp(0.0, 1.0)


def refine_loss(out: dict[str, Tensor], label: dict[str, Tensor]) -> dict[str, Tensor]:
    """Cross entropy on the classes, smooth L1 on box and size where something is there."""
    there = (label["shape"] != targets.NOTHING).float()
    some = there.sum().clamp(min=1.0)
    color = functional.cross_entropy(
        out["color"], label["color"], reduction="none", label_smoothing=0.01
    )
    box = functional.smooth_l1_loss(out["box"], label["box"], reduction="none", beta=0.02)
    size = functional.smooth_l1_loss(out["size"], label["size"], reduction="none", beta=0.05)
    mask = functional.binary_cross_entropy_with_logits(out["mask"], label["mask"], reduction="none")
    return {
        "shape": functional.cross_entropy(out["shape"], label["shape"], label_smoothing=0.01),
        "color": (color * there).sum() / some,
        "edge": 5.0 * (box.sum(dim=1) * there).sum() / some,
        "size": (size.sum(dim=1) * there).sum() / some,
        "mask": (mask.mean(dim=(1, 2)) * there).sum() / some,
    }
