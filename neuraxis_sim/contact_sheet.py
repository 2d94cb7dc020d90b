# SPDX-License-Identifier: Apache-2.0
"""Draws one scene of every place for the docs: from the side, and by the robot's own camera.

MUJOCO_GL=egl python -m neuraxis_sim.contact_sheet --data-root . --out docs/scenes.jpg
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import cv2
import numpy as np

from neuraxis_common.errors import ConfigError
from neuraxis_common.robot import RobotProfile, compile_urdf, load_profile
from neuraxis_sim.live import load_scene
from neuraxis_sim.model import build_model
from neuraxis_sim.render import Renderer
from neuraxis_sim.scene_build import OVERVIEW_CAMERA

# Scenes in which most of what a place has happens to stand on the bench.
PLACES = ("assembly_line:4", "parcel_packing:36", "retail_shelf:32", "kitchen_counter:16",
          "home_tidying:26", "care_bedside:13")  # fmt: skip
_WIDTH, _COLUMNS, _QUALITY = 440, 3, 80
_STRIP_PX = 26


def draw_place(place: str, profile: RobotProfile, urdf_xml: str, data_root: Path) -> np.ndarray:
    """Both views of ``name:seed``, one above the other, with the name over them."""
    name, _, seed = place.partition(":")
    scene = load_scene(name, int(seed or 0), profile, data_root)
    robot = build_model(profile, urdf_xml, scene)
    qpos = robot.standing_qpos(profile.ready_pose_rad)
    size = (2 * _WIDTH, 2 * _WIDTH * 9 // 16)
    with Renderer(robot.model, OVERVIEW_CAMERA, *size, style="shadows") as renderer:
        side = renderer.view(qpos, OVERVIEW_CAMERA)
    with Renderer.for_robot(robot.model, profile.camera, scene, scene.seed) as renderer:
        own = renderer.rgbd(qpos)[0]
    views = [_fitted(image) for image in (side, own)]
    strip = np.full((_STRIP_PX, _WIDTH, 3), 255, np.uint8)
    at = (8, _STRIP_PX - 8)
    cv2.putText(strip, name, at, cv2.FONT_HERSHEY_SIMPLEX, 0.5, (40, 40, 40), 1, cv2.LINE_AA)
    return np.vstack([strip, *views])


def _fitted(image: np.ndarray) -> np.ndarray:
    height = round(image.shape[0] * _WIDTH / image.shape[1])
    return cv2.resize(image, (_WIDTH, height), interpolation=cv2.INTER_AREA)


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-root", type=Path, required=True)
    parser.add_argument("--robot", default="lingxi_x2")
    parser.add_argument("--places", nargs="+", default=PLACES, help="template:seed of each")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    try:
        profile = load_profile(options.robot, options.data_root)
        urdf_xml = compile_urdf(profile, options.data_root)
        cells = [draw_place(p, profile, urdf_xml, options.data_root) for p in options.places]
    except (ConfigError, ValueError) as error:
        print(f"contact_sheet: {error}", file=sys.stderr)
        return 2
    cells += [np.full_like(cells[0], 255)] * (-len(cells) % _COLUMNS)
    rows = [np.hstack(cells[k : k + _COLUMNS]) for k in range(0, len(cells), _COLUMNS)]
    sheet = np.vstack(rows)[..., ::-1]
    if not cv2.imwrite(str(options.out), sheet, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY]):
        print(f"contact_sheet: could not write {options.out}", file=sys.stderr)
        return 2
    print(f"{len(options.places)} places: {options.out}, {options.out.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
