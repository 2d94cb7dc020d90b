# SPDX-License-Identifier: Apache-2.0
"""Says programs by frames: what both languages have in common."""

from __future__ import annotations

import itertools
import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from types import ModuleType

from neuraxis_bridge.program import Condition, Noun, Program, Put, Question, Selection
from neuraxis_field.language import fillers, noise
from neuraxis_field.language.programs import container_noun, is_plain, part_noun
from neuraxis_field.language.templates import choose

# Share of frames that get an odd word in training.
LOOSE = 0.15
# Around the words for a thing that comes up twice, until the sentence stands.
_MARKS = "\x01\x02"
# So often something else to rule out is looked for.
_OTHER_DRAWS = 12


@dataclass(frozen=True)
class Clause:
    """One step as words: what goes where."""

    parts: str
    plural: bool
    target: str
    target_head: str
    selections: tuple[Selection, ...]
    goal: Selection


def run_length(group: list[Selection]) -> int:
    """How many of the first selections differ from the first in colour only, or in shape only."""
    first, count = group[0], 1
    if not is_plain(first) or not first.color:
        return 1
    for other in group[1:]:
        if not other.color:
            break
        same = replace(other, color=first.color) == first and other.color != first.color
        kin = first.quant == "all" and replace(other, shape=first.shape) == first
        if not (same or (kin and count == 1 and "part" not in (first.shape, other.shape))):
            break
        count += 1
        if not same:
            break
    unknown = any("?" in s.shape + s.color for s in group[:count])
    distinct = len({(s.color, s.shape) for s in group[:count]}) == count
    return count if distinct and not unknown else 1


def apart(noun: Noun, selection: Selection) -> bool:
    """Whether nothing is both: such a noun can be ruled out beside the selection."""
    shapes = {noun.shape, selection.shape}
    if len(shapes) == 2 and not shapes & {"part", "container"}:
        return True
    return bool(noun.color and selection.color) and noun.color != selection.color


def other_noun(
    rng: random.Random,
    drawn: Callable[[random.Random], Noun],
    selections: Sequence[Selection],
) -> Noun | None:
    """A noun apart from all selections; None where none was found in a few draws."""
    for _ in range(_OTHER_DRAWS):
        noun = drawn(rng)
        if all(apart(noun, selection) for selection in selections):
            return noun
    return None


def grouped(rng: random.Random, program: Program) -> list[tuple[list[Selection], Selection]]:
    """Steps that share a container, most of the time, become one clause: "a and b in c"."""
    groups: list[tuple[list[Selection], Selection]] = []
    for put in program.puts:
        if groups and groups[-1][1] == put.target and rng.random() < 0.75:
            last = groups[-1][0][-1]
            if last.noun is None and not last.excepts and not last.relation:
                groups[-1][0].append(put.parts)
                continue
        groups.append(([put.parts], put.target))
    return groups


class Speaker(ABC):
    """Fills frames of one split.

    Outside training each sentence has at least its main frame from those of its split.
    """

    language: str
    frames: ModuleType
    held_out: ModuleType
    # Beginnings of a sentence whose further clauses leave out the verb.
    starts: Sequence[str]
    # Before and after a sentence, by people who think aloud.
    before: Sequence[str]
    after: Sequence[str]
    comma: str
    # Between what is done anyway and what hangs on a condition.
    stops: Sequence[str]
    # For one thing and for several.
    pronouns: tuple[str, str]
    # How often the first of several clauses is announced as such.
    first_share: float

    def __init__(self, rng: random.Random, split: str) -> None:
        self._rng = rng
        self._split = split

    def say(self, program: Program) -> str:
        """One sentence, or several, for a program that does not refuse."""
        if program.question is not None:
            text = self._ask(program.question)
        elif any(put.condition is not None for put in program.puts):
            text = self._under_condition(program)
        else:
            text = self._order(program)
        return fillers.filled(self._rng, text, self.language, self._split)

    def _under_condition(self, program: Program) -> str:
        free = [put for put in program.puts if put.condition is None]
        bound = [put for put in program.puts if put.condition is not None]
        last = bound[-1]
        if last.otherwise is not None and last.otherwise.parts == last.parts:
            said = self._either(last, last.otherwise)
        else:
            text = self._orders([replace(put, condition=None, otherwise=None) for put in bound])
            other = "" if last.otherwise is None else self._orders([last.otherwise])
            said = self._held(last.condition, text, other)
        if not free:
            return said
        return self._orders(free) + self._rng.choice(self.stops) + said

    def _either(self, put: Put, otherwise: Put) -> str:
        """One thing to one of two places: where it comes up again it is often only pointed at."""
        first, second = (
            self._clause([put.parts], target) for target in (put.target, otherwise.target)
        )
        text, other = (
            self.imperative(
                replace(clause, parts=_MARKS[0] + clause.parts + _MARKS[1]), self._split
            )
            for clause in (first, second)
        )
        said = self._held(put.condition, text, other)
        if self._rng.random() < 0.6:
            again = said.rfind(_MARKS[0])
            if said.find(_MARKS[0]) < again:
                ends = said.index(_MARKS[1], again)
                said = said[:again] + self.pronouns[first.plural] + said[ends:]
        return said.translate(dict.fromkeys(map(ord, _MARKS)))

    def _orders(self, puts: Sequence[Put]) -> str:
        """Imperatives one after the other, without anything around them."""
        clauses = [self._clause([put.parts], put.target) for put in puts]
        text = self.imperative(clauses[0], self._split if len(clauses) == 1 else "train")
        for clause in clauses[1:]:
            join = self._choose(self.frames.NEXT, self.held_out.NEXT)
            text = join.replace("{a}", text).replace("{b}", self.imperative(clause))
        return text

    @abstractmethod
    def _ask(self, question: Question) -> str:
        """A question."""

    @abstractmethod
    def _held(self, condition: Condition, text: str, other: str) -> str:
        """An imperative under a condition, with what is done otherwise where that is not empty."""

    @abstractmethod
    def _clause(self, group: list[Selection], target: Selection) -> Clause:
        """One step as words."""

    @abstractmethod
    def _order(self, program: Program) -> str:
        """Steps without conditions."""

    @abstractmethod
    def _fill(self, frame: str, clause: Clause) -> str:
        """The frame with the words of a clause in its slots."""

    @abstractmethod
    def _noun(self, noun: Noun) -> str:
        """A thing that is named beside the parts and the goal."""

    @abstractmethod
    def _container(self, noun: Noun) -> str:
        """A container that is not meant."""

    @abstractmethod
    def _own_color(self, clause: Clause) -> str:
        """A frame that sorts parts by their colour, empty when the one drawn does not fit."""

    def _choose(self, seen: Sequence[str], own: Sequence[str]) -> str:
        """A main frame: one of the split's own."""
        return choose(self._rng, seen, self._split, own)

    def _side(self) -> str:
        """Split of a frame that is not the main one."""
        return self._split if self._rng.random() < 0.35 else "train"

    def imperative(self, clause: Clause, split: str = "train") -> str:
        """``move the red cube into the bin``, for one clause."""
        if split == "train" and self._rng.random() < 0.35:
            return self._fill(self.frames.IMPERATIVE[0], clause)
        return self._fill(
            choose(self._rng, self.frames.IMPERATIVE, split, self.held_out.IMPERATIVE), clause
        )

    def _negated(self, clause: Clause) -> str:
        """An order that also rules out a container or parts."""
        rng = self._rng
        container = other_noun(rng, container_noun, [clause.goal])
        part = other_noun(rng, part_noun, clause.selections)
        frame = self._choose(self.frames.NEGATED, self.held_out.NEGATED)
        if ("{X}" in frame and container is None) or ("{Q}" in frame and part is None):
            return self._wrapped(self.imperative(clause, self._split))
        text = self._fill(frame, clause)
        if container is not None:
            text = text.replace("{X}", self._container(container))
        return text if part is None else text.replace("{Q}", self._noun(part))

    def _wrapped(self, text: str) -> str:
        if self._rng.random() < 0.4:
            return text
        before = choose(self._rng, self.frames.PREFIX, self._side(), self.held_out.PREFIX)
        after = choose(self._rng, self.frames.SUFFIX, self._side(), self.held_out.SUFFIX)
        if self._rng.random() < 0.1:
            before = choose(self._rng, self.before) + before
        if self._rng.random() < 0.1:
            after = choose(self._rng, self.after)
        if self._rng.random() < 0.06:
            before = fillers.salad(self._rng, self.language) + self.comma + before
        if self._rng.random() < 0.04:
            after += self.comma + fillers.salad(self._rng, self.language)
        if self._split == "train" and self._rng.random() < LOOSE:
            before, after = (
                noise.replaced(self._rng, side, self.language) for side in (before, after)
            )
        return before + text + after

    def _sort_all(self, clause: Clause) -> str:
        everything = clause.selections == (Selection("all", "part"),)
        if not everything or clause.goal != Selection("own_color", "container"):
            return ""
        if self._rng.random() > 0.25:
            return ""
        return self._choose(self.frames.SORT_ALL, self.held_out.SORT_ALL)

    def _special(self, clause: Clause) -> str:
        rng, what = self._rng, clause.selections[0]
        if len(clause.selections) > 1 or what.quant not in ("all", "rest", "one"):
            return ""
        if clause.goal == Selection("one", "container") and rng.random() < 0.5:
            return self._fill(self._choose(self.frames.AWAY, self.held_out.AWAY), clause)
        if what.quant == "one":
            return ""
        if what == Selection("all", "part", excepts=what.excepts) and len(what.excepts) == 1:
            if rng.random() < 0.4:
                text = self._fill(self._choose(self.frames.LEAVE, self.held_out.LEAVE), clause)
                return text.replace("{E}", self._noun(what.excepts[0]))
        if clause.goal.quant == "own_color" and rng.random() < 0.5:
            return self._own_color(clause)
        if what == Selection("all", "part", relation="on_table") and rng.random() < 0.5:
            return self._fill(self._choose(self.frames.CLEAR, self.held_out.CLEAR), clause)
        if what == Selection("all", "part", relation="in", noun=what.noun) and rng.random() < 0.6:
            text = self._fill(self._choose(self.frames.EMPTY, self.held_out.EMPTY), clause)
            return text.replace("{S}", self._noun(what.noun))
        return ""

    def _elided(self, clauses: list[Clause]) -> str:
        rng = self._rng
        text = self._fill(rng.choice(self.starts), clauses[0])
        for before, clause in itertools.pairwise(clauses):
            same = before.goal == clause.goal and before.goal.quant == "one"
            if same and rng.random() < 0.6:
                frame = self._choose(self.frames.SAME, self.held_out.SAME)
            else:
                frame = self._choose(self.frames.ELIDED, self.held_out.ELIDED)
            text = self._fill(frame, clause).replace("{x}", text)
        return self._wrapped(text)

    def _chain(self, clauses: list[Clause]) -> str:
        rng = self._rng
        text = self.imperative(clauses[0])
        lead = (
            choose(rng, self.frames.FIRST, self._side()) if rng.random() < self.first_share else ""
        )
        for before, clause in itertools.pairwise(clauses):
            if before.goal == clause.goal and before.goal.quant == "one" and rng.random() < 0.5:
                frame = self._choose(self.frames.SAME, self.held_out.SAME)
                text = self._fill(frame, clause).replace("{x}", text)
                continue
            join = self._choose(self.frames.NEXT, self.held_out.NEXT)
            text = join.replace("{a}", text).replace("{b}", self.imperative(clause))
        return self._wrapped(lead + text)
