# SPDX-License-Identifier: Apache-2.0
"""Parts and containers in a colour image, by the ONNX network in models/detector.onnx.

The file carries its own contract as ONNX metadata: ``shapes``, ``colors`` (JSON lists in the order
of the class outputs) and ``size`` ([width, height] of its input).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from neuraxis_common.errors import ConfigError
from neuraxis_common.shapes import SHAPES

OUTPUTS = ("box", "score", "shape_p", "color_p", "size_m")
MASK_OUTPUTS = ("mask_p", "square")


@dataclass(frozen=True, eq=False)
class Mask:
    """Probability that a pixel belongs to the thing, on a square grid of cells over the image.

    Attributes:
        p: Shape (n, n), in [0, 1].
        square_px: (centre x, centre y, side) of the grid in pixels of the image.
    """

    p: NDArray[np.float32]
    square_px: tuple[float, float, float]

    def render(self, box_px: tuple[int, int, int, int]) -> NDArray[np.float32]:
        """Probability per pixel of the window (x0, y0, x1, y1). Shape (y1 - y0, x1 - x0)."""
        u, v, side = self.square_px
        step = side / len(self.p)
        x0, y0, x1, y1 = box_px
        # Cell i has its centre at u - side / 2 + (i + 0.5) * step, pixel j at j + 0.5.
        M = np.array([
            [1 / step, 0.0, (x0 + 0.5 - u + side / 2) / step - 0.5],
            [0.0, 1 / step, (y0 + 0.5 - v + side / 2) / step - 0.5],
        ])  # fmt: skip
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return cv2.warpAffine(self.p, M, (x1 - x0, y1 - y0), None, flags)


@dataclass(frozen=True)
class Detection:
    """One thing seen in one image.

    Attributes:
        kind: ``part`` or ``container``.
        box_px: (x0, y0, x1, y1) around its visible pixels, in pixels of the image given.
        score: Probability in [0, 1] that a thing of this kind is there.
        shape_p: Probability of ``shape``.
        color_p: Probability of ``color``.
        size_m: Estimated extents (long side, short side, z); coarse, from colour alone.
        mask: Which pixels it covers, None where the network gives none.
    """

    kind: str
    shape: str
    color: str
    score: float
    box_px: tuple[float, float, float, float]
    shape_p: float = 1.0
    color_p: float = 1.0
    size_m: tuple[float, float, float] | None = None
    mask: Mask | None = None

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Same as ``box_px``."""
        return self.box_px

    @property
    def label(self) -> str:
        """Colour and shape: ``red cube``."""
        return f"{self.color} {self.shape}"


def box_iou(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Intersection over union of every box of ``a`` (n, 4) with every box of ``b`` (m, 4)."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    inter = np.prod(np.clip(high - low, 0.0, None), axis=2)
    area_a = np.prod(np.clip(a[:, 2:] - a[:, :2], 0.0, None), axis=1)
    area_b = np.prod(np.clip(b[:, 2:] - b[:, :2], 0.0, None), axis=1)
    return inter / np.maximum(area_a[:, None] + area_b[None, :] - inter, 1e-9)


def suppress(detections: list[Detection], iou: float) -> list[Detection]:
    """Keep the best of those of one kind that overlap by more than ``iou``."""
    kept: list[Detection] = []
    for candidate in sorted(detections, key=lambda item: -item.score):
        rivals = [item.box_px for item in kept if item.kind == candidate.kind]
        if rivals and box_iou(np.array([candidate.box_px]), np.array(rivals)).max() > iou:
            continue
        kept.append(candidate)
    return kept


class Detector:
    """Runs the network on one image.

    Args:
        model_path: The ONNX file.
        num_threads: Threads of the ONNX session.
        min_score: Detections below are dropped.
        max_iou: Of two detections of one kind that overlap more, the weaker is dropped.
    """

    def __init__(
        self, model_path: Path, num_threads: int = 1, min_score: float = 0.5, max_iou: float = 0.6
    ):
        self.min_score = min_score
        self.max_iou = max_iou
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = num_threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        if not Path(model_path).is_file():
            raise ConfigError(
                f"detector model {model_path} does not exist; "
                "train it with: python -m neuraxis_field.vision.train"
            )
        try:
            self._session = onnxruntime.InferenceSession(
                str(model_path), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            raise ConfigError(f"detector model {model_path} is not loadable: {error}") from error
        self._read_contract(model_path)

    def _read_contract(self, model_path: Path) -> None:
        meta = self._session.get_modelmeta().custom_metadata_map
        outputs = [item.name for item in self._session.get_outputs()]
        missing = [key for key in ("shapes", "colors", "size") if key not in meta]
        missing += [name for name in OUTPUTS if name not in outputs]
        if missing:
            raise ConfigError(f"detector model {model_path} lacks {missing}")
        self.shapes: tuple[str, ...] = tuple(json.loads(meta["shapes"]))
        self.colors: tuple[str, ...] = tuple(json.loads(meta["colors"]))
        wrong = sorted(set(self.shapes) ^ set(SHAPES))
        if wrong:
            raise ConfigError(
                f"detector model {model_path} and neuraxis_common.shapes differ in the shapes "
                f"{wrong}; train it again with: python -m neuraxis_field.vision.train"
            )
        self._size: tuple[int, int] = tuple(json.loads(meta["size"]))
        self._outputs = [name for name in (*OUTPUTS, *MASK_OUTPUTS) if name in outputs]
        self._input = self._session.get_inputs()[0].name

    def detect(self, rgb: NDArray[np.uint8]) -> tuple[Detection, ...]:
        """Detections in ``rgb``, shape (h, w, 3), uint8, of any size; best score first."""
        if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8 or 0 in rgb.shape:
            raise ValueError(f"image must be (h, w, 3) uint8, got {rgb.shape} {rgb.dtype}")
        image, scale = self._letterbox(rgb)
        out = dict(
            zip(self._outputs, self._session.run(self._outputs, {self._input: image}), strict=True)
        )
        bound = np.array([rgb.shape[1], rgb.shape[0]] * 2, dtype=float)
        found = []
        for index in np.flatnonzero(out["score"] >= self.min_score):
            box_px = np.clip(out["box"][index] / scale, 0.0, bound)
            if np.any(box_px[2:] - box_px[:2] < 2.0):
                continue
            found.append(self._detection(box_px, {key: out[key][index] for key in out}, scale))
        return tuple(suppress(found, self.max_iou))

    def _detection(self, box_px: NDArray, row: dict[str, NDArray], scale: float) -> Detection:
        shape, color = int(row["shape_p"].argmax()), int(row["color_p"].argmax())
        name, mask = self.shapes[shape], None
        if "mask_p" in row:
            mask = Mask(row["mask_p"], tuple(float(value) / scale for value in row["square"]))
        return Detection(
            kind=SHAPES[name].kind,
            shape=name,
            color=self.colors[color],
            score=float(row["score"]),
            box_px=tuple(float(value) for value in box_px),
            shape_p=float(row["shape_p"][shape]),
            color_p=float(row["color_p"][color]),
            size_m=tuple(float(value) for value in row["size_m"]),
            mask=mask,
        )

    def _letterbox(self, rgb: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], float]:
        """Fit the image into the network's input, keeping its aspect; black below and right."""
        width, height = self._size
        scale = min(width / rgb.shape[1], height / rgb.shape[0])
        if scale == 1.0 and rgb.shape[:2] == (height, width):
            return np.ascontiguousarray(rgb), 1.0
        fitted = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
        method = cv2.INTER_AREA if scale < 1.0 else cv2.INTER_LINEAR
        canvas = np.zeros((height, width, 3), dtype=np.uint8)
        canvas[: fitted[1], : fitted[0]] = cv2.resize(rgb, fitted, interpolation=method)
        return canvas, scale
