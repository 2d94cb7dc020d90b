# SPDX-License-Identifier: Apache-2.0
"""Tables and crates away from the bench: drawn from a template, added to a MuJoCo world."""

from __future__ import annotations

import math

import mujoco
import numpy as np

from neuraxis_sim.scene_look import hsv_to_rgb
from neuraxis_sim.scene_template import SceneTemplate
from neuraxis_sim.scene_types import FurnitureItem

_SLAB_M = 0.035
_LEG_M = 0.05
_BOX = mujoco.mjtGeom.mjGEOM_BOX


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
    for index, (pos, size) in enumerate(boxes):
        body.add_geom(
            name=f"{piece.name}_{index}", type=_BOX, pos=pos, size=size, material=piece.name,
            friction=[0.7, 0.005, 0.0001], condim=3,
        )  # fmt: skip
