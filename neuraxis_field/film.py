# SPDX-License-Identifier: Apache-2.0
"""Films of evaluation episodes."""

from __future__ import annotations

from collections import deque
from fractions import Fraction
from pathlib import Path

import numpy as np

from neuraxis_common.types import FloatArray
from neuraxis_field.course import FOLLOW_CAMERA
from neuraxis_field.motion_truth import SAMPLE_S
from neuraxis_sim.lockstep import LockstepWorld
from neuraxis_sim.render import Arrow

_SIZE = (640, 480)
# A shove lasts a tenth of a second; its arrow is as long as it would carry in three.
_ARROW_SHOWN_S, _ARROW_S = 0.5, 3.0


class Film:
    """States of one trial, for a film from beside the robot.

    Args:
        world: Looked at every `SAMPLE_S`.
        last_s: How much of its end is kept; all when None.
    """

    def __init__(self, world: LockstepWorld, last_s: float | None = None) -> None:
        self._world = world
        most = None if last_s is None else round(last_s / SAMPLE_S)
        self._states: deque[tuple[FloatArray, Arrow | None]] = deque(maxlen=most)
        self._shove: tuple[float, Arrow] | None = None

    def look(self) -> None:
        """Keep the state of this moment."""
        shown = self._shove is not None and self._world.now_s < self._shove[0]
        self._states.append((self._world.qpos(), self._shove[1] if shown else None))

    def shove(self, body: str, velocity_m_s: FloatArray) -> None:
        """Show for a moment what pushes a body: impulse over the robot's mass, shape (2,)."""
        along_m = np.append(velocity_m_s, 0.0) * _ARROW_S
        self._shove = self._world.now_s + _ARROW_SHOWN_S, Arrow(body, along_m)

    def save(self, path: Path) -> None:
        """Draw and write an H.264 MP4; the bench's soft light has no bench to lie on here."""
        # Drawing needs EGL and codecs, which episodes without a film do not.
        import av

        from neuraxis_sim.render import Renderer

        width, height = _SIZE
        model = self._world.robot.model
        with (
            Renderer(model, FOLLOW_CAMERA, width, height) as renderer,
            av.open(str(path), "w", options={"movflags": "faststart"}) as container,
        ):
            stream = container.add_stream("libx264", rate=Fraction(round(1.0 / SAMPLE_S)))
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            for qpos, arrow in self._states:
                image = renderer.view(qpos, FOLLOW_CAMERA, arrow)
                frame = av.VideoFrame.from_ndarray(image, format="rgb24")
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
