# SPDX-License-Identifier: Apache-2.0
"""The bench top in base_link, from the depth around the detected things."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuraxis_common.types import CameraInfo, FloatArray

_STRIDE = 5
_MAX_POINTS = 1500
_BESIDE_PX = 3.0
_HYPOTHESES = 48
_TOLERANCE_M = 0.005
# The base leans at most this far from the bench's normal: cos(12 deg).
_MIN_UPRIGHT = 0.978
_MIN_INLIERS = 60


@dataclass(frozen=True)
class Plane:
    """Points p of base_link with ``normal_B @ p == offset_m``; the normal points up."""

    normal_B: FloatArray
    offset_m: float

    def height_m(self, points_B: FloatArray) -> FloatArray:
        """Signed distance of points (n, 3) above the plane. Shape (n,)."""
        return points_B @ self.normal_B - self.offset_m

    @property
    def R_PB(self) -> FloatArray:
        """Smallest rotation that makes the normal the z axis. Shape (3, 3)."""
        x, y, z = self.normal_B
        return np.array([
            [1 - x * x / (1 + z), -x * y / (1 + z), -x],
            [-x * y / (1 + z), 1 - y * y / (1 + z), -y],
            [x, y, z],
        ])  # fmt: skip


def backproject(
    depth_m: NDArray[np.float32],
    info: CameraInfo,
    T_BC: FloatArray,
    columns: NDArray,
    rows: NDArray,
) -> FloatArray:
    """Points in base_link of pixels (columns, rows), shape (n, 3); no return gives the camera."""
    z = depth_m[rows, columns].astype(float)
    x = (columns + 0.5 - info.cx) / info.fx * z
    y = (rows + 0.5 - info.cy) / info.fy * z
    # Coordinate by coordinate in memory: what follows reduces over points.
    return (T_BC[:3, :3] @ np.stack([x, y, z]) + T_BC[:3, 3:]).T


def bench_points(
    depth_m: NDArray[np.float32],
    info: CameraInfo,
    T_BC: FloatArray,
    boxes: NDArray,
    margin_px: float = 30.0,
) -> FloatArray:
    """Points around the boxes (n, 4) but in none of them; around nothing, all points."""
    sparse = depth_m[::_STRIDE, ::_STRIDE]
    keep = np.ones(sparse.shape, bool)
    if len(boxes):
        around = np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])
        keep[:] = False
        keep[_cells(around, margin_px)] = True
        for box in boxes:
            keep[_cells(box, _BESIDE_PX)] = False
    picked = np.flatnonzero(keep & (sparse > 0))
    picked = picked[:: max(1, -(-len(picked) // _MAX_POINTS))]
    rows, columns = np.divmod(picked, sparse.shape[1])
    return backproject(depth_m, info, T_BC, columns * _STRIDE, rows * _STRIDE)


def _cells(box_px: FloatArray, margin_px: float) -> tuple[slice, slice]:
    """Rows and columns of the sparse grid that lie in a box with a margin."""
    first = np.maximum(np.floor((box_px[:2] - margin_px) / _STRIDE).astype(int) + 1, 0)
    end = np.maximum(np.ceil((box_px[2:] + margin_px) / _STRIDE).astype(int), 0)
    return slice(first[1], end[1]), slice(first[0], end[0])


def fit_bench(points_B: FloatArray, prior: Plane | None = None) -> Plane | None:
    """The nearly level plane with most of the points; None when there is none.

    Args:
        points_B: Shape (n, 3).
        prior: The plane of the image before; competes with the hypotheses.
    """
    if len(points_B) < _MIN_INLIERS:
        return prior
    normals, offsets = _draw(points_B)
    if prior is not None:
        normals = np.concatenate([normals, prior.normal_B[None]])
        offsets = np.append(offsets, prior.offset_m)
    if not len(normals):
        return None
    near = np.abs(points_B @ normals.T - offsets) < _TOLERANCE_M
    counts = near.sum(axis=0)
    best = int(counts.argmax())
    if counts[best] < _MIN_INLIERS:
        return prior
    plane = Plane(normals[best], float(offsets[best]))
    for _ in range(3):
        inliers = points_B[np.abs(plane.height_m(points_B)) < _TOLERANCE_M]
        plane = _least_squares(inliers) or plane
    return plane


def _draw(points: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Normals (n, 3) and offsets (n,) of nearly level planes through three points each."""
    rng = np.random.default_rng(0)
    corner, second, third = points[rng.integers(0, len(points), (_HYPOTHESES, 3))].swapaxes(0, 1)
    normals = np.cross(second - corner, third - corner)
    length = np.linalg.norm(normals, axis=1)
    normals *= (np.where(normals[:, 2] < 0, -1.0, 1.0) / np.maximum(length, 1e-9))[:, None]
    keep = (length > 1e-4) & (normals[:, 2] > _MIN_UPRIGHT)
    return normals[keep], (normals[keep] * corner[keep]).sum(axis=1)


def _least_squares(points: FloatArray) -> Plane | None:
    if len(points) < _MIN_INLIERS:
        return None
    centre = points.mean(axis=0)
    normal = np.linalg.svd(points - centre, full_matrices=False)[2][2]
    normal = normal * np.sign(normal[2] or 1.0)
    if normal[2] < _MIN_UPRIGHT:
        return None
    return Plane(normal, float(normal @ centre))
