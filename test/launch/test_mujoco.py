# SPDX-License-Identifier: Apache-2.0
"""Bring-up in MuJoCo: the robot stands on the small brain's commands, and is held without it."""

import os
import signal
import time

import pytest

pytest.importorskip("launch_pytest", reason="needs the ROS package launch_pytest")
pytest.importorskip("controller_manager", reason="needs ros2_control")

import launch_pytest
from launch_rig import ELBOW, ROBOT, WANTED_S, Launched, Rig
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import Image

from neuraxis_common import bringup
from neuraxis_common.convert import from_time


@launch_pytest.fixture(scope="module")
def robot():
    it = Launched(robot=ROBOT, hardware="mujoco", brains="small", seed="7")
    return it.description, it


@pytest.fixture(scope="module")
def rig():
    it = Rig()
    yield it
    it.close()


@pytest.mark.launch(fixture=robot)
def test_all_controllers_become_active(robot, rig):
    rig.wait_active(bringup.active("impedance"))
    took_s = time.monotonic() - robot[1].began_s
    print(f"all controllers active after {took_s:.1f} s, wanted {WANTED_S} s")


@pytest.mark.launch(fixture=robot)
def test_the_robot_stands_on_the_small_brains_commands(robot, rig):
    rig.wait(rig.level("run"), "level run")
    rig.wait(lambda: rig.spinal.commands_accepted > 100, "a hundred commands")
    rejected = rig.spinal.commands_rejected
    rig.spin(2.0)
    assert rig.spinal.stop_level == "run", rig.spinal
    assert rig.spinal.commands_rejected == rejected
    assert sum(rig.spinal.foot_force) > 200.0


@pytest.mark.launch(fixture=robot)
def test_images_carry_stamps_of_the_joints_clock(robot, rig):
    images = []
    rig.node.create_subscription(
        Image, "camera/color/image_raw", images.append, qos_profile_sensor_data
    )
    rig.wait(lambda: len(images) > 2, "three images")
    assert abs(from_time(images[-1].header.stamp) - from_time(rig.stamp)) < 1.0


@pytest.mark.launch(fixture=robot)
def test_a_killed_small_brain_ends_in_a_latched_hold_of_a_standing_robot(robot, rig):
    os.kill(robot[1].pid("small_brain"), signal.SIGKILL)
    rig.wait(rig.level("hold"), "level hold", 10.0)
    assert "command_stale" in rig.spinal.stop_cause
    rig.spin(1.0)
    assert rig.spinal.stop_level == "hold"
    assert sum(rig.spinal.foot_force) > 200.0


@pytest.mark.launch(fixture=robot)
def test_the_arms_take_over_after_a_reset_while_the_legs_hold(robot, rig):
    impedance, arms = (bringup.COMMANDERS[name] for name in ("impedance", "trajectory"))
    assert rig.switch(impedance, arms).ok
    answer = rig.reset()
    assert answer.accepted, answer.message
    rig.wait(rig.level("run"), "level run")
    goal = rig.arm_goal(0.3)
    result = rig.follow("left_arm_controller", goal, 1.5).get_result_async()
    rig.wait(result.done, "the trajectory's end")
    assert result.result().result.error_code == 0, result.result().result.error_string
    rig.spin(0.5)
    elbow = rig.joints[ELBOW][0]
    print(f"elbow {elbow:.4f}, goal {goal['left_elbow_joint']:.4f}")
    assert elbow == pytest.approx(goal[ELBOW], abs=0.05)
    assert rig.spinal.stop_level == "run", rig.spinal
    assert sum(rig.spinal.foot_force) > 200.0


@pytest.mark.launch(fixture=robot, shutdown=True)
def test_everything_but_the_killed_ends_with_exit_code_0(robot):
    codes = dict(robot[1].exit_codes)
    killed = next(name for name in codes if name.startswith("small_brain"))
    assert codes.pop(killed) == -signal.SIGKILL
    assert set(codes.values()) == {0}, codes
