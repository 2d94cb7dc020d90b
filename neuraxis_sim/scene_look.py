# SPDX-License-Identifier: Apache-2.0
"""Draws colours, light and camera character of a scene."""

from __future__ import annotations

import colorsys
import math

import numpy as np

from neuraxis_sim.scene_template import SceneTemplate, Surface, Tint
from neuraxis_sim.scene_types import CameraLook, Rgb, SceneLook, SurfaceLook


def hsv_to_rgb(hue_deg: float, saturation: float, value: float) -> Rgb:
    """Colour in [0, 1] per channel; hue wraps at 360."""
    return colorsys.hsv_to_rgb(hue_deg % 360 / 360, saturation, value)


def draw_color(tint: Tint, rng: np.random.Generator) -> Rgb:
    """One shade of a tint."""
    return hsv_to_rgb(
        rng.uniform(*tint.hue), rng.uniform(*tint.saturation), rng.uniform(*tint.value)
    )


def draw_look(template: SceneTemplate, rng: np.random.Generator) -> SceneLook:
    """Surfaces and light of one scene."""
    surfaces = template.surfaces
    light = template.light
    azimuth = math.radians(rng.uniform(*light.azimuth_deg))
    elevation = math.radians(rng.uniform(*light.elevation_deg))
    warmth = rng.uniform(*light.warmth)
    tone = np.array([1 + warmth, 1.0, 1 - warmth])
    flat = -math.cos(elevation)
    return SceneLook(
        bench=_draw_surface(surfaces.bench, rng),
        floor=_draw_surface(surfaces.floor, rng),
        wall=_draw_surface(surfaces.wall, rng),
        light_dir=(flat * math.cos(azimuth), flat * math.sin(azimuth), -math.sin(elevation)),
        light_rgb=_rgb(rng.uniform(*light.intensity) * tone),
        ambient_rgb=_rgb(rng.uniform(*light.ambient) * tone),
    )


def draw_camera(template: SceneTemplate, rng: np.random.Generator) -> CameraLook:
    """Exposure, white balance and noise of one scene."""
    look = template.camera
    exposure = rng.uniform(*look.exposure)
    red, blue = rng.uniform(*look.white_balance, 2)
    gain = _rgb(exposure * np.array([1 + red, 1.0, 1 + blue]))
    return CameraLook(gain_rgb=gain, noise_sigma=rng.uniform(*look.noise_sigma))


def _draw_surface(choices: tuple[Surface, ...], rng: np.random.Generator) -> SurfaceLook:
    surface = choices[int(rng.integers(len(choices)))]
    return SurfaceLook(surface.finish, draw_color(surface, rng), int(rng.integers(2**31)))


def _rgb(values: np.ndarray) -> Rgb:
    red, green, blue = (float(value) for value in values)
    return red, green, blue
