# SPDX-License-Identifier: Apache-2.0
"""Sentences that carry: "bring the red cube to the shelf", 把红色方块拿到货架上.

Which part is meant is the brain's to say: it is asked where the thing is. The place is the robot's
own knowledge.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from big_brain_node.ports import Brain
from big_brain_node.walk.site import Site
from neuraxis_bridge.reasons import describe
from neuraxis_common.errors import Rejected
from neuraxis_common.plan import PartRef, PartShape, Plan, Refusal, RefusalCode
from neuraxis_common.types import SceneObject

_BRING = r"(?:bring|take|carry|get|deliver|move|fetch|transport)"
_LAY = r"(?:put|place|set|lay|leave)"
_TO = r"(?:\s+with\s+you)?(?:\s+(?:over|back|across|down))*\s+to"
_ON = r"(?:\s+(?:down|back))?\s+(?:onto|on\s+top\s+of|on|at)"
_AND = r"\s*,?\s*(?:and\s+then|and|then)?\s*"
_ENGLISH = (
    rf"(?:pick\s+up|take|grab|get|fetch)\s+(?P<thing>.+?)(?:\s+up)?{_AND}"
    rf"(?:{_BRING}\s+it{_TO}|{_LAY}\s+it{_ON})\s+(?P<place>.+)",
    rf"{_BRING}\s+(?P<thing>.+?){_TO}\s+(?P<place>.+)",
    rf"{_LAY}\s+(?P<thing>.+?){_ON}\s+(?P<place>.+)",
)
_HELP = r"(?:帮我|帮忙|给我|替我)?"
_VERB = r"(?:拿|送|搬|带|放|端|运|移|挪|摆|取)"
_WHERE = (
    r"过?(?:到|去|至|往|回|在|上)+(?P<place>.+?)"
    r"(?:上面|上边|上|那里|那边|那儿|旁边|前面|处)?(?:去|来)?"
)
_CHINESE = (
    rf"{_HELP}(?:拿起|抓起|取走|取|拿)(?P<thing>.+?){_AND}(?:然后|再|并)?(?:把它)?{_VERB}{_WHERE}",
    rf"{_HELP}[把将](?P<thing>.+?){_VERB}(?:(?:过去|出来|起来)?{_AND}{_VERB})?{_WHERE}",
    rf"{_HELP}[把将](?P<thing>.+?)[放摆](?P<place>.+?)(?:上面|上)(?:去)?",
    rf"{_HELP}(?:拿|送|搬|带|端|运|取)(?P<thing>.+?){_WHERE}",
)
_PATTERNS = tuple(re.compile(pattern) for pattern in (*_ENGLISH, *_CHINESE))
_PRONOUNS = ("it", "this", "that", "them", "these", "those", "它", "它们", "这个", "那个")
_MANY = re.compile(
    r"^(?:the\s+)?(?:all|both|every|each|some|several|two|three|four|five|six|\d+)\b"
    r"|\band\b|,|[和与及都]|所有|全部|每[个只件块]|[两二三四五六几]个"
)
# From where it is taken: that is where it is now.
_FROM = re.compile(r"(?P<thing>.+?)\s+(?:out\s+of|from|off)\s+(?:the\s+)?(?P<there>.+)")
_FROM_ZH = re.compile(r"(?P<thing>.+?)从(?P<there>.+?)(?:里面|里|中|上面|上)?")
_BETWEEN = re.compile(r"\bbetween\b|之间|中间")
_ANY = re.compile(r"^(?:an?|any|one)\b|^(?:任意|随便|某)?[一某][个只件块]")
_DETERMINED = re.compile(r"^(?:the|an?|any|one|my|your|this|that)\b")


@dataclass(frozen=True)
class CarryClause:
    """What to carry and where to, as it was said."""

    thing: str
    place: str


def carry_clauses(text: str) -> list[CarryClause]:
    """Every way to read a folded clause as one that carries; none for other clauses.

    Args:
        text: In lower case, without politeness around it.
    """
    found = (pattern.fullmatch(text) for pattern in _PATTERNS)
    read = [CarryClause(hit["thing"].strip(), hit["place"].strip()) for hit in found if hit]
    return [clause for clause in read if clause.thing not in _PRONOUNS]


def where_it_is(thing: str, site: Site) -> str:
    """What to ask for: ``the cube from the tray`` is the cube in the tray."""
    for pattern, said in ((_FROM, "{thing} in the {there}"), (_FROM_ZH, "{there}里的{thing}")):
        found = pattern.fullmatch(thing)
        if found:
            return (
                found["thing"] if site.called(found["there"]) else said.format(**found.groupdict())
            )
    return thing


def find_part(
    brain: Brain,
    rgb: NDArray[np.uint8],
    thing: str,
    seen: Sequence[SceneObject],
    language: str,
) -> PartRef | Plan | Rejected:
    """Ask the brain where the thing is.

    Returns:
        The part; a refusing plan with ``not_found``, ``ambiguous``, ``unsupported_action`` for what
        is no part or more than one, or the brain's own refusal.
    """
    zh = language == "zh"
    if _MANY.search(thing) and not _BETWEEN.search(thing):
        why = "我一次只能拿一个零件过去" if zh else "I carry one part at a time"
        then = "请一句话只说一个零件" if zh else "name one part in a sentence"
        return _refused("unsupported_action", why, then, language)
    if not zh and not _DETERMINED.match(thing):
        thing = f"the {thing}"
    said = brain.ask(rgb, f"{thing}在哪里？" if zh else f"where is {thing}?", seen)
    if isinstance(said, Rejected) or said.refusal is not None:
        return said
    if said.answer is None:
        why = f"我没听懂要拿什么：“{thing}”" if zh else f"I did not understand what '{thing}' is"
        return _refused("unknown_object", why, "", language)
    parts = [item for item in said.answer.things if isinstance(item, PartRef)]
    if len(parts) == 1 or (parts and _ANY.match(thing)):
        return parts[0]
    if parts:
        names = ("、" if zh else ", ").join(describe(part, language) for part in parts)
        why = (
            f"有{len(parts)}个都可能是：{names}" if zh else f"{len(parts)} could be meant: {names}"
        )
        then = "请说清楚是哪一个" if zh else "say which one, as by what it lies beside"
        return _refused("ambiguous", why, then, language)
    if said.answer.things:
        name, kinds = describe(said.answer.things[0], language), ", ".join(get_args(PartShape))
        why = f"{name}是容器，我只能拿零件" if zh else f"I carry parts ({kinds}), not a {name}"
        return _refused("unsupported_action", why, "", language)
    return _refused("not_found", said.answer.text, "", language)


def _refused(code: RefusalCode, reason: str, suggestion: str, language: str) -> Plan:
    return Plan(language=language, refusal=Refusal(code=code, reason=reason, suggestion=suggestion))
