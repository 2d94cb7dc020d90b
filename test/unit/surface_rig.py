# SPDX-License-Identifier: Apache-2.0
"""Depth images of boxes in the air and on the floor, for tests of seeing and stepping up."""

from __future__ import annotations

import numpy as np

from neuraxis_common.types import CameraInfo, RgbdFrame

INFO = CameraInfo(320, 240, 190.0, 190.0, 160.0, 120.0)
_TILT_RAD = np.radians(48.0)


def base_at(x=0.0, y=0.0, yaw=0.0, z=0.65):
    """T_OB of an upright base."""
    T = np.eye(4)
    T[:2, :2] = [[np.cos(yaw), -np.sin(yaw)], [np.sin(yaw), np.cos(yaw)]]
    T[:3, 3] = x, y, z
    return T


def table(edge_m=0.66, height_m=0.72, depth_m=0.5, width_m=1.0, yaw=0.0, aside_m=0.0):
    """A slab straight ahead of the origin whose near edge is so far: centre, half sizes, yaw."""
    away = edge_m + depth_m / 2
    c, s = np.cos(yaw), np.sin(yaw)
    centre = np.array([c * away - s * aside_m, s * away + c * aside_m, height_m - 0.02])
    return centre, np.array([depth_m, width_m, 0.04]) / 2, yaw


def thing(x, y, height_m=0.72, size=(0.06, 0.06, 0.08), yaw=0.0):
    """A box that stands at a height."""
    return np.array([x, y, height_m + size[2] / 2]), np.array(size) / 2, yaw


def look(boxes, T_OB, stamp_s=0.0, noise_m=0.0, seed=0):
    """Image of a camera 0.5 m over the base that looks 48 degrees down, over a floor."""
    tilt = _TILT_RAD
    T_BC = np.eye(4)
    T_BC[:3, :3] = np.array([
        [0.0, -np.sin(tilt), np.cos(tilt)],
        [-1.0, 0.0, 0.0],
        [0.0, -np.cos(tilt), -np.sin(tilt)],
    ])  # fmt: skip
    T_BC[:3, 3] = 0.11, 0.0, 0.5
    T_OC = T_OB @ T_BC
    v, u = np.mgrid[0 : INFO.height, 0 : INFO.width]
    x, y = (u + 0.5 - INFO.cx) / INFO.fx, (v + 0.5 - INFO.cy) / INFO.fy
    rays = np.stack([x, y, np.ones(u.shape)], axis=-1) @ T_OC[:3, :3].T
    depth = np.where(rays[..., 2] < 0, -T_OC[2, 3] / rays[..., 2], np.inf)
    for centre, half, yaw in boxes:
        c, s = np.cos(yaw), np.sin(yaw)
        turn = np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]])
        start, along = turn @ (T_OC[:3, 3] - centre), rays @ turn.T
        with np.errstate(divide="ignore"):
            low, high = (-half - start) / along, (half - start) / along
        near, far = np.minimum(low, high).max(axis=-1), np.maximum(low, high).min(axis=-1)
        depth = np.where((near < far) & (near > 0) & (near < depth), near, depth)
    rng = np.random.default_rng(seed)
    depth = depth * (1.0 + noise_m * rng.standard_normal(depth.shape))
    depth = np.where(np.isfinite(depth), depth, 0.0).astype(np.float32)
    rgb = np.zeros((INFO.height, INFO.width, 3), np.uint8)
    return RgbdFrame(stamp_s, rgb, depth, INFO, T_BC)
