# SPDX-License-Identifier: Apache-2.0
"""ros2_control at 1 kHz with the spinal cord as its hardware, and the controllers.

ros2 launch neuraxis control.launch.py robot:=lingxi_x2 hardware:=mock commander:=trajectory

Needs the description of the same robot. In Gazebo the controller manager lives in the simulator.
"""

from ament_index_python.packages import get_package_share_directory
from launch import Action, LaunchDescription
from launch.actions import (
    DeclareLaunchArgument,
    ExecuteProcess,
    GroupAction,
    RegisterEventHandler,
)
from launch.conditions import IfCondition, UnlessCondition
from launch.event_handlers import OnProcessExit, OnProcessIO
from launch.substitutions import LaunchConfiguration, LaunchLogDir, PythonExpression
from launch_ros.actions import Node, PushRosNamespace
from launch_ros.substitutions import ExecutableInPackage

from neuraxis_common import bringup

SHARE = get_package_share_directory("neuraxis")
# How long the hardware may take until the controller manager serves.
DEADLINE_S = "30"
# Fast DDS may lose the first answer to a new client; ros2_control asks again after this long.
ANSWER_S = "4"

ARGUMENTS = [
    *bringup.arguments(SHARE, "robot", "hardware", "namespace", "commander", "scene", "seed"),
    *bringup.world_files(LaunchLogDir()),
]


def generate_launch_description() -> LaunchDescription:
    """Start the controller manager, then the controllers of the commander."""
    value = LaunchConfiguration
    in_mujoco, in_gazebo = _hardware_is("mujoco"), _hardware_is("gazebo")
    make_world = ExecuteProcess(
        name="make_world",
        condition=IfCondition(in_mujoco),
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
        condition=UnlessCondition(in_gazebo),
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
    # The controller manager would wait for a better description, and the spawners for it.
    refused = bringup.refused(
        "Could not load and initialize hardware", "the hardware did not load; see the ERROR above"
    )
    robot = _in_namespace(manager, *map(_controllers, bringup.COMMANDERS))
    return LaunchDescription([
        *[DeclareLaunchArgument(name, **keywords) for name, keywords in ARGUMENTS],
        RegisterEventHandler(OnProcessIO(target_action=manager, on_stderr=refused)),
        RegisterEventHandler(
            OnProcessExit(target_action=make_world, on_exit=bringup.after([robot]))
        ),
        # In Gazebo the controller manager comes with the robot.
        RegisterEventHandler(
            OnProcessExit(
                target_action=bringup.named("spawn_robot"), on_exit=bringup.after([robot])
            )
        ),
        make_world,
        GroupAction([robot], condition=UnlessCondition(_needs_world())),
    ])  # fmt: skip


def _hardware_is(name: str) -> PythonExpression:
    return PythonExpression(["'", LaunchConfiguration("hardware"), f"' == '{name}'"])


def _needs_world() -> PythonExpression:
    return PythonExpression(["'", LaunchConfiguration("hardware"), "' in ('mujoco', 'gazebo')"])


def _in_namespace(*actions: Action) -> GroupAction:
    return GroupAction([PushRosNamespace(LaunchConfiguration("namespace")), *actions])


def _controllers(commander: str) -> GroupAction:
    """Load those that stand by, then activate the others: a fallback comes before who needs it."""
    chosen = PythonExpression(["'", LaunchConfiguration("commander"), f"' == '{commander}'"])
    # What follows an event runs outside of the group that it was said in.
    activate = _in_namespace(_spawner("controllers", bringup.active(commander)))
    stand_by = _spawner("standby", bringup.standing_by(commander), ["--inactive"], then=[activate])
    return GroupAction([stand_by], condition=IfCondition(chosen))


def _spawner(name: str, controllers: list[str], options: list[str] = (), then: list = ()) -> Node:
    return Node(
        package="controller_manager",
        executable="spawner",
        exec_name=name,
        output="screen",
        arguments=[
            *controllers, *options,
            "--controller-manager-timeout", DEADLINE_S, "--service-call-timeout", ANSWER_S,
        ],
        on_exit=bringup.succeeded(f"controllers {', '.join(controllers)}", then),
    )  # fmt: skip
