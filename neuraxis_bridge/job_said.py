# SPDX-License-Identifier: Apache-2.0
"""The job that a robot is doing, as it tells a brain, and how much of it an image shows done.

The parts of a job are told apart by their looks only: two red cubes that go into the blue tray are
done when the tray holds two more than it held before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from neuraxis_bridge.seen import Detected, Thing, things_of
from neuraxis_bridge.select import Scene, scene_of
from neuraxis_common.boxes import box_iou
from neuraxis_common.plan import ContainerRef, PartRef, Plan, PutStep

PREFIX = "The job under way or just ended, step by step: "
MAX_STEPS = 32


class Wanted(BaseModel):
    """One step: `already` parts that look like `object` were in `target` before."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    object: PartRef
    target: ContainerRef
    already: Annotated[int, Field(ge=0, le=64)] = 0


_LIST = TypeAdapter(Annotated[list[Wanted], Field(max_length=MAX_STEPS)])


def wanted_of(plan: Plan, seen: Iterable[Detected]) -> tuple[Wanted, ...]:
    """The parts that a plan brings somewhere, and what is there before.

    Args:
        plan: Steps that move no part are left out.
        seen: Everything in the image that the plan was made for.
    """
    scene = scene_of(things_of(seen))
    return tuple(
        Wanted(object=s.object, target=s.target, already=_held(scene, s.object, s.target))
        for s in plan.steps
        if isinstance(s, PutStep)
    )


def say(job: Sequence[Wanted]) -> str:
    """The content of the system message for a job."""
    return PREFIX + _LIST.dump_json(list(job)[:MAX_STEPS]).decode()


def read(content: str) -> tuple[Wanted, ...]:
    """The job in a system message, empty if it is about something else.

    Raises:
        pydantic.ValidationError: It starts as one that `say` made, but is not.
    """
    if not content.startswith(PREFIX):
        return ()
    return tuple(_LIST.validate_json(content[len(PREFIX) :]))


def judged(job: Sequence[Wanted], scene: Scene) -> tuple[bool, ...]:
    """For each step, whether the image shows it done."""
    before: Counter[tuple[str, ContainerRef]] = Counter()
    done = []
    for step in job:
        key = (step.object.label, step.target)
        before[key] += 1
        held = _held(scene, step.object, step.target)
        done.append(held >= step.already + before[key])
    return tuple(done)


def _held(scene: Scene, part: PartRef, target: ContainerRef) -> int:
    """How many parts of that look the container holds."""
    container = _found(scene, target)
    if container is None:
        return 0
    inside = [p for p, home in scene.home.items() if home is container]
    return sum((p.shape, p.color) == (part.shape, part.color) for p in inside)


def _found(scene: Scene, target: ContainerRef) -> Thing | None:
    """The container meant: of those that look so the one that overlaps its box most."""
    alike = [c for c in scene.containers if (c.shape, c.color) == (target.shape, target.color)]
    return max(alike, key=lambda c: box_iou(c.box, target.box), default=None)
