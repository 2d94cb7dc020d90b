# SPDX-License-Identifier: Apache-2.0
"""`neuraxis scene`: what stands where for a seed, as JSON or as a picture."""

from __future__ import annotations

import json
from pathlib import Path

from neuraxis_common.errors import ConfigError
from neuraxis_common.robot import compile_urdf, load_profile
from neuraxis_sim.live import load_scene
from neuraxis_sim.scene_types import scene_to_json

HEAD = "head"


def show_scene(
    root: Path, robot: str, name: str, seed: int, as_json: bool, png: Path | None, camera: str
) -> None:
    """Print the scene of a seed, render it, or both.

    Args:
        root: Folder with ``config/`` and ``urdf/``.
        robot: Whose bench it stands on.
        name: Template in ``config/scenes``.
        seed: Draws the scene.
        as_json: Print all of it as one JSON object instead of a list for people.
        png: File to render into.
        camera: ``head`` or a camera of the model.
    """
    if seed < 0:
        raise ConfigError(f"seed must be at least 0, got {seed}")
    profile = load_profile(robot, root)
    scene = load_scene(name, seed, profile, root)
    if as_json:
        print(json.dumps(scene_to_json(scene), ensure_ascii=False))
    elif png is None:
        for item in scene.objects:
            x, y, z = (f"{value:6.3f}" for value in item.xyz_m)
            print(f"{item.name:20s} {item.kind:10s} {x} {y} {z} m  {item.inside}".rstrip())
    if png is not None:
        _render(root, profile, scene, seed, png, camera)


def _render(root: Path, profile, scene, seed: int, png: Path, camera: str) -> None:
    import cv2
    import mujoco

    from neuraxis_sim.model import build_model
    from neuraxis_sim.render import Renderer
    from neuraxis_sim.video import render_still

    robot = build_model(profile, compile_urdf(profile, root), scene)
    qpos = robot.standing_qpos(profile.ready_pose_rad)
    if not png.parent.is_dir():
        raise ConfigError(f"folder '{png.parent}' does not exist")
    if camera == HEAD:
        with Renderer.for_robot(robot.model, profile.camera, scene, seed) as renderer:
            rgb, _ = renderer.rgbd(qpos)
        if not cv2.imwrite(str(png), rgb[..., ::-1]):
            raise ConfigError(f"could not write '{png}'")
        return
    if mujoco.mj_name2id(robot.model, mujoco.mjtObj.mjOBJ_CAMERA, camera) < 0:
        known = [robot.model.camera(i).name for i in range(robot.model.ncam)]
        raise ConfigError(f"unknown camera '{camera}', known: {HEAD}, {', '.join(known)}")
    render_still(robot.model, qpos, png, camera)
