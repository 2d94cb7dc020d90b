# SPDX-License-Identifier: Apache-2.0
"""Actions that several launch files share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from launch import Action
from launch.actions import DeclareLaunchArgument, GroupAction, RegisterEventHandler
from launch.event_handlers import OnProcessExit, OnProcessIO
from launch.substitutions import LaunchConfiguration, PythonExpression
from launch_ros.actions import PushRosNamespace, SetRemap

from neuraxis_common import bringup


def declared(arguments: Iterable[tuple[str, dict[str, Any]]]) -> list[DeclareLaunchArgument]:
    """One action per argument, from its name and keywords."""
    return [DeclareLaunchArgument(name, **keywords) for name, keywords in arguments]


def hardware_is(*names: str) -> PythonExpression:
    """Whether the argument `hardware` is one of these."""
    return PythonExpression(["'", LaunchConfiguration("hardware"), f"' in {names}"])


def in_namespace(*actions: Action, **keywords: Any) -> GroupAction:
    """Nodes of one robot: its namespace holds their names and their transforms.

    What follows an event runs outside of the group that it was said in, and needs its own.
    """
    parts = (SetRemap("/tf", "tf"), SetRemap("/tf_static", "tf_static"), *actions)
    return GroupAction([PushRosNamespace(LaunchConfiguration("namespace")), *parts], **keywords)


def once_done(name: str, *actions: Action) -> RegisterEventHandler:
    """What follows the success of the process that a launch file calls by this name."""
    return RegisterEventHandler(
        OnProcessExit(target_action=bringup.named(name), on_exit=bringup.after(actions))
    )


def beyond_repair(process: Action, phrase: str) -> RegisterEventHandler:
    """The launch fails when this process says that it could not load the hardware.

    It would go on and wait for a better description, and all others for it.
    """
    refused = bringup.refused(phrase, "the hardware did not load; see the ERROR above")
    return RegisterEventHandler(OnProcessIO(target_action=process, on_stderr=refused))
