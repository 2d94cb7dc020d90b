# SPDX-License-Identifier: Apache-2.0
"""Says questions and conditions in Chinese."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from neuraxis_bridge.program import Condition, Noun, Question, Selection
from neuraxis_field.language import zh_ask_frames as asking
from neuraxis_field.language import zh_heldout as held_out
from neuraxis_field.language import zh_if_frames as conditions
from neuraxis_field.language import zh_list_frames as listing
from neuraxis_field.language import zh_nouns as nouns
from neuraxis_field.language import zh_words as words
from neuraxis_field.language.compose import resolved
from neuraxis_field.language.programs import container_noun, draw_parts, draw_target, part_noun
from neuraxis_field.language.templates import choose
from neuraxis_field.language.voices import mixed
from neuraxis_field.language.zh_things import Things

_TABLES = asking.TABLES | listing.TABLES | conditions.TABLES
_FRAMES = {
    name: mixed(frames, "zh", name)
    for module in (asking, listing, conditions)
    for name, frames in vars(module).items()
    if name.startswith(("ASK_", "IF", "UNLESS", "HAS", "LACKS"))
}
_TRIES = 60
_ASKING = re.compile(r"[吗呢几哪啥何没么]|多少|什么|是不是|是否|怎")
_POINTING = re.compile(r"([这那][个块只件颗根])[这那]个")
_TWICE = (("都都", "都"), ("的的", "的"), ("有有", "有"), ("请请", "请"), ("就就", "就"),
          ("你你", "你"), ("在在", "在"), ("那那", "那"), ("则则", "则"),
          ("告诉我告诉我", "告诉我"),
          ("请问请问", "请问"), ("给我给我", "给我"), ("就请请", "就请"))  # fmt: skip


def _frame(
    rng: random.Random, table: Sequence[str], name: str, split: str, things: Things | None
) -> str:
    """A frame of the split whose slots can be filled, those that say the quantifier first."""
    own: Sequence[str] = getattr(held_out, name, ())
    second = ""
    for _ in range(_TRIES):
        frame = resolved(rng, choose(rng, table, split, own), _TABLES)
        if things is None:
            return frame
        frame = _with_clauses(rng, frame, split, things)
        if things.fits(frame):
            return frame
        if things.fillable(frame):
            second = second or frame
    return second or _frame(rng, table, name, "train", things)


def _with_clauses(rng: random.Random, frame: str, split: str, things: Things) -> str:
    for slot, table in (("{has}", _FRAMES["HAS"]), ("{hasnt}", _FRAMES["LACKS"])):
        if slot not in frame:
            continue
        side = split if rng.random() < 0.5 else "train"
        for _ in range(_TRIES):
            clause = resolved(rng, choose(rng, table, side), _TABLES)
            if things.fits(clause):
                break
            # Some selections fit few clauses, and maybe none of those of `dev`.
            side = "train"
        frame = frame.replace(slot, clause)
    return frame


def _clean(text: str) -> str:
    for twice, once in _TWICE:
        text = text.replace(twice, once)
    text = _POINTING.sub(lambda match: match.group(1), text)
    text = re.sub(r"(?<=[：；。？就请])，", "", text)
    return re.sub(r"，(?=[，。；])", "", text).strip("，")


def _around(rng: random.Random, text: str, split: str) -> str:
    text = text.rstrip("？。，")
    asks = bool(_ASKING.search(text))
    if rng.random() < 0.3:
        text = choose(rng, conditions.BEFORE, split if rng.random() < 0.35 else "train") + text
    if rng.random() < (0.6 if asks else 0.1):
        text += "？"
    if rng.random() < 0.12:
        after = choose(rng, conditions.AFTER, split if rng.random() < 0.35 else "train")
        text += after.removeprefix("，") if text.endswith("？") else after
    return text


def _named(question: Question, rng: random.Random) -> str:
    what = question.what
    if question.kind == "list" and what is None:
        return "ASK_LOOK"
    if question.kind == "list" and what and what.relation and what.quant != "one":
        # 桌上有什么 asks for everything that is seen, so it is not said of what is on the table.
        bare = replace(what, relation="", noun=None) == Selection(what.quant, what.shape)
        clear = what.shape == "part" and what.relation != "on_table"
        clear = clear or (what.shape == "container" and what.relation in ("empty", "holding"))
        if bare and clear and rng.random() < 0.6:
            return "ASK_WHAT"
    return f"ASK_{question.kind.upper()}"


def ask(rng: random.Random, split: str, question: Question) -> str:
    """One question as a person says it, without slips of typing.

    Args:
        rng: Source of every choice.
        split: ``train``, ``dev`` or ``heldout``.
        question: What is asked. A shape ``?扳手`` is a word from outside the robot's world.
    """
    name = _named(question, rng)
    things = Things(rng, question.what, name) if question.what else None
    frame = _frame(rng, _FRAMES[name], name, split, things)
    return _around(rng, _clean(things.fill(frame) if things else frame), split)


def conditional(
    rng: random.Random, split: str, condition: Condition, text: str, otherwise: str = ""
) -> str:
    """An order under a condition, without slips of typing.

    Args:
        rng: Source of every choice.
        split: ``train``, ``dev`` or ``heldout``.
        condition: What must hold, or for ``unless`` must not.
        text: The order: ``把红色方块放进箱子``.
        otherwise: The order for where the condition does not hold; empty for none.
    """
    name = condition.word.upper() + ("_ELSE" if otherwise else "")
    things = Things(rng, condition.what, name)
    orders = {"x": text.strip("。！？，"), "y": otherwise.strip("。！？，")}
    frame = _frame(rng, _FRAMES[name], name, split, things)
    # Orders come last, for they are full sentences that may hold anything.
    frame = frame.replace("{x}", "\0x").replace("{y}", "\0y")
    said = things.fill(frame)
    for key, order in orders.items():
        said = said.replace(f"\0{key}", order)
    said = _clean(said)
    if rng.random() < 0.3:
        said = choose(rng, conditions.FIRST, split if rng.random() < 0.35 else "train") + said
    return said


def _order(rng: random.Random) -> str:
    parts, target = nouns.part_phrase(rng, draw_parts(rng, True)), draw_target(rng, True)
    return (
        f"把{parts}{rng.choice(words.PUT)}{nouns.target_phrase(rng, target)}{rng.choice(words.IN)}"
    )


def _strange(rng: random.Random, noun_text: str, quants: Mapping[str, float]) -> Selection:
    """The strange thing itself, or a known one that is described by it."""
    quant, strange = rng.choices(list(quants), list(quants.values()))[0], f"?{noun_text}"
    if rng.random() < 0.7:
        relation = rng.choice(("", "", "in", "on_table", "left_of", "next_to", "behind"))
        noun = {"": None, "on_table": None, "in": container_noun(rng)}.get(relation, part_noun(rng))
        return Selection(quant, strange, relation=relation, noun=noun)
    known = part_noun(rng)
    relation = rng.choice(("in", "left_of", "right_of", "next_to", "in_front_of", "behind"))
    return Selection(quant, known.shape, known.color, "", "", relation, Noun(strange))


def ask_unknown(rng: random.Random, split: str, noun_text: str) -> str:
    """A question or a condition about a thing that the robot does not know.

    Args:
        rng: Source of every choice.
        split: ``train``, ``dev`` or ``heldout``.
        noun_text: The thing: ``扳手``.
    """
    quants = {"any": 5.0, "one": 4.0, "two": 1.0}
    if rng.random() < 0.3:
        condition = Condition(rng.choice(("if", "if", "unless")), _strange(rng, noun_text, quants))
        otherwise = _order(rng) if rng.random() < 0.25 else ""
        return conditional(rng, split, condition, _order(rng), otherwise)
    kind = rng.choice(("count", "exists", "where"))
    quants = {"count": {"all": 1.0}, "where": {"one": 3.0, "all": 1.0}}.get(kind, quants)
    return ask(rng, split, Question(kind, _strange(rng, noun_text, quants)))
