# SPDX-License-Identifier: Apache-2.0
"""The X2 walks from its bench to a shelf round a crate: whole stack, judged by the truth."""

from __future__ import annotations

import numpy as np
import pytest
from pd_world import DATA_ROOT, profile_of

pytest.importorskip("neuraxis_spinal", reason="the spinal cord's Python module is not built")

from neuraxis_common.plan import Plan, TurnToStep, WalkToStep
from neuraxis_field.errand import Errand, ErrandRun

ROBOT = "lingxi_x2"


def test_walk_to_the_shelf_arrives_round_the_crate_without_a_touch() -> None:
    run = ErrandRun(Errand(("shelf",), seed=7), profile_of(ROBOT), DATA_ROOT)
    try:
        row = run.run()
        assert row["success"], row
        assert row["touched"] == []
        # The straight way is blocked.
        crate = next(piece for piece in run.scene.furniture if piece.name == "crate")
        start, end = run.trail[0][:2], run.trail[-1][:2]
        along = np.linspace(start, end, 200)
        assert np.linalg.norm(along - crate.xy_m, axis=1).min() < 0.5
    finally:
        run.close()


@pytest.mark.parametrize(
    ("plan", "code"),
    [
        (Plan(steps=(WalkToStep(place="moon"),)), "unknown_place"),
        (Plan(steps=(WalkToStep(place="bench"), TurnToStep(place="nowhere"))), "unknown_place"),
    ],
)
def test_a_place_that_was_not_taught_moves_nothing(plan, code) -> None:
    run = ErrandRun(Errand(("shelf",), seed=7), profile_of(ROBOT), DATA_ROOT, plan=plan)
    try:
        row = run.run()
        assert row["result"] == code
        assert row["walked_m"] < 0.05
        assert row["touched"] == []
    finally:
        run.close()
