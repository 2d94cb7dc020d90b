# SPDX-License-Identifier: Apache-2.0
"""Scheduling of threads that have a deadline, where the machine allows it."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress

# Linux lets a real-time thread that wakes up take the core it had last from a lesser one, also when
# another core idles: on two cores the 1 kHz loop and its states cut every image into 70 pieces, and
# 30 ms of seeing took 41. So what keeps the robot standing and what sees stay apart.
CORES = tuple(sorted(os.sched_getaffinity(0)))
BODY_CORES = CORES[: (len(CORES) + 1) // 2]
EYES_CORES = CORES[len(BODY_CORES) :] or CORES

# A plan has a deadline as the rest of the graph has: as an ordinary process it came after all of
# what the machine does besides and took up to 1.3 s. All that is periodic stays above it and leaves
# a core: the camera (10) too, which shares Python's lock with the state of the simulated robot.
BRIDGE_PRIORITY = 8


def enter_realtime(priority: int, inherit: bool = True) -> str:
    """Give the calling thread a real-time priority.

    Args:
        priority: 1 to 99; the spinal cord's loop has 80.
        inherit: Whether threads and processes that it makes later have it too.

    Returns:
        One clause for the log: what was granted or why nothing was.
    """
    try:
        policy = os.SCHED_RR if inherit else os.SCHED_RR | os.SCHED_RESET_ON_FORK
        os.sched_setscheduler(0, policy, os.sched_param(priority))
    except OSError as error:
        return f"no real-time priority ({error.strerror})"
    return f"real-time priority {priority}"


def leave_realtime() -> None:
    """Make the calling thread an ordinary one again."""
    if os.sched_getscheduler(0) != os.SCHED_OTHER:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


@contextmanager
def realtime(priority: int) -> Iterator[None]:
    """Real-time priority, where allowed, for the calling thread during one piece of work."""
    enter_realtime(priority)
    try:
        yield
    finally:
        leave_realtime()


def keep_to(cores: Collection[int]) -> None:
    """Have the calling thread, and threads it makes later, run on these cores only.

    An ordinary thread goes on as before: the scheduler finds it an idle core by itself.
    """
    if os.sched_getscheduler(0) != os.SCHED_OTHER:
        with suppress(OSError):
            os.sched_setaffinity(0, cores)
