# SPDX-License-Identifier: Apache-2.0
"""Plan compiler: from what the brain said to what this robot sees, or a refusal.

The brain names things by boxes in the image it was sent. Nothing moves until every box is one
tracked object of the same kind and label, seen recently.
"""

from __future__ import annotations

from dataclasses import dataclass

from big_brain_node.walk.grounding import GroundedWalk, WalkTools, ground_walk
from neuraxis_common.boxes import box_iou
from neuraxis_common.errors import Rejected
from neuraxis_common.plan import ContainerRef, PartRef, Plan, PutStep
from neuraxis_common.types import SceneObject, SceneSnapshot


@dataclass(frozen=True)
class GroundedStep:
    """One `put` with both ends tied to tracked objects."""

    index: int
    part: SceneObject
    container: SceneObject

    @property
    def label(self) -> str:
        """For feedback and logs: ``put red cube in blue tray``."""
        return f"put {self.part.label} in {self.container.label}"


def compile_plan(
    plan: Plan,
    scene: SceneSnapshot,
    min_iou: float,
    max_age_s: float,
    walk: WalkTools | None = None,
) -> tuple[GroundedStep | GroundedWalk, ...] | Rejected:
    """Ground every step of a plan in the scene.

    Args:
        plan: A plan with steps; a refusing plan is handed back as the refusal it is.
        scene: Snapshot at the stamp of the image that the brain saw.
        min_iou: Overlap from which a box is an object.
        max_age_s: Oldest observation that counts as seen.
        walk: Knows the places; None for a robot that does not walk to any.

    Returns:
        The grounded steps in order, or `Rejected` with the code and the step that failed.
    """
    if plan.refusal is not None:
        details = {"suggestion": plan.refusal.suggestion, "language": plan.language}
        return Rejected(plan.refusal.code, plan.refusal.reason, details)
    steps: list[GroundedStep | GroundedWalk] = []
    for index, step in enumerate(plan.steps):
        if not isinstance(step, PutStep):
            way = ground_walk(index, step, walk)
            if isinstance(way, Rejected):
                return _at(way, index)
            steps.append(way)
            continue
        part = _ground(step.object, "part", scene, min_iou, max_age_s)
        if isinstance(part, Rejected):
            return _at(part, index)
        container = _ground(step.target, "container", scene, min_iou, max_age_s)
        if isinstance(container, Rejected):
            return _at(container, index)
        if any(_moves(earlier, part) for earlier in steps):
            return _at(
                Rejected("object_used_twice", f"the plan moves the {part.label} twice"), index
            )
        steps.append(GroundedStep(index, part, container))
    return tuple(steps)


def _ground(
    ref: PartRef | ContainerRef, kind: str, scene: SceneSnapshot, min_iou: float, max_age_s: float
) -> SceneObject | Rejected:
    candidates = [
        (box_iou(ref.box, item.box_px), item)
        for item in scene.objects
        if item.kind == kind and scene.stamp_s - item.stamp_s <= max_age_s
    ]
    iou, best = max(candidates, key=lambda pair: pair[0], default=(0.0, None))
    details = {"object": ref.label, "box": list(ref.box), "iou": round(iou, 3), "bound": min_iou}
    if best is None or iou < min_iou:
        reason = f"the brain's {ref.label} is not where perception sees a {kind}"
        return Rejected("not_grounded", reason, details)
    if best.label != ref.label:
        reason = f"the brain calls a {ref.label} what perception sees as a {best.label}"
        return Rejected("label_mismatch", reason, details | {"perceived": best.label})
    return best


def _moves(step: GroundedStep | GroundedWalk, part: SceneObject) -> bool:
    return isinstance(step, GroundedStep) and step.part.track_id == part.track_id


def _at(rejected: Rejected, index: int) -> Rejected:
    return Rejected(rejected.code, rejected.reason, rejected.details | {"step": index})
