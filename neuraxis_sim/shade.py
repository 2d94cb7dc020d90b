# SPDX-License-Identifier: Apache-2.0
"""Soft contact shade: dark patches on floor and bench under what stands or hovers there.

It gives pictures the depth that shadow mapping gives, at a hundredth of the cost in software
rendering. The robot's camera does not see it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import mujoco
import numpy as np

SHADE_GROUP = 5
_MATERIAL = "shade"
_SIZE_PX = 64
_LIFT_M = 0.0008
_FADE_M = 0.07
_PART_STRENGTH = 0.85
_ROBOT_CASTERS = {
    "left_sole": (0.10, 0.16, 0.7),
    "right_sole": (0.10, 0.16, 0.7),
    "left_tcp": (0.06, 0.06, 0.5),
    "right_tcp": (0.06, 0.06, 0.5),
}


def add_shade_material(spec: mujoco.MjSpec) -> None:
    """Add the black texture whose alpha fades towards the rim."""
    texture = spec.add_texture(
        name=_MATERIAL,
        type=mujoco.mjtTexture.mjTEXTURE_2D,
        width=_SIZE_PX,
        height=_SIZE_PX,
        nchannel=4,
    )
    axis = np.abs(np.linspace(-1, 1, _SIZE_PX))
    # The fourth-power norm makes a rounded square, between the blots of a disc and of a box.
    reach = np.minimum((axis[:, None] ** 4 + axis[None, :] ** 4) ** 0.25, 1)
    pixels = np.zeros((_SIZE_PX, _SIZE_PX, 4), np.uint8)
    pixels[..., 3] = 255 * (0.5 + 0.5 * np.cos(math.pi * reach)) ** 1.2
    texture.data = pixels.tobytes()
    textures = [""] * int(mujoco.mjtTextureRole.mjNTEXROLE)
    textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = _MATERIAL
    spec.add_material(name=_MATERIAL, textures=textures, specular=0.0, rgba=[1, 1, 1, 0.99])


def add_shade(
    body: mujoco.MjsBody, name: str, pos_m: Sequence[float], half_m: Sequence[float], alpha: float
) -> None:
    """Add a fixed patch facing up, `half_m` being its half extents along x and y."""
    body.add_geom(
        name=name, type=mujoco.mjtGeom.mjGEOM_PLANE, pos=pos_m, size=[*half_m, 0.01],
        material=_MATERIAL, rgba=[1, 1, 1, alpha], group=SHADE_GROUP, contype=0, conaffinity=0,
        mass=0.0,
    )  # fmt: skip


class Shade:
    """Patches under the moving things of one model, added to every drawn frame."""

    def __init__(self, model: mujoco.MjModel) -> None:
        self._model = model
        self._material = model.material(_MATERIAL).id
        top = model.geom("bench_top")
        self._bench = (model.body("bench").pos + top.pos)[:2], top.size[:2]
        self._bench_m = float(top.pos[2] + top.size[2])
        self._casters = self._parts() + [
            (model.body(name).id, half_x, half_y, strength, 0.0)
            for name, (half_x, half_y, strength) in _ROBOT_CASTERS.items()
            if mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_BODY, name) >= 0
        ]

    def add_to(self, scene: mujoco.MjvScene, data: mujoco.MjData) -> None:
        """Append the patches for the pose in `data`."""
        for body, half_x, half_y, strength, bottom in self._casters:
            position = data.xpos[body]
            on_bench = bool((np.abs(position[:2] - self._bench[0]) < self._bench[1]).all())
            ground = self._bench_m if on_bench and position[2] > self._bench_m - 0.02 else 0.0
            height = max(position[2] - bottom - ground, 0.0)
            alpha = strength * math.exp(-height / _FADE_M)
            if alpha < 0.03 or scene.ngeom >= scene.maxgeom:
                continue
            spread = 1.75 + 2.0 * height
            size = np.array([half_x * spread, half_y * spread, 0.01])
            heading = data.xmat[body].reshape(3, 3)[:2, 0]
            turn = math.atan2(heading[1], heading[0])
            cos, sin = math.cos(turn), math.sin(turn)
            frame = np.array([cos, -sin, 0, sin, cos, 0, 0, 0, 1], dtype=float)
            geom = scene.geoms[scene.ngeom]
            mujoco.mjv_initGeom(
                geom, mujoco.mjtGeom.mjGEOM_PLANE, size,
                np.array([position[0], position[1], ground + _LIFT_M]), frame,
                np.array([1, 1, 1, alpha], dtype=np.float32),
            )  # fmt: skip
            geom.matid = self._material
            geom.transparent = 1
            scene.ngeom += 1

    def _parts(self) -> list[tuple[int, float, float, float, float]]:
        """Bodies that hang directly on a free joint and carry one drawn mesh."""
        model, casters = self._model, []
        for joint in np.flatnonzero(model.jnt_type == mujoco.mjtJoint.mjJNT_FREE):
            body = int(model.jnt_bodyid[joint])
            name = model.body(body).name
            geom = mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_GEOM, f"{name}_0")
            if geom >= 0:
                half = model.geom_aabb[geom, 3:]
                casters.append((body, half[0], half[1], _PART_STRENGTH, half[2]))
        return casters
