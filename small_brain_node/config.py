# SPDX-License-Identifier: Apache-2.0
"""Parameters of the small brain."""

from __future__ import annotations

from dataclasses import dataclass

from neuraxis_common.bounds import check_bounds

_BOUNDS = {
    "rate_hz": (20.0, 1000.0),
    "state_timeout_s": (0.01, 1.0),
    "start_tolerance_rad": (0.01, 0.5),
    "tracking_tolerance_rad": (0.02, 1.0),
    "tracking_grace_s": (0.0, 1.0),
    "goal_tolerance_rad": (0.002, 0.2),
    "settle_timeout_s": (0.0, 5.0),
    "stop_accel_rad_s2": (1.0, 50.0),
    "grip_speed_m_s": (0.005, 0.5),
    "grip_timeout_s": (0.2, 20.0),
}


@dataclass(frozen=True)
class SmallBrainConfig:
    """Tuning of arm execution and state checks; each field is bounded, see `_BOUNDS`.

    Attributes:
        state_timeout_s: Older measured states are not acted on.
        start_tolerance_rad: Largest distance from the measured joints to a trajectory's start.
        tracking_tolerance_rad: Largest distance from reference to measured joint under way.
        tracking_grace_s: How long that distance may be exceeded before the motion is given up.
        goal_tolerance_rad: Distance to the last point that counts as arrived.
        settle_timeout_s: Time allowed after the last point to get within the goal tolerance.
        stop_accel_rad_s2: Deceleration of a pre-empted motion.
        grip_speed_m_s: Speed of each finger.
        camera_tf: Whether the camera's pose in base_link goes out on /tf; not where a
            robot_state_publisher does it.
    """

    rate_hz: float = 100.0
    state_timeout_s: float = 0.05
    start_tolerance_rad: float = 0.1
    tracking_tolerance_rad: float = 0.2
    tracking_grace_s: float = 0.15
    goal_tolerance_rad: float = 0.03
    settle_timeout_s: float = 1.5
    stop_accel_rad_s2: float = 8.0
    grip_speed_m_s: float = 0.06
    grip_timeout_s: float = 3.0
    camera_tf: bool = True

    def __post_init__(self) -> None:
        """Raise ConfigError naming the first field outside its bounds."""
        check_bounds(self, _BOUNDS)
