# SPDX-License-Identifier: Apache-2.0
"""Scheduling of threads that have a deadline, where the machine allows it."""

from __future__ import annotations

import os


def enter_realtime(priority: int) -> str:
    """Give the calling thread, and threads it makes later, a real-time priority.

    Args:
        priority: 1 to 99; the spinal cord's loop has 80.

    Returns:
        One clause for the log: what was granted or why nothing was.
    """
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(priority))
    except OSError as error:
        return f"no real-time priority ({error.strerror})"
    return f"real-time priority {priority}"


def leave_realtime() -> None:
    """Make the calling thread an ordinary one again."""
    if os.sched_getscheduler(0) != os.SCHED_OTHER:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
