# SPDX-License-Identifier: Apache-2.0
"""Schema of config/scenes/*.yaml: which ranges a scene is drawn from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from neuraxis_common.errors import ConfigError
from neuraxis_common.plan import Color, ContainerShape, PartShape

ClutterKind = Literal["tape", "box", "pen", "notebook", "cup", "plant", "books", "kettle", "sign"]
Finish = Literal["wood", "speckle", "tiles", "plain", "belt", "marble", "stripes"]


def _span(low: float, high: float) -> Any:
    """Type of a ``[a, b]`` range with ``low <= a <= b <= high``."""

    def check(value: tuple[float, float]) -> tuple[float, float]:
        if not low <= value[0] <= value[1] <= high:
            raise ValueError(f"must be [a, b] with {low} <= a <= b <= {high}")
        return value

    return Annotated[tuple[float, float], AfterValidator(check)]


def _count(low: int, high: int) -> Any:
    """Type of a ``[a, b]`` range of whole numbers with ``low <= a <= b <= high``."""

    def check(value: tuple[int, int]) -> tuple[int, int]:
        if not low <= value[0] <= value[1] <= high:
            raise ValueError(f"must be [a, b] with {low} <= a <= b <= {high}")
        return value

    return Annotated[tuple[int, int], AfterValidator(check)]


def _distinct(value: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(value)) != len(value):
        raise ValueError("must not repeat an entry")
    return value


def _solid(value: tuple[float, float, float]) -> tuple[float, float, float]:
    if not all(0.02 <= side <= 5.0 for side in value):
        raise ValueError("must be three extents in [0.02, 5.0]")
    return value


Share = Annotated[float, Field(ge=0, le=1)]
Colors = Annotated[tuple[Color, ...], Field(min_length=1), AfterValidator(_distinct)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Tint(_Section):
    """Colour range; hue may exceed 360 to span red."""

    hue: _span(0, 400)
    saturation: _span(0, 1)
    value: _span(0, 1)


class Surface(Tint):
    """Colour range with a finish."""

    finish: Finish


class PartSize(_Section):
    """Extents of one part shape; the width is what the gripper closes on."""

    width_m: _span(0.02, 0.06)
    length_ratio: _span(1.0, 3.0)
    height_m: _span(0.025, 0.08)


class Parts(_Section):
    """Loose parts."""

    count: _count(1, 10)
    colors: Colors
    shapes: Annotated[dict[PartShape, PartSize], Field(min_length=1)]
    gap_m: Annotated[float, Field(ge=0.01, le=0.1)]
    wall_gap_m: Annotated[float, Field(ge=0.01, le=0.1)]
    size_ratio: Annotated[float, Field(ge=1.0, le=1.4)]
    twin_share: Share
    inside_share: Share
    density_kg_m3: _span(100, 3000)
    friction: _span(0.3, 1.5)


class ContainerSize(_Section):
    """Inner side length and wall height of one container shape."""

    inner_m: _span(0.1, 0.3)
    height_m: _span(0.015, 0.12)


class Containers(_Section):
    """Open containers fixed to the bench, each at one of the bench's slots plus an offset."""

    count: _count(1, 4)
    colors: Colors
    shapes: Annotated[dict[ContainerShape, ContainerSize], Field(min_length=1)]
    wall_m: Annotated[float, Field(ge=0.002, le=0.01)]
    yaw_deg: _span(-45, 45)
    offset_x_m: _span(-0.1, 0.1)
    offset_y_m: _span(-0.1, 0.1)
    gap_m: Annotated[float, Field(ge=0.0, le=0.1)]


class Clutter(_Section):
    """Things that are neither part nor container."""

    count: _count(0, 6)
    kinds: Annotated[tuple[ClutterKind, ...], Field(min_length=1), AfterValidator(_distinct)]


class Furniture(_Section):
    """One piece that stands on the floor away from the bench; x and y of its middle in odom.

    Attributes:
        name: A place of the site, or whatever else it is called.
        kind: ``table``: a top on four legs; ``crate``: solid down to the floor; ``rack``: boards
            full of goods; ``bed``: its head at its -x; ``sofa``: its back at its -y;
            ``counter``: cupboards with doors on both long sides and a machine on top.
        size_m: Extents along its own (x, y, z).
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
    kind: Literal["table", "crate", "rack", "bed", "sofa", "counter"]
    x_m: _span(-20, 20)
    y_m: _span(-20, 20)
    yaw_deg: _span(-180, 180)
    size_m: Annotated[tuple[float, float, float], AfterValidator(_solid)]


class Room(_Section):
    """The walls around everything, in odom."""

    x_m: _span(-20, 20) = (-1.9, 2.3)
    y_m: _span(-20, 20) = (-2.0, 2.0)


class Surfaces(_Section):
    """Alternatives for the big surfaces; one of each is drawn."""

    bench: Annotated[tuple[Surface, ...], Field(min_length=1)]
    floor: Annotated[tuple[Surface, ...], Field(min_length=1)]
    wall: Annotated[tuple[Surface, ...], Field(min_length=1)]


class Light(_Section):
    """Key light from far away plus ambient."""

    azimuth_deg: _span(-180, 180)
    elevation_deg: _span(20, 90)
    intensity: _span(0.05, 1.0)
    ambient: _span(0.0, 1.0)
    warmth: _span(-0.3, 0.3)


class CameraLook(_Section):
    """What the colour camera does to the image."""

    exposure: _span(0.3, 2.0)
    white_balance: _span(-0.3, 0.3)
    noise_sigma: _span(0.0, 20.0)


class SceneTemplate(_Section):
    """One kind of scene.

    Attributes:
        use: ``evaluation`` for a place that no model is ever trained on, see `for_training`.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    use: Literal["training", "evaluation"] = "training"
    parts: Parts
    containers: Containers
    clutter: Clutter
    palette: dict[Color, Tint]
    surfaces: Surfaces
    light: Light
    camera: CameraLook
    furniture: tuple[Furniture, ...] = ()
    room: Room = Room()

    def model_post_init(self, _context: object) -> None:
        """Every colour in use has a tint, and containers can all look different."""
        for section in ("parts", "containers"):
            colors = getattr(self, section).colors
            missing = [color for color in colors if color not in self.palette]
            if missing:
                raise ValueError(f"{section}.colors has {missing}, which palette lacks")
        names = [item.name for item in self.furniture]
        if len(set(names)) != len(names):
            raise ValueError(f"furniture has a name twice: {names}")
        looks = len(self.containers.colors) * len(self.containers.shapes)
        if self.containers.count[1] > looks:
            raise ValueError(
                f"containers.count {self.containers.count} needs that many looks, "
                f"colors and shapes give {looks}"
            )


def load_template(path: Path) -> SceneTemplate:
    """Read a template. Raises ConfigError naming the file, the key, the value and the bound.

    A file with ``base: NAME`` takes what it does not say from the file of that name beside it:
    whole sections, and within a section the keys that it leaves out.
    """
    document = _read(path)
    if "base" in document:
        name = document.pop("base")
        ground = _read(path.with_name(f"{name}.yaml"))
        if "base" in ground:
            raise ConfigError(f"scene file {path}: base '{name}' has a base of its own")
        for key, value in document.items():
            both = isinstance(value, dict) and isinstance(ground.get(key), dict)
            ground[key] = ground[key] | value if both else value
        document = ground
    try:
        return SceneTemplate.model_validate(document)
    except ValidationError as error:
        raise ConfigError(_explain(path, error)) from error


def for_training(template: SceneTemplate) -> SceneTemplate:
    """The template. Raises ConfigError where it is for evaluation only."""
    if template.use != "training":
        raise ConfigError(
            f"scene '{template.name}' has use '{template.use}': nothing is trained on it"
        )
    return template


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        known = sorted(item.stem for item in path.parent.glob("*.yaml"))
        raise ConfigError(f"unknown scene '{path.stem}': known are {known}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"scene file {path} is not readable: {error}") from error
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"scene file {path} is not YAML: {error}") from error
    if not isinstance(document, dict):
        raise ConfigError(f"scene file {path} must hold a mapping, got {type(document).__name__}")
    return document


def _explain(path: Path, error: ValidationError) -> str:
    lines = []
    for item in error.errors():
        key = ".".join(str(part) for part in item["loc"] if part != "[key]") or "template"
        value = repr(item["input"])
        lines.append(f"{key}: {item['msg']}, got {value[:80]}")
    return f"scene file {path}: " + "; ".join(lines)
