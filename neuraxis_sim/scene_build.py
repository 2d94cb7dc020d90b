# SPDX-License-Identifier: Apache-2.0
"""Puts a scene into a MuJoCo world: bench, items, clutter, room and lights.

Bodies carry the names of the items; parts hang on a free joint ``<name>_free``, containers and
clutter are fixed. Geom group 3 is collision only, group 2 is visual only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import mujoco
import numpy as np
from numpy.typing import NDArray

from neuraxis_common.shapes import SHAPES
from neuraxis_sim.clutter import add_clutter
from neuraxis_sim.furniture import add_piece
from neuraxis_sim.geoms import add_mesh, add_paint, visual, yaw_quat
from neuraxis_sim.scene_containers import lips, open_walls, walls
from neuraxis_sim.scene_types import (
    BenchTop,
    Rgb,
    Room,
    Scene,
    SceneItem,
    SurfaceLook,
)
from neuraxis_sim.shade import add_shade, add_shade_material
from neuraxis_sim.shapes import part_meshes
from neuraxis_sim.textures import SIZE_PX, surface_texture

SLAB_M = 0.035
OVERVIEW_CAMERA = "third_person"
CLOSE_CAMERA = "bench_close"
_WALL_M = 2.8
_SIXTH = math.pi / 3
_INSET_M = 0.0003
_CAP: Rgb = (0.93, 0.93, 0.90)
_METAL: Rgb = (0.70, 0.71, 0.74)
_CARD: Rgb = (0.93, 0.87, 0.75)
_BOX = mujoco.mjtGeom.mjGEOM_BOX
_PLANE = mujoco.mjtGeom.mjGEOM_PLANE
_MESH = mujoco.mjtGeom.mjGEOM_MESH
_CYLINDER = mujoco.mjtGeom.mjGEOM_CYLINDER


def add_scene(scene: Scene, spec: mujoco.MjSpec) -> None:
    """Add everything of `scene`; a geom ``floor`` already there is kept and takes the look."""
    _add_lights(scene, spec)
    add_shade_material(spec)
    _add_room(scene, spec)
    _add_bench(scene.bench, scene.look.bench, spec)
    for item in scene.objects:
        add = _add_part if item.kind == "part" else _add_container
        add(item, spec)
    for thing in scene.clutter:
        add_clutter(thing, spec)
    for piece in scene.furniture:
        add_piece(piece, spec)
    _add_cameras(scene.bench, scene.room != Room(), spec)


def _add_lights(scene: Scene, spec: mujoco.MjSpec) -> None:
    look = scene.look
    for light in list(spec.lights):
        spec.delete(light)
    head = spec.visual.headlight
    head.ambient, head.diffuse, head.specular = look.ambient_rgb, [0.16] * 3, [0.0] * 3
    # Software rendering: multisampling and fine tessellation cost more than they show.
    quality = spec.visual.quality
    quality.offsamples, quality.shadowsize = 0, 2048
    quality.numslices, quality.numstacks, quality.numquads = 16, 8, 1
    spec.visual.map.shadowclip = 1.0
    spec.visual.map.zfar = 12.0
    spec.stat.extent, spec.stat.center = 1.6, [0.3, 0.0, 0.7]
    target = np.array([scene.bench.near_edge_x_m + 0.2, 0.0, 0.8])
    key = np.asarray(look.light_dir)
    fill = np.array([-key[0], -key[1], key[2]])
    for name, direction, strength, shadow in (("key", key, 1.0, True), ("fill", fill, 0.35, False)):
        spec.worldbody.add_light(
            name=f"light_{name}", type=mujoco.mjtLightType.mjLIGHT_DIRECTIONAL,
            pos=target - 3.0 * direction / np.linalg.norm(direction), dir=direction,
            diffuse=np.asarray(look.light_rgb) * strength, ambient=[0, 0, 0],
            specular=[0.25 * strength] * 3, castshadow=shadow,
        )  # fmt: skip


def _surface_material(
    spec: mujoco.MjSpec, name: str, look: SurfaceLook, repeat: tuple[float, float], **optics: float
) -> str:
    if look.finish == "plain":
        spec.add_material(name=name, rgba=[*look.rgb, 1], **optics)
        return name
    texture = spec.add_texture(
        name=name, type=mujoco.mjtTexture.mjTEXTURE_2D, width=SIZE_PX, height=SIZE_PX, nchannel=3
    )
    texture.data = surface_texture(look).tobytes()
    textures = [""] * int(mujoco.mjtTextureRole.mjNTEXROLE)
    textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = name
    spec.add_material(name=name, textures=textures, texrepeat=repeat, **optics)
    return name


def _add_room(scene: Scene, spec: mujoco.MjSpec) -> None:
    floor = _surface_material(spec, "floor", scene.look.floor, (8, 8), specular=0.1)
    wall = _surface_material(spec, "wall", scene.look.wall, (3, 2), specular=0.0)
    geom = spec.geom("floor")
    if geom is None:
        geom = spec.worldbody.add_geom(name="floor", type=_PLANE)
    # MuJoCo takes a colour other than this default of its own before that of the material.
    geom.size, geom.material, geom.rgba = [5.0, 5.0, 0.1], floor, [0.5, 0.5, 0.5, 1]
    (x0, x1), (y0, y1), z = scene.room.x_m, scene.room.y_m, _WALL_M / 2
    half = math.sqrt(0.5)
    walls = (
        ((x1, (y0 + y1) / 2, z), (half, 0, -half, 0), (z, (y1 - y0) / 2)),
        ((x0, (y0 + y1) / 2, z), (half, 0, half, 0), (z, (y1 - y0) / 2)),
        (((x0 + x1) / 2, y1, z), (half, half, 0, 0), ((x1 - x0) / 2, z)),
        (((x0 + x1) / 2, y0, z), (half, -half, 0, 0), ((x1 - x0) / 2, z)),
    )
    for index, (pos, quat, size) in enumerate(walls):
        spec.worldbody.add_geom(
            **visual(name=f"wall_{index}", type=_PLANE, pos=pos, quat=quat, size=[*size, 0.1]),
            material=wall,
        )


def _add_bench(bench: BenchTop, look: SurfaceLook, spec: mujoco.MjSpec) -> None:
    top = _surface_material(spec, "bench", look, (1, 1), specular=0.25, shininess=0.4)
    spec.add_material(name="steel", rgba=[0.23, 0.25, 0.28, 1], specular=0.4, shininess=0.5)
    edge = [*(value * 0.72 for value in look.rgb), 1]
    x, half_x, half_y = (
        bench.near_edge_x_m + bench.depth_m / 2,
        bench.depth_m / 2,
        bench.width_m / 2,
    )
    body = spec.worldbody.add_body(name="bench", pos=[x, 0, 0])
    slab_z = bench.height_m - SLAB_M / 2
    body.add_geom(
        name="bench_top", type=_BOX, pos=[0, 0, slab_z], size=[half_x, half_y, SLAB_M / 2],
        material=top, friction=[0.7, 0.005, 0.0001], condim=3,
    )  # fmt: skip
    for index, (dx, dy, sx, sy) in enumerate(
        ((half_x, 0, 0.0006, half_y), (-half_x, 0, 0.0006, half_y),
         (0, half_y, half_x, 0.0006), (0, -half_y, half_x, 0.0006))
    ):  # fmt: skip
        body.add_geom(**visual(name=f"bench_edge_{index}", type=_BOX, pos=[dx, dy, slab_z],
                                size=[sx, sy, SLAB_M / 2 - 0.002], rgba=edge))  # fmt: skip
    add_shade(body, "bench_shade", (0, 0, 0.002), (half_x + 0.25, half_y + 0.25), 0.45)
    leg = (bench.height_m - SLAB_M) / 2
    for sign_y in (-1, 1):
        y = sign_y * (half_y - 0.06)
        for sign_x in (-1, 1):
            body.add_geom(
                name=f"bench_leg_{sign_x}_{sign_y}", type=_BOX, material="steel",
                pos=[sign_x * (half_x - 0.05), y, leg], size=[0.025, 0.025, leg],
            )  # fmt: skip
        body.add_geom(name=f"bench_beam_{sign_y}", type=_BOX, material="steel",
                      pos=[0, y, 0.16], size=[half_x - 0.075, 0.015, 0.02])  # fmt: skip
    body.add_geom(name="bench_rail", type=_BOX, material="steel",
                  pos=[half_x - 0.05, 0, bench.height_m - SLAB_M - 0.04],
                  size=[0.012, half_y - 0.085, 0.03])  # fmt: skip


def _tone(name: str, rgb: Rgb) -> Rgb:
    """Colour of what is not painted in a part's own colour `rgb`."""
    if name == "tape":
        red, green, blue = (0.35 * own + 0.65 * card for own, card in zip(rgb, _CARD, strict=True))
        return red, green, blue
    if name == "lining":
        return 0.62 * rgb[0], 0.62 * rgb[1], 0.62 * rgb[2]
    return {"cap": _CAP, "metal": _METAL}[name]


def _add_part(item: SceneItem, spec: mujoco.MjSpec) -> None:
    body = spec.worldbody.add_body(name=item.name, pos=item.xyz_m, quat=yaw_quat(item.yaw_rad))
    body.add_freejoint(name=f"{item.name}_free")
    paint = add_paint(spec, item.name, item.rgb)
    for index, (tone, mesh) in enumerate(part_meshes(item.shape, item.size_m).items()):
        name = f"{item.name}_{tone}" if index else item.name
        look = {"material": paint} if tone == "body" else {"rgba": [*_tone(tone, item.rgb), 1]}
        body.add_geom(**visual(name=f"{name}_look", type=_MESH,
                                meshname=add_mesh(spec, name, mesh), **look))  # fmt: skip
    length, width, height = (value / 2 for value in item.size_m)
    outline = SHAPES[item.shape].outline
    solids: list[tuple[object, list[float], float]] = [(_BOX, [length, width, height], 0.0)]
    if outline == "circle":
        solids = [(_CYLINDER, [length, height, 0], 0.0)]
    elif outline == "hexagon":
        # Three slabs whose union is the hexagonal prism; one stands out so that only it bears.
        solids = [
            (
                _BOX,
                [width / math.sqrt(3), width, height - (_INSET_M if turn else 0.0)],
                turn * _SIXTH,
            )
            for turn in range(3)
        ]
    for index, (kind, size, yaw) in enumerate(solids):
        body.add_geom(
            name=f"{item.name}_{index}", type=kind, size=size, quat=yaw_quat(yaw), group=3,
            mass=item.mass_kg / len(solids), friction=[item.friction, 0.005, 0.0001], condim=3,
            solref=[0.004, 1.0], rgba=[*item.rgb, 1],
        )  # fmt: skip


def _add_container(item: SceneItem, spec: mujoco.MjSpec) -> None:
    body = spec.worldbody.add_body(name=item.name, pos=item.xyz_m, quat=yaw_quat(item.yaw_rad))
    paint = add_paint(spec, item.name, item.rgb, gloss=0.2)
    mesh = open_walls(item)
    seen: dict[str, object] = {"material": paint} if mesh is None else {"group": 3}
    for index, (pos, size) in enumerate(walls(item)):
        body.add_geom(
            name=f"{item.name}_{index}", type=_BOX, pos=pos, size=size, condim=3,
            friction=[item.friction, 0.005, 0.0001], solref=[0.004, 1.0], **seen,
        )  # fmt: skip
    a, b, c = (value / 2 for value in item.size_m)
    add_shade(body, f"{item.name}_shade", (0, 0, 0.0006 - c), (a + 0.05, b + 0.05), 0.7)
    for index, (pos, size) in enumerate(lips(item)):
        body.add_geom(**visual(name=f"{item.name}_lip_{index}", type=_BOX, pos=pos, size=size,
                                material=paint))  # fmt: skip
    if mesh is not None:
        body.add_geom(**visual(name=f"{item.name}_look", type=_MESH, material=paint,
                                meshname=add_mesh(spec, item.name, mesh)))  # fmt: skip


def _add_cameras(bench: BenchTop, roomy: bool, spec: mujoco.MjSpec) -> None:
    # The higher the bench, the taller the robot behind it.
    x, z = bench.near_edge_x_m, bench.height_m
    far, side, up = 0.36 + z, -(0.32 + 0.86 * z), 0.30 + 0.79 * z
    overview = ((x + far, side, z + up), (x - 0.02, 0.02, 1.12 * z), 47.0)
    if roomy:
        # Where a robot walks about, the view holds its way.
        overview = ((x + far + 0.5, side - 0.5, z + up + 0.55), (x - 0.8, 0.6, 0.9 * z), 45.0)
    views = (
        (OVERVIEW_CAMERA, *overview),
        (CLOSE_CAMERA, (x + 0.75, -0.55, z + 0.60), (x + 0.14, 0.0, z), 40.0),
    )
    for name, eye, target, fovy in views:
        spec.worldbody.add_camera(name=name, pos=eye, quat=look_at_quat(eye, target), fovy=fovy)


def look_at_quat(eye: Sequence[float], target: Sequence[float]) -> NDArray[np.float64]:
    """Orientation (w, x, y, z) of a MuJoCo camera at `eye` that sees `target` upright."""
    back = np.subtract(eye, target)
    right = np.cross([0.0, 0.0, 1.0], back)
    up = np.cross(back, right)
    axes = np.stack([axis / np.linalg.norm(axis) for axis in (right, up, back)], axis=1)
    quat = np.empty(4)
    mujoco.mju_mat2Quat(quat, axes.ravel())
    return quat
