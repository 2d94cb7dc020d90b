# SPDX-License-Identifier: Apache-2.0
"""The gateway's curve: time of an answer against the number of robots, and the plot of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot

_COLORS = ("#94a3b8", "#2563eb", "#c2410c")


def draw(curves: dict[str, Sequence[dict[str, Any]]], title: str, path: Path) -> None:
    """Plot p50 and p99 over the robots, and the share that was refused in time.

    Args:
        curves: Rows of `measure_fleet` with ``robots``, by the name of the gateway.
        title: What was measured, on what.
        path: PNG to write.
    """
    figure, (times, shares) = pyplot.subplots(
        2, 1, figsize=(7.2, 5.4), dpi=140, sharex=True, height_ratios=(3, 1), layout="constrained"
    )
    for color, (name, rows) in zip(_COLORS, curves.items(), strict=False):
        robots = [row["robots"] for row in rows]
        for key, dash, size in (("p50_ms", "--", 3), ("p99_ms", "-", 4)):
            values = [row.get(key) for row in rows]
            label = f"{key[:3]}, {name}"
            times.plot(robots, values, dash, marker="o", ms=size, color=color, label=label)
        refused = [100.0 * row["refused"] / row["asked"] for row in rows]
        shares.plot(robots, refused, "-", marker="o", ms=4, color=color)
    times.set_yscale("log")
    times.set_ylabel("time of an answer, ms")
    times.axhline(rows[0]["deadline_ms"], color="#475569", lw=1)
    times.annotate(
        "deadline", (robots[-1], rows[0]["deadline_ms"]), ha="right", va="bottom", fontsize=8
    )
    times.legend(loc="upper left", bbox_to_anchor=(0.0, 0.93), fontsize=8, frameon=False)
    times.set_title(title, fontsize=9, loc="left")
    shares.set_ylabel("refused, %")
    shares.set_ylim(-3, 103)
    shares.set_xlabel("robots, each asking once in 10 s, with bursts of a tenth of them")
    for axes in (times, shares):
        axes.grid(visible=True, which="major", color="#e2e8f0")
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path)
    pyplot.close(figure)
