# SPDX-License-Identifier: Apache-2.0
"""English noun phrases for selections and nouns."""

from __future__ import annotations

import random

from neuraxis_bridge.program import NUMBERS, Noun, Selection
from neuraxis_field.language import en_words as words
from neuraxis_field.language.templates import expand

Phrase = tuple[str, bool]
"""Text and whether it is plural."""

_REST = (
    "the rest of the {p}", "the remaining {p}", "all [the ]other {p}", "the other {p}",
    "all remaining {p}", "whatever {p} are left", "every other {s}", "all the {p} that are left",
    "the {p} that remain", "the leftover {p}", "any other {p}", "all the other {p}",
    "all other {p}",
    "all {p} that are left", "every remaining {s}", "all {p} still left", "all leftover {p}",
    "those other {p}", "all of the other {p}", "the {p} still remaining",
)  # fmt: skip
_REST_BARE = (
    "the rest", "everything else", "the others", "what is left", "what's left", "all the rest",
    "all the others", "the remaining ones", "whatever is left", "anything else", "the remainder",
    "whatever remains", "all others", "all that is left", "all that remains", "the leftovers",
    "all the remaining ones", "every other one", "what remains", "the rest of it", "the other ones",
    "the rest of them", "all other things", "whatever else there is", "all else", "the other stuff",
)  # fmt: skip
_ALL = (
    "all [of ]the {p}", "all the {p}", "all {p}", "every {s}", "each {s}", "each of the {p}",
    "every single {s}", "every one of the {p}", "the {p}", "all [the ]{p} you (see|can see|find)",
    "only the {p}", "just the {p}", "all {p} there are", "any and all {p}", "each and every {s}",
    "all those {p}", "all my {p}", "every {s} there is", "each of those {p}", "every last {s}",
    "all these {p}", "all {p} without exception", "all available {p}", "the whole set of {p}",
    "all present {p}", "each one of the {p}", "any {s} you (see|find)", "every {s} you (see|find)",
    "all visible {p}", "your {p}", "all the {p} there are",
)  # fmt: skip
_ANY = (
    "a {s}", "one {s}", "any {s}", "one of the {p}", "any one of the {p}", "a single {s}",
    "some {s} or other", "just one {s}", "any of the {p}", "1 {s}", "one of those {p}",
    "any one {s}", "some {s}", "whichever {s} you like", "any {s} you like", "a random {s}",
    "an arbitrary {s}", "one {s} of your choice", "any old {s}", "one of these {p}",
    "one random {s}",
    "whatever {s} you want", "exactly one {s}", "no more than one {s}", "only one {s}",
)  # fmt: skip
_SOME = (
    "some {p}", "a few {p}", "some of the {p}", "several {p}", "a few of the {p}", "a number of {p}"
)  # fmt: skip
_BOTH = (
    "both {p}",
    "both [of ]the {p}",
    "the two {p}",
    "both of the {p}",
    "the pair of {p}",
    "both these {p}",
    "those two {p}",
    "these two {p}",
    "the 2 {p}",
    "both those {p}",
    "the {p}, both of them",
)
_OTHER = ("the other {s}", "the other {s}", "the remaining {s}", "that other {s}")
_ONE = ("the {s}", "the {s}", "the {s}", "the {s}", "that {s}", "{s}", "the only {s}", "my {s}",
        "this {s}", "only the {s}", "just the {s}", "the single {s}")  # fmt: skip
_EACH = ("each {s}", "every {s}", "each of the {p}", "each one of the {p}", "all of the {p}",
         "both {p}")  # fmt: skip
_TARGET_ANY = ("a {s}", "any {s}", "either {s}", "one of the {p}", "any of the {p}", "some {s}")
_TARGET_OTHER = ("the other {s}", "the other {s}", "another {s}", "that other {s}",
                 "a different {s}")  # fmt: skip
_OWN = (
    "the {s} of the same (colour|color)", "the {s} (of|with) (its|their) [own ](color|colour)",
    "the matching {s}", "the {s} with the same (color|colour)", "the same (color|colour) {s}",
    "the same-coloured {s}", "the {s} that matches (its|their) (color|colour)",
    "the {s} matching (its|their) (colour|color)", "(its|their) matching {s}",
    "the {s} whose colour it shares", "the {s} that (is|are) the same (color|colour)",
    "the correspondingly coloured {s}", "the like-coloured {s}", "(its|their) own colour {s}",
    "the {s} in (its|their) [own ]colo[u]r", "the {s} with (its|their) colour",
    "the equally coloured {s}",
    "the {s} sharing (its|their) colour", "whichever {s} has the same colour",
    "a {s} of (its|their) own colour",
    "the {s} that has (its|their) colour", "the {s} of identical colour",
    "(its|their) same-colour {s}",
)  # fmt: skip


def _early(rng: random.Random, options: tuple) -> object:
    """Draw with a bias for the first options."""
    return options[min(int(rng.expovariate(1.0) / 3.0 * len(options)), len(options) - 1)]


def color_word(rng: random.Random, color: str) -> str:
    """One of the colour's names, most often the plain one; ``?pink`` stands for itself."""
    if color.startswith("?"):
        return color[1:]
    return color if rng.random() < 0.75 else rng.choice(words.COLORS[color])


def _head(rng: random.Random, shape: str, described: bool) -> tuple[str, str]:
    """Singular and plural; a shape ``?banana`` is a word from outside the robot's world."""
    if shape.startswith("?"):
        noun = shape[1:]
        return noun, noun + ("es" if noun.endswith(("s", "sh", "ch", "x")) else "s")
    share = {"part": 0.3, "container": 0.2}.get(shape, 0.0)
    if described and rng.random() < share:
        return "one", "ones"
    return _early(rng, words.SHAPES[shape])


def _ordinal(rng: random.Random, ordinal: str, rank: str) -> tuple[str, str]:
    digit = {"second": "2nd", "third": "3rd"}[ordinal]
    word = ordinal if rng.random() < 0.8 else digit
    side = {"leftmost": "left", "rightmost": "right"}.get(rank)
    if side and rng.random() < 0.7:
        return word, rng.choice(
            (f"from the {side}", f"from the {side}", f"from {side}", f"counting from the {side}",
             f"starting from the {side}", f"from the {side} end", f"from the {side} side",
             f"as seen from the {side}", f"from the {side} edge", f"when counted from the {side}",
             f"in line from the {side}", f"on the {side}", f"coming from the {side}")
        )  # fmt: skip
    first = words.RANKS[rank][0][0 if side else rng.randrange(2)]
    return f"{word}{rng.choice((' ', '-', ' '))}{first}", ""


def described(rng: random.Random, what: Selection | Noun) -> tuple[str, str]:
    """Singular and plural of adjectives, noun and what follows it, without article."""
    before, after = [], []
    ordinal = getattr(what, "ordinal", "")
    if ordinal:
        pre, post = _ordinal(rng, ordinal, what.rank)
        before.append(pre)
        after.append(post)
    elif what.rank:
        front, behind = words.RANKS[what.rank]
        if rng.random() < 0.62:
            before.append(_early(rng, front))
        else:
            after.append(rng.choice(behind))
    color_after = ""
    if what.color:
        word = color_word(rng, what.color)
        if rng.random() < 0.06:
            said = (f"({word})", f"that {{is}} {word}", f"in {word}", f"which {{is}} {word}")
            color_after = rng.choice(said)
        else:
            before.append(word)
    singular, plural = _head(rng, what.shape, bool(before or after or color_after))
    if getattr(what, "relation", "") == "empty":
        if rng.random() < 0.7:
            before.insert(0, rng.choice(("empty", "empty", "vacant", "unused")))
        else:
            said = ("that {is} empty", "with nothing in it", "that {is} still empty")
            after.append(rng.choice(said))
    tail = " ".join(word for word in (color_after, *after) if word)
    pre = " ".join(before)
    return (
        f"{pre} {singular} {tail.format(**{'is': 'is'})}".strip(),
        f"{pre} {plural} {tail.format(**{'is': 'are'})}".strip(),
    )


def noun_phrase(rng: random.Random, noun: Noun) -> str:
    """A definite noun: ``the largest red cube``."""
    singular, _ = described(rng, noun)
    return singular if rng.random() < 0.04 else f"the {singular}"


def relation_phrase(rng: random.Random, what: Selection) -> str:
    """What follows the noun: ``next to the blue tray``; empty where nothing does."""
    if what.relation in ("", "empty"):
        return ""
    phrase = expand(rng, rng.choice(words.RELATIONS[what.relation]))
    if what.noun is None:
        return phrase
    noun = noun_phrase(rng, what.noun)
    return phrase.replace("{'s}", f"{noun}'s").replace("{}", noun)


def _filled(rng: random.Random, frames: tuple[str, ...], singular: str, plural: str) -> Phrase:
    frame = expand(rng, _early(rng, frames))
    text = frame.format(s=singular, p=plural)
    if text.startswith("a ") and text[2:3] in "aeiou":
        text = "an " + text[2:]
    return text, "{p}" in frame and not frame.startswith(("one of", "any one", "each", "any of"))


def _quantified(rng: random.Random, what: Selection) -> Phrase:
    singular, plural = described(rng, what)
    quant = what.quant
    if quant == "all" and what.shape == "part" and rng.random() < 0.3:
        return _everything(rng, what)
    if quant == "rest" and what.shape == "part" and not what.color and rng.random() < 0.65:
        return rng.choice(_REST_BARE), True
    if quant in NUMBERS:
        form = _early(rng, words.NUMBER_FORMS[quant])
        if what.rank and rng.random() < 0.35:
            return _rank_first(rng, what, form, plural), True
        definite = (quant != "two" or bool(what.rank)) and " " not in form and rng.random() < 0.12
        article = "the " if definite else ""
        return f"{article}{form} {plural}", True
    frames = {"one": _ONE, "any": _ANY, "all": _ALL, "both": _BOTH, "some": _SOME,
              "rest": _REST, "other": _OTHER}[quant]  # fmt: skip
    if quant == "any" and what.rank:
        frames = _ONE
    return _filled(rng, frames, singular, plural)


def _rank_first(rng: random.Random, what: Selection, form: str, plural: str) -> str:
    """``the leftmost two cubes`` beside ``two leftmost cubes``."""
    front = words.RANKS[what.rank][0]
    plain = described(rng, Selection("all", what.shape, what.color))[1]
    if " " in form:
        return f"{form} {plural}"
    side = {"leftmost": "left", "rightmost": "right"}.get(what.rank)
    if side and rng.random() < 0.4:
        return f"the first {form} {plain} from the {side}"
    return f"the {front[0 if rng.random() < 0.6 else 1]} {form} {plain}"


def joined_phrase(rng: random.Random, group: list[Selection]) -> Phrase:
    """Plain selections that differ in colour or in shape only: ``the red and blue cubes``."""
    what = group[0]
    if what.shape != group[1].shape:
        pairs = [_head(rng, selection.shape, False)[1] for selection in group]
        listed = ", ".join(pairs[:-1]) + f" and {pairs[-1]}"
        lead = rng.choice(("all", "all the", "all of the", "the"))
        return f"{lead} {color_word(rng, what.color)} {listed}", True
    colors = [color_word(rng, selection.color) for selection in group]
    singular, plural = _head(rng, what.shape, True)
    if what.quant == "one":
        each = " and the ".join(colors)
        return rng.choice((f"the {each} {singular}", f"both the {each} {singular}")), True
    listed = ", ".join(colors[:-1]) + f" and {colors[-1]}"
    lead = rng.choice(("all", "all the", "all of the", "the", "every one of the"))
    if rng.random() < 0.15:
        return f"all {' and all '.join(colors)} {plural}", True
    return f"{lead} {listed} {plural}", True


def _everything(rng: random.Random, what: Selection) -> Phrase:
    if not what.color:
        return rng.choice(("everything", "everything", "all of it", "all of them", "it all",
                           "the whole lot", "every last thing", "all the stuff")), True  # fmt: skip
    word = color_word(rng, what.color)
    return rng.choice(
        (f"everything {word}", f"everything that is {word}", f"everything that's {word}",
         f"anything {word}", f"whatever is {word}", f"all that is {word}", f"all {word}",
         f"all the {word} stuff", f"anything that's {word}")
    ), False  # fmt: skip


def _negative(rng: random.Random, color: str) -> Phrase:
    word, noun = color_word(rng, color), _early(rng, words.SHAPES["part"])[1]
    return rng.choice(
        (f"everything that is not {word}", f"everything that isn't {word}",
         f"all non-{word} {noun}", f"all {noun} that are not {word}",
             f"all the {noun} that aren't {word}",
         f"the {noun} which are not {word}", f"whatever isn't {word}", f"all but the {word} {noun}")
    ), True  # fmt: skip


def part_phrase(rng: random.Random, what: Selection) -> Phrase:
    """Which parts, as a noun phrase."""
    bare = what.excepts == (Noun("part", what.excepts[0].color),) if what.excepts else False
    if bare and not (what.color or what.relation) and rng.random() < 0.45:
        return _negative(rng, what.excepts[0].color)
    text, plural = _quantified(rng, what)
    pieces = [text, relation_phrase(rng, what)]
    for noun in what.excepts:
        word = rng.choice(words.EXCEPT) if noun is what.excepts[0] else rng.choice(("and", "or"))
        if noun.color and noun.shape == "part" and not noun.rank and rng.random() < 0.3:
            name = f"the {color_word(rng, noun.color)} ones"
        elif rng.random() < 0.3 and not noun.rank:
            name = f"the {described(rng, noun)[1]}"
        else:
            name = noun_phrase(rng, noun)
        pieces.append(f"{word} {name}")
    return " ".join(piece for piece in pieces if piece), plural


def target_phrase(rng: random.Random, what: Selection) -> str:
    """Which container, as a noun phrase."""
    singular, plural = described(rng, what)
    frames = {
        "one": ("the {s}",) * 8 + ("that {s}", "{s}", "my {s}", "this {s}"),
        "any": _TARGET_ANY,
        "other": _TARGET_OTHER,
        "each": _EACH,
        "own_color": _OWN,
    }
    text = expand(rng, rng.choice(frames[what.quant])).format(s=singular, p=plural)
    if text.startswith("a ") and text[2:3] in "aeiou":
        text = "an " + text[2:]
    return f"{text} {relation_phrase(rng, what)}".strip()
