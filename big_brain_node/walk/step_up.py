# SPDX-License-Identifier: Apache-2.0
"""Stepping up to the surface at a place, and back to where a walk ends, as skills."""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

from py_trees.common import Status

from big_brain_node.skills import Attempt, Skill, Tools
from big_brain_node.walk.approach import Approach, Near, Withdrawal
from big_brain_node.walk.follow import STILL, pose_of
from big_brain_node.walk.site import Place
from big_brain_node.walk.walker import Outcome
from neuraxis_common.errors import Rejected
from neuraxis_common.types import FloatArray

# The stepping judges its own time; this is beyond it.
_SLACK_S = 70.0


class AtPlace(Protocol):
    """Of a grounded step what is needed to step up."""

    @property
    def place(self) -> Place:
        """Where it is done."""


class _Stepping(Skill):
    """Base: one velocity per tick, zero with any outcome."""

    def __init__(self, name: str, attempt: Attempt, tools: Tools, step: AtPlace) -> None:
        super().__init__(name, attempt, tools, _SLACK_S)
        self._place, self._walk = step.place, tools.walk

    def interrupt(self) -> bool:
        """Stand; the steps begin anew after the pause."""
        self._walk.legs.walk(STILL)
        return True

    def check(self) -> Status | Rejected:
        """Ask the legs for what brings the robot nearer."""
        velocity, outcome = self._update()
        self._walk.legs.walk(velocity)
        if outcome == "arrived":
            return Status.SUCCESS
        return Status.RUNNING if outcome == "running" else outcome

    def terminate(self, new_status: Status) -> None:
        """However it ends, stand."""
        self._walk.legs.walk(STILL)

    @abstractmethod
    def _update(self) -> tuple[FloatArray, Outcome]:
        """Velocity to ask for, shape (3,), and the outcome."""

    def _near(self, look: bool) -> Near:
        legs, state = self._walk.legs, self.tools.body.state()
        stamp_s, T_OB = legs.odometry()
        level = "run" if state is None else state.stop_level or "run"
        surface = legs.surface() if look else None
        grid = self.tools.rules.zones.on_floor(legs.grid())
        return Near(self.attempt.now_s, pose_of(T_OB), stamp_s, surface, grid, level)


class StepUp(_Stepping):
    """Slowly on until the surface's near edge is as near as that of the bench at work."""

    def __init__(self, attempt: Attempt, tools: Tools, step: AtPlace) -> None:
        super().__init__("step up", attempt, tools, step)
        work = tools.walk.work
        self._approach = None if work is None else Approach(tools.walk.config, work)

    def start(self) -> None:
        """Begin from wherever the robot stands before the place."""
        if self._approach is not None:
            self._approach.start(self.attempt.now_s, self._place)

    def _update(self) -> tuple[FloatArray, Outcome]:
        if self._approach is None:
            reason = "this robot was not set up to step up to surfaces"
            return STILL, Rejected("unsupported_action", reason)
        return self._approach.update(self._near(look=True))


class StepBack(_Stepping):
    """Back from the surface to the stance at which walks to the place end."""

    def __init__(self, attempt: Attempt, tools: Tools, step: AtPlace) -> None:
        super().__init__("step back", attempt, tools, step)
        self._withdrawal = Withdrawal(tools.walk.config)

    def start(self) -> None:
        """Begin from wherever the robot stands."""
        goal = self._place.stance(self._walk.config.stance_m)
        self._withdrawal.start(self.attempt.now_s, goal)

    def _update(self) -> tuple[FloatArray, Outcome]:
        return self._withdrawal.update(self._near(look=False))
