# SPDX-License-Identifier: Apache-2.0
"""The X2 walks from its bench to a shelf round a crate: whole stack, judged by the truth."""

from __future__ import annotations

import numpy as np
import pytest
from pd_world import DATA_ROOT, profile_of

pytest.importorskip("neuraxis_spinal", reason="the spinal cord's Python module is not built")

from neuraxis_cli.errands import ErrandOptions, summary
from neuraxis_common.errors import ConfigError
from neuraxis_field.errand import Errand, ErrandRun

ROBOT = "lingxi_x2"
SHIPPED = DATA_ROOT / "models" / "policies" / f"{ROBOT}_walk.nxpolicy"


def test_walk_to_the_shelf_arrives_round_the_crate_without_a_touch() -> None:
    run = ErrandRun(Errand(("shelf",), seed=7), profile_of(ROBOT), DATA_ROOT, policy=SHIPPED)
    try:
        row = run.run()
        assert row["success"], row
        assert (row["in_charge"], row["notes"]) == ("lingxi_x2 walk", [])
        assert row["touched"] == []
        # The straight way is blocked.
        crate = next(piece for piece in run.scene.furniture if piece.name == "crate")
        start, end = run.trail[0][:2], run.trail[-1][:2]
        along = np.linspace(start, end, 200)
        assert np.linalg.norm(along - crate.xy_m, axis=1).min() < 0.5
    finally:
        run.close()


def test_the_summary_counts_and_names_the_gravest_cause() -> None:
    good = {
        "success": True, "result": "done", "fell": False, "touched": [], "off_m": 0.1,
        "off_rad": 0.02, "walked_m": 3.0, "duration_s": 30.0, "notes": [],
    }  # fmt: skip
    bad = good | {"success": False}
    rows = [
        good,
        bad | {"fell": True, "touched": ["crate"]},
        bad | {"touched": ["crate"], "notes": ["out"]},
        bad | {"result": "no_path"},
        bad,
    ]
    found = summary(rows)
    assert (found["episodes"], found["success"]) == (5, 1)
    assert found["causes"] == {"fell": 1, "touched": 1, "no_path": 1, "off_the_goal": 1}
    assert (found["off_m_p50"], found["fell_back"]) == (0.1, 1)
    with pytest.raises(ConfigError, match="episodes"):
        ErrandOptions("lingxi_x2", "shelf_room", ("shelf",), 0, 0)
