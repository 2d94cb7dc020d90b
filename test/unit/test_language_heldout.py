# SPDX-License-Identifier: Apache-2.0
"""The test set's frames and nouns occur nowhere else, and the split ``heldout`` draws them."""

from __future__ import annotations

import importlib
import pkgutil
import random
import re
from itertools import product

import pytest

from neuraxis_field import language
from neuraxis_field.language import (
    en_heldout,
    en_speech,
    en_words,
    refusals,
    zh_heldout,
    zh_speech,
    zh_words,
)
from neuraxis_field.language.programs import draw_program
from neuraxis_field.language.voices import voices

HELD_OUT = {"en": en_heldout, "zh": zh_heldout}
SPEECH = {"en": en_speech, "zh": zh_speech}
CONDITIONS = ("IF", "UNLESS", "IF_ELSE", "UNLESS_ELSE")
ASKED = tuple(
    f"ASK_{kind}" for kind in ("COUNT", "EXISTS", "WHERE", "COLOR", "LIST", "LOOK", "DONE", "WHAT")
)
SIDE = ("PREFIX", "SUFFIX", "UNSAFE", "ACTION", "NO_TASK", "NOUNS", *ASKED, *CONDITIONS)
SLOTS = {
    "ASK_COUNT": {"Ps"}, "ASK_EXISTS": {"A", "N", "R", "be"}, "ASK_WHERE": {"P"},
    "ASK_COLOR": {"P"}, "ASK_LIST": {"Ps"}, "ASK_LOOK": set(), "ASK_DONE": set(),
    "ASK_WHAT": {"R"}, **{name: {"A", "N", "R", "be", "x", "y"} for name in CONDITIONS},
}  # fmt: skip
_VERBS = list(zip(*en_words.VERBS, strict=True))
WORDS = {
    "put": (*_VERBS[0], *zh_words.PUT), "putting": _VERBS[1], "pp": _VERBS[2],
    "in": (*en_words.INTO, *zh_words.IN), "take": (*en_words.TAKE, *zh_words.TAKE),
    "it": ("it", "them"), "it2": ("it", "they"), "is": ("is", "are"), "goes": ("goes", "go"),
    "ends": ("ends", "end"), "be": ("is", "are"), "gets": ("gets", "get"),
    "belongs": ("belongs", "belong"),
    "all": ("", "都", "全", "全都", "全部"),
}  # fmt: skip
SLOT = re.compile(r"\{(\w+)\}|<(\w+)>")


def tables(module):
    return {name: table for name, table in vars(module).items() if name.isupper()}


def strings(value):
    """Every string in nested tables; lists of words one by one."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from strings((*value, *value.values()))
    elif isinstance(value, tuple | list | set | frozenset):
        for item in value:
            yield from strings(item)


def seen_phrases():
    """What the other modules of the grammar say, those of tuning included."""
    for info in pkgutil.iter_modules(language.__path__):
        if info.name.endswith("_heldout"):
            continue
        module = importlib.import_module(f"{language.__name__}.{info.name}")
        for name, value in vars(module).items():
            if name.isupper() and name != "_HELD_OUT":
                yield from strings(value)
    for spoken, module in HELD_OUT.items():
        for name in tables(module):
            yield from voices(spoken, name)


def bare(text):
    """Letters and digits, lower case."""
    return "".join(c for c in text.lower() if c.isalnum() or c == "#")


def pattern(phrase):
    """A regular expression for all that a phrase with choices can say, bare."""
    if phrase.count("(") != phrase.count(")") or phrase.count("[") != phrase.count("]"):
        return re.escape(bare(phrase))
    out = []
    for piece in re.split(r"(\{\w+\}|<\w+>|[()\[\]|])", phrase):
        slot = SLOT.fullmatch(piece)
        if slot:
            words = "|".join(map(bare, WORDS.get(slot[1], ())))
            out.append(f"(?:#|{words})" if words else "#")
        else:
            out.append({"(": "(?:", ")": ")", "[": "(?:", "]": ")?", "|": "|"}.get(piece)
                       or re.escape(bare(piece)))  # fmt: skip
    return "".join(out)


def sayings(frame):
    """A frame without choices, bare, with every word that its slots can take."""
    names = [name for name, _ in SLOT.findall(frame)]
    for words in product(*(WORDS.get(name, ("#",)) for name in names)):
        said = frame
        for word in words:
            said = SLOT.sub(word, said, count=1)
        yield bare(said)


def test_no_phrase_is_said_in_training_or_tuning():
    patterns = {pattern(phrase.lstrip("~")): phrase for phrase in seen_phrases()}
    seen = [(re.compile(regex), phrase) for regex, phrase in patterns.items() if regex]
    for module in HELD_OUT.values():
        for table in tables(module).values():
            for frame in table:
                said = set(sayings(frame))
                hits = [phrase for regex, phrase in seen if any(map(regex.fullmatch, said))]
                assert not hits, f"{hits[0]!r} is held out"


@pytest.mark.parametrize("module", HELD_OUT.values())
def test_phrases_are_plain_and_differ(module):
    phrases = [phrase for table in tables(module).values() for phrase in table]
    assert len(set(map(bare, phrases))) == len(phrases)
    assert not [phrase for phrase in phrases if set(phrase) & set("~()[]|")]


@pytest.mark.parametrize("module", HELD_OUT.values())
@pytest.mark.parametrize("name", SLOTS)
def test_questions_and_conditions_can_be_filled(module, name):
    table = getattr(module, name)
    assert len(table) >= 8
    for frame in table:
        slots = set(re.findall(r"\{(\w+)\}", frame))
        assert slots <= SLOTS[name], frame
        assert ("N" in slots) <= ("R" in slots), frame
        if name in CONDITIONS:
            assert slots & {"A", "R"} and frame.count("{x}") == 1, frame
            assert frame.count("{y}") == name.endswith("_ELSE"), frame
        elif SLOTS[name]:
            assert slots, frame


@pytest.mark.parametrize("module", HELD_OUT.values())
def test_questions_need_no_relation(module):
    """A selection without a relation has no {R}; frames that do without must be left over."""
    for name in SLOTS:
        if name != "ASK_WHAT":
            assert sum("{R}" not in frame for frame in getattr(module, name)) >= 3, name


@pytest.mark.parametrize("language", HELD_OUT)
def test_main_frames_are_the_held_out_ones(language, monkeypatch):
    monkeypatch.setattr(zh_speech, "_mixed", lambda _rng, text: text)
    main = [frame for name, table in tables(HELD_OUT[language]).items() if name not in SIDE
            for frame in table]  # fmt: skip
    fits = [re.compile(".+".join(map(re.escape, re.split(r"(?:\{\w+\})+", f)))) for f in main]
    rng = random.Random(7)
    used = set()
    for _ in range(3000):
        text = SPEECH[language].Speaker(rng, "heldout").say(draw_program(rng))
        matching = [f for f in fits if f.search(text)]
        assert matching, text
        used.update(matching)
    assert len(used) > 0.8 * len(main)


@pytest.mark.parametrize("language", HELD_OUT)
def test_refusals_are_the_held_out_ones(language, monkeypatch):
    monkeypatch.setattr(refusals, "garbage", lambda _rng: "")
    module = HELD_OUT[language]
    fits = [re.compile(".+".join(map(re.escape, re.split(r"(?:\{\w+\})+", frame))))
            for frame in (*module.UNSAFE, *module.ACTION, *module.NO_TASK)]  # fmt: skip
    rng = random.Random(8)
    for _ in range(500):
        text, program = refusals.draw_refusal(rng, language, "heldout")
        if program.refusal in ("unsafe", "unsupported_action", "not_a_task") and text:
            assert any(f.search(text) for f in fits), text
