# SPDX-License-Identifier: Apache-2.0
"""What is under way and what of it is verified, written so that a crash leaves the old or the new.

Things are kept by what they are and where they are in odom: boxes and tracks do not outlive a node.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from neuraxis_common.errors import ConfigError, Rejected
from neuraxis_common.plan import Plan

_MAX_BYTES = 1_000_000
Point = tuple[float, float, float]


# Which skills are about a part, a container, a place; the others are about a place.
_ABOUT = {"put": (True, True, False), "carry_to": (True, False, True)}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Thing(_Strict):
    """A part or a container, and its centre in odom when it was last seen."""

    shape: str
    color: str
    at_O_m: Point

    @property
    def label(self) -> str:
        """Colour and shape: ``red cube``."""
        return f"{self.color} {self.shape}"


class JobStep(_Strict):
    """One step: a `put` with both things, a walk with its place, or a part and where it goes."""

    skill: Literal["put", "walk_to", "turn_to", "carry_to"]
    state: Literal["pending", "under_way", "verified"] = "pending"
    part: Thing | None = None
    container: Thing | None = None
    place: str = ""

    def model_post_init(self, _context: object) -> None:
        """Reject steps without what they are about."""
        has = (self.part is not None, self.container is not None, bool(self.place))
        if has != _ABOUT.get(self.skill, (False, False, True)):
            raise ValueError(f"a {self.skill} step lacks what it is about")

    @property
    def label(self) -> str:
        """For people: ``put red cube in blue tray``."""
        if self.part is not None and self.container is not None:
            return f"put {self.part.label} in {self.container.label}"
        what = [self.part.label] if self.part is not None else []
        return " ".join([self.skill.split("_")[0], *what, "to", self.place])


class Job(_Strict):
    """One instruction.

    Attributes:
        state: ``ended`` with a `code`, or what the node was doing when it wrote this.
        wrote_s: Wall time, seconds since 1970.
        base_O: Where the base was in odom: x and y in m, yaw in rad.
    """

    version: Literal[1] = 1
    instruction: Annotated[str, Field(max_length=100_000)]
    state: Literal["planning", "running", "paused", "ended"] = "planning"
    code: str = ""
    wrote_s: float = 0.0
    base_O: Point = (0.0, 0.0, 0.0)
    plan: Plan | None = None
    steps: Annotated[tuple[JobStep, ...], Field(max_length=64)] = ()

    @property
    def left(self) -> tuple[JobStep, ...]:
        """Steps that are not verified."""
        return tuple(step for step in self.steps if step.state != "verified")

    @property
    def interrupted(self) -> bool:
        """Whether there is something to go on with, or to begin with where no plan was made."""
        return self.state != "ended" and (bool(self.left) or not self.steps)

    def describe(self) -> str:
        """One line for people."""
        done, words = len(self.steps) - len(self.left), self.instruction[:100]
        if not self.steps:
            return f"'{words}': not planned yet"
        left = ", ".join(step.label for step in self.left) or "nothing"
        return f"'{words}': {done} of {len(self.steps)} steps verified; left: {left}"


class Journal(Protocol):
    """Where the executive notes how the job stands."""

    def write(self, job: Job) -> None:
        """Keep this instead of what was kept before."""


class FileJournal:
    """One job in one file.

    Args:
        path: The file; its folder is made.
        wall_s: Seconds since 1970.

    Attributes:
        problem: Why the newest job could not be written, empty when it was.

    Raises:
        ConfigError: The folder cannot be made or written to.
    """

    def __init__(self, path: Path, wall_s: Callable[[], float]) -> None:
        self._path, self._wall_s, self.problem = path, wall_s, ""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=path.parent):
                pass
        except OSError as error:
            raise ConfigError(f"state_dir '{path.parent}' is not writable: {error}") from error

    def write(self, job: Job) -> None:
        """Replace the file in one go; a full disk is noted and stops no job."""
        text = job.model_copy(update={"wrote_s": self._wall_s()}).model_dump_json()
        fresh = self._path.with_suffix(".new")
        try:
            with fresh.open("w", encoding="utf-8") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            fresh.replace(self._path)
            self.problem = ""
        except OSError as error:
            self.problem = f"the job cannot be noted: {error}"

    def read(self) -> Job | Rejected | None:
        """The job of the last write, None before the first, `Rejected` for a damaged file."""
        try:
            with self._path.open("rb") as stream:
                data = stream.read(_MAX_BYTES + 1)
            if len(data) > _MAX_BYTES:
                raise ValueError(f"it is larger than {_MAX_BYTES} bytes")
            return Job.model_validate_json(data)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, RecursionError) as error:
            why = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
            return Rejected("bad_journal", f"job file '{self._path}' is not readable: {why}")
