# SPDX-License-Identifier: Apache-2.0
"""Ties the boxes of a plan to tracked objects.

The brain names things by boxes in the image it was sent. Nothing moves until every box is one
tracked object of the same kind and label, seen recently.
"""

from __future__ import annotations

from dataclasses import dataclass

from neuraxis_common.boxes import box_iou
from neuraxis_common.errors import Rejected
from neuraxis_common.plan import ContainerRef, PartRef, PutStep
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


@dataclass(frozen=True)
class View:
    """What steps are tied to.

    Attributes:
        scene: Snapshot at the stamp of the image that the brain saw.
        min_iou: Overlap from which a box is an object.
        max_age_s: Oldest observation that counts as seen.
    """

    scene: SceneSnapshot
    min_iou: float
    max_age_s: float

    def find(self, ref: PartRef | ContainerRef, kind: str) -> SceneObject | Rejected:
        """The object that a box shows, or ``not_grounded`` or ``label_mismatch``."""
        candidates = [
            (box_iou(ref.box, item.box_px), item)
            for item in self.scene.objects
            if item.kind == kind and self.scene.stamp_s - item.stamp_s <= self.max_age_s
        ]
        iou, best = max(candidates, key=lambda pair: pair[0], default=(0.0, None))
        details = {"object": ref.label, "box": list(ref.box), "iou": round(iou, 3)}
        details["bound"] = self.min_iou
        if best is None or iou < self.min_iou:
            reason = f"the brain's {ref.label} is not where perception sees a {kind}"
            return Rejected("not_grounded", reason, details)
        if best.label != ref.label:
            reason = f"the brain calls a {ref.label} what perception sees as a {best.label}"
            return Rejected("label_mismatch", reason, details | {"perceived": best.label})
        return best


def ground_put(index: int, step: PutStep, view: View) -> GroundedStep | Rejected:
    """Both ends of a `put`, or the first that is not what the plan says."""
    part = view.find(step.object, "part")
    if isinstance(part, Rejected):
        return part
    container = view.find(step.target, "container")
    if isinstance(container, Rejected):
        return container
    return GroundedStep(index, part, container)
