# SPDX-License-Identifier: Apache-2.0
"""ros2_control at 1 kHz with the spinal cord as its hardware, and the controllers.

ros2 launch neuraxis control.launch.py robot:=lingxi_x2 hardware:=mock commander:=trajectory

Needs the description of the same robot. In Gazebo the controller manager lives in the simulator.
"""

from ament_index_python.packages import get_package_share_directory
from launch import LaunchDescription
from launch.actions import ExecuteProcess, GroupAction, IncludeLaunchDescription
from launch.conditions import IfCondition, UnlessCondition
from launch.substitutions import LaunchConfiguration, LaunchLogDir
from launch_ros.actions import Node
from launch_ros.substitutions import ExecutableInPackage

from neuraxis_common import bringup
from neuraxis_common.launching import (
    beyond_repair,
    declared,
    hardware_is,
    in_namespace,
    once_done,
)

SHARE = get_package_share_directory("neuraxis")

ARGUMENTS = [
    *bringup.arguments(SHARE, "robot", "hardware", "namespace", "commander", "scene", "seed"),
    *bringup.world_files(LaunchLogDir()),
]


def generate_launch_description() -> LaunchDescription:
    """Start the controller manager, then the controllers of the commander."""
    value = LaunchConfiguration
    make_world = ExecuteProcess(
        name="make_world",
        condition=IfCondition(hardware_is("mujoco")),
        output="screen",
        cmd=[
            ExecutableInPackage("make_world", "neuraxis"), "--data-root", SHARE,
            "--robot", value("robot"), "--scene", value("scene"), "--seed", value("seed"),
            "--out", value("model_path"),
        ],
        on_exit=bringup.succeeded("the world could not be made"),
    )  # fmt: skip
    manager = Node(
        package="controller_manager",
        executable="ros2_control_node",
        condition=UnlessCondition(hardware_is("gazebo")),
        output="screen",
        exec_name="ros2_control_node",
        prefix=bringup.REALTIME,
        parameters=[
            f"{SHARE}/config/controllers/controllers.yaml",
            [SHARE, "/config/controllers/", value("robot"), ".yaml"],
        ],
        remappings=[("~/robot_description", "robot_description")],
        on_exit=bringup.required("ros2_control_node"),
    )
    controllers = IncludeLaunchDescription(f"{SHARE}/launch/controllers.launch.py")
    robot = GroupAction([in_namespace(manager), controllers], scoped=False)
    return LaunchDescription([
        *declared(ARGUMENTS),
        beyond_repair(manager, "Could not load and initialize hardware"),
        once_done("make_world", robot),
        # In Gazebo the controller manager comes with the robot.
        once_done("spawn_robot", robot),
        make_world,
        GroupAction([robot], condition=UnlessCondition(hardware_is("mujoco", "gazebo"))),
    ])  # fmt: skip
