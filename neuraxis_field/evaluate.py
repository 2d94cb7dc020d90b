# SPDX-License-Identifier: Apache-2.0
"""Many episodes, one line of JSON each, and a summary that a script can read."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import Any, TypeVar

from neuraxis_common.lifetime import die_with_pool
from neuraxis_field.tasks_file import Episode

Row = dict[str, Any]
Task = TypeVar("Task")


def failed_row(index: int, episode: Episode, cause: str) -> Row:
    """The row of an episode that did not run to its end."""
    return {
        "episode": index,
        "scene": episode.scene,
        "seed": episode.seed,
        "instruction": episode.instruction,
        "success": False,
        "plan_exact": False,
        "cause": cause,
    }


def run_all(
    run: Callable[[int, Task], Row],
    episodes: Iterable[Task],
    jobs: int,
    initializer: Callable[[], None],
    failed: Callable[[int, Task, str], Row] = failed_row,
) -> Iterator[Row]:
    """Run episodes on `jobs` processes and yield their rows as they finish.

    Args:
        run: Picklable; runs one episode and returns its row.
        episodes: What to run.
        jobs: Number of processes.
        initializer: Loads models once per process.
        failed: Row of an episode that did not run to its end, from index, episode and cause.

    A worker process that dies takes its pool along, and its open episodes run again in another
    one; those whose second pool dies too are reported with cause ``worker_died``.
    """
    left = list(enumerate(episodes))
    for last in (False, True):
        broken = []
        for index, episode, row in _run_pool(run, left, jobs, initializer, failed):
            if row is not None:
                yield row
            elif last:
                yield failed(index, episode, "worker_died")
            else:
                broken.append((index, episode))
        left = broken


def _run_pool(
    run: Callable[[int, Task], Row],
    episodes: Sequence[tuple[int, Task]],
    jobs: int,
    initializer: Callable[[], None],
    failed: Callable[[int, Task, str], Row],
) -> Iterator[tuple[int, Task, Row | None]]:
    """Index, episode and row, None for the episodes of a pool that broke."""
    if not episodes:
        return
    context = multiprocessing.get_context("spawn")
    start = partial(_start_worker, initializer)
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=start) as pool:
        futures = {pool.submit(run, i, episode): (i, episode) for i, episode in episodes}
        for future in as_completed(futures):
            index, episode = futures[future]
            try:
                yield index, episode, future.result()
            except BrokenProcessPool:
                yield index, episode, None
            except Exception as error:  # one broken episode must not cost the others
                yield index, episode, failed(index, episode, f"{type(error).__name__}: {error}")


def _start_worker(initializer: Callable[[], None]) -> None:
    die_with_pool()
    initializer()


def summary(rows: Iterable[Row]) -> Row:
    """Rates over episodes; `by_cause` counts failures by their cause."""
    rows = list(rows)
    successes = sum(bool(row["success"]) for row in rows)
    exact = sum(bool(row["plan_exact"]) for row in rows)
    causes = Counter(row["cause"] for row in rows if not row["success"])
    count = max(len(rows), 1)
    return {
        "episodes": len(rows),
        "success": successes,
        "rate": round(successes / count, 4),
        "plan_exact": round(exact / count, 4),
        "by_cause": dict(causes.most_common()),
    }
