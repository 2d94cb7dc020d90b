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


# Words whose loss would change what a frame asks for, or that bind the slot after them.
_BOUND = frozenset(
    """not no never don't do and or but then before after first next last except only if is are was
    the a in into to of with instead than both each by from same too also other others rest
    everything else all stay stays leave keep touch without until once when where there it that
    colour color sort respectively away second finally them they as ignore forget skip mind avoid
    use using remains remain instead rather meant mean sorry wait actually oops correction spare
    exclude disregard move moves touching moving disturb empty clear contents others save""".split()
)

_PLACES_EN = ("{put", "{take", "{goes", "{in", "{belongs", "and", "then", "{it")
_PLACES_ZH = re.compile(r"(?<=，)|[把将]|(?<!\})\{take\}|(?<!\})\{put\}|^")


def loosened(rng: random.Random, frame: str, language: str) -> str:
    """A frame with an odd word put in, or in place of a word that carries little meaning.

    Never inside a noun phrase: an unknown word there is a reason to refuse.
    """
    if language == "zh":
        places = [m.start() for m in _PLACES_ZH.finditer(frame)]
        at = rng.choice(places)
        comma = "，" if at == 0 and rng.random() < 0.5 else ""
        return frame[:at] + "<odd>" + comma + frame[at:]
    words = frame.split(" ")
    loose = [i for i, word in enumerate(words) if word.isalpha() and word not in _BOUND]
    if loose and rng.random() < 0.35:
        words[rng.choice(loose)] = "<odd>"
        return " ".join(words)
    places = [
        i
        for i, word in enumerate(words)
        if word.startswith(_PLACES_EN) and words[i - 1] not in ("{in}", "the", "of")
    ]
    at = rng.choice([0, *places])
    words.insert(at, "<odd>" if at or rng.random() < 0.5 else "<odd>,")
    return " ".join(words)


def replaced(rng: random.Random, around: str, language: str) -> str:
    """Words before or after a clause with one of them made odd; they mean nothing anyway."""
    if language == "zh":
        return around.replace("，", "，<odd>，", 1) if rng.random() < 0.5 else around
    words = around.split(" ")
    loose = [i for i, word in enumerate(words) if word.strip(",.:;!").isalpha()]
    if loose:
        words[rng.choice(loose)] = "<odd>"
    return " ".join(words)


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
