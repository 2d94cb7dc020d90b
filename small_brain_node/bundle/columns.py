# SPDX-License-Identifier: Apache-2.0
"""Which column of one table, scaled and shifted, is which column of another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuraxis_common.types import FloatArray

# Samples that a line with two free parameters must meet beyond the two that fix it.
MIN_ROWS = 6
SAME = 1e-4


@dataclass(frozen=True)
class Expected:
    """What a contract says about each of m columns: ``scale * (source[index] - shift) + added``.

    Attributes:
        index: Source column, shape (m,).
        scale: Shape (m,).
        shift: Subtracted from each source column before clip and scale, shape (n,).
        added: Added to each column after scaling, shape (m,).
        clip: Bounds of a source column after the shift.
    """

    index: NDArray[np.intp]
    scale: FloatArray
    shift: FloatArray
    added: FloatArray
    clip: tuple[float, float]

    def offset(self, line: Match, column: int) -> float:
        """Offset that the contract gives a column which is this line of its source."""
        return float(self.added[column] - line.scale * self.shift[line.index])


@dataclass(frozen=True)
class Match:
    """What a column really is: ``scale * source[index] + offset``."""

    index: int
    scale: float
    offset: float


def match_columns(
    source: FloatArray, wanted: FloatArray, expected: Expected, tolerance: float
) -> tuple[Match, ...] | None:
    """Explain every wanted column by one source column; None where one cannot be.

    Args:
        source: Shape (rows, n).
        wanted: Shape (rows, m).
        expected: What the contract says, which is preferred where it holds.
        tolerance: Largest difference that counts as rounding, relative to 1 + the largest value.
    """
    lines = []
    for column in range(wanted.shape[1]):
        line = _match_one(source, wanted[:, column], expected, column, tolerance)
        if line is None:
            return None
        lines.append(line)
    return tuple(lines)


def _match_one(
    source: FloatArray, wanted: FloatArray, expected: Expected, column: int, tolerance: float
) -> Match | None:
    low, high = expected.clip
    allowed = tolerance * (1.0 + float(np.abs(wanted).max()))
    open_rows = _unsaturated(wanted)
    found: list[tuple[float, Match]] = []
    for i in range(source.shape[1]):
        moved = source[:, i] - expected.shift[i]
        rows = open_rows & (moved > low) & (moved < high)
        match = _line(source[rows, i], wanted[rows], allowed)
        if match is not None:
            line = Match(i, *match)
            found.append((_strangeness(line, expected, column), line))
    return min(found, key=lambda item: item[0])[1] if found else None


def _line(x: FloatArray, y: FloatArray, allowed: float) -> tuple[float, float] | None:
    """Scale and offset of the line through all points, None where there is none."""
    if len(x) < MIN_ROWS:
        return None
    middle = x.mean()
    spread = x - middle
    power = float(spread @ spread)
    if power < 1e-16:
        return None
    scale = float(spread @ y) / power
    offset = float(y.mean()) - scale * middle
    if abs(scale) < 1e-9 or np.abs(scale * x + offset - y).max() > allowed:
        return None
    return scale, offset


def _unsaturated(wanted: FloatArray) -> NDArray[np.bool_]:
    """Rows away from a bound that several of them sit on."""
    rows = np.ones(len(wanted), dtype=bool)
    for bound in (wanted.min(), wanted.max()):
        at_bound = wanted == bound
        if at_bound.sum() > 1:
            rows &= ~at_bound
    return rows


def _strangeness(line: Match, expected: Expected, column: int) -> float:
    """How far a match is from the contract: joint first, then scale, then offset."""
    scale = expected.scale[column]
    moved = 4.0 * (line.index != expected.index[column])
    scaled = 2.0 * (not same(line.scale, scale))
    shifted = 1.0 * (not same(line.offset, expected.offset(line, column), abs(scale)))
    return moved + scaled + shifted


def same(a: float, b: float, unit: float = 0.0) -> bool:
    """Whether two numbers agree as far as a line through float32 samples can tell."""
    return bool(abs(a - b) <= SAME * max(abs(b), unit, 1e-6))


def order_of(lines: Sequence[Match]) -> NDArray[np.intp]:
    """Source column of each wanted column, shape (m,)."""
    return np.array([line.index for line in lines], dtype=np.intp)
