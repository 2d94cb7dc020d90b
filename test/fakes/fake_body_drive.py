# SPDX-License-Identifier: Apache-2.0
"""/body_drive of an Expedition: joint_msgs on a command and a state topic per group."""

from __future__ import annotations

from fake_common import BEST_EFFORT, RELIABLE, Drives, FakeRobot
from joint_msgs.msg import FootSensor, FootSensorState, JointCommand, JointState, State
from rclpy.node import Node


class BodyDrive(FakeRobot):
    """Drops what does not name its drives, as the vendor's does."""

    def __init__(self, name: str, groups: dict[str, Drives], imu: str, options) -> None:
        super().__init__(name, groups, options)
        self.sequence = 0
        self.dropped = 0
        self.last_sequence = 0
        self.sequence_gaps = 0
        self.states = {
            group: self.create_publisher(
                JointState, f"/body_drive/{group}_joint_state", BEST_EFFORT
            )
            for group in groups
        }
        for group in groups:
            self.create_subscription(
                JointCommand,
                f"/body_drive/{group}_joint_command",
                lambda message, group=group: self.take(group, message),
                RELIABLE if options.reliable else BEST_EFFORT,
            )
        self.add_imu(imu)
        topic = "/body_drive/foot_sensor_state"
        self.feet = self.create_publisher(FootSensorState, topic, BEST_EFFORT)

    def take(self, group: str, message: JointCommand) -> None:
        """A command; a wrong or missing name drops it."""
        drives = self.groups[group]
        by_name = {joint.name: joint for joint in message.joints}
        if set(by_name) != set(drives.names):
            self.dropped += 1
            return
        if group == next(iter(self.groups)):
            number = message.joints[0].sequence
            self.sequence_gaps += int(self.last_sequence > 0 and number <= self.last_sequence)
            self.last_sequence = number
        rows = [
            (joint.position, joint.velocity, joint.effort, joint.stiffness, joint.damping)
            for joint in (by_name[name] for name in drives.names)
        ]
        with self.lock:
            drives.command(rows, self.now_s())

    def publish_group(self, group: str, drives: Drives) -> None:
        if group == next(iter(self.groups)):
            self.sequence = (self.sequence + 1) % 2**32
            feet = FootSensorState(names=["right_foot", "left_foot"])
            feet.states = [FootSensor(presure=cells) for cells in ([50, 30], [100, 120, 80])]
            self.feet.publish(feet)
        message = JointState()
        message.header.stamp = self.get_clock().now().to_msg()
        pos = self.shown_pos(drives)
        for i, name in enumerate(self.shown_names(drives)):
            message.joints.append(
                State(
                    name=name,
                    sequence=self.sequence,
                    position=float(pos[i]),
                    velocity=float(drives.vel[i]),
                    effort=float(drives.effort[i]),
                )
            )
        self.states[group].publish(message)

    def intrude(self, node: Node) -> None:
        node.create_publisher(
            JointCommand, f"/body_drive/{next(iter(self.groups))}_joint_command", BEST_EFFORT
        )

    def report(self) -> dict:
        return {
            **super().report(),
            "dropped": self.dropped,
            "sequence": self.last_sequence,
            "sequence_gaps": self.sequence_gaps,
        }
