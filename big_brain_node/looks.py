# SPDX-License-Identifier: Apache-2.0
"""The skills that look: before anything is touched, and after it was let go."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import numpy as np
from py_trees.common import Status

from big_brain_node.scene_query import count_inside, count_of, inside
from big_brain_node.skills import ALREADY_THERE, NOT_VERIFIED, Skill
from neuraxis_common.errors import Rejected
from neuraxis_common.types import FloatArray, SceneObject, SceneSnapshot

# A view with the hand still leaving is not evidence: perception pipelines and the arm settle first.
SETTLE_S = 0.3


class LookForPart(Skill):
    """Wait for a fresh view, then find the part in it."""

    ends: ClassVar[tuple[str, ...]] = ("part",)

    def check(self) -> Status | Rejected:
        """Find what the step is about in a view newer than this skill."""
        scene, attempt = self.tools.eyes.snapshot(), self.attempt
        if scene is None or scene.stamp_s < self._started_s + SETTLE_S:
            return Status.RUNNING
        wanted = {end: getattr(attempt.step, end) for end in self.ends}
        before = {"part": attempt.part_O_m, "container": attempt.box_O_m}
        found = {end: self._find(scene, item, before[end]) for end, item in wanted.items()}
        missing = next((wanted[end] for end, item in found.items() if item is None), None)
        if missing is not None:
            if attempt.now_s - self._started_s < self.timeout_s:
                return Status.RUNNING
            reason = f"the {missing.label} is no longer in view"
            return Rejected("object_lost", reason, {"object": missing.label})
        attempt.scene, attempt.step = scene, replace(attempt.step, **found)
        attempt.part_O_m = self._in_odom(found["part"])
        return self._note(scene)

    def _note(self, _scene: SceneSnapshot) -> Status | Rejected:
        return Status.SUCCESS

    def _in_odom(self, item: SceneObject) -> FloatArray:
        T_OB = self.tools.body.base_in_odom()
        return T_OB[:3, :3] @ item.center_B_m + T_OB[:3, 3]

    def _find(
        self, scene: SceneSnapshot, wanted: SceneObject, at_O_m: FloatArray | None
    ) -> SceneObject | None:
        fresh = [item for item in self.fresh(scene).objects if item.kind == wanted.kind]
        same = [item for item in fresh if item.track_id == wanted.track_id]
        if same:
            return same[0]
        alike = [item for item in fresh if item.label == wanted.label]
        if not alike:
            return None
        T_BO = np.linalg.inv(self.tools.body.base_in_odom())
        last_B = wanted.center_B_m if at_O_m is None else T_BO[:3, :3] @ at_O_m + T_BO[:3, 3]
        return min(alike, key=lambda item: float(np.linalg.norm(item.center_B_m - last_B)))


class Look(LookForPart):
    """Wait for a fresh view, then find the part and the container in it."""

    ends = ("part", "container")

    def _note(self, scene: SceneSnapshot) -> Status | Rejected:
        """Count what there is before anything moves."""
        attempt, seen = self.attempt, self.fresh(scene)
        part, box = attempt.step.part, attempt.step.container
        attempt.box_O_m = self._in_odom(box)
        attempt.in_box_before = count_inside(seen, part.color, box)
        attempt.elsewhere_before = count_of(seen, part.color) - attempt.in_box_before
        if inside(part, box):
            return Rejected(ALREADY_THERE, f"the {part.label} already lies in the {box.label}")
        return Status.SUCCESS


class Verify(Skill):
    """See the part in the container: progress is what perception shows, not what was commanded."""

    def check(self) -> Status | Rejected:
        """Count the parts of this colour in the container, before and after."""
        scene = self.tools.eyes.snapshot()
        if scene is None or scene.stamp_s < self._started_s + SETTLE_S:
            return Status.RUNNING
        attempt = self.attempt
        T_BO = np.linalg.inv(self.tools.body.base_in_odom())
        box = self._container(scene, T_BO[:3, :3] @ attempt.box_O_m + T_BO[:3, 3])
        seen, color = self.fresh(scene), attempt.step.part.color
        inside_now = 0 if box is None else count_inside(seen, color, box)
        if inside_now > attempt.in_box_before:
            return Status.SUCCESS
        if attempt.now_s - self._started_s < self.timeout_s:
            return Status.RUNNING
        # A part hardly stands out from a container of its colour, and lies under or behind what is
        # in there. Then it counts that the hand let it go inside and that it is seen nowhere else.
        holds_any = box is not None and count_inside(seen, None, box) > 0
        blends = color == attempt.step.container.color or holds_any
        if blends and count_of(seen, color) - inside_now < attempt.elsewhere_before:
            return Status.SUCCESS
        reason = f"the {attempt.step.part.label} is not seen in the {attempt.step.container.label}"
        return Rejected(NOT_VERIFIED, reason, {"object": attempt.step.part.label})

    def _container(self, scene: SceneSnapshot, near_B_m: FloatArray) -> SceneObject | None:
        wanted = self.attempt.step.container
        boxes = [
            item
            for item in scene.objects
            if item.kind == "container" and wanted.track_id == item.track_id
        ] or [item for item in scene.objects if item.label == wanted.label]
        return min(
            boxes, key=lambda item: float(np.linalg.norm(item.center_B_m - near_B_m)), default=None
        )
