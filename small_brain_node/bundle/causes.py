# SPDX-License-Identifier: Apache-2.0
"""Words for what is wrong between a contract and its golden vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import pi
from typing import Any

import numpy as np

from neuraxis_common.types import FloatArray
from small_brain_node.bundle.columns import Expected, Match, order_of, same

DEGREE = 180.0 / pi
# Decimals at which exporters are known to round what they write down.
ROUNDED_DECIMALS = (2, 3, 4)


@dataclass(frozen=True)
class Cause:
    """One explanation that makes the golden vectors come out right.

    Attributes:
        code: Stable name of the kind of fault, snake_case.
        where: Observation term, ``action``, ``history`` or ``network``.
        reason: One sentence for a person: what the contract says, what the vectors say.
        details: The same as values, JSON-serialisable.
    """

    code: str
    where: str
    reason: str
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Subject:
    """What a table of columns is about.

    Attributes:
        where: Name of the term, or ``action``.
        angular: Whether its source is an angle or a rate of angles.
        elements: Name of each column as the contract has it, m of them.
        sources: Name of each source column, n of them.
        positions: Whether offsets are a default pose.
        added: Whether that pose is added after scaling instead of subtracted before it.
    """

    where: str
    angular: bool
    elements: tuple[str, ...]
    sources: tuple[str, ...]
    positions: bool = False
    added: bool = False


def name_causes(lines: Sequence[Match], expected: Expected, subject: Subject) -> list[Cause]:
    """Name every way in which the lines differ from the contract."""
    causes = []
    order = order_of(lines)
    if np.any(order != expected.index):
        causes.append(_permutation(order, expected, subject))
    ratios = np.array([m.scale for m in lines]) / expected.scale
    off = np.array([not same(ratio, 1.0) for ratio in ratios])
    if off.any():
        causes.append(_scale(ratios, off, lines, expected, subject))
    drift = [
        i for i, m in enumerate(lines) if not same(m.offset, expected.offset(m, i), abs(m.scale))
    ]
    if drift:
        causes.append(_offset(drift, lines, expected, subject))
    return causes


def _permutation(order: np.ndarray, expected: Expected, subject: Subject) -> Cause:
    golden = [subject.sources[i] for i in order]
    contract = [subject.sources[i] for i in expected.index]
    wrong = [i for i, (a, b) in enumerate(zip(golden, contract, strict=True)) if a != b]
    first = wrong[0]
    pattern = _pattern(contract, golden)
    code = "joint_permutation" if "joint" in contract[0] else "axis_permutation"
    reason = (
        f"{len(wrong)} of {len(golden)} elements are in another order{pattern}: place {first} is"
        f" '{golden[first]}' in the golden vectors, '{contract[first]}' in the contract"
    )
    details = {"contract": contract, "golden": golden, "places": wrong}
    return Cause(code, subject.where, reason, details)


def _pattern(contract: list[str], golden: list[str]) -> str:
    if golden == contract[::-1]:
        return " (reversed)"
    if golden == [_mirrored(name) for name in contract]:
        return " (left and right swapped)"
    if len(golden) == len(set(golden)) and set(golden) == set(contract):
        return ""
    return " (and not the same ones)"


def _mirrored(name: str) -> str:
    if "left" in name:
        return name.replace("left", "right")
    return name.replace("right", "left")


def _scale(
    ratios: FloatArray,
    off: np.ndarray,
    lines: Sequence[Match],
    expected: Expected,
    subject: Subject,
) -> Cause:
    names = [subject.elements[i] for i in np.flatnonzero(off)]
    common = float(ratios[off][0])
    alike = all(same(ratio, common) for ratio in ratios[off])
    whom = "it" if off.all() else ", ".join(f"'{name}'" for name in names)
    details: dict[str, Any] = {"elements": names, "factor": common if alike else None}
    details["contract"] = [float(expected.scale[i]) for i in np.flatnonzero(off)]
    details["golden"] = [lines[i].scale for i in np.flatnonzero(off)]
    if alike and same(common, -1.0):
        return Cause("sign", subject.where, f"the sign of {whom} is flipped", details)
    if alike and subject.angular and same(common, DEGREE):
        reason = f"the golden vectors have {whom} in degrees, the contract in radians"
        return Cause("degrees", subject.where, reason, details)
    if alike and subject.angular and same(common, 1.0 / DEGREE):
        reason = f"the golden vectors have {whom} in radians, the contract in degrees"
        return Cause("degrees", subject.where, reason, details)
    if _rounded(details["contract"], details["golden"]):
        reason = f"the contract's scale of {whom} is rounded: {_pairs(details)}"
        return Cause("rounded", subject.where, reason, details)
    factor = f" (factor {common:.6g})" if alike else ""
    reason = f"the scale of {whom} differs{factor}: {_pairs(details)}"
    return Cause("scale", subject.where, reason, details)


def _offset(
    drift: list[int], lines: Sequence[Match], expected: Expected, subject: Subject
) -> Cause:
    details: dict[str, Any] = {"elements": [], "contract": [], "golden": []}
    for i in drift:
        line = lines[i]
        if subject.added:
            row = (subject.elements[i], expected.added[i], line.offset)
        else:
            row = (
                subject.sources[line.index],
                expected.shift[line.index],
                -line.offset / line.scale,
            )
        for key, value in zip(("elements", "contract", "golden"), row, strict=True):
            details[key].append(value if isinstance(value, str) else float(value))
    names = _quoted(details["elements"])
    if not subject.positions:
        reason = f"a constant is added to {names}: {_pairs(details)}"
        return Cause("offset", subject.where, reason, details)
    poses = expected.added if subject.added else expected.shift[order_of(lines)]
    if np.abs(details["golden"]).max() < 1e-4 and len(drift) == np.count_nonzero(poses):
        reason = "the golden vectors use absolute positions, the contract those relative to a"
        return Cause("absolute_position", subject.where, reason + " default pose", details)
    if _rounded(details["contract"], details["golden"]):
        reason = f"the contract's default pose is rounded: {_pairs(details)}"
        return Cause("rounded", subject.where, reason, details)
    reason = f"the default pose of {names} differs: {_pairs(details)}"
    return Cause("default_pose", subject.where, reason, details)


def _rounded(contract: list[float], golden: list[float]) -> bool:
    """Whether the contract has the golden numbers with few decimals."""
    return any(
        all(abs(round(g, k) - c) < 1e-9 for c, g in zip(contract, golden, strict=True))
        for k in ROUNDED_DECIMALS
    )


def _pairs(details: dict[str, Any]) -> str:
    rows = list(zip(details["elements"], details["contract"], details["golden"], strict=True))
    if len({(round(c, 9), round(g, 5)) for _, c, g in rows}) == 1:
        rows = rows[:1]
    shown = [f"{c:.6g} in the contract, {g:.6g} in the golden vectors" for _, c, g in rows[:3]]
    if len(rows) > 1:
        shown = [f"{name} {text}" for (name, _, _), text in zip(rows, shown, strict=False)]
    more = f" and {len(rows) - 3} more" if len(rows) > 3 else ""
    return "; ".join(shown) + more


def _quoted(names: list[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(f"'{name}'" for name in names[:3]) + more
