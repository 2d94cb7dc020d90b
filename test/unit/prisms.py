# SPDX-License-Identifier: Apache-2.0
"""Exact depth images of convex prisms on a plane, by casting every pixel's ray."""

import math
from dataclasses import dataclass, field

import numpy as np

from neuraxis_common.shapes import SHAPES
from neuraxis_common.types import CameraInfo, RgbdFrame
from perception_node.detector import Detection

INFO = CameraInfo(640, 480, 377.0, 377.0, 320.0, 240.0)


@dataclass(frozen=True)
class Prism:
    """Upright prism in base_link; z is the height of its underside above the bench."""

    shape: str
    size_m: tuple[float, float, float]
    xy_m: tuple[float, float]
    yaw_rad: float = 0.0
    z_m: float = 0.0
    color: str = "red"
    kind: str = "part"


@dataclass
class Table:
    """A bench at a height in base_link, seen by a camera that looks forward and down."""

    prisms: list[Prism]
    height_m: float = 0.1
    pitch_deg: float = 40.0
    lean_deg: float = 0.0
    T_BC: np.ndarray = field(init=False)

    def __post_init__(self):
        down = math.radians(self.pitch_deg)
        forward = np.array([math.cos(down), 0.0, -math.sin(down)])
        right = np.array([0.0, -1.0, 0.0])
        self.T_BC = np.eye(4)
        self.T_BC[:3, :3] = np.stack([right, np.cross(forward, right), forward], axis=1)
        self.T_BC[:3, 3] = (0.05, 0.0, self.height_m + 0.5)

    @property
    def R_BP(self):
        """Bench axes in base_link: the bench leans about y."""
        c, s = math.cos(math.radians(self.lean_deg)), math.sin(math.radians(self.lean_deg))
        return np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])

    def center_B(self, prism):
        point = np.array([*prism.xy_m, self.height_m + prism.z_m + prism.size_m[2] / 2])
        return self.R_BP @ point

    def shoot(self, stamp_s=0.0, noise_m=0.0, seed=0):
        """(frame, id image): ids are the prism's place plus one, 0 for the bench, -1 for none."""
        v, u = np.mgrid[0 : INFO.height, 0 : INFO.width] + 0.5
        rays_C = np.stack([(u - INFO.cx) / INFO.fx, (v - INFO.cy) / INFO.fy, np.ones_like(u)], -1)
        rays = rays_C.reshape(-1, 3) @ (self.R_BP.T @ self.T_BC[:3, :3]).T
        eye = self.R_BP.T @ self.T_BC[:3, 3]
        depth = np.full(len(rays), np.inf)
        ids = np.full(len(rays), -1)
        bench = (self.height_m - eye[2]) / rays[:, 2]
        hit = (rays[:, 2] < 0) & (bench * np.linalg.norm(rays[:, :2], axis=1) < 1.0)
        depth[hit], ids[hit] = bench[hit], 0
        for place, prism in enumerate(self.prisms, start=1):
            near = _cast(prism, self.height_m, eye, rays)
            closer = near < depth
            depth[closer], ids[closer] = near[closer], place
        depth[~np.isfinite(depth)] = 0.0
        depth += (depth > 0) * np.random.default_rng(seed).normal(0, noise_m, len(depth))
        shape = (INFO.height, INFO.width)
        ids = ids.reshape(shape)
        rgb = np.full((*shape, 3), 120, np.uint8) + (ids[..., None] * 10).astype(np.uint8)
        frame = RgbdFrame(stamp_s, rgb, depth.reshape(shape).astype(np.float32), INFO, self.T_BC)
        return frame, ids

    def detections(self, ids, sizes=True):
        """What a perfect detector says; prisms of which nothing is seen are left out."""
        found = []
        for place, prism in enumerate(self.prisms, start=1):
            rows, columns = np.nonzero(ids == place)
            if len(rows):
                box = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
                found.append(
                    Detection(
                        prism.kind, prism.shape, prism.color, 0.99,
                        tuple(float(value) for value in box),
                        size_m=prism.size_m if sizes else None, mask=PixelMask(ids == place),
                    )
                )  # fmt: skip
        return tuple(found)


@dataclass(frozen=True)
class PixelMask:
    """A mask at full resolution."""

    pixels: np.ndarray

    def render(self, box_px):
        x0, y0, x1, y1 = box_px
        return self.pixels[y0:y1, x0:x1].astype(np.float32)


def _cast(prism, bench_m, eye, rays):
    """Distance along each ray to a convex prism, inf where it misses: cut by half-spaces."""
    long, short, height = prism.size_m
    outline = SHAPES[prism.shape].outline
    sides = {"circle": 48, "hexagon": 6}.get(outline, 4)
    turn = np.arange(sides) * 2 * math.pi / sides
    reach = np.full(sides, short / 2)
    if outline == "hexagon":
        turn += math.pi / 6
    elif sides == 4:
        reach = np.array([long, short, long, short]) / 2
    angle = turn + prism.yaw_rad
    normals = np.column_stack([np.cos(angle), np.sin(angle), np.zeros(sides)])
    normals = np.concatenate([normals, [[0, 0, 1], [0, 0, -1]]])
    base = np.array([*prism.xy_m, bench_m + prism.z_m])
    offsets = np.concatenate([reach, [height, 0.0]]) + normals @ base
    slope, gap = rays @ normals.T, offsets - normals @ eye
    with np.errstate(divide="ignore", invalid="ignore"):
        cut = gap / slope
    enter = np.where(slope < 0, cut, -np.inf).max(axis=1)
    leave = np.where(slope > 0, cut, np.inf).min(axis=1)
    return np.where((enter < leave) & (enter > 0), enter, np.inf)
