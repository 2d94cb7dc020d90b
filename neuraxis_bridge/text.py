# SPDX-License-Identifier: Apache-2.0
"""Sentence -> tokens -> hashed features, the same in training and at run time.

English words become the set of their character 2- and 3-grams and themselves, so a typo or an
unseen word still has most of its features; Chinese is read by character with both neighbours.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

BUCKETS = 16384
FEATURES = 24
MAX_TOKENS = 160
_CJK = r"\u3400-\u4dbf\u4e00-\u9fff\u3040-\u30ff"
_TOKEN = re.compile(rf"[{_CJK}]|[^\W\d_{_CJK}]+|\d+|\S")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_FOREIGN_SCRIPT = re.compile(
    r"[\u3040-\u30ff\uac00-\ud7af\u0400-\u04ff\u0600-\u06ff\u0590-\u05ff\u0e00-\u0e7f\u0900-\u097f"
    r"\u0370-\u03ff]"
)


_QUESTION = re.compile(
    r"\W*(?:(?:hey|hi|hello|ok|so|well|robot|and|now|question|quick question)\W+){0,3}"
    r"(?:what(?:'?s| shade| colou?r| is| are)|which|where(?:'?s| is| are)|how (?:many|much|far)"
    r"|any sign|(?:is|are) (?:the|my|our|all|there (?!a way|any ?(?:chance|way|thing))))\b"
    r"[^?]*\?*\W*"
    r"|(?!.*(?:[把将放装拿搬移送收挪取进到去归补加让]|[可好行懂白道以](?:了|的)?吗))"
    r".*(?:吗|有没有|多少|在哪|哪些|什么颜色).*"
)


def reads_as_question(sentence: str) -> bool:
    """Whether the form of a sentence leaves nothing but a question, whatever its words mean.

    An order said as a question ("can you put ...", "is there any chance of ...") does not count,
    nor does a question with something after it ("is the tray empty? then ...").
    """
    text = unicodedata.normalize("NFKC", sentence).lower().replace("\u2019", "'")
    return _QUESTION.fullmatch(text) is not None


def language_of(text: str) -> str:
    """``zh`` when the sentence holds Chinese characters, else ``en``: the language of answers."""
    return "zh" if _HAN.search(text) and not _FOREIGN_SCRIPT.search(text) else "en"


def has_foreign_script(text: str) -> bool:
    """Whether two or more letters are of a script that neither English nor Chinese uses."""
    return len(_FOREIGN_SCRIPT.findall(text)) >= 2


def tokens_of(text: str) -> list[str]:
    """Lower-cased words, single Chinese characters, numbers and punctuation marks.

    Full-width forms are folded, apostrophes inside words dropped, line breaks become stops.
    """
    text = unicodedata.normalize("NFKC", text).lower().strip()
    text = re.sub(r"(?<=\w)['\u2019`](?=\w)", "", text)
    text = re.sub(r"\s*\n\s*", " . ", text).replace("。", ".").replace("、", ",")
    return _TOKEN.findall(text)


def _bucket(feature: str) -> int:
    return zlib.crc32(feature.encode()) % (BUCKETS - 1) + 1


@lru_cache(maxsize=50_000)
def _word_features(word: str) -> tuple[int, ...]:
    framed = f"<{word}>"
    grams = [framed]
    for size in (3, 2):
        grams += [framed[i : i + size] for i in range(len(framed) - size + 1)]
    return tuple(_bucket(gram) for gram in grams[:FEATURES])


@lru_cache(maxsize=50_000)
def _char_features(before: str, char: str, after: str) -> tuple[int, ...]:
    return _bucket(f"c{char}"), _bucket(f"b{before}{char}"), _bucket(f"b{char}{after}")


def features_of(tokens: list[str]) -> NDArray[np.int64]:
    """Feature buckets per token, 0 where there is none; the first is the token itself.

    Returns:
        Shape (n, FEATURES), n >= 1 and at most MAX_TOKENS.
    """
    tokens = tokens[:MAX_TOKENS] or ["."]
    result = np.zeros((len(tokens), FEATURES), dtype=np.int64)
    for index, token in enumerate(tokens):
        if _HAN.match(token):
            before = tokens[index - 1] if index else ""
            after = tokens[index + 1] if index + 1 < len(tokens) else ""
            ids = _char_features(before[-1:], token, after[:1])
        else:
            ids = _word_features(token)
        result[index, : len(ids)] = ids
    return result
