# SPDX-License-Identifier: Apache-2.0
"""The words for the things that a Chinese question or condition speaks of."""

from __future__ import annotations

import random
import re
from dataclasses import replace

from neuraxis_bridge.program import NUMBERS, Selection
from neuraxis_field.language import zh_if_frames as conditions
from neuraxis_field.language import zh_nouns as nouns
from neuraxis_field.language import zh_words as words

_SLOT = re.compile(r"\{(\w+)\}")
_EXISTENTIAL = re.compile(
    r"(?<!没)(有|有无|存在)\{[AP]\}|没有\{A\}|没\{A\}|无\{A\}|\{B\}"
    r"|\{A\}，?(你那边|)有|(有|任何|什么|哪\{k\})\{N\}"
)
_DEFINITE = re.compile(r"\{A\}(你|这会儿)?(在|还在|不在|还不在)")
_SUBJECT = re.compile(r"(?<![有何么])\{N\}(?!(\{all\})?\{[RW]\})|\{X\}")
_PREDICATE = re.compile(r"\{[RXW]\}")
# Tables whose frames ask for whatever fits, so that no quantifier is said.
_BARE = ("ASK_COUNT", "ASK_LIST", "ASK_WHAT")
# Tables in which {P} says its quantifier itself.
_DEFINITES = ("ASK_WHERE", "ASK_COLOR")


class Things:
    """The words for one selection; within a sentence a thing keeps its name."""

    def __init__(self, rng: random.Random, what: Selection, table: str) -> None:
        self._rng, self._what, self._table = rng, what, table
        plain = replace(what, relation="", noun=None)
        mods, head = nouns.described(rng, plain)
        while what.is_container and not head:
            mods, head = nouns.described(rng, plain)
        if table == "ASK_LIST" and plain == Selection(plain.quant, "part"):
            head = rng.choice(("零件", "工件", "部件", "积木"))
        self._bare = mods + head
        self._noun = nouns.noun_phrase(rng, what.noun) if what.noun else ""
        kinds = ("只",) if what.is_container else words.CLASSIFIERS
        self._kind = "个" if rng.random() < 0.6 else rng.choice(kinds)
        self._place = self._drawn_place()

    @property
    def quant(self) -> str:
        """The quantifier that is meant."""
        return self._what.quant

    def _drawn_place(self) -> str:
        relation = self._what.relation
        if relation == "on_table":
            return self._rng.choice(conditions.TABLE_PLACES)
        if relation not in conditions.PLACES:
            return ""
        if relation == "in" and self._what.noun and self._what.noun.shape == "tray":
            if self._rng.random() < 0.2:
                return self._noun + "上"
        return self._noun + self._rng.choice(conditions.PLACES[relation])

    def fits(self, frame: str) -> bool:
        """Whether the slots can be filled, and say the quantifier that is meant."""
        if not self.fillable(frame):
            return False
        if self._table in _BARE:
            return True
        numbered = self.quant in NUMBERS
        slots = set(_SLOT.findall(frame))
        if numbered and "P" in slots and "n" not in slots and self._table not in _DEFINITES:
            return False
        loose = self.quant == "any" or numbered
        if "都没有" in frame and self.quant != "any":
            return False
        if loose:
            return not (_DEFINITE.search(frame) or _SUBJECT.search(frame))
        if self.quant == "all" and self._what.relation and not _PREDICATE.search(frame):
            return False
        return not _EXISTENTIAL.search(frame)

    def fillable(self, frame: str) -> bool:
        """Whether there is something to say in each slot."""
        slots = set(_SLOT.findall(frame))
        if slots & {"R", "X", "W"} and not self._what.relation:
            return False
        if "n" in slots and self.quant not in NUMBERS:
            return False
        return not slots & {"L", "B"} or bool(self._place)

    def fill(self, frame: str) -> str:
        """The frame with these words in its slots."""
        while match := _SLOT.search(frame):
            before, after = frame[: match.start()], frame[match.end() :]
            frame = before + self._say(match.group(1), before, after) + after
        return frame

    def _say(self, slot: str, before: str, after: str) -> str:
        if slot == "N":
            return self._subject(before, after)
        if slot == "P":
            return self._definite(after)
        if slot == "B":
            return self._existing(self._bare, before)
        if slot == "A":
            return self._existing(self._full(), before)
        if slot == "all":
            plural = self.quant == "all" and "{W}" not in after
            return self._rng.choice(("都", "都", "都", "全", "全都")) if plural else ""
        return {
            "Ps": self._full, "R": self._predicate, "X": self._either, "W": self._denied,
            "L": lambda: self._place, "k": lambda: self._kind, "n": self._number,
        }[slot]()  # fmt: skip

    def _excepting(self, text: str) -> str:
        return nouns.with_exceptions(self._rng, self._what, text)

    def _full(self) -> str:
        """With the relation, without a quantifier."""
        relation = self._what.relation
        said = ""
        if relation:
            said = self._rng.choice(words.RELATIONS[relation]).replace("{}", self._noun)
        unnamed = said.endswith("的") and self._what.shape == "part" and self._rng.random() < 0.15
        bare = "" if unnamed and not (self._what.color or self._what.rank) else self._bare
        return self._excepting(said + bare)

    def _number(self) -> str:
        options = [n for n in words.NUMBERS[self.quant] if not n.startswith(("任", "随", "二"))]
        number = self._rng.choice(options)
        return number if number == "俩" else number + self._kind

    def _definite(self, after: str) -> str:
        text = self._full()
        if self._table not in _DEFINITES:
            return text
        if self.quant == "one":
            return self._rng.choice(("", "", "", "", "那个", "这个")) + text
        if self.quant == "any":
            return (
                self._rng.choice(("任意一{k}", "随便一{k}", "一{k}", "某{k}", "随便哪{k}")) + text
            )
        if self.quant in NUMBERS:
            return self._rng.choice(("那", "这", "")) + self._number() + text
        if after.startswith("{all}") and self._rng.random() < 0.5:
            return text
        return self._rng.choice(("所有", "全部", "那些", "这些", "每{k}", "所有的", "各个")) + text

    def _existing(self, text: str, before: str) -> str:
        rng = self._rng
        if self._table in _BARE:
            return text
        if self.quant == "one":
            # Bare, 看到红色方块 would ask for any.
            return rng.choice(("那个", "这个", "那{k}")) + text
        if self.quant == "all":
            return rng.choice(("所有", "全部")) + text
        if self.quant in NUMBERS:
            plain = re.search(r"(?<!有)没有?$", before)
            number = "{}" if plain else rng.choice(conditions.AT_LEAST)
            return number.replace("{}", self._number()) + text
        some = ("", "", "", "", "", "一{k}", "一{k}", "任何", "至少一{k}")
        return rng.choice(some if self._what.relation else (*some, "什么")) + text

    def _subject(self, before: str, after: str) -> str:
        rng, text = self._rng, self._excepting(self._bare)
        if self._table in _BARE:
            return text
        if self.quant == "one":
            return rng.choice(("", "", "", "那个", "这个", "那{k}")) + text
        if self.quant == "all":
            also = "都" if after.startswith("{R}") else ""
            # Somewhere 所有 or 都 must say that all are meant.
            bare = ("", "") if after.startswith(("{R}", "{all}{R}", "{X}")) else ()
            return rng.choice(("所有", "全部", "所有的", "每{k}", *bare)) + text + also
        if re.search(r"(有|任何|什么|哪.)$", before):
            return self._number() + text if self.quant in NUMBERS else text
        no = after.removeprefix("{all}").startswith("{W}")
        if self.quant in NUMBERS:
            start = ("不到", "没有") if no else ("有", "有", "至少有", "起码有")
            return rng.choice(start) + self._number() + text
        start = ("没有", "没有", "没有任何") if no else ("有", "有", "有一{k}", "至少有一{k}")
        return rng.choice(start) + text

    def _predicate(self) -> str:
        rng, relation = self._rng, self._what.relation
        if relation == "holding" and self._table == "ASK_LIST" and rng.random() < 0.6:
            return rng.choice(conditions.HOLDS).replace("{}", self._noun)
        other = conditions.PREDICATES.get(relation, ())
        if self._place and (not other or rng.random() < 0.65):
            return rng.choice(conditions.STAYS) + self._place
        return rng.choice(other).replace("{}", self._noun)

    def _either(self) -> str:
        """Whether or not, as 在不在….."""
        rng, relation = self._rng, self._what.relation
        if self.quant == "all":
            return rng.choice(("是不是都", "是否都", "是不是全", "有没有都")) + self._predicate()
        if self._place:
            stays = ("在不在", "在不在", "是不是在", "有没有在", "是否在", "在没在", "是不是放在")
            return rng.choice(stays) + self._place
        if relation == "holding":
            stays = ("有没有装", "装没装", "是不是装着", "是否装着", "有没有放", "是不是装了")
            return rng.choice(stays) + self._noun
        if relation == "empty":
            return rng.choice(("是不是空的", "空不空", "是否空着", "是不是空着", "是否是空的"))
        return rng.choice(("是不是", "是否")) + self._predicate()

    def _denied(self) -> str:
        rng, relation = self._rng, self._what.relation
        if self.quant == "any" or self.quant in NUMBERS:
            return self._predicate()
        if self.quant == "all":
            return rng.choice(("不都", "没都", "没有都", "不全", "并不都")) + self._predicate()
        if self._place:
            return rng.choice(("不在", "不在", "没在", "没放在", "并不在", "还不在")) + self._place
        if relation == "holding":
            return rng.choice(("没装着", "没有装", "没放", "没装", "并没有装")) + self._noun
        if relation == "empty":
            return rng.choice(("不是空的", "不空", "并不空", "不是空着的", "没空着"))
        return rng.choice(("不是", "并不是")) + self._predicate()
