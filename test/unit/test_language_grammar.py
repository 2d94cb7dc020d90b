# SPDX-License-Identifier: Apache-2.0
"""The grammar: what it draws, and that held-out phrasings stay out of training."""

from __future__ import annotations

import random
import re
from collections import Counter

import pytest

from neuraxis_bridge.program import REFUSALS, parse
from neuraxis_bridge.text import has_foreign_script, language_of
from neuraxis_field.language import en_frames, refusal_frames, refusal_words, refusals, zh_frames
from neuraxis_field.language.compose import counted, resolved
from neuraxis_field.language.en_around import ADVERBS
from neuraxis_field.language.fillers import filled
from neuraxis_field.language.foreign import foreign
from neuraxis_field.language.noise import loosened, typo
from neuraxis_field.language.sampler import draw
from neuraxis_field.language.speech import speaker
from neuraxis_field.language.templates import choose, expand


def drawn(split, count, language=None, seed=3):
    rng = random.Random(seed)
    return [draw(rng, split, language) for _ in range(count)]


def test_same_seed_draws_the_same():
    assert drawn("train", 50) == drawn("train", 50)
    assert drawn("train", 50) != drawn("dev", 50) != drawn("heldout", 50)


@pytest.mark.parametrize("split", ["train", "dev", "heldout"])
def test_sentences_are_complete(split):
    for example in drawn(split, 3000):
        assert parse(str(example.program)) == example.program
        assert example.text.strip()
        # Typed With Capitals, the word none may stand there.
        nothing = " None " in example.text and not example.text.istitle()
        assert "{" not in example.text and not nothing, example


def test_every_frame_of_a_refusal_gets_all_its_words():
    rng = random.Random(2)
    for (code, language), frames in refusals._FRAMES.items():
        for frame in frames + refusals.voices(language, refusals._TABLES[code]):
            text = refusals._fill(rng, expand(rng, frame), language)
            assert "{" not in text, frame


def test_languages_and_refusals_have_their_share():
    examples = drawn("train", 4000)
    chinese = sum(example.language == "zh" for example in examples)
    refused = Counter(example.program.refusal for example in examples)
    assert 0.35 < chinese / len(examples) < 0.55
    assert set(refused) == {"", *REFUSALS}
    assert min(refused[code] for code in REFUSALS) > 20


def test_language_of_drawn_sentences_is_recognised():
    for example in drawn("train", 1500):
        if example.program.refusal not in ("unsupported_language", "not_a_task"):
            assert language_of(example.text) == example.language, example.text


def test_choices_resolve():
    rng = random.Random(0)
    assert {expand(rng, "(a|b)[c]") for _ in range(100)} == {"a", "b", "ac", "bc"}
    assert {expand(rng, "(a(1|2)|b) x") for _ in range(100)} == {"a1 x", "a2 x", "b x"}


@pytest.mark.parametrize(
    "frames",
    [en_frames.IMPERATIVE, en_frames.DECLARATIVE, en_frames.NEXT, zh_frames.IMPERATIVE,
     zh_frames.DECLARATIVE, zh_frames.NEXT, refusal_frames.UNSAFE_EN, refusal_frames.ACTION_ZH],
)  # fmt: skip
def test_splits_share_no_frame(frames):
    rng = random.Random(0)
    plain = [frame for frame in frames if "(" not in frame and "[" not in frame]
    train = {choose(rng, plain, "train") for _ in range(3000)}
    held = {choose(rng, plain, "dev") for _ in range(3000)}
    assert held and not train & held


def test_splits_share_no_unknown_noun():
    assert not set(refusal_words.NOUNS_EN) & set(refusal_words.NOUNS_EN_HELD_OUT)
    assert not set(refusal_words.NOUNS_ZH) & set(refusal_words.NOUNS_ZH_HELD_OUT)


def test_phrasings_hardly_repeat():
    texts = [example.text for example in drawn("train", 3000)]
    assert len(set(texts)) > 0.9 * len(texts)


def test_tables_name_other_tables():
    rng = random.Random(0)
    tables = {"who": ("you", "<name>"), "name": ("Ada", "Max")}
    said = {resolved(rng, "<who>, <why>", tables) for _ in range(100)}
    assert said == {"you, <why>", "Ada, <why>", "Max, <why>"}
    assert counted(("2*a", "b", "3*")) == ("a", "a", "b", "", "", "")


@pytest.mark.parametrize(
    ("language", "frame"),
    [("en", "{take} {P} and {put} {it} {in} {C}"), ("en", "not {in} {X}, {put} {P} {in} {C}"),
     ("zh", "把{P}{all}{put}{C}{in}"), ("zh", "先{take}{P}，再{put}{C}{in}")],
)  # fmt: skip
def test_odd_words_leave_slots_and_negations_alone(language, frame):
    rng = random.Random(1)
    for _ in range(100):
        loose = loosened(rng, frame, language)
        assert loose.count("<odd>") == 1
        rest = loose.replace("<odd>,", "").replace("<odd>，", "").replace("<odd>", "")
        assert rest.split() == frame.split()
        assert "{in} <odd>" not in loose


def test_odd_words_are_for_training_only():
    rng = random.Random(2)
    assert {filled(rng, "<odd>", "en", "dev") for _ in range(300)} <= set(ADVERBS)
    assert not {filled(rng, "<odd>", "en") for _ in range(300)} <= set(ADVERBS)


def test_typo_changes_one_place_only():
    rng = random.Random(0)
    for _ in range(200):
        word = typo(rng, "cylinder")
        assert word[0] == "c" and abs(len(word) - len("cylinder")) <= 1
    assert typo(rng, "bin") == "bin"


def test_foreign_scripts_are_told_from_chinese():
    assert has_foreign_script("赤い立方体を青いトレイに") and has_foreign_script("красный куб")
    assert not has_foreign_script("把红色方块放到 tray 里") and not has_foreign_script("café")
    assert foreign(random.Random(1), "heldout")


@pytest.mark.parametrize(("language", "pronoun"), [("en", r"\bit\b"), ("zh", "它")])
def test_the_other_case_may_point_at_what_was_named_before(language, pronoun):
    text = "if any red can put one {} into one bin else put one blue cup into one tray"
    pointed = {}
    for first in ("blue cup", "green carton"):
        program = parse(text.format(first))
        said = [speaker(language)(random.Random(seed), "train").say(program) for seed in range(200)]
        assert not any(mark in line for line in said for mark in "\x01\x02")
        pointed[first] = sum(bool(re.search(pronoun, line)) for line in said)
    assert pointed["green carton"] + 40 < pointed["blue cup"] < 190
