# SPDX-License-Identifier: Apache-2.0
"""Furniture away from the bench: drawn from a template, added to a MuJoCo world."""

from __future__ import annotations

import math

import mujoco
import numpy as np

from neuraxis_sim.geoms import add_mesh, visual
from neuraxis_sim.scene_look import hsv_to_rgb
from neuraxis_sim.scene_template import SceneTemplate
from neuraxis_sim.scene_types import FurnitureItem, Rgb
from neuraxis_sim.shapes import boxes_mesh

_SLAB_M = 0.035
_LEG_M = 0.05
_BOX = mujoco.mjtGeom.mjGEOM_BOX
_CLOTH: Rgb = (0.86, 0.87, 0.88)
_GOODS: tuple[Rgb, ...] = ((0.72, 0.36, 0.30), (0.36, 0.50, 0.60), (0.80, 0.70, 0.42),
                           (0.50, 0.58, 0.42))  # fmt: skip
_BOARDS, _GAP_M, _SLOT_M = 5, 0.012, 0.095
Boxes = list[tuple[tuple[float, float, float], tuple[float, float, float]]]


def draw_furniture(template: SceneTemplate, rng: np.random.Generator) -> tuple[FurnitureItem, ...]:
    """One draw of every piece that the template names."""
    pieces = []
    for spec in template.furniture:
        xy = (float(rng.uniform(*spec.x_m)), float(rng.uniform(*spec.y_m)))
        yaw = math.radians(rng.uniform(*spec.yaw_deg))
        rgb = hsv_to_rgb(rng.uniform(20, 45), rng.uniform(0.15, 0.5), rng.uniform(0.45, 0.8))
        pieces.append(FurnitureItem(spec.name, spec.kind, rgb, spec.size_m, xy, yaw))
    return tuple(pieces)


def add_piece(piece: FurnitureItem, spec: mujoco.MjSpec) -> None:
    """Add one piece as a fixed body of its name."""
    half_yaw = piece.yaw_rad / 2
    body = spec.worldbody.add_body(
        name=piece.name, pos=[*piece.xy_m, 0.0], quat=[math.cos(half_yaw), 0, 0, math.sin(half_yaw)]
    )
    spec.add_material(name=piece.name, rgba=[*piece.rgb, 1], specular=0.2)
    a, b, top = piece.size_m[0] / 2, piece.size_m[1] / 2, piece.size_m[2]
    boxes = [((0.0, 0.0, top / 2), (a, b, top / 2))]
    if piece.kind == "table":
        leg, height = _LEG_M / 2, (top - _SLAB_M) / 2
        boxes = [((0.0, 0.0, top - _SLAB_M / 2), (a, b, _SLAB_M / 2))]
        boxes += [
            ((x * (a - leg), y * (b - leg), height), (leg, leg, height))
            for x in (-1, 1)
            for y in (-1, 1)
        ]
    elif piece.kind in _PADDED:
        frame, padding = _PADDED[piece.kind](2 * a, 2 * b, top)
        boxes = frame + padding
        _add_look(body, spec, f"{piece.name}_padding", padding, _CLOTH)
    elif piece.kind == "rack":
        boxes = _rack(a, b, top)
        for index, rgb in enumerate(_GOODS):
            _add_look(body, spec, f"{piece.name}_goods_{index}", _goods(a, b, top, index), rgb)
    for index, (pos, size) in enumerate(boxes):
        body.add_geom(
            name=f"{piece.name}_{index}", type=_BOX, pos=pos, size=size, material=piece.name,
            friction=[0.7, 0.005, 0.0001], condim=3,
        )  # fmt: skip


def _add_look(body: mujoco.MjsBody, spec: mujoco.MjSpec, name: str, boxes: Boxes, rgb: Rgb) -> None:
    mesh = add_mesh(spec, name, boxes_mesh([(at, _larger(half)) for at, half in boxes]))
    body.add_geom(**visual(name=name, type=mujoco.mjtGeom.mjGEOM_MESH, meshname=mesh,
                           rgba=[*rgb, 1]))  # fmt: skip


def _larger(half: tuple[float, float, float]) -> tuple[float, float, float]:
    """A hair larger, so that a cover hides the solid below it."""
    return half[0] + 0.002, half[1] + 0.002, half[2] + 0.002


def _rack(a: float, b: float, top: float) -> Boxes:
    """Two side panels and boards between them."""
    board = _SLAB_M / 3
    boxes: Boxes = [((x * (a - board), 0.0, top / 2), (board, b, top / 2)) for x in (-1, 1)]
    boxes += [((0.0, 0.0, z + board), (a, b, board)) for z in _board_heights(top)]
    return boxes


def _board_heights(top: float) -> list[float]:
    return [0.1 + (top - 0.15) * k / (_BOARDS - 1) for k in range(_BOARDS)]


def _goods(a: float, b: float, top: float, kind: int) -> Boxes:
    """Boxes of one kind on the boards: a few of the same beside each other, as in a shop."""
    boxes: Boxes = []
    slots = int((2 * a - 0.06) / _SLOT_M)
    for level, z in enumerate(_board_heights(top)[:-1]):
        for slot in range(slots):
            if (slot // 3 + level) % len(_GOODS) != kind:
                continue
            high = (top / _BOARDS) * (0.30 + 0.07 * ((slot // 3 + 2 * level) % 4))
            x = -a + 0.03 + _SLOT_M * (slot + 0.5)
            at = (x, 0.0, z + 2 * _SLAB_M / 3 + high / 2)
            boxes.append((at, ((_SLOT_M - _GAP_M) / 2, 0.7 * b, high / 2)))
    return boxes


def _bed(length: float, width: float, top: float) -> tuple[Boxes, Boxes]:
    """Frame with a head board at -x, and mattress with a pillow; `top` is the head board's."""
    a, b, deck = length / 2, width / 2, 0.5 * top
    frame: Boxes = [
        ((0, 0, 0.6 * deck), (a, b, 0.12 * deck)),
        ((-a, 0, top / 2), (0.02, b, top / 2)),
    ]
    frame += [((x * (a - 0.04), y * (b - 0.04), 0.3 * deck), (0.03, 0.03, 0.3 * deck))
              for x in (-1, 1) for y in (-1, 1)]  # fmt: skip
    padding: Boxes = [((0, 0, 0.86 * deck), (a - 0.03, b - 0.02, 0.14 * deck)),
                      ((-a + 0.24, 0, deck + 0.04), (0.16, 0.7 * b, 0.05))]  # fmt: skip
    return frame, padding


def _sofa(length: float, width: float, top: float) -> tuple[Boxes, Boxes]:
    """Seat, back at -y and arms, with cushions; `top` is the back's."""
    a, b, seat = length / 2, width / 2, 0.42 * top
    frame: Boxes = [((0, 0, seat / 2), (a, b, seat / 2)),
                    ((0, -b + 0.09, top / 2), (a, 0.09, top / 2))]  # fmt: skip
    frame += [((x * (a - 0.08), 0, 0.36 * top), (0.08, b, 0.36 * top)) for x in (-1, 1)]
    padding: Boxes = [((x * (a - 0.16) / 2, 0.07, seat + 0.05), ((a - 0.18) / 2, b - 0.12, 0.05))
                      for x in (-1, 1)]  # fmt: skip
    return frame, padding


def _counter(length: float, width: float, top: float) -> tuple[Boxes, Boxes]:
    """Cupboards under a slab with a coffee machine on it, and their doors."""
    a, b, body = length / 2, width / 2, (top - _SLAB_M) / 2
    frame: Boxes = [((0, 0, body), (a - 0.02, b - 0.02, body)),
                    ((0, 0, top - _SLAB_M / 2), (a, b, _SLAB_M / 2))]  # fmt: skip
    x = -0.5 * a
    frame += [((x, 0, top + 0.04), (0.20, 0.17, 0.04)), ((x, 0.07, top + 0.20), (0.20, 0.10, 0.20)),
              ((x, 0, top + 0.37), (0.20, 0.17, 0.05))]  # fmt: skip
    count = max(round(length / 0.5), 1)
    wide = (a - 0.02) / count
    padding: Boxes = [
        (
            (wide * (2 * k + 1 - count), y * (b - 0.018), body + 0.03),
            (wide - 0.012, 0.004, body - 0.05),
        )
        for k in range(count)
        for y in (-1, 1)
    ]
    return frame, padding


_PADDED = {"bed": _bed, "sofa": _sofa, "counter": _counter}
