# SPDX-License-Identifier: Apache-2.0
"""`neuraxis teleop`: publishes /cmd_vel at 20 Hz while somebody holds on."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path
from types import FrameType

import numpy as np
import rclpy
from geometry_msgs.msg import Twist
from rclpy.duration import Duration
from rclpy.signals import SignalHandlerOptions

from neuraxis_cli.teleop.devices import Gamepad, Keyboard
from neuraxis_cli.teleop.drive import Sender, Source, TeleopConfig
from neuraxis_common.convert import to_twist

RATE_HZ = 20.0
# Longest wait for the last zeros to be received.
ACKED_S = 2.0
_HELP = "w/s forward, back   a/d turn   q/e sideways   +/- speed   space stop   Esc end"


def run_teleop(pad: Path | None, config: TeleopConfig) -> int:
    """Drive until the person or the device is done."""
    device = Keyboard(config.hold_s) if pad is None else Gamepad(pad, config.dead_zone)
    rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
    signal.signal(signal.SIGHUP, _hung_up)
    try:
        with device:
            hint = _HELP if pad is None else "hold a shoulder button, drive with the sticks"
            print(f"{hint}\r", file=sys.stderr)
            drive(device, config)
    finally:
        rclpy.try_shutdown()
    return 0


def _hung_up(number: int, _frame: FrameType | None) -> None:
    """A terminal that is closed must not end the process before its zeros are out."""
    signal.signal(number, signal.SIG_IGN)
    sys.exit(128 + number)


def drive(device: Source, config: TeleopConfig) -> None:
    """Publish what the device asks for; zeros whatever ends it."""
    node = rclpy.create_node("teleop")
    publisher = node.create_publisher(Twist, "cmd_vel", 1)
    sender = Sender(config)
    try:
        while device.poll(time.monotonic()):
            now_s = time.monotonic()
            message = sender.message(now_s, device.wish(now_s))
            if message is not None:
                publisher.publish(to_twist(message))
            time.sleep(1.0 / RATE_HZ)
    finally:
        publisher.publish(to_twist(np.zeros(3)))
        # A publisher that goes away takes with it what nobody has received yet.
        publisher.wait_for_all_acked(Duration(seconds=ACKED_S))
        node.destroy_node()
