# SPDX-License-Identifier: Apache-2.0
"""What the robot touches, from the simulator's truth; for judges only."""

from __future__ import annotations

import mujoco
import numpy as np
from numpy.typing import NDArray


class TouchWatch:
    """Names of the bodies of the world that the robot touches; call `look` often.

    Args:
        model: The compiled world.
        base_joint: Name of the robot's free joint.
    """

    def __init__(self, model: mujoco.MjModel, base_joint: str = "base_free") -> None:
        self._model, self._data = model, mujoco.MjData(model)
        self._robot = int(model.body_rootid[model.jnt_bodyid[model.joint(base_joint).id]])
        self.touched: set[str] = set()

    def look(self, qpos: NDArray[np.float64]) -> set[str]:
        """Note what is touched in this state; the floor does not count.

        Returns:
            What was touched in any state so far.
        """
        model, data = self._model, self._data
        data.qpos[:] = qpos
        mujoco.mj_fwdPosition(model, data)
        for pair in model.geom_bodyid[data.contact.geom]:
            inside = model.body_rootid[pair] == self._robot
            if inside[0] != inside[1]:
                other = int(pair[1] if inside[0] else pair[0])
                if other != 0:
                    self.touched.add(str(model.body(other).name))
        return self.touched
