# SPDX-License-Identifier: Apache-2.0
"""Procedural textures of bench, floor and wall."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from neuraxis_sim.scene_types import SurfaceLook

SIZE_PX = 256


def surface_texture(look: SurfaceLook) -> NDArray[np.uint8]:
    """Texture of a surface that is not plain, shape (SIZE_PX, SIZE_PX, 3)."""
    rng = np.random.default_rng(look.seed)
    shade = _SHADES[look.finish](rng)
    pixels = np.asarray(look.rgb) * 255 * shade[..., None]
    return np.clip(pixels + 0.5, 0, 255).astype(np.uint8)


def _noise(rng: np.random.Generator, rows: int, columns: int) -> NDArray[np.float64]:
    """Smooth noise in about [-1, 1] with that many bumps along each axis."""
    coarse = rng.uniform(-1, 1, (rows, columns))
    return cv2.resize(coarse, (SIZE_PX, SIZE_PX), interpolation=cv2.INTER_CUBIC)


def _wood(rng: np.random.Generator) -> NDArray[np.float64]:
    """Boards running along the image rows, with fibres and growth rings."""
    column = np.arange(SIZE_PX)[None, :] / SIZE_PX
    boards = 4
    board = np.minimum((column * boards).astype(int), boards - 1)
    warp = _noise(rng, 4, 10) * 0.35 + column * 9 + rng.uniform(0, 6, boards)[board]
    rings = np.sin(warp * 2 * np.pi * 1.6) * 0.035
    fibres = _noise(rng, 6, 200) * 0.05
    tone = rng.uniform(-0.06, 0.06, boards)[board]
    seam = np.where(np.abs((column * boards + 0.5) % 1 - 0.5) < 0.012, -0.22, 0.0)
    return 1 + rings + fibres + tone + seam


def _speckle(rng: np.random.Generator) -> NDArray[np.float64]:
    return 1 + _noise(rng, 128, 128) * 0.05 + _noise(rng, 6, 6) * 0.03


def _tiles(rng: np.random.Generator) -> NDArray[np.float64]:
    """Two by two square tiles with joints."""
    axis = np.abs((np.arange(SIZE_PX) / SIZE_PX * 2 + 0.5) % 1 - 0.5)
    joint = np.minimum(axis[:, None], axis[None, :]) < 0.012
    half = np.arange(SIZE_PX) * 2 // SIZE_PX
    tone = rng.uniform(-0.03, 0.03, (2, 2))[half[:, None], half[None, :]]
    return np.where(joint, 0.78, 1 + tone + _noise(rng, 48, 48) * 0.02)


def _belt(rng: np.random.Generator) -> NDArray[np.float64]:
    """Ribbed rubber with a light line along either edge, running along the image columns."""
    across = np.arange(SIZE_PX)[None, :] / SIZE_PX
    ribs = np.sin(np.arange(SIZE_PX)[:, None] * 2 * np.pi * 32 / SIZE_PX) * 0.10
    line = np.abs(np.minimum(across, 1 - across) - 0.045) < 0.012
    return np.where(line, 1.7, 1 + ribs + _noise(rng, 24, 24) * 0.05)


def _marble(rng: np.random.Generator) -> NDArray[np.float64]:
    """Veins where a warped field crosses zero, over soft clouds."""
    along = np.arange(SIZE_PX) / SIZE_PX
    warp = _noise(rng, 4, 4) * 0.22 + _noise(rng, 12, 12) * 0.06 + _noise(rng, 40, 40) * 0.012
    field = np.sin((along[:, None] * 1.4 + along[None, :] * 0.9 + warp) * 2 * np.pi)
    veins = np.exp(-((field / 0.05) ** 2)) * (0.35 + 0.65 * _noise(rng, 6, 6).clip(0))
    return 1 - 0.30 * veins + _noise(rng, 5, 5) * 0.04 + _noise(rng, 90, 90) * 0.012


def _stripes(rng: np.random.Generator) -> NDArray[np.float64]:
    """Wallpaper of upright stripes."""
    across = np.arange(SIZE_PX)[None, :] * 6 / SIZE_PX
    tone = np.where(across % 1 < 0.5, 0.0, -0.07)
    return 1 + tone + _noise(rng, 60, 60) * 0.012


_SHADES = {"wood": _wood, "speckle": _speckle, "tiles": _tiles, "belt": _belt, "marble": _marble,
           "stripes": _stripes}  # fmt: skip
