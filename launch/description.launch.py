# SPDX-License-Identifier: Apache-2.0
"""One robot's description: its URDF on robot_description, its links on tf.

ros2 launch neuraxis description.launch.py robot:=lingxi_x2 hardware:=mock
"""

from ament_index_python.packages import get_package_share_directory
from launch import LaunchDescription
from launch.actions import EmitEvent, RegisterEventHandler
from launch.event_handlers import OnProcessIO
from launch.events.process import ShutdownProcess
from launch.substitutions import Command, LaunchConfiguration, LaunchLogDir, PythonExpression
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue

from neuraxis_common import bringup
from neuraxis_common.launching import declared, in_namespace

SHARE = get_package_share_directory("neuraxis")
# Perception asks tf where the camera was when it took an image.
TF_RATE_HZ = 50.0
# ros2_control says once a second that it waits for the description. Fast DDS may lose a latched
# message to a new reader; a new writer sends it again.
WAITS, PATIENCE_S = "Waiting for data on 'robot_description'", 6
RESTART_S = 0.2

ARGUMENTS = [
    *bringup.arguments(SHARE, "robot", "hardware", "namespace", "probe", "xacro_args"),
    *bringup.world_files(LaunchLogDir()),
]


def generate_launch_description() -> LaunchDescription:
    """Publish the description."""
    value = LaunchConfiguration
    urdf = Command([
        "xacro ", SHARE, "/urdf/", value("robot"), ".urdf.xacro hardware:=", value("hardware"),
        " model_path:=", value("model_path"), " snapshot_path:=", value("snapshot_path"),
        " namespace:=", value("namespace"), " cameras:=", value("cameras", default="true"),
        " probe:=", value("probe"), " ", value("xacro_args"),
    ])  # fmt: skip
    publisher = Node(
        package="robot_state_publisher",
        executable="robot_state_publisher",
        exec_name="robot_state_publisher",
        respawn=True,
        respawn_delay=RESTART_S,
        on_exit=bringup.required("robot_state_publisher", but=0),
        parameters=[{
            "robot_description": ParameterValue(urdf, value_type=str),
            "publish_frequency": TF_RATE_HZ,
            "use_sim_time": ParameterValue(
                PythonExpression(["'", value("hardware"), "' == 'gazebo'"]), value_type=bool
            ),
        }],
    )  # fmt: skip
    restart = EmitEvent(
        event=ShutdownProcess(process_matcher=bringup.named("robot_state_publisher"))
    )
    again = bringup.insisted(WAITS, PATIENCE_S, [restart])
    return LaunchDescription([
        *declared(ARGUMENTS),
        RegisterEventHandler(OnProcessIO(on_stderr=again)),
        in_namespace(publisher),
    ])  # fmt: skip
