# SPDX-License-Identifier: Apache-2.0
"""Bring-up on the mock: trajectories of the arms, a stop in the middle of one, a clean end."""

import subprocess
import time

import pytest
import yaml

pytest.importorskip("launch_pytest", reason="needs the ROS package launch_pytest")
pytest.importorskip("controller_manager", reason="needs ros2_control")

import launch_pytest
from launch_rig import DEADLINE_S, ELBOW, ROBOT, WANTED_S, Launched, Rig, has_package

from neuraxis_common import bringup

ARM = "left_arm_controller"


@launch_pytest.fixture(scope="module")
def robot():
    it = Launched(robot=ROBOT, hardware="mock", commander="trajectory", brains="none")
    return it.description, it


@pytest.fixture(scope="module")
def rig():
    it = Rig()
    yield it
    it.close()


@pytest.mark.launch(fixture=robot)
def test_all_controllers_become_active(robot, rig):
    rig.wait_active(bringup.active("trajectory"))
    took_s = time.monotonic() - robot[1].began_s
    print(f"all controllers active after {took_s:.1f} s, wanted {WANTED_S} s")
    states = rig.controllers()
    assert {states[name] for name in bringup.standing_by("trajectory")} == {"inactive"}


@pytest.mark.launch(fixture=robot)
def test_the_hardware_is_our_plugin_found_through_pluginlib(robot, rig):
    (component,) = rig.hardware()
    assert component.plugin_name == "neuraxis/SpinalCordSystem"
    assert component.state.label == "active"


@pytest.mark.launch(fixture=robot)
def test_a_trajectory_is_followed_to_its_goal(robot, rig):
    goal = rig.arm_goal(0.3)
    result = rig.follow(ARM, goal, 1.0).get_result_async()
    rig.wait(result.done, "the trajectory's end")
    assert result.result().result.error_code == 0, result.result().result.error_string
    rig.spin(0.3)
    for name, position in goal.items():
        assert rig.joints[name][0] == pytest.approx(position, abs=0.02), name


@pytest.mark.launch(fixture=robot)
def test_a_stop_in_the_middle_of_a_motion_holds_until_the_reset(robot, rig):
    goal = rig.arm_goal(-0.6)
    start = rig.joints[ELBOW][0]
    handle = rig.follow(ARM, goal, 3.0)
    rig.wait(lambda: abs(rig.joints[ELBOW][0] - start) > 0.05, "motion")
    assert rig.stop("hold", "somebody came near").accepted
    rig.wait(rig.level("hold"), "level hold")
    assert "somebody came near" in rig.spinal.stop_cause
    rig.spin(0.5)
    stopped = rig.joints[ELBOW]
    assert abs(stopped[1]) < 0.05
    assert abs(stopped[0] - goal[ELBOW]) > 0.2
    cancelled = handle.cancel_goal_async()
    rig.wait(cancelled.done, "the cancellation")
    rig.spin(0.3)
    answer = rig.reset()
    assert answer.accepted, answer.message
    rig.wait(rig.level("run"), "level run")
    rig.spin(0.5)
    assert rig.joints[ELBOW][0] == pytest.approx(stopped[0], abs=0.05)


@pytest.mark.launch(fixture=robot)
def test_an_unknown_stop_level_is_refused_by_name(robot, rig):
    answer = rig.stop("jump", "")
    assert not answer.accepted
    assert "jump" in answer.message


@pytest.mark.launch(fixture=robot)
def test_a_controller_that_claims_half_a_mode_is_refused_by_joint_and_interface(
    robot, rig, tmp_path
):
    if not has_package("forward_command_controller"):
        pytest.skip("needs forward_command_controller")
    parameters = {
        "type": "forward_command_controller/ForwardCommandController",
        "joints": ["head_yaw_joint"],
        "interface_name": "kp",
    }
    path = tmp_path / "half.yaml"
    path.write_text(yaml.safe_dump({"/**/half_controller": {"ros__parameters": parameters}}))
    command = ["ros2", "run", "controller_manager", "spawner", "half_controller", "-p", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_S)
    assert done.returncode == 1, done.stdout + done.stderr
    assert rig.controllers()["half_controller"] == "inactive"
    complaint = next(line for line in robot[1].said.splitlines() if "head_yaw_joint" in line)
    assert "kp" in complaint
    assert {rig.controllers()[name] for name in bringup.active("trajectory")} == {"active"}


@pytest.mark.launch(fixture=robot, shutdown=True)
def test_everything_ends_with_exit_code_0(robot):
    codes = robot[1].exit_codes
    assert any(name.startswith("ros2_control_node") for name in codes)
    assert set(codes.values()) == {0}, codes
