# SPDX-License-Identifier: Apache-2.0
"""Writes a scene as a world for Gazebo, and the pose in which a robot comes to stand in it.

python -m neuraxis_sim.gazebo_world --data-root . --robot lingxi_x2 --seed 7 --out world.sdf

The world is ``worlds/empty.sdf`` with what the scene holds, drawn as for MuJoCo: equal template,
seed and robot give equal scenes in both. Beside it, ``<out>.spawn.yaml`` has the robot's pose as
parameters of ros_gz_sim's ``create``.
"""

from __future__ import annotations

import argparse
import math
import sys
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import yaml

from neuraxis_common.errors import ConfigError
from neuraxis_common.robot import RobotProfile, compile_urdf, load_profile
from neuraxis_common.shapes import SHAPES
from neuraxis_sim.clutter import ROUND
from neuraxis_sim.live import load_scene
from neuraxis_sim.model import build_model
from neuraxis_sim.scene_containers import walls
from neuraxis_sim.scene_types import BenchTop, ClutterItem, Rgb, Scene, SceneItem

WORLD = "neuraxis"
EMPTY = "empty"
# Soles that start inside the floor are thrown out of it.
CLEARANCE_M = 0.001
_SLAB_M = 0.035
_SENSORS = {"filename": "gz-sim-sensors-system", "name": "gz::sim::systems::Sensors"}
_STEEL: Rgb = (0.23, 0.25, 0.28)
_INSET_M = 0.0003


def gazebo_world(empty_sdf: str, scene: Scene | None, cameras: bool) -> str:
    """The world of `empty_sdf` with a scene in it.

    Args:
        empty_sdf: Text of ``worlds/empty.sdf``.
        scene: What stands around the robot; None for nothing.
        cameras: Whether cameras render, which Gazebo may have been built without.
    """
    root = ET.fromstring(empty_sdf)
    world = root.find("world")
    if cameras:
        plugin = ET.Element("plugin", _SENSORS)
        _text(plugin, "render_engine", "ogre2")
        last = max(i for i, child in enumerate(world) if child.tag == "plugin")
        world.insert(last + 1, plugin)
    if scene is not None:
        _add_bench(world, scene.bench, scene.look.bench.rgb)
        for item in scene.objects:
            add = _add_part if item.kind == "part" else _add_container
            add(world, item)
        for thing in scene.clutter:
            _add_clutter(world, thing)
    ET.indent(root)
    return '<?xml version="1.0"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def standing_pose(profile: RobotProfile, data_root: Path) -> dict[str, float]:
    """Pose of base_link with the soles on the floor in the ready pose: x, y, z, R, P, Y."""
    robot = build_model(profile, compile_urdf(profile, data_root))
    first = robot.base_qpos_adr
    x, y, z, *quat = map(float, robot.standing_qpos(profile.ready_pose_rad)[first : first + 7])
    roll, pitch, yaw = _rpy(*quat)
    return {"x": x, "y": y, "z": z + CLEARANCE_M, "R": roll, "P": pitch, "Y": yaw}


def _rpy(w: float, x: float, y: float, z: float) -> tuple[float, float, float]:
    return (
        math.atan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y)),
        math.asin(float(np.clip(2 * (w * y - z * x), -1.0, 1.0))),
        math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z)),
    )


def _text(parent: ET.Element, tag: str, value: object) -> ET.Element:
    element = ET.SubElement(parent, tag)
    element.text = str(value)
    return element


def _numbers(values: Sequence[float]) -> str:
    return " ".join(f"{value:.6g}" for value in values)


def _model(
    world: ET.Element, name: str, xyz: Sequence[float], yaw: float = 0.0, static: bool = True
) -> ET.Element:
    model = ET.SubElement(world, "model", name=name)
    _text(model, "static", str(static).lower())
    _text(model, "pose", _numbers([*xyz, 0.0, 0.0, yaw]))
    return ET.SubElement(model, "link", name="link")


def _box(size: Sequence[float]) -> ET.Element:
    geometry = ET.Element("geometry")
    _text(ET.SubElement(geometry, "box"), "size", _numbers(size))
    return geometry


def _round(kind: str, radius: float, length: float) -> ET.Element:
    geometry = ET.Element("geometry")
    shape = ET.SubElement(geometry, kind)
    _text(shape, "radius", f"{radius:.6g}")
    _text(shape, "length", f"{length:.6g}")
    return geometry


def _add_solid(
    link: ET.Element,
    geometry: ET.Element,
    rgb: Rgb,
    pose: Sequence[float] = (0.0,) * 6,
    friction: float = 0.7,
) -> None:
    """One collision and the visual of the same shape."""
    index = len(link.findall("collision"))
    for kind in ("collision", "visual"):
        element = ET.SubElement(link, kind, name=f"{kind}_{index}")
        _text(element, "pose", _numbers(pose))
        element.append(geometry)
    ode = ET.SubElement(
        ET.SubElement(ET.SubElement(link.findall("collision")[-1], "surface"), "friction"), "ode"
    )
    _text(ode, "mu", friction)
    _text(ode, "mu2", friction)
    material = ET.SubElement(link.findall("visual")[-1], "material")
    for tag in ("ambient", "diffuse"):
        _text(material, tag, _numbers([*rgb, 1.0]))


def _add_bench(world: ET.Element, bench: BenchTop, rgb: Rgb) -> None:
    link = _model(world, "bench", (bench.near_edge_x_m + bench.depth_m / 2, 0.0, 0.0))
    top = (0.0, 0.0, bench.height_m - _SLAB_M / 2, 0.0, 0.0, 0.0)
    _add_solid(link, _box((bench.depth_m, bench.width_m, _SLAB_M)), rgb, top)
    leg = bench.height_m - _SLAB_M
    for x in (-1, 1):
        for y in (-1, 1):
            at = (x * (bench.depth_m / 2 - 0.05), y * (bench.width_m / 2 - 0.06), leg / 2)
            _add_solid(link, _box((0.05, 0.05, leg)), _STEEL, (*at, 0.0, 0.0, 0.0))


def _box_moments(x: float, y: float, z: float) -> tuple[float, float, float]:
    """Moments of inertia of a box per unit of mass."""
    return (y * y + z * z) / 12, (x * x + z * z) / 12, (x * x + y * y) / 12


def _add_part(world: ET.Element, item: SceneItem) -> None:
    link = _model(world, item.name, item.xyz_m, item.yaw_rad, static=False)
    length, width, height = item.size_m
    solids, moments = [(_box(item.size_m), 0.0)], _box_moments(*item.size_m)
    outline = SHAPES[item.shape].outline
    if outline == "circle":
        solids = [(_round("cylinder", length / 2, height), 0.0)]
        across = length**2 / 16 + height**2 / 12
        moments = (across, across, length**2 / 8)
    elif outline == "hexagon":
        # Three slabs whose union is the prism; one stands out so that only it bears.
        side = width / math.sqrt(3)
        solids = [
            (_box((side, width, height - (2 * _INSET_M if turn else 0.0))), turn * math.pi / 3)
            for turn in range(3)
        ]
        a, b, along = _box_moments(side, width, height)
        moments = ((a + b) / 2, (a + b) / 2, along)
    inertial = ET.SubElement(link, "inertial")
    _text(inertial, "mass", f"{item.mass_kg:.6g}")
    tensor = ET.SubElement(inertial, "inertia")
    for tag, value in zip(("ixx", "iyy", "izz"), moments, strict=True):
        _text(tensor, tag, f"{item.mass_kg * value:.6g}")
    for geometry, yaw in solids:
        _add_solid(link, geometry, item.rgb, (0, 0, 0, 0, 0, yaw), item.friction)


def _add_container(world: ET.Element, item: SceneItem) -> None:
    link = _model(world, item.name, item.xyz_m, item.yaw_rad)
    for at, half in walls(item):
        size = tuple(2 * value for value in half)
        _add_solid(link, _box(size), item.rgb, (*at, 0, 0, 0), item.friction)


def _add_clutter(world: ET.Element, thing: ClutterItem) -> None:
    link = _model(world, thing.name, thing.xyz_m, thing.yaw_rad)
    length, _, height = thing.size_m
    if thing.kind in ROUND:
        _add_solid(link, _round("cylinder", length / 2, height), thing.rgb)
    elif thing.kind == "pen":
        lying = (0.0, 0.0, 0.0, 0.0, math.pi / 2, 0.0)
        _add_solid(link, _round("capsule", height / 2, length - height), thing.rgb, lying)
    else:
        _add_solid(link, _box(thing.size_m), thing.rgb)


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-root", type=Path, required=True)
    parser.add_argument("--robot", required=True)
    parser.add_argument("--scene", default="sorting_bench", help=f"'{EMPTY}' for the floor alone")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cameras", choices=("true", "false"), default="true")
    parser.add_argument("--out", type=Path, required=True, help="a .sdf file; its folder is made")
    options = parser.parse_args()
    root = options.data_root
    try:
        profile = load_profile(options.robot, root)
        scene = None
        if options.scene != EMPTY:
            scene = load_scene(options.scene, options.seed, profile, root)
        empty = (root / "worlds" / "empty.sdf").read_text(encoding="utf-8")
        spawn = {"world": WORLD, "name": options.robot, **standing_pose(profile, root)}
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(gazebo_world(empty, scene, options.cameras == "true"), "utf-8")
        parameters = yaml.safe_dump({"/**": {"ros__parameters": spawn}})
        options.out.with_suffix(".spawn.yaml").write_text(parameters, "utf-8")
    except (ConfigError, OSError) as error:
        print(f"gazebo_world: {error}", file=sys.stderr)
        return 2
    print(f"{options.robot} at {options.scene}, seed {options.seed}: {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
