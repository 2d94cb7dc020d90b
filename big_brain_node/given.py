# SPDX-License-Identifier: Apache-2.0
"""A brain in front of a brain: an instruction that is a plan as JSON is taken as it is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from big_brain_node.ports import Brain
from neuraxis_bridge.job_said import Wanted
from neuraxis_bridge.text import language_of
from neuraxis_common.errors import Rejected
from neuraxis_common.plan import Plan
from neuraxis_common.types import SceneObject

_MAX_CHARS = 20_000


class GivenPlans:
    """Answers plans written as instructions, hands sentences on.

    Args:
        brain: Reads the sentences.
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
        """The plan in the instruction, the brain's own, or `Rejected` with code ``bad_plan``."""
        if not instruction.lstrip().startswith("{"):
            return self._brain.ask(rgb, instruction, seen, job)
        return read_plan(instruction)


def language_said(instruction: str, plans: Sequence[Plan]) -> str:
    """Of a sentence; a plan given as JSON says it itself, once it was read."""
    if not instruction.lstrip().startswith("{"):
        return language_of(instruction)
    return plans[-1].language if plans else "en"


def read_plan(text: str) -> Plan | Rejected:
    """A plan as JSON, or `Rejected` with code ``bad_plan``, naming what is wrong first."""
    text = text.strip()
    if len(text) > _MAX_CHARS:
        return Rejected("bad_plan", f"a plan may have {_MAX_CHARS} characters, got {len(text)}")
    try:
        return Plan.model_validate_json(text)
    except (ValidationError, RecursionError) as error:
        first = str(error).splitlines()
        return Rejected("bad_plan", f"this is no plan: {' '.join(first[:3])[:300]}")
