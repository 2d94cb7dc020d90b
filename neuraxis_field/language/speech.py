# SPDX-License-Identifier: Apache-2.0
"""Which class says programs in which language."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Protocol

from neuraxis_bridge.program import Program
from neuraxis_field.language import en_speech, zh_speech


class Speaks(Protocol):
    """Says programs in one language."""

    def say(self, program: Program) -> str:
        """One sentence, or several."""


def speaker(language: str) -> Callable[[random.Random, str], Speaks]:
    """The speaker class of ``en`` or ``zh``; call it with generator and split."""
    return zh_speech.Speaker if language == "zh" else en_speech.Speaker
