# SPDX-License-Identifier: Apache-2.0
"""What happened lately, for the page: robots, latencies and plans, bounded in memory.

Holds no sentences, no images and no keys; of an answer, only its plan.
"""

from __future__ import annotations

import math
from collections import Counter, OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from neuraxis_common.plan import Plan

WINDOW_S = 120.0
_BIN_S = 5.0
_MOST_TIMES, _MOST_ROBOTS, _MOST_PLANS = 4096, 256, 20
_MOST_CHARS = 20_000


@dataclass(frozen=True)
class Ended:
    """One request of a robot at its end. Times in seconds; None where a stage was not reached."""

    robot: str
    code: str
    trace_id: str
    total_s: float
    wait_s: float | None = None
    model_s: float | None = None
    plan: str = ""


@dataclass
class _Robot:
    asked: int = 0
    answered: int = 0
    last_code: str = ""
    last_ms: float = 0.0
    seen_s: float = 0.0


@dataclass
class Recent:
    """Keeps the newest of everything. Times are monotonic seconds."""

    _times: deque[tuple[float, Ended]] = field(default_factory=lambda: deque(maxlen=_MOST_TIMES))
    _robots: OrderedDict[str, _Robot] = field(default_factory=OrderedDict)
    _plans: deque[tuple[float, Ended]] = field(default_factory=lambda: deque(maxlen=_MOST_PLANS))

    def add(self, ended: Ended, now_s: float) -> None:
        """Take up one request."""
        robot = self._robots.setdefault(ended.robot, _Robot())
        self._robots.move_to_end(ended.robot)
        while len(self._robots) > _MOST_ROBOTS:
            self._robots.popitem(last=False)
        robot.asked += 1
        robot.answered += ended.code == "ok"
        robot.last_code, robot.last_ms, robot.seen_s = ended.code, ended.total_s * 1e3, now_s
        self._times.append((now_s, ended))
        if ended.plan:
            self._plans.append((now_s, ended))

    def state(self, now_s: float) -> dict[str, Any]:
        """Everything as JSON; ages in seconds, times in ms, of the last `WINDOW_S`."""
        window = [(at_s, row) for at_s, row in self._times if now_s - at_s < WINDOW_S]
        answered = [(at_s, row) for at_s, row in window if row.code == "ok"]
        stages = {
            "total": [row.total_s for _, row in answered],
            "wait": [row.wait_s for _, row in answered if row.wait_s is not None],
            "model": [row.model_s for _, row in answered if row.model_s is not None],
        }
        return {
            "window_s": WINDOW_S,
            "codes": dict(Counter(row.code for _, row in window).most_common()),
            "latency": {name: _summary(values) for name, values in stages.items()},
            "series": _series(answered, now_s),
            "robots": [
                {
                    "name": name, "asked": row.asked, "answered": row.answered,
                    "last_code": row.last_code, "last_ms": round(row.last_ms, 1),
                    "age_s": round(now_s - row.seen_s, 1),
                }
                for name, row in sorted(self._robots.items())
            ],
            "plans": [
                {"robot": row.robot, "age_s": round(now_s - at_s, 1), "trace_id": row.trace_id,
                 "ms": round(row.total_s * 1e3, 1)} | _told(row.plan)
                for at_s, row in reversed(self._plans)
            ],
        }  # fmt: skip


def plan_in(body: dict[str, Any]) -> str:
    """The content of a completion, empty when it is too long to keep."""
    try:
        content = body["choices"][0]["message"]["content"]
    except (KeyError, IndexError, TypeError):
        return ""
    return content if isinstance(content, str) and len(content) <= _MOST_CHARS else ""


def _told(content: str) -> dict[str, Any]:
    """Steps, refusal or answer in words; of what is no plan, nothing but that."""
    try:
        plan = Plan.model_validate_json(content)
    except (ValidationError, ValueError, RecursionError):
        return {"kind": "other", "lines": []}
    if plan.refusal is not None:
        return {"kind": "refusal", "lines": [f"{plan.refusal.code}: {plan.refusal.reason[:300]}"]}
    if plan.answer is not None:
        return {"kind": "answer", "lines": [plan.answer.text[:300]]}
    return {"kind": "plan", "lines": [_step_line(step) for step in plan.steps]}


def _step_line(step: Any) -> str:
    ends = (getattr(step, name, None) for name in ("object", "target", "place"))
    labels = [str(getattr(end, "label", end)) for end in ends if end is not None]
    return f"{step.skill} {' → '.join(labels)}"[:200]


def _summary(values: Sequence[float]) -> dict[str, float]:
    ordered = sorted(values)
    found = {f"p{share}_ms": _share(ordered, share) for share in (50, 99)}
    return {"count": len(ordered)} | found


def _share(ordered: Sequence[float], share: int) -> float | None:
    """Nearest-rank percentile in ms; None of nothing."""
    if not ordered:
        return None
    rank = max(math.ceil(share / 100 * len(ordered)), 1)
    return round(ordered[rank - 1] * 1e3, 1)


def _series(answered: Sequence[tuple[float, Ended]], now_s: float) -> list[dict[str, Any]]:
    """One row per `_BIN_S`, oldest first, also where nothing happened."""
    bins: list[list[float]] = [[] for _ in range(int(WINDOW_S / _BIN_S))]
    for at_s, row in answered:
        bins[-1 - min(int((now_s - at_s) / _BIN_S), len(bins) - 1)].append(row.total_s)
    return [_summary(values) for values in bins]
