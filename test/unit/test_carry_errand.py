# SPDX-License-Identifier: Apache-2.0
"""Parts brought to a place by a sentence: what is drawn, and how it is judged."""

from __future__ import annotations

import pytest
from pd_world import DATA_ROOT, profile_of

pytest.importorskip("neuraxis_spinal", reason="the spinal cord's Python module is not built")

from big_brain_node.walk.site import load_site
from big_brain_node.walk.words import split
from neuraxis_cli.errands import summary
from neuraxis_common.errors import ConfigError
from neuraxis_common.plan import Answer, PartRef, Plan
from neuraxis_field.carry_errand import CarryRun, draw
from neuraxis_field.episode import make_planner
from neuraxis_field.errand import Mind
from neuraxis_sim.scene import generate, load_template
from perception_node.pipeline import Perception

ROBOT = "lingxi_x2"
SHIPPED = DATA_ROOT / "models" / "policies" / f"{ROBOT}_walk.nxpolicy"
SITE = load_site(DATA_ROOT / "config" / "sites" / "shelf_room.yaml")
TEMPLATE = load_template(DATA_ROOT / "config" / "scenes" / "shelf_room.yaml")


def scene_of(seed):
    return generate(TEMPLATE, seed, profile_of(ROBOT))


class Knows:
    """A brain that finds one thing among what perception tracks."""

    def __init__(self, label):
        self.label, self.asked = label, []

    def ask(self, _rgb, instruction, seen=(), _job=()):
        self.asked.append(instruction)
        things = tuple(
            PartRef(shape=item.shape, color=item.color, box=tuple(map(float, item.box_px)))
            for item in seen
            if item.label == self.label
        )
        return Plan(answer=Answer(kind="where", text="there", things=things))


def test_the_part_stands_on_the_shelf_at_the_end_and_nothing_else_was_touched() -> None:
    errand = draw(scene_of(101), "shelf", SITE)
    item, profile = scene_of(101).item(errand.part), profile_of(ROBOT)
    brain = Knows(f"{item.color} {item.shape}")
    sees = Perception(DATA_ROOT / "models" / "detector.onnx")
    mind = Mind(sees, make_planner(profile, DATA_ROOT), brain)
    run = CarryRun(errand, profile, DATA_ROOT, mind, SHIPPED)
    try:
        row = run.run()
    finally:
        run.close()
    assert row["success"], row
    assert (row["where"], row["touched"], row["moved"]) == ("shelf", [], [])
    assert len(brain.asked) == 1 and row["in_charge"] == "lingxi_x2 walk"


def test_sentences_are_drawn_about_one_part_and_read_as_carrying_it() -> None:
    drawn = [draw(scene_of(seed), "shelf", SITE) for seed in range(40)]
    errands = [errand for errand in drawn if errand is not None]
    assert len(errands) > 20 and drawn[7] == draw(scene_of(7), "shelf", SITE)
    assert len({errand.sentence.isascii() for errand in errands}) == 2
    for errand in errands:
        item = scene_of(errand.seed).item(errand.part)
        assert not item.inside and item.kind == "part"
        rest, (clause,) = split(errand.sentence, SITE)
        assert (rest, clause.kind, SITE.called(clause.place)) == ("", "carry", "shelf")


@pytest.mark.parametrize("place", ["door", "moon", "cart"])
def test_a_place_without_a_surface_or_a_name_is_refused(place) -> None:
    with pytest.raises(ConfigError, match=f"{place}.*shelf"):
        draw(scene_of(1), place, SITE)


def test_the_summary_says_where_a_part_is_that_is_not_at_its_place() -> None:
    row = {
        "success": False, "result": "done", "fell": False, "touched": [], "moved": [], "notes": [],
        "off_m": 0.1, "off_rad": 0.0, "walked_m": 3.0, "duration_s": 50.0,
        "place": "shelf", "where": "shelf",
    }  # fmt: skip
    rows = [
        row | {"where": "hand"},
        row | {"where": "floor", "result": "part_dropped"},
        row | {"moved": ["red_cube"]},
        row,
    ]
    assert summary(rows)["causes"] == {
        "part_hand": 1, "part_dropped": 1, "moved": 1, "off_the_goal": 1,
    }  # fmt: skip
