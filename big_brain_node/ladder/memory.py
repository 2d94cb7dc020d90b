# SPDX-License-Identifier: Apache-2.0
"""Plans that worked, for the same words in the same scene while no brain can be asked.

What a sentence means depends on everything in view: "the left cube", "all red parts". So a plan is
used again only where perception sees the same things at the same places, each of them, and nothing
else. Anything less is refused, and the robot holds.
"""

from __future__ import annotations

import re
import unicodedata
from collections import OrderedDict
from dataclasses import dataclass

from big_brain_node.compiler.compile import compile_plan
from neuraxis_common.boxes import box_iou
from neuraxis_common.errors import Rejected
from neuraxis_common.plan import Plan
from neuraxis_common.types import SceneObject, SceneSnapshot

_MOST = 64


@dataclass(frozen=True)
class _Kept:
    plan: Plan
    objects: tuple[SceneObject, ...]
    kept_s: float


class PlanMemory:
    """Remembers the newest plan of each sentence. Every method takes the time, monotonic seconds.

    Args:
        max_age_s: An older plan is forgotten.
        min_iou: Overlap of boxes from which two views show the same thing at the same place.
        fresh_age_s: Things that were seen longer ago, by the scene's own time, do not count.
    """

    def __init__(self, max_age_s: float, min_iou: float, fresh_age_s: float) -> None:
        self._max_age_s, self._min_iou, self._fresh_age_s = max_age_s, min_iou, fresh_age_s
        self._plans: OrderedDict[str, _Kept] = OrderedDict()

    def keep(self, instruction: str, plan: Plan, scene: SceneSnapshot, now_s: float) -> None:
        """Remember a plan that was carried out and verified, with the scene it was made for.

        Only plans whose every step names things in view: what is seen says nothing about whether
        any other step is still right.
        """
        if not plan.steps or any(step.skill != "put" for step in plan.steps):
            return
        name = _words(instruction)
        self._plans.pop(name, None)
        self._plans[name] = _Kept(plan, self._seen(scene), now_s)
        while len(self._plans) > _MOST:
            self._plans.popitem(last=False)

    def forget(self, instruction: str) -> None:
        """The plan of this sentence did not work."""
        self._plans.pop(_words(instruction), None)

    def recall(self, instruction: str, scene: SceneSnapshot, now_s: float) -> Plan | Rejected:
        """The plan of the same sentence if the scene is the same, else why there is none.

        Codes: ``no_cached_plan``, ``cached_plan_old``, ``scene_changed``, and those of
        `compile_plan`.
        """
        kept = self._plans.get(_words(instruction))
        if kept is None:
            return Rejected("no_cached_plan", "no plan of this instruction is remembered")
        age_s = now_s - kept.kept_s
        if age_s > self._max_age_s:
            reason = f"its remembered plan is {age_s:.0f} s old, at most {self._max_age_s:g} are"
            return Rejected("cached_plan_old", f"{reason} allowed", {"age_s": round(age_s, 1)})
        changed = self._change(kept.objects, self._seen(scene))
        if changed:
            reason = f"the scene is not that of the remembered plan: {changed}"
            return Rejected("scene_changed", reason)
        steps = compile_plan(kept.plan, scene, self._min_iou, self._fresh_age_s)
        return steps if isinstance(steps, Rejected) else kept.plan

    def _seen(self, scene: SceneSnapshot) -> tuple[SceneObject, ...]:
        fresh = (o for o in scene.objects if scene.stamp_s - o.stamp_s <= self._fresh_age_s)
        return tuple(fresh)

    def _change(self, before: tuple[SceneObject, ...], now: tuple[SceneObject, ...]) -> str:
        """What differs first, in words; empty when each thing has its one counterpart."""
        left = list(now)
        for item in before:
            same = [other for other in left if self._same(item, other)]
            if not same:
                return f"the {item.label} is not where it was"
            best = max(same, key=lambda other: box_iou(item.box_px, other.box_px))
            left = [other for other in left if other is not best]
        return f"a {left[0].label} is new" if left else ""

    def _same(self, a: SceneObject, b: SceneObject) -> bool:
        overlap = box_iou(a.box_px, b.box_px)
        return (a.kind, a.label) == (b.kind, b.label) and overlap >= self._min_iou


def _words(instruction: str) -> str:
    """The sentence without what does not change it: case, width, spaces, the full stop."""
    text = unicodedata.normalize("NFKC", instruction).casefold()
    return re.sub(r"\s+", " ", text).strip(" .!。！")
