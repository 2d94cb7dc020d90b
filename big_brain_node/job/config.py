# SPDX-License-Identifier: Apache-2.0
"""Parameters of jobs."""

from __future__ import annotations

from dataclasses import dataclass

from neuraxis_common.bounds import check_bounds
from neuraxis_common.errors import ConfigError

WHEN_BUSY = ("supersede", "refuse")


@dataclass(frozen=True)
class JobParams:
    """What becomes of jobs that others cut short.

    Attributes:
        when_busy: What an instruction does while another is under way: one of `WHEN_BUSY`.
        state_dir: Folder of the journal; empty for ``$ROS_HOME/neuraxis``, ``~/.ros/neuraxis``.
        resume_age_s: A job that was interrupted longer ago is not taken up again.
    """

    when_busy: str = WHEN_BUSY[0]
    state_dir: str = ""
    resume_age_s: float = 3600.0

    def __post_init__(self) -> None:
        """Raise ConfigError for a policy that does not exist or an age out of bounds."""
        if self.when_busy not in WHEN_BUSY:
            choices = ", ".join(WHEN_BUSY)
            raise ConfigError(f"when_busy must be one of {choices}, got '{self.when_busy}'")
        check_bounds(self, {"resume_age_s": (0.0, 604_800.0)})
