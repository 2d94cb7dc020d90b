# SPDX-License-Identifier: Apache-2.0
"""Films of evaluation episodes."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from neuraxis_common.types import FloatArray
from neuraxis_field.course import FOLLOW_CAMERA
from neuraxis_field.motion_truth import SAMPLE_S
from neuraxis_sim.lockstep import LockstepWorld

_SIZE = (640, 480)


class Film:
    """States of one trial, for a film from beside the robot."""

    def __init__(self, world: LockstepWorld) -> None:
        self._world = world
        self._states: list[FloatArray] = []

    def look(self) -> None:
        """Keep the state of this moment."""
        self._states.append(self._world.qpos())

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
            for qpos in self._states:
                image = renderer.view(qpos, FOLLOW_CAMERA)
                frame = av.VideoFrame.from_ndarray(image, format="rgb24")
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
