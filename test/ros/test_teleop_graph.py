# SPDX-License-Identifier: Apache-2.0
"""Walking by hand as a process: a key on a terminal becomes a velocity on /cmd_vel, and its end."""

import os
import pty
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import rclpy
from geometry_msgs.msg import Twist

from neuraxis_cli.teleop.drive import TeleopConfig
from neuraxis_cli.teleop.node import drive

CONFIG = TeleopConfig()
DEADLINE_S = 60.0
FORWARD, TURNED, ZERO = (0.3, 0.0, 0.0), (0.0, 0.0, CONFIG.turn_rad_s), (0.0, 0.0, 0.0)


class Listener:
    """What comes on /cmd_vel, as (forward m/s, left m/s, turn rad/s)."""

    def __init__(self):
        self.node, self.heard = rclpy.create_node("listener"), []
        self.node.create_subscription(Twist, "/cmd_vel", self._on_twist, 100)

    def _on_twist(self, message):
        rest = (message.linear.z, message.angular.x, message.angular.y)
        assert rest == (0.0, 0.0, 0.0)
        self.heard.append((message.linear.x, message.linear.y, message.angular.z))

    def wait(self, holds, what):
        until_s = time.monotonic() + DEADLINE_S
        while not holds():
            assert time.monotonic() < until_s, f"no {what}; heard: {self.heard[-20:]}"
            rclpy.spin_once(self.node, timeout_sec=0.05)

    def meets(self, name="teleop"):
        """Whether the other node is there and its messages will be heard."""
        peers = self.node.get_publishers_info_by_topic("/cmd_vel")
        return [peer.node_name for peer in peers] == [name]


@pytest.fixture
def listener(context):
    it = Listener()
    yield it
    it.node.destroy_node()


class Terminal:
    """`neuraxis teleop` on a terminal of its own, and the person in front of it.

    Args:
        controlling: Whether the terminal turns Ctrl-C and its own end into signals, as one does
            that somebody sits at; without it they are only read.
    """

    def __init__(self, listener, controlling):
        self.listener = listener
        self._person, stdin = pty.openpty()
        command = [sys.executable, "-m", "neuraxis_cli", "teleop", "--forward", "0.3"]
        session = ["setsid", "--ctty"] if controlling else []
        self.process = subprocess.Popen([*session, *command], stdin=stdin, stderr=subprocess.PIPE)
        os.close(stdin)
        listener.wait(listener.meets, "publisher of /cmd_vel")

    def types(self, key):
        os.write(self._person, key)

    def holds(self, key, velocity):
        """Hold a key until its velocity is heard."""

        def pressed():
            self.types(key)
            return self.listener.heard and self.listener.heard[-1] == velocity

        self.listener.wait(pressed, f"velocity {velocity}")

    def leaves(self):
        """Close the terminal."""
        if self._person is not None:
            os.close(self._person)
            self._person = None

    def ends(self):
        """Exit code, once the process ends by itself and zero was the last that was heard of it."""
        self.listener.wait(lambda: self.process.poll() is not None, "end")
        self.listener.wait(lambda: self.listener.heard[-1] == ZERO, "stop at the end")
        return self.process.returncode

    def close(self):
        self.process.kill()
        self.process.communicate()
        self.leaves()


@pytest.fixture
def terminal(listener):
    """Opens a terminal; see `Terminal`."""
    opened = []

    def make(controlling=False):
        opened.append(Terminal(listener, controlling))
        return opened[-1]

    yield make
    for it in opened:
        it.close()


def test_a_held_key_is_heard_as_a_velocity_and_letting_go_as_zero(listener, terminal):
    keyboard = terminal()
    assert listener.heard == []
    keyboard.holds(b"w", FORWARD)
    keyboard.holds(b"a", TURNED)
    assert set(listener.heard) <= {FORWARD, TURNED, ZERO}
    # From here on nobody presses anything.
    listener.wait(lambda: listener.heard[-1] == ZERO, "stop")
    keyboard.holds(b"w", FORWARD)
    keyboard.types(b"\x1b")
    assert keyboard.ends() == 0


def test_ctrl_c_while_driving_ends_in_a_zero(terminal):
    keyboard = terminal(controlling=True)
    keyboard.holds(b"w", FORWARD)
    keyboard.types(b"\x03")
    assert keyboard.ends() == 130, keyboard.process.stderr.read().decode()


@pytest.mark.parametrize(("controlling", "code"), [(False, 0), (True, 128 + signal.SIGHUP)])
def test_a_terminal_that_goes_away_while_driving_ends_in_a_zero(terminal, controlling, code):
    keyboard = terminal(controlling)
    keyboard.holds(b"w", FORWARD)
    keyboard.leaves()
    assert keyboard.ends() == code, keyboard.process.stderr.read().decode()


class Stick:
    """A device that asks for full speed ahead and breaks once the listener has heard of it."""

    def __init__(self, listener):
        self.listener, self.until_s = listener, time.monotonic() + DEADLINE_S

    def poll(self, now_s):
        assert now_s < self.until_s, "nothing was heard"
        rclpy.spin_once(self.listener.node, timeout_sec=0.0)
        if self.listener.heard:
            raise OSError("pulled out")
        return True

    def wish(self, _now_s):
        return np.array([1.0, 0.0, 0.0])


def test_a_device_that_breaks_ends_in_a_zero(listener):
    with pytest.raises(OSError, match="pulled out"):
        drive(Stick(listener), CONFIG)
    assert listener.heard[0] == (CONFIG.forward_m_s, 0.0, 0.0)
    listener.wait(lambda: listener.heard[-1] == ZERO, "stop")
