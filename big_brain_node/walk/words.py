# SPDX-License-Identifier: Apache-2.0
"""Sentences that walk: "go to the shelf", "put the red cube in the tray, then go to the door".

Also those that carry a part to a place, see `carry_words`.

Places are the robot's own knowledge and no brain sees them, so plain rules on the robot read them.
Only whole clauses count, at the end of a sentence; all before them is the brain's to read. A clause
that says more than to walk, turn or carry to a place ("if", "not", "with") is no such clause.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from big_brain_node.ports import Brain
from big_brain_node.walk.carry_words import carry_clauses, find_part, where_it_is
from big_brain_node.walk.site import Site
from neuraxis_bridge.job_said import Wanted
from neuraxis_bridge.text import language_of
from neuraxis_common.errors import Rejected
from neuraxis_common.plan import CarryToStep, PartRef, Plan, Step, TurnToStep, WalkToStep
from neuraxis_common.types import SceneObject

# What may stand between two clauses. A comma alone parts no clauses: lists have it, too.
_BETWEEN = re.compile(
    r"\s*[,.;]?\s*\b(?:and\s+then|then|and\s+after\s+that|after\s+that|afterwards|and\s+finally"
    r"|finally|and)\b\s*,?\s*|\s*[.;]\s+"
    r"|\s*[,.;]?\s*(?:然后|接着|之后|随后|最后|再)\s*,?\s*|\s*[,.;]\s*(?=[去走回到转面朝看向])"
)
_POLITE = re.compile(
    r"^(?:(?:please|now|ok|okay|robot|first|could\s+you|can\s+you|would\s+you"
    r"|i\s+want\s+you\s+to|i(?:'d|\s+would)\s+like\s+you\s+to|请|麻烦你?|现在|先|你能|能不能|你)[\s,]*)+"
    r"|(?:[\s,]*(?:please|now|again|吧|吗|好吗|一下))+$"
)
_WALK = re.compile(
    r"(?:(?:walk|go|move|come|head|step|return)(?:\s+(?:over|back|on))*\s+to"
    r"|go\s+stand\s+(?:at|before|in\s+front\s+of))\s+(?P<en>.+)"
    r"|(?:走|去|回|移动|前往|来)+(?:到|去|至)?(?P<zh>.+?)(?:那里|那边|那儿|旁边|旁|前面|跟前|处)?(?:去)?"
)
_TURN = re.compile(
    r"(?:(?:turn|look)(?:\s+(?:back|around))?\s+(?:to|towards?|at)|(?:turn\s+to\s+)?face)\s+(?P<en>.+)"
    r"|(?:转向|转到|转身向|面向|面朝|面对|朝向|看向|看着)(?P<zh>.+?)(?:那里|那边|那儿|方向)?"
    r"|[朝向](?P<zh2>.+?)(?:那里|那边|方向)?转(?:身|过去)?"
)
_CONDITION = re.compile(
    r"\b(?:if|unless|when|while|until|after(?!\s+that\b)|before|once|not|never|without|except)\b|n't\b"
    r"|如果|要是|假如|除非|当.*时|之前|以前|等到|直到|[不别没]"
)
# How a brain refuses a target that it has no word for.
_NO_TARGET = ("unknown_object", "unsupported_action", "not_a_task")
_ARTICLE = re.compile(r"^(?:the|a|your|that|this)\s+")


@dataclass(frozen=True)
class _Clause:
    kind: Literal["walk", "turn", "carry"]
    place: str
    thing: str = ""


class WalkingWords:
    """Reads the walks of a sentence, hands the rest on.

    Args:
        brain: Reads the rest.
        site: The places and how people call them.
    """

    def __init__(self, brain: Brain, site: Site) -> None:
        self._brain, self._site = brain, site

    def ask(
        self,
        rgb: NDArray[np.uint8],
        instruction: str,
        seen: Sequence[SceneObject] = (),
        job: Sequence[Wanted] = (),
    ) -> Plan | Rejected:
        """A plan that ends in the walks, or what the brain says about the rest.

        Returns:
            `Rejected` with code ``unknown_place`` for a sentence of walks of which one leads to a
            place that nobody taught the robot.
        """
        rest, clauses = split(instruction, self._site)
        names = [self._site.called(clause.place) for clause in clauses]
        unknown = [c.place for c, name in zip(clauses, names, strict=True) if name is None]
        conditional = _CONDITION.search(_folded(instruction)) is not None
        if not self._site.places or not clauses or conditional or (unknown and rest):
            said = self._brain.ask(rgb, instruction, seen, job)
            return said if clauses or conditional else self._elsewhere(said, instruction)
        language = language_of(instruction)
        if unknown:
            return self._unknown(unknown[0], language)
        plan: Plan | Rejected | None = self._brain.ask(rgb, rest, seen) if rest else None
        if isinstance(plan, Rejected) or (plan is not None and not plan.steps):
            return plan
        steps: list[Step] = [] if plan is None else list(plan.steps)
        for clause, name in zip(clauses, names, strict=True):
            if clause.kind != "carry":
                steps.append((WalkToStep if clause.kind == "walk" else TurnToStep)(place=name))
                continue
            part = find_part(self._brain, rgb, clause.thing, seen, language)
            if not isinstance(part, PartRef):
                return part
            steps.append(CarryToStep(object=part, place=name))
        program = "" if plan is None else plan.program
        return Plan(language=language, program=program, steps=tuple(steps))

    def _elsewhere(self, said: Plan | Rejected, instruction: str) -> Plan | Rejected:
        """Of a thing brought to where neither the brain nor the site knows anything, the place."""
        read = carry_clauses(_POLITE.sub("", _folded(instruction)).strip())
        refusal = said.refusal if isinstance(said, Plan) else None
        if not self._site.places or not read or refusal is None or refusal.code not in _NO_TARGET:
            return said
        return self._unknown(_ARTICLE.sub("", read[0].place), language_of(instruction))

    def _unknown(self, place: str, language: str) -> Rejected:
        refused = self._site.find(place)
        if language == "en":
            return refused
        places = sorted(self._site.places.items())
        known = "、".join(item.names[0] if item.names else name for name, item in places)
        reason = f"没有人教过我“{place}”在哪里；我知道：{known}"
        return Rejected(refused.code, reason, refused.details)


def split(instruction: str, site: Site) -> tuple[str, list[_Clause]]:
    """What comes before the walks at the end of a sentence, and the walks in order.

    A clause that carries is one only where the site knows its place: the brain knows trays.
    """
    text = _folded(instruction)
    clauses: list[_Clause] = []
    end, longer = len(text), False
    gaps = [(0, 0), *(found.span() for found in _BETWEEN.finditer(text))]
    for before, start in reversed(gaps):
        clause = _clause(text[start:end], site, longer)
        if clause is None:
            # "pick up the cube and take it to the shelf" is one clause, and has a gap in it.
            longer = True
            continue
        longer = False
        clauses.insert(0, clause)
        end = before
    return (text[:end].strip() if clauses else instruction.strip()), clauses


def _folded(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).lower().replace("。", ".").replace("、", ",")
    return text.strip().rstrip(".!?").strip()


def _clause(text: str, site: Site, only_carry: bool) -> _Clause | None:
    bare = _POLITE.sub("", text.strip()).strip()
    for read in carry_clauses(bare):
        place = _ARTICLE.sub("", read.place)
        if site.called(place) is not None:
            return _Clause("carry", place, where_it_is(read.thing, site))
    if only_carry:
        return None
    for kind, pattern in (("walk", _WALK), ("turn", _TURN)):
        found = pattern.fullmatch(bare)
        if found:
            place = next(value for value in found.groupdict().values() if value)
            return _Clause(kind, _ARTICLE.sub("", place.strip()))
    return None
