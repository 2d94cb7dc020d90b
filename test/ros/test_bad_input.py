# SPDX-License-Identifier: Apache-2.0
"""Bad input at the running graph ends in a defined state at the spinal cord.

Times are those of the simulated clock, from stamps; the world runs slower than the machine, so that
a busy one can delay these tests but not fail them.
"""

import math
import os
import re
import signal

import numpy as np
import pytest
from geometry_msgs.msg import Twist
from nav_msgs.msg import Odometry
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import Imu, JointState
from test_graph import Rig

from neuraxis.msg import JointCommandArray
from neuraxis.srv import ResetStop
from neuraxis_cli.graph import node_command
from neuraxis_common.convert import from_time
from small_brain_node.config import SmallBrainConfig

CONFIG = SmallBrainConfig()
SPEED = 0.2
COMMAND_TIMEOUT_S = 0.2
# From a stamp to the message that tells of it: publishing periods of states and of the level.
TOLD_S = 0.15
# A fault is noticed in the next cycle; its command acts in the one after.
REACTION_S = 0.02
# The longest period of commands and the margin after which the cord bridges.
BRIDGED_S = 0.027


class SpoiltGraph(Rig):
    """Simulator and small brain, with joints and IMU on their way through here.

    Attributes:
        spoil: Called with each joint state and IMU message; returns what goes on, None for nothing.
        stamp_s: Of the newest joint state.
    """

    def __init__(self, root):
        super().__init__(root)
        self.spoil = lambda message: message
        self.stamp_s, self.commands, self.odometry = 0.0, [], []
        self.changes, self.late, self._level = [], [], ""
        self.walks = None
        node, qos = self.node, qos_profile_sensor_data
        self._out = {
            kind: node.create_publisher(kind, f"/spoilt/{name}", qos)
            for kind, name in ((JointState, "joint_states"), (Imu, "imu"))
        }
        node.create_subscription(Imu, "/imu/data", self._relay, qos)
        node.create_subscription(JointState, "/joint_states", self._on_joints, qos)
        node.create_subscription(JointCommandArray, "/spinal_cord/command", self._on_command, qos)
        node.create_subscription(Odometry, "/odom", self._on_odom, qos)
        self.velocity = node.create_publisher(Twist, "/cmd_vel", 1)

    def start_all(self, **params):
        self.start("sim", "neuraxis_sim.node", camera=False, seed=7, speed=SPEED)
        self.start_small_brain("small_brain", **params)

    def start_small_brain(self, name, **params):
        params = {"data_root": self.root, "robot": "lingxi_x2", **params}
        command = node_command("small_brain_node.node", params)
        command += ["-r", "joint_states:=spoilt/joint_states", "-r", "imu/data:=spoilt/imu"]
        self.family.start(name, command)

    def walk(self, forward, left=0.0, turn=0.0):
        """Ask for a velocity from now on with every joint state."""
        message = Twist()
        message.linear.x, message.linear.y, message.angular.z = forward, left, turn
        self.walks = message

    def pass_time(self, seconds):
        until_s = self.stamp_s + seconds
        self.wait(lambda: self.stamp_s >= until_s, 240.0)

    def run_up(self):
        """Until the spinal cord runs, whatever a slow start did to it."""

        def runs():
            if self.level("hold")() and self.commands and self.state.stop_cause:
                client = self.node.create_client(ResetStop, "/spinal_cord/reset_stop")
                if client.service_is_ready() and "waiting" not in self.state.stop_cause:
                    client.call_async(ResetStop.Request())
            return self.level("run")()

        self.wait(runs, 240.0)

    def stride(self):
        """Walk until one foot is in the air."""
        self.walk(0.3)
        start_s = self.stamp_s

        def in_the_air():
            load = np.array(self.state.foot_force)
            return self.stamp_s - start_s > 1.5 and load.min() < 0.1 * load.sum()

        self.wait(in_the_air, 240.0)

    def stopped_s(self):
        """Wait for the ladder to go down from run; stamp of the first message that says so."""
        since = len(self.changes)
        self.wait(lambda: any(level != "run" for level, _ in self.changes[since:]), 240.0)
        return next(stamp_s for level, stamp_s in self.changes[since:] if level != "run")

    def _on_state(self, message):
        super()._on_state(message)
        if message.stop_cause.startswith("command_late"):
            self.late.append((from_time(message.header.stamp), message.stop_cause))
        if message.stop_level != self._level:
            self._level = message.stop_level
            self.changes.append((self._level, from_time(message.header.stamp)))

    def _relay(self, message):
        message = self.spoil(message)
        if message is not None:
            self._out[type(message)].publish(message)

    def _on_joints(self, message):
        self.stamp_s = from_time(message.header.stamp)
        if self.walks is not None:
            self.velocity.publish(self.walks)
        self._relay(message)

    def _on_command(self, message):
        self.commands.append((from_time(message.header.stamp), message))

    def _on_odom(self, message):
        place = message.pose.pose.position
        self.odometry.append((from_time(message.header.stamp), place.x, place.y))


@pytest.fixture
def graph(context, root):
    it = SpoiltGraph(root)
    yield it
    it.close()


@pytest.fixture
def running(graph):
    graph.start_all()
    graph.run_up()
    return graph


class Frozen:
    """Joint states whose stamps go on and whose numbers do not."""

    def __init__(self):
        self.kept = None

    def __call__(self, message):
        if not isinstance(message, JointState):
            return message
        self.kept = self.kept or message
        self.kept.header = message.header
        return self.kept


def permuted(message):
    """The numbers of each joint under the name of another."""
    if isinstance(message, JointState):
        for field in ("position", "velocity", "effort"):
            setattr(message, field, np.roll(np.array(getattr(message, field)), 3).tolist())
    return message


def late(message):
    """No joint states at all, so that all that is known is old."""
    return None if isinstance(message, JointState) else message


def upside_down(message):
    if isinstance(message, Imu):
        q = message.orientation
        q.w, q.x, q.y, q.z = -q.x, q.w, q.z, -q.y
        for row in (message.angular_velocity, message.linear_acceleration):
            row.y, row.z = -row.y, -row.z
    return message


@pytest.mark.parametrize(
    ("make", "noticed_s", "holds"),
    [
        (Frozen, CONFIG.frozen_timeout_s, True),
        (lambda: permuted, 0.0, True),
        (lambda: upside_down, 0.0, True),
        (lambda: late, 0.0, False),
    ],
    ids=["frozen", "permuted", "upside_down", "late"],
)
def test_mid_stride_bad_senses_end_in_a_held_pose_and_the_stop_ladder(
    running, make, noticed_s, holds
):
    running.stride()
    running.spoil, began_s = make(), running.stamp_s
    stopped_s = running.stopped_s()
    silent_s = CONFIG.fault_patience_s if holds else 0.0
    bound_s = noticed_s + silent_s + COMMAND_TIMEOUT_S + REACTION_S + TOLD_S
    assert stopped_s - began_s <= bound_s
    since = [row for row in running.commands if row[0] > began_s + noticed_s + REACTION_S]
    if holds:
        # The pose in force when the fault was noticed, at rest, to the last command.
        assert since
        assert not any(np.any(message.velocity) for _, message in since)
        assert len({tuple(message.position) for _, message in since}) == 1
    else:
        assert since == []
    assert all(np.all(np.isfinite(message.effort)) for _, message in running.commands)


def test_an_imu_mounted_upside_down_never_gets_the_robot_moving(graph):
    graph.spoil = upside_down
    graph.start_all()
    graph.wait(lambda: graph.state is not None and graph.stamp_s > 0.5, 240.0)
    graph.wait(lambda: "IMU's vertical" in graph.log.getvalue(), 240.0)
    graph.pass_time(0.5)
    assert graph.commands == []
    assert graph.state.commands_accepted == 0
    assert graph.state.stop_level != "run"


def test_a_small_brain_killed_mid_stride_leaves_the_ladder_in_charge(running):
    running.stride()
    os.kill(running.family.pid("small_brain"), signal.SIGKILL)
    stopped_s = running.stopped_s()
    last_s = running.commands[-1][0]
    # Before the hold it said since when it had been without a command, and from when on it bridged.
    told_s, cause = running.late[-1]
    age_s, bound_s = (float(number) for number in re.findall(r"[\d.]+(?= s)", cause))
    assert told_s - age_s <= last_s + REACTION_S
    assert bound_s <= BRIDGED_S
    assert stopped_s - last_s <= COMMAND_TIMEOUT_S + REACTION_S + TOLD_S
    assert any(word in running.state.stop_cause for word in ("command_stale", "tilt"))


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_velocity_that_is_no_number_is_refused_and_named(running, value):
    running.walk(value)
    running.wait(lambda: "three finite numbers" in running.log.getvalue(), 240.0)
    running.pass_time(1.0)
    assert running.state.stop_level == "run"
    way = np.array(running.odometry)[-40:, 1:]
    assert np.linalg.norm(way[-1] - way[0]) < 0.02


def test_a_velocity_out_of_range_is_bounded_and_a_silent_one_ends(running):
    running.walk(-50.0, 0.0, 0.0)
    running.pass_time(3.0)
    rows = np.array(running.odometry)
    span_s, moved_m = rows[-1, 0] - rows[0, 0], np.linalg.norm(rows[-1, 1:] - rows[0, 1:])
    assert moved_m <= 0.4 * span_s
    assert moved_m > 0.1
    running.walks = None
    running.pass_time(4.0)
    at_rest = np.array(running.odometry)[-1]
    running.pass_time(0.5)
    assert np.linalg.norm(np.array(running.odometry)[-1, 1:] - at_rest[1:]) < 0.02
    assert running.state.stop_level == "run"
