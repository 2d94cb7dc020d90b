# SPDX-License-Identifier: Apache-2.0
"""Images of the world: RGB-D as the robot's camera gives them, plain views, true boxes.

A `Renderer` owns its EGL context and a copy of the state; create and use it on one thread.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from types import TracebackType
from typing import Literal

import cv2
import mujoco
import numpy as np
from mujoco.egl import GLContext
from numpy.typing import NDArray

from neuraxis_common.profile import CameraProfile
from neuraxis_common.types import CameraInfo
from neuraxis_sim.camera import camera_info, camera_pose, project
from neuraxis_sim.noise import ColorNoise, DepthNoise
from neuraxis_sim.scene_types import Scene, SceneItem
from neuraxis_sim.shade import SHADE_GROUP, Shade

_LOOK_GROUPS = (0, 1, 2)
_MAX_GEOMS = 2000

Style = Literal["plain", "soft", "shadows"]
# Multisamples, slices and stacks of round shapes. Software rendering pays for each.
_DETAIL = {"plain": (0, 12, 6), "soft": (0, 16, 8), "shadows": (4, 28, 16)}


@dataclass(frozen=True)
class TruthBox:
    """Where an item is in the image, from the simulator's truth; for training and judging only.

    Attributes:
        box_px: (x0, y0, x1, y1) around its visible pixels.
        full_box_px: Around all of it, were nothing in front; clipped to the image.
        visible: Share of its silhouette that is seen, in [0, 1].
    """

    name: str
    kind: str
    shape: str
    color: str
    box_px: tuple[float, float, float, float]
    full_box_px: tuple[float, float, float, float]
    visible: float


_ARROW_RGBA, _ARROW_WIDTH_M, _ARROW_GAP_M = (0.9, 0.2, 0.1, 1.0), 0.025, 0.2


@dataclass(frozen=True)
class Arrow:
    """Points at a body, coming along a vector in world axes, shape (3,)."""

    body: str
    along_m: NDArray[np.float64]


class Renderer:
    """Draws one model at one image size.

    Args:
        camera: Name of the camera that `rgbd` and `truth_boxes` look through.
        color_noise: What the sensor does to colours; none leaves them as drawn.
        depth_noise: What the sensor does to ranges; none leaves them exact.
        style: ``plain`` as for the robot's camera; ``soft`` with contact shade, for videos;
            ``shadows`` with cast shadows and smooth edges, for stills. Each costs more.
    """

    def __init__(
        self,
        model: mujoco.MjModel,
        camera: str,
        width: int = 640,
        height: int = 480,
        color_noise: ColorNoise | None = None,
        depth_noise: DepthNoise | None = None,
        style: Style = "plain",
    ) -> None:
        self._model, self._data = model, mujoco.MjData(model)
        self._camera_id = self._find_camera(camera)
        self._color_noise, self._depth_noise = color_noise, depth_noise
        self._rect = mujoco.MjrRect(0, 0, width, height)
        self._view = mujoco.MjvCamera()
        self._view.type = mujoco.mjtCamera.mjCAMERA_FIXED
        self._options = mujoco.MjvOption()
        groups = (*_LOOK_GROUPS, SHADE_GROUP) if style == "soft" else _LOOK_GROUPS
        self._options.geomgroup[:] = [group in groups for group in range(6)]
        self._shade = Shade(model) if style == "soft" else None
        self._gl = GLContext(width, height)
        self._gl.make_current()
        self._scene = mujoco.MjvScene(model, maxgeom=_MAX_GEOMS)
        self._scene.flags[mujoco.mjtRndFlag.mjRND_SHADOW] = style == "shadows"
        self._context = _context(model, style)
        mujoco.mjr_resizeOffscreen(width, height, self._context)
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN, self._context)
        self._context.readDepthMap = mujoco.mjtDepthMap.mjDEPTH_ZEROFAR
        # Freed by the garbage collector, its textures would be taken from whoever draws then.
        self._free = weakref.finalize(self, _free, self._gl, self._context)
        self._free.atexit = False
        self._rgb = np.empty((height, width, 3), np.uint8)
        self._depth = np.empty((height, width), np.float32)

    @property
    def info(self) -> CameraInfo:
        """Intrinsics of the robot's camera."""
        fovy = float(self._model.cam_fovy[self._camera_id])
        return camera_info(fovy, self._rect.width, self._rect.height)

    @classmethod
    def for_robot(
        cls, model: mujoco.MjModel, camera: CameraProfile, scene: Scene, seed: int = 0
    ) -> Renderer:
        """The robot's head camera in a scene, with the noise of both; `seed` draws the noise."""
        shape = (camera.height, camera.width)
        return cls(
            model, camera.frame, camera.width, camera.height,
            ColorNoise(scene.camera, shape, seed),
            DepthNoise(camera.depth_noise, camera.depth_range_m, shape, seed + 1),
        )  # fmt: skip

    def rgbd(self, qpos: NDArray[np.float64]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """Registered colour (h, w, 3) and depth in m (h, w), 0 without return, with noise."""
        self._pose(qpos)
        rgb = self._draw(self._camera_id, want_depth=True)
        depth = cv2.flip(self._metric_depth(), 0)
        if self._color_noise is not None:
            rgb = self._color_noise.apply(rgb)
        if self._depth_noise is not None:
            depth = self._depth_noise.apply(depth)
        return rgb, depth

    def view(
        self, qpos: NDArray[np.float64], camera: str, arrow: Arrow | None = None
    ) -> NDArray[np.uint8]:
        """Clean colour image (h, w, 3) through any camera of the model, with an arrow."""
        self._pose(qpos)
        return self._draw(self._find_camera(camera), arrow=arrow)

    def camera_pose_W(self, qpos: NDArray[np.float64]) -> NDArray[np.float64]:
        """T_WC of the robot's camera at that state, shape (4, 4)."""
        self._pose(qpos)
        return camera_pose(self._data, self._camera_id)

    def body_mask(self, qpos: NDArray[np.float64]) -> NDArray[np.int32]:
        """Body id seen at every pixel of the robot's camera, -1 for none, shape (h, w)."""
        self._pose(qpos)
        flags = self._scene.flags.copy()
        self._scene.flags[mujoco.mjtRndFlag.mjRND_SEGMENT] = 1
        self._scene.flags[mujoco.mjtRndFlag.mjRND_IDCOLOR] = 1
        ids = self._draw(self._camera_id).astype(np.int32) @ (1, 256, 65536)
        self._scene.flags[:] = flags
        body_of = np.full(self._scene.ngeom + 1, -1, np.int32)
        for geom in self._scene.geoms[: self._scene.ngeom]:
            if geom.segid >= 0 and geom.objtype == mujoco.mjtObj.mjOBJ_GEOM:
                body_of[geom.segid + 1] = self._model.geom_bodyid[geom.objid]
        return body_of[ids]

    def truth_boxes(self, qpos: NDArray[np.float64], scene: Scene) -> tuple[TruthBox, ...]:
        """Boxes of the scene's items that show at least one pixel."""
        mask = self.body_mask(qpos)
        boxes = (self._truth_box(item, mask) for item in scene.objects)
        return tuple(box for box in boxes if box is not None)

    def close(self) -> None:
        """Free the context, as dropping the renderer does. Call on the thread that created it."""
        self._free()

    def __enter__(self) -> Renderer:
        """The renderer itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Free the context."""
        self.close()

    def _find_camera(self, name: str) -> int:
        camera_id = mujoco.mj_name2id(self._model, mujoco.mjtObj.mjOBJ_CAMERA, name)
        if camera_id < 0:
            known = [self._model.camera(index).name for index in range(self._model.ncam)]
            raise ValueError(f"the model has no camera '{name}', it has {known}")
        return camera_id

    def _pose(self, qpos: NDArray[np.float64]) -> None:
        self._data.qpos[:] = qpos
        mujoco.mj_kinematics(self._model, self._data)
        mujoco.mj_camlight(self._model, self._data)

    def _draw(
        self, camera_id: int, want_depth: bool = False, arrow: Arrow | None = None
    ) -> NDArray[np.uint8]:
        self._gl.make_current()
        self._view.fixedcamid = camera_id
        mujoco.mjv_updateScene(
            self._model, self._data, self._options, None, self._view,
            mujoco.mjtCatBit.mjCAT_ALL, self._scene,
        )  # fmt: skip
        if self._shade is not None:
            self._shade.add_to(self._scene, self._data)
        if arrow is not None:
            self._add_arrow(arrow)
        mujoco.mjr_render(self._rect, self._scene, self._context)
        depth = self._depth if want_depth else None
        mujoco.mjr_readPixels(self._rgb, depth, self._rect, self._context)
        return cv2.flip(self._rgb, 0)

    def _add_arrow(self, arrow: Arrow) -> None:
        body = self._data.body(arrow.body).xpos
        tip = body - _ARROW_GAP_M * arrow.along_m / max(float(np.linalg.norm(arrow.along_m)), 1e-9)
        geom = self._scene.geoms[self._scene.ngeom]
        kind, nothing = mujoco.mjtGeom.mjGEOM_ARROW, np.zeros(3)
        mujoco.mjv_initGeom(geom, kind, nothing, nothing, np.zeros(9), np.array(_ARROW_RGBA, "f4"))
        mujoco.mjv_connector(geom, kind, _ARROW_WIDTH_M, tip - arrow.along_m, tip)
        self._scene.ngeom += 1

    def _metric_depth(self) -> NDArray[np.float32]:
        """Undo the reversed perspective mapping: 1 at the near plane, 0 at the far plane."""
        extent, planes = self._model.stat.extent, self._model.vis.map
        near, far = np.float32(planes.znear * extent), np.float32(planes.zfar * extent)
        return near * far / (near + self._depth * (far - near))

    def _truth_box(self, item: SceneItem, mask: NDArray[np.int32]) -> TruthBox | None:
        body_id = self._model.body(item.name).id
        rows, columns = np.nonzero(mask == body_id)
        if not len(rows):
            return None
        pixels, depth = project(
            self.info, camera_pose(self._data, self._camera_id), self._outline(body_id)
        )
        if (depth < 0.02).any():
            return None
        hull = cv2.convexHull(pixels.astype(np.float32))[:, 0]
        area = max(float(cv2.contourArea(hull)), 1.0)
        low = np.clip(hull.min(axis=0), 0, None)
        high = np.minimum(hull.max(axis=0), (self._rect.width, self._rect.height))
        seen = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        return TruthBox(
            item.name, item.kind, item.shape, item.color,
            tuple(float(value) for value in seen),
            tuple(float(value) for value in (*low, *high)),
            min(len(rows) / area, 1.0),
        )  # fmt: skip

    def _outline(self, body_id: int) -> NDArray[np.float64]:
        """World points whose hull is the hull of what is drawn of a body, shape (n, 3)."""
        points = []
        first = int(self._model.body_geomadr[body_id])
        for geom in range(first, first + int(self._model.body_geomnum[body_id])):
            if self._model.geom_group[geom] not in _LOOK_GROUPS:
                continue
            local = self._geom_points(geom)
            turn = self._data.geom_xmat[geom].reshape(3, 3)
            points.append(local @ turn.T + self._data.geom_xpos[geom])
        return np.concatenate(points)

    def _geom_points(self, geom: int) -> NDArray[np.float64]:
        mesh = int(self._model.geom_dataid[geom])
        if mesh >= 0:
            start = int(self._model.mesh_vertadr[mesh])
            return self._model.mesh_vert[start : start + int(self._model.mesh_vertnum[mesh])]
        signs = np.array(np.meshgrid([-1, 1], [-1, 1], [-1, 1])).reshape(3, 8).T
        return signs * self._model.geom_size[geom]


def _free(gl: GLContext, context: mujoco.MjrContext) -> None:
    gl.make_current()
    context.free()
    gl.free()


def _context(model: mujoco.MjModel, style: Style) -> mujoco.MjrContext:
    """Upload the model at the detail of a style; the model keeps its own settings."""
    quality = model.vis.quality
    names = ("offsamples", "numslices", "numstacks")
    kept = [getattr(quality, name) for name in names]
    for name, value in zip(names, _DETAIL[style], strict=True):
        setattr(quality, name, value)
    context = mujoco.MjrContext(model, mujoco.mjtFontScale.mjFONTSCALE_100)
    for name, value in zip(names, kept, strict=True):
        setattr(quality, name, value)
    return context
