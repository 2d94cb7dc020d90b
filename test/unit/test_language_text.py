# SPDX-License-Identifier: Apache-2.0
"""Tokens and their hashed features."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuraxis_bridge.text import (
    BUCKETS,
    FEATURES,
    MAX_TOKENS,
    features_of,
    reads_as_question,
    tokens_of,
)


def overlap(a, b):
    sets = [set(features_of([word])[0]) - {0} for word in (a, b)]
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


def test_words_numbers_signs_and_characters_are_tokens():
    assert tokens_of("Put 2 cubes, don't wait!") == [
        "put", "2", "cubes", ",", "dont", "wait", "!"
    ]  # fmt: skip
    assert tokens_of("把２个cube放进去。") == ["把", "2", "个", "cube", "放", "进", "去", "."]


def test_full_width_and_line_breaks_are_folded():
    assert tokens_of("ＲＥＤ，ｂｉｎ\nx") == ["red", ",", "bin", ".", "x"]


def test_typo_keeps_most_features():
    assert overlap("cylinder", "cylnder") > 0.4 > 0.1 > overlap("cylinder", "banana")


def test_chinese_characters_know_their_neighbours():
    a, b = features_of(list("左边")), features_of(list("右边"))
    assert a[1][0] == b[1][0] and not np.array_equal(a[1], b[1])


@given(st.text(max_size=300))
def test_any_text_gives_features_in_range(text):
    features = features_of(tokens_of(text))
    assert features.shape[1] == FEATURES and 1 <= len(features) <= MAX_TOKENS
    assert features.min() >= 0 and features.max() < BUCKETS
    assert (features[:, 0] > 0).all()


@pytest.mark.parametrize(
    ("sentence", "asks"),
    [
        ("Any sign of a yellow hex in the red bin.", True),
        ("hey robot, what colour is the cube?", True),
        ("is there a red cube in the tray", True),
        ("托盘里有红色立方体吗？", True),
        ("有多少个杯子", True),
        ("can you put the red cube in the tray?", False),
        ("is there any chance of the can ending up in the bin?", False),
        ("is the tray empty? then put the can in it", False),
        ("把杯子放进托盘，可以吗？", False),
        ("any red cube goes in the tray", False),
    ],
)
def test_what_by_its_form_is_nothing_but_a_question(sentence, asks):
    assert reads_as_question(sentence) is asks
