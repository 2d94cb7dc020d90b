# SPDX-License-Identifier: Apache-2.0
"""The typed program: what a sentence asks for, before anything is looked for in the image.

Grammar (words of the text form; ``[]`` optional, ``*`` repeated)::

    program   = step (";" step)* | "ask" question | "refuse" code
    step      = [("if" | "unless") selection] put ["else" put]
    put       = "put" selection "into" selection
    question  = ("count" | "exists" | "where" | "color") selection | "list" [selection] | "done"
    selection = quant [ordinal] [rank] [color] shape [relation [noun]] ("except" noun)*
    noun      = [rank] [color] shape

``put all red part left_of green block into one blue tray`` reads: every red part that lies left of
the green block goes into the blue tray. ``if any red cube in blue tray put ...`` acts where at
least one fits, ``if two ...`` where at least two do; ``unless`` where not. ``ask done`` is about
the job under way. `parse` and `str` are inverse to each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from neuraxis_common.plan import ContainerShape, PartShape

COLORS = ("red", "green", "blue", "yellow", "orange", "purple", "white", "black")
PART_SHAPES = (*get_args(PartShape), "part")
CONTAINER_SHAPES = (*get_args(ContainerShape), "container")
NUMBERS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "many")
PART_QUANTS = ("one", "any", "all", "both", "some", "rest", "other", *NUMBERS)
TARGET_QUANTS = ("one", "any", "other", "each", "own_color")
ORDINALS = ("second", "third")
RANKS = ("leftmost", "rightmost", "nearest", "farthest", "largest", "smallest", "middle")
NOUN_RELATIONS = (
    "left_of", "right_of", "next_to", "in_front_of", "behind",
    "nearest_to", "farthest_from", "in", "holding",
)  # fmt: skip
BARE_RELATIONS = ("on_table", "empty")
CONDITIONS = ("if", "unless")
ASK_KINDS = ("count", "exists", "where", "color", "list", "done")
# What questions and conditions speak of: the one, any, all, or at least so many.
ASK_QUANTS = ("one", "any", "all", *NUMBERS)
REFUSALS = ("unknown_object", "unsupported_action", "unsupported_language", "unsafe", "not_a_task")
WORDS = tuple(
    dict.fromkeys(
        (
            "put", "into", "refuse", "except", ";", *PART_QUANTS, *TARGET_QUANTS, *ORDINALS, *RANKS,
            *COLORS, *PART_SHAPES, *CONTAINER_SHAPES, *NOUN_RELATIONS, *BARE_RELATIONS, *REFUSALS,
            *CONDITIONS, "else", "ask", *ASK_KINDS,
        )
    )
)  # fmt: skip


class ProgramError(ValueError):
    """The words do not form a program; the message names the word and what was expected.

    Attributes:
        incomplete: Whether further words could make it one.
    """

    def __init__(self, message: str, incomplete: bool = False) -> None:
        super().__init__(message)
        self.incomplete = incomplete


def count_of(quant: str) -> int | None:
    """How many parts a number word asks for; 99 for ``many``; None for the other quantifiers."""
    if quant not in NUMBERS:
        return None
    return 99 if quant == "many" else NUMBERS.index(quant) + 2


@dataclass(frozen=True)
class Noun:
    """A thing that another thing is described by: ``largest red cube``."""

    shape: str
    color: str = ""
    rank: str = ""

    @property
    def is_container(self) -> bool:
        """Whether it names a container."""
        return self.shape in CONTAINER_SHAPES

    def __str__(self) -> str:
        return " ".join(word for word in (self.rank, self.color, self.shape) if word)


@dataclass(frozen=True)
class Selection:
    """Which parts to take, or which containers to put them into."""

    quant: str
    shape: str
    color: str = ""
    ordinal: str = ""
    rank: str = ""
    relation: str = ""
    noun: Noun | None = None
    excepts: tuple[Noun, ...] = ()

    @property
    def is_container(self) -> bool:
        """Whether it selects containers."""
        return self.shape in CONTAINER_SHAPES

    def __str__(self) -> str:
        head = (self.quant, self.ordinal, self.rank, self.color, self.shape, self.relation)
        words = [word for word in head if word]
        if self.noun is not None:
            words.append(str(self.noun))
        words += [f"except {noun}" for noun in self.excepts]
        return " ".join(words)


@dataclass(frozen=True)
class Condition:
    """Whether things that fit are there, in the scene as it is before anything moves.

    Attributes:
        word: One of `CONDITIONS`.
    """

    word: str
    what: Selection

    def __str__(self) -> str:
        return f"{self.word} {self.what}"


@dataclass(frozen=True)
class Put:
    """Bring the selected parts into the selected container(s).

    Attributes:
        condition: What must hold; None for always.
        otherwise: Done where the condition does not hold; has neither of its own.
    """

    parts: Selection
    target: Selection
    condition: Condition | None = None
    otherwise: Put | None = None

    def __str__(self) -> str:
        text = f"put {self.parts} into {self.target}"
        if self.condition is not None:
            text = f"{self.condition} {text}"
        return text if self.otherwise is None else f"{text} else {self.otherwise}"


@dataclass(frozen=True)
class Question:
    """What somebody wants to know of the scene, or of the job.

    Attributes:
        kind: One of `ASK_KINDS`.
        what: Of which things; None for ``done`` and for a list of everything.
    """

    kind: str
    what: Selection | None = None

    def __str__(self) -> str:
        return f"ask {self.kind}" if self.what is None else f"ask {self.kind} {self.what}"


@dataclass(frozen=True)
class Program:
    """Either steps in the order wanted, or a question, or the code of a refusal."""

    puts: tuple[Put, ...] = ()
    refusal: str = ""
    question: Question | None = None

    def __str__(self) -> str:
        if self.question is not None:
            return str(self.question)
        return f"refuse {self.refusal}" if self.refusal else " ; ".join(str(p) for p in self.puts)


class _Reader:
    """Takes words from the left, each against the class expected there."""

    def __init__(self, words: list[str]) -> None:
        self._words = words
        self.at = 0

    @property
    def next(self) -> str:
        return self._words[self.at] if self.at < len(self._words) else ""

    def maybe(self, choices: tuple[str, ...]) -> str:
        word = self.next
        if word and word in choices:
            self.at += 1
            return word
        return ""

    def must(self, choices: tuple[str, ...], what: str) -> str:
        word = self.maybe(choices)
        if not word:
            raise ProgramError(f"word {self.at} is '{self.next}', expected {what}", not self.next)
        return word


def _noun(reader: _Reader, shapes: tuple[str, ...]) -> Noun:
    rank = reader.maybe(RANKS)
    color = reader.maybe(COLORS)
    return Noun(reader.must(shapes, f"one of {shapes}"), color, rank)


def _selection(
    reader: _Reader, quants: tuple[str, ...], shapes: tuple[str, ...], parts: bool
) -> Selection:
    quant = reader.must(quants, f"one of {quants}")
    ordinal, rank = reader.maybe(ORDINALS), reader.maybe(RANKS)
    if ordinal and not rank:
        raise ProgramError(f"'{ordinal}' needs a rank such as leftmost after it", not reader.next)
    color = reader.maybe(COLORS)
    shape = reader.must(shapes, f"one of {shapes}")
    relation = reader.maybe(NOUN_RELATIONS)
    noun = None
    if relation:
        allowed = {"in": CONTAINER_SHAPES, "holding": PART_SHAPES}.get(
            relation, PART_SHAPES + CONTAINER_SHAPES
        )
        noun = _noun(reader, allowed)
        if relation == ("holding" if parts else "in"):
            raise ProgramError(f"'{relation}' cannot describe a {shape}")
    else:
        relation = reader.maybe(("on_table",) if parts else ("empty",))
    excepts = []
    while parts and reader.maybe(("except",)):
        excepts.append(_noun(reader, PART_SHAPES))
    return Selection(quant, shape, color, ordinal, rank, relation, noun, tuple(excepts))


def parse(text: str) -> Program:
    """Read the text form. Raises ProgramError when it is not a program."""
    reader = _Reader(text.split())
    if reader.maybe(("refuse",)):
        program = Program(refusal=reader.must(REFUSALS, f"one of {REFUSALS}"))
    elif reader.maybe(("ask",)):
        program = Program(question=_question(reader))
    else:
        puts = [_step(reader)]
        while reader.maybe((";",)):
            puts.append(_step(reader))
        program = Program(tuple(puts))
    if reader.next:
        raise ProgramError(f"unexpected '{reader.next}' after the end")
    return program


def _step(reader: _Reader) -> Put:
    word = reader.maybe(CONDITIONS)
    if not word:
        return _put(reader)
    condition = Condition(word, _asked(reader))
    put = _put(reader)
    otherwise = _put(reader) if reader.maybe(("else",)) else None
    return Put(put.parts, put.target, condition, otherwise)


def _question(reader: _Reader) -> Question:
    kind = reader.must(ASK_KINDS, f"one of {ASK_KINDS}")
    if kind == "done" or (kind == "list" and not reader.next):
        return Question(kind)
    return Question(kind, _asked(reader))


def _asked(reader: _Reader) -> Selection:
    """Parts or containers; which of the two shows in the shape, some words later."""
    at = reader.at
    try:
        return _selection(reader, ASK_QUANTS, PART_SHAPES, parts=True)
    except ProgramError as error:
        if error.incomplete:
            raise
    reader.at = at
    return _selection(reader, ASK_QUANTS, CONTAINER_SHAPES, parts=False)


def _put(reader: _Reader) -> Put:
    reader.must(("put",), "'put'")
    parts = _selection(reader, PART_QUANTS, PART_SHAPES, parts=True)
    reader.must(("into",), "'into'")
    return Put(parts, _selection(reader, TARGET_QUANTS, CONTAINER_SHAPES, parts=False))
