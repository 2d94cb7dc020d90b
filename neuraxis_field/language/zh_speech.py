# SPDX-License-Identifier: Apache-2.0
"""Says a program in Chinese."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass

from neuraxis_bridge.program import Program, Selection
from neuraxis_field.language import en_words, fillers, noise
from neuraxis_field.language import zh_frames as frames
from neuraxis_field.language import zh_heldout as held_out
from neuraxis_field.language import zh_words as words
from neuraxis_field.language.en_speech import grouped, run_length
from neuraxis_field.language.programs import container_noun, part_noun
from neuraxis_field.language.templates import choose
from neuraxis_field.language.voices import voices
from neuraxis_field.language.zh_nouns import (
    joined_phrase,
    noun_phrase,
    part_phrase,
    target_phrase,
)

_ALSO = ("都", "都", "都", "全", "全都", "全部")
# Share of frames that get an odd word in training.
_LOOSE = 0.15
_RESPECTIVELY = (
    *voices("zh", "RESPECTIVELY"),
    "把{P}分别{put}{C}{in}",
    "将{P}分别{put}{C}{in}",
    "{P}分别放{C}{in}",
)
_EVERY = ("所有", "全部", "每", "凡", "任何", "一切", "不是", "非", "除", "剩", "其", "别的", "余")
_JOIN = ("和", "和", "、", "跟", "还有", "以及", "与", "，", "加上", "连同")


@dataclass(frozen=True)
class Clause:
    """One step as words: what goes where."""

    parts: str
    plural: bool
    target: str
    target_head: str
    selections: tuple[Selection, ...]
    goal: Selection


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


class Speaker:
    """Fills frames of one split; outside training the main frame is from the split's own."""

    def __init__(self, rng: random.Random, split: str) -> None:
        self._rng = rng
        self._split = split

    def say(self, program: Program) -> str:
        """One sentence, or several, for a program that does not refuse."""
        groups = grouped(self._rng, program)
        clauses = [self._clause(group, target) for group, target in groups]
        text = self._single(clauses[0]) if len(clauses) == 1 else self._several(clauses)
        for twice, once in (("都都", "都"), ("都全", "全"), ("的的", "的")):
            text = text.replace(twice, once)
        return _mixed(self._rng, fillers.filled(self._rng, text, "zh", self._split))

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

    def _choose(self, seen: Sequence[str], own: Sequence[str]) -> str:
        """A main frame: one of the split's own."""
        return choose(self._rng, seen, self._split, own)

    def _side(self) -> str:
        return self._split if self._rng.random() < 0.35 else "train"

    def _fill(self, frame: str, clause: Clause) -> str:
        rng = self._rng
        if self._split == "train" and rng.random() < _LOOSE:
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

    def _imperative(self, clause: Clause, split: str = "train") -> str:
        if split == "train" and self._rng.random() < 0.35:
            return self._fill(frames.IMPERATIVE[0], clause)
        return self._fill(choose(self._rng, frames.IMPERATIVE, split, held_out.IMPERATIVE), clause)

    def _wrapped(self, text: str) -> str:
        if self._rng.random() < 0.4:
            return text
        before = choose(self._rng, frames.PREFIX, self._side(), held_out.PREFIX)
        after = choose(self._rng, frames.SUFFIX, self._side(), held_out.SUFFIX)
        if self._rng.random() < 0.1:
            before = choose(self._rng, fillers.BEFORE_ZH) + before
        if self._rng.random() < 0.1:
            after = choose(self._rng, fillers.AFTER_ZH)
        if self._rng.random() < 0.06:
            before = f"{fillers.salad(self._rng, 'zh')}，{before}"
        if self._rng.random() < 0.04:
            after += f"，{fillers.salad(self._rng, 'zh')}"
        if self._split == "train" and self._rng.random() < _LOOSE:
            before, after = (noise.replaced(self._rng, side, "zh") for side in (before, after))
        return before + text + after

    def _single(self, clause: Clause) -> str:
        roll = self._rng.random()
        special = self._sort_all(clause) or self._special(clause)
        if special:
            return self._wrapped(special)
        if clause.goal.quant == "one" and not clause.goal.relation and roll < 0.06:
            return self._negated(clause)
        if roll < 0.36:
            return self._fill(self._choose(frames.DECLARATIVE, held_out.DECLARATIVE), clause)
        return self._wrapped(self._imperative(clause, self._split))

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
            text = self._choose(frames.SORT, held_out.SORT)
            if clause.goal.shape != "container" and "{A}" not in text:
                return ""
            return self._fill(text, clause).replace("{A}", target_head(rng, clause.goal.shape))
        if what == Selection("all", "part", relation="on_table") and rng.random() < 0.5:
            return self._fill(self._choose(frames.CLEAR, held_out.CLEAR), clause)
        if what == Selection("all", "part", relation="in", noun=what.noun) and rng.random() < 0.6:
            text = self._fill(self._choose(frames.EMPTY, held_out.EMPTY), clause)
            return text.replace("{S}", noun_phrase(rng, what.noun))
        return ""

    def _negated(self, clause: Clause) -> str:
        rng = self._rng
        noun = container_noun(rng)
        while (noun.shape, noun.color) == (clause.goal.shape, clause.goal.color):
            noun = container_noun(rng)
        text = self._fill(self._choose(frames.NEGATED, held_out.NEGATED), clause)
        text = text.replace("{X}", target_phrase(rng, Selection("one", noun.shape, noun.color)))
        return text.replace("{Q}", noun_phrase(rng, part_noun(rng)))

    def _several(self, clauses: list[Clause]) -> str:
        roll = self._rng.random()
        if len(clauses) == 2 and roll < 0.25 and clauses[1].selections[0].quant != "rest":
            frame = self._choose(frames.PAIR, held_out.PAIR)
            text = frame.replace("{a}", self._imperative(clauses[0]))
            return text.replace("{b}", self._imperative(clauses[1]))
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

    def _elided(self, clauses: list[Clause]) -> str:
        rng = self._rng
        start = ("把{P}{all}{put}{C}{in}", "把{P}{all}{put}{C}{in}", "{P}放{C}{in}",
                 "{P}放到{C}{in}",
                 "将{P}{put}{C}{in}", "先把{P}{all}{put}{C}{in}")  # fmt: skip
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
        text = self._imperative(clauses[0])
        lead = choose(rng, frames.FIRST, self._side()) if rng.random() < 0.45 else ""
        for before, clause in itertools.pairwise(clauses):
            if before.goal == clause.goal and before.goal.quant == "one" and rng.random() < 0.5:
                frame = self._choose(frames.SAME, held_out.SAME)
                text = self._fill(frame, clause).replace("{x}", text)
                continue
            join = self._choose(frames.NEXT, held_out.NEXT)
            text = join.replace("{a}", text).replace("{b}", self._imperative(clause))
        return self._wrapped(lead + text)
