# SPDX-License-Identifier: Apache-2.0
"""What of a simulated world is not the robot: the camera in MuJoCo, or Gazebo.

Part of bringup.launch.py: MuJoCo's physics runs inside ros2_control, see control.launch.py.
"""

from ament_index_python.packages import get_package_share_directory
from launch import LaunchDescription
from launch.actions import GroupAction, IncludeLaunchDescription, LogInfo
from launch.conditions import IfCondition
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node

from neuraxis_common import bringup
from neuraxis_common.launching import declared, hardware_is, in_namespace, once_done

SHARE = get_package_share_directory("neuraxis")

ARGUMENTS = bringup.arguments(SHARE, "headless", "record_path")


def generate_launch_description() -> LaunchDescription:
    """Start Gazebo, or the camera once the robot is up."""
    value = LaunchConfiguration
    camera = Node(
        package="neuraxis",
        executable="camera_node",
        exec_name="camera",
        output="screen",
        # Software rendering takes every core it is given.
        prefix="nice",
        additional_env={"MUJOCO_GL": "egl", "OMP_NUM_THREADS": "1"},
        parameters=[{
            "data_root": SHARE,
            "robot": value("robot"),
            "scene": value("scene"),
            "seed": value("seed"),
            "model_path": value("model_path"),
            "snapshot_path": value("snapshot_path"),
            "record_path": value("record_path"),
        }],
        on_exit=bringup.unless_shutdown([LogInfo(msg="the camera is gone; nothing is seen")]),
    )  # fmt: skip
    # After the controllers: a renderer that starts up takes the time that they need.
    start_camera = in_namespace(camera, condition=IfCondition(hardware_is("mujoco")))
    gazebo = IncludeLaunchDescription([SHARE, "/launch/gazebo.launch.py"])
    return LaunchDescription([
        *declared(ARGUMENTS),
        once_done("controllers", start_camera),
        GroupAction([gazebo], condition=IfCondition(hardware_is("gazebo"))),
    ])  # fmt: skip
