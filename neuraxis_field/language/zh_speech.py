# SPDX-License-Identifier: Apache-2.0
"""Says a program in Chinese."""

from __future__ import annotations

import random

from neuraxis_bridge.program import Condition, Noun, Program, Question, Selection
from neuraxis_field.language import en_words, fillers, noise, speaker, zh_questions
from neuraxis_field.language import zh_frames as frames
from neuraxis_field.language import zh_heldout as held_out
from neuraxis_field.language import zh_words as words
from neuraxis_field.language.speaker import LOOSE, Clause, grouped, run_length
from neuraxis_field.language.voices import voices
from neuraxis_field.language.zh_nouns import (
    joined_phrase,
    noun_phrase,
    part_phrase,
    target_phrase,
)

_ALSO = ("都", "都", "都", "全", "全都", "全部")
_RESPECTIVELY = (
    *voices("zh", "RESPECTIVELY"),
    "把{P}分别{put}{C}{in}",
    "将{P}分别{put}{C}{in}",
    "{P}分别放{C}{in}",
)
_EVERY = ("所有", "全部", "每", "凡", "任何", "一切", "不是", "非", "除", "剩", "其", "别的", "余")
_JOIN = ("和", "和", "、", "跟", "还有", "以及", "与", "，", "加上", "连同")


def target_head(rng: random.Random, shape: str) -> str:
    """A plain noun for a container, as in 同一个箱子."""
    return shape[1:] if shape.startswith("?") else rng.choice(words.SHAPES[shape][:3])


def _marked(item: str) -> str:
    """A phrase of a list without its 都, which would speak for the whole list, but as plain."""
    stem = item.removesuffix("都").removesuffix("全")
    if stem == item or stem.startswith(_EVERY):
        return stem
    for two in ("两", "俩"):
        if two in stem:
            return (
                stem
                if f"那{two}" in stem or f"这{two}" in stem
                else stem.replace(two, f"这{two}", 1)
            )
    return f"所有{stem}"


def _joined(rng: random.Random, items: list[str]) -> str:
    if len(items) == 1:
        return items[0]
    items = [_marked(item) for item in items]
    return "、".join(items[:-1]) + rng.choice(_JOIN) + items[-1]


def _mixed(rng: random.Random, text: str) -> str:
    """Some people leave the nouns in English."""
    if rng.random() > 0.02:
        return text
    for table, names in ((words.SHAPES, en_words.SHAPES), (words.COLORS, en_words.COLORS)):
        for key, forms in table.items():
            word = names[key][0]
            text = text.replace(forms[0], f" {word if isinstance(word, str) else word[0]} ")
    return text


def _once(text: str) -> str:
    for twice, once in (("都都", "都"), ("都全", "全"), ("的的", "的")):
        text = text.replace(twice, once)
    return text


class Speaker(speaker.Speaker):
    """Chinese."""

    language = "zh"
    frames = frames
    held_out = held_out
    starts = ("把{P}{all}{put}{C}{in}", "把{P}{all}{put}{C}{in}", "{P}放{C}{in}", "{P}放到{C}{in}",
              "将{P}{put}{C}{in}", "先把{P}{all}{put}{C}{in}")  # fmt: skip
    before = fillers.BEFORE_ZH
    after = fillers.AFTER_ZH
    pronouns = ("它", "它们")
    comma = "，"
    first_share = 0.45

    stops = ("。", "。", "，", "；", "，然后", "。然后", "。接着，", "。另外，", "，最后")

    def say(self, program: Program) -> str:
        """One sentence, or several, for a program that does not refuse."""
        return _mixed(self._rng, super().say(program))

    def _ask(self, question: Question) -> str:
        return zh_questions.ask(self._rng, self._split, question)

    def _held(self, condition: Condition, text: str, other: str) -> str:
        return zh_questions.conditional(self._rng, self._split, condition, text, other)

    def _under_condition(self, program: Program) -> str:
        return _once(super()._under_condition(program))

    def _order(self, program: Program) -> str:
        groups = grouped(self._rng, program)
        clauses = [self._clause(group, target) for group, target in groups]
        text = self._single(clauses[0]) if len(clauses) == 1 else self._several(clauses)
        return _once(text)

    def _clause(self, group: list[Selection], target: Selection) -> Clause:
        rng = self._rng
        said = self._said(group)
        # 红色和蓝色的方块都 means all of them, so one of each must not be said with 都.
        one_each = len(said) < len(group) and group[0].quant == "one"
        plural = not one_each and (len(group) > 1 or group[0].quant in ("all", "rest", "both"))
        head = target_head(rng, target.shape)
        goal = target_phrase(rng, target)
        return Clause(_joined(rng, said), plural, goal, head, tuple(group), target)

    def _said(self, group: list[Selection]) -> list[str]:
        """Noun phrases of a group; neighbours that differ in one word are said together."""
        phrases, index = [], 0
        while index < len(group):
            count = run_length(group[index:]) if self._rng.random() < 0.65 else 1
            run = group[index : index + count]
            say = joined_phrase(self._rng, run) if count > 1 else part_phrase(self._rng, run[0])
            phrases.append(say)
            index += count
        return phrases

    def _fill(self, frame: str, clause: Clause) -> str:
        rng = self._rng
        if self._split == "train" and rng.random() < LOOSE:
            frame = noise.loosened(rng, frame, "zh")
        also = rng.choice(_ALSO) if clause.plural and rng.random() < 0.45 else ""
        slots = {
            "P": clause.parts, "C": clause.target, "c": clause.target_head, "all": also,
            "put": rng.choice(words.PUT[:6] if rng.random() < 0.5 else words.PUT),
            "take": rng.choice(words.TAKE),
            "in": rng.choice(words.IN), "add": rng.choice(("加", "放", "添", "丢", "扔")),
        }  # fmt: skip
        for key, value in slots.items():
            frame = frame.replace("{" + key + "}", value)
        return frame

    def _single(self, clause: Clause) -> str:
        roll = self._rng.random()
        special = self._sort_all(clause) or self._special(clause)
        if special:
            return self._wrapped(special)
        if clause.goal.quant == "one" and not clause.goal.relation and roll < 0.12:
            return self._negated(clause)
        if roll < 0.36:
            return self._fill(self._choose(frames.DECLARATIVE, held_out.DECLARATIVE), clause)
        return self._wrapped(self.imperative(clause, self._split))

    def _several(self, clauses: list[Clause]) -> str:
        roll = self._rng.random()
        if len(clauses) == 2 and roll < 0.25 and clauses[1].selections[0].quant != "rest":
            frame = self._choose(frames.PAIR, held_out.PAIR)
            text = frame.replace("{a}", self.imperative(clauses[0]))
            return text.replace("{b}", self.imperative(clauses[1]))
        if roll < 0.3 and all(len(c.selections) == 1 and c.goal.quant == "one" for c in clauses):
            return self._respectively(clauses)
        if roll < 0.58:
            return self._elided(clauses)
        return self._chain(clauses)

    def _respectively(self, clauses: list[Clause]) -> str:
        rng = self._rng
        parts = _joined(rng, [clause.parts for clause in clauses])
        targets = _joined(rng, [clause.target for clause in clauses])
        frame = self._choose(_RESPECTIVELY, held_out.RESPECTIVELY)
        one = Clause(parts.removesuffix("都"), False, targets, "", (), clauses[0].goal)
        return self._wrapped(self._fill(frame, one))

    def _noun(self, noun: Noun) -> str:
        return noun_phrase(self._rng, noun)

    def _container(self, noun: Noun) -> str:
        return target_phrase(self._rng, Selection("one", noun.shape, noun.color))

    def _own_color(self, clause: Clause) -> str:
        rng = self._rng
        text = self._choose(frames.SORT, held_out.SORT)
        if clause.goal.shape != "container" and "{A}" not in text:
            return ""
        return self._fill(text, clause).replace("{A}", target_head(rng, clause.goal.shape))
