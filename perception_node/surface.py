# SPDX-License-Identifier: Apache-2.0
"""The level surface ahead: its height, its near edge and the spots on it that are free."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuraxis_common.bounds import check_bounds
from neuraxis_common.surface import SPOT_M, Surface
from neuraxis_common.types import FloatArray, RgbdFrame
from perception_node.plane import backproject, fit_bench

_BOUNDS = {
    "low_m": (0.1, 1.0),
    "high_m": (0.5, 2.0),
    "ahead_m": (0.5, 3.0),
    "aside_m": (0.2, 2.0),
    "thick_m": (0.005, 0.05),
    "drop_m": (0.01, 0.2),
    "least_area_m2": (0.001, 1.0),
    "least_edge_m": (0.1, 1.0),
    "edge_age_s": (0.0, 600.0),
    "edge_moved_m": (0.0, 1.0),
    "columns_px": (1, 32),
}
_MAX_FIT = 1500
_HYPOTHESES = 120
_EDGE_TOLERANCE_M = 0.012
# A near edge crosses the robot's view: it is turned less than this against it.
_MAX_TURN_RAD = 0.8
# Rows that are looked at beyond an edge: depth is missing in a few where it jumps.
_FOLLOWS = 16
_HITS = 2
# Two images of one surface differ by less.
_SAME_HEIGHT_M = 0.03


@dataclass(frozen=True)
class SurfaceConfig:
    """Tuning of `SurfaceAhead`.

    Attributes:
        low_m, high_m: Heights above the floor at which surfaces are looked for.
        ahead_m, aside_m: How far ahead of the base and to either side.
        thick_m: Returns this near to the plane are the surface.
        drop_m: So far below the plane is beyond an edge.
        least_area_m2: Of what is seen of a surface.
        least_edge_m: Of what is seen of its near edge.
        edge_age_s, edge_moved_m: How long, and over which way of the base, an edge is remembered
            that has left the view: near by, the camera looks over it.
        columns_px: Every so many columns of the image are used; of rows all.
    """

    low_m: float = 0.4
    high_m: float = 1.2
    ahead_m: float = 1.2
    aside_m: float = 0.8
    thick_m: float = 0.012
    drop_m: float = 0.02
    least_area_m2: float = 0.03
    least_edge_m: float = 0.25
    edge_age_s: float = 120.0
    edge_moved_m: float = 0.3
    columns_px: int = 8

    def __post_init__(self) -> None:
        """Raise ConfigError naming the first field outside its bounds."""
        check_bounds(self, _BOUNDS)


@dataclass(frozen=True)
class _Edge:
    stamp_s: float
    height_m: float
    ends_O_m: FloatArray
    base_O_m: FloatArray


class SurfaceAhead:
    """Finds the surface in each image; call `update` with it and the base pose of its stamp.

    Things over the surface, the robot's own hands among them, stand out from it by height: they
    are neither surface nor edge, and nothing below them is free.
    """

    def __init__(self, config: SurfaceConfig | None = None) -> None:
        self._config = config or SurfaceConfig()
        self.reset()

    def reset(self) -> None:
        """Forget the edge."""
        self._edge: _Edge | None = None

    def update(self, frame: RgbdFrame, T_OB: FloatArray) -> Surface | None:
        """The surface in one image, None where there is none or its near edge is not known.

        Args:
            frame: Depth and camera pose in the base.
            T_OB: Base in odom at the image stamp, shape (4, 4).
        """
        points_O, seen = self._points(frame, T_OB)
        ahead = seen & self._ahead(points_O, T_OB)
        level = self._level(points_O, ahead)
        if level is None:
            return None
        height, on = level
        edge = self._find_edge(points_O, on, height, T_OB)
        middle = float(np.median(height[on] + points_O[..., 2][on]))
        if edge is not None:
            self._edge = _Edge(frame.stamp_s, middle, edge, T_OB[:2, 3].copy())
        elif not self._remembers(frame.stamp_s, middle, T_OB):
            return None
        over = seen & self._ahead(points_O, T_OB, over=True)
        over &= (height < -self._config.drop_m) & (height > -self._config.low_m)
        free, taken = _spots(points_O[on][:, :2], points_O[over][:, :2])
        if len(free) * SPOT_M**2 < self._config.least_area_m2:
            return None
        return Surface(frame.stamp_s, middle, self._edge.ends_O_m, free, taken)

    def _points(self, frame: RgbdFrame, T_OB: FloatArray) -> tuple[FloatArray, NDArray[np.bool_]]:
        """Returns in odom by row and column, shape (rows, columns, 3), and which there are."""
        count, width = frame.depth_m.shape
        stride = self._config.columns_px
        rows, columns = np.mgrid[0:count, stride // 2 : width : stride]
        depth = frame.depth_m[rows, columns]
        seen = np.isfinite(depth) & (depth > 0.0)
        points_B = np.full((*depth.shape, 3), np.nan)
        points_B[seen] = backproject(
            frame.depth_m, frame.info, frame.T_BC, columns[seen], rows[seen]
        )
        return points_B @ T_OB[:3, :3].T + T_OB[:3, 3], seen

    def _ahead(
        self, points_O: FloatArray, T_OB: FloatArray, over: bool = False
    ) -> NDArray[np.bool_]:
        """Which returns lie where surfaces are looked for, or over such a place."""
        config, away = self._config, points_O[..., :2] - T_OB[:2, 3]
        forward = T_OB[:2, 0] / np.linalg.norm(T_OB[:2, 0])
        x, y = away @ forward, away @ np.array([-forward[1], forward[0]])
        z = points_O[..., 2]
        with np.errstate(invalid="ignore"):
            near = (x > 0.0) & (x < config.ahead_m) & (np.abs(y) < config.aside_m)
            return near & (z > config.low_m) & (over | (z < config.high_m))

    def _level(
        self, points_O: FloatArray, ahead: NDArray[np.bool_]
    ) -> tuple[FloatArray, NDArray[np.bool_]] | None:
        """How far the plane lies above each return, and which returns are the surface."""
        found = points_O[ahead]
        plane = fit_bench(found[:: max(1, -(-len(found) // _MAX_FIT))])
        if plane is None:
            return None
        height = plane.offset_m - points_O @ plane.normal_B
        with np.errstate(invalid="ignore"):
            on = ahead & (np.abs(height) < self._config.thick_m)
        return height, on

    def _remembers(self, now_s: float, height_m: float, T_OB: FloatArray) -> bool:
        """Whether the edge that was seen last is still that of this surface."""
        edge, config = self._edge, self._config
        if edge is None:
            return False
        moved_m = float(np.linalg.norm(T_OB[:2, 3] - edge.base_O_m))
        same = abs(edge.height_m - height_m) < _SAME_HEIGHT_M
        return bool(
            same and moved_m <= config.edge_moved_m and now_s - edge.stamp_s <= config.edge_age_s
        )

    def _find_edge(
        self,
        points_O: FloatArray,
        on: NDArray[np.bool_],
        below: FloatArray,
        T_OB: FloatArray,
    ) -> FloatArray | None:
        """Ends of the near edge, shape (2, 2); None where too little of it is in view.

        The last return on the surface down a column of the image is on its edge where what follows
        lies below the surface: not the end of the image, and nothing that stands before it.
        """
        count = len(on)
        columns = np.flatnonzero(on.any(axis=0))
        last = count - 1 - np.argmax(on[::-1, columns], axis=0)
        follows = np.minimum(last[:, None] + np.arange(1, _FOLLOWS + 1), count - 1)
        fell = below[follows, columns[:, None]]
        with np.errstate(invalid="ignore"):
            drops = (fell > self._config.drop_m).any(axis=1)
            covered = (fell < -self._config.thick_m).any(axis=1)
        good = drops & ~covered
        edge = points_O[last[good], columns[good], :2]
        return _front_line(edge, T_OB, self._config.least_edge_m)


def _front_line(points: FloatArray, T_OB: FloatArray, least_m: float) -> FloatArray | None:
    """Ends of the line with most of the points across the robot's view, the left one first."""
    if len(points) < 4:
        return None
    forward = T_OB[:2, 0] / np.linalg.norm(T_OB[:2, 0])
    right = np.array([forward[1], -forward[0]])
    rng = np.random.default_rng(0)
    first, second = points[rng.integers(0, len(points), (_HYPOTHESES, 2))].swapaxes(0, 1)
    along = second - first
    length = np.linalg.norm(along, axis=1)
    keep = np.abs(along @ right) > np.cos(_MAX_TURN_RAD) * length
    keep &= length > 0.3 * least_m
    if not keep.any():
        return None
    along, first = along[keep] / length[keep][:, None], first[keep]
    normal = np.stack([-along[:, 1], along[:, 0]])
    off = np.abs(points @ normal - (first.T * normal).sum(axis=0))
    best = int((off < _EDGE_TOLERANCE_M).sum(axis=0).argmax())
    on = points[off[:, best] < _EDGE_TOLERANCE_M]
    centre = on.mean(axis=0)
    along = np.linalg.svd(on - centre, full_matrices=False)[2][0]
    along *= np.sign(along @ right) or 1.0
    share = (on - centre) @ along
    if share.max() - share.min() < least_m:
        return None
    return centre + np.array([[share.min()], [share.max()]]) * along


def _spots(on_O_m: FloatArray, over_O_m: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Centres of free and of taken spots, shapes (n, 2) and (m, 2)."""
    every = np.concatenate([on_O_m, over_O_m])
    cells = np.floor(every / SPOT_M).astype(np.int64)
    corner = cells.min(axis=0)
    columns = int(np.ptp(cells[:, 1])) + 1
    flat = (cells - corner) @ np.array([columns, 1])
    size = int(flat.max()) + 1
    seen = np.bincount(flat[: len(on_O_m)], minlength=size) >= _HITS
    taken = np.bincount(flat[len(on_O_m) :], minlength=size) >= _HITS

    def centres(which: NDArray[np.bool_]) -> FloatArray:
        at = np.flatnonzero(which)
        return (np.stack([at // columns, at % columns], axis=-1) + corner + 0.5) * SPOT_M

    return centres(seen & ~taken), centres(taken)
