# SPDX-License-Identifier: Apache-2.0
"""Triangle meshes of parts with chamfered edges, for rendering only. Lengths in m."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from neuraxis_common.shapes import SHAPES

_ROUND = 36
_HOLE_DEPTH = 0.35


@dataclass(frozen=True)
class Mesh:
    """Triangles without shared vertices. `points` and `normals` have shape (3 t, 3)."""

    points: NDArray[np.float64]
    normals: NDArray[np.float64]

    @property
    def faces(self) -> NDArray[np.int32]:
        """Vertex indices, shape (t, 3)."""
        return np.arange(len(self.points), dtype=np.int32).reshape(-1, 3)


def part_meshes(
    shape: str, size_m: tuple[float, float, float], chamfer_m: float = 0.0022
) -> dict[str, Mesh]:
    """Meshes of a part shape by their paint, centred on its bounding box, long side along x.

    Paints: ``body`` in the part's colour, always first; ``cap``, ``metal``, ``tape``, ``lining``.
    """
    length, width, height = size_m
    if shape in ("cube", "block"):
        return {"body": _box(length, width, height, chamfer_m)}
    if shape == "cylinder":
        outline = _polygon(_ROUND, length / 2)
        return {"body": _prism(outline, height, chamfer_m, smooth=True)}
    if shape == "hexagon":
        return {"body": _nut(width, height, chamfer_m)}
    made = {"bottle": _bottle, "can": _can, "carton": _carton, "cup": _cup}.get(shape)
    if made is None:
        raise ValueError(f"no mesh for part shape '{shape}'")
    return made(length, width, height)


def ring_mesh(outer_m: float, inner_m: float, height_m: float) -> Mesh:
    """A tube standing on end, centred: a roll of tape, a cup's wall."""
    outer, inner = _polygon(_ROUND, outer_m / 2), _polygon(_ROUND, inner_m / 2)
    top, low = height_m / 2, -height_m / 2
    parts = [
        _band(_at(outer, low), _at(outer, top), smooth=True),
        _band(_at(outer, top), _at(inner, top)),
        _band(_at(inner, top), _at(inner, low), smooth=True),
        _band(_at(inner, low), _at(outer, low)),
    ]
    return joined(parts)


def boxes_mesh(boxes: list[tuple[tuple[float, float, float], tuple[float, float, float]]]) -> Mesh:
    """Plain boxes as one mesh, each given by its centre and half extents."""
    return joined([_plain_box(np.array(centre), np.array(half)) for centre, half in boxes])


def turned_mesh(
    profile: tuple[tuple[float, float], ...],
    radius: float,
    low: float,
    height: float,
    count: int = _ROUND,
) -> Mesh:
    """A solid of revolution: rings of (share of the radius, share of the height), bottom first."""
    rings = [_at(_polygon(count, r * radius), low + z * height) for r, z in profile]
    return _stack(rings, smooth=True)


def moved(mesh: Mesh, offset_m: tuple[float, float, float]) -> Mesh:
    """The mesh somewhere else."""
    return Mesh(mesh.points + np.array(offset_m), mesh.normals)


def joined(parts: list[Mesh]) -> Mesh:
    """Several meshes as one."""
    points = np.concatenate([part.points for part in parts])
    return Mesh(points, np.concatenate([part.normals for part in parts]))


def _plain_box(centre: NDArray, half: NDArray) -> Mesh:
    a, b, c = half
    outline = np.array([[a, -b], [a, b], [-a, b], [-a, -b]])
    mesh = _stack([_at(outline, -c), _at(outline, c)])
    return Mesh(mesh.points + centre, mesh.normals)


def _box(length: float, width: float, height: float, cut: float) -> Mesh:
    wide, tight = _rectangle(length, width, cut), _rectangle(length - 2 * cut, width - 2 * cut, cut)
    return _stack([_at(tight, -height / 2), _at(wide, cut - height / 2),
                   _at(wide, height / 2 - cut), _at(tight, height / 2)])  # fmt: skip


def _prism(outline: NDArray, height: float, cut: float, smooth: bool) -> Mesh:
    tight = outline * (1 - cut / np.linalg.norm(outline[0]))
    rings = [_at(tight, -height / 2), _at(outline, cut - height / 2),
             _at(outline, height / 2 - cut), _at(tight, height / 2)]  # fmt: skip
    return _stack(rings, smooth)


def _nut(width: float, height: float, cut: float) -> Mesh:
    """Hexagonal prism with a blind bore in the top; flats face +-y."""
    angle = np.linspace(0, 2 * math.pi, _ROUND, endpoint=False)
    reach = width / 2 / np.cos((angle % (math.pi / 3)) - math.pi / 6)
    outline = np.stack([np.cos(angle), np.sin(angle)], axis=1) * reach[:, None]
    bore = _polygon(_ROUND, width * 0.27)
    tight = outline * (1 - 2 * cut / width)
    low, top = -height / 2, height / 2
    floor = top - height * _HOLE_DEPTH
    return joined([
        _cap(_at(tight, low), up=False),
        _band(_at(tight, low), _at(outline, low + cut)),
        _band(_at(outline, low + cut), _at(outline, top - cut)),
        _band(_at(outline, top - cut), _at(tight, top)),
        _band(_at(tight, top), _at(bore, top)),
        _band(_at(bore, top), _at(bore, floor), smooth=True),
        _cap(_at(bore, floor), up=True),
    ])  # fmt: skip


def _bottle(diameter: float, _: float, height: float) -> dict[str, Mesh]:
    """A body up to the shoulder, a neck, and a cap of its own paint."""
    radius, low = diameter / 2, -height / 2
    body = ((0.92, 0.0), (1.0, 0.03), (1.0, 0.58), (0.95, 0.63), (0.80, 0.69), (0.55, 0.73),
            (0.55, 0.76))  # fmt: skip
    cap_width = SHAPES["bottle"].top_share
    cap = ((cap_width, 0.75), (cap_width, 0.97), (0.92 * cap_width, 1.0))
    return {
        "body": turned_mesh(body, radius, low, height),
        "cap": turned_mesh(cap, radius, low, height),
    }


def _can(diameter: float, _: float, height: float) -> dict[str, Mesh]:
    """A painted wall between two metal rims; the lid lies deeper than its rim."""
    radius, low = diameter / 2, -height / 2
    wall = ((0.97, 0.06), (0.97, 0.94))
    foot = ((0.90, 0.0), (1.0, 0.03), (0.95, 0.07))
    lid = ((0.95, 0.93), (1.0, 0.96), (1.0, 1.0), (0.88, 1.0), (0.86, 0.96))
    ends = [turned_mesh(rim, radius, low, height) for rim in (foot, lid)]
    return {"body": turned_mesh(wall, radius, low, height), "metal": joined(ends)}


def _carton(length: float, width: float, height: float) -> dict[str, Mesh]:
    """A box with a strip of tape along its top and some way down its ends."""
    thick, strip = 0.0004, 0.35 * height
    body = _box(length - 2 * thick, width, height - thick, 0.001)
    tape = _box(length, 0.26 * width, strip, thick)
    return {
        "body": moved(body, (0, 0, -thick / 2)),
        "tape": moved(tape, (0, 0, (height - strip) / 2)),
    }


def _cup(diameter: float, _: float, height: float) -> dict[str, Mesh]:
    """Open at the top, narrower at the foot; the lining is darker than the outside."""
    radius, low = diameter / 2, -height / 2
    outside = ((0.78, 0.0), (1.0, 0.97), (1.0, 1.0), (0.93, 1.0), (0.92, 0.96), (0.72, 0.05))
    lining = ((0.71, 0.05), (0.90, 0.94), (0.89, 0.94), (0.70, 0.06))
    return {
        "body": turned_mesh(outside, radius, low, height),
        "lining": turned_mesh(lining, radius, low, height),
    }


def _stack(rings: list[NDArray], smooth: bool = False) -> Mesh:
    bands = [_band(low, high, smooth) for low, high in pairwise(rings)]
    return joined([_cap(rings[0], up=False), *bands, _cap(rings[-1], up=True)])


def _polygon(count: int, radius: float) -> NDArray:
    angle = np.linspace(0, 2 * math.pi, count, endpoint=False)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1) * radius


def _rectangle(length: float, width: float, cut: float) -> NDArray:
    a, b, c = length / 2, width / 2, cut / 2
    return np.array([[a, -b + c], [a, b - c], [a - c, b], [-a + c, b],
                     [-a, b - c], [-a, -b + c], [-a + c, -b], [a - c, -b]])  # fmt: skip


def _at(outline: NDArray, z: float) -> NDArray:
    return np.column_stack([outline, np.full(len(outline), z)])


def _cap(ring: NDArray, up: bool) -> Mesh:
    following = np.roll(ring, -1, axis=0)
    centre = np.broadcast_to(ring.mean(axis=0), ring.shape)
    order = (centre, ring, following) if up else (centre, following, ring)
    return _flat(np.stack(order, axis=1))


def _band(low: NDArray, high: NDArray, smooth: bool = False) -> Mesh:
    """Quads between two rings of equal count; outward when `high` lies above `low`."""
    low_next, high_next = np.roll(low, -1, axis=0), np.roll(high, -1, axis=0)
    triangles = np.concatenate(
        [np.stack([low, low_next, high_next], axis=1), np.stack([low, high_next, high], axis=1)]
    )
    mesh = _flat(triangles)
    if not smooth:
        return mesh
    radial = mesh.points * (1, 1, 0)
    radial /= np.linalg.norm(radial, axis=1, keepdims=True)
    sign = np.sign((radial * mesh.normals).sum(axis=1, keepdims=True))
    steep = np.abs(mesh.normals[:, 2:]) < 0.3
    return Mesh(mesh.points, np.where(steep, radial * sign, mesh.normals))


def _flat(triangles: NDArray) -> Mesh:
    normal = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    return Mesh(triangles.reshape(-1, 3), np.repeat(normal, 3, axis=0))
