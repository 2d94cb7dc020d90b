# SPDX-License-Identifier: Apache-2.0
"""What the walking controller is told, and what it is tuned by."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any

from neuraxis_common.errors import ConfigError
from neuraxis_common.types import FloatArray

# The range of commands that the small brain accepts, from the task of velocity walking.
LIMITS = {
    "vx_m_s": (-0.3, 1.0),
    "vy_m_s": (-0.3, 0.3),
    "yaw_rate_rad_s": (-0.6, 0.6),
}
# Commands below this are standing still.
_DEAD_BAND = 0.02


@dataclass(frozen=True)
class VelocityCommand:
    """Wanted velocity of the robot in its own heading: forward, left, and turning to the left."""

    vx_m_s: float = 0.0
    vy_m_s: float = 0.0
    yaw_rate_rad_s: float = 0.0

    def __post_init__(self) -> None:
        """Raise ConfigError naming the first component that is not finite or out of range."""
        for field in fields(self):
            value, (low, high) = getattr(self, field.name), LIMITS[field.name]
            if not (math.isfinite(value) and low <= value <= high):
                raise ConfigError(f"{field.name} must be in [{low}, {high}], got {value}")

    @classmethod
    def nearest(cls, velocity: FloatArray) -> VelocityCommand:
        """What comes closest to a wish of finite numbers, shape (3,), within the limits."""
        bounds = zip(velocity, LIMITS.values(), strict=True)
        return cls(*(min(max(float(value), low), high) for value, (low, high) in bounds))

    @property
    def still(self) -> bool:
        """Whether this asks to stand."""
        return max(abs(self.vx_m_s), abs(self.vy_m_s), abs(self.yaw_rate_rad_s)) < _DEAD_BAND


@dataclass(frozen=True)
class WalkingSettings:
    """Tuning of the gait. Lengths that scale with the robot are shares of its own size.

    Attributes:
        single_s: Time on one foot.
        double_s: Time in which the load passes from one foot to the other.
        start_s: Time in which the weight goes over the first stance foot.
        settle_s: Time in which the body comes to rest over both feet after the last step.
        width: Lateral distance of the soles while walking over that of the ready pose.
        gap_m: Least lateral distance between the middles of the soles, beyond a sole's width.
        reach: Longest step over the height of the centre of mass.
        stride: Longest advance per step that is aimed for over the same: swinging the leg further
            twists the standing sole on the floor.
        clearance_m: How high the swinging sole is lifted.
        trodden: Steps for which the lowest floor is kept in mind. On a bump, often with both feet,
            the next sole must come down to the floor below: late by 0.1 s, it is too late.
        push_m: Most that a lasting push is believed to offset the divergent component of motion.
        drop: Share of the centre of mass's height given up for longer legs.
        dcm_gain: Centre of pressure per error of the divergent component of motion.
        lead_s: Time from measurement to torque that is predicted over.
        side_m_s: Fastest walk sideways; commands beyond are walked at this.
        accel_m_s2: Slew of the commanded velocity; turning uses twice the number in rad/s^2.
        height, height_rate: Feedback of the base's height, 1/s^2 and 1/s.
        tilt, tilt_rate: Feedback of the base's orientation, 1/s^2 and 1/s.
        stance_stiffness, swing_stiffness: Joint gains over those of the profile.
        sole_margin: Share of the sole that the centre of pressure may use.
        grip: Share of the sole's length and width that is counted on against twisting.
        ankle_share: Share of the ankle's torque that moves the centre of pressure.
        friction: Tangential over normal force that a sole is asked for at most.
        capture_m: Distance of the divergent component of motion beyond the soles' used area
            that makes a standing robot step.
    """

    single_s: float = 0.36
    double_s: float = 0.06
    start_s: float = 0.5
    settle_s: float = 0.6
    width: float = 0.85
    gap_m: float = 0.03
    reach: float = 0.8
    stride: float = 0.54
    clearance_m: float = 0.06
    trodden: int = 4
    push_m: float = 0.10
    drop: float = 0.06
    dcm_gain: float = 1.5
    lead_s: float = 0.010
    side_m_s: float = 0.3
    accel_m_s2: float = 0.4
    height: float = 60.0
    height_rate: float = 12.0
    tilt: float = 60.0
    tilt_rate: float = 10.0
    stance_stiffness: float = 0.3
    swing_stiffness: float = 1.0
    sole_margin: float = 0.85
    grip: float = 1.0
    ankle_share: float = 0.8
    friction: float = 0.6
    capture_m: float = 0.01

    @classmethod
    def of(cls, robot: str) -> WalkingSettings:
        """Those a robot walks with, by the name of its profile."""
        return cls(**_OF_ROBOT.get(robot, {}))


# Found by trials with drawn dynamics, on few robots. The A2 fell at a latency of 17 ms with a lead
# of 10 ms, at 19 ms with 16 ms, and walked with 20 ms at latencies from 4 to 19 ms; its ankles are
# the weakest for its weight. The A3 and the X2 fell with 22 ms.
# At 0.3 m/s to the side the A2's hip roll is asked for more than its 76.8 Nm in each step and it
# fell in 3 of 6 trials, at 0.25 m/s in none of 6. The A3 with its stance legs as stiff as the
# others' fell in 3 of 12 walks of a minute at latencies from 15 ms up, softer in none of 28.
# The X2 fell at 2 of 175 bumps of 2 cm with a grip of 0.85 and at 8 of 111 with 1; with 0.85 the A3
# fell in three walks, turning at full speed, that it held with 1.
# Shoved while it stood, the A2 took first steps of 0.53 m and then dragged the foot left behind: it
# fell in 5 of 8 minutes of shoves, with a reach of 0.44 m in none.
# The A2 fell at 8 of 17 bumps of 2 cm with 1 step in mind, at 3 of 90 with 2, at none of 120 with
# 4, the X2 then at none of 180.
# The A3's policy, which learnt to walk before pushes were made up for, fell in 2 of 12 walks that
# did so, in neither without; the controller fell at fewer bumps in wind with it.
_OF_ROBOT: dict[str, dict[str, Any]] = {
    "expedition_a2": {"lead_s": 0.020, "side_m_s": 0.25, "reach": 0.5},
    "lingxi_x2": {"stance_stiffness": 0.15, "lead_s": 0.006, "grip": 0.85},
    "expedition_a3": {"stance_stiffness": 0.15, "lead_s": 0.006, "push_m": 0.0},
}
