# SPDX-License-Identifier: Apache-2.0
"""Walking and turning to places as a skill of the big brain."""

from __future__ import annotations

from py_trees.common import Status
from py_trees.composites import Sequence

from big_brain_node.skills import Attempt, Skill, Tools
from big_brain_node.walk.follow import STILL, pose_of
from big_brain_node.walk.grounding import GroundedWalk
from big_brain_node.walk.walker import Goal, Sensed, Walker
from neuraxis_common.errors import Rejected

# The walker judges its own time; this is beyond it.
_SLACK_S = 5.0


class Walk(Skill):
    """Ask the legs for velocities until measured odometry shows the robot there."""

    def __init__(self, attempt: Attempt, tools: Tools, step: GroundedWalk) -> None:
        walk = tools.walk
        name = "turn_to" if step.turn_only else "walk_to"
        super().__init__(name, attempt, tools, walk.config.walk_timeout_s + _SLACK_S)
        self._step, self._walk = step, walk
        self._walker = Walker(walk.config)

    def start(self) -> None:
        """Begin a walk from wherever the robot stands."""
        place = self._step.place
        if self._step.turn_only:
            goal = place.seen_from(pose_of(self._walk.legs.odometry()[1]))
        else:
            goal = place.stance(self._walk.config.stance_m)
        self._walker.start(self.attempt.now_s, Goal(goal, self._step.turn_only))

    def interrupt(self) -> bool:
        """Stand; the way is looked for anew after the pause."""
        self._walk.legs.walk(STILL)
        return True

    def check(self) -> Status | Rejected:
        """One velocity per tick; zero with any outcome."""
        legs, state = self._walk.legs, self.tools.body.state()
        stamp_s, T_OB = legs.odometry()
        level = "run" if state is None else state.stop_level or "run"
        grid = self.tools.rules.zones.on_floor(legs.grid())
        sensed = Sensed(self.attempt.now_s, pose_of(T_OB), stamp_s, grid, level)
        velocity, outcome = self._walker.update(sensed)
        legs.walk(velocity)
        if outcome == "arrived":
            return Status.SUCCESS
        return Status.RUNNING if outcome == "running" else outcome

    def terminate(self, new_status: Status) -> None:
        """However it ends, stand."""
        self._walk.legs.walk(STILL)


def walk_tree(attempt: Attempt, tools: Tools, step: GroundedWalk) -> Sequence:
    """The tree of one walk."""
    tree = Sequence("walk", memory=True)
    tree.add_child(Walk(attempt, tools, step))
    return tree
