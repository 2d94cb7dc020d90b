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
    "velocity_timeout_s": (0.05, 2.0),
    "frozen_timeout_s": (0.005, 10.0),
    "fault_patience_s": (0.0, 1.0),
}
_POLICY_BOUNDS = {
    "limit_slack_rad": (0.0, 3.0),
    "rate_margin": (0.1, 100.0),
    "gate_patience_s": (0.0, 1.0),
    "restless_margin": (0.01, 100.0),
    "restless_bound": (0.01, 100.0),
    "distance_margin": (1.0, 1000.0),
    "range_margin": (0.0, 1000.0),
    "shadow_s": (0.1, 60.0),
    "shadow_timeout_s": (0.1, 600.0),
    "divergence_share": (0.0, 2.0),
    "blend_s": (0.01, 5.0),
    "fallback_s": (0.01, 1.0),
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
        velocity_timeout_s: A velocity command that is older counts as standing still.
        frozen_timeout_s: Joint readings may repeat to the last bit for less than this while those
            of the IMU do not; shorter than a cycle, so that the first repetition counts.
        fault_patience_s: A pose is held for so long on states that cannot be acted on; then nothing
            is sent any more, and the spinal cord goes down its stop ladder.
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
    velocity_timeout_s: float = 0.3
    frozen_timeout_s: float = 0.008
    fault_patience_s: float = 0.1
    camera_tf: bool = True

    def __post_init__(self) -> None:
        """Raise ConfigError naming the first field outside its bounds."""
        check_bounds(self, _BOUNDS)


@dataclass(frozen=True)
class PolicyConfig:
    """Which policy runs, when it is not believed any more, and how another one takes over.

    Attributes:
        bundle_path: Policy bundle; ``shipped`` for the robot's own, ``classical`` or empty for the
            classical controller, ``auto`` for which of them the profile says.
        trusted_keys: Folder of public keys whose bundles may run; empty for the one beside the
            robots' profiles.
        limit_slack_rad: How far a policy's target may lie beyond a joint's limits.
        rate_margin: Largest step of a target, over what the joint can reach in that time.
        gate_patience_s: How long such a fault may last; numbers that are not finite may not.
        restless_margin: How far targets may step back from the step before, mean over the joints,
            over what a joint can reach in that time.
        restless_bound: What they may go beyond that, added up over the steps; a step that keeps
            below the margin pays back what it keeps.
        distance_margin: Largest Mahalanobis distance of an observation, over that of training.
        range_margin: How far an observation may leave the range of training, as a share of it.
        shadow_s: How long a new bundle must agree with the old one before it takes over.
        shadow_timeout_s: How long it may try.
        divergence_share: Largest difference of a joint's effort, as a share of its limit.
        blend_s: Time from one controller's command to the next one's, where nothing is wrong.
        fallback_s: The same, where something is.
    """

    bundle_path: str = ""
    trusted_keys: str = ""
    limit_slack_rad: float = 0.5
    rate_margin: float = 2.0
    gate_patience_s: float = 0.1
    restless_margin: float = 0.1
    restless_bound: float = 1.2
    distance_margin: float = 2.0
    range_margin: float = 1.0
    shadow_s: float = 2.0
    shadow_timeout_s: float = 10.0
    divergence_share: float = 0.3
    blend_s: float = 0.3
    fallback_s: float = 0.05

    def __post_init__(self) -> None:
        """Raise ConfigError naming the first field outside its bounds."""
        check_bounds(self, _POLICY_BOUNDS)
