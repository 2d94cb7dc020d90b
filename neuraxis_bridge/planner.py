# SPDX-License-Identifier: Apache-2.0
"""Text tower at run time: sentence -> program, by the ONNX network in models/planner.onnx.

The file carries its own contract as ONNX metadata: ``vocabulary``, ``buckets``, ``features`` and
``max_words``. Decoding is greedy among the words that may follow; what stays unfinished is refused.
Where the best program cannot be carried out, the next likely ones are found by uniform-cost search.
"""

from __future__ import annotations

import difflib
import heapq
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from neuraxis_bridge.program import WORDS, Program, ProgramError, parse
from neuraxis_bridge.text import (
    BUCKETS,
    FEATURES,
    MAX_TOKENS,
    features_of,
    has_foreign_script,
    language_of,
    tokens_of,
)
from neuraxis_common.errors import ConfigError

_END, _START = 0, 1
# Network runs that one search may take beside those of the best program, about 1.5 ms each.
_SEARCH_RUNS = 80


@dataclass(frozen=True)
class Understood:
    """What a sentence was taken to mean.

    Attributes:
        confidence: Probability that the network gives to the whole program, in [0, 1].
        strange: English words that are not even misspellings of words the grammar knows.
    """

    program: Program
    language: str
    confidence: float
    strange: tuple[str, ...] = ()


class Planner:
    """Reads sentences.

    Args:
        model_path: The ONNX file.
        num_threads: Threads of the ONNX session.
    """

    def __init__(self, model_path: Path, num_threads: int = 1) -> None:
        if not Path(model_path).is_file():
            raise ConfigError(
                f"planner model {model_path} does not exist; "
                "train it with: python -m neuraxis_field.language.train"
            )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = num_threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(
                str(model_path), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            raise ConfigError(f"planner model {model_path} is not loadable: {error}") from error
        meta = self._session.get_modelmeta().custom_metadata_map
        missing = {"vocabulary", "max_words", "known_words"} - set(meta)
        if missing:
            raise ConfigError(f"planner model {model_path} lacks {sorted(missing)}")
        wanted = {"buckets": BUCKETS, "features": FEATURES}
        for key, value in wanted.items():
            if json.loads(meta.get(key, "null")) != value:
                raise ConfigError(
                    f"planner model {model_path} has {key} {meta.get(key)}, this code needs {value}"
                )
        self.vocabulary: tuple[str, ...] = tuple(json.loads(meta["vocabulary"]))
        wrong = sorted({*self.vocabulary} - {"<end>", "<start>"} ^ {*WORDS})
        if wrong:
            raise ConfigError(
                f"planner model {model_path} and the programs of this code differ in the words "
                f"{wrong}; train it again with: python -m neuraxis_field.language.train"
            )
        self._max_words: int = json.loads(meta["max_words"])
        self._known = frozenset(json.loads(meta["known_words"]))

    def understand(self, sentence: str) -> Understood:
        """The program of one sentence. Never fails: what makes no sense is refused as no task."""
        language = language_of(sentence)
        if has_foreign_script(sentence):
            return Understood(Program(refusal="unsupported_language"), language, 1.0)
        tokens = tokens_of(sentence)
        features = features_of(tokens)[None]
        text, log_p, _ = self._decode(features)
        # Of a longer sentence the end would not even be read.
        sure = math.exp(log_p) if len(tokens) <= MAX_TOKENS else 0.0
        try:
            return Understood(parse(text), language, sure, self._strange(tokens))
        except ProgramError:
            return Understood(Program(refusal="not_a_task"), language, 0.0)

    def _strange(self, tokens: list[str]) -> tuple[str, ...]:
        words = [word for word in tokens if word.isascii() and word.isalpha() and len(word) > 2]
        return tuple(
            word
            for word in dict.fromkeys(words)
            if word not in self._known
            and not (len(word) > 4 and difflib.get_close_matches(word, self._known, 1, 0.8))
        )

    def others(self, sentence: str, within: float) -> Iterator[Understood]:
        """Every program about as likely as the one of `understand`, likeliest first, without it.

        Args:
            sentence: What was said.
            within: Least share of the best program's probability, in (0, 1].
        """
        tokens = tokens_of(sentence)
        features = features_of(tokens)[None]
        best, best_log_p, after = self._decode(features)
        floor = best_log_p + math.log(within)
        heap, runs = [(0.0, [_START])], 0
        while heap and runs < _SEARCH_RUNS:
            cost, ids = heapq.heappop(heap)
            said = self._text(ids)
            if ids[-1] == _END:
                if said != best:
                    yield Understood(parse(said), language_of(sentence), math.exp(-cost))
                continue
            if len(ids) > self._max_words:
                continue
            log_p = after.get(tuple(ids))
            if log_p is None:
                runs += 1
                log_p = self._log_p(features, ids)
            log_p = log_p - cost
            for index in np.flatnonzero(log_p >= floor):
                if _may_follow(said, int(index), self.vocabulary[index]):
                    heapq.heappush(heap, (-float(log_p[index]), [*ids, int(index)]))

    def _decode(
        self, features: np.ndarray
    ) -> tuple[str, float, dict[tuple[int, ...], NDArray[np.float64]]]:
        """Greedy program, its log probability, and `_log_p` after each of its beginnings."""
        ids, log_p = [_START], 0.0
        after = {}
        while len(ids) <= self._max_words:
            scores = after[tuple(ids)] = self._log_p(features, ids)
            best = self._best(ids, scores)
            log_p += float(scores[best])
            ids.append(best)
            if best == _END:
                break
        return self._text(ids), log_p, after

    def _log_p(self, features: np.ndarray, ids: list[int]) -> NDArray[np.float64]:
        """Log probability of every next word after `ids`, shape (vocabulary,)."""
        feed = {"features": features, "words": np.array([ids], dtype=np.int64)}
        scores = self._session.run(None, feed)[0][0, -1].astype(np.float64)
        scores -= scores.max()
        return scores - np.log(np.exp(scores).sum())

    def _text(self, ids: list[int]) -> str:
        return " ".join(self.vocabulary[i] for i in ids[1:] if i != _END)

    def _best(self, ids: list[int], scores: NDArray[np.float64]) -> int:
        """The likeliest next word with which the words so far are, or may become, a program."""
        said = self._text(ids)
        order = [int(i) for i in np.argsort(-scores, kind="stable")]
        return next((i for i in order if _may_follow(said, i, self.vocabulary[i])), order[0])


def _may_follow(said: str, index: int, word: str) -> bool:
    if index == _START:
        return False
    try:
        parse(said if index == _END else f"{said} {word}")
    except ProgramError as error:
        return index != _END and error.incomplete
    return True
