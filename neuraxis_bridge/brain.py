# SPDX-License-Identifier: Apache-2.0
"""The whole brain: image + sentence -> plan. Image tower, text tower, executor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from neuraxis_bridge import reasons
from neuraxis_bridge.executor import execute
from neuraxis_bridge.job_said import Wanted
from neuraxis_bridge.measured import Measured, informed
from neuraxis_bridge.planner import Planner, Understood
from neuraxis_bridge.screen import screen
from neuraxis_bridge.seen import Detected
from neuraxis_bridge.text import language_of, reads_as_question
from neuraxis_common.plan import Plan
from perception_node.detector import Detector

# Below it lie no right programs of 600 sentences drawn to tune on (split ``dev``).
MIN_CONFIDENCE = 0.2
# What a misread word looks like in a real scene. Another reading that can be carried out is taken
# when it is at least `SECOND_SHARE` as likely: execution-guided decoding (Wang et al. 2018,
# arXiv:1807.03100). Chosen on phrasings to tune on (split ``dev``): of 300 tasks that can be done 4
# were refused with a share of 0.1, 3 with 0.02; of 150 that must be refused as many either way.
_MAY_BE_MISREAD = {"unknown_object", "not_found", "ambiguous", "not_enough", "nothing_to_do"}
SECOND_SHARE = 0.02


class Sees(Protocol):
    """Image tower: what is in an image."""

    def detect(self, rgb: NDArray[np.uint8]) -> Sequence[Detected]:
        """Everything seen in ``rgb``, shape (h, w, 3), boxes in its pixels."""


class Reads(Protocol):
    """Text tower: what a sentence means."""

    def understand(self, sentence: str) -> Understood:
        """The program of one sentence."""

    def read_ahead(self, sentences: Sequence[str]) -> int:
        """Read sentences together that will be asked for one by one; how many were new."""

    def being_read(self, sentence: str) -> bool:
        """Whether another thread is reading a sentence just now."""

    def others(self, sentence: str, within: float) -> Iterable[Understood]:
        """Other readings, likeliest first, down to the share `within` of the best one's."""


class Brain:
    """Plans; deterministic for equal image and sentence.

    Args:
        eyes: Image tower.
        reader: Text tower.
        min_confidence: Programs that the text tower trusts less are refused, not guessed.
    """

    def __init__(self, eyes: Sees, reader: Reads, min_confidence: float = MIN_CONFIDENCE) -> None:
        self._eyes = eyes
        self._reader = reader
        self._min_confidence = min_confidence

    def read_ahead(self, sentences: Sequence[str]) -> int:
        """Read sentences together that `plan` will be asked for; how many were new.

        It changes no plan, only when the work is done.
        """
        return self._reader.read_ahead([text for text in sentences if screen(text) is None])

    def plan(
        self,
        rgb: NDArray[np.uint8],
        sentence: str,
        measured: Sequence[Measured] = (),
        job: Sequence[Wanted] = (),
    ) -> Plan:
        """The plan, the answer or the refusal, for one sentence about one image.

        Args:
            rgb: Camera image, shape (h, w, 3).
            sentence: What was said.
            measured: What the robot measured of things in the image; the rest is as it looks.
            job: What the robot does or has just done, for questions about it.
        """
        refused = screen(sentence)
        if refused is not None:
            return Plan(language=language_of(sentence), refusal=refused)
        # Rather than wait for the other thread, look. What it reads may need no look at all; that
        # is rare, and then the processor would have been idle.
        looked = self._eyes.detect(rgb) if self._reader.being_read(sentence) else None
        understood = self._reader.understand(sentence)
        if understood.program.refusal not in ("", "unknown_object"):
            return execute(understood.program, (), understood.language, understood.strange)
        # A question never becomes an order, neither by its form nor by a second reading.
        puts = understood.program.puts
        asks = bool(puts) and puts[0].condition is None and reads_as_question(sentence)
        unsure = understood.confidence < self._min_confidence and not understood.program.refusal
        if unsure or asks:
            refusal = reasons.unsure(understood.language)
            program = str(understood.program)[:2000]
            return Plan(language=understood.language, program=program, refusal=refusal)
        seen = informed(self._eyes.detect(rgb) if looked is None else looked, measured)
        plan = execute(understood.program, seen, understood.language, understood.strange, job)
        if plan.refusal is None or plan.refusal.code not in _MAY_BE_MISREAD:
            return plan
        asks = understood.program.question is not None
        readings = (
            reading
            for reading in self._reader.others(sentence, SECOND_SHARE)
            if (reading.program.question is not None) == asks
        )
        plans = (execute(reading.program, seen, reading.language, job=job) for reading in readings)
        return next((other for other in plans if other.refusal is None), plan)


def load_brain(models_dir: Path, num_threads: int = 1) -> Brain:
    """Load both towers from a folder. Raises ConfigError when a file is missing or unfit."""
    eyes = Detector(models_dir / "detector.onnx", num_threads=num_threads)
    reader = Planner(models_dir / "planner.onnx", num_threads=num_threads)
    brain = Brain(eyes, reader)
    # The first run of a session allocates; pay for it here and not in the first request.
    eyes.detect(np.zeros((480, 640, 3), dtype=np.uint8))
    reader.understand("put the red cube in the bin")
    return brain
