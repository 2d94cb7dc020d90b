# SPDX-License-Identifier: Apache-2.0
"""The embedded planner's door: a free trajectory, or a refusal with a code."""

import motion_helpers as mh
import numpy as np
import pytest
from planner_rules import (
    PlannerRules,
    assert_refused,
    goal_over,
    over_the_bench,
    request,
    wall_beside_the_goal,
)

from big_brain_node.motion.ompl_planner import ArmPlanner
from big_brain_node.motion.planner import TcpGoal

ROBOT = "lingxi_x2"


class TestEmbeddedPlanner(PlannerRules):
    same_within = 1e-9

    @pytest.fixture
    def planner(self, robot):
        return mh.pick_place(robot).planner


def test_same_seed_same_trajectory_to_the_last_bit():
    asked = request(ROBOT, seed=11)
    first, second = (mh.pick_place().planner.plan(asked) for _ in range(2))
    assert np.array_equal(first.pos_rad, second.pos_rad)
    assert np.array_equal(first.t_s, second.t_s)


def test_line_into_the_bench_is_a_path_in_collision():
    planner = mh.pick_place().planner
    pos, _, T = over_the_bench(planner, ROBOT)
    T[2, 3] -= 0.10
    asked = request(ROBOT, TcpGoal(T), start_pos_rad=pos, straight_line=True)
    assert_refused(planner.plan(asked), "path_in_collision")


def test_deadline_in_the_past_is_a_timeout():
    late = ArmPlanner(mh.profile(), mh.urdf(), mh.FakeClock(step_s=10.0))
    goal = goal_over(ROBOT, 0.30, 0.08, 0.05)
    obstacles = (mh.bench(), wall_beside_the_goal(ROBOT))
    planned = late.plan(request(ROBOT, goal, obstacles=obstacles, timeout_s=1.0))
    assert_refused(planned, "timeout")
