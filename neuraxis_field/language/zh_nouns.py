# SPDX-License-Identifier: Apache-2.0
"""Chinese noun phrases for selections and nouns."""

from __future__ import annotations

import random

from neuraxis_bridge.program import NUMBERS, Noun, Selection
from neuraxis_field.language import zh_words as words

_ALL = ("所有{m}{n}", "所有的{m}{n}", "全部{m}{n}", "全部的{m}{n}", "每{k}{m}{n}", "每一{k}{m}{n}",
        "{m}所有{n}", "{m}全部{n}", "所有{m}{n}", "一切{m}{n}", "全体{m}{n}", "凡是{m}{n}都",
        "每个{m}{n}", "任何{m}{n}都", "{m}{n}统统", "所有这些{m}{n}", "这些{m}{n}都",
        "那些{m}{n}都", "看到的所有{m}{n}", "整批{m}{n}", "{m}{n}全部", "{m}{n}全都",
        "{m}{n}都",
        "各{k}{m}{n}", "{m}每{k}{n}")  # fmt: skip
_ANY = ("一{k}{m}{n}", "任意一{k}{m}{n}", "随便一{k}{m}{n}", "某{k}{m}{n}", "其中一{k}{m}{n}",
        "{m}{n}中的一{k}", "任何一{k}{m}{n}", "任一{m}{n}", "{m}一{k}{n}", "1{k}{m}{n}",
        "随便哪{k}{m}{n}", "{m}{n}里的任意一{k}", "任选一{k}{m}{n}", "随意一{k}{m}{n}",
        "随机一{k}{m}{n}", "其中任意一{k}{m}{n}", "{m}{n}当中一{k}", "不管哪一{k}{m}{n}",
        "{m}{n}任意一{k}" )  # fmt: skip
_SOME = ("一些{m}{n}", "几{k}{m}{n}", "部分{m}{n}", "若干{m}{n}", "好几{k}{m}{n}", "有些{m}{n}")
_BOTH = ("两{k}{m}{n}都", "这两{k}{m}{n}", "那两{k}{m}{n}", "{m}两{k}{n}都", "这俩{m}{n}",
         "{m}那两{k}{n}", "两{k}{m}{n}全都")  # fmt: skip
_REST = ("剩下的{m}{n}", "其余的{m}{n}", "其他{m}{n}", "其他的{m}{n}", "剩余的{m}{n}", "别的{m}{n}",
         "其它{m}{n}", "剩下所有{m}{n}", "余下的{m}{n}", "其余{m}{n}",
         "所有其他{m}{n}", "剩余所有{m}{n}", "全部剩下的{m}{n}", "所有剩下的{m}{n}", "另外的{m}{n}",
         "剩下全部{m}{n}", "其余所有{m}{n}", "别的所有{m}{n}", "没动过的{m}{n}", "余下所有{m}{n}",
         "还剩的{m}{n}" )  # fmt: skip
_REST_BARE = ("剩下的", "其余的", "其他的", "剩余的", "别的", "其它的", "剩下的全部", "其他所有的",
              "余下的", "其余的全部", "剩下的都", "其他的都", "剩余的全部", "剩下所有的", "别的都",
              "其它所有的", "余下的都", "还剩下的", "其余所有", "剩下的一切", "其他一切",
              "所有剩下的", "所有其他的", "剩下的东西" )  # fmt: skip
_OTHER = ("另一{k}{m}{n}", "另外一{k}{m}{n}", "另外那{k}{m}{n}", "剩下那{k}{m}{n}", "另{k}{m}{n}")
_ONE = ("{m}{n}", "{m}{n}", "{m}{n}", "那{k}{m}{n}", "这{k}{m}{n}", "{m}那{k}{n}", "唯一的{m}{n}",
        "{m}{n}", "仅仅{m}{n}")  # fmt: skip
_EACH = ("每{k}{m}{n}", "每一{k}{m}{n}", "各{k}{m}{n}", "所有{m}{n}", "每{m}{n}")
_OTHER_TARGET = ("另一{k}{n}", "另外一{k}{n}", "另外那{k}{n}", "别的{n}", "其他{n}", "不同的{n}")
_OWN = ("同色的{n}", "相同颜色的{n}", "颜色相同的{n}", "对应颜色的{n}", "同样颜色的{n}",
        "自己颜色的{n}",
        "颜色一样的{n}", "与自己同色的{n}", "匹配颜色的{n}", "跟它颜色一样的{n}", "各自颜色的{n}",
        "和它同颜色的{n}", "与其颜色对应的{n}", "跟自己颜色相同的{n}", "颜色相配的{n}",
        "与它同色的{n}", "和自己颜色一样的{n}", "相应颜色的{n}", "颜色对应的{n}", "一样颜色的{n}",
        "颜色匹配的{n}", "颜色和它一样的{n}", "跟它同色的{n}", "各自对应颜色的{n}", "本色的{n}"
        )  # fmt: skip
_EXCEPT = ("除了{e}以外的{x}", "除{e}外的{x}", "除了{e}之外的{x}", "除去{e}的{x}", "除{e}以外{x}",
           "除了{e}，{x}", "除{e}之外的{x}", "除开{e}的{x}", "不包括{e}的{x}", "不含{e}的{x}",
           "除掉{e}的{x}", "{e}以外的{x}", "{e}之外的{x}", "除去{e}以外的{x}", "排除{e}的{x}",
           "撇开{e}的{x}", "不算{e}的{x}" )  # fmt: skip
_ORDINAL = {"second": ("第二", "第2"), "third": ("第三", "第3")}


def _early(rng: random.Random, options: tuple[str, ...]) -> str:
    """Draw with a bias for the first options."""
    return options[min(int(rng.expovariate(1.0) / 3.0 * len(options)), len(options) - 1)]


def _color(rng: random.Random, color: str) -> str:
    """A colour's name, with or without 的; ``?粉色`` stands for itself."""
    if color.startswith("?"):
        return color[1:] + rng.choice(("", "的"))
    word = words.COLORS[color][0] if rng.random() < 0.6 else rng.choice(words.COLORS[color])
    if not word.endswith("色"):
        return word if rng.random() < 0.6 or len(word) > 1 else word + "的"
    return word + rng.choice(("", "", "的", "的"))


def _rank(rng: random.Random, ordinal: str, rank: str) -> str:
    if not ordinal:
        return _early(rng, words.RANKS[rank])
    place = rng.choice(_ORDINAL[ordinal])
    kind = rng.choice(("个", "个", "块", "")) or "个"
    if rank in ("leftmost", "rightmost"):
        return f"{rng.choice(words.SIDES[rank])}{place}{kind}"
    word = {"nearest": "近", "farthest": "远", "largest": "大", "smallest": "小"}[rank]
    return f"{rng.choice(words.SIDES[rank])}{place}{word}的"


def _head(rng: random.Random, shape: str, described: bool) -> str:
    """A noun, sometimes none; a shape ``?香蕉`` is a word from outside the robot's world."""
    if shape.startswith("?"):
        return shape[1:]
    share = {"part": 0.25, "container": 0.15}.get(shape, 0.0)
    if described and rng.random() < share:
        return ""
    return _early(rng, words.SHAPES[shape])


def described(rng: random.Random, what: Selection | Noun) -> tuple[str, str]:
    """Modifiers and head noun, without quantifier; the head may be empty after a 的."""
    color = _color(rng, what.color) if what.color else ""
    rank = _rank(rng, getattr(what, "ordinal", ""), what.rank) if what.rank else ""
    relation = _relation(rng, what)
    pieces = [relation, rank, color]
    if rank and color and rng.random() < 0.2:
        pieces = [relation, color if color.endswith("的") else color + "的", rank]
    mods = "".join(pieces)
    head = _head(rng, what.shape, bool(mods))
    if not head and not mods.endswith("的"):
        mods += "的"
    if head.endswith("的") and rng.random() < 0.3:
        head += "那个" if rng.random() < 0.3 else ""
    return mods, head


def _relation(rng: random.Random, what: Selection | Noun) -> str:
    relation = getattr(what, "relation", "")
    if not relation:
        return ""
    phrase = rng.choice(words.RELATIONS[relation])
    return phrase.replace("{}", noun_phrase(rng, what.noun)) if what.noun else phrase


def noun_phrase(rng: random.Random, noun: Noun) -> str:
    """A definite noun: ``最大的红色方块``."""
    mods, head = described(rng, noun)
    return rng.choice(("", "", "", "那个", "这个")) + mods + head


def joined_phrase(rng: random.Random, group: list[Selection]) -> str:
    """Several plain selections that differ in colour or in shape only: ``红色和蓝色的方块``."""
    what = group[0]
    link = rng.choice(("和", "、", "跟", "与", "以及"))
    if what.shape != group[1].shape:
        names = link.join(_head(rng, selection.shape, False) for selection in group)
        color = _color(rng, what.color)
        return rng.choice((f"所有{color}{names}", f"全部{color}{names}", f"{color}{names}都"))
    colors = link.join(rng.choice(words.COLORS[selection.color][:3]) for selection in group)
    text = f"{colors}{rng.choice(('的', '的', ''))}{_head(rng, what.shape, True)}"
    if what.quant == "one":
        return text if text.endswith("的") or rng.random() < 0.8 else f"那个{text}"
    return rng.choice((f"所有{text}", f"全部{text}", f"{text}都", f"所有的{text}", f"{text}全部"))


def _negative(rng: random.Random, color: str) -> str:
    word, noun = rng.choice(words.COLORS[color][:3]), _early(rng, words.SHAPES["part"])
    return rng.choice(
        (f"所有不是{word}的{noun}", f"不是{word}的{noun}都", f"所有非{word}的{noun}",
         f"非{word}{noun}都",
         f"除了{word}的都", f"除了{word}的以外的所有{noun}",
         f"除{word}外的全部{noun}")
    )  # fmt: skip


def part_phrase(rng: random.Random, what: Selection) -> str:
    """Which parts, as a noun phrase."""
    quant = what.quant
    bare = what.excepts == (Noun("part", what.excepts[0].color),) if what.excepts else False
    if bare and not (what.color or what.relation) and rng.random() < 0.45:
        return _negative(rng, what.excepts[0].color)
    if quant == "rest" and what.shape == "part" and not (what.color or what.relation):
        if rng.random() < 0.6:
            return rng.choice(_REST_BARE)
    mods, head = described(rng, what)
    kind = rng.choice(words.CLASSIFIERS)
    if quant in NUMBERS:
        number = _early(rng, words.NUMBERS[quant])
        kind = "" if number == "俩" else kind
        frame = rng.choice(("{q}{k}{m}{n}", "{q}{k}{m}{n}", "{m}{q}{k}{n}"))
        text = frame.format(q=number, k=kind, m=mods, n=head)
    else:
        frames = {"one": _ONE, "any": _ANY, "all": _ALL, "both": _BOTH, "some": _SOME,
                  "rest": _REST, "other": _OTHER}[quant]  # fmt: skip
        text = _early(rng, frames).format(k=kind, m=mods, n=head or "零件")
        if not head and quant in ("one", "all"):
            text = text.replace("零件", "")
    return with_exceptions(rng, what, text)


def with_exceptions(rng: random.Random, what: Selection, text: str) -> str:
    """The phrase with the things named that it leaves out."""
    if not what.excepts:
        return text
    names = rng.choice(("和", "、", "跟", "以及")).join(noun_phrase(rng, n) for n in what.excepts)
    return rng.choice(_EXCEPT).format(e=names, x=text)


def target_phrase(rng: random.Random, what: Selection) -> str:
    """Which container, as a noun phrase."""
    mods, head = described(rng, what)
    frames = {"one": ("{m}{n}",) * 8 + ("那{k}{m}{n}", "{m}那{k}{n}", "这{k}{m}{n}"),
              "any": ("任意一{k}{m}{n}", "随便一{k}{m}{n}", "一{k}{m}{n}", "任意{m}{n}", "某{k}{n}",
                      "随便哪{k}{n}", "任何一{k}{n}"),
              "other": _OTHER_TARGET, "each": _EACH, "own_color": _OWN}[what.quant]  # fmt: skip
    return rng.choice(frames).format(m=mods, n=head, k=rng.choice(("个", "个", "只")))
