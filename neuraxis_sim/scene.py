# SPDX-License-Identifier: Apache-2.0
"""Draws scenes from a template: equal template, seed and bench give an equal scene."""

from __future__ import annotations

import math
import zlib
from dataclasses import replace
from typing import Any

import numpy as np

from neuraxis_common.errors import ConfigError
from neuraxis_common.profile import BenchPlacement
from neuraxis_sim import clutter
from neuraxis_sim import scene_layout as layout
from neuraxis_sim.furniture import draw_furniture
from neuraxis_sim.scene_items import draw_containers, draw_parts, least_needed
from neuraxis_sim.scene_look import draw_camera, draw_look, hsv_to_rgb
from neuraxis_sim.scene_template import SceneTemplate, load_template
from neuraxis_sim.scene_types import (
    CONTAINER_FLOOR_M,
    BenchTop,
    ClutterItem,
    Room,
    Scene,
    SceneItem,
    scene_to_json,
)

__all__ = ["Scene", "SceneItem", "generate", "load_template", "scene_to_json"]

_TRIES = 60
_POINTS = 80


def generate(template: SceneTemplate, seed: int, profile: Any) -> Scene:
    """Draw one scene.

    Args:
        template: Ranges to draw from.
        seed: Any whole number >= 0.
        profile: Robot profile; only its `bench` block is read.

    Raises:
        ConfigError: The seed is negative or the bench has no room for the fewest items allowed.
    """
    if seed < 0:
        raise ConfigError(f"seed must be >= 0, got {seed}")
    bench = profile.bench
    root = np.random.SeedSequence([seed, zlib.crc32(template.name.encode())])
    things, places, looks, pieces = (np.random.default_rng(child) for child in root.spawn(4))
    containers = draw_containers(template, things)
    parts = draw_parts(template, things)
    put_inside = things.random() < template.parts.inside_share
    objects = _place_all(template, places, bench, containers, parts, put_inside)
    top = BenchTop(bench.height_m, bench.near_edge_x_m, bench.depth_m, bench.width_m)
    return Scene(
        template=template.name,
        seed=seed,
        bench=top,
        objects=objects,
        clutter=_draw_clutter(template, looks, bench, objects),
        look=draw_look(template, looks),
        camera=draw_camera(template, looks),
        furniture=draw_furniture(template, pieces),
        room=Room(template.room.x_m, template.room.y_m),
    )


def _place_all(
    template: SceneTemplate,
    rng: np.random.Generator,
    bench: BenchPlacement,
    containers: list[SceneItem],
    parts: list[SceneItem],
    put_inside: bool,
) -> tuple[SceneItem, ...]:
    """Place everything; when a draw does not fit it starts over, and later with a part less."""
    for attempt in range(_TRIES * 4):
        spare = min(attempt // _TRIES, len(parts) - template.parts.count[0])
        left_out = least_needed(parts)[:spare]
        kept = [item for item in parts if item not in left_out]
        placed = _place_containers(template, rng, bench, containers)
        if placed is None:
            continue
        loose = _place_parts(template, rng, bench, placed, kept[1:] if put_inside else kept)
        if loose is None:
            continue
        if put_inside:
            loose = [_drop_into(rng, placed[int(rng.integers(len(placed)))], kept[0]), *loose]
        return (*loose, *placed)
    raise ConfigError(
        f"the bench workspace has no room for {len(containers)} containers and "
        f"{template.parts.count[0]} parts"
    )


def _place_containers(
    template: SceneTemplate,
    rng: np.random.Generator,
    bench: BenchPlacement,
    items: list[SceneItem],
) -> list[SceneItem] | None:
    """Containers around some of the bench's slots; None when two of them come too close."""
    spec = template.containers
    slots = rng.permutation(np.asarray(bench.container_slots_xy_m))[: len(items)]
    if len(slots) < len(items):
        return None
    taken: list[tuple[layout.Patch, float]] = []
    placed = []
    for item, slot in zip(items, slots, strict=True):
        low = (spec.offset_x_m[0], spec.offset_y_m[0], math.radians(spec.yaw_deg[0]))
        high = (spec.offset_x_m[1], spec.offset_y_m[1], math.radians(spec.yaw_deg[1]))
        candidates = rng.uniform(low, high, (_POINTS, 3))
        candidates[:, :2] += slot
        patch = layout.first_clear(candidates, item.size_m[:2], _slab(bench, 0.01), taken)
        if patch is None:
            return None
        taken.append((patch, spec.gap_m))
        placed.append(_stand_on(bench, item, patch))
    return placed


def _place_parts(
    template: SceneTemplate,
    rng: np.random.Generator,
    bench: BenchPlacement,
    containers: list[SceneItem],
    items: list[SceneItem],
) -> list[SceneItem] | None:
    spec = template.parts
    zone = np.asarray(bench.workspace_xy_m)
    slab = _slab(bench, 0.02)
    taken = [(_patch(item), spec.wall_gap_m) for item in containers]
    placed = []
    for item in items:
        points = layout.draw_points(rng, zone, _POINTS)
        yaw = rng.uniform(-math.pi / 2, math.pi / 2, len(points))
        candidates = np.column_stack([points, yaw])
        patch = layout.first_clear(candidates, item.size_m[:2], slab, taken)
        if patch is None:
            return None
        taken.append((patch, spec.gap_m))
        placed.append(_stand_on(bench, item, patch))
    return placed


def _stand_on(bench: BenchPlacement, item: SceneItem, patch: layout.Patch) -> SceneItem:
    z = bench.height_m + item.size_m[2] / 2
    return replace(item, xyz_m=(patch.x, patch.y, z), yaw_rad=patch.yaw)


def _drop_into(rng: np.random.Generator, container: SceneItem, item: SceneItem) -> SceneItem:
    """The item standing somewhere on the container's floor, clear of the walls."""
    room = min(container.inner_m) / 2 - math.hypot(*item.size_m[:2]) / 2 - 0.005
    u, v = (float(value) for value in rng.uniform(-room, room, 2))
    cos, sin = math.cos(container.yaw_rad), math.sin(container.yaw_rad)
    x, y, z = container.xyz_m
    floor = z - container.size_m[2] / 2 + CONTAINER_FLOOR_M
    return replace(
        item,
        xyz_m=(x + cos * u - sin * v, y + sin * u + cos * v, floor + item.size_m[2] / 2),
        yaw_rad=rng.uniform(-math.pi / 2, math.pi / 2),
        inside=container.name,
    )


def _draw_clutter(
    template: SceneTemplate,
    rng: np.random.Generator,
    bench: BenchPlacement,
    objects: tuple[SceneItem, ...],
) -> tuple[ClutterItem, ...]:
    """Things along the far edge, clear of every object; what does not fit is left out."""
    spec = template.clutter
    count = int(rng.integers(spec.count[0], spec.count[1] + 1))
    far = bench.near_edge_x_m + bench.depth_m
    reach = max(float(np.max(np.asarray(bench.workspace_xy_m)[:, 0])) + 0.08, far - 0.16)
    slab = _slab(bench, 0.01)
    zone = layout.rectangle(reach, far, -bench.width_m / 2, bench.width_m / 2)
    taken = [(_patch(item), 0.06) for item in objects]
    items = []
    for index, kind in enumerate(rng.permutation(list(spec.kinds))[:count]):
        low, high, hue = clutter.SIZE_M[kind]
        size = tuple(float(value) for value in rng.uniform(low, high))
        hsv = (rng.uniform(*hue), rng.uniform(0.05, 0.4), rng.uniform(0.35, 0.75))
        points = layout.draw_points(rng, zone, _POINTS)
        yaw = rng.uniform(-math.pi, math.pi, len(points))
        patch = layout.first_clear(np.column_stack([points, yaw]), size[:2], slab, taken)
        if patch is not None:
            taken.append((patch, 0.03))
            xyz = (patch.x, patch.y, bench.height_m + size[2] / 2)
            name = f"clutter_{index}_{kind}"
            items.append(ClutterItem(name, str(kind), hsv_to_rgb(*hsv), size, xyz, patch.yaw))
    return tuple(items)


def _slab(bench: BenchPlacement, margin_m: float) -> np.ndarray:
    x0, half = bench.near_edge_x_m, bench.width_m / 2
    return layout.rectangle(
        x0 + margin_m, x0 + bench.depth_m - margin_m, -half + margin_m, half - margin_m
    )


def _patch(item: SceneItem) -> layout.Patch:
    return layout.Patch(item.xyz_m[0], item.xyz_m[1], item.yaw_rad, *item.size_m[:2])
