# SPDX-License-Identifier: Apache-2.0
"""What the fake robots share: drives, their watchdog, faults, and a line on stdin that rules.

A fake is a process of its own that speaks a robot's topics. Lines on its standard input switch
faults; each is answered by one line of JSON on standard output:

    silence [group]   late   names   nan   error N   domain N   second   clear   report   quit
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
from dataclasses import dataclass, field

import numpy as np
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import Imu

INERTIA = 1.0
FRICTION = 0.5
DAMPING_OF_PROTECTION = 5.0
PROTECTION_S = 0.1

BEST_EFFORT = QoSProfile(
    depth=10, reliability=ReliabilityPolicy.BEST_EFFORT, durability=DurabilityPolicy.VOLATILE
)
RELIABLE = QoSProfile(
    depth=10, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.VOLATILE
)


@dataclass
class Drives:
    """One group of drives with MIT-style five-tuples."""

    names: list[str]
    inertia: np.ndarray = None
    pos: np.ndarray = None
    vel: np.ndarray = None
    effort: np.ndarray = None
    target: np.ndarray = None
    command_s: float = -1.0
    commands: int = 0
    protected: int = 0
    is_protected: bool = False
    peak_effort: float = 0.0

    def __post_init__(self) -> None:
        count = len(self.names)
        if self.inertia is None:
            self.inertia = np.full(count, INERTIA)
        self.pos, self.vel, self.effort = (np.zeros(count) for _ in range(3))
        self.target = np.zeros((5, count))

    def command(self, rows: list[tuple[float, ...]], now_s: float) -> None:
        """Takes (position, velocity, effort, kp, kd) of every drive."""
        self.target = np.asarray(rows, dtype=float).T
        self.command_s = now_s
        self.commands += 1
        self.is_protected = False

    def step(self, now_s: float, dt_s: float) -> None:
        """Moves the drives; without commands they damp."""
        if self.commands and not self.is_protected and now_s - self.command_s > PROTECTION_S:
            self.is_protected = True
            self.protected += 1
        pos, vel, effort, kp, kd = self.target
        if self.is_protected:
            kp, effort, vel = np.zeros_like(kp), np.zeros_like(effort), np.zeros_like(vel)
            kd = DAMPING_OF_PROTECTION * self.inertia
        self.effort = effort + kp * (pos - self.pos) + kd * (vel - self.vel)
        self.peak_effort = max(self.peak_effort, float(np.abs(self.effort).max()))
        friction = FRICTION * self.inertia
        # Implicit in velocity and position: stiff gains at a slow rate must not explode.
        total = effort + kp * (pos - self.pos) + kd * vel
        self.vel = (self.inertia * self.vel + dt_s * total) / (
            self.inertia + dt_s * (kd + friction) + dt_s * dt_s * kp
        )
        self.pos = self.pos + dt_s * self.vel


@dataclass
class Faults:
    """What is wrong with the robot at the moment."""

    silence: set[str] = field(default_factory=set)
    late: bool = False
    names: bool = False
    nan: bool = False
    error: int = 0
    domain: int = 0


class FakeRobot(Node):
    """Publishes the state of groups of drives at a rate, obeys commands, has faults."""

    def __init__(self, name: str, groups: dict[str, Drives], options: argparse.Namespace) -> None:
        super().__init__(name)
        self.groups = groups
        self.options = options
        self.faults = Faults()
        self.intruder: Node | None = None
        self.imu_publishers: list = []
        self.lock = threading.Lock()
        self._last_s = self.now_s()
        self._ticks = 0
        self.create_timer(1.0 / options.rate, self._tick)

    def now_s(self) -> float:
        """Monotonic enough for a test."""
        return self.get_clock().now().nanoseconds * 1e-9

    def add_imu(self, topic: str) -> None:
        """An upright IMU."""
        self.imu_publishers.append(self.create_publisher(Imu, topic, BEST_EFFORT))

    def publish_group(self, group: str, drives: Drives) -> None:
        """Puts one group's state on its topic."""
        raise NotImplementedError

    def intrude(self, node: Node) -> None:
        """Makes `node` publish where only one may."""
        raise NotImplementedError

    def report(self) -> dict:
        """What the drives saw."""
        return {
            group: {
                "commands": drives.commands,
                "protected": drives.protected,
                "pos": [round(float(x), 5) for x in drives.pos],
                "target": [round(float(x), 5) for x in drives.target[0]],
                "effort": [round(float(x), 5) for x in drives.target[2]],
                "kp": [round(float(x), 5) for x in drives.target[3]],
                "kd": [round(float(x), 5) for x in drives.target[4]],
            }
            for group, drives in self.groups.items()
        }

    def shown_names(self, drives: Drives) -> list[str]:
        """Names as they go out, wrong where that is the fault."""
        names = list(drives.names)
        if self.faults.names:
            names[-1] = "third_elbow"
        return [self.options.prefix_names(name) for name in names]

    def shown_pos(self, drives: Drives) -> np.ndarray:
        """Positions as they go out."""
        pos = drives.pos.copy()
        if self.faults.nan:
            pos[0] = np.nan
        return pos

    def _tick(self) -> None:
        with self.lock:
            now_s = self.now_s()
            dt_s = min(now_s - self._last_s, 0.02)
            self._last_s = now_s
            self._ticks += 1
            for drives in self.groups.values():
                drives.step(now_s, dt_s)
            if self.faults.late and self._ticks % int(self.options.rate):
                return
            if "all" in self.faults.silence:
                return
            for group, drives in self.groups.items():
                if group not in self.faults.silence:
                    self.publish_group(group, drives)
            if "imu" not in self.faults.silence:
                self._publish_imu()

    def _publish_imu(self) -> None:
        message = Imu()
        message.header.stamp = self.get_clock().now().to_msg()
        message.orientation.w = 1.0
        message.linear_acceleration.z = 9.81
        for publisher in self.imu_publishers:
            publisher.publish(message)

    def obey(self, words: list[str]) -> dict:
        """One line from whoever rules the test."""
        verb, rest = words[0], words[1:]
        faults = self.faults
        if verb == "silence":
            faults.silence.add(rest[0] if rest else "all")
        elif verb in ("late", "names", "nan"):
            setattr(faults, verb, True)
        elif verb in ("error", "domain"):
            setattr(faults, verb, int(rest[0]))
        elif verb == "clear":
            self.faults = Faults()
        elif verb == "second":
            self.intruder = Node("intruder")
            self.intrude(self.intruder)
        elif verb != "report":
            return self.obey_more(verb, rest)
        return self.report()

    def obey_more(self, verb: str, rest: list[str]) -> dict:
        """Verbs that only some robots know."""
        return {"unknown": verb}


def arguments(description: str) -> argparse.ArgumentParser:
    """Options that every fake has."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--rate", type=float, default=200.0, help="state messages per second")
    parser.add_argument(
        "--names", choices=["full", "bare", "empty"], default="full", help="how joints are named"
    )
    parser.add_argument("--reliable", action="store_true", help="hear reliable commands only")
    return parser


def parsed(parser: argparse.ArgumentParser) -> argparse.Namespace:
    """Parses, and turns --names into a function."""
    options = parser.parse_args()
    options.prefix_names = {
        "full": lambda name: name,
        "bare": lambda name: name.removesuffix("_joint"),
        "empty": lambda name: "",
    }[options.names]
    return options


def spin(robot: FakeRobot, more: list[Node]) -> None:
    """Runs a fake until its standard input closes or says quit."""
    executor = SingleThreadedExecutor()
    for node in [robot, *more]:
        executor.add_node(node)
    ended = threading.Event()

    def run() -> None:
        while not ended.is_set():
            executor.spin_once(timeout_sec=0.05)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    print(json.dumps({"ready": robot.get_name()}), flush=True)
    for line in sys.stdin:
        words = line.split()
        if not words:
            continue
        if words[0] == "quit":
            break
        with robot.lock:
            answer = robot.obey(words)
        print(json.dumps(answer), flush=True)
    ended.set()
    thread.join(timeout=2.0)
    rclpy.try_shutdown()
