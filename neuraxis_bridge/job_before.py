# SPDX-License-Identifier: Apache-2.0
"""What of an order is done already, where it is planned anew after a step that failed.

Two parts of "three blocks" that lie in the bin leave one to bring; and what an order did because of
a condition must not turn the condition round.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from neuraxis_bridge.job_said import Wanted, judged
from neuraxis_bridge.program import Put, Selection
from neuraxis_bridge.seen import Thing
from neuraxis_bridge.select import Scene
from neuraxis_common.plan import ContainerRef, PartRef


class Before:
    """The steps that were wanted when the order was planned first.

    Args:
        job: Steps; those that are not ``again`` are about another order.
        scene: What is seen now.
    """

    def __init__(self, job: Sequence[Wanted], scene: Scene) -> None:
        self._steps = [step for step in job if step.again]
        states = judged(self._steps, scene)
        pairs = zip(self._steps, states, strict=True)
        self._done = [step for step, state in pairs if step.verified or state == "done"]

    def take(
        self, what: Selection, target: Thing | None, parts: Iterable[Thing], most: int
    ) -> tuple[int, list[Thing]]:
        """How many parts were brought to the target for a selection, and those that are seen.

        Each is given out once, so that a second selection like the first gets others.

        Args:
            what: Where it says that a part was does not count, only what it looks like.
            target: A container; None for any.
            parts: In the target now, and not given out yet.
            most: How many are wanted.
        """
        free, seen, count = list(parts), [], 0
        for step in tuple(self._done):
            there = target is None or _is(target, step.target)
            if count == most or not (there and _means(what, step.object)):
                continue
            self._done.remove(step)
            count += 1
            part = next((part for part in free if _is(part, step.object)), None)
            if part is not None:
                free.remove(part)
                seen.append(part)
        return count, seen

    def held(self, put: Put) -> bool | None:
        """Whether a step's condition held in the first plan; None where that does not show."""
        does, other = self._planned(put), put.otherwise and self._planned(put.otherwise)
        if does == bool(other):
            return False if self._steps and put.otherwise is None and not does else None
        return does

    def _planned(self, put: Put) -> bool:
        return any(
            _means(put.parts, step.object) and _means(put.target, step.target)
            for step in self._steps
        )


def _is(thing: Thing, ref: PartRef | ContainerRef) -> bool:
    return (thing.shape, thing.color) == (ref.shape, ref.color)


def _means(what: Selection, ref: PartRef | ContainerRef) -> bool:
    kind = "part" if isinstance(ref, PartRef) else "container"
    return what.shape in (ref.shape, kind) and what.color in ("", ref.color)
