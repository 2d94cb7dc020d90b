# SPDX-License-Identifier: Apache-2.0
"""Reach and collision of every step before the first one moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from big_brain_node.compiler.compile import Grounded
from big_brain_node.compiler.ground import GroundedStep
from big_brain_node.compiler.words import about
from big_brain_node.compiler.zones import zone_named
from big_brain_node.ports import SkillPlanner
from big_brain_node.scene_query import inside
from big_brain_node.walk.grounding import GroundedCarry, GroundedWalk
from neuraxis_common.errors import Rejected
from neuraxis_common.types import FloatArray, SceneSnapshot


def check_reach(
    steps: Sequence[Grounded],
    planner: SkillPlanner,
    joint_pos_rad: FloatArray,
    scene: SceneSnapshot,
) -> Rejected | None:
    """The first step that no hand can do from here, None when all can be done.

    Where the site says how high a place is, a hand has to reach onto it. What a step has moved is
    out of the way of the steps after it. Called through a `Worker`.

    Args:
        steps: As compiled; nothing is taken after a walk.
        planner: Knows the arms.
        joint_pos_rad: Measured joints in profile order.
        scene: Zones included, in base_link.
    """
    for step in steps:
        if isinstance(step, GroundedWalk):
            continue
        part, box = step.part, step.container if isinstance(step, GroundedStep) else None
        if box is None or not inside(part, box):
            refused = planner.check_put(joint_pos_rad, scene, part, box)
            if refused is not None:
                return about(_named(refused), step, step.index)
        if isinstance(step, GroundedCarry) and step.place.height_m is not None:
            refused = planner.check_set(step.place.height_m)
            if refused is not None:
                where = {"object": step.name, "object_zh": next(iter(step.place.names), step.name)}
                refused = Rejected(refused.code, refused.reason, where | refused.details)
                return about(refused, step, step.index)
        rest = tuple(item for item in scene.objects if item.track_id != part.track_id)
        scene = replace(scene, objects=rest)
    return None


def _named(refused: Rejected) -> Rejected:
    """A collision with a zone is no matter of making room."""
    zone = zone_named(refused.details.get("contacts", ()))
    if zone is None:
        return refused
    reason = f"{refused.reason}: the keep-out zone '{zone}' is in the way"
    return Rejected("keep_out", reason, refused.details | {"zone": zone})
