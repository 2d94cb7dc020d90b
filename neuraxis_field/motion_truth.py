# SPDX-License-Identifier: Apache-2.0
"""The simulator's truth on a walking robot: falls, way and speed."""

from __future__ import annotations

import math

import numpy as np

from neuraxis_common.types import FloatArray
from neuraxis_sim.lockstep import LockstepWorld

SAMPLE_S = 0.05
# Velocity is judged as its mean over this long: a body sways with its steps.
_WINDOW_S = 1.0
# A new command is judged after this long.
_SETTLE_S = 3.0
_FALL_TILT_RAD, _FALL_SHARE = math.radians(45), 0.6


class MotionTruth:
    """What the simulator knows of one robot; `look` every `SAMPLE_S`.

    Attributes:
        fallen: Whether the robot lies, leans beyond 45 degrees or has been stopped.
    """

    def __init__(self, world: LockstepWorld) -> None:
        self._world, self._at = world, world.robot.base_qpos_adr
        self._height_m = float(world.qpos()[self._at + 2])
        self._rows: list[FloatArray] = [self.pose()]
        self._wishes: list[FloatArray] = [np.zeros(3)]
        self.fallen = False

    def look(self, wish: FloatArray) -> None:
        """Take note of where the base is."""
        self._rows.append(self.pose())
        self._wishes.append(wish)
        qpos = self._world.qpos()
        _, x, y, _ = qpos[self._at + 3 : self._at + 7]
        tilt = math.acos(max(-1.0, min(1.0, 1 - 2 * (x * x + y * y))))
        low = qpos[self._at + 2] < _FALL_SHARE * self._height_m
        stopped = self._world.state.stop_level != "run"
        self.fallen = bool(low or tilt > _FALL_TILT_RAD or stopped)

    @property
    def distance_m(self) -> float:
        """Length of the way, in steps of a window."""
        every = round(_WINDOW_S / SAMPLE_S)
        places = np.array(self._rows)[::every, :2]
        return float(np.linalg.norm(np.diff(places, axis=0), axis=1).sum())

    def errors(self) -> list[list[float]]:
        """Velocity less command per window, forward, left and turning, once it has settled."""
        window, settle = round(_WINDOW_S / SAMPLE_S), round(_SETTLE_S / SAMPLE_S)
        rows, wishes = np.array(self._rows), np.array(self._wishes)
        rows[:, 2] = np.unwrap(rows[:, 2])
        errors = []
        for end in range(window + settle, len(rows), window):
            if np.any(wishes[end - window - settle : end + 1] != wishes[end]):
                continue
            heading = rows[end - window : end, 2].mean()
            move = (rows[end] - rows[end - window]) / _WINDOW_S
            c, s = math.cos(heading), math.sin(heading)
            got = [c * move[0] + s * move[1], c * move[1] - s * move[0], move[2]]
            errors.append([round(float(a - b), 4) for a, b in zip(got, wishes[end], strict=True)])
        return errors

    def pose(self) -> FloatArray:
        """x, y and heading of the base in the world, shape (3,)."""
        qpos = self._world.qpos()
        w, x, y, z = qpos[self._at + 3 : self._at + 7]
        heading = math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
        return np.array([qpos[self._at], qpos[self._at + 1], heading])
