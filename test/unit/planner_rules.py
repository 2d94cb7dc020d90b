# SPDX-License-Identifier: Apache-2.0
"""What any arm planner must do, whoever finds its ways.

A test module subclasses `PlannerRules` and gives a fixture `planner` that takes `robot`.
"""

import motion_helpers as mh
import numpy as np
import pytest

from big_brain_node.motion.grasp import down_pose
from big_brain_node.motion.planner import (
    JointGoal,
    MotionConfig,
    Obstacle,
    PlanRequest,
    TcpGoal,
    yaw_pose,
)
from neuraxis_common.errors import ConfigError, Rejected

ROBOTS = ("lingxi_x2", "expedition_a3", "expedition_a2")


def goal_over(robot, x_m, y_m, above_m):
    return TcpGoal(down_pose(0.0, mh.on_bench(x_m, y_m, above_m, robot)), (0.0, 0.0), mh.TILT)


def request(robot, goal=None, **changes):
    fields = {
        "start_pos_rad": mh.ready(robot),
        "side": "left",
        "goal": goal or goal_over(robot, 0.30, 0.18, 0.08),
        "obstacles": (mh.bench(robot),),
        "timeout_s": 10.0,
    }
    return PlanRequest(**(fields | changes))


def parts(robot, count=6, seed=0):
    rng = np.random.default_rng(seed)
    size = np.array([0.04, 0.04, 0.05])
    return tuple(
        Obstacle(f"part_{k}", "box", size, yaw_pose(0.0, mh.on_bench(x, y, 0.025, robot)))
        for k, (x, y) in enumerate(rng.uniform([0.22, -0.3], [0.37, 0.3], (count, 2)))
    )


def wall_beside_the_goal(robot):
    """Between the ready hand and `goal_over(0.30, 0.08, 0.05)`."""
    at = yaw_pose(0.0, mh.on_bench(0.30, 0.27, 0.08, robot))
    return Obstacle("wall", "box", np.array([0.20, 0.02, 0.16]), at)


def assert_free(planner, asked, planned):
    """Nothing touches anywhere between two points of the trajectory either."""
    model = planner.arms[asked.side]
    bare = MotionConfig(margin_m=1e-6, near_margin_m=1e-6)
    q = planner.kinematics.configuration(asked.start_pos_rad)
    scene = model.collision.scene(q, asked.obstacles, (), None, bare)
    between = 0.5 * (planned.pos_rad[1:] + planned.pos_rad[:-1])
    assert scene.first_hit(np.concatenate([planned.pos_rad, between])) is None


def assert_refused(planned, code):
    assert isinstance(planned, Rejected), "expected a refusal"
    assert planned.code == code, planned


def over_the_bench(planner, robot):
    """All joints with the left hand over the bench, and its tool pose there."""
    planned = planner.plan(request(robot))
    assert not isinstance(planned, Rejected), planned
    pos = mh.ready(robot)
    pos[[mh.profile(robot).joint_names.index(name) for name in planned.joint_names]] = (
        planned.pos_rad[-1]
    )
    arm = planner.open(request(robot, start_pos_rad=pos))
    return pos, arm, arm.tool(arm.start_rad)


class PlannerRules:
    """A free trajectory, or a refusal with a code."""

    @pytest.fixture(params=ROBOTS)
    def robot(self, request):
        return request.param

    def test_trajectory_runs_from_start_to_goal_without_collision(self, planner, robot):
        asked = request(robot, obstacles=(mh.bench(robot), *parts(robot)))
        planned = planner.plan(asked)
        assert not isinstance(planned, Rejected), planned
        arm = planner.open(asked)
        assert planned.joint_names == arm.chain.joint_names
        assert np.allclose(planned.pos_rad[0], arm.start_rad)
        at = arm.tool(planned.pos_rad[-1])[:3, 3]
        assert np.allclose(at, asked.goal.T_B_tcp[:3, 3], atol=1e-3)
        assert_free(planner, asked, planned)

    def test_trajectory_keeps_the_limits_of_position_and_speed(self, planner, robot):
        asked, config = request(robot, max_speed_scale=0.5), planner.config
        planned, chain = planner.plan(asked), planner.open(asked).chain
        assert (planned.pos_rad >= chain.lower_rad).all()
        assert (planned.pos_rad <= chain.upper_rad).all()
        speed = np.minimum(chain.speed_rad_s * config.speed_fraction, config.speed_limit_rad_s)
        assert (np.abs(planned.vel_rad_s) <= 0.5 * speed + 1e-6).all()
        assert np.abs(planned.vel_rad_s[[0, -1]]).max() == pytest.approx(0.0)

    def test_detour_around_a_wall(self, planner, robot):
        wall = wall_beside_the_goal(robot)
        goal = goal_over(robot, 0.30, 0.08, 0.05)
        asked = request(robot, goal, obstacles=(mh.bench(robot), wall))
        planned = planner.plan(asked)
        assert not isinstance(planned, Rejected), planned
        assert_free(planner, asked, planned)

    def test_straight_line_stays_on_the_line(self, planner, robot):
        pos, arm, T = over_the_bench(planner, robot)
        T[2, 3] += 0.05
        slack = {"yaw_free_rad": (-0.2, 0.2), "tilt_free_rad": (-0.2, 0.2)}
        asked = request(robot, TcpGoal(T, **slack), start_pos_rad=pos, straight_line=True)
        line = planner.plan(asked)
        assert not isinstance(line, Rejected), line
        points = np.array([arm.tool(row)[:3, 3] for row in line.pos_rad])
        assert np.abs(points[:, :2] - T[:2, 3]).max() < 2e-3
        assert points[-1, 2] == pytest.approx(T[2, 3], abs=1e-3)
        assert (np.diff(points[:, 2]) > -5e-4).all()

    def test_same_seed_same_trajectory_within_tolerance(self, planner, robot):
        asked = request(robot, obstacles=(mh.bench(robot), *parts(robot, 8, 3)), seed=11)
        first, second = (planner.plan(asked) for _ in range(2))
        assert not isinstance(first, Rejected), first
        assert np.allclose(first.pos_rad[0], second.pos_rad[0])
        assert np.allclose(first.pos_rad[-1], second.pos_rad[-1], atol=5e-3)
        assert first.duration_s == pytest.approx(second.duration_s, rel=self.same_within)

    def test_joint_goal_is_reached_exactly(self, planner, robot):
        goal = planner.arms["left"].ready_rad + 0.1
        planned = planner.plan(request(robot, JointGoal(goal)))
        assert np.allclose(planned.pos_rad[-1], goal)

    @pytest.mark.parametrize("bad", [np.full(33, np.nan), np.zeros(5)])
    def test_start_that_is_no_posture_is_a_bad_request(self, planner, robot, bad):
        assert_refused(planner.plan(request(robot, start_pos_rad=bad)), "bad_request")

    def test_straight_line_to_a_joint_goal_is_a_bad_request(self, planner, robot):
        goal = JointGoal(planner.arms["left"].ready_rad)
        assert_refused(planner.plan(request(robot, goal, straight_line=True)), "bad_request")

    def test_unknown_side_is_the_callers_mistake(self, planner, robot):
        with pytest.raises(ConfigError, match="middle"):
            planner.plan(request(robot, side="middle"))

    def test_start_outside_the_limits_names_the_joint(self, planner, robot):
        arm, start = planner.arms["left"], mh.ready(robot)
        joint = arm.joint_names[-1]
        upper = arm.chain(arm.ready_q).upper_rad[-1]
        start[mh.profile(robot).joint_names.index(joint)] = upper + 0.2
        refused = planner.plan(request(robot, start_pos_rad=start))
        assert_refused(refused, "limits")
        assert refused.details["joint"] == joint

    def test_joint_goal_outside_the_limits(self, planner, robot):
        arm = planner.arms["left"]
        goal = arm.ready_rad.copy()
        goal[-1] = arm.chain(arm.ready_q).upper_rad[-1] + 0.1
        assert_refused(planner.plan(request(robot, JointGoal(goal))), "limits")

    def test_far_goal_is_unreachable_and_says_where_it_is(self, planner, robot):
        at = mh.on_bench(1.5, 0.0, 0.1, robot)
        refused = planner.plan(request(robot, TcpGoal(down_pose(0.0, at))))
        assert_refused(refused, "unreachable")
        assert refused.details["at"] == pytest.approx(at, abs=1e-3)
        assert "no posture brings the hand" in refused.reason

    def test_start_in_collision_names_the_pair(self, planner, robot):
        arm = planner.open(request(robot, obstacles=()))
        at = yaw_pose(0.0, arm.tool(arm.start_rad)[:3, 3])
        block = Obstacle("block", "box", np.full(3, 0.12), at)
        refused = planner.plan(request(robot, obstacles=(block,)))
        assert_refused(refused, "start_in_collision")
        assert "block" in refused.details["contacts"][0]

    def test_goal_inside_an_obstacle_names_the_pair(self, planner, robot):
        goal = goal_over(robot, 0.30, 0.18, 0.08)
        block = Obstacle("block", "box", np.full(3, 0.12), yaw_pose(0.0, goal.T_B_tcp[:3, 3]))
        refused = planner.plan(request(robot, goal, obstacles=(mh.bench(robot), block)))
        assert_refused(refused, "goal_in_collision")
        assert any("block" in pair for pair in refused.details["contacts"])

    def test_things_of_one_request_are_gone_in_the_next(self, planner, robot):
        goal = goal_over(robot, 0.30, 0.18, 0.08)
        block = Obstacle("block", "box", np.full(3, 0.12), yaw_pose(0.0, goal.T_B_tcp[:3, 3]))
        assert isinstance(planner.plan(request(robot, goal, obstacles=(block,))), Rejected)
        assert not isinstance(planner.plan(request(robot, goal)), Rejected)

    def test_line_into_the_bench_is_refused(self, planner, robot):
        pos, _, T = over_the_bench(planner, robot)
        T[2, 3] -= 0.10
        slack = {"yaw_free_rad": (-0.2, 0.2), "tilt_free_rad": (-0.2, 0.2)}
        asked = request(robot, TcpGoal(T, **slack), start_pos_rad=pos, straight_line=True)
        refused = planner.plan(asked)
        assert isinstance(refused, Rejected)
        assert refused.code in ("path_in_collision", "unreachable"), refused
