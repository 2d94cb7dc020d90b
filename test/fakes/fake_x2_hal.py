# SPDX-License-Identifier: Apache-2.0
"""A Lingxi X2 as seen from outside: joint topics of its HAL, and MC, its own motion controller.

More lines on standard input than fake_common knows: `mc_stuck` (MC answers code 0 and does
nothing), `mc_deaf` (its services are gone), `mc_noisy` (it goes on writing to the HAL whatever its
action).
"""

from __future__ import annotations

import rclpy
from aimdk_msgs.msg import (
    JointCommand,
    JointCommandArray,
    JointState,
    JointStateArray,
    PmuState,
    UpperBodyCommandArray,
)
from aimdk_msgs.srv import GetMcAction, SetMcAction, SetMcInputSource
from fake_common import BEST_EFFORT, RELIABLE, Drives, FakeRobot, arguments, parsed, spin
from rclpy.node import Node

LEG = ["hip_pitch", "hip_roll", "hip_yaw", "knee", "ankle_pitch", "ankle_roll"]
ARM = ["shoulder_pitch", "shoulder_roll", "shoulder_yaw", "elbow"]
ARM += ["wrist_yaw", "wrist_pitch", "wrist_roll"]
JOINTS = {
    "leg": [f"{side}_{joint}_joint" for side in ("left", "right") for joint in LEG],
    "waist": [f"waist_{joint}_joint" for joint in ("yaw", "pitch", "roll")],
    "arm": [f"{side}_{joint}_joint" for side in ("left", "right") for joint in ARM],
    "head": ["head_yaw_joint", "head_pitch_joint"],
}
STAND_DEFAULT, JOINT_DEFAULT = 200, 100
ACTIONS = {STAND_DEFAULT: "STAND_DEFAULT", JOINT_DEFAULT: "JOINT_DEFAULT", 3: "DAMPING_DEFAULT"}
UPPERBODY = "UPPERBODY_REMOTE_SPLIT"
RUNNING = 100
ENABLE, DISABLE = 2001, 2002


class Hal(FakeRobot):
    """The joints."""

    def __init__(self, options) -> None:
        super().__init__(
            "fake_x2_hal", {group: Drives(names) for group, names in JOINTS.items()}, options
        )
        self.mc: Mc | None = None
        self.sequence = 0
        self.states = {
            group: self.create_publisher(
                JointStateArray, f"/aima/hal/joint/{group}/state", BEST_EFFORT
            )
            for group in JOINTS
        }
        for group in JOINTS:
            self.create_subscription(
                JointCommandArray,
                f"/aima/hal/joint/{group}/command",
                lambda message, group=group: self.take(group, message),
                RELIABLE if options.reliable else BEST_EFFORT,
            )
        self.add_imu("/aima/hal/imu/torso/state")
        self.pmu = self.create_publisher(PmuState, "/aima/hal/pmu/state", BEST_EFFORT)
        self.create_timer(0.1, self.publish_battery)

    def publish_battery(self) -> None:
        """A battery that is being used."""
        message = PmuState(battery_pack_voltage=52.5, battery_current=-3.5)
        message.battery_temperature = 31.0
        message.battery_remaining_capacity_percentage = 64
        self.pmu.publish(message)

    def take(self, group: str, message: JointCommandArray) -> None:
        """A command array, in any order."""
        drives = self.groups[group]
        by_name = {joint.name.removesuffix("_joint"): joint for joint in message.joints}
        rows = []
        for name in drives.names:
            joint = by_name.get(name.removesuffix("_joint"))
            if joint is None:
                return
            rows.append(
                (joint.position, joint.velocity, joint.effort, joint.stiffness, joint.damping)
            )
        with self.lock:
            drives.command(rows, self.now_s())

    def publish_group(self, group: str, drives: Drives) -> None:
        message = JointStateArray()
        message.header.stamp = self.get_clock().now().to_msg()
        self.sequence += 1
        message.header.sequence = self.sequence % 2**32
        message.state.value = self.faults.domain
        pos = self.shown_pos(drives)
        for i, name in enumerate(self.shown_names(drives)):
            joint = JointState(
                name=name,
                position=float(pos[i]),
                velocity=float(drives.vel[i]),
                effort=float(drives.effort[i]),
            )
            joint.error_code = self.faults.error if i == 1 and group == "leg" else 0
            message.joints.append(joint)
        self.states[group].publish(message)

    def intrude(self, node: Node) -> None:
        node.create_publisher(JointCommandArray, "/aima/hal/joint/leg/command", BEST_EFFORT)
        node.create_publisher(UpperBodyCommandArray, "/mc/upper_body_command", BEST_EFFORT)

    def report(self) -> dict:
        return {**super().report(), "mc": self.mc.report()}

    def obey_more(self, verb: str, rest: list[str]) -> dict:
        if not verb.startswith("mc_"):
            return super().obey_more(verb, rest)
        self.mc.mood = verb
        if verb == "mc_deaf":
            self.mc.go_deaf()
        return self.report()


class Mc(Node):
    """The motion controller: holds the joints unless told to rest, arbitrates the upper body."""

    def __init__(self, hal: Hal, publishes: bool) -> None:
        super().__init__("mc")
        self.hal = hal
        hal.mc = self
        self.mood = ""
        self.action, self.desc = STAND_DEFAULT, ACTIONS[STAND_DEFAULT]
        self.sources: dict[str, bool] = {"pnc": False}
        self.upper = 0
        self.upper_s = -1.0
        self.upper_pos: list[float] = []
        self.upper_gap_s = 0.0
        self.commands = {}
        if publishes:
            self.commands = {
                group: self.create_publisher(
                    JointCommandArray, f"/aima/hal/joint/{group}/command", BEST_EFFORT
                )
                for group in JOINTS
            }
        prefix = "/aimdk_5Fmsgs/srv/"
        self.services_of_mc = [
            self.create_service(GetMcAction, prefix + "GetMcAction", self.get_action),
            self.create_service(SetMcAction, prefix + "SetMcAction", self.set_action),
            self.create_service(SetMcInputSource, prefix + "SetMcInputSource", self.set_source),
        ]
        self.create_subscription(
            UpperBodyCommandArray, "/mc/upper_body_command", self.take_upper, BEST_EFFORT
        )
        self.create_timer(0.01, self.hold)

    def go_deaf(self) -> None:
        """Takes the services away."""
        for service in self.services_of_mc:
            self.destroy_service(service)
        self.services_of_mc = []

    def report(self) -> dict:
        """What MC does."""
        return {
            "action": self.desc,
            "sources": self.sources,
            "upper": self.upper,
            "upper_pos": [round(x, 5) for x in self.upper_pos],
            "upper_gap_s": round(self.upper_gap_s, 4),
        }

    def get_action(self, _, response):
        """The truth."""
        response.info.current_action.value = self.action
        response.info.action_desc = self.desc
        response.info.status.value = RUNNING
        return response

    def set_action(self, request, response):
        """Code 0 says nothing: in a bad mood it is all that happens."""
        if self.mood != "mc_stuck":
            wanted = request.command
            self.desc = wanted.action_desc or ACTIONS.get(wanted.action.value, "")
            ids = {name: number for number, name in ACTIONS.items()}
            self.action = wanted.action.value or ids.get(self.desc, 500)
        return response

    def set_source(self, request, response):
        """Enables and disables sources that it knows."""
        name = request.input_source.name
        if name not in self.sources:
            response.response.header.code = 1
        elif request.action.value in (ENABLE, DISABLE):
            self.sources[name] = request.action.value == ENABLE
        return response

    def take_upper(self, message: UpperBodyCommandArray) -> None:
        """Moves arms and head where the source and the mode are right."""
        if self.desc != UPPERBODY or not self.sources.get(message.source):
            return
        now_s = self.hal.now_s()
        if self.upper_s > 0.0:
            self.upper_gap_s = max(self.upper_gap_s, now_s - self.upper_s)
        self.upper_s = now_s
        self.upper += 1
        self.upper_pos = list(message.arm_pos)
        with self.hal.lock:
            self._drive("arm", message.arm_pos, 20.0, 2.0)
            self._drive("head", message.head_pos, 20.0, 2.0)

    def _drive(self, group: str, positions, kp: float, kd: float) -> None:
        self.hal.groups[group].command(
            [(float(p), 0.0, 0.0, kp, kd) for p in positions], self.hal.now_s()
        )

    def hold(self) -> None:
        """Writes to the HAL as long as the action says that MC has the joints."""
        if self.desc in (ACTIONS[JOINT_DEFAULT], UPPERBODY) and self.mood != "mc_noisy":
            return
        for group, publisher in self.commands.items():
            message = JointCommandArray()
            for name in JOINTS[group]:
                message.joints.append(JointCommand(name=name, stiffness=40.0, damping=4.0))
            publisher.publish(message)


def main() -> None:
    """Entry point."""
    parser = arguments(__doc__)
    parser.add_argument("--no-mc-publishers", action="store_true", help="MC was stopped on PC1")
    options = parsed(parser)
    rclpy.init()
    hal = Hal(options)
    spin(hal, [Mc(hal, publishes=not options.no_mc_publishers)])


if __name__ == "__main__":
    main()
