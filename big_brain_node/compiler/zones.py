# SPDX-License-Identifier: Apache-2.0
"""Keep-out zones: where no hand goes and no walk leads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Annotated, Literal

import cv2
import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from neuraxis_common.grid import OCCUPIED, OccupancyGrid
from neuraxis_common.types import FloatArray, SceneObject, SceneSnapshot

KEEP_OUT = "keep_out"
Against = Literal["hands", "walks"]
Metre = Annotated[float, Field(ge=-100.0, le=100.0)]
# A hand at work is above the part: as high as it lifts and as the hand itself is.
_HAND_ABOVE_M = 0.2
# A zone without heights, for hands: from below the floor to above the head, seen from the base.
_ALL_HEIGHTS_M = (-2.0, 2.0)
# Polygons are covered by strips of boxes so wide.
_STRIP_M = 0.05


class Zone(BaseModel):
    """A part of the floor plan, over some or all heights.

    Attributes:
        frame: ``odom``, or ``base_link`` for one that goes with the robot, against hands only.
        polygon_m: Corners in order, at least three.
        box_m: Instead of a polygon: x and y of one corner, then of the opposite one.
        z_m: Lowest and highest point in the frame; all heights without. Walks keep out anyway.
        against: What it holds for.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    frame: Literal["odom", "base_link"] = "odom"
    polygon_m: Annotated[tuple[tuple[Metre, Metre], ...], Field(max_length=64)] = ()
    box_m: tuple[Metre, Metre, Metre, Metre] | None = None
    z_m: tuple[Metre, Metre] | None = None
    against: Annotated[tuple[Against, ...], Field(min_length=1)] = ("hands", "walks")

    @model_validator(mode="after")
    def _is_an_area(self) -> Zone:
        if (self.box_m is None) == (not self.polygon_m):
            raise ValueError("a zone needs either polygon_m or box_m")
        if self.frame == "base_link" and "walks" in self.against:
            raise ValueError("a zone in base_link goes with the robot: against must be [hands]")
        if self.z_m is not None and not self.z_m[0] < self.z_m[1]:
            raise ValueError(f"z_m must rise, got {list(self.z_m)}")
        if cv2.contourArea(self.corners_m.astype(np.float32)) < 1e-4:
            raise ValueError("the zone's area is less than a square centimetre")
        return self

    @property
    def corners_m(self) -> FloatArray:
        """Corners in order, shape (n, 2)."""
        if self.box_m is None:
            return np.array(self.polygon_m)
        x0, y0, x1, y1 = self.box_m
        return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])

    def distance_m(self, xy_m: FloatArray) -> float:
        """From a point of its frame, shape (2,), to its edge; negative inside."""
        at = (float(xy_m[0]), float(xy_m[1]))
        return -float(cv2.pointPolygonTest(self.corners_m.astype(np.float32), at, True))

    def strips_m(self) -> FloatArray:
        """Boxes that cover it: x0, y0, x1, y1, shape (n, 4)."""
        if self.box_m is not None:
            (x0, y0), (x1, y1) = self.corners_m.min(axis=0), self.corners_m.max(axis=0)
            return np.array([[x0, y0, x1, y1]])
        corners = self.corners_m
        low, high = corners[:, 0].min(), corners[:, 0].max()
        edges = np.linspace(low, high, max(int(np.ceil((high - low) / _STRIP_M)), 1) + 1)
        rows = []
        for x0, x1 in pairwise(edges):
            ys = _ys_between(corners, x0, x1)
            rows.append([x0, min(ys), x1, max(ys)])
        return np.array(rows)


@dataclass(frozen=True)
class Zones:
    """Zones by name."""

    by_name: Mapping[str, Zone] = field(default_factory=dict)

    def of(self, against: Against) -> list[tuple[str, Zone]]:
        """Those that hold for hands or for walks."""
        return [(name, zone) for name, zone in self.by_name.items() if against in zone.against]

    def near_hand(self, item: SceneObject, T_OB: FloatArray) -> tuple[str, float] | None:
        """The zone that a hand at work on an object would enter, and how far the edge is.

        Args:
            item: What is taken, or what something is put into; in base_link.
            T_OB: The base in odom, shape (4, 4).
        """
        radius_m = 0.5 * float(np.hypot(*item.size_m[:2]))
        for name, zone in self.of("hands"):
            at = item.center_B_m
            if zone.frame == "odom":
                at = T_OB[:3, :3] @ at + T_OB[:3, 3]
            low_m = float(at[2] - item.size_m[2] / 2)
            if zone.z_m is not None:
                clear = low_m + item.size_m[2] + _HAND_ABOVE_M < zone.z_m[0]
                if clear or low_m > zone.z_m[1]:
                    continue
            distance_m = zone.distance_m(at[:2])
            if distance_m < radius_m:
                return name, distance_m
        return None

    def near_walk(self, xy_O_m: FloatArray, radius_m: float) -> tuple[str, float] | None:
        """The zone that a robot standing there would reach into, and how far the edge is."""
        for name, zone in self.of("walks"):
            distance_m = zone.distance_m(xy_O_m)
            if distance_m < radius_m:
                return name, distance_m
        return None

    def with_hands(self, scene: SceneSnapshot, T_OB: FloatArray) -> SceneSnapshot:
        """The scene with the zones as objects of kind `KEEP_OUT`, in base_link."""
        T_BO = np.linalg.inv(T_OB)
        boxes = [
            _object(f"{KEEP_OUT}/{name}/{k}", strip, zone, T_BO, scene.stamp_s)
            for name, zone in self.of("hands")
            for k, strip in enumerate(zone.strips_m())
        ]
        return replace(scene, objects=(*scene.objects, *boxes)) if boxes else scene

    def on_floor(self, grid: OccupancyGrid | None) -> OccupancyGrid | None:
        """The grid with the zones against walks as if something stood there."""
        zones = self.of("walks")
        if grid is None or not zones:
            return grid
        cells = grid.cells.copy()
        for _, zone in zones:
            # fillPoly takes points (column, row) in sixteenths of a cell.
            at = (zone.corners_m - grid.origin_O_m) / grid.cell_m - 0.5
            painted = np.zeros(cells.shape, np.uint8)
            cv2.fillPoly(painted, [np.round(at * 16).astype(np.int32)], 1, shift=4)
            cells[painted > 0] = OCCUPIED
        return replace(grid, cells=cells)


def _ys_between(corners: FloatArray, x0: float, x1: float) -> list[float]:
    """The y of a polygon's corners and edges within a strip of x."""
    ys: list[float] = [float(y) for x, y in corners if x0 <= x <= x1]
    for (ax, ay), (bx, by) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if ax != bx:
            for x in (x0, x1):
                if min(ax, bx) <= x <= max(ax, bx):
                    ys.append(float(ay + (by - ay) * (x - ax) / (bx - ax)))
    return ys


def _object(
    name: str, strip: Iterable[float], zone: Zone, T_BO: FloatArray, stamp_s: float
) -> SceneObject:
    x0, y0, x1, y1 = strip
    z0, z1 = zone.z_m or _ALL_HEIGHTS_M
    center, yaw_rad = np.array([(x0 + x1) / 2, (y0 + y1) / 2, (z0 + z1) / 2]), 0.0
    if zone.frame == "odom":
        center = T_BO[:3, :3] @ center + T_BO[:3, 3]
        yaw_rad = float(np.arctan2(T_BO[1, 0], T_BO[0, 0]))
    size = np.array([x1 - x0, y1 - y0, z1 - z0])
    box = (0.0, 0.0, 0.0, 0.0)
    return SceneObject(
        name, KEEP_OUT, "box", "", center, yaw_rad, size, np.zeros((3, 3)), stamp_s, 1.0, box
    )


def zone_named(contacts: Sequence[Sequence[object]]) -> str | None:
    """The zone in a motion planner's pairs of colliding names, None where there is none."""
    for pair in contacts:
        for name in pair:
            if str(name).startswith(f"{KEEP_OUT}/"):
                return str(name).split("/")[1]
    return None
