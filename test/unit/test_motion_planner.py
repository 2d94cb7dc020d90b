# SPDX-License-Identifier: Apache-2.0
"""The planner's door: a free trajectory, or a refusal with a code."""

import motion_helpers as mh
import numpy as np
import pytest

from big_brain_node.motion.grasp import down_pose
from big_brain_node.motion.ompl_planner import ArmPlanner
from big_brain_node.motion.planner import (
    JointGoal,
    MotionConfig,
    Obstacle,
    PlanRequest,
    TcpGoal,
    yaw_pose,
)
from neuraxis_common.errors import ConfigError, Rejected


def planner():
    return mh.pick_place().planner


def request(goal=None, **changes):
    fields = {
        "start_pos_rad": mh.ready(),
        "side": "left",
        "goal": goal or mh.goal_over(0.30, 0.18, 0.08),
        "obstacles": (mh.bench(),),
    }
    return PlanRequest(**(fields | changes))


def parts(count=6, seed=0):
    rng = np.random.default_rng(seed)
    size = np.array([0.04, 0.04, 0.05])
    return tuple(
        Obstacle(f"part_{k}", "box", size, yaw_pose(0.0, mh.on_bench(x, y, 0.025)))
        for k, (x, y) in enumerate(rng.uniform([0.22, -0.3], [0.37, 0.3], (count, 2)))
    )


def assert_free(asked, planned):
    """Nothing touches anywhere between two points of the trajectory either."""
    model = planner().arms[asked.side]
    bare = MotionConfig(margin_m=1e-6, near_margin_m=1e-6)
    q = mh.kinematics().configuration(asked.start_pos_rad)
    scene = model.collision.scene(q, asked.obstacles, (), None, bare)
    between = 0.5 * (planned.pos_rad[1:] + planned.pos_rad[:-1])
    assert scene.first_hit(np.concatenate([planned.pos_rad, between])) is None


def wall_beside_the_goal():
    """Between the ready hand and `goal_over(0.30, 0.08, 0.05)`."""
    at = yaw_pose(0.0, mh.on_bench(0.30, 0.27, 0.08))
    return Obstacle("wall", "box", np.array([0.20, 0.02, 0.16]), at)


def assert_refused(planned, code):
    assert isinstance(planned, Rejected), "expected a refusal"
    assert planned.code == code, planned


def test_trajectory_runs_from_start_to_goal_without_collision():
    asked = request(obstacles=(mh.bench(), *parts()))
    planned = planner().plan(asked)
    assert not isinstance(planned, Rejected), planned
    arm = planner().open(asked)
    assert planned.joint_names == arm.chain.joint_names
    assert np.allclose(planned.pos_rad[0], arm.start_rad)
    at = arm.tool(planned.pos_rad[-1])[:3, 3]
    assert np.allclose(at, asked.goal.T_B_tcp[:3, 3], atol=1e-3)
    assert_free(asked, planned)
    assert (planned.pos_rad >= arm.chain.lower_rad).all()
    assert (planned.pos_rad <= arm.chain.upper_rad).all()


def test_detour_around_a_wall():
    wall = wall_beside_the_goal()
    goal = mh.goal_over(0.30, 0.08, 0.05)
    asked = request(goal, obstacles=(mh.bench(), wall))
    planned = planner().plan(asked)
    assert not isinstance(planned, Rejected), planned
    assert_free(asked, planned)


def test_straight_line_stays_on_the_line():
    over = planner().plan(request())
    pos = mh.ready()
    index = [mh.profile().joint_names.index(name) for name in over.joint_names]
    pos[index] = over.pos_rad[-1]
    arm = planner().open(request(start_pos_rad=pos))
    T = arm.tool(arm.start_rad)
    T[2, 3] += 0.08
    line = planner().plan(request(TcpGoal(T), start_pos_rad=pos, straight_line=True))
    assert not isinstance(line, Rejected), line
    points = np.array([arm.tool(row)[:3, 3] for row in line.pos_rad])
    assert np.abs(points[:, :2] - T[:2, 3]).max() < 2e-3
    assert points[-1, 2] == pytest.approx(T[2, 3], abs=1e-3)
    assert (np.diff(points[:, 2]) > -5e-4).all()


def test_same_seed_same_trajectory():
    asked = request(obstacles=(mh.bench(), *parts(8, 3)), seed=11)
    first, second = (planner().plan(asked) for _ in range(2))
    assert np.array_equal(first.pos_rad, second.pos_rad)
    assert np.array_equal(first.t_s, second.t_s)


def test_joint_goal_is_reached_exactly():
    goal = planner().arms["left"].ready_rad + 0.1
    planned = planner().plan(request(JointGoal(goal)))
    assert np.allclose(planned.pos_rad[-1], goal)


@pytest.mark.parametrize("bad", [np.full(33, np.nan), np.zeros(5)])
def test_start_that_is_no_posture_is_a_bad_request(bad):
    assert_refused(planner().plan(request(start_pos_rad=bad)), "bad_request")


def test_straight_line_to_a_joint_goal_is_a_bad_request():
    goal = JointGoal(planner().arms["left"].ready_rad)
    assert_refused(planner().plan(request(goal, straight_line=True)), "bad_request")


def test_unknown_side_is_the_callers_mistake():
    with pytest.raises(ConfigError, match="middle"):
        planner().plan(request(side="middle"))


def test_start_outside_the_limits_names_the_joint():
    start = mh.ready()
    start[mh.profile().joint_names.index("left_elbow_joint")] = 0.5
    refused = planner().plan(request(start_pos_rad=start))
    assert_refused(refused, "limits")
    assert refused.details["joint"] == "left_elbow_joint"


def test_joint_goal_outside_the_limits():
    goal = planner().arms["left"].ready_rad.copy()
    goal[4] = 1.0
    assert_refused(planner().plan(request(JointGoal(goal))), "limits")


def test_far_goal_is_unreachable():
    goal = TcpGoal(down_pose(0.0, mh.on_bench(1.5, 0.0, 0.1)))
    assert_refused(planner().plan(request(goal)), "unreachable")


def test_start_in_collision_names_the_pair():
    arm = planner().open(request(obstacles=()))
    at = yaw_pose(0.0, arm.tool(arm.start_rad)[:3, 3])
    block = Obstacle("block", "box", np.array([0.05, 0.05, 0.05]), at)
    refused = planner().plan(request(obstacles=(block,)))
    assert_refused(refused, "start_in_collision")
    assert "block" in refused.details["contacts"][0]


def test_goal_inside_an_obstacle():
    goal = mh.goal_over(0.30, 0.18, 0.08)
    block = Obstacle("block", "box", np.full(3, 0.12), yaw_pose(0.0, goal.T_B_tcp[:3, 3]))
    refused = planner().plan(request(goal, obstacles=(mh.bench(), block)))
    assert_refused(refused, "goal_in_collision")


def test_line_into_the_bench():
    over = planner().plan(request())
    pos = mh.ready()
    index = [mh.profile().joint_names.index(name) for name in over.joint_names]
    pos[index] = over.pos_rad[-1]
    arm = planner().open(request(start_pos_rad=pos))
    T = arm.tool(arm.start_rad)
    T[2, 3] -= 0.10
    refused = planner().plan(request(TcpGoal(T), start_pos_rad=pos, straight_line=True))
    assert_refused(refused, "path_in_collision")


def test_deadline_in_the_past_is_a_timeout():
    late = ArmPlanner(mh.profile(), mh.urdf(), mh.FakeClock(step_s=10.0))
    wall = wall_beside_the_goal()
    goal = mh.goal_over(0.30, 0.08, 0.05)
    planned = late.plan(request(goal, obstacles=(mh.bench(), wall), timeout_s=1.0))
    assert_refused(planned, "timeout")
