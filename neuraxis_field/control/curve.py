# SPDX-License-Identifier: Apache-2.0
"""The learning curve as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PIL import Image, ImageDraw

SIZE = (720, 420)
_LEFT, _TOP, _RIGHT, _BOTTOM = 60, 40, 660, 370
_INK, _GRID = (40, 40, 40), (220, 220, 220)
SERIES = (
    ("upright", (30, 120, 200), "share of episodes without a fall"),
    ("expert_share", (150, 150, 150), "share driven by the expert"),
    ("held_out_loss", (210, 80, 40), "loss on held-out steps, over its largest"),
)


def draw_curve(curve: Sequence[Mapping[str, Any]], title: str) -> Image.Image:
    """All of `SERIES` from 0 to 1 over the rounds."""
    image = Image.new("RGB", SIZE, "white")
    draw = ImageDraw.Draw(image)
    draw.text((_LEFT, 8), title, fill=_INK)
    for i in range(5):
        y = _BOTTOM - (_BOTTOM - _TOP) * i / 4
        draw.line([(_LEFT, y), (_RIGHT, y)], fill=_GRID)
        draw.text((_LEFT - 35, y - 6), f"{i / 4:.2f}", fill=_INK)
    for row, (name, colour, label) in enumerate(SERIES):
        draw.text((_LEFT + 10 + 205 * row, _BOTTOM + 28), label, fill=colour)
        values = [float(point[name] or 0.0) for point in curve]
        most = max(values, default=0.0) if name.endswith("loss") else 1.0
        points = [
            (
                _LEFT + (_RIGHT - _LEFT) * i / max(len(values) - 1, 1),
                _BOTTOM - (_BOTTOM - _TOP) * value / (most or 1.0),
            )
            for i, value in enumerate(values)
        ]
        if len(points) > 1:
            draw.line(points, fill=colour, width=2)
        for x, y in points:
            draw.ellipse([x - 3, y - 3, x + 3, y + 3], fill=colour)
    draw.text((_RIGHT - 60, _BOTTOM + 8), f"{len(curve)} rounds", fill=_INK)
    return image
