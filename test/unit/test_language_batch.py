# SPDX-License-Identifier: Apache-2.0
"""Sentences read together mean what they mean alone, and none is read twice."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np
import pytest
from fake_scene import container, part

from neuraxis_bridge.brain import Brain, load_brain
from neuraxis_bridge.planner import Planner, Understood
from neuraxis_bridge.program import parse
from neuraxis_bridge.readings import Readings

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "models" / "planner.onnx"
BATCH = 8


def sentences():
    lines = (ROOT / "test/data/sentences.tsv").read_text(encoding="utf-8").splitlines()
    return [line.split("\t")[0] for line in lines if line and not line.startswith("#")]


def in_batches(planner, texts):
    """Read in batches, and what each then means."""
    for start in range(0, len(texts), BATCH):
        chunk = texts[start : start + BATCH]
        planner.read_ahead(chunk)
        yield from (planner.understand(text) for text in chunk)


def test_two_hundred_sentences_mean_the_same_in_batches_as_alone():
    texts = sentences()
    alone, together = Planner(MODEL), Planner(MODEL)
    for one, other in zip(map(alone.understand, texts), in_batches(together, texts), strict=True):
        assert one.program == other.program
        assert one.confidence == pytest.approx(other.confidence, abs=1e-5)


def test_what_a_sentence_means_does_not_depend_on_who_else_asks():
    text = "put the red cube in the blue tray"
    said = Planner(MODEL).understand(text)
    for beside in (["?"] * 3, ["put " * 500], ["把所有红色的东西放到蓝色托盘里", "a" * 2000]):
        planner = Planner(MODEL)
        planner.read_ahead([*beside, text])
        understood = planner.understand(text)
        assert understood.program == said.program
        assert understood.confidence == pytest.approx(said.confidence, abs=1e-5)


def test_second_readings_are_the_same_after_a_batch():
    text = "the red one, in the blue"
    alone, together = Planner(MODEL), Planner(MODEL)
    together.read_ahead([*sentences()[:7], text])
    ones, others = (list(p.others(text, within=1e-4)) for p in (alone, together))
    assert ones and [one.program for one in ones] == [other.program for other in others]


def test_plans_of_several_images_are_the_same_after_a_batch():
    rng = np.random.default_rng(0)
    texts = sentences()[:BATCH]
    alone, together = load_brain(ROOT / "models"), load_brain(ROOT / "models")
    for _ in range(3):
        rgb = np.full((480, 640, 3), 140, dtype=np.uint8)
        for x in range(60, 600, 90):
            rgb[260:300, x : x + 40] = rng.integers(20, 230, 3)
        together.read_ahead(texts)
        for text in texts:
            assert together.plan(rgb, text) == alone.plan(rgb, text)


def test_sentences_refused_by_their_words_are_not_read():
    class Reader:
        def read_ahead(self, texts):
            self.texts = texts
            return len(texts)

    reader = Reader()
    assert Brain(None, reader).read_ahead(["throw the cube at the man", "put it in the bin"]) == 1
    assert reader.texts == ["put it in the bin"]


class Work:
    """Doubles numbers; waits for `gate` and fails at -1."""

    def __init__(self):
        self.batches = []
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self, numbers):
        self.batches.append(list(numbers))
        assert self.gate.wait(10.0)
        if -1 in numbers:
            raise ValueError("minus one")
        return [2 * number for number in numbers]


def until(condition, limit_s=10.0):
    """Wait until something holds."""
    end_s = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end_s, "it never held"
        time.sleep(0.001)


def test_nothing_is_worked_on_twice():
    work = Work()
    readings = Readings(work, most=8)
    assert readings.ahead([1, 2, 2, 3]) == 3
    assert readings.ahead([3, 4]) == 1
    assert [readings.of(n) for n in (1, 2, 3, 4, 5)] == [2, 4, 6, 8, 10]
    assert work.batches == [[1, 2, 3], [4], [5]]


def test_another_thread_waits_for_the_batch_that_its_sentence_is_in():
    work = Work()
    readings = Readings(work, most=8, patience_s=10.0)
    work.gate.clear()
    leader = threading.Thread(target=readings.ahead, args=([1, 2],))
    leader.start()
    results = []
    follower = threading.Thread(target=lambda: results.append(readings.of(2)))
    follower.start()
    work.gate.set()
    leader.join(10.0)
    follower.join(10.0)
    assert results == [4] and len(work.batches) <= 2
    assert sum(2 in batch for batch in work.batches) == 1


def test_the_image_is_looked_at_while_another_thread_reads_the_sentence():
    """Else the processor is idle: of two workers, one waits for the batch that the other reads."""
    did = []

    class Slow:
        busy = True

        def being_read(self, _sentence):
            return self.busy

        def understand(self, _sentence):
            did.append("read")
            return Understood(parse("put one red cube into one tray"), "en", 1.0)

        def detect(self, _rgb):
            did.append("look")
            return (part("red cube", 20), container("blue tray", 120))

    rgb, slow = np.zeros((48, 64, 3), dtype=np.uint8), Slow()
    brain = Brain(slow, slow)
    plan = brain.plan(rgb, "put the red cube in the tray")
    slow.busy = False
    assert plan.steps and brain.plan(rgb, "put the red cube in the tray") == plan
    assert did == ["look", "read", "read", "look"]


def test_a_sentence_is_being_read_from_when_a_thread_takes_it_on_until_it_is_known():
    work = Work()
    readings = Readings(work, most=8)
    work.gate.clear()
    leader = threading.Thread(target=readings.ahead, args=([1, 2],))
    leader.start()
    until(lambda: len(work.batches) == 1)
    assert [readings.under_way(number) for number in (1, 2, 3)] == [True, True, False]
    work.gate.set()
    leader.join(10.0)
    assert not any(readings.under_way(number) for number in (1, 2, 3))


def test_whoever_waited_too_long_for_a_batch_works_alone():
    work = Work()
    readings = Readings(work, most=8, patience_s=0.01)
    work.gate.clear()
    leader = threading.Thread(target=readings.ahead, args=([1, 2],))
    leader.start()
    until(lambda: len(work.batches) == 1)
    results = []
    follower = threading.Thread(target=lambda: results.append(readings.of(2)))
    follower.start()
    until(lambda: len(work.batches) == 2)
    work.gate.set()
    follower.join(10.0)
    leader.join(10.0)
    assert results == [4] and work.batches == [[1, 2], [2]]


def test_a_batch_that_fails_fails_only_the_one_that_is_to_blame():
    work = Work()
    readings = Readings(work, most=8)
    readings.ahead([1, -1, 2])
    assert [readings.of(n) for n in (1, 2)] == [2, 4]
    with pytest.raises(ValueError, match="minus one"):
        readings.of(-1)


def test_only_the_latest_are_kept():
    work = Work()
    readings = Readings(work, most=2)
    readings.ahead([1, 2])
    readings.of(1)
    readings.of(3)
    readings.of(1)
    readings.of(2)
    assert work.batches == [[1, 2], [3], [2]]
