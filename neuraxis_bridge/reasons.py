# SPDX-License-Identifier: Apache-2.0
"""Refusals in the sentence's own language: what is missing, and what could be asked instead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import get_args

from neuraxis_bridge.program import NUMBERS, Condition, Noun, Selection, count_of
from neuraxis_bridge.seen import Thing
from neuraxis_common.plan import ContainerRef, ContainerShape, PartRef, PartShape, Refusal

Ref = PartRef | ContainerRef
_ZH = {
    "red": "红色", "green": "绿色", "blue": "蓝色", "yellow": "黄色", "orange": "橙色",
    "purple": "紫色", "white": "白色", "black": "黑色", "cube": "立方体", "block": "长方块",
    "cylinder": "圆柱", "hexagon": "六棱柱", "bottle": "瓶子", "can": "罐子", "carton": "纸盒",
    "cup": "杯子", "part": "零件", "tray": "托盘", "bin": "箱子", "basket": "篮子",
    "crate": "周转箱", "container": "容器",
    "leftmost": "最左边的", "rightmost": "最右边的", "nearest": "最近的",
    "farthest": "最远的", "largest": "最大的", "smallest": "最小的", "middle": "中间的",
}  # fmt: skip
_KINDS = (*get_args(PartShape), *get_args(ContainerShape))
_KINDS_EN = ", ".join(f"{kind}s" for kind in _KINDS)
_KINDS_ZH = "、".join(_ZH[kind] for kind in _KINDS)
_RELATION_EN = {
    "left_of": "left of", "right_of": "right of", "next_to": "next to", "behind": "behind",
    "in_front_of": "in front of", "nearest_to": "nearest to", "farthest_from": "farthest from",
    "in": "in", "holding": "with", "on_table": "on the table",
}  # fmt: skip
_RELATION_ZH = {
    "left_of": "{}左边的", "right_of": "{}右边的", "next_to": "{}旁边的", "behind": "{}后面的",
    "in_front_of": "{}前面的", "nearest_to": "离{}最近的", "farthest_from": "离{}最远的",
    "in": "{}里的", "holding": "装着{}的", "on_table": "桌上的", "empty": "空的",
}  # fmt: skip
_FIXED = {
    "unknown_object": (
        "the sentence names something that I do not know",
        "这句话里有我不认识的东西",
        f"I know {_KINDS_EN} in eight colours",
        f"我认识{_KINDS_ZH}，共八种颜色",
    ),
    "unsupported_action": (
        "I can only put parts into containers",
        "我只会把零件放进容器里",
        "say which part goes into which container",
        "请说明把哪个零件放进哪个容器",
    ),
    "unsupported_language": (
        "I understand English and Chinese only / 我只懂英语和中文",
        "我只懂英语和中文",
        "ask in English or Chinese / 请用英语或中文",
        "请用英语或中文",
    ),
    "unsafe": (
        "I will not do that: it could hurt somebody or damage something",
        "我不会这样做：这可能伤到人或损坏东西",
        "ask me to put parts into a tray or bin",
        "可以让我把零件放进托盘或箱子",
    ),
    "not_a_task": (
        "this does not ask for any part to be moved",
        "这句话没有要我移动任何零件",
        "for example: put the red cube in the blue tray",
        "例如：把红色立方体放进蓝色托盘",
    ),
}  # fmt: skip


def describe(what: Selection | Noun | Thing | Ref, language: str, plural: bool = False) -> str:
    """What a selection, noun or thing is, as a person says it, without quantifier."""
    rank = getattr(what, "rank", "")
    relation, noun = getattr(what, "relation", ""), getattr(what, "noun", None)
    other = describe(noun, language) if noun is not None else ""
    if language == "zh":
        head = _RELATION_ZH[relation].format(other) if relation else ""
        return head + _ZH.get(rank, "") + _ZH.get(what.color, "") + _ZH[what.shape]
    shape = what.shape + "s" if plural else what.shape
    words = [rank, "empty" if relation == "empty" else "", what.color, shape]
    if relation and relation != "empty":
        words += [_RELATION_EN[relation], f"the {other}" if other else ""]
    return " ".join(word for word in words if word)


def beside(relation: str, other: Thing, language: str) -> str:
    """``left of the green block``."""
    name = describe(other, language)
    if language == "zh":
        return _RELATION_ZH[relation].format(name).removesuffix("的")
    return f"{_RELATION_EN[relation]} the {name}"


def color_word(color: str, language: str) -> str:
    """A colour's name."""
    return _ZH[color] if language == "zh" else color


def listing(things: Iterable[Thing], language: str) -> str:
    """``red cube x2, blue tray``; says so when there is nothing."""
    counts = Counter(describe(thing, language) for thing in things)
    if not counts:
        return "什么都没有" if language == "zh" else "nothing"
    names = [name if n == 1 else f"{name} x{n}" for name, n in counts.items()]
    return ("、" if language == "zh" else ", ").join(names)


def fixed(code: str, language: str, strange: tuple[str, ...] = ()) -> Refusal:
    """A refusal that the sentence earns whatever the image shows.

    Args:
        code: One of `program.REFUSALS`.
        language: ``en`` or ``zh``.
        strange: Words to name when an object is unknown.
    """
    en, zh, hint_en, hint_zh = _FIXED[code]
    if code == "unknown_object" and strange:
        names = ", ".join(f"'{word[:30]}'" for word in strange[:3])
        en, zh = f"I do not know what {names} is", f"我不认识{names}"
    if language == "zh":
        return Refusal(code=code, reason=zh, suggestion=hint_zh)
    return Refusal(code=code, reason=en, suggestion=hint_en)


def not_found(what: Selection | Noun, things: list[Thing], language: str) -> Refusal:
    """Nothing seen fits."""
    name, seen = describe(what, language), listing(things, language)
    if language == "zh":
        return Refusal(code="not_found", reason=f"我没有看到{name}", suggestion=f"我看到：{seen}")
    return Refusal(code="not_found", reason=f"I see no {name}", suggestion=f"I see: {seen}")


def ambiguous(what: Selection | Noun, fits: list[Thing], language: str) -> Refusal:
    """More than one thing fits where one is meant."""
    name, seen = describe(what, language), listing(fits, language)
    if language == "zh":
        reason = f"“{name}”不明确，有{len(fits)}个符合：{seen}"
        hint = "请用颜色、形状或位置（如最左边的）说明是哪一个，或者说“所有”"
    else:
        reason = f"'{name}' could be any of {len(fits)}: {seen}"
        hint = "say which one by colour, shape or place (the leftmost), or say all"
    return Refusal(code="ambiguous", reason=reason, suggestion=hint)


def not_enough(what: Selection, wanted: int, found: int, language: str) -> Refusal:
    """Fewer things fit than were asked for."""
    name = describe(what, language)
    amount = str(wanted) if wanted <= len(NUMBERS) else "many"
    if language == "zh":
        amount = amount if amount != "many" else "那么多"
        reason = f"要{amount}个{name}，我只看到{found}个可以放的"
        return Refusal(code="not_enough", reason=reason, suggestion=f"可以说“所有{name}”")
    reason = f"wanted {amount} of '{name}', I see {found} that could be put there"
    return Refusal(code="not_enough", reason=reason, suggestion=f"say all {name}s instead")


def unsure(language: str) -> Refusal:
    """The sentence was read, but not surely enough to move anything."""
    if language == "zh":
        hint = "请说得简单一点，例如：把红色立方体放进蓝色托盘"
        return Refusal(code="ambiguous", reason="我不确定这句话是什么意思", suggestion=hint)
    hint = "say it more plainly, for example: put the red cube in the blue tray"
    return Refusal(code="ambiguous", reason="I am not sure what this means", suggestion=hint)


def unmet(condition: Condition, language: str) -> str:
    """That a condition does not hold, as a clause."""
    wanted, absent = count_of(condition.what.quant), condition.word == "if"
    name = describe(condition.what, language, plural=wanted is not None)
    if language == "zh":
        amount = "" if wanted is None else f"{wanted}个"
        return f"{'没有' if absent else '有'}{amount}{name}"
    if wanted is None:
        return f"there is {'no' if absent else 'a'} {name}"
    return f"there are {'not ' if absent else ''}{wanted} {name}"


def nothing_to_do(language: str, unmet: Sequence[str] = ()) -> Refusal:
    """Everything already is where the sentence wants it, or its conditions do not hold."""
    if unmet:
        reason = "；".join(unmet) if language == "zh" else "; ".join(unmet)
        return Refusal(code="nothing_to_do", reason=reason)
    if language == "zh":
        return Refusal(code="nothing_to_do", reason="要放的东西已经在那里了")
    return Refusal(code="nothing_to_do", reason="everything already is where you want it")
