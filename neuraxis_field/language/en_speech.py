# SPDX-License-Identifier: Apache-2.0
"""Says a program in English."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from neuraxis_bridge.program import Program, Selection
from neuraxis_field.language import en_frames as frames
from neuraxis_field.language import en_heldout as held_out
from neuraxis_field.language import en_words as words
from neuraxis_field.language import fillers, noise
from neuraxis_field.language.en_nouns import (
    joined_phrase,
    noun_phrase,
    part_phrase,
    target_phrase,
)
from neuraxis_field.language.programs import container_noun, is_plain, part_noun
from neuraxis_field.language.templates import choose
from neuraxis_field.language.voices import voices

# Share of frames that get an odd word in training.
_LOOSE = 0.15
_RESPECTIVELY = (
    *voices("en", "RESPECTIVELY"),
    "{put} {P} {in} {C} respectively", "{put} {P} respectively {in} {C}",
                 "{P} {goes} {in} {C}, respectively")  # fmt: skip
_LAST_JOIN = (" and ", " and ", " and ", " as well as ", " plus ", ", and ", " & ", " along with ",
              " together with ", " and also ")  # fmt: skip


@dataclass(frozen=True)
class Clause:
    """One step as words: what goes where."""

    parts: str
    plural: bool
    target: str
    target_head: str
    selections: tuple[Selection, ...]
    goal: Selection


def _joined(rng: random.Random, items: list[str]) -> str:
    if len(items) == 1:
        return items[0]
    if len(items) == 2 and rng.random() < 0.08:
        return f"both {items[0]} and {items[1]}"
    return ", ".join(items[:-1]) + rng.choice(_LAST_JOIN) + items[-1]


def target_head(rng: random.Random, shape: str) -> str:
    """A plain noun for a container, as in "the same box"."""
    return shape[1:] if shape.startswith("?") else rng.choice(words.SHAPES[shape][:3])[0]


def _said(rng: random.Random, group: list[Selection]) -> list[tuple[str, bool]]:
    """Noun phrases of a group; neighbours that differ in one word are said together."""
    phrases: list[tuple[str, bool]] = []
    index = 0
    while index < len(group):
        count = run_length(group[index:]) if rng.random() < 0.65 else 1
        run = group[index : index + count]
        phrases.append(joined_phrase(rng, run) if count > 1 else part_phrase(rng, run[0]))
        index += count
    return phrases


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


def _clause(rng: random.Random, group: list[Selection], target: Selection) -> Clause:
    said = _said(rng, group)
    head = target_head(rng, target.shape) if rng.random() < 0.7 else "place"
    return Clause(
        parts=_joined(rng, [text for text, _ in said]),
        plural=len(said) > 1 or said[0][1],
        target=target_phrase(rng, target),
        target_head=head,
        selections=tuple(group),
        goal=target,
    )


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


class Speaker:
    """Fills frames of one split.

    Outside training each sentence has at least its main frame from those of its split.
    """

    def __init__(self, rng: random.Random, split: str) -> None:
        self._rng = rng
        self._split = split

    def say(self, program: Program) -> str:
        """One sentence, or several, for a program that does not refuse."""
        groups = grouped(self._rng, program)
        clauses = [_clause(self._rng, group, target) for group, target in groups]
        text = self._single(clauses[0]) if len(clauses) == 1 else self._several(clauses)
        return fillers.filled(self._rng, text, "en", self._split)

    def _choose(self, seen: Sequence[str], own: Sequence[str]) -> str:
        """A main frame: one of the split's own."""
        return choose(self._rng, seen, self._split, own)

    def _side(self) -> str:
        """Split of a frame that is not the main one."""
        return self._split if self._rng.random() < 0.35 else "train"

    def _fill(self, frame: str, clause: Clause) -> str:
        rng = self._rng
        if self._split == "train" and rng.random() < _LOOSE:
            frame = noise.loosened(rng, frame, "en")
        verb = rng.choice(words.VERBS[:7] if rng.random() < 0.5 else words.VERBS)
        into = rng.choice(words.INTO[:5] if rng.random() < 0.5 else words.INTO)
        plural = clause.plural
        some = {
            "P": clause.parts, "C": clause.target, "c": clause.target_head,
            "it": "them" if plural else "it", "it2": "they" if plural else "it",
            "is": "are" if plural else "is", "goes": "go" if plural else "goes",
            "ends": "end" if plural else "ends", "gets": "get" if plural else "gets",
            "belongs": "belong" if plural else "belongs", "put": verb[0], "putting": verb[1],
            "pp": verb[2], "take": rng.choice(words.TAKE), "in": into,
            "in_front": rng.choice(words.IN_FRONT),
        }  # fmt: skip
        for key, value in some.items():
            frame = frame.replace("{" + key + "}", value)
        return frame

    def imperative(self, clause: Clause, split: str = "train") -> str:
        """``move the red cube into the bin``."""
        if split == "train" and self._rng.random() < 0.35:
            return self._fill(frames.IMPERATIVE[0], clause)
        return self._fill(choose(self._rng, frames.IMPERATIVE, split, held_out.IMPERATIVE), clause)

    def _wrapped(self, text: str) -> str:
        if self._rng.random() < 0.4:
            return text
        before = choose(self._rng, frames.PREFIX, self._side(), held_out.PREFIX)
        after = choose(self._rng, frames.SUFFIX, self._side(), held_out.SUFFIX)
        if self._rng.random() < 0.1:
            before = choose(self._rng, fillers.BEFORE_EN) + before
        if self._rng.random() < 0.1:
            after = choose(self._rng, fillers.AFTER_EN)
        if self._rng.random() < 0.06:
            before = f"{fillers.salad(self._rng, 'en')}, {before}"
        if self._rng.random() < 0.04:
            after += f", {fillers.salad(self._rng, 'en')}"
        if self._split == "train" and self._rng.random() < _LOOSE:
            before, after = (noise.replaced(self._rng, side, "en") for side in (before, after))
        return before + text + after

    def _single(self, clause: Clause) -> str:
        rng, roll = self._rng, self._rng.random()
        special = self._sort_all(clause) or self._special(clause)
        if special:
            return self._wrapped(special)
        plain = clause.goal.quant == "one" and not clause.goal.relation
        if plain and roll < 0.06:
            return self._negated(clause)
        if roll < 0.4:
            text = self._fill(self._choose(frames.DECLARATIVE, held_out.DECLARATIVE), clause)
            return text + (choose(rng, frames.SUFFIX, "train") if rng.random() < 0.25 else "")
        return self._wrapped(self.imperative(clause, self._split))

    def _sort_all(self, clause: Clause) -> str:
        everything = clause.selections == (Selection("all", "part"),)
        if not everything or clause.goal != Selection("own_color", "container"):
            return ""
        if self._rng.random() > 0.25:
            return ""
        return self._choose(frames.SORT_ALL, held_out.SORT_ALL)

    def _special(self, clause: Clause) -> str:
        rng, what = self._rng, clause.selections[0]
        if len(clause.selections) > 1 or what.quant not in ("all", "rest", "one"):
            return ""
        if clause.goal == Selection("one", "container") and rng.random() < 0.5:
            return self._fill(self._choose(frames.AWAY, held_out.AWAY), clause)
        if what.quant == "one":
            return ""
        if what == Selection("all", "part", excepts=what.excepts) and len(what.excepts) == 1:
            if rng.random() < 0.4:
                text = self._fill(self._choose(frames.LEAVE, held_out.LEAVE), clause)
                return text.replace("{E}", noun_phrase(rng, what.excepts[0]))
        if clause.goal.quant == "own_color" and rng.random() < 0.5:
            plural = target_head(rng, clause.goal.shape) + "s"
            text = self._choose(frames.SORT, held_out.SORT)
            if clause.goal.shape != "container" and "{A}" not in text:
                return ""
            return self._fill(text, clause).replace("{A}", f"{rng.choice(('', 'the '))}{plural}")
        if what == Selection("all", "part", relation="on_table") and rng.random() < 0.5:
            return self._fill(self._choose(frames.CLEAR, held_out.CLEAR), clause)
        if what == Selection("all", "part", relation="in", noun=what.noun) and rng.random() < 0.6:
            text = self._fill(self._choose(frames.EMPTY, held_out.EMPTY), clause)
            return text.replace("{S}", noun_phrase(rng, what.noun))
        return ""

    def _negated(self, clause: Clause) -> str:
        rng = self._rng
        text = self._fill(self._choose(frames.NEGATED, held_out.NEGATED), clause)
        noun = container_noun(rng)
        while (noun.shape, noun.color) == (clause.goal.shape, clause.goal.color):
            noun = container_noun(rng)
        other = target_phrase(rng, Selection("one", noun.shape, noun.color))
        wrong = noun_phrase(rng, part_noun(rng))
        return text.replace("{X}", other).replace("{Q}", wrong)

    def _several(self, clauses: list[Clause]) -> str:
        _rng, roll = self._rng, self._rng.random()
        if len(clauses) == 2 and roll < 0.22 and clauses[1].selections[0].quant != "rest":
            return self._pair(*clauses)
        if roll < 0.27 and all(self._is_short(clause) for clause in clauses):
            return self._respectively(clauses)
        if roll < 0.55:
            return self._elided(clauses)
        return self._chain(clauses)

    @staticmethod
    def _is_short(clause: Clause) -> bool:
        what = clause.selections[0]
        simple = len(clause.selections) == 1 and not (what.relation or what.excepts)
        return simple and clause.goal.quant == "one" and not clause.goal.relation

    def _respectively(self, clauses: list[Clause]) -> str:
        rng = self._rng
        parts = _joined(rng, [clause.parts for clause in clauses])
        targets = _joined(rng, [clause.target for clause in clauses])
        one = Clause(parts, True, targets, "", (), clauses[0].goal)
        frame = self._choose(_RESPECTIVELY, held_out.RESPECTIVELY)
        return self._wrapped(self._fill(frame, one))

    def _pair(self, a: Clause, b: Clause) -> str:
        rng = self._rng
        frame = self._choose(frames.PAIR, held_out.PAIR)
        verb = rng.choice(words.VERBS)
        done = f"{verb[2]} {a.parts} {rng.choice(words.INTO)} {a.target}"
        pieces = {
            "{ga}": self._fill(choose(rng, frames.GERUND, self._side()), a),
            "{gb}": self._fill(choose(rng, frames.GERUND, self._side()), b),
            "{a_pp}": done,
            "{a}": self.imperative(a),
            "{b}": self.imperative(b),
        }
        for key, value in pieces.items():
            frame = frame.replace(key, value)
        lead = ("", "", "", "please ", "robot, ", "ok, ", "hey, ", "now ", "task: ", "X2, ")
        return rng.choice(lead) + frame

    def _elided(self, clauses: list[Clause]) -> str:
        rng = self._rng
        start = ("{put} {P} {in} {C}", "{put} {P} {in} {C}", "{P} {in} {C}", "{P} {goes} {in} {C}",
                 "I want {P} {in} {C}", "1. {P} to {C}", "1) {P} {in} {C}")  # fmt: skip
        text = self._fill(rng.choice(start), clauses[0])
        for before, clause in itertools.pairwise(clauses):
            same = before.goal == clause.goal and before.goal.quant == "one"
            if same and rng.random() < 0.6:
                frame = self._choose(frames.SAME, held_out.SAME)
            else:
                frame = self._choose(frames.ELIDED, held_out.ELIDED)
            text = self._fill(frame, clause).replace("{x}", text)
        return self._wrapped(text)

    def _chain(self, clauses: list[Clause]) -> str:
        rng = self._rng
        text = self.imperative(clauses[0])
        lead = choose(rng, frames.FIRST, self._side()) if rng.random() < 0.35 else ""
        for before, clause in itertools.pairwise(clauses):
            if before.goal == clause.goal and before.goal.quant == "one" and rng.random() < 0.5:
                frame = self._choose(frames.SAME, held_out.SAME)
                text = self._fill(frame, clause).replace("{x}", text)
                continue
            join = self._choose(frames.NEXT, held_out.NEXT)
            text = join.replace("{a}", text).replace("{b}", self.imperative(clause))
        return self._wrapped(lead + text)
