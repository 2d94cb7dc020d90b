# SPDX-License-Identifier: Apache-2.0
"""Chinese questions and conditions: whatever is asked can be said, and means what it says."""

from __future__ import annotations

import random
import re

import pytest

from neuraxis_bridge.program import ASK_KINDS, Condition, Noun, Question, Selection
from neuraxis_field.language import (
    refusal_frames,
    refusal_more_zh,
    zh_ask_frames,
    zh_if_frames,
    zh_list_frames,
    zh_questions,
    zh_things,
)
from neuraxis_field.language.voices import voices

LEFT_OVER = re.compile(r"[{}()\[\]|<>\0?]|None")
TABLES = {
    name: table
    for module in (zh_ask_frames, zh_list_frames, zh_if_frames)
    for name, table in vars(module).items()
    if name.isupper()
    and isinstance(table, tuple)
    and name not in ("TABLE_PLACES", "STAYS", "HOLDS", "AT_LEAST")
}
RELATIONS = {
    False: ("", "in", "on_table", "left_of", "right_of", "next_to", "in_front_of", "behind",
            "nearest_to", "farthest_from"),
    True: ("", "empty", "holding", "left_of", "next_to", "behind", "nearest_to"),
}  # fmt: skip


def selections(rng: random.Random, count: int) -> list[Selection]:
    """Parts and containers, with each relation and quantifier now and then."""
    drawn = []
    for _ in range(count):
        container = rng.random() < 0.4
        relation = rng.choice(RELATIONS[container])
        shape = rng.choice(("tray", "container") if container else ("cube", "part", "cup"))
        noun = Noun("cup" if relation == "holding" else "crate", rng.choice(("", "blue")))
        drawn.append(
            Selection(
                rng.choice(("one", "any", "all", "two", "many")), shape,
                rng.choice(("", "red")), rank=rng.choice(("", "", "largest", "leftmost")),
                relation=relation,
                noun=None if relation in ("", "on_table", "empty") else noun,
                excepts=() if container or rng.random() < 0.8 else (Noun("part", "green"),),
            )
        )  # fmt: skip
    return drawn


def fixed(monkeypatch, name: str, frame: str) -> None:
    """Let the table hold only this frame, and let things be called by their first names."""
    table = zh_questions._FRAMES
    monkeypatch.setitem(table, name, (frame,))
    monkeypatch.setattr(zh_questions, "_around", lambda rng, text, split: text)
    monkeypatch.setattr(zh_things.words, "SHAPES", {"cube": ("方块",), "tray": ("托盘",)})
    monkeypatch.setattr(zh_things.words, "COLORS", {"red": ("红",), "blue": ("蓝",)})
    monkeypatch.setattr(zh_things.words, "CLASSIFIERS", ("个",))
    monkeypatch.setattr(zh_things.conditions, "PLACES", {"in": ("里",)})
    monkeypatch.setattr(zh_things.conditions, "STAYS", ("在",))


def said(question: Question, count: int = 60) -> set[str]:
    rng = random.Random(5)
    return {
        re.sub("那个|这个|那只|这只|的", "", zh_questions.ask(rng, "train", question))
        for _ in range(count)
    }


@pytest.mark.parametrize("split", ["train", "dev"])
@pytest.mark.parametrize("kind", ASK_KINDS)
def test_every_question_can_be_said(split, kind):
    rng = random.Random(1)
    for what in selections(rng, 300):
        asked = Question(kind, None if kind == "done" else what)
        text = zh_questions.ask(rng, split, asked)
        assert len(text) > 1 and not LEFT_OVER.search(text), (asked, text)


@pytest.mark.parametrize("split", ["train", "dev"])
def test_a_look_needs_no_selection(split):
    rng = random.Random(2)
    texts = {zh_questions.ask(rng, split, Question("list")) for _ in range(200)}
    assert len(texts) > 30 and not any(LEFT_OVER.search(text) for text in texts)


@pytest.mark.parametrize("split", ["train", "dev"])
@pytest.mark.parametrize("word", ["if", "unless"])
@pytest.mark.parametrize("otherwise", ["", "把白罐子放进蓝托盘"])
def test_every_condition_can_be_said_with_its_orders(split, word, otherwise):
    rng, order = random.Random(3), "把黄方块放进篮子"
    for what in selections(rng, 300):
        condition = Condition(word, what)
        text = zh_questions.conditional(rng, split, condition, order + "。", otherwise)
        assert text.count(order) == 1 and otherwise in text, (condition, text)
        assert not LEFT_OVER.search(text), (condition, text)


@pytest.mark.parametrize("split", ["train", "dev"])
def test_unknown_things_are_asked_for_by_name(split):
    rng = random.Random(4)
    for _ in range(300):
        text = zh_questions.ask_unknown(rng, split, "扳手")
        assert "扳手" in text and not LEFT_OVER.search(text), text


@pytest.mark.parametrize("name", sorted(TABLES))
def test_dev_frames_are_none_of_the_train_frames(name):
    train = {frame for frame in TABLES[name] if not frame.startswith("~")}
    dev = {frame[1:] for frame in TABLES[name] if frame.startswith("~")}
    assert dev and not train & dev


@pytest.mark.parametrize("name", sorted(TABLES))
def test_frames_close_their_brackets(name):
    for frame in TABLES[name]:
        assert frame.count("(") == frame.count(")") and frame.count("[") == frame.count("]"), frame
        assert "?" not in frame and frame.count("{") == frame.count("}"), frame


def test_a_place_comes_first_where_something_may_be_there(monkeypatch):
    fixed(monkeypatch, "ASK_EXISTS", "{L}有没有{B}")
    monkeypatch.setattr(zh_things.conditions, "AT_LEAST", ("{}",))
    what = Selection("two", "cube", "red", relation="in", noun=Noun("tray", "blue"))
    texts = said(Question("exists", what))
    assert texts <= {f"蓝托盘{at}有没有{n}红方块" for at in "里上" for n in ("两个", "2个", "俩")}
    assert "蓝托盘里有没有两个红方块" in texts


def test_the_one_meant_is_the_subject(monkeypatch):
    fixed(monkeypatch, "ASK_EXISTS", "{N}{X}")
    what = Selection("one", "cube", "red", relation="in", noun=Noun("tray", "blue"))
    assert "红方块在不在蓝托盘里" in said(Question("exists", what))


def test_a_count_names_no_quantifier(monkeypatch):
    fixed(monkeypatch, "ASK_COUNT", "有几{k}{P}")
    for quant in ("any", "all"):
        assert said(Question("count", Selection(quant, "cube", "red"))) == {"有几个红方块"}


def test_a_condition_denied_for_all_keeps_all(monkeypatch):
    fixed(monkeypatch, "UNLESS", "如果{N}{all}{W}，就{x}")
    monkeypatch.setattr(zh_if_frames, "FIRST", ("",))
    what = Selection("all", "cube", "red", relation="in", noun=Noun("tray", "blue"))
    rng = random.Random(6)
    for _ in range(40):
        text = zh_questions.conditional(rng, "train", Condition("unless", what), "停")
        assert re.search("(不都|没都|没有都|不全|并不都)在", text), text


@pytest.mark.parametrize("quant", ["one", "all"])
def test_what_is_meant_is_not_asked_for_as_anything(quant):
    what = Selection(quant, "cube", "red", relation="in", noun=Noun("tray"))
    things = zh_things.Things(random.Random(7), what, "ASK_EXISTS")
    assert things.fits("{N}{all}{R}吗")
    assert not things.fits("有{A}吗") and not things.fits("{L}有{B}吗")


def test_refusals_hold_no_question_that_has_an_answer():
    frames = (
        *refusal_frames.NO_TASK_ZH, *refusal_more_zh.NO_TASK, *voices("zh", "NO_TASK"),
    )  # fmt: skip
    answered = re.compile(
        r"(桌上|\{C\}里)(有|还有).*(几|什么)|\{[PCs]\}(在哪|是什么颜色|在吗|是空的吗)"
        r"|有\{[Ps]\}(吗|没有)|(看见|看到)\{P\}|\{P\}在\{C\}里吗"
    )
    assert not [frame for frame in frames if answered.search(frame)]
