# SPDX-License-Identifier: Apache-2.0
"""The embedded planner's door: a free trajectory, or a refusal with a code."""

import motion_helpers as mh
import numpy as np
import pytest
from planner_rules import (
    PlannerRules,
    assert_free,
    assert_refused,
    goal_over,
    over_the_bench,
    request,
    wall_beside_the_goal,
)

from big_brain_node.motion.grasp import down_pose
from big_brain_node.motion.ompl_planner import ArmPlanner
from big_brain_node.motion.planner import TcpGoal
from neuraxis_common.types import JointTrajectory

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


def behind_the_wall(robot, y_m):
    """Low behind a wall that the forearm of the near postures sits in."""
    T = down_pose(0.0, mh.on_bench(0.30, y_m, 0.06, robot))
    return request(
        robot,
        TcpGoal(T, (-0.3, 0.3), mh.TILT),
        obstacles=(mh.bench(robot), wall_beside_the_goal(robot)),
    )


@pytest.mark.parametrize("y_m", [0.06, 0.08, 0.10])
def test_goal_whose_near_postures_collide_is_reached_by_another(y_m):
    asked = behind_the_wall("expedition_a2", y_m)
    planner = mh.pick_place("expedition_a2").planner
    arm = planner.open(asked)
    near = arm.postures([asked.goal], arm.start_rad)
    assert near and all(arm.scene.collides(item.pos_rad) for item in near)
    first, second = (planner.plan(asked) for _ in range(2))
    assert isinstance(first, JointTrajectory), first
    assert_free(planner, asked, first)
    assert np.array_equal(first.pos_rad, second.pos_rad)


def test_no_wider_search_for_free_postures_when_it_is_late():
    asked = behind_the_wall("expedition_a2", 0.08)
    arm = mh.pick_place("expedition_a2").planner.open(asked)
    free, blocked = arm.free_postures([asked.goal], arm.start_rad, late=lambda: True)
    assert not free
    assert arm.scene.collides(blocked.pos_rad)
