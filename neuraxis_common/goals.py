# SPDX-License-Identifier: Apache-2.0
"""One action goal under way, finished by whoever learns how it ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol


class GoalHandle(Protocol):
    """The part of rclpy's ServerGoalHandle that is used here."""

    is_cancel_requested: bool

    def execute(self, execute_callback: Callable[[Any], Any]) -> None:
        """Run the callback, whose return value is the result."""


def finish(goal: GoalHandle, success: bool, result: Any) -> None:
    """End a goal that nothing waits for with a result."""
    slot = GoalSlot()
    slot.begin(goal, None)
    slot.finish(success, result)


class GoalSlot:
    """Holds at most one goal; a newer one supersedes it.

    The goal executes only when its outcome is known, for an instant: rclpy keeps the processor busy
    for as long as an executing goal waits.
    """

    def __init__(self) -> None:
        self._goal: GoalHandle | None = None

    @property
    def busy(self) -> bool:
        """Whether a goal is under way."""
        return self._goal is not None

    @property
    def cancelled(self) -> bool:
        """Whether the client wants the goal under way to end."""
        return self._goal is not None and self._goal.is_cancel_requested

    @property
    def goal(self) -> GoalHandle | None:
        """The goal under way, for feedback."""
        return self._goal

    def begin(self, goal: GoalHandle, superseded: Any) -> None:
        """Take a goal; the one under way ends with the result `superseded`."""
        self.finish(False, superseded)
        self._goal = goal

    def finish(self, success: bool, result: Any) -> None:
        """End the goal under way, if any, with a result."""
        goal, self._goal = self._goal, None
        if goal is None:
            return

        def conclude(handle: Any) -> Any:
            if handle.is_cancel_requested:
                handle.canceled()
            elif success:
                handle.succeed()
            else:
                handle.abort()
            return result

        goal.execute(conclude)


def never(_goal: Any) -> None:
    """Execute callback of servers whose goals end through a `GoalSlot`."""
    raise RuntimeError("goals of this server are executed by their slot")
