# SPDX-License-Identifier: Apache-2.0
"""The typed plan: the one document that a brain, whichever it is, hands to the robot."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Box = tuple[
    Annotated[float, Field(ge=0)],
    Annotated[float, Field(ge=0)],
    Annotated[float, Field(ge=0)],
    Annotated[float, Field(ge=0)],
]
Color = Literal["red", "green", "blue", "yellow", "orange", "purple", "white", "black"]
PartShape = Literal["cube", "block", "cylinder", "hexagon", "bottle", "can", "carton", "cup"]
PlaceName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
ContainerShape = Literal["tray", "bin", "basket", "crate"]
RefusalCode = Literal[
    "not_found",
    "ambiguous",
    "not_enough",
    "unknown_object",
    "unsupported_action",
    "unsupported_language",
    "unsafe",
    "not_a_task",
    "nothing_to_do",
]

AnswerKind = Literal["count", "exists", "where", "color", "list", "done"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PartRef(_Strict):
    """A part grounded in the image: what it is and where, box in pixels of the image sent."""

    shape: PartShape
    color: Color
    box: Box

    @property
    def label(self) -> str:
        """Colour and shape: ``red cube``."""
        return f"{self.color} {self.shape}"


class ContainerRef(_Strict):
    """A container grounded in the image."""

    shape: ContainerShape
    color: Color
    box: Box

    @property
    def label(self) -> str:
        """Colour and shape: ``blue tray``."""
        return f"{self.color} {self.shape}"


class PutStep(_Strict):
    """Bring one part into one container."""

    skill: Literal["put"] = "put"
    object: PartRef
    target: ContainerRef

    @property
    def refs(self) -> tuple[PartRef | ContainerRef, ...]:
        """Everything that the step finds by its box in the image."""
        return (self.object, self.target)


class WalkToStep(_Strict):
    """Walk to a place that the robot was taught by name, and face it."""

    skill: Literal["walk_to"] = "walk_to"
    place: PlaceName

    @property
    def refs(self) -> tuple[PartRef | ContainerRef, ...]:
        """Nothing: places are not found by a box."""
        return ()


class TurnToStep(_Strict):
    """Turn on the spot towards a place."""

    skill: Literal["turn_to"] = "turn_to"
    place: PlaceName

    @property
    def refs(self) -> tuple[PartRef | ContainerRef, ...]:
        """Nothing: places are not found by a box."""
        return ()


class CarryToStep(_Strict):
    """Take one part, walk with it to a place, and set it down on what stands there."""

    skill: Literal["carry_to"] = "carry_to"
    object: PartRef
    place: PlaceName

    @property
    def refs(self) -> tuple[PartRef | ContainerRef, ...]:
        """The part; places are not found by a box."""
        return (self.object,)


class Refusal(_Strict):
    """Why nothing will be done, for a machine (`code`) and for a person (`reason`)."""

    code: RefusalCode
    reason: str
    suggestion: str = ""


Step = PutStep | WalkToStep | TurnToStep | CarryToStep


class Answer(_Strict):
    """What a question about the scene, or about the job under way, comes to. Nothing moves.

    Attributes:
        text: The answer in the sentence's language.
        yes: Of ``exists`` and ``done``.
        count: Of ``count``: how many fit. Of ``done``: steps that the image shows done.
        of: Of ``done``: steps of the job.
        things: What the answer is about, grounded in the image.
    """

    kind: AnswerKind
    text: str = Field(min_length=1, max_length=1000)
    yes: bool | None = None
    count: int | None = Field(default=None, ge=0)
    of: int | None = Field(default=None, ge=0)
    things: tuple[PartRef | ContainerRef, ...] = Field(default=(), max_length=64)


class Plan(_Strict):
    """Either steps to do in order, or a refusal, or the answer to a question: one of the three.

    An empty `steps` without a refusal is invalid: a brain that sees nothing to do refuses with
    ``nothing_to_do``.
    """

    version: Literal[1] = 1
    language: Literal["en", "zh"] = "en"
    program: str = Field(default="", max_length=2000)
    steps: tuple[Step, ...] = Field(default=(), max_length=32)
    refusal: Refusal | None = None
    answer: Answer | None = None

    def model_post_init(self, _context: object) -> None:
        """Reject plans that are two of the three, or nothing."""
        if bool(self.steps) + (self.refusal is not None) + (self.answer is not None) != 1:
            raise ValueError("a plan needs either steps or a refusal or an answer, and one of them")
