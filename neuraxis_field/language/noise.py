# SPDX-License-Identifier: Apache-2.0
"""How people really type: typos, case, punctuation, dropped apostrophes and spaces."""

from __future__ import annotations

import random
import re

_KEYS = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj",
    "i": "uo", "j": "hk", "k": "jl", "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o",
    "q": "wa", "r": "et", "s": "ad", "t": "ry", "u": "yi", "v": "cb", "w": "qe", "x": "zc",
    "y": "tu", "z": "x",
}  # fmt: skip
_END_EN = ("", "", "", ".", ".", ".", "!", "?", "...", " .", "!!", " !")
_END_ZH = ("", "", "", "。", "。", "。", "！", ".", "!", "~", "！！", "，谢谢")


def typo(rng: random.Random, word: str) -> str:
    """One slip: swapped, doubled, missing or neighbouring key; the first letter mostly stays."""
    if len(word) < 4 or not word.isalpha():
        return word
    at = rng.randrange(1, len(word))
    kind = rng.randrange(4)
    if kind == 0 and at + 1 < len(word):
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == 1:
        return word[:at] + word[at] + word[at:]
    if kind == 2:
        return word[:at] + word[at + 1 :]
    return word[:at] + rng.choice(_KEYS.get(word[at].lower(), word[at])) + word[at + 1 :]


def english(rng: random.Random, text: str) -> str:
    """Type an English sentence as somebody in a hurry may."""
    if rng.random() < 0.15:
        words = [typo(rng, word) if rng.random() < 0.08 else word for word in text.split(" ")]
        text = " ".join(words)
    roll = rng.random()
    if roll < 0.04:
        text = text.upper()
    elif roll < 0.08:
        text = text.title()
    elif roll < 0.5:
        text = text[:1].upper() + text[1:]
    if rng.random() < 0.1:
        text = text.replace("'", rng.choice(("", "’")))
    if rng.random() < 0.08:
        text = re.sub(r"[,;:]", "", text)
    if rng.random() < 0.03:
        text = text.replace(" ", "  ", rng.randrange(1, 4))
    if not text.endswith((".", "!", "?")):
        text += rng.choice(_END_EN)
    return text


def chinese(rng: random.Random, text: str) -> str:
    """Vary punctuation and spacing of a Chinese sentence."""
    roll = rng.random()
    if roll < 0.12:
        text = text.replace("，", ",").replace("；", ";").replace("。", ".").replace("：", ":")
    elif roll < 0.2:
        text = text.replace("，", " ")
    elif roll < 0.25:
        text = text.replace("，", "")
    if not text.endswith(("。", "！", "？")):
        text += rng.choice(_END_ZH)
    return text
