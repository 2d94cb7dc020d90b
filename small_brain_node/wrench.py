# SPDX-License-Identifier: Apache-2.0
"""Shares the wrench that holds the body up between two flat feet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neuraxis_common.types import FloatArray

WRENCH = 6


@dataclass(frozen=True)
class FootContact:
    """One flat sole. The wrench acts at the middle of the sole, in sole axes.

    Attributes:
        p_B_m: Middle of the sole in base_link, shape (3,).
        R_BS: Sole axes in base_link, z up, shape (3, 3).
        half_x_m: Half the length.
        half_y_m: Half the width.
        used_m: How far from the middle the centre of pressure may lie, along and across; to the
            edges when None.
    """

    p_B_m: FloatArray
    R_BS: FloatArray
    half_x_m: float
    half_y_m: float
    used_m: tuple[float, float] | None = None

    @property
    def pressure_m(self) -> tuple[float, float]:
        """Half length and width of the area for the centre of pressure."""
        return self.used_m or (self.half_x_m, self.half_y_m)


def grasp_matrix(feet: tuple[FootContact, ...]) -> FloatArray:
    """Maps stacked sole wrenches (force, moment) to the wrench at the base origin in base axes.

    Returns:
        Shape (6, 6 * len(feet)).
    """
    G = np.zeros((WRENCH, WRENCH * len(feet)))
    for i, foot in enumerate(feet):
        at = WRENCH * i
        G[:3, at : at + 3] = foot.R_BS
        G[3:, at : at + 3] = skew(foot.p_B_m) @ foot.R_BS
        G[3:, at + 3 : at + 6] = foot.R_BS
    return G


def share_wrench(
    wrench_B: FloatArray, feet: tuple[FootContact, ...], friction: float, margin: float
) -> FloatArray:
    """Sole wrenches that add up to a wanted wrench as far as the soles can give it.

    The smallest wrenches are chosen, each component measured against what a sole can bear: so
    rolling moments come from loading one foot more, not from its ankle. What a clamp takes off one
    foot is asked of both once more.

    Args:
        wrench_B: Force and moment on the body at the base origin, base axes, shape (6,).
        feet: The soles that bear it.
        friction: Largest ratio of tangential to normal force.
        margin: Share of the sole in which the centre of pressure may lie.

    Returns:
        One wrench per foot in sole axes, shape (len(feet), 6).
    """
    G = grasp_matrix(feet)
    areas = [foot.pressure_m for foot in feet]
    reach = np.concatenate([[0.3, 0.3, 1.0, 0.5 * y_m, x_m, 0.02] for x_m, y_m in areas])
    weighted = (reach**2)[:, None] * G.T
    inverse = weighted @ np.linalg.inv(G @ weighted)
    shares = np.zeros((len(feet), WRENCH))
    for _ in range(2):
        missing = wrench_B - G @ shares.ravel()
        wanted = shares + (inverse @ missing).reshape(-1, WRENCH)
        for share, want, foot in zip(shares, wanted, feet, strict=True):
            share[:] = _bearable(want, foot, friction, margin)
    return shares


def _bearable(wrench: FloatArray, foot: FootContact, friction: float, margin: float) -> FloatArray:
    """The nearest wrench that keeps the sole flat and in place, component by component.

    How much the sole can be twisted depends on the rest: a sole that bears on its heel turns on it
    (the contact wrench cone of a rectangle: Caron, Pham and Nakamura, ICRA 2015).
    """
    normal = max(wrench[2], 0.0)
    grip = friction * normal
    x, y = foot.half_x_m, foot.half_y_m
    used_x_m, used_y_m = foot.pressure_m
    bound_x, bound_y = margin * used_y_m * normal, margin * used_x_m * normal
    twist = grip * (x + y)
    bound = np.array([grip, grip, normal, bound_x, bound_y, twist])
    clipped = np.minimum(np.maximum(wrench, -bound), bound)
    clipped[2] = normal
    fx, fy, _, mx, my, mz = clipped
    low = abs(y * fx - friction * mx) + abs(x * fy - friction * my) - twist
    high = twist - abs(y * fx + friction * mx) - abs(x * fy + friction * my)
    clipped[5] = min(max(mz, min(low, 0.0)), max(high, 0.0))
    return clipped


def skew(p: FloatArray) -> FloatArray:
    """Matrix of the vector product with p from the left, shape (3, 3)."""
    return np.array([[0.0, -p[2], p[1]], [p[2], 0.0, -p[0]], [-p[1], p[0], 0.0]])
