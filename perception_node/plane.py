# SPDX-License-Identifier: Apache-2.0
"""The bench top in base_link, from the depth around the detected things."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuraxis_common.types import CameraInfo, FloatArray

_STRIDE = 5
_MAX_POINTS = 1500
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
    return np.stack([x, y, z], axis=1) @ T_BC[:3, :3].T + T_BC[:3, 3]


def bench_points(
    depth_m: NDArray[np.float32],
    info: CameraInfo,
    T_BC: FloatArray,
    boxes: NDArray,
    margin_px: float = 30.0,
) -> FloatArray:
    """Points around the boxes (n, 4) but in none of them; around nothing, all points."""
    rows, columns = (
        axis.ravel() for axis in np.mgrid[0 : info.height : _STRIDE, 0 : info.width : _STRIDE]
    )
    keep = depth_m[rows, columns] > 0
    if len(boxes):
        x0, y0 = boxes[:, :2].min(axis=0) - margin_px
        x1, y1 = boxes[:, 2:].max(axis=0) + margin_px
        keep &= (columns > x0) & (columns < x1) & (rows > y0) & (rows < y1)
        for x0, y0, x1, y1 in boxes:
            keep &= ~((columns > x0 - 3) & (columns < x1 + 3) & (rows > y0 - 3) & (rows < y1 + 3))
    points = backproject(depth_m, info, T_BC, columns[keep], rows[keep])
    if len(points) > _MAX_POINTS:
        points = points[:: -(-len(points) // _MAX_POINTS)]
    return points


def fit_bench(points_B: FloatArray, prior: Plane | None = None) -> Plane | None:
    """The nearly level plane with most of the points; None when there is none.

    Args:
        points_B: Shape (n, 3).
        prior: The plane of the image before; competes with the hypotheses.
    """
    if len(points_B) < _MIN_INLIERS:
        return prior
    hypotheses = _draw(points_B)
    if prior is not None:
        hypotheses.append(prior)
    if not hypotheses:
        return None
    normals = np.stack([plane.normal_B for plane in hypotheses])
    offsets = np.array([plane.offset_m for plane in hypotheses])
    near = np.abs(points_B @ normals.T - offsets) < _TOLERANCE_M
    counts = near.sum(axis=0)
    best = int(counts.argmax())
    if counts[best] < _MIN_INLIERS:
        return prior
    plane = hypotheses[best]
    for _ in range(3):
        inliers = points_B[np.abs(plane.height_m(points_B)) < _TOLERANCE_M]
        plane = _least_squares(inliers) or plane
    return plane


def _draw(points: FloatArray) -> list[Plane]:
    rng = np.random.default_rng(0)
    triples = points[rng.integers(0, len(points), (_HYPOTHESES, 3))]
    normal = np.cross(triples[:, 1] - triples[:, 0], triples[:, 2] - triples[:, 0])
    length = np.linalg.norm(normal, axis=1)
    planes = []
    for corner, direction, size in zip(triples[:, 0], normal, length, strict=True):
        if size < 1e-4:
            continue
        unit = direction / size * np.sign(direction[2] or 1.0)
        if unit[2] > _MIN_UPRIGHT:
            planes.append(Plane(unit, float(unit @ corner)))
    return planes


def _least_squares(points: FloatArray) -> Plane | None:
    if len(points) < _MIN_INLIERS:
        return None
    centre = points.mean(axis=0)
    normal = np.linalg.svd(points - centre, full_matrices=False)[2][2]
    normal = normal * np.sign(normal[2] or 1.0)
    if normal[2] < _MIN_UPRIGHT:
        return None
    return Plane(normal, float(normal @ centre))
