# SPDX-License-Identifier: Apache-2.0
"""Frames by several authors who saw nothing of each other: different people put things differently.

Every module ``<author>_<language>`` here holds ``FRAMES``, by the names of the tables it extends.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Sequence
from functools import cache


@cache
def _frames(language: str) -> tuple[dict[str, tuple[str, ...]], ...]:
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return tuple(
        importlib.import_module(f"{__name__}.{name}").FRAMES
        for name in names
        if name.endswith(f"_{language}")
    )


def voices(language: str, table: str) -> tuple[str, ...]:
    """What all authors wrote for one table, such as ``IMPERATIVE``."""
    return tuple(frame for frames in _frames(language) for frame in frames.get(table, ()))


def mixed(core: Sequence[str], language: str, table: str) -> tuple[str, ...]:
    """The table's own frames, then the authors': each kind is about half of what is drawn.

    The more authors, the rarer would plain sentences be otherwise.
    """
    others = voices(language, table)
    return tuple(core) * max(1, round(len(others) / len(core))) + others
