# SPDX-License-Identifier: Apache-2.0
"""An Expedition A2 as seen from outside: its drives over /body_drive.

With --cooperative its arms and neck over /motion/control, while it keeps its own balance.
"""

from __future__ import annotations

import numpy as np
import rclpy
from fake_body_drive import BodyDrive
from fake_common import BEST_EFFORT, RELIABLE, Drives, FakeRobot, arguments, parsed, spin
from rclpy.node import Node
from sensor_msgs.msg import JointState

LEG = """idx01_left_hip_roll idx02_left_hip_yaw idx03_left_hip_pitch idx04_left_tarsus
    idx05_01_left_toe_motorA idx06_01_left_toe_motorB idx07_right_hip_roll idx08_right_hip_yaw
    idx09_right_hip_pitch idx10_right_tarsus idx11_01_right_toe_motorA
    idx12_01_right_toe_motorB""".split()
ARM = """idx13_left_arm_joint1 idx14_left_arm_joint2 idx15_left_arm_joint3 idx16_left_arm_joint4
    idx17_left_arm_joint5 idx18_01_left_wrist_rod_A_joint idx19_01_left_wrist_rod_B_joint
    idx20_right_arm_joint1 idx21_right_arm_joint2 idx22_right_arm_joint3 idx23_right_arm_joint4
    idx24_right_arm_joint5 idx25_01_right_wrist_rod_A_joint
    idx26_01_right_wrist_rod_B_joint""".split()
ARM_SERIAL = [f"idx{13 + i}_left_arm_joint{i + 1}" for i in range(7)]
ARM_SERIAL += [f"idx{20 + i}_right_arm_joint{i + 1}" for i in range(7)]
NECK = ["idx27_head_joint1", "idx28_head_joint2"]
# A linear drive at a lever of 2 cm: kg instead of kg m^2.
ROD_INERTIA = 1.0 / 0.02**2
# The default pose of the A2; its arms hang at 1.35 rad.
ARM_POSE = [0.0, 1.35, 0.0, -0.5, 1.57, 0.0, 0.0, 0.0, -1.35, 0.0, 0.5, 1.57, 0.0, 0.0]


def drives_of(names: list[str]) -> Drives:
    """Drives with the inertia that fits their kind."""
    return Drives(names, np.array([ROD_INERTIA if "_rod_" in name else 1.0 for name in names]))


class Arms(FakeRobot):
    """Position commands for arms and neck; the last one is held, and gaps are counted."""

    def __init__(self, options) -> None:
        super().__init__("fake_a2_arms", {"arm": Drives(ARM_SERIAL), "neck": Drives(NECK)}, options)
        self.groups["arm"].pos = np.array(ARM_POSE)
        self.gap_s = 0.0
        self.speed = 0.0
        self.states = {}
        for group in self.groups:
            topic = f"/motion/control/{group}_joint"
            self.states[group] = self.create_publisher(JointState, f"{topic}_state", BEST_EFFORT)
            self.create_subscription(
                JointState,
                f"{topic}_command",
                lambda message, group=group: self.take(group, message),
                RELIABLE if options.reliable else BEST_EFFORT,
            )

    def take(self, group: str, message: JointState) -> None:
        """Positions by name."""
        drives = self.groups[group]
        goal = dict(zip(message.name, message.position, strict=True))
        now_s = self.now_s()
        with self.lock:
            if drives.commands:
                gap_s = now_s - drives.command_s
                before = zip(drives.names, drives.target[0], strict=True)
                step = max(abs(goal[name] - last) for name, last in before)
                self.gap_s = max(self.gap_s, gap_s)
                self.speed = max(self.speed, step)
            drives.command([(goal[name], 0.0, 0.0, 100.0, 20.0) for name in drives.names], now_s)

    def publish_group(self, group: str, drives: Drives) -> None:
        message = JointState()
        message.header.stamp = self.get_clock().now().to_msg()
        message.name = self.shown_names(drives)
        message.position = [float(x) for x in self.shown_pos(drives)]
        message.velocity = [float(x) for x in drives.vel]
        message.effort = [float(x) for x in drives.effort]
        self.states[group].publish(message)

    def intrude(self, node: Node) -> None:
        node.create_publisher(JointState, "/motion/control/arm_joint_command", BEST_EFFORT)

    def report(self) -> dict:
        return {**super().report(), "gap_s": self.gap_s, "step": self.speed}


def main() -> None:
    """Entry point."""
    parser = arguments(__doc__)
    parser.add_argument("--cooperative", action="store_true", help="arms and neck only")
    options = parsed(parser)
    rclpy.init()
    if options.cooperative:
        spin(Arms(options), [])
        return
    groups = {"leg": drives_of(LEG), "arm": drives_of(ARM), "neck": drives_of(NECK)}
    spin(BodyDrive("fake_a2_body", groups, "/body_drive/imu/data", options), [])


if __name__ == "__main__":
    main()
