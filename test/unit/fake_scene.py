# SPDX-License-Identifier: Apache-2.0
"""Detections without a detector."""

from __future__ import annotations

from dataclasses import dataclass

SIZE_M = (0.04, 0.04, 0.04)


@dataclass(frozen=True)
class Seen:
    """A detection as the executor reads it."""

    kind: str
    shape: str
    color: str
    box: tuple[float, float, float, float]
    size_m: tuple[float, float, float] | None = SIZE_M


def part(label: str, x: float, y: float = 260.0, scale: float = 1.0) -> Seen:
    """A part whose box stands at (x, y); `scale` grows box and size."""
    color, shape = label.split()
    half = 20.0 * scale
    size = tuple(value * scale for value in SIZE_M)
    return Seen("part", shape, color, (x - half, y - 2 * half, x + half, y), size)


def container(label: str, x: float, y: float = 200.0) -> Seen:
    """A container whose box ends at height y."""
    color, shape = label.split()
    return Seen("container", shape, color, (x - 60.0, y - 90.0, x + 60.0, y), (0.16, 0.16, 0.03))
