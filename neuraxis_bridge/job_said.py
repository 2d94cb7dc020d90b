# SPDX-License-Identifier: Apache-2.0
"""The job that a robot is doing, as it tells a brain, and how much of it an image shows done.

The parts of a job are told apart by their looks only: two red cubes that go into the blue tray are
done when the tray holds two more than it held before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from neuraxis_bridge.seen import Detected, Thing, things_of
from neuraxis_bridge.select import Scene, scene_of
from neuraxis_common.boxes import box_iou
from neuraxis_common.plan import ContainerRef, PartRef, Plan, PutStep

PREFIX = "The job under way or just ended, step by step: "
MAX_STEPS = 32
State = Literal["done", "open", "unseen"]


class Wanted(BaseModel):
    """One step.

    Attributes:
        already: Parts that look like `object` and were in `target` before.
        elsewhere: The same, elsewhere.
        again: The order is planned anew after a step that failed, so what is done of it counts.
        verified: The robot has seen the part there, though it may be hidden by now.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    object: PartRef
    target: ContainerRef
    already: Annotated[int, Field(ge=0, le=64)] = 0
    elsewhere: Annotated[int, Field(ge=0, le=64)] = 1
    again: bool = False
    verified: bool = False


_LIST = TypeAdapter(Annotated[list[Wanted], Field(max_length=MAX_STEPS)])


def wanted_of(plan: Plan, seen: Iterable[Detected]) -> tuple[Wanted, ...]:
    """The parts that a plan brings somewhere, and what is there before.

    Args:
        plan: Steps that move no part are left out.
        seen: Everything in the image that the plan was made for.
    """
    scene = scene_of(things_of(seen))
    job = []
    for step in plan.steps:
        if isinstance(step, PutStep):
            there, elsewhere = _places(scene, step.object, step.target)
            # The part itself is elsewhere, whatever its box meets.
            before = {"already": there, "elsewhere": max(elsewhere, 1)}
            job.append(Wanted(object=step.object, target=step.target, **before))
    return tuple(job)


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


def judged(job: Sequence[Wanted], scene: Scene) -> tuple[State, ...]:
    """How far the image shows each step done.

    A part that is seen where it has to go is done, one that is still seen elsewhere is open. One
    that is not seen, behind a wall or under others, says nothing.
    """
    states: dict[int, State] = {}
    groups: dict[tuple[str, ContainerRef], list[int]] = {}
    for index, step in enumerate(job):
        groups.setdefault((step.object.label, step.target), []).append(index)
    for indices in groups.values():
        step = job[indices[0]]
        there, elsewhere = _places(scene, step.object, step.target)
        done = min(max(there - step.already, 0), len(indices))
        left = max(elsewhere - max(step.elsewhere - len(indices), 0), 0)
        still = min(left, len(indices) - done)
        for place, index in enumerate(indices):
            late = place >= len(indices) - still
            states[index] = "done" if place < done else "open" if late else "unseen"
    return tuple(states[index] for index in range(len(job)))


def _places(scene: Scene, part: PartRef, target: ContainerRef) -> tuple[int, int]:
    """How many parts of that look are seen in the container, and how many clear of it.

    A part whose box meets the container's without standing inside counts as neither: from one
    image it is hard to say whether it lies on the rim or behind. Nor does any where no container
    looks like the one meant.
    """
    container = _found(scene, target)
    if container is None:
        return 0, 0
    alike = [p for p in scene.parts if (p.shape, p.color) == (part.shape, part.color)]
    there = sum(scene.home[p] is container for p in alike)
    clear = (p for p in alike if scene.home[p] is not container)
    return there, sum(box_iou(p.box, container.box) == 0.0 for p in clear)


def _found(scene: Scene, target: ContainerRef) -> Thing | None:
    """The container meant: of those that look so the one that overlaps its box most."""
    alike = [c for c in scene.containers if (c.shape, c.color) == (target.shape, target.color)]
    return max(alike, key=lambda c: box_iou(c.box, target.box), default=None)
