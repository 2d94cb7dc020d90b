# SPDX-License-Identifier: Apache-2.0
"""The whole suite on ros2_control: description, control, world, brains.

ros2 launch neuraxis bringup.launch.py robot:=lingxi_x2 hardware:=mujoco
ros2 launch neuraxis bringup.launch.py robot:=expedition_a3 hardware:=mock brains:=none rviz:=true

Without ros2_control or its controllers there is nothing to run: the launch ends with the reason and
exit code 1. When a brain dies the rest goes on, and the spinal cord holds the robot.
"""

from ament_index_python.packages import get_package_share_directory
from launch import LaunchDescription
from launch.actions import IncludeLaunchDescription
from launch.conditions import IfCondition
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node, SetParameter

from neuraxis_common import bringup
from neuraxis_common.launching import declared, hardware_is, in_namespace

SHARE = get_package_share_directory("neuraxis")

ARGUMENTS = bringup.arguments(SHARE, "hardware", "rviz")


def generate_launch_description() -> LaunchDescription:
    """Include the parts; each declares its own arguments."""
    rviz = Node(
        package="rviz2", executable="rviz2", arguments=["-d", [SHARE, "/rviz/neuraxis.rviz"]]
    )
    return LaunchDescription([
        *declared(ARGUMENTS),
        SetParameter("use_sim_time", hardware_is("gazebo")),
        # First, so that the world is made while xacro runs.
        _include("control"),
        _include("description"),
        _include("sim"),
        _include("brains", wait="true"),
        in_namespace(rviz, condition=IfCondition(LaunchConfiguration("rviz"))),
    ])  # fmt: skip


def _include(part: str, **arguments: str) -> IncludeLaunchDescription:
    path = f"{SHARE}/launch/{part}.launch.py"
    return IncludeLaunchDescription(path, launch_arguments=arguments.items())
