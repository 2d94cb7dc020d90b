# SPDX-License-Identifier: Apache-2.0
"""A real controller manager in a process of its own, and a node that watches and pokes it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import rclpy
from ament_index_python.packages import get_package_prefix
from controller_manager_msgs.srv import (
    ConfigureController,
    ListControllers,
    ListHardwareComponents,
    LoadController,
    SetHardwareComponentState,
    SwitchController,
)
from diagnostic_msgs.msg import DiagnosticArray
from rclpy.qos import DurabilityPolicy, QoSProfile, qos_profile_sensor_data
from sensor_msgs.msg import JointState
from std_msgs.msg import String

from neuraxis.msg import JointCommandArray, SpinalState
from neuraxis.srv import RequestStop, ResetStop

DEADLINE_S = 40.0
BROADCASTERS = (
    "joint_state_broadcaster",
    "imu_sensor_broadcaster",
    "left_foot_broadcaster",
    "right_foot_broadcaster",
)


class ControlRig:
    """Runs ros2_control_node on a description.

    Args:
        urdf_xml: What the controller manager gets on ``robot_description``.
        configs: Parameter files of the manager and its controllers.
        log_path: Where the manager's output goes.
        prefixes: More ament prefixes, in front of the others.
    """

    def __init__(
        self,
        urdf_xml: str,
        configs: Iterable[Path],
        log_path: Path,
        prefixes: Iterable[Path] = (),
    ) -> None:
        self.node = rclpy.create_node("control_rig")
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self._description = self.node.create_publisher(String, "robot_description", latched)
        self._urdf_xml = urdf_xml
        self._manager = self.node.create_client(
            ListControllers, "controller_manager/list_controllers"
        )
        self._introduction = self.node.create_timer(1.0, self._introduce)
        self._introduce()
        self.joints: JointState | None = None
        self.spinal: list[SpinalState] = []
        self.diagnostics: dict[str, dict[str, str]] = {}
        subscribe = self.node.create_subscription
        subscribe(JointState, "joint_states", self._on_joints, qos_profile_sensor_data)
        subscribe(SpinalState, "spinal_cord/state", self.spinal.append, 10)
        subscribe(DiagnosticArray, "/diagnostics", self._on_diagnostics, 10)
        self._commands = self.node.create_publisher(
            JointCommandArray, "spinal_cord/command", qos_profile_sensor_data
        )
        self.log_path = log_path
        executable = Path(get_package_prefix("controller_manager")) / (
            "lib/controller_manager/ros2_control_node"
        )
        arguments = [word for path in configs for word in ("--params-file", str(path))]
        remap = ["-r", "~/robot_description:=robot_description"]
        paths = ":".join([*map(str, prefixes), os.environ["AMENT_PREFIX_PATH"]])
        with log_path.open("w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [str(executable), "--ros-args", *arguments, *remap],
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, "AMENT_PREFIX_PATH": paths},
            )

    def _introduce(self) -> None:
        """Describe the robot until the manager serves: Fast DDS may lose a latched sample."""
        if self._manager.service_is_ready():
            self._introduction.cancel()
        else:
            self._description.publish(String(data=self._urdf_xml))

    def _on_joints(self, message: JointState) -> None:
        self.joints = message

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            self.diagnostics[status.name] = {pair.key: pair.value for pair in status.values}

    @property
    def log(self) -> str:
        """What the manager said so far."""
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def close(self) -> int:
        """Ctrl-C; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(timeout=20.0)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        finally:
            self.node.destroy_node()

    def until(self, condition: Callable[[], Any], what: str, deadline_s: float = DEADLINE_S) -> Any:
        """Spin until `condition` gives something; fails naming `what` and the manager's words."""
        end_s = time.monotonic() + deadline_s
        while time.monotonic() < end_s:
            rclpy.spin_once(self.node, timeout_sec=0.02)
            found = condition()
            if found:
                return found
            if self.process.poll() is not None:
                break
        raise AssertionError(
            f"no {what} within {deadline_s} s; the manager said:\n{self.log[-6000:]}"
        )

    def spin(self, seconds: float) -> None:
        """Let time pass."""
        end_s = time.monotonic() + seconds
        while time.monotonic() < end_s:
            rclpy.spin_once(self.node, timeout_sec=0.005)

    def call(self, kind: Any, service: str, /, **fields: Any) -> Any:
        """Answer of a service."""
        client = self.node.create_client(kind, service)
        self.until(client.service_is_ready, f"service {service}")
        request = kind.Request()
        for field, value in fields.items():
            setattr(request, field, value)
        future = client.call_async(request)
        answer = self.until(lambda: future.done() and [future.result()], f"answer of {service}")
        self.node.destroy_client(client)
        return answer[0]

    def hardware_state(self) -> str:
        """Lifecycle state of the only hardware."""
        name = "controller_manager/list_hardware_components"
        components = self.call(ListHardwareComponents, name).component
        return components[0].state.label if components else "absent"

    def set_hardware(self, name: str, label: str, number: int) -> bool:
        """Ask for a lifecycle state."""
        request = SetHardwareComponentState.Request()
        request.target_state.label, request.target_state.id = label, number
        return self.call(
            SetHardwareComponentState,
            "controller_manager/set_hardware_component_state",
            name=name,
            target_state=request.target_state,
        ).ok

    def controllers(self) -> dict[str, str]:
        """State of every loaded controller."""
        answer = self.call(ListControllers, "controller_manager/list_controllers")
        return {controller.name: controller.state for controller in answer.controller}

    def load(self, *names: str) -> None:
        """Load and configure."""
        for name in names:
            for kind, verb in ((LoadController, "load"), (ConfigureController, "configure")):
                answer = self.call(kind, f"controller_manager/{verb}_controller", name=name)
                assert answer.ok, f"{verb} {name}:\n{self.log[-4000:]}"

    def switch(self, on: Iterable[str] = (), off: Iterable[str] = ()) -> bool:
        """Activate and deactivate, all or nothing."""
        return self.call(
            SwitchController,
            "controller_manager/switch_controller",
            activate_controllers=list(on),
            deactivate_controllers=list(off),
            strictness=SwitchController.Request.STRICT,
        ).ok

    def command(self, targets: dict[str, float], gains: dict[str, tuple[float, float]]) -> None:
        """Publish one command, stamped with the newest measurement."""
        message = JointCommandArray(name=list(targets), position=list(targets.values()))
        message.header.stamp = self.joints.header.stamp
        message.velocity = message.effort = [0.0] * len(targets)
        message.kp = [gains[name][0] for name in targets]
        message.kd = [gains[name][1] for name in targets]
        self._commands.publish(message)

    def position(self, joint: str) -> float:
        """Newest measured position."""
        return self.joints.position[list(self.joints.name).index(joint)]

    def request_stop(self, level: str, cause: str = "") -> RequestStop.Response:
        """Ask the spinal cord to stop."""
        return self.call(RequestStop, "spinal_cord/request_stop", level=level, cause=cause)

    def reset_stop(self) -> ResetStop.Response:
        """Ask the spinal cord to leave its stop."""
        return self.call(ResetStop, "spinal_cord/reset_stop")
