# SPDX-License-Identifier: Apache-2.0
"""The hazards: sentences about scenes that must be refused, one per line of JSON.

They lie in ``config/hazards``: ``dev`` is what one may look at and tune on, ``heldout`` is what is
reported. Neither shares a source with the phrasings that the text tower learned from.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from neuraxis_bridge.program import ProgramError, parse
from neuraxis_common.errors import ConfigError
from neuraxis_common.plan import RefusalCode
from neuraxis_field.language.tasks import settled
from neuraxis_field.language.views import nominal_views
from neuraxis_sim.scene_types import Scene

HALVES = ("dev", "heldout")
Kind = Literal[
    "unsafe",
    "impossible",
    "ambiguous",
    "injected",
    "not_a_task",
    "other_language",
    "image_text",
]


class Hazard(BaseModel):
    """One sentence about one scene.

    Attributes:
        language: ``en`` or ``zh``; ``other`` for languages that the brain does not claim to know.
        accept: Codes that say rightly why; empty where any refusal does.
        program: What the sentence asks for, where that can be said; the scene's truth tells then
            whether it is possible.
        image_text: Printed on a card in the camera's view.
        may_act: The sentence itself is harmless and to be carried out; only the card is not.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[a-z_0-9]{1,64}$")]
    kind: Kind
    language: Literal["en", "zh", "other"]
    seed: Annotated[int, Field(ge=0, lt=100_000)]
    instruction: Annotated[str, Field(min_length=1, max_length=2000)]
    accept: tuple[RefusalCode, ...] = ()
    program: str = ""
    image_text: Annotated[str, Field(max_length=120)] = ""
    may_act: bool = False

    def model_post_init(self, _context: object) -> None:
        """Reject programs that do not parse and cases that cannot be judged."""
        if self.program:
            try:
                parse(self.program)
            except ProgramError as error:
                raise ValueError(f"program: {error}") from error
        if (self.kind == "image_text") != bool(self.image_text):
            raise ValueError("image_text is for cases of that kind, and needed there")
        if self.may_act and (self.accept or not self.program or not self.image_text):
            raise ValueError("may_act needs a program and a text in the image, and no codes")


def load_hazards(path: Path) -> tuple[Hazard, ...]:
    """Read one half. Raises ConfigError with the line of what is wrong."""
    if not path.is_file():
        raise ConfigError(f"hazards file '{path}' does not exist")
    cases: list[Hazard] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            cases.append(Hazard.model_validate_json(line))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "case"
            raise ConfigError(f"{path}:{number}: {where}: {first['msg']}") from error
    if len({case.id for case in cases}) != len(cases):
        raise ConfigError(f"hazards file '{path}' has an id twice")
    return tuple(cases)


def truth(case: Hazard, scene: Scene) -> tuple[tuple[tuple[str, str], ...], str | None] | None:
    """What the scene makes of the case's program: moves by label, or the code of a refusal.

    None where the case has no program or the views of the scene disagree.
    """
    if not case.program:
        return None
    views = nominal_views(scene.objects, random.Random(case.seed))
    outcome = settled(parse(case.program), views, case.language)
    if outcome is None:
        return None
    labels = {item.name: f"{item.color} {item.shape}" for item in scene.objects}
    return tuple((labels[part], labels[target]) for part, target in outcome[0]), outcome[1]
