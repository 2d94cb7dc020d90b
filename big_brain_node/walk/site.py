# SPDX-License-Identifier: Apache-2.0
"""The places that a robot was taught by name, where it must not go, and what things weigh."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from big_brain_node.compiler.zones import Zone
from big_brain_node.walk.follow import Pose
from neuraxis_common.errors import ConfigError, Rejected
from neuraxis_common.plan import PlaceName

Length = Annotated[float, Field(ge=-100.0, le=100.0)]
Mass = Annotated[float, Field(gt=0.0, le=1000.0)]

SpokenName = Annotated[str, Field(min_length=1, max_length=40)]


class Place(BaseModel):
    """Middle of the edge that the robot stands at, in odom, and where it looks from there.

    Attributes:
        names: What people call it beside its key, in any language.
        height_m: Of what stands there above the floor, where somebody measured it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    x_m: Length
    y_m: Length
    facing_deg: Annotated[float, Field(ge=-360.0, le=360.0)]
    names: tuple[SpokenName, ...] = ()
    height_m: Annotated[float, Field(gt=0.0, le=3.0)] | None = None

    def stance(self, distance_m: float) -> Pose:
        """The base's pose in odom at a distance before the edge."""
        return Pose(self.x_m, self.y_m, math.radians(self.facing_deg)).behind(distance_m)

    def seen_from(self, pose: Pose) -> Pose:
        """The same spot, turned to face this place."""
        return Pose(pose.x_m, pose.y_m, math.atan2(self.y_m - pose.y_m, self.x_m - pose.x_m))


class _SiteFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    places: dict[PlaceName, Place] = Field(default_factory=dict)
    keep_out: dict[PlaceName, Zone] = Field(default_factory=dict)
    part_mass_kg: dict[str, Mass] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _names_are_of_one_place(self) -> _SiteFile:
        owner: dict[str, str] = {}
        for key, place in self.places.items():
            for name in {_plain(name) for name in (key, *place.names)}:
                if name in owner:
                    raise ValueError(f"both {owner[name]} and {key} are called '{name}'")
                owner[name] = key
        return self


@dataclass(frozen=True)
class Site:
    """What a person taught the robot about where it works.

    Attributes:
        places: By name.
        keep_out: Zones by name.
        part_mass_kg: Masses of parts by label: ``red cube``.
    """

    places: Mapping[str, Place] = field(default_factory=dict)
    keep_out: Mapping[str, Zone] = field(default_factory=dict)
    part_mass_kg: Mapping[str, float] = field(default_factory=dict)

    def called(self, spoken: str) -> str | None:
        """The key of the place that people call so, None for no place of this site."""
        wanted = _plain(spoken)
        for key, place in self.places.items():
            if wanted in map(_plain, (key, *place.names)):
                return key
        return None

    def find(self, name: str) -> Place | Rejected:
        """The place, or `Rejected` with code ``unknown_place`` and the known ones."""
        if name in self.places:
            return self.places[name]
        known = sorted(self.places)
        reason = f"the robot was not taught a place '{name}'; it knows {', '.join(known) or 'none'}"
        return Rejected("unknown_place", reason, {"place": name, "known": known})


def load_site(path: Path) -> Site:
    """Read a site file. Raises ConfigError naming the file and what is wrong with it."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        site = _SiteFile.model_validate(document)
        return Site(site.places, site.keep_out, site.part_mass_kg)
    except FileNotFoundError as error:
        known = sorted(item.stem for item in path.parent.glob("*.yaml"))
        raise ConfigError(f"unknown site '{path.stem}': known are {known}") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"site file {path} is not readable: {error}") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"]) or "the file"
        raise ConfigError(f"site file {path}: {key}: {first['msg']}") from error


def _plain(name: str) -> str:
    return " ".join(name.lower().replace("_", " ").split())
