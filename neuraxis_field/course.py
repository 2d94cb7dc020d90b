# SPDX-License-Identifier: Apache-2.0
"""What a walking robot meets: a load in its hands, a course with bumps, wind from the side."""

from __future__ import annotations

import math
from dataclasses import dataclass

import mujoco
import numpy as np

from neuraxis_common.robot import SIDES, RobotProfile
from neuraxis_common.types import FloatArray

FOLLOW_CAMERA = "follow"
# Metres of a half marathon.
HALF_MARATHON_M = 21_097.5
_LAPS = 20
_POINTS = 4000
# A lap is a circle with three gentle waves, so that it bends both ways.
_WAVES, _WAVE = 3, 0.12
# A fresh breeze, Beaufort 4 to 5, and its gusts' spread and time constant.
_WIND_M_S, _GUST_M_S, _GUST_S = 6.0, 2.0, 3.0
_AIR_KG_M3 = 1.225
# Drag area over the square of the standing height, from people's.
_DRAG_AREA = 0.2
# Size of the world around a robot, for cameras.
_SEEN_M = 4.0
# Side of the cube in a hand, m.
_CUBE_M = 0.08


class Course:
    """A closed lap, walked counter-clockwise from the origin along +x.

    Attributes:
        lap_m: Length of a lap.
    """

    def __init__(self, lap_m: float = HALF_MARATHON_M / _LAPS) -> None:
        angle = np.linspace(0.0, 2 * np.pi, _POINTS + 1)
        radius = 1.0 + _WAVE * np.cos(_WAVES * angle)
        raw = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        lengths = np.linalg.norm(np.diff(raw, axis=0), axis=1)
        raw *= lap_m / lengths.sum()
        # At angle 0 the tangent is +y: turn it to +x and start at the origin.
        self._points = np.stack([raw[:, 1], raw[0, 0] - raw[:, 0]], axis=1)
        self._along = np.concatenate([[0.0], np.cumsum(lengths * lap_m / lengths.sum())])
        self.lap_m = lap_m

    def at(self, metres: float) -> tuple[FloatArray, float]:
        """Place, shape (2,), and heading at a way along the course; beyond a lap it goes on."""
        along = metres % self.lap_m
        place = np.array([np.interp(along, self._along, self._points[:, i]) for i in range(2)])
        i = min(int(np.searchsorted(self._along, along, side="right")) - 1, _POINTS - 1)
        dx, dy = self._points[i + 1] - self._points[i]
        return place, math.atan2(dy, dx)

    def metres(self, place: FloatArray, near_m: float) -> float:
        """Way along the course of the point that is nearest to a place, close to `near_m`."""
        for _ in range(2):
            point, heading = self.at(near_m)
            near_m += float((place - point) @ [math.cos(heading), math.sin(heading)])
        return near_m


@dataclass(frozen=True)
class Surroundings:
    """Additions to a world before it is compiled.

    Attributes:
        payload_kg: Carried by both hands together, in a cube each that touches nothing.
        course: Where bumps lie.
        bump_m: Height of the bumps, part of a cylinder across the course; 0 for none.
        bump_every_m: From one bump to the next.
    """

    profile: RobotProfile
    payload_kg: float = 0.0
    course: Course | None = None
    bump_m: float = 0.0
    bump_every_m: float = 20.0

    def add_to_spec(self, spec: mujoco.MjSpec) -> None:
        """Add loads, bumps, and a camera that goes along."""
        floor = spec.geom("floor")
        floor.size = [0.0, 0.0, 0.1]
        _add_tiles(spec, floor)
        _add_follow_camera(spec.body(self.profile.base_link), self.profile.standing_height_m)
        if self.payload_kg > 0.0:
            self._add_payload(spec)
        if self.course is not None and self.bump_m > 0.0:
            self._add_bumps(spec)

    def _add_payload(self, spec: mujoco.MjSpec) -> None:
        for side in SIDES:
            tcp = spec.body(self.profile.grippers[side].tcp_frame)
            cube = tcp.add_geom(name=f"{side}_payload", type=mujoco.mjtGeom.mjGEOM_BOX)
            cube.size = [_CUBE_M / 2] * 3
            cube.mass = self.payload_kg / len(SIDES)
            cube.contype = cube.conaffinity = 0
            cube.group = 1
            cube.rgba = [0.85, 0.45, 0.1, 1.0]

    def _add_bumps(self, spec: mujoco.MjSpec) -> None:
        course, radius_m = self.course, 8 * self.bump_m
        # Cameras cut off what is nearer than a hundredth of the world's size: here, the robot.
        spec.stat.extent = _SEEN_M
        count = int(course.lap_m / self.bump_every_m)
        for i in range(count):
            place, heading = course.at((i + 0.5) * course.lap_m / count)
            bump = spec.worldbody.add_geom(name=f"bump{i}", type=mujoco.mjtGeom.mjGEOM_CYLINDER)
            bump.size = [radius_m, 1.5, 0.0]
            bump.pos = [*place, self.bump_m - radius_m]
            # The cylinder's axis lies across the course.
            across = np.array([math.cos(heading), math.sin(heading), 0.0]) * math.sqrt(0.5)
            bump.quat = [math.sqrt(0.5), *across]
            bump.friction = [1.0, 0.02, 0.001]
            bump.rgba = [0.75, 0.65, 0.2, 1.0]


def _add_follow_camera(base: mujoco.MjsBody, height_m: float) -> None:
    """Beside a robot of this height, going along without turning or nodding."""
    towards = np.array([-1.0, 1.0, -0.40])
    right = np.array([1.0, 1.0, 0.0]) / math.sqrt(2.0)
    up = np.cross(right, towards / np.linalg.norm(towards))
    away_m = height_m * np.array([1.15, -1.15, 0.42])
    camera = base.add_camera(name=FOLLOW_CAMERA, pos=away_m, fovy=45.0)
    camera.alt.type = mujoco.mjtOrientation.mjORIENTATION_XYAXES
    camera.alt.xyaxes = [*right, *up]
    camera.mode = mujoco.mjtCamLight.mjCAMLIGHT_TRACK


def _add_tiles(spec: mujoco.MjSpec, floor: mujoco.MjsGeom) -> None:
    """Half-metre tiles and a sky, so that one sees how far it walks."""
    spec.add_texture(
        name="sky", type=mujoco.mjtTexture.mjTEXTURE_SKYBOX,
        builtin=mujoco.mjtBuiltin.mjBUILTIN_GRADIENT, width=256, height=1536,
        rgb1=[0.62, 0.70, 0.78], rgb2=[0.93, 0.94, 0.95],
    )  # fmt: skip
    spec.add_texture(
        name="tiles", type=mujoco.mjtTexture.mjTEXTURE_2D,
        builtin=mujoco.mjtBuiltin.mjBUILTIN_CHECKER, width=256, height=256,
        rgb1=[0.60, 0.62, 0.64], rgb2=[0.70, 0.72, 0.74],
    )  # fmt: skip
    material = spec.add_material(name="tiles", texrepeat=[1.0, 1.0], texuniform=True)
    textures = material.textures
    textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = "tiles"
    material.textures = textures
    floor.material = "tiles"
    floor.rgba = [1.0, 1.0, 1.0, 1.0]
    spec.visual.headlight.ambient = [0.45, 0.45, 0.45]
    spec.visual.headlight.diffuse = [0.4, 0.4, 0.4]


def drag_area_m2(height_m: float) -> float:
    """Drag area from the side of a robot that stands this high."""
    return _DRAG_AREA * height_m**2


class SideWind:
    """Gusts from the left of the course on a body: force of the air that drags on it.

    Args:
        rng: Draws the gusts.
        area_m2: Drag area of the body from the side.
    """

    def __init__(self, rng: np.random.Generator, area_m2: float) -> None:
        self._rng, self._area_m2 = rng, area_m2
        self._gust_m_s = 0.0

    def force(self, heading_rad: float, dt_s: float) -> FloatArray:
        """Force in world axes after `dt_s` more, shape (3,)."""
        keep = math.exp(-dt_s / _GUST_S)
        noise = self._rng.normal(0.0, _GUST_M_S * math.sqrt(1.0 - keep**2))
        self._gust_m_s = keep * self._gust_m_s + noise
        speed_m_s = max(_WIND_M_S + self._gust_m_s, 0.0)
        force_N = 0.5 * _AIR_KG_M3 * self._area_m2 * speed_m_s**2
        return force_N * np.array([math.sin(heading_rad), -math.cos(heading_rad), 0.0])
