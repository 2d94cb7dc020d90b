# SPDX-License-Identifier: Apache-2.0
"""What the robot knows of the things in the image: sizes by its depth camera, labels over time.

One colour image tells the size of a part to about 10 % (one standard deviation), depth to 1 or 2 %,
so "the largest" hangs on it. It goes along as a system message that any language model can read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Protocol

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from neuraxis_bridge.seen import Detected
from neuraxis_common.boxes import box_iou
from neuraxis_common.plan import Box

PREFIX = "Things that the robot's depth camera measured, boxes in pixels of the image: "
MAX_THINGS = 64
MAX_EXTENT_M = 5.0
# Overlap from which a measured thing is the one that the image tower sees.
_MIN_IOU = 0.5

_Extent = Annotated[float, Field(gt=0, le=MAX_EXTENT_M, allow_inf_nan=False)]
_Word = Annotated[str, Field(pattern=r"^[a-z_]{1,32}$")]


class Measured(BaseModel):
    """One thing; ``size_m`` are its extents along (long side, short side, z)."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    kind: _Word
    shape: _Word
    color: _Word
    box: Box
    size_m: tuple[_Extent, _Extent, _Extent]


class Tracked(Protocol):
    """What is read of an object that perception tracks."""

    kind: str
    shape: str
    color: str
    box_px: tuple[float, float, float, float]
    size_m: Sequence[float]


@dataclass(frozen=True)
class _Known:
    """A detection with what was measured of it."""

    kind: str
    shape: str
    color: str
    box: Box
    size_m: tuple[float, float, float]


_LIST = TypeAdapter(Annotated[list[Measured], Field(max_length=MAX_THINGS)])


def say(objects: Iterable[Tracked]) -> str:
    """The content of the system message for tracked objects, the surest `MAX_THINGS` at most.

    What has no size that a thing can have is left out: print on a wall seen as a part stands below
    the bench by depth, and one such thing would cost the whole request.
    """
    things = [
        Measured.model_construct(
            kind=item.kind,
            shape=item.shape,
            color=item.color,
            box=tuple(round(max(float(value), 0.0), 1) for value in item.box_px),
            size_m=tuple(round(float(value), 4) for value in item.size_m),
        )
        for item in objects
        if all(0.0 < round(float(value), 4) <= MAX_EXTENT_M for value in item.size_m)
    ]
    return PREFIX + _LIST.dump_json(things[:MAX_THINGS]).decode()


def read(content: str) -> tuple[Measured, ...]:
    """The things in a system message, none if it is about something else.

    Raises:
        pydantic.ValidationError: It starts as one that `say` made, but is not.
    """
    if not content.startswith(PREFIX):
        return ()
    return tuple(_LIST.validate_json(content[len(PREFIX) :]))


def as_detected(objects: Iterable[Tracked]) -> list[Detected]:
    """Tracked objects in the form of detections."""
    return [
        _Known(item.kind, item.shape, item.color, tuple(item.box_px), tuple(item.size_m))
        for item in objects
    ]


def informed(seen: Sequence[Detected], measured: Sequence[Measured]) -> list[Detected]:
    """What the image tower sees, with shape, colour and size as measured where that is known."""
    pairs = sorted(
        (
            (box_iou(tuple(detection.box), thing.box), i, j)
            for i, detection in enumerate(seen)
            for j, thing in enumerate(measured)
            if detection.kind == thing.kind
        ),
        reverse=True,
    )
    known: dict[int, int] = {}
    for iou, i, j in pairs:
        if iou >= _MIN_IOU and i not in known and j not in known.values():
            known[i] = j
    return [
        _with(detection, measured[known[i]]) if i in known else detection
        for i, detection in enumerate(seen)
    ]


def _with(detection: Detected, thing: Measured) -> _Known:
    return _Known(thing.kind, thing.shape, thing.color, detection.box, thing.size_m)
