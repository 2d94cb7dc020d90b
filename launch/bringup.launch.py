# SPDX-License-Identifier: Apache-2.0
"""The whole suite on ros2_control: description, control, world, brains.

ros2 launch neuraxis bringup.launch.py robot:=lingxi_x2 hardware:=mujoco
ros2 launch neuraxis bringup.launch.py robot:=expedition_a3 hardware:=mock brains:=none rviz:=true

Without ros2_control or its controllers there is nothing to run: the launch ends with the reason and
exit code 1. When a brain dies the rest goes on, and the spinal cord holds the robot.
"""

from ament_index_python.packages import get_package_share_directory
from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, GroupAction, IncludeLaunchDescription
from launch.conditions import IfCondition
from launch.substitutions import LaunchConfiguration, PythonExpression
from launch_ros.actions import Node, PushRosNamespace, SetParameter, SetRemap

from neuraxis_common import bringup

SHARE = get_package_share_directory("neuraxis")

ARGUMENTS = bringup.arguments(SHARE, "rviz")


def generate_launch_description() -> LaunchDescription:
    """Include the parts; each declares its own arguments."""
    value = LaunchConfiguration
    rviz = GroupAction(
        condition=IfCondition(value("rviz")),
        actions=[
            PushRosNamespace(value("namespace")),
            SetRemap("/tf", "tf"),
            SetRemap("/tf_static", "tf_static"),
            Node(package="rviz2", executable="rviz2",
                 arguments=["-d", [SHARE, "/rviz/neuraxis.rviz"]]),
        ],
    )  # fmt: skip
    return LaunchDescription([
        *[DeclareLaunchArgument(name, **keywords) for name, keywords in ARGUMENTS],
        SetParameter("use_sim_time", PythonExpression(["'", value("hardware"), "' == 'gazebo'"])),
        # First, so that the world is made while xacro runs.
        _include("control"),
        _include("description"),
        _include("sim"),
        _include("brains", wait="true"),
        rviz,
    ])  # fmt: skip


def _include(part: str, **arguments: str) -> IncludeLaunchDescription:
    path = f"{SHARE}/launch/{part}.launch.py"
    return IncludeLaunchDescription(path, launch_arguments=arguments.items())
