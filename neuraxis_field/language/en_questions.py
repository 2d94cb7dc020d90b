# SPDX-License-Identifier: Apache-2.0
"""Asks in English, and says what must hold for an instruction."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import replace

from neuraxis_bridge.program import CONDITIONS, Condition, Noun, Question, Selection
from neuraxis_field.language import en_ask_frames, en_ask_more, en_heldout, en_if_frames, fillers
from neuraxis_field.language import en_ask_words as ask_words
from neuraxis_field.language import en_words as words
from neuraxis_field.language.en_ask_words import Said
from neuraxis_field.language.en_nouns import part_phrase, target_phrase
from neuraxis_field.language.programs import any_noun, draw_parts, draw_target
from neuraxis_field.language.templates import choose, weighted
from neuraxis_field.language.voices import mixed

TABLES: dict[str, tuple[str, ...]] = {
    name: mixed(frames, "en", name)
    for module in (en_ask_frames, en_ask_more, en_if_frames)
    for name, frames in vars(module).items()
    if name.isupper()
}
_BEFORE = (
    "hey, ", "hey robot, ", "robot, ", "<greet>, ", "<who>, ", "<greet> <who>, ", "<greet>! ",
    "excuse me, ", "quick question: ", "question: ", "one question, ", "so, ", "ok, ", "ok so ",
    "and ", "now, ", "now ", "just checking, ", "out of interest, ", "before we go on, ",
    "I have a question: ", "by the way, ", "sorry, ", "um, ", "right, ", "a quick one: ", "well, ",
    "let me ask you something: ", "may I ask, ", "hi there, ", "good morning, ", "hello, ",
    "for the (stock list|record|log|report), ", "first of all, ", "just so I know, ", "please, ",
    "I forgot, ", "from where you stand, ", "looking at the table, ", "as far as you can see, ",
    "~here's one for you: ", "~mind if I ask, ", "~over to you: ", "~a word, please: ",
)  # fmt: skip
_TELL = ("tell me, ", "say, ", "please tell me, ", "do tell, ", "can you tell me, ", "remind me, ",
         "could you tell me: ", "~out with it, ")  # fmt: skip
_AFTER = (
    ", please", " please", ", robot", ", thanks", ", <who>", ", do you know", ", can you tell",
    ", if you don't mind me asking", ", if I may ask", " then", ", thank you", ", mate", " at all",
    ", would you know", ", I'd like to know", ", by the way", ", in your opinion", ", any idea",
    "~, pray tell", "~, just out of curiosity",
)  # fmt: skip
_POLITE = (
    "please ", "please ", "could you ", "can you ", "would you ", "could you please ", "kindly ",
    "can you please ", "I want you to ", "I'd like you to ", "go and ", "just ", "quickly ",
    "would you kindly ", "robot, ", "hey, ", "<who>, please ", "<greet>, <ask> ", "<ask> ", "now ",
    "first ", "your task: ", "<note>: ", "~you may ", "~be a dear and ",
)  # fmt: skip
_POLITE_AFTER = (", please", " please", " for me", ", thanks", ", <thanks>", ", will you", " now",
                 " right now", ", <who>", "~, there's a good robot")  # fmt: skip
_IF_BEFORE = (
    "robot, ", "please, ", "<greet>, ", "<who>, ", "ok, ", "listen: ", "<note>: ", "now, ",
    "next, ", "hey, ", "hey robot, ", "<greet> <who>, ", "so, ", "<greet>! ", "here's the rule: ",
    "well, ",
    "I want the following: ", "pay attention: ", "~mark this: ", "~house rule: ",
)  # fmt: skip
_IF_AFTER = (", please", " please", ", thanks", ", <thanks>", ", ok", ", got it", ", <who>",
             "~, and mind the order")  # fmt: skip
_ORDERS = frozenset(
    """break call check confirm count describe determine enumerate find get give go help
    identify indicate itemise itemize jot let list locate look make name paint pinpoint
    point put read report run say search see show specify spell state summarise take
    tally tell track try verify walk work""".split()
)
_STATES = ("I ", "I'", "the ", "{N} ", "{P} ", "{Ps}", "query", "list", "count:")
_PLAIN = ("what", "where", "which", "how", "{be}", "is ", "are ", "have ", "did ")
_EXISTENTIAL = re.compile(r"\bthere\b[^,;?]*\{A\}|\b(got|without|barring|in the absence of) \{A\}")
_NEGATED = re.compile(r"\{N\}[^,;?.]*(\{not\}|\bnot\b)|without \{M\}|\{doesnt\}|\{does\} not")
_WRAPPED_SHARE = 0.45
_EXTRA_SHARE = 0.4
_UNKNOWN_KINDS = {
    "count": 3,
    "exists": 4,
    "where": 4,
    "color": 1.5,
    "list": 1,
    "if": 2,
    "unless": 1,
}


def _is_thing(what: Selection) -> bool:
    """Whether "anything" or "what" says it: some part of which only the place is said."""
    return what == Selection("any", "part", relation=what.relation, noun=what.noun)


def _fits(frame: str, name: str, what: Selection, said: Said) -> bool:
    """Whether the frame can say the selection in good English."""
    some = what.quant != "one" and not said.definite
    if not what.relation and ("{R}" in frame or "{W}" in frame):
        return False
    if "{P}'s" in frame and (said.plural or what.relation):
        return False
    if name in ("COUNT", "LIST"):
        return True
    if "{Ps}" in frame and not (what.quant == "any" and some):
        return False
    if ("{No}" in frame or _EXISTENTIAL.search(frame)) and not (some and what.quant != "all"):
        return False
    if "{Non}" in frame and not some:
        return False
    return not (name.startswith("UNLESS") and what.quant != "one" and _NEGATED.search(frame))


def _frame(rng: random.Random, split: str, name: str, what: Selection, said: Said) -> str:
    """A frame of the table, or of its variant for what the selection is like."""
    full = name if name.split("_")[0] in ("IF", "UNLESS") else f"ASK_{name}"
    tables = [full]
    if what.relation == "holding":
        tables.append(f"{full}_HOLDING")
    if _is_thing(what) and what.relation:
        tables.append(f"{full}_THING")
    if not what.is_container and what.relation not in ("in", "on_table"):
        tables.append(f"{full}_PART")
    extras = [TABLES[table] for table in tables[1:] if table in TABLES]
    own: Sequence[str] = getattr(en_heldout, full, ())
    table = TABLES[full]
    if extras and not (split == "heldout" and own) and rng.random() < _EXTRA_SHARE:
        table = rng.choice(extras)
    place_said = bool(what.relation) and said.definite and rng.random() < 0.75
    bare = place_said and name == "EXISTS"
    # A split of few frames may have none that fits; then those of training say it.
    for side in (split,) * 60 + ("train",) * 60:
        frame = choose(rng, table, side, own)
        said_bare = "{R}" not in frame and "{M}" not in frame
        if _fits(frame, name, what, said) and not (bare and said_bare):
            return frame
    raise ValueError(f"no frame of {full} says '{what}'")


def _ended(rng: random.Random, text: str, asks: bool) -> str:
    if text.endswith(("?", ".", "!")):
        return text
    if asks:
        return text + ("?" if rng.random() < 0.6 else "")
    return text + ("." if rng.random() < 0.25 else "")


def _around(rng: random.Random, split: str, before: Sequence[str], after: Sequence[str],
            text: str) -> str:  # fmt: skip
    side = split if rng.random() < 0.5 else "train"
    roll = rng.random()
    if roll < 0.75:
        text = choose(rng, before, side) + text
    if roll > 0.55 and not text.endswith("?"):
        text += choose(rng, after, side)
    return text


def _wrapped(rng: random.Random, split: str, frame: str, text: str) -> str:
    """The question in what people say around questions."""
    order = frame.split(" ")[0] in _ORDERS or frame.startswith(("do a", "do me"))
    asks = not order and not frame.startswith(_STATES)
    if rng.random() < _WRAPPED_SHARE:
        if order:
            text = _around(rng, split, _POLITE, _POLITE_AFTER, text)
            asks = text.startswith(("could", "can", "would"))
        else:
            before = (*_BEFORE, *_TELL) if frame.startswith(_PLAIN) else _BEFORE
            text = _around(rng, split, before, _AFTER, text)
    return _ended(rng, text, asks)


def _table_of(rng: random.Random, split: str, question: Question) -> str:
    """Which table says a question."""
    what = question.what
    if what is None:
        return "DONE" if question.kind == "done" else "LOOK"
    if question.kind != "list" or not what.relation or what.excepts:
        return question.kind.upper()
    if _is_thing(replace(what, quant="any")) and rng.random() < 0.7:
        return "WHAT"
    bare = what.shape == "container" and not (what.color or what.rank)
    bare = bare and split != "heldout"  # which has no such table
    return "WHAT_CONTAINER" if bare and rng.random() < 0.25 else "LIST"


def ask(rng: random.Random, split: str, question: Question) -> str:
    """One question as a person says it, without typing noise.

    Args:
        rng: Source of every choice.
        split: ``train``, ``dev`` or ``heldout``: whose frames.
        question: What to ask; a shape ``?wrench`` stands for a word from outside.
    """
    name = _table_of(rng, split, question)
    if question.what is None:
        frame = text = choose(rng, TABLES[f"ASK_{name}"], split, _held_out(f"ASK_{name}"))
    else:
        said = ask_words.said(rng, question.what, question.kind)
        frame = _frame(rng, split, name, question.what, said)
        text = said.fill(rng, frame)
    return fillers.filled(rng, _wrapped(rng, split, frame, text), "en", split)


def _held_out(name: str) -> Sequence[str]:
    own: Sequence[str] = getattr(en_heldout, name, ())
    return own


def conditional(
    rng: random.Random, split: str, condition: Condition, text: str, otherwise: str = ""
) -> str:
    """An instruction under a condition.

    Args:
        rng: Source of every choice.
        split: ``train``, ``dev`` or ``heldout``: whose frames.
        condition: What must hold, or for ``unless`` must not.
        text: The instruction: "move the red cube into the bin".
        otherwise: What to do where the condition does not hold.
    """
    name = condition.word.upper() + ("_ELSE" if otherwise else "")
    said = ask_words.said(rng, condition.what, condition.word)
    frame = _frame(rng, split, name, condition.what, said)
    # Slots of the frame first: an instruction may have braces of its own.
    said_text = said.fill(rng, frame).replace("{x}", text).replace("{y}", otherwise)
    if rng.random() < _WRAPPED_SHARE:
        said_text = _around(rng, split, _IF_BEFORE, _IF_AFTER, said_text)
    return fillers.filled(rng, _ended(rng, said_text, False), "en", split)


def ask_unknown(rng: random.Random, split: str, noun_text: str) -> str:
    """A question about a thing that the robot does not know, or a condition with it.

    Args:
        rng: Source of every choice.
        split: ``train``, ``dev`` or ``heldout``: whose frames.
        noun_text: The thing, in the singular and without article: "coffee grinder".
    """
    shape = "?" + noun_text.lstrip("?")
    kind = weighted(rng, _UNKNOWN_KINDS)
    what = replace(draw_parts(rng, True), ordinal="", excepts=())
    quant = rng.choice(("one", "one", "all") if kind in ("where", "color") else
                       ("any", "any", "any", "one", "all", "two"))  # fmt: skip
    if rng.random() < 0.25:
        relation = rng.choice(("next_to", "left_of", "right_of", "behind", "in_front_of", "in"))
        known = any_noun(rng)
        what = Selection(quant, known.shape, known.color, relation=relation, noun=Noun(shape))
        if relation == "in" and what.is_container:
            what = replace(what, shape="part")
    else:
        color = what.color if kind != "color" and rng.random() < 0.3 else ""
        place = what.relation if what.relation != "in" or rng.random() < 0.5 else ""
        noun = what.noun if place else None
        what = Selection(quant, shape, color, relation=place, noun=noun)
    if kind not in CONDITIONS:
        return ask(rng, split, Question(kind, what))
    (parts, _), target = part_phrase(rng, draw_parts(rng, True)), draw_target(rng, True)
    order = f"{rng.choice(words.VERBS)[0]} {parts} {rng.choice(words.INTO)}"
    return conditional(rng, split, Condition(kind, what), f"{order} {target_phrase(rng, target)}")
