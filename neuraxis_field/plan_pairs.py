# SPDX-License-Identifier: Apache-2.0
"""`neuraxis eval plans`: an image and a sentence each, up to the checked plan; nothing moves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np

from big_brain_node.planning import Planning
from neuraxis_common.boxes import box_iou
from neuraxis_common.errors import Rejected
from neuraxis_common.plan import Plan
from neuraxis_field.episode import Stack, Start, is_exact, started, tools_of
from neuraxis_field.evaluate import Row
from neuraxis_field.tasks_file import Episode

# Overlap of a box with the thing it points at, from which on it counts as grounded.
GROUNDED_IOU = 0.5


def run_pair(index: int, episode: Episode, stack: Stack) -> Row:
    """Ask for one plan, and compare it with what the sentence meant.

    Returns:
        The row for the results file. ``plan_exact``: the same parts into the same containers, no
        more; ``refused``: code of the brain's or the compiler's refusal; ``iou``: overlap of each
        box with the thing that it covers most of; ``plan_ms``: image and sentence to checked plan,
        None where nothing was asked.
    """
    with started(episode, stack) as start:
        planning = Planning(tools_of(start, stack), stack.brain, None)
        planning.start(start.world.now_s, episode.instruction)
        outcome = None
        while outcome is None:
            start.world.advance(1.0 / stack.config.tick_rate_hz)
            outcome = planning.tick(start.world.now_s)
    plan = planning.plans[0] if planning.plans else None
    refused = outcome.code if isinstance(outcome, Rejected) else None
    exact = is_exact(episode, plan, start.names)
    hops = planning.hops
    took_ms = (hops[-1][2] - hops[0][1]) * 1e3 if hops else None
    return {
        "episode": index,
        "scene": episode.scene,
        "seed": episode.seed,
        "robot": stack.profile.name,
        "instruction": episode.instruction,
        "plan_exact": exact,
        "success": exact and refused is None,
        "refused": refused,
        "cause": refused if refused is not None else None if exact else "wrong_plan",
        "iou": _overlaps(plan, start),
        "plan_ms": None if took_ms is None else round(took_ms, 1),
    }


def _overlaps(plan: Plan | None, start: Start) -> list[float]:
    steps = () if plan is None else plan.steps
    boxes = [box for step in steps for box in (step.object.box, step.target.box)]
    return [round(max(box_iou(box, true) for _, true in start.names), 3) for box in boxes]


def pairs_summary(rows: Iterable[Row]) -> Row:
    """Exact plans, grounded boxes and times over all pairs."""
    rows = list(rows)
    overlaps = np.array([iou for row in rows for iou in row.get("iou", ())])
    times = [row["plan_ms"] for row in rows if row.get("plan_ms") is not None]
    summary: dict[str, Any] = {
        "pairs": len(rows),
        "plan_exact": sum(bool(row["plan_exact"]) for row in rows),
        "rate": round(sum(bool(row["plan_exact"]) for row in rows) / max(len(rows), 1), 4),
        "exact_and_checked": sum(bool(row["success"]) for row in rows),
        "boxes": len(overlaps),
        "by_cause": dict(Counter(row["cause"] for row in rows if row["cause"]).most_common()),
    }
    if len(overlaps):
        summary["grounded"] = round(float((overlaps >= GROUNDED_IOU).mean()), 4)
        summary["iou_median"] = round(float(np.median(overlaps)), 3)
    if times:
        p50, p95 = np.percentile(times, (50, 95))
        summary |= {"plan_ms_p50": round(float(p50), 1), "plan_ms_p95": round(float(p95), 1)}
    return summary
