# SPDX-License-Identifier: Apache-2.0
"""Says a program in English."""

from __future__ import annotations

import random

from neuraxis_bridge.program import Condition, Noun, Program, Question, Selection
from neuraxis_field.language import en_frames as frames
from neuraxis_field.language import en_heldout as held_out
from neuraxis_field.language import en_questions, fillers, noise, speaker
from neuraxis_field.language import en_words as words
from neuraxis_field.language.en_nouns import (
    joined_phrase,
    noun_phrase,
    part_phrase,
    target_phrase,
)
from neuraxis_field.language.speaker import LOOSE, Clause, grouped, run_length
from neuraxis_field.language.templates import choose
from neuraxis_field.language.voices import voices

_RESPECTIVELY = (
    *voices("en", "RESPECTIVELY"),
    "{put} {P} {in} {C} respectively", "{put} {P} respectively {in} {C}",
                 "{P} {goes} {in} {C}, respectively")  # fmt: skip
_LAST_JOIN = (" and ", " and ", " and ", " as well as ", " plus ", ", and ", " & ", " along with ",
              " together with ", " and also ")  # fmt: skip


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


class Speaker(speaker.Speaker):
    """English."""

    language = "en"
    frames = frames
    held_out = held_out
    starts = ("{put} {P} {in} {C}", "{put} {P} {in} {C}", "{P} {in} {C}", "{P} {goes} {in} {C}",
              "I want {P} {in} {C}", "1. {P} to {C}", "1) {P} {in} {C}")  # fmt: skip
    before = fillers.BEFORE_EN
    after = fillers.AFTER_EN
    pronouns = ("it", "them")
    comma = ", "
    first_share = 0.35

    stops = (". ", ". ", ", ", "; ", ", and ", ", then ", ". Then, ", ". After that, ",
             ". Also, ", ". Finally, ", " and ")  # fmt: skip

    def _ask(self, question: Question) -> str:
        return en_questions.ask(self._rng, self._split, question)

    def _held(self, condition: Condition, text: str, other: str) -> str:
        return en_questions.conditional(self._rng, self._split, condition, text, other)

    def _clause(self, group: list[Selection], target: Selection) -> Clause:
        return _clause(self._rng, group, target)

    def _order(self, program: Program) -> str:
        groups = grouped(self._rng, program)
        clauses = [self._clause(group, target) for group, target in groups]
        return self._single(clauses[0]) if len(clauses) == 1 else self._several(clauses)

    def _fill(self, frame: str, clause: Clause) -> str:
        rng = self._rng
        if self._split == "train" and rng.random() < LOOSE:
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

    def _single(self, clause: Clause) -> str:
        rng, roll = self._rng, self._rng.random()
        special = self._sort_all(clause) or self._special(clause)
        if special:
            return self._wrapped(special)
        plain = clause.goal.quant == "one" and not clause.goal.relation
        if plain and roll < 0.12:
            return self._negated(clause)
        if roll < 0.4:
            text = self._fill(self._choose(frames.DECLARATIVE, held_out.DECLARATIVE), clause)
            return text + (choose(rng, frames.SUFFIX, "train") if rng.random() < 0.25 else "")
        return self._wrapped(self.imperative(clause, self._split))

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

    def _noun(self, noun: Noun) -> str:
        return noun_phrase(self._rng, noun)

    def _container(self, noun: Noun) -> str:
        return target_phrase(self._rng, Selection("one", noun.shape, noun.color))

    def _own_color(self, clause: Clause) -> str:
        rng = self._rng
        plural = target_head(rng, clause.goal.shape) + "s"
        text = self._choose(frames.SORT, held_out.SORT)
        if clause.goal.shape != "container" and "{A}" not in text:
            return ""
        return self._fill(text, clause).replace("{A}", f"{rng.choice(('', 'the '))}{plural}")
