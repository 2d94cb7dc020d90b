# SPDX-License-Identifier: Apache-2.0
"""Parameters of the big brain."""

from __future__ import annotations

from dataclasses import dataclass

from neuraxis_common.bounds import check_bounds
from neuraxis_common.bringup import MOTION_PLANNERS
from neuraxis_common.errors import ConfigError

_BOUNDS = {
    "tick_rate_hz": (5.0, 100.0),
    "max_attempts": (1, 10),
    "max_replans": (0, 10),
    "brain_timeout_s": (0.1, 60.0),
    "look_timeout_s": (0.2, 30.0),
    "fresh_age_s": (0.05, 5.0),
    "motion_timeout_s": (1.0, 120.0),
    "job_timeout_s": (5.0, 3600.0),
    "grip_force_N": (1.0, 100.0),
    "carry_force_N": (1.0, 100.0),
    "match_iou": (0.05, 0.95),
    "judge_looks": (0, 20),
}


@dataclass(frozen=True)
class BigBrainConfig:
    """Tuning of the executive; each field is bounded, see `_BOUNDS`.

    Attributes:
        max_attempts: Tries per plan step, each with a fresh look.
        max_replans: Times the brain is asked again for one instruction.
        look_timeout_s: How long to wait for a fresh view before a step fails.
        fresh_age_s: An object older than this is not acted on.
        grip_force_N: Of each finger on a part.
        carry_force_N: The same for a part that the robot walks with.
        match_iou: Overlap from which a box of the brain is a tracked object.
        judge_looks: How often the brain may look whether a job is done, after every step was
            verified by measured positions; 0 for not at all.
    """

    tick_rate_hz: float = 20.0
    max_attempts: int = 3
    max_replans: int = 2
    brain_timeout_s: float = 5.0
    look_timeout_s: float = 4.0
    fresh_age_s: float = 1.0
    motion_timeout_s: float = 25.0
    job_timeout_s: float = 600.0
    grip_force_N: float = 20.0
    carry_force_N: float = 35.0
    match_iou: float = 0.4
    judge_looks: int = 3

    def __post_init__(self) -> None:
        """Raise ConfigError naming the first field outside its bounds."""
        check_bounds(self, _BOUNDS)


_LADDER_BOUNDS = {
    "probe_period_s": (0.05, 10.0),
    "idle_period_s": (0.05, 60.0),
    "probe_timeout_s": (0.05, 10.0),
    "probe_misses": (1, 10),
    "return_after_s": (0.1, 600.0),
    "return_probes": (1, 100),
    "first_answer_s": (0.01, 60.0),
    "cached_plan_age_s": (0.0, 86400.0),
}


@dataclass(frozen=True)
class LadderConfig:
    """When another brain is asked, where there are several; bounded by `_LADDER_BOUNDS`.

    When the link of a brain goes silent while it is asked, the next one is asked as well after at
    most `probe_period_s + probe_timeout_s`, 0.4 s, and it is left after `probe_misses` of these
    timeouts, 0.7 s. A brain farther away than 0.2 s wants a longer one.

    Attributes:
        probe_period_s: Between two looks at each brain while one is asked.
        idle_period_s: The same while none is asked.
        probe_timeout_s: A brain that takes longer has missed a look.
        probe_misses: Looks missed in a row after which a brain is left.
        return_after_s: Shortest time for which a lost brain is left; doubles up to a minute
            while it fails soon after it came back.
        return_probes: Good looks in a row that it needs to come back.
        first_answer_s: Time of an answer, until one was measured.
        cached_plan_age_s: An older plan is not used again; 0 for none at all.
    """

    probe_period_s: float = 0.1
    idle_period_s: float = 1.0
    probe_timeout_s: float = 0.3
    probe_misses: int = 2
    return_after_s: float = 2.0
    return_probes: int = 3
    first_answer_s: float = 0.5
    cached_plan_age_s: float = 900.0

    def __post_init__(self) -> None:
        """Raise ConfigError naming the first field outside its bounds."""
        check_bounds(self, _LADDER_BOUNDS)


@dataclass(frozen=True)
class MotionParams:
    """Who finds the arms' ways.

    Attributes:
        motion_planner: One of `bringup.MOTION_PLANNERS`; with ``moveit`` the embedded planner
            stands in whenever MoveIt is missing, late or dead.
    """

    motion_planner: str = MOTION_PLANNERS[0]

    def __post_init__(self) -> None:
        """Raise ConfigError for a planner that does not exist."""
        if self.motion_planner not in MOTION_PLANNERS:
            choices = ", ".join(MOTION_PLANNERS)
            given = self.motion_planner
            raise ConfigError(f"motion_planner must be one of {choices}, got '{given}'")
