# SPDX-License-Identifier: Apache-2.0
"""How fast a robot goes down and up, and from which postures it may."""

from __future__ import annotations

from dataclasses import dataclass

from neuraxis_common.bounds import check_bounds

_BOUNDS = {
    "height_share": (0.2, 0.95),
    "lean_rad": (0.0, 0.55),
    "com_share": (-0.6, 0.6),
    "way_s": (1.0, 60.0),
    "ramp_s": (0.05, 10.0),
    "blend_s": (0.01, 2.0),
    "rest_m_s": (0.01, 1.0),
    "rest_rad_s": (0.01, 3.0),
    "rest_s": (0.0, 5.0),
    "rest_timeout_s": (0.5, 60.0),
    "low_share": (0.1, 0.99),
    "tilt_max_rad": (0.05, 1.5),
    "sole_tilt_max_rad": (0.02, 0.5),
    "load_min": (0.1, 1.0),
    "foot_load_min": (0.0, 0.5),
    "sole_share": (0.1, 1.0),
}


@dataclass(frozen=True)
class LoweringSettings:
    """Tuning of the controlled lowering; each field is bounded, see `_BOUNDS`.

    Attributes:
        height_share: Height of the base over the soles in the low posture, over that of the ready
            pose.
        lean_rad: How far the base leans forward there.
        com_share: Where the centre of mass is there, in front of the middle of the soles, over half
            a sole's length.
        way_s: Time of the whole way down or up, without its ramps.
        ramp_s: Time in which the way gets up to speed, and comes to rest.
        blend_s: Time in which commands go over from one controller to the other.
        rest_m_s, rest_rad_s: Slower than this for `rest_s`, the robot is at rest.
        rest_timeout_s: A robot that is told to go down comes to rest within this, or stays up.
        low_share: The base is low below this share of its height over the soles when it stands.
        tilt_max_rad: Base from the vertical; the spinal cord lets go of a robot beyond its own.
        sole_tilt_max_rad: Soles from flat on the floor.
        load_min: Of the weight, what both soles bear at least.
        foot_load_min: Of what the soles bear, the share of the less loaded at least.
        sole_share: Share of the soles over which the centre of mass must be.
    """

    height_share: float = 0.55
    lean_rad: float = 0.35
    com_share: float = -0.1
    way_s: float = 4.0
    ramp_s: float = 0.8
    blend_s: float = 0.3
    rest_m_s: float = 0.08
    rest_rad_s: float = 0.25
    rest_s: float = 0.4
    rest_timeout_s: float = 8.0
    low_share: float = 0.85
    tilt_max_rad: float = 0.6
    sole_tilt_max_rad: float = 0.12
    load_min: float = 0.7
    foot_load_min: float = 0.15
    sole_share: float = 0.9

    def __post_init__(self) -> None:
        """Raise ConfigError naming the first field out of bounds."""
        check_bounds(self, _BOUNDS)

    @classmethod
    def of(cls, robot: str) -> LoweringSettings:
        """Those of a robot, by the name of its profile."""
        return cls(**_OF_ROBOT.get(robot, {}))


# Lowest postures with the weight over the soles that keep knees and ankles off their stops.
_OF_ROBOT: dict[str, dict[str, float]] = {
    "expedition_a2": {"height_share": 0.535, "lean_rad": 0.3, "com_share": -0.07},
    "expedition_a3": {"height_share": 0.465, "lean_rad": 0.35, "com_share": -0.2},
    "lingxi_x2": {"height_share": 0.41, "lean_rad": 0.4, "com_share": -0.2},
}
