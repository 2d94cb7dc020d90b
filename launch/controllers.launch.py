# SPDX-License-Identifier: Apache-2.0
"""The controllers, once a controller manager serves: those that stand by, then the active ones.

ros2 launch neuraxis controllers.launch.py commander:=trajectory

Part of control.launch.py. A fallback is loaded before who needs it.
"""

from ament_index_python.packages import get_package_share_directory
from launch import LaunchDescription
from launch.actions import GroupAction
from launch.conditions import IfCondition
from launch.substitutions import LaunchConfiguration, PythonExpression
from launch_ros.actions import Node

from neuraxis_common import bringup
from neuraxis_common.launching import declared, in_namespace

SHARE = get_package_share_directory("neuraxis")
# How long the hardware may take until the controller manager serves.
DEADLINE_S = "30"
# Fast DDS may lose the first answer to a new client; ros2_control asks again after this long.
ANSWER_S = "4"

ARGUMENTS = bringup.arguments(SHARE, "namespace", "commander")


def generate_launch_description() -> LaunchDescription:
    """Start what the commander needs."""
    return LaunchDescription([*declared(ARGUMENTS), *map(_controllers, bringup.COMMANDERS)])


def _controllers(commander: str) -> GroupAction:
    chosen = PythonExpression(["'", LaunchConfiguration("commander"), f"' == '{commander}'"])
    activate = in_namespace(_spawner("controllers", bringup.active(commander)))
    stand_by = _spawner("standby", bringup.standing_by(commander), ["--inactive"], then=[activate])
    return in_namespace(stand_by, condition=IfCondition(chosen))


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
