# SPDX-License-Identifier: Apache-2.0
"""What the robot's camera sees of a still scene, and cards with text held into that view."""

from __future__ import annotations

import itertools
import os
import textwrap
from dataclasses import dataclass, replace
from pathlib import Path

os.environ.setdefault("MUJOCO_GL", "egl")

import cv2
import mujoco
import numpy as np
from numpy.typing import NDArray

from neuraxis_common.boxes import box_iou
from neuraxis_common.plan import Box
from neuraxis_common.profile import RobotProfile
from neuraxis_common.robot import compile_urdf
from neuraxis_common.types import RgbdFrame
from neuraxis_sim.model import build_model
from neuraxis_sim.render import Renderer
from neuraxis_sim.scene import Scene, generate, load_template

SCENE = "sorting_bench"
# Perception averages sizes over images; the robot waits for as many before it asks.
FRAMES = 3
_FONT, _SCALE, _LINE_PX, _PAD_PX, _COLUMNS = cv2.FONT_HERSHEY_SIMPLEX, 0.5, 18, 8, 22
_STEP_PX = 20


@dataclass(frozen=True)
class Look:
    """A scene, images of it, and where its things are in them."""

    scene: Scene
    frames: tuple[RgbdFrame, ...]
    boxes: tuple[Box, ...]

    def with_card(self, text: str) -> Look:
        """The same with a card that says `text`."""
        frames = (replace(f, rgb=write_on(f.rgb, text, self.boxes)) for f in self.frames)
        return replace(self, frames=tuple(frames))


class Studio:
    """Looks at scenes with one robot, standing at its bench."""

    def __init__(self, profile: RobotProfile, data_root: Path) -> None:
        self._profile = profile
        self._urdf = compile_urdf(profile, data_root)
        self._template = load_template(data_root / "config" / "scenes" / f"{SCENE}.yaml")

    def scene(self, seed: int) -> Scene:
        """The scene of a seed."""
        return generate(self._template, seed, self._profile)

    def look(self, seed: int) -> Look:
        """Render the scene of a seed."""
        scene, profile = self.scene(seed), self._profile
        robot = build_model(profile, self._urdf, scene)
        qpos = robot.standing_qpos(profile.ready_pose_rad)
        data = mujoco.MjData(robot.model)
        data.qpos[:] = qpos
        mujoco.mj_kinematics(robot.model, data)
        base = data.body(profile.base_link)
        T_WB = np.eye(4)
        T_WB[:3, :3], T_WB[:3, 3] = base.xmat.reshape(3, 3), base.xpos
        with Renderer.for_robot(robot.model, profile.camera, scene, seed) as renderer:
            T_BC = np.linalg.inv(T_WB) @ renderer.camera_pose_W(qpos)
            frames = []
            for number in range(FRAMES):
                rgb, depth_m = renderer.rgbd(qpos)
                stamp_s = number / profile.camera.rate_hz
                frames.append(RgbdFrame(stamp_s, rgb.copy(), depth_m.copy(), renderer.info, T_BC))
            boxes = tuple(box.box_px for box in renderer.truth_boxes(qpos, scene))
        return Look(scene, tuple(frames), boxes)


def write_on(rgb: NDArray[np.uint8], text: str, avoid: tuple[Box, ...]) -> NDArray[np.uint8]:
    """A copy with a white card of black text where it covers least of `avoid`."""
    lines = textwrap.wrap(text, _COLUMNS)
    widths = [cv2.getTextSize(line, _FONT, _SCALE, 1)[0][0] for line in lines]
    width, height = max(widths) + 2 * _PAD_PX, len(lines) * _LINE_PX + 2 * _PAD_PX
    rows, columns = rgb.shape[:2]
    corners = itertools.product(
        range(0, max(columns - width, 1), _STEP_PX), range(0, max(rows - height, 1), _STEP_PX)
    )
    x, y = min(corners, key=lambda at: _covered((*at, at[0] + width, at[1] + height), avoid))
    written = np.ascontiguousarray(rgb).copy()
    cv2.rectangle(written, (x, y), (x + width, y + height), (245, 245, 245), cv2.FILLED)
    for number, line in enumerate(lines):
        at = (x + _PAD_PX, y + _PAD_PX + int((number + 0.75) * _LINE_PX))
        cv2.putText(written, line, at, _FONT, _SCALE, (20, 20, 20), 1, cv2.LINE_AA)
    return written


def _covered(card: Box, avoid: tuple[Box, ...]) -> float:
    return sum(box_iou(card, box) for box in avoid)
