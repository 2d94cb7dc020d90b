# SPDX-License-Identifier: Apache-2.0
"""The training card: how a policy came about, and what its observations looked like."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from neuraxis_common.errors import ConfigError
from neuraxis_common.types import FloatArray
from small_brain_node.bundle.contract import PolicyContract
from small_brain_node.bundle.contract_json import read_object

# Below this variance a direction counts as never excited: a share of the term's largest one, and
# an absolute one of scaled observations.
VARIANCE_SHARE, VARIANCE_FLOOR = 1e-6, 1e-6
REQUIRED = {"command": str, "seed": int, "hours": (int, float), "curve": list}


@dataclass(frozen=True)
class TermStatistics:
    """Scaled observations of one term over all of training.

    Attributes:
        mean: Shape (w,).
        low: Smallest value seen, shape (w,).
        high: Largest value seen, shape (w,).
        covariance: Shape (w, w).
        distance_max: Largest Mahalanobis distance seen, per square root of w.
    """

    mean: FloatArray
    low: FloatArray
    high: FloatArray
    covariance: FloatArray
    distance_max: float


@dataclass(frozen=True)
class TrainingCard:
    """How a policy was made.

    Attributes:
        command: What to type to make it again.
        seed: Of that run.
        hours: Wall time of training.
        curve: Points of the training curve, objects as the trainer writes them.
        statistics: By term name; the runtime compares each observation with them.
        more: Anything else that is worth knowing.
    """

    command: str
    seed: int
    hours: float
    curve: tuple[Mapping[str, Any], ...]
    statistics: Mapping[str, TermStatistics]
    more: Mapping[str, Any] = field(default_factory=dict)


def whitening(covariance: FloatArray) -> FloatArray:
    """W with W^T W the inverse of a covariance whose idle directions are floored. Shape (w, w)."""
    values, vectors = np.linalg.eigh(covariance)
    floor = max(VARIANCE_SHARE * float(values[-1]), VARIANCE_FLOOR)
    return (vectors / np.sqrt(np.maximum(values, floor))).T


def write_card(card: TrainingCard) -> bytes:
    """A card as JSON, UTF-8, every bit of its numbers kept."""
    rows = {
        name: {
            "mean": row.mean.tolist(),
            "low": row.low.tolist(),
            "high": row.high.tolist(),
            "covariance": row.covariance.tolist(),
            "distance_max": row.distance_max,
        }
        for name, row in card.statistics.items()
    }
    data = {
        "command": card.command,
        "seed": card.seed,
        "hours": card.hours,
        "curve": list(card.curve),
        **card.more,
        "statistics": rows,
    }
    return (json.dumps(data, allow_nan=False, ensure_ascii=False) + "\n").encode()


def read_card(content: bytes, contract: PolicyContract) -> TrainingCard:
    """A card from its JSON.

    Raises:
        ConfigError: A field is missing or of the wrong type, or the statistics do not fit the
            contract's terms.
    """
    data = read_object(content, "card")
    for name, kind in REQUIRED.items():
        if not isinstance(data.get(name), kind) or isinstance(data.get(name), bool):
            raise ConfigError(f"card: '{name}' is missing or of the wrong type")
    rows = data.pop("statistics", None)
    if not isinstance(rows, dict) or set(rows) != {term.name for term in contract.terms}:
        raise ConfigError("card: 'statistics' must cover exactly the contract's terms")
    statistics = {
        term.name: _read_row(term.name, rows[term.name], contract.width(term))
        for term in contract.terms
    }
    known = {name: data.pop(name) for name in REQUIRED}
    curve = tuple(known.pop("curve"))
    return TrainingCard(**known, curve=curve, statistics=statistics, more=data)


def _read_row(name: str, row: Any, width: int) -> TermStatistics:
    where = f"card: statistics of '{name}'"
    shapes = {"mean": (width,), "low": (width,), "high": (width,), "covariance": (width, width)}
    arrays = {}
    for key, shape in {**shapes, "distance_max": ()}.items():
        try:
            array = np.array(row[key], dtype=float)
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigError(f"{where}: '{key}' is missing or no number") from error
        if array.shape != shape or not np.all(np.isfinite(array)):
            raise ConfigError(f"{where}: '{key}' must have shape {shape} and be finite")
        arrays[key] = array
    if np.any(arrays["low"] > arrays["high"]) or not arrays["distance_max"] > 0.0:
        raise ConfigError(f"{where}: bounds are the wrong way round")
    return TermStatistics(**(arrays | {"distance_max": float(arrays["distance_max"])}))
