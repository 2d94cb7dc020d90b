# SPDX-License-Identifier: Apache-2.0
"""Training samples: augmented images, heat and box targets, labels of crops."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from neuraxis_common.shapes import SHAPES as TRAITS
from neuraxis_field.vision.dataset import HEIGHT, WIDTH, VisionData
from neuraxis_field.vision.labels import COLORS, SHAPES
from perception_node.detector import box_iou

STRIDE = 8
MASK = 32
ROWS, COLUMNS = HEIGHT // STRIDE, WIDTH // STRIDE
NOTHING = len(SHAPES)
# Less of an object than this is neither right nor wrong to find.
MIN_VISIBLE = 0.25
MIN_BOX_PX = 8.0
# A box overlapping an object by this much shows it; by less than the other, it shows nothing.
ON_IOU, OFF_IOU = 0.4, 0.25


@dataclass(frozen=True)
class Sample:
    """One image and its objects, those that are neither right nor wrong to find included.

    Attributes:
        image: Shape (480, 640, 3), uint8.
        mask: ``ids`` of what each pixel shows, 0 for none. Shape (480, 640), uint8.
        ids: Shape (n,).
        box: Shape (n, 4), pixels.
        shape: Index into ``SHAPES``. Shape (n,).
        color: Index into ``COLORS``. Shape (n,).
        size_m: Shape (n, 3).
        clear: Whether finding it is required. Shape (n,).
    """

    image: NDArray[np.uint8]
    mask: NDArray[np.uint8]
    ids: NDArray[np.uint8]
    box: NDArray[np.float32]
    shape: NDArray[np.int64]
    color: NDArray[np.int64]
    size_m: NDArray[np.float32]
    clear: NDArray[np.bool_]


@dataclass(frozen=True)
class Grid:
    """Targets of the proposal net for one image on 60 x 80 cells, parts and then containers.

    Attributes:
        heat: Shape (2, 60, 80).
        care: 0 where nothing is right or wrong. Shape (2, 60, 80).
        box: Distances to the sides in pixels. Shape (2, 4, 60, 80).
        weight: Of the distances. Shape (2, 60, 80).
    """

    heat: NDArray[np.float32]
    care: NDArray[np.float32]
    box: NDArray[np.float32]
    weight: NDArray[np.float32]


def sample(data: VisionData, index: int) -> Sample:
    """One image as rendered."""
    numbered = enumerate(data.labels[index]["objects"], start=1)
    places = [(place, item) for place, item in numbered if item["box_px"] is not None]
    seen = [item for _, item in places]
    box = np.array([item["box_px"] for item in seen], dtype=np.float32).reshape(-1, 4)
    extent = (box[:, 2:] - box[:, :2]).min(axis=1, initial=np.inf)
    visible = np.array([item["visible"] for item in seen])
    return Sample(
        image=np.asarray(data.images[index]),
        mask=np.asarray(data.masks[index]),
        ids=np.array([place for place, _ in places], dtype=np.uint8),
        box=box,
        shape=np.array([SHAPES.index(item["shape"]) for item in seen], dtype=np.int64),
        color=np.array([COLORS.index(item["color"]) for item in seen], dtype=np.int64),
        size_m=np.array([item["size_m"] for item in seen], dtype=np.float32).reshape(-1, 3),
        clear=(visible >= MIN_VISIBLE) & (extent >= MIN_BOX_PX),
    )


def augment(item: Sample, rng: np.random.Generator) -> Sample:
    """Mirror, change exposure and white balance, sometimes blur."""
    image, mask, box = item.image, item.mask, item.box.copy()
    if rng.random() < 0.5:
        image, mask = image[:, ::-1], np.ascontiguousarray(mask[:, ::-1])
        box[:, [0, 2]] = WIDTH - box[:, [2, 0]]
    gain = rng.uniform(0.85, 1.18) * rng.uniform(0.95, 1.05, 3)
    levels = 255.0 * (np.arange(256)[:, None] / 255.0) ** rng.uniform(0.88, 1.14) * gain
    table = np.clip(np.rint(levels), 0, 255).astype(np.uint8)[None]
    image = cv2.LUT(np.ascontiguousarray(image), table)
    if rng.random() < 0.15:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 0.9))
    if rng.random() < 0.3:
        grain = rng.normal(0.0, rng.uniform(1.0, 5.0), (HEIGHT // 2, WIDTH // 2, 3))
        image = cv2.add(image, np.tile(np.rint(grain).astype(np.int16), (2, 2, 1)), dtype=cv2.CV_8U)
    return replace(item, image=image, mask=mask, box=box)


def grid(item: Sample) -> Grid:
    """Heat peaks at box centres, boxes around them, and no opinion about unclear objects."""
    heat = np.zeros((2, ROWS, COLUMNS), dtype=np.float32)
    care = np.ones((2, ROWS, COLUMNS), dtype=np.float32)
    box = np.zeros((2, 4, ROWS, COLUMNS), dtype=np.float32)
    weight = np.zeros((2, ROWS, COLUMNS), dtype=np.float32)
    x = (np.arange(COLUMNS) + 0.5) * STRIDE
    y = (np.arange(ROWS)[:, None] + 0.5) * STRIDE
    extent = item.box[:, 2:] - item.box[:, :2]
    for index in np.argsort(-extent.prod(axis=1)):
        x0, y0, x1, y1 = item.box[index]
        channel = int(TRAITS[SHAPES[item.shape[index]]].kind == "container")
        if not item.clear[index]:
            care[channel][(x >= x0 - 4) & (x <= x1 + 4) & (y >= y0 - 4) & (y <= y1 + 4)] = 0.0
            continue
        spread = np.maximum(extent[index] * 0.12, 0.45 * STRIDE)
        u, v = (x0 + x1) / 2, (y0 + y1) / 2
        bump = np.exp(-(((x - u) / spread[0]) ** 2) / 2 - ((y - v) / spread[1]) ** 2 / 2)
        row = int(np.clip(v // STRIDE, 0, ROWS - 1))
        column = int(np.clip(u // STRIDE, 0, COLUMNS - 1))
        bump[row, column] = 1.0
        heat[channel] = np.maximum(heat[channel], bump)
        core = bump > 0.35
        sides = np.broadcast_arrays(x - x0, y - y0, x1 - x, y1 - y)
        box[channel][:, core] = np.stack(sides)[:, core]
        weight[channel][core] = bump[core]
    return Grid(heat, np.maximum(care, heat > 0.99), box, weight)


def label_boxes(item: Sample, boxes: NDArray) -> tuple[NDArray, NDArray]:
    """For each box the object it lies on and whether that is to be learned.

    Returns:
        Index of the best object, -1 for nothing there. Shape (m,).
        Weight 0 where the box is neither on an object nor clear of all. Shape (m,), float32.
    """
    if not len(item.box):
        return np.full(len(boxes), -1), np.ones(len(boxes), dtype=np.float32)
    iou = box_iou(boxes.astype(float), item.box.astype(float))
    best, overlap = iou.argmax(axis=1), iou.max(axis=1)
    weight = ((overlap >= ON_IOU) & item.clear[best]) | (overlap < OFF_IOU)
    unclear = (iou * ~item.clear).max(axis=1) > 0.1
    return np.where(overlap >= ON_IOU, best, -1), (weight & ~(unclear & (overlap < ON_IOU))).astype(
        np.float32
    )


def blank(item: Sample) -> Sample:
    """A sample with one made-up object, so that rows about nothing have something to index."""
    return replace(
        item,
        ids=np.zeros(1, np.uint8),
        box=np.zeros((1, 4), np.float32),
        shape=np.full(1, NOTHING),
        color=np.zeros(1, np.int64),
        size_m=np.full((1, 3), 0.05, np.float32),
        clear=np.zeros(1, bool),
    )


def crop_mask(mask: NDArray[np.uint8], which: int, square: NDArray) -> NDArray[np.float32]:
    """Share of each cell of a crop that shows one object. Shape (32, 32).

    Args:
        mask: What each pixel shows. Shape (480, 640).
        which: Its value in ``mask``; 0 gives an empty result.
        square: The crop as (centre x, centre y, side) in pixels.
    """
    u, v, side = (float(value) for value in square)
    low = np.clip(np.floor((u - side / 2, v - side / 2)).astype(int), 0, None)
    high = np.clip(np.ceil((u + side / 2, v + side / 2)).astype(int) + 1, 0, None)
    part = mask[low[1] : high[1], low[0] : high[0]]
    if which == 0 or not part.size:
        return np.zeros((MASK, MASK), np.float32)
    step = side / MASK
    blur = max(1, round(step))
    smooth = cv2.blur(
        (part == which).astype(np.float32), (blur, blur), borderType=cv2.BORDER_CONSTANT
    )
    corner = np.array([u, v]) - side / 2 + step / 2 - 0.5 - low
    M = np.array([[step, 0, corner[0]], [0, step, corner[1]]])
    return cv2.warpAffine(smooth, M, (MASK, MASK), None, cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
