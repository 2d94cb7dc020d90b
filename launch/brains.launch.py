# SPDX-License-Identifier: Apache-2.0
"""The nodes that think: bridge, big brain, perception and small brain.

ros2 launch neuraxis brains.launch.py robot:=lingxi_x2 brains:=small
ros2 launch neuraxis brains.launch.py robot:=lingxi_x2 brain_url:=http://10.0.1.2:8740
ros2 launch neuraxis brains.launch.py brain_url:=https://10.0.1.2:8740 brain_ca:=/path/to/ca.pem
ros2 launch neuraxis brains.launch.py robot:=lingxi_x2 motion_planner:=moveit
ros2 launch neuraxis brains.launch.py robot:=lingxi_x2 policy:=/path/to/lingxi_x2_walk.nxpolicy
"""

from ament_index_python.packages import get_package_share_directory
from launch import LaunchDescription
from launch.actions import ExecuteProcess, GroupAction, LogInfo
from launch.conditions import IfCondition, UnlessCondition
from launch.substitutions import LaunchConfiguration, PythonExpression
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue
from launch_ros.substitutions import ExecutableInPackage

from neuraxis_common import bringup
from neuraxis_common.launching import declared, in_namespace, once_done
from neuraxis_common.realtime import BRIDGE_PRIORITY

SHARE = get_package_share_directory("neuraxis")

LINK = ("brain_ca", "brain_cert", "brain_key")
BRAIN = ("brain_url", *LINK, "brain_port", "motion_planner", "policy")
ARGUMENTS = bringup.arguments(SHARE, "robot", "namespace", "brains", *BRAIN)


def generate_launch_description() -> LaunchDescription:
    """Start the brains, at once or after the controllers."""
    value = LaunchConfiguration
    wait = value("wait", default="false")
    level = [
        "('", value("brains"), "' if '", value("brains"), "' != 'auto' else 'all' if '",
        value("hardware", default="mujoco"), f"' in {bringup.SIMULATED} else 'none')",
    ]  # fmt: skip
    with_all = PythonExpression([*level, " == 'all'"])
    with_small = PythonExpression([*level, " != 'none'"])
    given, port, planner = value("brain_url"), value("brain_port"), value("motion_planner")
    named, hardware = value("policy"), value("hardware", default="mujoco")
    named = PythonExpression([
        "('auto' if '", hardware, "' == 'mujoco' else 'classical')",
        " if '", named, "' == 'auto' else '", named, "'",
    ])  # fmt: skip
    policy = ParameterValue(named, value_type=str)
    link = {name: ParameterValue(value(name), value_type=str) for name in LINK}
    with_bridge = PythonExpression([*level, " == 'all' and '", given, "' == ''"])
    url = PythonExpression(["'", given, "' or 'http://127.0.0.1:", port, "'"])
    bridge = ExecuteProcess(
        name="bridge",
        condition=IfCondition(with_bridge),
        output="screen",
        additional_env={"OMP_NUM_THREADS": "1"},
        cmd=[ExecutableInPackage("bridge", "neuraxis"), "--port", port,
             "--models", [SHARE, "/models"], "--priority", str(BRIDGE_PRIORITY)],
        on_exit=_missed("bridge"),
    )  # fmt: skip
    nodes = in_namespace(
        bridge,
        _node("small_brain", with_small, camera_tf=False, bundle_path=policy),
        # What may be late makes way for what keeps the robot on its feet.
        _node("perception", with_all, prefix="nice"),
        _node("big_brain", with_all, prefix="nice", brain_url=url, motion_planner=planner, **link),
    )
    return LaunchDescription([
        *declared(ARGUMENTS),
        GroupAction([once_done("controllers", nodes)], condition=IfCondition(wait)),
        GroupAction([nodes], condition=UnlessCondition(wait)),
    ])  # fmt: skip


def _node(name: str, condition: object, prefix: str | None = None, **parameters: object) -> Node:
    return Node(
        package="neuraxis",
        executable=f"{name}_node",
        exec_name=name,
        prefix=prefix,
        condition=IfCondition(condition),
        output="screen",
        additional_env={"OMP_NUM_THREADS": "1"},
        parameters=[{"data_root": SHARE, "robot": LaunchConfiguration("robot")} | parameters],
        on_exit=_missed(name),
    )


def _missed(name: str) -> object:
    """A robot whose brains are gone is held by its spinal cord: nothing else may end for it."""
    text = f"{name} is gone; what still runs goes on, and without commands the spinal cord holds"
    return bringup.unless_shutdown([LogInfo(msg=text)])
