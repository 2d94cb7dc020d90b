# SPDX-License-Identifier: Apache-2.0
"""Many robots at once: latency, resets, and the same observation as everywhere else."""

from __future__ import annotations

import numpy as np
import pytest
from pd_world import profile_of, urdf_of

from neuraxis_common.errors import ConfigError
from neuraxis_common.robot import joint_limits
from neuraxis_field.control.batch import BatchWorld
from neuraxis_field.control.task import walking_contract
from small_brain_node.body_model import GRAVITY_M_S2
from small_brain_node.observation import ObservationBuilder, stack_inputs

ROBOT, SEEDS = "lingxi_x2", (3, 4, 5)
CONTRACT = walking_contract(profile_of(ROBOT), joint_limits(urdf_of(ROBOT)), planned=False)
OUTPUTS = len(CONTRACT.action.joints)


@pytest.fixture
def world():
    world = BatchWorld(profile_of(ROBOT), urdf_of(ROBOT), CONTRACT, SEEDS, threads=2)
    yield world
    world.close()


def test_the_ready_pose_stands_for_a_while(world):
    for _ in range(20):
        fallen = world.step(np.zeros((3, OUTPUTS)))
    assert not fallen.any()


def test_robots_without_torque_fall(world):
    for model in world.models:
        model.actuator_gainprm[:] = 0.0
        model.actuator_biasprm[:] = 0.0
    for _ in range(60):
        fallen = world.step(np.zeros((3, OUTPUTS)))
    assert fallen.all()


def test_a_command_acts_after_each_robots_own_latency(world):
    world.delay_ms[:] = [0, 9, 10]
    began = world.state.copy()
    world.step(np.zeros((3, OUTPUTS)))
    calm = world.state.copy()
    world.state[:] = began
    world.reset(np.ones(3, dtype=bool))
    world.step(np.full((3, OUTPUTS), 0.5))
    moved = np.abs(world.state - calm).max(axis=1)
    assert moved[2] == 0.0 and 0.0 < moved[1] < moved[0]


def test_each_robot_has_its_own_dynamics(world):
    for _ in range(10):
        world.step(np.zeros((3, OUTPUTS)))
    joints = world.inputs().pos_rad
    assert np.abs(joints[0] - joints[1]).max() > 1e-5


def test_a_reset_leaves_the_others_alone(world):
    start = world.state.copy()
    for _ in range(5):
        world.step(np.full((3, OUTPUTS), 0.2))
    before = world.state.copy()
    world.reset(np.array([False, True, False]))
    assert np.array_equal(world.state[1], start[1])
    assert np.array_equal(world.state[[0, 2]], before[[0, 2]])


def test_observations_are_those_of_the_one_builder(world):
    builder = ObservationBuilder(CONTRACT, profile_of(ROBOT).joint_names)
    world.command[:] = [0.3, 0.0, 0.1]
    rng, steps = np.random.default_rng(0), []
    for _ in range(12):
        steps.append(world.inputs())
        seen = world.observe()
        world.step(rng.uniform(-0.3, 0.3, (3, OUTPUTS)))
    history = stack_inputs(steps)
    robots_first = type(history)(*(np.moveaxis(row, 0, 1) for row in vars(history).values()))
    assert np.array_equal(seen, builder.observe(robots_first))


def test_pushed_robots_move_and_are_seen_to(world):
    world.push(np.array([[0.4, 0.0], [0.0, 0.4], [0.0, 0.0]]))
    speed = world.inputs().linear_velocity_B_m_s
    assert np.allclose(speed, [[0.4, 0, 0], [0, 0.4, 0], [0, 0, 0]], atol=1e-6)


def test_each_robot_feels_its_own_feet(world):
    weight_N = [model.body_mass.sum() * GRAVITY_M_S2 for model in world.models]
    assert np.allclose(world.inputs().foot_force_N.sum(axis=1), weight_N)
    for _ in range(30):
        world.step(np.zeros((3, OUTPUTS)))
    feet_N = world.inputs().foot_force_N
    assert np.allclose(feet_N.sum(axis=1), weight_N, rtol=0.1)
    assert len(np.unique(feet_N)) == 6


def test_a_policy_that_follows_a_plan_is_refused():
    planned = walking_contract(profile_of(ROBOT), joint_limits(urdf_of(ROBOT)))
    with pytest.raises(ConfigError, match="gait plan"):
        BatchWorld(profile_of(ROBOT), urdf_of(ROBOT), planned, SEEDS, threads=1)
