# SPDX-License-Identifier: Apache-2.0
"""Pairs of image and sentence: the plan is compared with what was meant, and nothing moves."""

import pytest
from episode_rig import CONFIG, ROOT, SEED, PointingBrain

from neuraxis_common.errors import Rejected
from neuraxis_common.robot import load_profile
from neuraxis_field.episode import Stack, make_planner, scene_of
from neuraxis_field.plan_pairs import pairs_summary, run_pair
from neuraxis_field.tasks_file import Episode
from perception_node.pipeline import Perception


class Silent:
    def ask(self, rgb, instruction, seen=(), job=()):
        return Rejected("brain_unavailable", "nobody answers")


class Pointing:
    """Points at what perception saw, once it is asked."""

    def __init__(self, part, container):
        self.part, self.container = part, container

    def ask(self, rgb, instruction, seen=(), job=()):
        scene = type("Scene", (), {"objects": seen})
        eyes = type("Eyes", (), {"snapshot": lambda _self: scene})()
        return PointingBrain(eyes, self.part, self.container).ask(rgb, instruction, seen)


@pytest.fixture(scope="module")
def profile():
    return load_profile("lingxi_x2", ROOT)


@pytest.fixture(scope="module")
def things(profile):
    scene = scene_of(Episode(seed=SEED, instruction="-", refusal="-"), profile, ROOT)
    parts = [item for item in scene.parts if not item.inside]
    return parts[0], parts[1], scene.containers[0]


def row_of(profile, brain, part, container):
    perception = ROOT / "models" / "detector.onnx"
    stack = Stack(
        profile, ROOT, brain, lambda _world: Perception(perception),
        make_planner(profile, ROOT), CONFIG,
    )  # fmt: skip
    goal = [{"object": part.name, "in": container.name}]
    episode = Episode.model_validate({"seed": SEED, "instruction": "do it", "goal": goal})
    return run_pair(3, episode, stack)


def label(item):
    return f"{item.color} {item.shape}"


def test_a_plan_that_points_at_what_was_meant_is_exact_and_grounded(profile, things):
    part, _, container = things
    row = row_of(profile, Pointing(label(part), label(container)), part, container)
    assert (row["episode"], row["plan_exact"], row["success"]) == (3, True, True)
    assert len(row["iou"]) == 2 and min(row["iou"]) > 0.7
    assert row["cause"] is None and row["plan_ms"] > 0.0


def test_a_plan_for_another_part_is_wrong_however_well_it_points(profile, things):
    meant, other, container = things
    row = row_of(profile, Pointing(label(other), label(container)), meant, container)
    assert not row["plan_exact"] and not row["success"]
    assert row["cause"] == "wrong_plan" and min(row["iou"]) > 0.7


def test_a_brain_that_does_not_answer_is_a_refusal(profile, things):
    part, _, container = things
    row = row_of(profile, Silent(), part, container)
    assert row["refused"] == row["cause"] == "brain_unavailable"
    assert row["iou"] == [] and not row["plan_exact"]


def test_the_summary_counts_pairs_boxes_and_causes():
    good = {"plan_exact": True, "success": True, "cause": None, "iou": [0.9, 0.6], "plan_ms": 100.0}
    far = {"plan_exact": True, "success": False, "cause": "out_of_reach", "iou": [0.8, 0.4]}
    blind = {"plan_exact": False, "success": False, "cause": "no_view", "iou": [], "plan_ms": None}
    dead = {"plan_exact": False, "success": False, "cause": "worker_died"}
    total = pairs_summary([good, far | {"plan_ms": 300.0}, blind, dead])
    assert (total["pairs"], total["plan_exact"], total["exact_and_checked"]) == (4, 2, 1)
    assert (total["boxes"], total["grounded"], total["plan_ms_p50"]) == (4, 0.75, 200.0)
    assert total["by_cause"] == {"out_of_reach": 1, "no_view": 1, "worker_died": 1}
    assert pairs_summary([])["rate"] == 0.0
