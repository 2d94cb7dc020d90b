# SPDX-License-Identifier: Apache-2.0
"""Parameters of walking to places."""

from __future__ import annotations

from dataclasses import dataclass

from neuraxis_common.bounds import check_bounds

_BOUNDS = {
    "radius_m": (0.1, 1.0),
    "berth_m": (0.05, 2.0),
    "retreat_m": (0.0, 2.0),
    "yield_m": (0.0, 1.0),
    "speed_m_s": (0.05, 1.0),
    "near_speed_m_s": (0.02, 0.3),
    "turn_rad_s": (0.05, 0.6),
    "look_ahead_m": (0.1, 1.0),
    "replan_s": (0.1, 5.0),
    "position_m": (0.02, 0.5),
    "heading_rad": (0.02, 0.5),
    "settle_s": (0.1, 5.0),
    "odometry_timeout_s": (0.05, 2.0),
    "grid_timeout_s": (0.1, 10.0),
    "progress_timeout_s": (1.0, 60.0),
    "walk_timeout_s": (5.0, 600.0),
}


@dataclass(frozen=True)
class SiteParams:
    """Where the robot is.

    Attributes:
        site: A file of ``config/sites``; empty for a robot that stays where it is.
    """

    site: str = ""


@dataclass(frozen=True)
class WalkConfig:
    """Tuning of `walker.Walker`; each field is bounded, see `_BOUNDS`.

    Attributes:
        radius_m: Circle on the floor that holds the robot with its arms; nothing may be in it.
        berth_m: Ways that come nearer than this much more than the radius count as longer.
        yield_m: How far before the goal the robot may stop where something stands too near to it.
        retreat_m: How far the robot may step back to get room for turning.
        near_speed_m_s: Largest speed of stepping into place, also sideways and backwards.
        look_ahead_m: Distance of the point on the way that is walked to.
        replan_s: How often the way is looked for anew.
        position_m, heading_rad: How near to the goal counts as there.
        settle_s: How long the robot must have stood there.
        odometry_timeout_s: Odometry older than this is silent: no step is made without it.
        grid_timeout_s: The same for the occupancy grid.
        progress_timeout_s: How long the way may not get shorter.
        walk_timeout_s: Time for the whole way.
    """

    radius_m: float = 0.52
    berth_m: float = 0.25
    retreat_m: float = 0.8
    yield_m: float = 0.2
    speed_m_s: float = 0.3
    near_speed_m_s: float = 0.12
    turn_rad_s: float = 0.4
    look_ahead_m: float = 0.35
    replan_s: float = 0.5
    position_m: float = 0.07
    heading_rad: float = 0.1
    settle_s: float = 1.0
    odometry_timeout_s: float = 0.3
    grid_timeout_s: float = 1.5
    progress_timeout_s: float = 12.0
    walk_timeout_s: float = 120.0

    @property
    def stance_m(self) -> float:
        """From a place's edge to the base of a robot that has arrived and may still be off."""
        return self.radius_m + 2 * self.position_m

    def __post_init__(self) -> None:
        """Raise ConfigError naming the first field outside its bounds."""
        check_bounds(self, _BOUNDS)
