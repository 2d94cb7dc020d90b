# SPDX-License-Identifier: Apache-2.0
"""Bring-up in Gazebo: the robot stands from the first step of physics on, moves and stops."""

import signal

import pytest

pytest.importorskip("launch_pytest", reason="needs the ROS package launch_pytest")
pytest.importorskip("controller_manager", reason="needs ros2_control")

import launch_pytest
from ament_index_python import has_resource
from launch_rig import PROFILE, ROBOT, Launched, Rig, has_package
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import Imu

from neuraxis_common import bringup
from neuraxis_common.convert import from_time


def absent() -> str:
    """What keeps these tests from running here, empty when nothing does."""
    for package in ("ros_gz_sim", "ros_gz_bridge", "gz_ros2_control"):
        if not has_package(package):
            return f"needs the ROS package {package}"
    built = has_resource("gz_ros2_control__pluginlib__plugin", "neuraxis")
    return "" if built else "neuraxis was built without Gazebo"


# A mark and no skip of the module: launch_testing imports all files of the folder, and a skip there
# would take the other files with it.
pytestmark = pytest.mark.skipif(bool(absent()), reason=absent() or "nothing is absent")

# What the feet of a robot that stands carry at least.
STANDING_N = 0.6 * 9.81 * PROFILE.mass_kg
ARM = "left_arm_controller"


@launch_pytest.fixture(scope="module")
def robot():
    it = Launched(
        robot=ROBOT,
        hardware="gazebo",
        brains="none",
        commander="trajectory",
        seed="7",
        cameras="false",
    )
    return it.description, it


@pytest.fixture(scope="module")
def rig():
    it = Rig()
    yield it
    it.close()


def stands(rig):
    return sum(rig.spinal.foot_force) > STANDING_N


def wait_simulated(rig, duration_s):
    began_s = from_time(rig.stamp)
    rig.wait(lambda: from_time(rig.stamp) > began_s + duration_s, f"{duration_s} s of simulation")


@pytest.mark.launch(fixture=robot)
def test_world_robot_and_controllers_come_up(robot, rig):
    took_s = rig.wait_active(bringup.active("trajectory"))
    print(f"all controllers active after {took_s:.1f} s")
    rig.wait(rig.level("run"), "level run")
    # Simulation time, not the clock on the wall.
    assert from_time(rig.stamp) < 1e6


@pytest.mark.launch(fixture=robot)
def test_the_robot_stands(robot, rig):
    wait_simulated(rig, 3.0)
    assert rig.spinal.stop_level == "run"
    assert stands(rig), rig.spinal


@pytest.mark.launch(fixture=robot)
def test_an_arm_follows_a_trajectory_and_the_robot_stands(robot, rig):
    # The elbow bends: stretched, some hands come to lie on the bench.
    goal = rig.arm_goal(-0.3)
    result = rig.follow(ARM, goal, 1.5).get_result_async()
    rig.wait(result.done, "the trajectory's end")
    assert result.result().result.error_code == 0, result.result().result.error_string
    for name, position in goal.items():
        assert rig.joints[name][0] == pytest.approx(position, abs=0.05), name
    assert stands(rig), rig.spinal


@pytest.mark.launch(fixture=robot)
def test_a_requested_stop_latches_a_standing_robot(robot, rig):
    assert rig.stop("hold", "test").accepted
    rig.wait(rig.level("hold"), "level hold")
    wait_simulated(rig, 1.0)
    assert rig.spinal.stop_level == "hold"
    assert stands(rig), rig.spinal


@pytest.mark.launch(fixture=robot)
def test_the_reset_gives_the_arms_back(robot, rig):
    assert rig.reset().accepted
    rig.wait(rig.level("run"), "level run")


@pytest.mark.launch(fixture=robot)
def test_the_imu_of_gazebo_comes_over_the_bridge_in_simulation_time(robot, rig):
    heard = []
    rig.node.create_subscription(Imu, "imu/gazebo", heard.append, qos_profile_sensor_data)
    rig.wait(lambda: heard, "a message of the bridge")
    assert abs(from_time(heard[-1].header.stamp) - from_time(rig.stamp)) < 1.0
    assert heard[-1].linear_acceleration.z == pytest.approx(9.81, abs=1.0)


@pytest.mark.launch(fixture=robot, shutdown=True)
def test_everything_ends_with_exit_code_0(robot):
    codes = dict(robot[1].exit_codes)
    gazebo = next(name for name in codes if name.startswith("gzserver"))
    # gz_ros2_control before 1.2.16 aborts when it is destroyed after rclcpp (its pull request 683).
    assert codes.pop(gazebo) in (0, -signal.SIGABRT)
    assert set(codes.values()) == {0}, codes
