# SPDX-License-Identifier: Apache-2.0
"""What a rendered image really shows: boxes, visible share, poses; from the simulator's truth."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from neuraxis_common.types import FloatArray
from neuraxis_field.vision.views import Moment
from neuraxis_sim.camera import camera_pose
from neuraxis_sim.model import RobotModel
from neuraxis_sim.render import Renderer
from neuraxis_sim.scene_types import Scene


@dataclass(frozen=True)
class Truth:
    """One object of the scene in one image.

    Attributes:
        size_m: Outer extents along its own (long side, short side, z).
        box_px: Around its visible pixels, None when none is visible.
        visible: Share of its outline that is seen, in [0, 1].
        T_BP: Its pose in base_link, rows of a 4x4 matrix.
        held: Between fingers.
        inside: Container it lies in, empty for none.
    """

    name: str
    kind: str
    shape: str
    color: str
    size_m: tuple[float, float, float]
    box_px: tuple[float, float, float, float] | None
    visible: float
    T_BP: list[list[float]]
    held: bool
    inside: str

    def to_json(self) -> dict:
        """Plain JSON types."""
        return asdict(self)


def read_truth(
    robot: RobotModel, scene: Scene, renderer: Renderer, moment: Moment
) -> tuple[list[Truth], NDArray[np.uint8], FloatArray]:
    """What the renderer's image of ``moment`` shows.

    Returns:
        The objects of ``scene`` in its order.
        Per pixel the place in that list plus one, 0 for none of them. Shape (h, w).
        T_BC.
    """
    seen = {box.name: box for box in renderer.truth_boxes(moment.qpos, scene)}
    data = mujoco.MjData(robot.model)
    data.qpos[:] = moment.qpos
    mujoco.mj_kinematics(robot.model, data)
    mujoco.mj_camlight(robot.model, data)
    T_BO = np.linalg.inv(_pose(data, robot.profile.base_link))
    T_OC = camera_pose(data, robot.model.camera(robot.profile.camera.frame).id)
    truths = []
    for item in scene.objects:
        box = seen.get(item.name)
        truths.append(Truth(
            name=item.name, kind=item.kind, shape=item.shape, color=item.color,
            size_m=item.size_m, box_px=box.box_px if box else None,
            visible=round(box.visible, 4) if box else 0.0,
            T_BP=(T_BO @ _pose(data, item.name)).round(6).tolist(),
            held=item.name in moment.held, inside=moment.inside.get(item.name, ""),
        ))  # fmt: skip
    rank = np.zeros(robot.model.nbody + 1, dtype=np.uint8)
    for place, item in enumerate(scene.objects, start=1):
        rank[robot.model.body(item.name).id] = place
    return truths, rank[renderer.body_mask(moment.qpos)], T_BO @ T_OC


def _pose(data: mujoco.MjData, body: str) -> NDArray[np.float64]:
    T = np.eye(4)
    T[:3, :3] = data.body(body).xmat.reshape(3, 3)
    T[:3, 3] = data.body(body).xpos
    return T
