# SPDX-License-Identifier: Apache-2.0
"""Sentences that ask for nothing the robot may or can do, with the code they earn."""

from __future__ import annotations

import random
import string
from dataclasses import replace

from neuraxis_bridge.program import COLORS, Program, Put
from neuraxis_field.language import (
    en_frames,
    en_heldout,
    en_nouns,
    en_questions,
    en_words,
    fillers,
    refusal_more_en,
    refusal_more_zh,
    zh_frames,
    zh_heldout,
    zh_nouns,
    zh_questions,
    zh_words,
)
from neuraxis_field.language import refusal_frames as frames
from neuraxis_field.language import refusal_words as words
from neuraxis_field.language.foreign import foreign
from neuraxis_field.language.odd_words import pseudo_word
from neuraxis_field.language.programs import PARTS, draw_parts, draw_program, draw_target
from neuraxis_field.language.speech import speaker
from neuraxis_field.language.templates import choose, weighted
from neuraxis_field.language.voices import voices

# The 3755 characters of GB 2312's first level, without those that the grammar gives a meaning.
_WORDS = (zh_words.COLORS, zh_words.SHAPES, zh_words.RANKS)
_MEANT = frozenset(
    "把将的里上中内一二三四五六七八九十两个只块件和与跟都全放请所有其余剩下另别"
    + "".join(form for table in _WORDS for forms in table.values() for form in forms)
)
_COMMON = tuple(
    c for row in range(0xB0, 0xD8) for col in range(0xA1, 0xFF)
    for c in bytes((row, col)).decode("gb2312", "ignore") if c not in _MEANT
)  # fmt: skip
_CODES = {
    "unknown_object": 34, "unsupported_action": 24, "unsafe": 16, "not_a_task": 18,
    "unsupported_language": 8,
}  # fmt: skip
_FRAMES = {
    ("unsafe", "en"): frames.UNSAFE_EN + 3 * refusal_more_en.UNSAFE,
    ("unsafe", "zh"): frames.UNSAFE_ZH + 3 * refusal_more_zh.UNSAFE,
    ("unsupported_action", "en"): frames.ACTION_EN + 3 * refusal_more_en.ACTION,
    ("unsupported_action", "zh"): frames.ACTION_ZH + 3 * refusal_more_zh.ACTION,
    ("not_a_task", "en"): frames.NO_TASK_EN + 3 * refusal_more_en.NO_TASK,
    ("not_a_task", "zh"): frames.NO_TASK_ZH + 3 * refusal_more_zh.NO_TASK,
}  # fmt: skip
_TABLES = {"unsafe": "UNSAFE", "unsupported_action": "ACTION", "not_a_task": "NO_TASK"}
_HELD_OUT = {
    ("unsafe", "en"): en_heldout.UNSAFE, ("unsafe", "zh"): zh_heldout.UNSAFE,
    ("unsupported_action", "en"): en_heldout.ACTION,
    ("unsupported_action", "zh"): zh_heldout.ACTION,
    ("not_a_task", "en"): en_heldout.NO_TASK, ("not_a_task", "zh"): zh_heldout.NO_TASK,
}  # fmt: skip


# Of sentences about unknown things: how many ask about them.
_ASKED_SHARE = 0.14

# A trophy (奖杯) is no cup and a vase (花瓶) no bottle: training says so of the few that it lists.
# Kinds of cup that it does not list are nothing that one must refuse.
_KNOWN_KINDS: dict[str, tuple[str, ...]] = {
    "train": (), "dev": ("瓶", "罐", "杯"), "heldout": ("瓶", "罐", "杯"),
}  # fmt: skip


def pseudo_noun_en(rng: random.Random) -> str:
    """A word that could be English, or two nouns: ``banrella``, ``coffee hammer``."""
    nouns = words.NOUNS_EN + words.MORE_NOUNS_EN
    first, second = rng.choice(nouns), rng.choice(nouns)
    kind = rng.random()
    if kind < 0.2:
        return pseudo_word(rng)
    if kind < 0.4:
        return f"{first} {second}"
    return first[: max(2, len(first) // 2 + rng.randint(-1, 1))] + second[len(second) // 2 :]


def pseudo_noun_zh(rng: random.Random) -> str:
    """Common characters in an order that means nothing, some with an ending that nouns have."""
    stem = "".join(rng.choice(_COMMON) for _ in range(rng.randint(1, 3)))
    return stem + rng.choice(("", "", "", "子", "机", "器", "球", "板", "车", "灯", "果"))


def _unknown_noun(rng: random.Random, language: str, split: str) -> str:
    if rng.random() < (0.35 if split == "train" else 0.1):
        return f"?{pseudo_noun_zh(rng) if language == 'zh' else pseudo_noun_en(rng)}"
    nouns = {
        ("train", "en"): words.NOUNS_EN + words.MORE_NOUNS_EN,
        ("train", "zh"): words.NOUNS_ZH + words.MORE_NOUNS_ZH,
        ("dev", "en"): words.NOUNS_EN_HELD_OUT, ("dev", "zh"): words.NOUNS_ZH_HELD_OUT,
        ("heldout", "en"): en_heldout.NOUNS, ("heldout", "zh"): zh_heldout.NOUNS,
    }  # fmt: skip
    # In Chinese the last character says what kind of thing it is.
    strange = [noun for noun in nouns[split, language] if not noun.endswith(_KNOWN_KINDS[split])]
    return f"?{rng.choice(strange)}"


def _with_unknown(rng: random.Random, put: Put, language: str, split: str) -> Put:
    """The step with a word from outside in one of its places."""
    place = rng.random()
    if place < 0.2:
        colors = words.COLORS_ZH if language == "zh" else words.COLORS_EN
        color = f"?{rng.choice(colors)}"
        if rng.random() < 0.7:
            return replace(put, parts=replace(put.parts, color=color))
        return replace(put, target=replace(put.target, color=color))
    noun = _unknown_noun(rng, language, split)
    if place < 0.78:
        plain = replace(put.parts, shape=noun)
        return replace(put, parts=plain if rng.random() < 0.4 else replace(plain, color=""))
    if place < 0.9 or put.parts.noun is None:
        color = put.target.color if rng.random() < 0.3 else ""
        return replace(put, target=replace(put.target, shape=noun, color=color))
    return replace(put, parts=replace(put.parts, noun=replace(put.parts.noun, shape=noun)))


def _unknown(rng: random.Random, language: str, split: str) -> str:
    if rng.random() < _ASKED_SHARE:
        asks = zh_questions if language == "zh" else en_questions
        return asks.ask_unknown(rng, split, _unknown_noun(rng, language, split)[1:])
    puts = list(draw_program(rng).puts)
    at = rng.randrange(len(puts))
    puts[at] = _with_unknown(rng, puts[at], language, split)
    return speaker(language)(rng, split).say(Program(tuple(puts)))


def _fill(rng: random.Random, frame: str, language: str) -> str:
    """Put known things into the slots."""
    nouns = zh_nouns if language == "zh" else en_nouns
    table = zh_words if language == "zh" else en_words

    def parts() -> tuple[str, bool]:
        said = nouns.part_phrase(rng, draw_parts(rng, True))
        return (said, False) if isinstance(said, str) else said

    shape, color = rng.choice(PARTS), rng.choice(COLORS)
    (some, plural), verb = parts(), rng.choice(en_words.VERBS)
    single = table.SHAPES[shape][0]
    slots = {
        "{Q}": parts()[0], "{C}": nouns.target_phrase(rng, draw_target(rng, True)),
        "{D}": nouns.target_phrase(rng, draw_target(rng, True)),
        "{s}": single if isinstance(single, str) else single[0],
        "{k}": table.COLORS[color][0], "{put}": verb[0], "{putting}": verb[1],
        "{pp}": verb[2], "{P}": some, "{it}": "them" if plural else "it",
        "{it2}": "they" if plural else "it", "{is}": "are" if plural else "is",
        "{in}": rng.choice(("in", "into")) if language == "en" else rng.choice(zh_words.IN),
    }  # fmt: skip
    for key, value in slots.items():
        frame = frame.replace(key, value)
    return frame


def garbage(rng: random.Random) -> str:
    """What a cat on the keyboard types."""
    kind = rng.randrange(7)
    if kind == 0:
        return "".join(rng.choice("!?.,;:#*@%&=+-_/|~") for _ in range(rng.randint(1, 12)))
    if kind == 1:
        return "".join(rng.choice(string.digits) for _ in range(rng.randint(1, 12)))
    if kind == 2:
        letters = string.ascii_lowercase
        return " ".join(
            "".join(rng.choice(letters) for _ in range(rng.randint(2, 10)))
            for _ in range(rng.randint(1, 6))
        )
    if kind == 3:
        return " ".join(pseudo_word(rng) for _ in range(rng.randint(1, 7)))
    if kind == 4:
        return "".join(chr(rng.randrange(0x4E00, 0x9FA5)) for _ in range(rng.randint(1, 12)))
    if kind == 5:
        heap = (*PARTS, *COLORS, "the", "in", "and", "a")
        return " ".join(rng.choice(heap) for _ in range(rng.randint(2, 8)))
    return rng.choice(string.ascii_letters) * rng.randint(1, 30)


def draw_refusal(rng: random.Random, language: str, split: str) -> tuple[str, Program]:
    """A sentence that must be refused, and its program."""
    code = weighted(rng, _CODES)
    if code == "unknown_object":
        text = _unknown(rng, language, split)
    elif code == "unsupported_language":
        text = foreign(rng, split)
    elif code == "not_a_task" and rng.random() < 0.22:
        text = garbage(rng)
    else:
        key = code, language
        said = _FRAMES[key] + 2 * voices(language, _TABLES[code])
        text = _fill(rng, choose(rng, said, split, _HELD_OUT[key]), language)
        if code != "not_a_task" and rng.random() < 0.4:
            around = zh_frames if language == "zh" else en_frames
            text = choose(rng, around.PREFIX) + text
            if rng.random() < 0.3:
                text += choose(rng, around.SUFFIX)
        text = fillers.filled(rng, text, language, split)
    return text, Program(refusal=code)
