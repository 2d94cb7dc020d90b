# SPDX-License-Identifier: Apache-2.0
"""Where seen things lie relative to each other, from their boxes in one upright image.

Left and right are those of the robot's view (image x). The camera looks down on a bench, so of two
things the one whose box ends lower in the image stands nearer to the robot.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from neuraxis_common.plan import Box

# A bench seen 40 degrees from above shows depth shortened by sin(40 deg).
_DEPTH_STRETCH = 1.55
_NEXT_TO_GAP = 1.6


class Detected(Protocol):
    """What is read of a detection; `box` in pixels, `size_m` metric extents or None."""

    kind: str
    shape: str
    color: str
    box: Box
    size_m: tuple[float, float, float] | None


@dataclass(frozen=True)
class Thing:
    """One detection with a number of its own, so that equal-looking things stay apart."""

    index: int
    kind: str
    shape: str
    color: str
    box: Box
    size_m: tuple[float, float, float] | None

    @property
    def x(self) -> float:
        """Image x of the box centre, pixels."""
        return (self.box[0] + self.box[2]) / 2

    @property
    def width(self) -> float:
        """Box width, pixels."""
        return self.box[2] - self.box[0]

    @property
    def height(self) -> float:
        """Box height, pixels."""
        return self.box[3] - self.box[1]

    @property
    def base_y(self) -> float:
        """Image y of about where its footprint's centre is, pixels."""
        return self.box[3] - 0.3 * min(self.height, self.width)

    @property
    def scale(self) -> float:
        """What "large" compares: cube root of the extents' product, else of the box area."""
        if self.size_m is None:
            return math.sqrt(max(self.width * self.height, 0.0))
        return math.prod(self.size_m) ** (1 / 3)


def things_of(detections: Iterable[Detected]) -> list[Thing]:
    """Number detections from left to right, which also is the order in which steps are done."""
    ordered = sorted(detections, key=lambda item: (item.box[0] + item.box[2], item.box[3]))
    return [
        Thing(i, d.kind, d.shape, d.color, tuple(float(v) for v in d.box), d.size_m)
        for i, d in enumerate(ordered)
    ]


def distance_px(a: Thing, b: Thing) -> float:
    """Distance on the bench between two things' footprints, in pixels at image width scale."""
    return math.hypot(a.x - b.x, (a.base_y - b.base_y) * _DEPTH_STRETCH)


def is_inside(part: Thing, container: Thing) -> bool:
    """Whether a part stands in a container: its footprint's centre lies in the container's box."""
    x0, y0, x1, y1 = container.box
    margin_x, margin_y = 0.06 * (x1 - x0), 0.2 * (y1 - y0)
    base_y = part.box[3] - 0.25 * part.height
    return x0 + margin_x <= part.x <= x1 - margin_x and y0 + margin_y <= base_y <= y1


def is_left_of(a: Thing, b: Thing) -> bool:
    """Whether the centre of `a` is left of that of `b` by more than a fifth of their widths."""
    return b.x - a.x > 0.1 * (a.width + b.width)


def is_nearer(a: Thing, b: Thing) -> bool:
    """Whether `a` stands nearer to the robot than `b`, clearly."""
    return a.base_y - b.base_y > 0.12 * (min(a.width, a.height) + min(b.width, b.height))


def is_next_to(a: Thing, b: Thing) -> bool:
    """Whether little more than the width of a part is free between the two."""
    reach = (a.width + b.width) / 2 + _NEXT_TO_GAP * min(a.width, b.width)
    return distance_px(a, b) <= reach


RELATIONS: dict[str, Callable[[Thing, Thing], bool]] = {
    "left_of": is_left_of,
    "right_of": lambda a, b: is_left_of(b, a),
    "in_front_of": is_nearer,
    "behind": lambda a, b: is_nearer(b, a),
    "next_to": is_next_to,
}

# How far apart the first two must be in what is compared: pixels, or as a share for sizes.
_RANK_KEYS: dict[str, tuple[Callable[[Thing], float], float]] = {
    "leftmost": (lambda t: t.x, 6.0),
    "rightmost": (lambda t: -t.x, 6.0),
    "nearest": (lambda t: -t.base_y, 4.0),
    "farthest": (lambda t: t.base_y, 4.0),
    "largest": (lambda t: -math.log(max(t.scale, 1e-6)), 0.02),
    "smallest": (lambda t: math.log(max(t.scale, 1e-6)), 0.02),
}


def rank(things: list[Thing], name: str, anchor: Thing | None = None) -> tuple[list[Thing], float]:
    """Sort things by a rank word, best first; also the gap below which two count as equal.

    Args:
        things: What to sort.
        name: A word of `program.RANKS` except ``middle``, or ``nearest_to`` / ``farthest_from``.
        anchor: What the two last words measure from.
    """
    key, gap = key_of(name, anchor)
    return sorted(things, key=key), gap


def key_of(name: str, anchor: Thing | None = None) -> tuple[Callable[[Thing], float], float]:
    """The quantity that a rank word compares, smallest first, and its smallest clear gap."""
    if anchor is None:
        return _RANK_KEYS[name]
    sign = 1.0 if name in ("nearest_to", "next_to") else -1.0
    return (lambda t: sign * distance_px(t, anchor)), 8.0
