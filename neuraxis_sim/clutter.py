# SPDX-License-Identifier: Apache-2.0
"""Things on the bench that no sentence is about: their sizes and their bodies in MuJoCo."""

from __future__ import annotations

import math
from collections.abc import Callable

import mujoco

from neuraxis_sim.geoms import add_mesh, add_paint, visual, yaw_quat
from neuraxis_sim.scene_types import ClutterItem, Rgb
from neuraxis_sim.shade import add_shade
from neuraxis_sim.shapes import Mesh, boxes_mesh, joined, moved, ring_mesh, turned_mesh

Size = tuple[float, float, float]

# Smallest and largest extents, and hue in deg.
SIZE_M: dict[str, tuple[Size, Size, tuple[float, float]]] = {
    "tape": ((0.09, 0.09, 0.024), (0.11, 0.11, 0.05), (28, 45)),
    "box": ((0.09, 0.07, 0.06), (0.15, 0.11, 0.10), (28, 36)),
    "pen": ((0.135, 0.010, 0.010), (0.15, 0.012, 0.012), (200, 230)),
    "notebook": ((0.14, 0.10, 0.008), (0.20, 0.15, 0.015), (200, 240)),
    "cup": ((0.075, 0.075, 0.08), (0.085, 0.085, 0.10), (30, 60)),
    "plant": ((0.085, 0.085, 0.13), (0.11, 0.11, 0.17), (10, 30)),
    "books": ((0.13, 0.10, 0.035), (0.17, 0.13, 0.055), (0, 360)),
    "kettle": ((0.12, 0.09, 0.12), (0.15, 0.11, 0.15), (200, 230)),
    "sign": ((0.012, 0.08, 0.05), (0.012, 0.11, 0.07), (0, 360)),
}
ROUND = ("tape", "cup", "plant")
_BOX, _MESH = mujoco.mjtGeom.mjGEOM_BOX, mujoco.mjtGeom.mjGEOM_MESH
_CYLINDER, _CAPSULE = mujoco.mjtGeom.mjGEOM_CYLINDER, mujoco.mjtGeom.mjGEOM_CAPSULE
_LEAF: Rgb = (0.24, 0.42, 0.20)
_PAPER: Rgb = (0.93, 0.91, 0.86)
_DARK: Rgb = (0.16, 0.16, 0.17)
_BALL = tuple((math.sin(math.pi * k / 8), (1 - math.cos(math.pi * k / 8)) / 2) for k in range(1, 8))


def add_clutter(thing: ClutterItem, spec: mujoco.MjSpec) -> None:
    """Add one thing as a fixed body of its name."""
    body = spec.worldbody.add_body(name=thing.name, pos=thing.xyz_m, quat=yaw_quat(thing.yaw_rad))
    paint = add_paint(spec, thing.name, thing.rgb, gloss=0.15)
    length, width, height = (value / 2 for value in thing.size_m)
    spread = 0.03 if thing.kind != "pen" else 0.01
    half = (length + spread, width + spread)
    add_shade(body, f"{thing.name}_shade", (0, 0, 0.0005 - height), half, 0.6)
    if thing.kind in _LOOKS:
        for index, (mesh, rgb) in enumerate(_LOOKS[thing.kind](thing)):
            name = add_mesh(spec, f"{thing.name}_{index}", mesh)
            body.add_geom(**visual(name=f"{name}_look", type=_MESH, meshname=name, rgba=[*rgb, 1]))
        solid = [length, height, 0] if thing.kind in ROUND else [length, width, height]
        kind = _CYLINDER if thing.kind in ROUND else _BOX
        body.add_geom(name=f"{thing.name}_0", type=kind, size=solid, group=3)
    elif thing.kind in ROUND:
        bore = 0.62 if thing.kind == "tape" else 0.9
        mesh = add_mesh(spec, thing.name, ring_mesh(2 * length, 2 * length * bore, 2 * height))
        body.add_geom(**visual(name=f"{thing.name}_look", type=_MESH, meshname=mesh,
                               material=paint))  # fmt: skip
        body.add_geom(name=f"{thing.name}_0", type=_CYLINDER, size=[length, height, 0], group=3)
    elif thing.kind == "pen":
        body.add_geom(name=f"{thing.name}_0", type=_CAPSULE, size=[height, length - height, 0],
                      quat=[math.sqrt(0.5), 0, math.sqrt(0.5), 0], material=paint)  # fmt: skip
    else:
        body.add_geom(name=f"{thing.name}_0", type=_BOX, size=[length, width, height],
                      material=paint)  # fmt: skip
        tape = [0.78, 0.70, 0.55, 1] if thing.kind == "box" else [0.85, 0.85, 0.82, 1]
        strip = 0.18 if thing.kind == "box" else 0.02
        body.add_geom(**visual(name=f"{thing.name}_strip", type=_BOX, rgba=tape,
                               pos=[0, 0 if thing.kind == "box" else -width * 0.8, height],
                               size=[length, width * strip, 0.0004]))  # fmt: skip


Look = list[tuple[Mesh, Rgb]]


def _plant(thing: ClutterItem) -> Look:
    """A pot with a lump of leaves above it."""
    across, _, height = thing.size_m
    low, pot = -height / 2, 0.46
    rings = ((0.50, 0.0), (0.68, pot - 0.10), (0.76, pot - 0.10), (0.76, pot), (0.66, pot),
             (0.64, pot - 0.05))  # fmt: skip
    leaves = []
    for k in range(9):
        turn, out = k * 2.4, 0.0 if k == 8 else 0.26 * across
        radius = (0.24, 0.20, 0.17)[k % 3] * across
        z = low + height * (0.80 if k == 8 else 0.58 + 0.06 * (k % 3))
        at = (out * math.cos(turn), out * math.sin(turn), z)
        leaves.append(moved(turned_mesh(_BALL, radius, -radius, 2 * radius, count=10), at))
    return [(turned_mesh(rings, across / 2, low, height), thing.rgb), (joined(leaves), _LEAF)]


def _books(thing: ClutterItem) -> Look:
    """Two books, the upper one a little turned in: covers around paper."""
    length, width, height = thing.size_m
    covers, paper = [], []
    for index, (share, scale) in enumerate(((0.55, 1.0), (0.45, 0.86))):
        a, b, c = length / 2 * scale, width / 2 * scale, height * share / 2
        z = -height / 2 + c + (0.55 * height if index else 0.0)
        board = 0.0022
        covers += [((0, 0, z + side * (c - board)), (a, b, board)) for side in (-1, 1)]
        covers.append(((0, -b + board, z), (a, board, c)))
        paper.append(((0, 0.001, z), (a - 0.003, b - 0.003, c - 2 * board)))
    return [(boxes_mesh(covers), thing.rgb), (boxes_mesh(paper), _PAPER)]


def _kettle(thing: ClutterItem) -> Look:
    """A steel body with a lid and a knob, a spout towards +x and a handle towards -x."""
    length, width, height = thing.size_m
    low, radius = -height / 2, width / 2
    rings = ((0.92, 0.0), (1.0, 0.06), (0.94, 0.5), (0.72, 0.80), (0.60, 0.86), (0.20, 0.90))
    spout = boxes_mesh([
        ((radius * 0.95 + 0.06 * (length - width) * k, 0, low + height * (0.44 + 0.035 * k)),
         (0.007, 0.009 - 0.0004 * k, 0.007))
        for k in range(12)
    ])  # fmt: skip
    knob = turned_mesh(((0.12, 0.89), (0.16, 0.97), (0.10, 1.0)), radius, low, height)
    x = -radius - 0.35 * (length - width)
    grip = boxes_mesh([
        ((x, 0, low + 0.50 * height), (0.008, 0.010, 0.24 * height)),
        ((x / 2 - radius / 2, 0, low + 0.72 * height), (-x / 2 - radius / 4, 0.010, 0.008)),
    ])  # fmt: skip
    steel = (0.78, 0.79, 0.81)
    return [(joined([turned_mesh(rings, radius, low, height), spout]), steel),
            (joined([knob, grip]), _DARK)]  # fmt: skip


def _sign(thing: ClutterItem) -> Look:
    """A card on a foot, with a coloured head and two lines of print on either face."""
    depth, width, height = thing.size_m
    low = -height / 2
    card = [((0.0, 0.0, 0.08 * height), (0.0012, width / 2, 0.42 * height)),
            ((0.0, 0.0, low + 0.08 * height), (depth / 2, 0.3 * width, 0.08 * height))]  # fmt: skip
    head = [((0.0, 0.0, 0.38 * height), (0.0018, width / 2, 0.12 * height))]
    lines = [((0.0, 0.0, z * height), (0.0018, share * width, 0.035 * height))
             for z, share in ((0.10, 0.40), (-0.06, 0.28))]  # fmt: skip
    return [(boxes_mesh(card), _PAPER), (boxes_mesh(head), thing.rgb), (boxes_mesh(lines), _DARK)]


_LOOKS: dict[str, Callable[[ClutterItem], Look]] = {
    "plant": _plant, "books": _books, "kettle": _kettle, "sign": _sign,
}  # fmt: skip
