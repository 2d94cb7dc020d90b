# SPDX-License-Identifier: Apache-2.0
"""Gazebo with one robot on its feet at a scene: world, server, robot, bridges.

ros2 launch neuraxis gazebo.launch.py robot:=lingxi_x2 world:=empty cameras:=false

Needs the description of the same robot, with hardware:=gazebo. The controller manager comes with
the robot. Each step starts on the end of the one before, and where one fails the launch does.
"""

from ament_index_python.packages import get_package_share_directory
from launch import LaunchDescription
from launch.actions import ExecuteProcess, RegisterEventHandler
from launch.conditions import UnlessCondition
from launch.event_handlers import OnProcessStart
from launch.substitutions import EnvironmentVariable as Environment
from launch.substitutions import LaunchConfiguration, LaunchLogDir, PythonExpression
from launch_ros.actions import Node
from launch_ros.substitutions import ExecutableInPackage

from neuraxis_common import bringup
from neuraxis_common.launching import beyond_repair, declared, in_namespace

SHARE = get_package_share_directory("neuraxis")
PLUGINS = "GZ_SIM_SYSTEM_PLUGIN_PATH"
LIBRARIES = Environment("LD_LIBRARY_PATH", default_value="")

ARGUMENTS = bringup.arguments(SHARE, "robot", "namespace", "scene", "seed", "headless")
ARGUMENTS += bringup.gazebo_arguments()


def generate_launch_description() -> LaunchDescription:
    """Write the world, start the server in it, spawn the robot."""
    value = LaunchConfiguration
    world, spawn = [LaunchLogDir(), "/gazebo.sdf"], [LaunchLogDir(), "/gazebo.spawn.yaml"]
    place = PythonExpression(["'", value("world"), "'.replace('scene', '", value("scene"), "')"])
    # In no namespace: its global arguments would reach the controller manager inside.
    server = Node(
        package="ros_gz_sim",
        executable="gzserver",
        exec_name="gzserver",
        output="screen",
        # The controller manager inside chooses its clock before gz_ros2_control tells it.
        parameters=[{"world_sdf_file": world, "use_sim_time": True}],
        additional_env={PLUGINS: [Environment(PLUGINS, default_value=""), ":", LIBRARIES]},
        on_exit=bringup.required("gzserver"),
    )
    window = ExecuteProcess(cmd=["gz", "sim", "-g"], condition=UnlessCondition(value("headless")))
    bridge = Node(
        package="ros_gz_bridge",
        executable="bridge_node",
        output="screen",
        parameters=[{"config_file": f"{SHARE}/config/gazebo/bridge.yaml"}],
        on_exit=bringup.required("ros_gz_bridge"),
    )
    robot = Node(
        package="ros_gz_sim",
        executable="create",
        exec_name="spawn_robot",
        output="screen",
        parameters=[spawn, {"topic": "robot_description"}],
        on_exit=bringup.succeeded("the robot could not be spawned"),
    )
    in_world = [window, in_namespace(bridge, robot)]
    make_world = ExecuteProcess(
        name="gazebo_world",
        output="screen",
        cmd=[
            ExecutableInPackage("gazebo_world", "neuraxis"), "--data-root", SHARE,
            "--robot", value("robot"), "--scene", place, "--seed", value("seed"),
            "--cameras", value("cameras"), "--out", world,
        ],
        on_exit=bringup.succeeded("the world could not be written", [server]),
    )  # fmt: skip
    return LaunchDescription([
        *declared(ARGUMENTS),
        beyond_repair(server, "Could not initialize robot simulation interface"),
        RegisterEventHandler(OnProcessStart(target_action=server, on_start=in_world)),
        make_world,
    ])  # fmt: skip
