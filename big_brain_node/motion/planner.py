# SPDX-License-Identifier: Apache-2.0
"""The one door of arm motion: a request goes in, a timed trajectory or a refusal comes out.

All poses are in base_link at the instant of planning; "horizontal" means the base's xy plane.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np

from neuraxis_common.errors import ConfigError, Rejected
from neuraxis_common.types import FloatArray, JointTrajectory

Side = Literal["left", "right"]


@dataclass(frozen=True)
class TcpGoal:
    """A pose for the tool centre point.

    Attributes:
        T_B_tcp: Wanted pose, shape (4, 4).
        yaw_free_rad: Allowed turn about the base's z axis, (lower, upper) about T_B_tcp.
        tilt_free_rad: Allowed turn about the tool's y (closing) axis, (lower, upper).
    """

    T_B_tcp: FloatArray
    yaw_free_rad: tuple[float, float] = (0.0, 0.0)
    tilt_free_rad: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class JointGoal:
    """Positions for the arm's joints, shape (n,), in the order of the arm's chain."""

    pos_rad: FloatArray


@dataclass(frozen=True)
class Obstacle:
    """A convex thing to keep away from.

    Attributes:
        size_m: Box: full extents (x, y, z). Cylinder: (diameter, diameter, height).
        T_B: Pose of its centre in base_link, shape (4, 4).
        soft: Position known only roughly: a start that touches it is a matter of noise, so the
            motion may begin there as long as it comes no closer.
    """

    name: str
    shape: Literal["box", "cylinder"]
    size_m: FloatArray
    T_B: FloatArray
    soft: bool = False


@dataclass(frozen=True)
class Attached:
    """A part between the fingers; `T_tcp` is the pose of its centre in the tool frame, (4, 4)."""

    shape: Literal["box", "cylinder"]
    size_m: FloatArray
    T_tcp: FloatArray


@dataclass(frozen=True)
class PlanRequest:
    """One motion of one arm.

    Attributes:
        start_pos_rad: All joints in profile order (fingers in m), shape (n,).
        allowed_contacts: Obstacles that the fingers may touch.
        straight_line: Move the tool centre point on a line.
        reference_pos_rad: Posture to stay near when the goal leaves a choice, shape of the chain.
        max_speed_scale: In (0, 1], of the configured joint speed.
        tcp_speed_m_s: Bound on the speed of the tool centre point.
        seed: Fixes every random choice.
        margin_scale: Share of the configured margins to keep.
    """

    start_pos_rad: FloatArray
    side: Side
    goal: TcpGoal | JointGoal
    obstacles: tuple[Obstacle, ...] = ()
    allowed_contacts: tuple[str, ...] = ()
    attached: Attached | None = None
    max_speed_scale: float = 1.0
    tcp_speed_m_s: float = 1.0
    straight_line: bool = False
    reference_pos_rad: FloatArray | None = None
    timeout_s: float = 2.0
    seed: int = 1
    margin_scale: float = 1.0


class MotionPlanner(Protocol):
    """Plans one arm motion at a time."""

    def plan(self, request: PlanRequest) -> JointTrajectory | Rejected:
        """Plan or refuse.

        Codes: ``unreachable``, ``limits``, ``start_in_collision``, ``goal_in_collision``,
        ``path_in_collision``, ``no_path``, ``timeout``, ``bad_request``.
        """


@dataclass(frozen=True)
class MotionConfig:
    """Tuning of the arm planner.

    Attributes:
        speed_fraction: Of the URDF's velocity limit, before `speed_limit_rad_s` cuts it off.
        speed_limit_rad_s, accel_limit_rad_s2: Per joint; slow enough that a standing biped sways
            by millimetres.
        soften_s: Window over which the speed along the path is averaged to bound the jerk.
        limit_margin_rad: Distance kept from every joint limit.
        margin_m: Distance kept from obstacles and from the robot itself.
        near_margin_m: The same between the hand and what it works close to.
        held_margin_m: The same for a held part, which never sits quite as planned.
        start_overlap_m: Deepest overlap with a soft obstacle, or of a held part, that a start may
            have.
        resolution_m: Farthest that any point of the arm may move between two collision checks.
        sample_s: Spacing of trajectory points.
    """

    speed_fraction: float = 0.25
    speed_limit_rad_s: float = 1.6
    accel_limit_rad_s2: float = 3.5
    soften_s: float = 0.16
    limit_margin_rad: float = 0.03
    margin_m: float = 0.008
    near_margin_m: float = 0.003
    held_margin_m: float = 0.005
    start_overlap_m: float = 0.03
    resolution_m: float = 0.015
    sample_s: float = 0.02

    def __post_init__(self) -> None:
        """Raise ConfigError naming the first field that is not positive."""
        for name, value in vars(self).items():
            if not value > 0:
                raise ConfigError(f"motion {name} must be positive, got {value}")
        if self.speed_fraction > 1:
            raise ConfigError(f"motion speed_fraction must be <= 1, got {self.speed_fraction}")


@dataclass(frozen=True)
class ArmPath:
    """Collision-free joint path of one arm before timing, shape (m, n)."""

    joint_names: tuple[str, ...]
    pos_rad: FloatArray
    details: dict = field(default_factory=dict)


def pose(R: FloatArray, p: FloatArray) -> FloatArray:
    """Homogeneous transform from rotation (3, 3) and position (3,)."""
    T = np.eye(4)
    T[:3, :3], T[:3, 3] = R, p
    return T


def yaw_pose(yaw_rad: float, p: FloatArray) -> FloatArray:
    """Homogeneous transform that turns about z, then moves to `p`."""
    c, s = np.cos(yaw_rad), np.sin(yaw_rad)
    return pose(np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]]), p)
