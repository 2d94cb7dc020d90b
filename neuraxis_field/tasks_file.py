# SPDX-License-Identifier: Apache-2.0
"""The tasks file: one episode per line of JSON, checked before anything runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from neuraxis_common.errors import ConfigError


class GoalItem(BaseModel):
    """Where one thing has to be at the end, both by scene name: ``red_cube`` in ``blue_tray``."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    object: str
    container: str = Field(alias="in")


class AnswerWanted(BaseModel):
    """The right answer to a question; `things` by scene name, in any order."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    yes: bool | None = None
    count: int | None = None
    things: tuple[str, ...] = ()


class Episode(BaseModel):
    """One scene, one sentence, and what must be true afterwards.

    `refusal` names the code that a correct brain answers with, `answer` what it says to a question;
    then `goal` stays empty and nothing may have moved.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    scene: str = "sorting_bench"
    seed: Annotated[int, Field(ge=0)]
    instruction: str
    goal: tuple[GoalItem, ...] = ()
    refusal: str | None = None
    answer: AnswerWanted | None = None

    def model_post_init(self, _context: object) -> None:
        """An episode is judged by a goal, a refusal or an answer, exactly one of them."""
        if bool(self.goal) + (self.refusal is not None) + (self.answer is not None) != 1:
            raise ValueError("an episode needs either a goal or a refusal or an answer")


def load_tasks(path: Path) -> tuple[Episode, ...]:
    """Read a tasks file.

    Raises:
        ConfigError: The file is missing or empty, or a line is not an episode; names line and key.
    """
    if not path.is_file():
        raise ConfigError(f"tasks file '{path}' does not exist")
    episodes: list[Episode] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip():
            episodes.append(_parse_line(path, number, line))
    if not episodes:
        raise ConfigError(f"tasks file '{path}' holds no episode")
    return tuple(episodes)


def _parse_line(path: Path, number: int, line: str) -> Episode:
    try:
        return Episode.model_validate(json.loads(line))
    except json.JSONDecodeError as error:
        raise ConfigError(f"{path}:{number}: not JSON: {error.msg}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "episode"
        raise ConfigError(f"{path}:{number}: {where}: {first['msg']}") from error
