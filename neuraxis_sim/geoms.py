# SPDX-License-Identifier: Apache-2.0
"""What everything that is added to a MuJoCo world needs: meshes, paints, geoms only to look at."""

from __future__ import annotations

import math

import mujoco

from neuraxis_sim.scene_types import Rgb
from neuraxis_sim.shapes import Mesh


def visual(**kwargs: object) -> dict[str, object]:
    """Arguments of a geom that is seen and touches nothing."""
    return {"contype": 0, "conaffinity": 0, "group": 2, "mass": 0.0} | kwargs


def add_mesh(spec: mujoco.MjSpec, name: str, mesh: Mesh) -> str:
    """Add a mesh under a name, and give the name back."""
    spec.add_mesh(
        name=name, uservert=mesh.points.ravel(), usernormal=mesh.normals.ravel(),
        userface=mesh.faces.ravel(), userfacenormal=mesh.faces.ravel(),
    )  # fmt: skip
    return name


def add_paint(spec: mujoco.MjSpec, name: str, rgb: Rgb, gloss: float = 0.35) -> str:
    """Add a material of one colour, and give its name back."""
    spec.add_material(name=name, rgba=[*rgb, 1], specular=gloss, shininess=0.45)
    return name


def yaw_quat(yaw_rad: float) -> list[float]:
    """Orientation (w, x, y, z) of a turn about z."""
    return [math.cos(yaw_rad / 2), 0, 0, math.sin(yaw_rad / 2)]
