# SPDX-License-Identifier: Apache-2.0
"""A node that watches and pokes a launched robot, and a launch that keeps its exit codes."""

import os
import time
from pathlib import Path

import rclpy
from ament_index_python.packages import PackageNotFoundError, get_package_share_directory
from builtin_interfaces.msg import Duration
from control_msgs.action import FollowJointTrajectory
from controller_manager_msgs.srv import ListControllers, ListHardwareComponents, SwitchController
from launch import LaunchDescription
from launch.actions import IncludeLaunchDescription, RegisterEventHandler
from launch.event_handlers import OnProcessExit, OnProcessIO, OnProcessStart
from launch_pytest.actions import ReadyToTest
from rclpy.action import ActionClient
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import JointState
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

from neuraxis.msg import SpinalState
from neuraxis.srv import RequestStop, ResetStop
from neuraxis_common.robot import load_profile

# Any robot can be put to these tests.
ROBOT = os.environ.get("NEURAXIS_TEST_ROBOT", "lingxi_x2")
PROFILE = load_profile(ROBOT, Path(get_package_share_directory("neuraxis")))
ELBOW = PROFILE.groups["left_arm"][3]
DEADLINE_S = 120.0
# What bring-up shall take on a quiet machine; printed, not asserted.
WANTED_S = 10.0


class Launched:
    """The suite's bring-up as a launch description; remembers when it began and how all ended."""

    def __init__(self, **arguments):
        self.arguments = arguments
        self.exit_codes, self._pids, self.said = {}, {}, ""
        path = get_package_share_directory("neuraxis") + "/launch/bringup.launch.py"
        self.description = LaunchDescription(
            [
                RegisterEventHandler(OnProcessStart(on_start=self._on_start)),
                RegisterEventHandler(OnProcessExit(on_exit=self._on_exit)),
                RegisterEventHandler(OnProcessIO(on_stdout=self._on_io, on_stderr=self._on_io)),
                IncludeLaunchDescription(path, launch_arguments=arguments.items()),
                ReadyToTest(),
            ]
        )
        self.began_s = time.monotonic()

    def _on_exit(self, event, _context):
        self.exit_codes[event.process_name] = event.returncode

    def _on_start(self, event, _context):
        self._pids[event.process_name] = event.pid

    def _on_io(self, event):
        self.said += event.text.decode(errors="replace")

    def ended(self, name):
        """Whether the process whose name begins so has ended."""
        return any(full.startswith(name) for full in self.exit_codes)

    def pid(self, name):
        """Process id of the process whose name begins so."""
        return next(pid for full, pid in self._pids.items() if full.startswith(name))


class Rig:
    """What a person at a terminal would use."""

    def __init__(self, namespace=""):
        if not rclpy.ok():
            rclpy.init()
        self.node = rclpy.create_node("rig", namespace=namespace)
        self.joints, self.spinal = {}, None
        subscribe = self.node.create_subscription
        subscribe(JointState, "joint_states", self._on_joints, qos_profile_sensor_data)
        subscribe(SpinalState, "spinal_cord/state", self._on_spinal, 10)

    def close(self):
        self.node.destroy_node()
        rclpy.try_shutdown()

    def _on_joints(self, message):
        self.stamp = message.header.stamp
        rows = zip(message.name, message.position, message.velocity, strict=True)
        self.joints = {name: (pos, vel) for name, pos, vel in rows}

    def _on_spinal(self, message):
        self.spinal = message

    def wait(self, holds, what, deadline_s=DEADLINE_S):
        until_s = time.monotonic() + deadline_s
        while not holds():
            assert time.monotonic() < until_s, f"not in {deadline_s} s: {what}; {self.spinal}"
            rclpy.spin_once(self.node, timeout_sec=0.05)

    def spin(self, duration_s):
        until_s = time.monotonic() + duration_s
        while time.monotonic() < until_s:
            rclpy.spin_once(self.node, timeout_sec=0.05)

    def level(self, name):
        return lambda: self.spinal is not None and self.spinal.stop_level == name

    def call(self, kind, name, request=None):
        client = self.node.create_client(kind, name)
        self.wait(client.service_is_ready, f"service {name}")
        future = client.call_async(request or kind.Request())
        self.wait(future.done, f"answer of {name}")
        self.node.destroy_client(client)
        return future.result()

    def stop(self, level, cause):
        request = RequestStop.Request(level=level, cause=cause)
        return self.call(RequestStop, "spinal_cord/request_stop", request)

    def reset(self):
        return self.call(ResetStop, "spinal_cord/reset_stop")

    def controllers(self):
        """State of every controller by name."""
        answer = self.call(ListControllers, "controller_manager/list_controllers")
        return {item.name: item.state for item in answer.controller}

    def hardware(self):
        answer = self.call(ListHardwareComponents, "controller_manager/list_hardware_components")
        return answer.component

    def wait_active(self, names):
        """Until all of these controllers are active; seconds it took."""
        began_s = time.monotonic()

        def all_active():
            states = self.controllers()
            return all(states.get(name) == "active" for name in names)

        self.wait(all_active, f"controllers {names} active")
        return time.monotonic() - began_s

    def switch(self, deactivate, activate):
        """Change who commands while everything runs."""
        request = SwitchController.Request(
            activate_controllers=list(activate),
            deactivate_controllers=list(deactivate),
            strictness=SwitchController.Request.STRICT,
        )
        return self.call(SwitchController, "controller_manager/switch_controller", request)

    def arm_goal(self, shift_rad):
        """Where the joints of the left arm are, the elbow moved."""
        names = PROFILE.groups["left_arm"]
        self.wait(lambda: set(names) <= set(self.joints), "joint states")
        goal = {name: self.joints[name][0] for name in names}
        goal[ELBOW] += shift_rad
        return goal

    def follow(self, controller, goal, duration_s):
        """Send a trajectory to {joint: position}; the goal's handle."""
        client = ActionClient(
            self.node, FollowJointTrajectory, f"{controller}/follow_joint_trajectory"
        )
        self.wait(client.server_is_ready, controller)
        whole = int(duration_s)
        reach = Duration(sec=whole, nanosec=int((duration_s - whole) * 1e9))
        point = JointTrajectoryPoint(positions=list(goal.values()), time_from_start=reach)
        trajectory = JointTrajectory(joint_names=list(goal), points=[point])
        sent = client.send_goal_async(FollowJointTrajectory.Goal(trajectory=trajectory))
        self.wait(sent.done, "the goal's answer")
        assert sent.result().accepted
        return sent.result()


def has_package(name):
    """Whether a ROS package is installed."""
    try:
        get_package_share_directory(name)
    except PackageNotFoundError:
        return False
    return True
