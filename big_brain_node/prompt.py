# SPDX-License-Identifier: Apache-2.0
"""The brain asked without delay, whatever else the machine does."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from big_brain_node.ports import Brain
from neuraxis_bridge.job_said import Wanted
from neuraxis_common.errors import Rejected
from neuraxis_common.plan import Plan
from neuraxis_common.realtime import realtime
from neuraxis_common.types import SceneObject

# Below the brain beside the robot (8), the camera (10), perception (20) and all that keeps the
# robot standing. The node's callbacks have it too: the asking thread gets Python's lock only after
# the callback that holds it has gone on.
PRIORITY = 7


class Prompt:
    """A brain that is asked with a real-time priority, where allowed.

    Args:
        brain: Answers.
    """

    def __init__(self, brain: Brain) -> None:
        self._brain = brain

    def ask(
        self,
        rgb: NDArray[np.uint8],
        instruction: str,
        seen: Sequence[SceneObject] = (),
        job: Sequence[Wanted] = (),
    ) -> Plan | Rejected:
        """Same as the brain's own."""
        with realtime(PRIORITY):
            return self._brain.ask(rgb, instruction, seen, job)
