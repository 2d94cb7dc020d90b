# SPDX-License-Identifier: Apache-2.0
"""What a scene is. Poses are in ``odom``: on the floor between the soles, x forward, z up."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import mujoco

Rgb = tuple[float, float, float]

CONTAINER_FLOOR_M = 0.003


@dataclass(frozen=True)
class SceneItem:
    """One part or container.

    Attributes:
        name: Unique body name, ``red_cube``, ``red_cube_2``, ``blue_tray``.
        kind: ``part`` or ``container``.
        shape: A name of `plan.PartShape` or `plan.ContainerShape`.
        color: A name of `plan.Color`; `rgb` is the drawn shade of it, each in [0, 1].
        size_m: Outer extents along its own (long side, short side, z).
        xyz_m: Centre of the outer box at the start.
        yaw_rad: Direction of the long side about z.
        wall_m: Wall thickness of a container, 0 for parts.
        inside: Name of the container it starts in, empty for the bench top.
    """

    name: str
    kind: str
    shape: str
    color: str
    rgb: Rgb
    size_m: tuple[float, float, float]
    xyz_m: tuple[float, float, float]
    yaw_rad: float
    mass_kg: float
    friction: float
    wall_m: float = 0.0
    inside: str = ""

    @property
    def scale_m(self) -> float:
        """What "large" and "small" compare: cube root of the extents' product."""
        return float(np.prod(self.size_m)) ** (1 / 3)

    @property
    def inner_m(self) -> tuple[float, float]:
        """Free extents between a container's walls."""
        return self.size_m[0] - 2 * self.wall_m, self.size_m[1] - 2 * self.wall_m


@dataclass(frozen=True)
class ClutterItem:
    """A thing on the bench that no sentence is about; fixed.

    Attributes:
        size_m: Outer extents along its own (x, y, z).
        xyz_m: Centre of the outer box.
    """

    name: str
    kind: str
    rgb: Rgb
    size_m: tuple[float, float, float]
    xyz_m: tuple[float, float, float]
    yaw_rad: float


@dataclass(frozen=True)
class FurnitureItem:
    """A fixed piece on the floor: ``table`` or ``crate``.

    Attributes:
        size_m: Outer extents along its own (x, y, z).
        xy_m: Its middle.
    """

    name: str
    kind: str
    rgb: Rgb
    size_m: tuple[float, float, float]
    xy_m: tuple[float, float]
    yaw_rad: float


@dataclass(frozen=True)
class Room:
    """Where the walls are."""

    x_m: tuple[float, float] = (-1.9, 2.3)
    y_m: tuple[float, float] = (-2.0, 2.0)


@dataclass(frozen=True)
class BenchTop:
    """The bench as a box standing on legs; x of the edge next to the robot."""

    height_m: float
    near_edge_x_m: float
    depth_m: float
    width_m: float


@dataclass(frozen=True)
class SurfaceLook:
    """Base colour and finish of a big surface; `seed` draws its texture."""

    finish: str
    rgb: Rgb
    seed: int


@dataclass(frozen=True)
class SceneLook:
    """Light and surfaces. `light_dir` points the way the light travels, unit length."""

    bench: SurfaceLook
    floor: SurfaceLook
    wall: SurfaceLook
    light_dir: tuple[float, float, float]
    light_rgb: Rgb
    ambient_rgb: Rgb


@dataclass(frozen=True)
class CameraLook:
    """What the colour camera does: gain per channel and noise in grey levels of 255."""

    gain_rgb: Rgb
    noise_sigma: float


@dataclass(frozen=True)
class Scene:
    """One bench with everything on it; equal template, seed and bench give an equal scene."""

    template: str
    seed: int
    bench: BenchTop
    objects: tuple[SceneItem, ...]
    clutter: tuple[ClutterItem, ...]
    look: SceneLook
    camera: CameraLook
    furniture: tuple[FurnitureItem, ...] = ()
    room: Room = Room()

    @property
    def parts(self) -> tuple[SceneItem, ...]:
        """Items that can be moved."""
        return tuple(item for item in self.objects if item.kind == "part")

    @property
    def containers(self) -> tuple[SceneItem, ...]:
        """Items that parts can be put into."""
        return tuple(item for item in self.objects if item.kind == "container")

    def item(self, name: str) -> SceneItem:
        """The item of that name. Raises KeyError when there is none."""
        for item in self.objects:
            if item.name == name:
                return item
        raise KeyError(name)

    def add_to_spec(self, spec: mujoco.MjSpec) -> None:
        """Put bench, items, clutter, room and lights into a MuJoCo world; see `scene_build`."""
        from neuraxis_sim.scene_build import add_scene

        add_scene(self, spec)


def scene_to_json(scene: Scene) -> dict[str, Any]:
    """The scene as plain JSON types, lengths rounded to 0.1 mm, angles to 0.1 mrad."""
    return _rounded(asdict(scene))


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_rounded(item) for item in value]
    return round(value, 4) if isinstance(value, float) else value


def footprint(
    x_m: float, y_m: float, yaw_rad: float, length_m: float, width_m: float
) -> NDArray[np.float64]:
    """Corners of a turned rectangle, counter-clockwise, shape (4, 2)."""
    cos, sin = math.cos(yaw_rad), math.sin(yaw_rad)
    half = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) * (length_m / 2, width_m / 2)
    return half @ np.array([[cos, sin], [-sin, cos]]) + (x_m, y_m)
