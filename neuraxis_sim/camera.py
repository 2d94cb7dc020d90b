# SPDX-License-Identifier: Apache-2.0
"""Pinhole camera in MuJoCo's world, in optical axes: z forward, x right, y down."""

from __future__ import annotations

import math

import mujoco
import numpy as np
from numpy.typing import NDArray

from neuraxis_common.types import CameraInfo

# MuJoCo's camera looks along -z with y up.
_OPTICAL_IN_MUJOCO = np.diag([1.0, -1.0, -1.0])


def camera_info(fovy_deg: float, width: int, height: int) -> CameraInfo:
    """Intrinsics of a square-pixel camera with the axis through the image centre."""
    focal = height / 2 / math.tan(math.radians(fovy_deg) / 2)
    return CameraInfo(width, height, focal, focal, width / 2, height / 2)


def camera_pose(data: mujoco.MjData, camera_id: int) -> NDArray[np.float64]:
    """T_WC of the optical frame, shape (4, 4); needs `mj_kinematics` and `mj_camlight`."""
    pose = np.eye(4)
    pose[:3, :3] = data.cam_xmat[camera_id].reshape(3, 3) @ _OPTICAL_IN_MUJOCO
    pose[:3, 3] = data.cam_xpos[camera_id]
    return pose


def project(
    info: CameraInfo, T_WC: NDArray[np.float64], points_W: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Pixels, shape (n, 2), and depths in m, shape (n,), of world points, shape (n, 3)."""
    points_C = (points_W - T_WC[:3, 3]) @ T_WC[:3, :3]
    depth = points_C[:, 2]
    with np.errstate(divide="ignore", invalid="ignore"):
        pixels = points_C[:, :2] / depth[:, None] * (info.fx, info.fy) + (info.cx, info.cy)
    return pixels, depth
