# SPDX-License-Identifier: Apache-2.0
"""A brain that is not even asked what plain words alone must refuse, whichever model it is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from big_brain_node.ports import Brain
from neuraxis_bridge.job_said import Wanted
from neuraxis_bridge.screen import screen
from neuraxis_bridge.text import language_of
from neuraxis_common.errors import Rejected
from neuraxis_common.plan import Plan
from neuraxis_common.types import SceneObject


class Screened:
    """Refuses on the robot by `neuraxis_bridge.screen`, asks the brain about all else.

    Args:
        brain: Any, also one at a URL that has no such rules.
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
        """The brain's answer, or a plan that refuses."""
        refusal = screen(instruction)
        if refusal is not None:
            return Plan(language=language_of(instruction), refusal=refusal)
        return self._brain.ask(rgb, instruction, seen, job)
