# SPDX-License-Identifier: Apache-2.0
"""Slips that spoil the base estimate are counted and told."""

from __future__ import annotations

from neuraxis_common.errors import Rejected
from small_brain_node.footing import SLIPPED, Footing


def slip(moved_m: float) -> Rejected:
    return Rejected(SLIPPED, f"slipped {moved_m}", {"moved_m": moved_m, "turned_rad": 0.0})


def test_slips_are_counted_as_they_begin_and_the_farthest_is_told_once() -> None:
    footing, lifted = Footing(), Rejected("foot_lifted", "one foot is up")
    for drift in (None, slip(0.02), slip(0.05), lifted, slip(0.03), None):
        footing.note(drift)
    first = footing.take()
    assert (first.new, first.message) == (2, "slipped 0.05")
    assert first.values == {"slips": "2", "moved_m": "0.0500", "turned_rad": "0.0000"}
    again = footing.take()
    assert (again.new, again.message, again.values) == (0, "", {"slips": "2"})
    footing.note(lifted)
    assert footing.take().message == ""
