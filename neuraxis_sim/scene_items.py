# SPDX-License-Identifier: Apache-2.0
"""Draws which parts and containers a scene has, and how big they are."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from neuraxis_common.shapes import SHAPES
from neuraxis_sim.scene_look import draw_color
from neuraxis_sim.scene_template import SceneTemplate
from neuraxis_sim.scene_types import SceneItem

_SIZE_DRAWS = 2000


def draw_containers(template: SceneTemplate, rng: np.random.Generator) -> list[SceneItem]:
    """Containers of different looks, not yet placed."""
    spec = template.containers
    looks = [(color, shape) for color in spec.colors for shape in spec.shapes]
    count = int(rng.integers(spec.count[0], spec.count[1] + 1))
    items = []
    for index in rng.permutation(len(looks))[:count]:
        color, shape = looks[index]
        size = spec.shapes[shape]
        outer = rng.uniform(*size.inner_m) + 2 * spec.wall_m
        height = rng.uniform(*size.height_m)
        items.append(
            SceneItem(
                name=f"{color}_{shape}", kind="container", shape=shape, color=color,
                rgb=draw_color(template.palette[color], rng), size_m=(outer, outer, height),
                xyz_m=(0.0, 0.0, 0.0), yaw_rad=0.0, mass_kg=0.3, friction=0.6, wall_m=spec.wall_m,
            )
        )  # fmt: skip
    return items


def draw_parts(template: SceneTemplate, rng: np.random.Generator) -> list[SceneItem]:
    """Parts with clear size differences, not yet placed; maybe two of them look alike."""
    spec = template.parts
    count = int(rng.integers(spec.count[0], spec.count[1] + 1))
    looks = [(color, shape) for color in spec.colors for shape in spec.shapes]
    chosen = [looks[index] for index in rng.permutation(len(looks))[:count]]
    if count > 1 and rng.random() < spec.twin_share:
        chosen[-1] = chosen[0]
    sizes = _draw_sizes(template, rng, chosen)
    items: list[SceneItem] = []
    for (color, shape), size in zip(chosen, sizes, strict=True):
        twins = sum(item.color == color and item.shape == shape for item in items)
        volume = float(np.prod(size)) * SHAPES[shape].volume_share
        items.append(
            SceneItem(
                name=f"{color}_{shape}" + (f"_{twins + 1}" if twins else ""),
                kind="part", shape=shape, color=color,
                rgb=draw_color(template.palette[color], rng), size_m=size,
                xyz_m=(0.0, 0.0, 0.0), yaw_rad=0.0,
                mass_kg=volume * rng.uniform(*spec.density_kg_m3),
                friction=rng.uniform(*spec.friction),
            )
        )  # fmt: skip
    return items


def least_needed(parts: list[SceneItem]) -> list[SceneItem]:
    """The parts, those of middling size first: without them the extremes stay what they are."""
    ordered = sorted(parts, key=lambda item: item.scale_m)
    middle = (len(ordered) - 1) / 2
    return sorted(ordered, key=lambda item: abs(ordered.index(item) - middle))


def _draw_sizes(
    template: SceneTemplate, rng: np.random.Generator, looks: list[tuple[str, str]]
) -> list[tuple[float, float, float]]:
    """Sizes such that "the largest" and "the smallest" are clear, overall and among look-alikes.

    Of many draws it takes the first that is clear overall and in the most groups.
    """
    share = _shares(rng, len(looks))
    sizes = np.stack(
        [_sizes(template, shape, share[:, index]) for index, (_, shape) in enumerate(looks)], axis=1
    )
    scale = np.cbrt(sizes.prod(axis=2))
    needed = template.parts.size_ratio
    score = 100.0 * np.minimum(_end_ratio(scale) / needed, 1.0)
    for key in (0, 1):
        for value in dict.fromkeys(look[key] for look in looks):
            group = [index for index, look in enumerate(looks) if look[key] == value]
            if 1 < len(group) < len(looks):
                score += _end_ratio(scale[:, group]) >= needed
    best = sizes[int(np.argmax(score))]
    return [(float(length), float(width), float(height)) for length, width, height in best]


def _shares(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    """Where each extent lies in its range, shape (_SIZE_DRAWS, count, 3).

    In half of the draws one part is near the top of its ranges, one near the bottom and the others
    between; independent draws of eight parts hardly ever have clear extremes.
    """
    share = rng.random((_SIZE_DRAWS, count, 3))
    half = _SIZE_DRAWS // 2
    share[:half] = 0.15 + 0.5 * share[:half]
    rows = np.arange(half)
    share[rows, rng.integers(count, size=half)] = 1 - 0.15 * rng.random((half, 3))
    share[rows, rng.integers(count, size=half)] = 0.15 * rng.random((half, 3))
    return share


def _sizes(template: SceneTemplate, shape: str, share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Long side, short side and height at the shares of their ranges, shape (n, 3)."""
    spec = template.parts.shapes[shape]
    low, high = np.transpose([spec.width_m, spec.length_ratio, spec.height_m])
    width, ratio, height = (low + share * (high - low)).T
    length = width * (2 / math.sqrt(3) if SHAPES[shape].outline == "hexagon" else ratio)
    return np.stack([length, width, width if shape == "cube" else height], axis=1)


def _end_ratio(scale: NDArray[np.float64]) -> NDArray[np.float64]:
    """The smaller of largest / next largest and next smallest / smallest, per row."""
    if scale.shape[1] < 2:
        return np.full(len(scale), np.inf)
    ordered = np.sort(scale, axis=1)
    return np.minimum(ordered[:, -1] / ordered[:, -2], ordered[:, 1] / ordered[:, 0])
