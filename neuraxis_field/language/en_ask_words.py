# SPDX-License-Identifier: Apache-2.0
"""English noun phrases as questions and conditions use them, with their verbs in agreement."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, replace

from neuraxis_bridge.program import NUMBERS, Noun, Selection
from neuraxis_field.language import en_words as words
from neuraxis_field.language.en_nouns import color_word, described, noun_phrase
from neuraxis_field.language.templates import expand

# What stands after "is".
_PREDICATES = {
    "left_of": ("left of {}", "to the left of {}", "on the left of {}", "on the left side of {}",
                "to the left side of {}", "on the left hand side of {}", "just left of {}",
                "standing left of {}", "lying to the left of {}"),
    "right_of": ("right of {}", "to the right of {}", "on the right of {}", "just right of {}",
                 "on the right side of {}", "to the right side of {}", "standing right of {}",
                 "on the right hand side of {}", "lying to the right of {}"),
    "next_to": ("next to {}", "beside {}", "near {}", "close to {}", "right next to {}", "by {}",
                "adjacent to {}", "alongside {}", "lying next to {}", "standing beside {}",
                "right by {}", "very near {}", "in the vicinity of {}"),
    "in_front_of": ("in front of {}", "in front of {}", "right in front of {}", "just in front of "
                    "{}", "standing in front of {}", "lying in front of {}"),
    "behind": ("behind {}", "behind {}", "right behind {}", "just behind {}", "in back of {}",
               "standing behind {}", "lying behind {}", "hidden behind {}"),
    "nearest_to": ("closest to {}", "nearest to {}", "the nearest to {}", "the closest to {}"),
    "farthest_from": ("farthest from {}", "furthest from {}", "furthest away from {}",
                      "the farthest from {}", "most distant from {}"),
    "in": ("in {}", "in {}", "in {}", "inside {}", "inside {}", "inside of {}", "within {}",
           "sitting in {}", "lying in {}", "contained in {}", "placed in {}"),
    "holding": ("holding {}", "carrying {}", "loaded with {}", "filled with {}", "home to {}",
                "occupied by {}"),
    "on_table": ("on the table", "on the table", "on the bench", "on the workbench", "on the desk",
                 "on the tabletop", "lying on the table", "still on the table", "on the counter",
                 "sitting on the bench", "lying on the bench", "out on the table",
                 "on the work surface", "standing on the table", "loose on the table"),
    "empty": ("empty", "empty", "empty", "still empty", "completely empty", "vacant", "unoccupied",
              "without any contents", "free"),
}  # fmt: skip
# What stands after a noun where "is" does not.
_AFTER_NOUN = {
    "holding": ("holding {}", "with {} in", "with {} inside", "containing {}", "carrying {}"),
    "empty": ("with nothing in", "with nothing inside", "without contents", "with no contents"),
}
_ONE = ("the {s}",) * 12 + ("that {s}", "this {s}", "my {s}", "{s}", "the one {s}", "our {s}")
_ANY = ("a {s}",) * 5 + ("any {s}", "any {s}", "at least one {s}", "a single {s}", "one {s}")
_ANY_PLURAL = ("any {p}",) * 4 + ("some {p}", "{p}")
_ALL = ("all the {p}", "all {p}", "all of the {p}", "all [of ]the {p}", "all those {p}",
        "all my {p}", "every one of the {p}", "every {s}", "each {s}",
        "every single {s}")  # fmt: skip
_THE = ("the {p}",) * 8 + ("all the {p}", "all {p}", "those {p}", "these {p}", "my {p}")
_NUMBER = ("{n} {p}", "{n} {p}", "at least {n} {p}", "at least {n} {p}", "{n} or more {p}",
           "a minimum of {n} {p}", "no fewer than {n} {p}", "{n} of the {p}")  # fmt: skip
_NO = ("no {s}", "no {p}", "no {p}", "no {s} at all", "not a single {s}", "not any {p}",
       "not one {s}")  # fmt: skip
_FEWER = ("fewer than {n} {p}", "fewer than {n} {p}", "less than {n} {p}", "not {n} {p}",
          "not even {n} {p}", "under {n} {p}")  # fmt: skip
_NOT_ALL = ("not all the {p}", "not all of the {p}", "not every {s}", "not all {p}")
_MANY = ("twelve", "12", "a dozen", "20", "fifty", "eleven", "100", "a hundred", "fifteen")


@dataclass(frozen=True)
class Said:
    """A selection in words.

    Attributes:
        slots: Text of every slot but verbs.
        plural: Whether the verb of {P}, {A} and {N} is plural.
        no_plural: Whether that of {No} is.
        definite: Whether it means certain things, so that "there is" does not go with it.
    """

    slots: dict[str, str]
    plural: bool
    no_plural: bool
    definite: bool

    def fill(self, rng: random.Random, frame: str) -> str:
        """The frame with its slots filled but {x} and {y}."""
        # After "there" a bare adjective does not stand: "are there with nothing inside".
        frame = re.sub(r"(?<=\bthere )\{R\}", "{W}", frame)
        bare = "of {N}" in frame and not self.slots["N"].startswith(("the ", "all ", "those "))
        if self.slots["kind"] in ("count", "list") and bare:
            frame = frame.replace("of {N}", "of the {Nn}")
        denied = "{No}" in frame or "{Non}" in frame
        plural = self.no_plural if denied else self.plural
        if self.slots["kind"] == "count" or ("{Nn}" in frame and "{N}" not in frame):
            plural = True
        for key, value in (self.slots | _verbs(rng, plural)).items():
            frame = frame.replace("{" + key + "}", value)
        return frame


def _verbs(rng: random.Random, plural: bool) -> dict[str, str]:
    short = rng.random() < 0.7
    if plural:
        return {"be": "are", "'s": " are", "have": "have", "does": "do", "holds": "hold",
                "contains": "contain", "it": "them", "they": "they",
                "not": "aren't" if short else "are not",
                "doesnt": "don't" if short else "do not"}  # fmt: skip
    return {"be": "is", "'s": "'s", "have": "has", "does": "does", "holds": "holds",
            "contains": "contains", "it": "it", "they": "it",
            "not": "isn't" if short else "is not",
            "doesnt": "doesn't" if short else "does not"}  # fmt: skip


def with_article(text: str) -> str:
    """``a empty tray`` made ``an empty tray``."""
    return re.sub(r"^(.*\b)?a (?=[aeiou])(?!one\b|uni|use)", r"\1an ", text)


def indefinite(rng: random.Random, noun: Noun) -> str:
    """``a red cube``; what has a rank is the only one and keeps its article."""
    if noun.rank:
        return noun_phrase(rng, noun)
    return with_article(f"a {described(rng, noun)[0]}")


def _place(rng: random.Random, what: Selection, table: dict[str, tuple[str, ...]]) -> str:
    if not what.relation:
        return ""
    phrase = rng.choice(table.get(what.relation, _PREDICATES[what.relation]))
    if what.noun is None:
        return phrase
    held = what.relation == "holding" and rng.random() < 0.6
    noun = indefinite(rng, what.noun) if held else noun_phrase(rng, what.noun)
    return phrase.replace("{}", noun)


def _excepts(rng: random.Random, what: Selection) -> str:
    pieces = []
    for noun in what.excepts:
        word = rng.choice(words.EXCEPT[:8]) if noun is what.excepts[0] else "and"
        ones = noun.color and noun.shape == "part" and not noun.rank
        name = f"the {color_word(rng, noun.color)} ones" if ones else noun_phrase(rng, noun)
        pieces.append(f" {word} {name}")
    return "".join(pieces)


def _quantified(rng: random.Random, what: Selection, kind: str) -> tuple[str, bool]:
    """Frame of the phrase and whether it is plural."""
    if what.quant in NUMBERS:
        forms = _MANY if what.quant == "many" else (*words.NUMBER_FORMS[what.quant][:2],) * 3
        number = rng.choice((*forms, "a couple of") if what.quant == "two" else forms)
        frame = rng.choice(_NUMBER[:1] if " " in number else _NUMBER)
        return frame.replace("{n}", number), True
    if what.quant == "one" or what.rank:
        plural = what.quant == "all"
        return (rng.choice(_THE), True) if plural else (rng.choice(_ONE), False)
    if what.quant == "any":
        plural = rng.random() < 0.35
        options = _ANY_PLURAL if plural else _ANY
        if kind == "unless":
            options = ("any {p}",) if plural else ("a {s}", "a {s}", "any {s}")
        return rng.choice(options), plural
    thing = what == Selection("all", "part", relation=what.relation, noun=what.noun)
    if thing and rng.random() < 0.2:
        return "everything", False
    named = kind in ("where", "color")
    frame = expand(rng, rng.choice(_THE if named or rng.random() < 0.25 else _ALL))
    return frame, not frame.startswith(("every", "each"))


def _denied(rng: random.Random, what: Selection) -> tuple[str, bool]:
    if what.quant in NUMBERS:
        number = rng.choice(_MANY if what.quant == "many" else words.NUMBER_FORMS[what.quant][:2])
        if what.quant == "two" and rng.random() < 0.25:
            return rng.choice(("at most one {s}", "no more than one {s}")), False
        return rng.choice(_FEWER).replace("{n}", number), True
    frame = rng.choice(_NOT_ALL if what.quant == "all" else _NO)
    return frame, "{p}" in frame and not frame.startswith("every")


def said(rng: random.Random, what: Selection, kind: str) -> Said:
    """A selection in words.

    Args:
        rng: Source of every choice.
        what: The things.
        kind: Kind of question or word of condition.
    """
    frame, plural = _quantified(rng, what, kind)
    listed = kind in ("count", "list")
    if listed:
        plural = kind == "count" or rng.random() < 0.5
    no_frame, no_plural = _denied(rng, what)
    singular, many = described(rng, replace(what, relation=""))
    place, after = _place(rng, what, _PREDICATES), _place(rng, what, _AFTER_NOUN)
    rest = _excepts(rng, what)
    be = "are" if plural else "is"

    def whole(phrase: str, verb: str, free: str) -> str:
        """With the relation, which for "empty" stands before the noun: ``free`` is that form."""
        if what.relation == "empty":
            return free + rest
        if after and rng.random() < 0.15:
            return f"{phrase} {rng.choice(('that', 'which'))} {verb} {place}{rest}"
        return f"{phrase} {after}{rest}" if after else phrase + rest

    def said_as(text: str, empty: bool = False) -> str:
        pre = "empty " if empty else ""
        return with_article(text.format(s=pre + singular, p=pre + many))

    noun = said_as(frame)
    no = said_as(no_frame)
    ones = many if plural else singular
    slots = {
        "kind": kind,
        "P": whole(noun, be, said_as(frame, True)),
        "A": whole(noun, be, said_as(frame, True)),
        "Ps": whole(many, "are", f"empty {many}"),
        "N": (ones if listed else noun) + rest,
        "Nn": many + rest,
        "R": place,
        "W": after,
        "No": whole(no, "are" if no_plural else "is", said_as(no_frame, True)),
        "Non": no + rest,
        "M": _held(rng, what),
    }
    definite = what.quant == "one" or bool(what.rank)
    return Said(slots, plural, no_plural, definite)


def _held(rng: random.Random, what: Selection) -> str:
    if what.noun is None:
        return ""
    return indefinite(rng, what.noun) if rng.random() < 0.7 else noun_phrase(rng, what.noun)
