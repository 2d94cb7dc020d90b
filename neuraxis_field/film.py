# SPDX-License-Identifier: Apache-2.0
"""Films of evaluation episodes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from neuraxis_common.types import FloatArray
from neuraxis_field.course import FOLLOW_CAMERA
from neuraxis_sim.lockstep import LockstepWorld


class Film:
    """States of one trial, for a film from beside the robot."""

    def __init__(self, world: LockstepWorld) -> None:
        self._world = world
        self._times: list[float] = []
        self._states: list[FloatArray] = []

    def look(self) -> None:
        """Keep the state of this moment."""
        self._times.append(self._world.now_s)
        self._states.append(self._world.qpos())

    def save(self, path: Path, title: str) -> None:
        """Draw and write an MP4."""
        # Drawing needs EGL and codecs, which episodes without a film do not.
        from neuraxis_sim.video import FilmOptions, StateLog, render_video

        log = StateLog(np.array(self._times), np.array(self._states))
        options = FilmOptions(camera=FOLLOW_CAMERA, fps=20, title=title)
        render_video(self._world.robot.model, log, path, options)
