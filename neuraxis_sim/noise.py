# SPDX-License-Identifier: Apache-2.0
"""What an RGB-D camera makes of a perfect image: gain, grain, range error, missing returns."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from neuraxis_sim.scene_types import CameraLook

_SLACK_PX = 64
# An active-stereo camera loses most returns where its two views straddle a depth step.
_EDGE_STEP = 0.03
_EDGE_LOSS = 0.7
_SPECKLE_LOSS = 0.001


class ColorNoise:
    """Gain per channel and grain; draws from its own generator.

    A frame's grain is a random crop of one drawn table: fresh normal numbers for every pixel
    would cost more than the rendering.
    """

    def __init__(self, look: CameraLook, shape: tuple[int, int], seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        rows, columns = shape[0] + _SLACK_PX, shape[1] + _SLACK_PX
        grain = self._rng.normal(0, look.noise_sigma, (rows, columns, 3))
        self._grain = np.rint(grain).astype(np.int16)
        levels = np.arange(256)[:, None] * np.asarray(look.gain_rgb)
        self._gain = np.clip(np.rint(levels), 0, 255).astype(np.uint8)[None]

    def apply(self, rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The image as the sensor gives it, shape (h, w, 3)."""
        row, column = self._rng.integers(0, _SLACK_PX, 2)
        height, width = rgb.shape[:2]
        grain = self._grain[row : row + height, column : column + width]
        return cv2.add(cv2.LUT(rgb, self._gain), grain, dtype=cv2.CV_8U)


class DepthNoise:
    """Error growing with the square of the range, losses at depth steps and outside the range.

    Args:
        coefficient: Standard deviation is this times z^2, in m for z in m.
        range_m: Nearest and farthest return.
        shape: Image rows and columns.
    """

    def __init__(
        self, coefficient: float, range_m: tuple[float, float], shape: tuple[int, int], seed: int
    ) -> None:
        self._rng = np.random.default_rng(seed)
        self._range_m = range_m
        rows, columns = shape[0] + _SLACK_PX, shape[1] + _SLACK_PX
        # Matching windows overlap, so neighbouring errors are correlated.
        error = cv2.GaussianBlur(self._rng.normal(0, 1, (rows, columns)), (0, 0), 0.8)
        self._error = (error / error.std() * coefficient).astype(np.float32)
        chance = self._rng.random((rows, columns))
        self._lost_at_edge = (chance < _EDGE_LOSS).astype(np.uint8)
        self._lost = (chance < _SPECKLE_LOSS).astype(np.uint8)

    def apply(self, depth_m: NDArray[np.float32]) -> NDArray[np.float32]:
        """Range image in whole mm with 0 where there is no return, shape (h, w)."""
        row, column = self._rng.integers(0, _SLACK_PX, 2)
        crop = np.s_[row : row + depth_m.shape[0], column : column + depth_m.shape[1]]
        noisy = depth_m + self._error[crop] * (depth_m * depth_m)
        cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
        step = cv2.morphologyEx(depth_m, cv2.MORPH_GRADIENT, cross) > _EDGE_STEP * depth_m
        lost = (step & (self._lost_at_edge[crop] > 0)) | (self._lost[crop] > 0)
        lost |= (depth_m < self._range_m[0]) | (depth_m > self._range_m[1])
        noisy[lost] = 0.0
        return np.rint(noisy * np.float32(1000)) * np.float32(0.001)
