# SPDX-License-Identifier: Apache-2.0
"""A rendered data set on disk: one array of images, one line of truth per image.

* ``images.npy``    uint8 (n, 480, 640, 3)
* ``depth.npy``     uint16 (n, 480, 640), 0.1 mm per step, only where depth was asked for
* ``masks.npy``     uint8 (n, 480, 640), place in "objects" plus one, 0 for none of them
* ``labels.jsonl``  {"seed", "robot", "scene", "K", "T_BC", "objects": [truth.Truth]} per image
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuraxis_common.errors import ConfigError
from neuraxis_common.types import CameraInfo, RgbdFrame

WIDTH, HEIGHT = 640, 480
DEPTH_STEP_M = 1e-4


@dataclass(frozen=True)
class VisionData:
    """Images and their truth, images memory-mapped."""

    images: NDArray[np.uint8] | Sequence[NDArray[np.uint8]]
    labels: tuple[dict[str, Any], ...]
    masks: NDArray[np.uint8] | Sequence[NDArray[np.uint8]]
    depth: NDArray[np.uint16] | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def frame(self, index: int) -> RgbdFrame:
        """One image as perception gets it, stamped by its index."""
        label = self.labels[index]
        if self.depth is None:
            raise ConfigError("this data set has no depth; render it with --depth")
        fx, fy, cx, cy = label["K"]
        depth_m = self.depth[index].astype(np.float32) * DEPTH_STEP_M
        return RgbdFrame(
            float(index),
            np.asarray(self.images[index]),
            depth_m,
            CameraInfo(WIDTH, HEIGHT, fx, fy, cx, cy),
            np.array(label["T_BC"]),
        )


def load(folder: Path) -> VisionData:
    """Open a data set; only images whose label line is complete count."""
    if not (folder / "labels.jsonl").is_file():
        raise ConfigError(
            f"no data set in {folder}; render it with: "
            f"python -m neuraxis_field.vision.render --out {folder}"
        )
    labels = tuple(json.loads(line) for line in read_lines(folder))
    depth = folder / "depth.npy"
    return VisionData(
        np.load(folder / "images.npy", mmap_mode="r"),
        labels,
        np.load(folder / "masks.npy", mmap_mode="r"),
        np.load(depth, mmap_mode="r") if depth.is_file() else None,
    )


def join(sets: list[VisionData]) -> VisionData:
    """One set of several; depth is left out."""
    if len(sets) == 1:
        return sets[0]
    images = [data.images[index] for data in sets for index in range(len(data))]
    masks = [data.masks[index] for data in sets for index in range(len(data))]
    return VisionData(images, sum((data.labels for data in sets), ()), masks)


def read_lines(folder: Path) -> list[str]:
    """Complete label lines; a last one cut short by a kill is left out."""
    path = folder / "labels.jsonl"
    if not path.is_file():
        return []
    return path.read_text(encoding="utf-8").split("\n")[:-1]


class Writer:
    """Appends images; a second start continues after the last complete one.

    Args:
        folder: Made if missing.
        count: Images in the finished set.
        with_depth: Also store depth.
    """

    def __init__(self, folder: Path, count: int, with_depth: bool):
        folder.mkdir(parents=True, exist_ok=True)
        lines = read_lines(folder)
        self.done = len(lines)
        self.last_seed = json.loads(lines[-1])["seed"] if lines else -1
        self._images = _array(folder / "images.npy", np.uint8, (count, HEIGHT, WIDTH, 3))
        self._masks = _array(folder / "masks.npy", np.uint8, (count, HEIGHT, WIDTH))
        self._depth = None
        if with_depth:
            self._depth = _array(folder / "depth.npy", np.uint16, (count, HEIGHT, WIDTH))
        path = folder / "labels.jsonl"
        path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
        self._labels = path.open("a", encoding="utf-8")

    def add(
        self,
        rgb: NDArray[np.uint8],
        depth_m: NDArray[np.float32],
        mask: NDArray[np.uint8],
        label: dict[str, Any],
    ) -> None:
        """Write one image and then its line."""
        self._images[self.done], self._masks[self.done] = rgb, mask
        if self._depth is not None:
            self._depth[self.done] = np.clip(np.round(depth_m / DEPTH_STEP_M), 0, 65535)
        self._labels.write(json.dumps(label) + "\n")
        self._labels.flush()
        self.done += 1

    def close(self) -> None:
        """Flush everything."""
        self._images.flush()
        self._masks.flush()
        if self._depth is not None:
            self._depth.flush()
        self._labels.close()


def _array(path: Path, kind: type, shape: tuple[int, ...]) -> NDArray:
    if not path.is_file():
        return np.lib.format.open_memmap(path, "w+", kind, shape)
    array = np.load(path, mmap_mode="r+")
    if array.shape != shape or array.dtype != kind:
        raise ConfigError(
            f"{path} holds {array.shape} {array.dtype}, asked for {shape}; "
            "use another folder or the same --n"
        )
    return array
