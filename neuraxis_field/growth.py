# SPDX-License-Identifier: Apache-2.0
"""Carries a trained layer with one row per name over to a longer or reordered list of names."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from neuraxis_common.errors import ConfigError

# The shape that each later one looks and is spoken of most like: where its row starts.
KIN = {
    "bottle": "cylinder", "can": "cylinder", "cup": "cylinder", "carton": "block",
    "basket": "bin", "crate": "bin",
}  # fmt: skip
# Share of the fresh row in the start of a new one, so that it differs from that of its kin.
_FRESH = 0.3


def grown_rows(
    old: Tensor, old_names: Sequence[str], fresh: Tensor, names: Sequence[str]
) -> Tensor:
    """Rows of `names`: the old one of that name, else its kin's mixed with the fresh one.

    Args:
        old: Trained rows, shape (len(old_names), ...).
        old_names: What they stand for.
        fresh: Untrained rows, shape (len(names), ...).
        names: What is wanted.

    Raises:
        ConfigError: `old` does not have a row per name.
    """
    if len(old) != len(old_names):
        raise ConfigError(f"{len(old)} trained rows do not fit the {len(old_names)} names given")
    rows = fresh.clone()
    for index, name in enumerate(names):
        if name in old_names:
            rows[index] = old[list(old_names).index(name)]
        elif KIN.get(name) in old_names:
            rows[index] = (1 - _FRESH) * old[list(old_names).index(KIN[name])]
            rows[index] += _FRESH * fresh[index]
    return rows
