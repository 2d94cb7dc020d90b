# SPDX-License-Identifier: Apache-2.0
"""Questions about a tracked scene: what is where, how many."""

from __future__ import annotations

import numpy as np

from neuraxis_common.types import SceneObject, SceneSnapshot


def inside(part: SceneObject, container: SceneObject, margin_m: float = 0.0) -> bool:
    """Whether the part's centre lies within the container's footprint (both in base_link)."""
    offset = part.center_B_m[:2] - container.center_B_m[:2]
    c, s = np.cos(container.yaw_B_rad), np.sin(container.yaw_B_rad)
    local = np.array([c * offset[0] + s * offset[1], -s * offset[0] + c * offset[1]])
    return bool(np.all(np.abs(local) <= container.size_m[:2] / 2 - margin_m))


def count_of(scene: SceneSnapshot, color: str) -> int:
    """Number of parts of this colour."""
    return sum(item.kind == "part" and item.color == color for item in scene.objects)


def count_inside(scene: SceneSnapshot, color: str | None, container: SceneObject) -> int:
    """Number of parts of this colour whose centre lies within the container's footprint.

    Shape is left out: a part that lies on its side between walls shows too little of it.

    Args:
        scene: What is seen.
        color: Name; None for any.
        container: Of the scene.
    """
    parts = (item for item in scene.objects if item.kind == "part" and color in (None, item.color))
    return sum(inside(part, container) for part in parts)


def by_track(scene: SceneSnapshot, wanted: SceneObject) -> SceneObject:
    """The scene's object of the same track, or `wanted` itself when the track is gone."""
    return next((item for item in scene.objects if item.track_id == wanted.track_id), wanted)
