# SPDX-License-Identifier: Apache-2.0
"""The text tower's file, models/planner.onnx: its contract, and both halves of its network.

The file carries its contract as ONNX metadata: ``vocabulary``, ``buckets``, ``features``,
``max_words``, ``known_words``, and ``saying``, the half that says words, an ONNX model in base64.
A sentence is read once; what its words look at then is kept, and so is what was said.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from neuraxis_bridge.program import WORDS
from neuraxis_bridge.text import BUCKETS, FEATURES
from neuraxis_common.errors import ConfigError

END, START = 0, 1
# Sums over another number of places may be added up in another order. Sentences are filled up to
# whole vector registers, so that they come out the same to the last bit alone and in a batch.
_FILL = 16
_TRAIN = "train it again with: python -m neuraxis_field.language.train"
_CONTRACT = ("vocabulary", "max_words", "known_words", "saying")


def filled_length(tokens: int) -> int:
    """Places that a sentence of so many tokens takes, alone as in a batch."""
    return -(-tokens // _FILL) * _FILL


class Tower:
    """Both halves, loaded. Several threads may use them at once.

    Args:
        path: The ONNX file.
        num_threads: Threads of each ONNX session.

    Raises:
        ConfigError: The file is missing, not loadable, or made for other code.
    """

    def __init__(self, path: Path, num_threads: int = 1) -> None:
        if not Path(path).is_file():
            raise ConfigError(
                f"planner model {path} does not exist; "
                "train it with: python -m neuraxis_field.language.train"
            )
        self._reading = _session(path, str(path), num_threads)
        meta = self._reading.get_modelmeta().custom_metadata_map
        missing = set(_CONTRACT) - set(meta)
        if missing:
            raise ConfigError(f"planner model {path} lacks {sorted(missing)}; {_TRAIN}")
        wanted = {"buckets": BUCKETS, "features": FEATURES}
        for key, value in wanted.items():
            if json.loads(meta.get(key, "null")) != value:
                raise ConfigError(
                    f"planner model {path} has {key} {meta.get(key)}, this code needs {value}"
                )
        self.vocabulary: tuple[str, ...] = tuple(json.loads(meta["vocabulary"]))
        wrong = sorted({*self.vocabulary} - {"<end>", "<start>"} ^ {*WORDS})
        if wrong:
            raise ConfigError(
                f"planner model {path} and the programs of this code differ in the words "
                f"{wrong}; {_TRAIN}"
            )
        self.max_words: int = json.loads(meta["max_words"])
        self.known: frozenset[str] = frozenset(json.loads(meta["known_words"]))
        try:
            saying = base64.b64decode(meta["saying"], validate=True)
        except binascii.Error as error:
            raise ConfigError(f"planner model {path} has no base64 in 'saying'") from error
        self._saying = _session(path, saying, num_threads)
        kept, _, heads, _, size = self._saying.get_inputs()[1].shape
        self._kept_shape: tuple[int, int, int] = (kept, heads, size)

    def read(
        self, sentences: Sequence[NDArray[np.int64]]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Read a batch of sentences.

        Args:
            sentences: Features of each, shape (n, FEATURES); n may differ.

        Returns:
            What words look at, shape (kept, b, heads, m, size), and a mask for it, shape
            (b, 1, 1, m), which hides the places past a sentence's end. m is the `filled_length`
            of the longest.
        """
        longest = max(filled_length(len(features)) for features in sentences)
        batch = np.zeros((len(sentences), longest, FEATURES), dtype=np.int64)
        for row, features in zip(batch, sentences, strict=True):
            row[: len(features)] = features
        memory, mask = self._reading.run(None, {"features": batch})
        return memory, mask

    def nothing_said(self, count: int) -> NDArray[np.float32]:
        """What is kept of no words, of `count` sentences: shape (kept, count, heads, 0, size)."""
        kept, heads, size = self._kept_shape
        return np.zeros((kept, count, heads, 0, size), dtype=np.float32)

    def say(
        self,
        last: Sequence[int],
        past: NDArray[np.float32],
        memory: NDArray[np.float32],
        mask: NDArray[np.float32],
    ) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
        """One word further, for a batch of programs of equal length.

        Args:
            last: The word said last, of each.
            past: Kept of the words before it, shape (kept, b, heads, t, size).
            memory: Of `read`.
            mask: Of `read`.

        Returns:
            Log probability of every next word, shape (b, vocabulary), and `past` with `last`.
        """
        feed = {"word": np.array(last, dtype=np.int64), "past": past, "memory": memory,
                "mask": mask}  # fmt: skip
        raw, kept = self._saying.run(None, feed)
        scores = raw.astype(np.float64)
        scores -= scores.max(axis=1, keepdims=True)
        return scores - np.log(np.exp(scores).sum(axis=1, keepdims=True)), kept


def _session(path: Path, model: str | bytes, num_threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = num_threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    providers = ["CPUExecutionProvider"]
    try:
        return onnxruntime.InferenceSession(model, options, providers=providers)
    except Exception as error:
        raise ConfigError(f"planner model {path} is not loadable: {error}") from error
