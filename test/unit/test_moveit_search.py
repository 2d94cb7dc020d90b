# SPDX-License-Identifier: Apache-2.0
"""From a question to an answer, with the embedded kinematics in MoveIt's place."""

import time

import motion_helpers as mh
import numpy as np
import planner_rules as rules
import pytest

from big_brain_node.motion.ik import IkGoals, Library
from big_brain_node.motion.planner import Obstacle, TcpGoal, yaw_pose
from big_brain_node.moveit import protocol, search
from big_brain_node.moveit.planner import MoveItArmPlanner
from big_brain_node.moveit.protocol import GoneError

ROBOT = "lingxi_x2"


class EmbeddedKernel:
    """`search.Kernel` over one embedded arm; ways are straight."""

    def __init__(self, arm):
        self.arm, chain = arm, arm.chain
        self.start_rad, self.lower_rad, self.upper_rad = (
            arm.start_rad,
            arm.solver.lower,
            arm.solver.upper,
        )
        self.free_joints = int(arm.model.has_waist)
        rows = Library.sample(chain, 400, seed=2)
        poses = np.tile(np.eye(4), (400, 1, 1))
        poses[:, :3, :3], poses[:, :3, 3] = rows.R, rows.p
        self.library = rows.pos_rad, poses
        self.routes = []

    def solve(self, seed_rad, T):
        goals = IkGoals.repeat([TcpGoal(T)], 1)
        found = self.arm.solver.solve(goals, seed_rad[None], np.zeros((1, 2)), iterations=60)
        return found.pos_rad[0] if len(found.row) else None

    def tool(self, pos_rad):
        return self.arm.tool(pos_rad)

    def collides(self, pos_rad):
        return self.arm.scene.collides(pos_rad)

    def route(self, goals_rad, budget_s):
        self.routes.append(len(goals_rad))
        for goal in goals_rad:
            if all(self.arm.scene.free_rows(np.linspace(self.start_rad, goal, 60))):
                return np.stack([self.start_rad, goal])
        return "no_path"


class InThisProcess:
    """Asks the search directly, through the frames that a process would get."""

    def __init__(self, planner, request):
        self.kernel = EmbeddedKernel(planner.open(request))

    def ask(self, question):
        again = protocol.to_question(protocol.to_frame(question))
        answer = search.answer(self.kernel, again, time.monotonic)
        return protocol.to_answer(protocol.to_frame(answer), len(self.kernel.start_rad))


@pytest.fixture(scope="module")
def planner():
    return MoveItArmPlanner(mh.profile(), mh.urdf(), time.monotonic)


def plan(planner, request):
    planner.asked = InThisProcess(planner, request)
    return planner.plan(request)


def test_a_tool_goal_is_reached_with_the_turn_it_leaves_free(planner):
    request = rules.request(ROBOT)
    planned = plan(planner, request)
    assert planner.last_source == "moveit", planned
    T = planner.open(request).tool(planned.pos_rad[-1])
    assert np.allclose(T[:3, 3], request.goal.T_B_tcp[:3, 3], atol=1e-3)
    assert T[:3, 1] == pytest.approx(request.goal.T_B_tcp[:3, 1], abs=5e-3)


def test_the_same_question_ends_in_the_same_posture(planner):
    ends = [plan(planner, rules.request(ROBOT, seed=5)).pos_rad[-1] for _ in range(2)]
    assert np.array_equal(*ends)


def test_the_best_posture_is_tried_before_the_others(planner):
    plan(planner, rules.request(ROBOT))
    assert planner.asked.kernel.routes[0] == 1


def test_nothing_reaches_a_far_goal(planner):
    refused = plan(planner, rules.request(ROBOT, rules.goal_over(ROBOT, 1.5, 0.0, 0.1)))
    rules.assert_refused(refused, "unreachable")


def test_a_blocked_goal_is_told_from_an_unreachable_one(planner):
    goal = rules.goal_over(ROBOT, 0.30, 0.18, 0.08)
    block = Obstacle("block", "box", np.full(3, 0.12), yaw_pose(0.0, goal.T_B_tcp[:3, 3]))
    refused = plan(planner, rules.request(ROBOT, goal, obstacles=(mh.bench(), block)))
    rules.assert_refused(refused, "goal_in_collision")
    assert any("block" in pair for pair in refused.details["contacts"])


def test_a_line_is_straight_and_its_end_exact(planner):
    pos, arm, T = rules.over_the_bench(mh.pick_place().planner, ROBOT)
    T[2, 3] += 0.04
    goal = TcpGoal(T, (-0.2, 0.2), (-0.2, 0.2))
    request = rules.request(ROBOT, goal, start_pos_rad=pos, straight_line=True)
    line = plan(planner, request)
    assert planner.last_source == "moveit", line
    points = np.array([arm.tool(row)[:3, 3] for row in line.pos_rad])
    assert np.abs(points[:, :2] - T[:2, 3]).max() < 2e-3
    assert points[-1] == pytest.approx(T[:3, 3], abs=1e-3)


def test_turning_within_a_goals_freedom_keeps_its_place():
    T = rules.goal_over(ROBOT, 0.3, 0.1, 0.1).T_B_tcp
    other = search.turned(T, 0.3, -0.2)
    assert np.allclose(other[:3, 3], T[:3, 3])
    assert np.allclose(other[:3, :3] @ other[:3, :3].T, np.eye(3))
    assert np.allclose(search.turned(T, 0.0, 0.0), T)


@pytest.mark.parametrize(
    "frame",
    [
        {},
        {"number": 1, "path_rad": None},
        {"number": 1, "path_rad": [[0.0, 1.0]]},
        {"number": 1, "path_rad": "abc"},
        {"number": 1, "path_rad": []},
        {"number": 1, "path_rad": None, "code": "no_path", "more": 1},
    ],
)
def test_what_is_no_answer_is_not_taken_for_one(frame):
    with pytest.raises(GoneError):
        protocol.to_answer(frame, 8)
