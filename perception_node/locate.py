# SPDX-License-Identifier: Apache-2.0
"""From a detection and depth to an object in base_link.

Works in the bench's frame: base_link turned so that the bench's normal is z. There a thing is an
upright prism: the outline of its points seen from above, the height of its top, and the support
that it stands on (bench or container floor) unless its lowest visible point hangs clear of that.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np

from neuraxis_common.shapes import SHAPES
from neuraxis_common.types import FloatArray, RgbdFrame, SceneObject
from perception_node.detector import Detection
from perception_node.footprint import Footprint, Hidden, circle, hexagon, rectangle, wrap
from perception_node.order import middle, quantile
from perception_node.plane import Plane, backproject

SizePrior = Callable[[Detection], tuple[float, float, float] | None]

_MIN_POINTS = 25
# Points lie within this share and distance of what the known size allows, or within the reach.
_SLACK, _SLACK_M, _MAX_REACH_M = 1.4, 0.01, 0.2
_MAX_POINTS = 2500
# Of the height, from the top down: where a part with a narrower top has that top only.
_TOP_SHARE = 0.2
_CLEAR_M = 0.018
# Centres of two parts are farther apart than this: the smallest is 26 mm wide.
_SAME_PLACE_M = 0.016
_FLOOR_M = 0.003
# Container rims stick out this far beyond the walls.
_RIM_M = 0.003
# A pixel this much farther than a neighbour belongs to what lies behind the outline.
_STEP_M = 0.008
_IN_FRONT_M = 0.015
# Pixels that the edges of mask and depth lose of an outline in total, by how its span is measured.
_LOST_CIRCLE_PX, _LOST_HEXAGON_PX, _LOST_PX = 2.1, 2.6, 1.2
# The far side loses more than the near one; the centre moves away from the camera by this.
_SHIFT_PX = 1.1
_SPREAD_M, _SPREAD_HIDDEN_M = 0.0015, 0.03


@dataclass(frozen=True)
class _Cloud:
    """Points of one thing in the bench's frame; z is the height above the bench.

    Attributes:
        heights: All z in ascending order.
        pixel_m: Width of a pixel at the thing.
    """

    points: FloatArray
    heights: FloatArray
    pixel_m: float


class Bench:
    """The bench's frame in one image: p_P = R_PB @ p_B, less the bench's offset along z."""

    def __init__(self, frame: RgbdFrame, plane: Plane):
        self.frame, self.R_PB, self.offset_m = frame, plane.R_PB, plane.offset_m
        R_CP = frame.T_BC[:3, :3].T @ self.R_PB.T
        lift = self.R_PB.T @ (0.0, 0.0, self.offset_m)
        self._R_CP, self._t_CP = R_CP, frame.T_BC[:3, :3].T @ (lift - frame.T_BC[:3, 3])
        eye = self.to_bench(frame.T_BC[None, :3, 3])[0]
        self.eye_xy = eye[:2]

    def to_bench(self, points_B: FloatArray) -> FloatArray:
        """Points (n, 3) of base_link in the bench's frame."""
        points = points_B @ self.R_PB.T
        points[:, 2] -= self.offset_m
        return points

    def to_base(self, point_P: FloatArray) -> FloatArray:
        """A point (3,) of the bench's frame in base_link."""
        return self.R_PB.T @ (point_P + np.array([0.0, 0.0, self.offset_m]))

    def hidden(self, height_m: float) -> Hidden:
        """Test for points (n, 2) at a height: outside the image or behind something nearer."""
        info = self.frame.info

        def test(points: FloatArray) -> np.ndarray:
            full = np.column_stack([points, np.full(len(points), height_m)])
            x, y, z = (full @ self._R_CP.T + self._t_CP).T
            z = np.maximum(z, 1e-3)
            column = np.floor(x / z * info.fx + info.cx).astype(int)
            row = np.floor(y / z * info.fy + info.cy).astype(int)
            out = (column < 0) | (row < 0) | (column >= info.width) | (row >= info.height)
            depth = self.frame.depth_m[
                np.clip(row, 0, info.height - 1), np.clip(column, 0, info.width - 1)
            ]
            return out | ((depth > 0) & (depth < z - _IN_FRONT_M))

        return test

    def away(self, xy: FloatArray) -> FloatArray:
        """Unit vector at ``xy`` that points away from the camera, shape (2,)."""
        offset = xy - self.eye_xy
        return offset / max(float(np.linalg.norm(offset)), 1e-6)


def own_size(detection: Detection) -> tuple[float, float, float] | None:
    """The detector's estimate from colour alone."""
    return detection.size_m


def locate(
    frame: RgbdFrame, plane: Plane, detections: tuple[Detection, ...], prior: SizePrior = own_size
) -> tuple[SceneObject, ...]:
    """Objects for those detections that have depth; ``track_id`` is empty.

    Args:
        frame: Colour and depth.
        plane: The bench top in this image.
        detections: Of this image.
        prior: Size of a detection known beforehand, for sides that something hides.
    """
    bench = Bench(frame, plane)
    containers = [
        _place_container(bench, item, prior(item))
        for item in detections
        if item.kind == "container"
    ]
    found = [item for item in containers if item is not None]
    parts = [
        _place_part(bench, item, prior(item), found) for item in detections if item.kind == "part"
    ]
    return tuple(found + _distinct([item for item in parts if item is not None]))


def _distinct(parts: list[SceneObject]) -> list[SceneObject]:
    """Of parts in one place only the surest: solids do not share space."""
    kept: list[SceneObject] = []
    for item in sorted(parts, key=lambda part: -part.score):
        gaps = [np.linalg.norm(item.center_B_m - other.center_B_m) for other in kept]
        if not gaps or min(gaps) > _SAME_PLACE_M:
            kept.append(item)
    return kept


def _cloud(bench: Bench, detection: Detection, size: tuple | None) -> _Cloud | None:
    """Points under the detection's mask that have a return.

    Left out are background at the edge and what is too far from the middle for the size, such as
    fingers over a container.
    """
    frame = bench.frame
    x0, y0, x1, y1 = detection.box_px
    x0, y0 = max(int(x0) - 2, 0), max(int(y0) - 2, 0)
    x1, y1 = min(int(x1) + 3, frame.info.width), min(int(y1) + 3, frame.info.height)
    depth = frame.depth_m[y0:y1, x0:x1]
    returned = np.where(depth > 0, depth, np.float32(np.inf))
    nearest = cv2.erode(returned, np.ones((3, 3), np.uint8))
    valid = (depth > 0) & (depth - nearest < _STEP_M)
    if detection.mask is not None:
        valid &= detection.mask.render((x0, y0, x1, y1)) > 0.5
    picked = np.flatnonzero(valid)
    if len(picked) < _MIN_POINTS:
        return None
    rows, columns = np.divmod(picked[:: -(-len(picked) // _MAX_POINTS)], x1 - x0)
    points = bench.to_bench(
        backproject(frame.depth_m, frame.info, frame.T_BC, columns + x0, rows + y0)
    )
    reach = _MAX_REACH_M if size is None else _SLACK * float(np.linalg.norm(size)) / 2 + _SLACK_M
    near = np.linalg.norm(points - middle(points), axis=1) < reach
    if size is not None and detection.kind == "container":
        near &= points[:, 2] < _SLACK * size[2] + _SLACK_M
    if near.sum() < _MIN_POINTS:
        return None
    points, range_m = points[near], quantile(np.sort(depth[rows, columns]), 0.5)
    return _Cloud(points, np.sort(points[:, 2]), float(range_m) / frame.info.fx)


def _place_container(bench: Bench, detection: Detection, size: tuple | None) -> SceneObject | None:
    cloud = _cloud(bench, detection, size)
    if cloud is None:
        return None
    top = float(quantile(cloud.heights, 0.97))
    prior = None if size is None else (size[0] + 2 * _RIM_M, size[1] + 2 * _RIM_M)
    outline = rectangle(cloud.points[:, :2], prior, bench.hidden(top), _LOST_PX * cloud.pixel_m)
    extent = tuple(value - 2 * _RIM_M for value in outline.extent_m)
    shift = bench.away(outline.centre) * _SHIFT_PX * cloud.pixel_m
    return _object(bench, detection, outline, (*outline.centre + shift, top / 2), (*extent, top))


def _place_part(
    bench: Bench, detection: Detection, size: tuple | None, containers: list[SceneObject]
) -> SceneObject | None:
    cloud = _cloud(bench, detection, size)
    if cloud is None:
        return None
    top, bottom = _top(cloud.heights), float(quantile(cloud.heights, 0.03))
    support = _support(bench, middle(cloud.points[:, :2]), bottom, containers)
    low = support
    if bottom - support >= _CLEAR_M:
        # In the air fingers hide the lower part.
        low = max(bottom if size is None else min(bottom, top - size[2]), support)
    outline = _fit(detection.shape, cloud, size, bench.hidden(top), top - _TOP_SHARE * (top - low))
    shift = bench.away(outline.centre) * _SHIFT_PX * cloud.pixel_m
    height = max(top - low, 0.005)
    return _object(
        bench,
        detection,
        outline,
        (*outline.centre + shift, (top + low) / 2),
        (*outline.extent_m, height),
    )


def _top(heights: FloatArray) -> float:
    """Height of the top face: the middle of the points right below the highest ones."""
    high = quantile(heights, 0.95)
    return float(quantile(heights[heights > high - 0.004], 0.5))


def _fit(shape: str, cloud: _Cloud, size: tuple | None, hidden: Hidden, cap_m: float) -> Footprint:
    """Outline of a part; of one with a narrower top from what of that lies above `cap_m`.

    The top hides the far side of the rest, so that the whole would look thinner and nearer.
    """
    traits = SHAPES[shape]
    if traits.top_share < 1.0:
        capped = cloud.points[cloud.points[:, 2] > cap_m]
        if len(capped) >= _MIN_POINTS:
            width = None if size is None else size[1] * traits.top_share
            cap = circle(capped[:, :2], width, hidden, _LOST_CIRCLE_PX * cloud.pixel_m)
            full = tuple(side / traits.top_share for side in cap.extent_m)
            return replace(cap, extent_m=full)
    points = cloud.points[:, :2]
    if traits.has_axis:
        width = None if size is None else size[1]
        if traits.is_round:
            return circle(points, width, hidden, _LOST_CIRCLE_PX * cloud.pixel_m)
        return hexagon(points, width, hidden, _LOST_HEXAGON_PX * cloud.pixel_m)
    return rectangle(
        points, None if size is None else tuple(size[:2]), hidden, _LOST_PX * cloud.pixel_m
    )


def _support(bench: Bench, xy: FloatArray, bottom: float, containers: list[SceneObject]) -> float:
    """Height that a part at ``xy`` would rest on."""
    for item in containers:
        offset = xy - (bench.R_PB @ item.center_B_m)[:2]
        cos, sin = math.cos(item.yaw_B_rad), math.sin(item.yaw_B_rad)
        local = np.abs([cos * offset[0] + sin * offset[1], -sin * offset[0] + cos * offset[1]])
        if np.all(local < item.size_m[:2] / 2) and bottom < item.size_m[2] + 0.01:
            # The wall may hide the lower part: whatever starts below the rim stands inside.
            return max(_FLOOR_M, bottom - 0.5 * _CLEAR_M) if bottom > item.size_m[2] else _FLOOR_M
    return 0.0


def _object(
    bench: Bench,
    detection: Detection,
    outline: Footprint,
    center_P: tuple[float, float, float],
    size_m: tuple[float, float, float],
) -> SceneObject:
    spread = _SPREAD_M + _SPREAD_HIDDEN_M * (1.0 - outline.seen)
    return SceneObject(
        track_id="",
        kind=detection.kind,
        shape=detection.shape,
        color=detection.color,
        center_B_m=bench.to_base(np.array(center_P)),
        yaw_B_rad=wrap(outline.yaw_rad, SHAPES[detection.shape].symmetry_rad),
        size_m=np.array(size_m),
        cov_B_m2=np.eye(3) * spread**2,
        stamp_s=bench.frame.stamp_s,
        score=detection.score,
        box_px=detection.box_px,
    )
