# SPDX-License-Identifier: Apache-2.0
"""Bring-up before drives on CAN, in a process that speaks their frames: held, stopped, let go."""

import os
import shutil
import subprocess

import pytest
import yaml

pytest.importorskip("launch_pytest", reason="needs the ROS package launch_pytest")
pytest.importorskip("controller_manager", reason="needs ros2_control")

import launch_pytest
from launch_rig import ELBOW, Launched, Rig
from vendor_rig import ROOT

from neuraxis_common import bringup

ROBOT = "lingxi_x2"
# On a busy machine a late answer is no dead drive.
PATIENT = {"reply_timeout_s": 0.5, "drive_timeout_s": 1.0, "state_timeout_s": 0.6}
PATIENT |= {"activate_timeout_s": 15}


def program():
    """The drives: built with the C++ tests, not installed."""
    built = ROOT / "build" / "core" / "neuraxis_fake_can_motors"
    found = os.environ.get("NEURAXIS_FAKE_CAN_MOTORS") or shutil.which(built.name)
    if not found and not built.exists():
        pytest.skip("needs neuraxis_fake_can_motors, a part of the C++ tests")
    return found or str(built)


class Drives:
    """All drives of the example on one bus, which is a socket."""

    def __init__(self, folder):
        wire = yaml.safe_load((ROOT / f"config/backends/socketcan_mit/{ROBOT}.yaml").read_text())
        socket = folder / "bus"
        for drive in wire["joints"].values():
            drive["can_bus"] = f"unix:{socket}"
        self.ids = {joint: drive["can_id"] for joint, drive in wire["joints"].items()}
        self.wire = folder / "wire.yaml"
        self.wire.write_text(yaml.safe_dump(wire | PATIENT))
        motors = [f"{drive['motor']}:{drive['can_id']}:253" for drive in wire["joints"].values()]
        self.process = subprocess.Popen(
            [program(), str(socket), *motors],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout.readline() == "ready\n"

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline()

    def where(self, joint):
        """(position, enabled, times its own watchdog tripped) of a joint's drive."""
        return tuple(map(float, self.ask(f"where {self.ids[joint]}").split()))

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=15.0)


@pytest.fixture
def drives(tmp_path):
    it = Drives(tmp_path)
    yield it
    it.close()


@launch_pytest.fixture
def robot(drives):
    it = Launched(
        robot=ROBOT,
        hardware="socketcan_mit",
        commander="trajectory",
        xacro_args=f"wire_path:={drives.wire}",
    )
    return it.description, it


@pytest.fixture
def rig():
    it = Rig()
    yield it
    it.close()


@pytest.mark.launch(fixture=robot)
def test_drives_on_can_follow_stop_on_a_fault_and_are_let_go(robot, drives, rig):
    _, launched = robot
    rig.wait_active(bringup.active("trajectory"))
    rig.wait(lambda: launched.ended("controllers"), "the spawner's end")
    assert drives.where(ELBOW)[1] == 1.0
    goal = rig.arm_goal(-0.3)
    rig.follow("left_arm_controller", goal, 2.0)
    rig.wait(lambda: abs(drives.where(ELBOW)[0] - goal[ELBOW]) < 0.05, "the drive at the goal")
    rig.wait(lambda: abs(rig.joints[ELBOW][0] - goal[ELBOW]) < 0.05, "the joint state there")
    drives.ask(f"error {drives.ids[ELBOW]} 4")
    rig.wait(rig.level("damping"), "damping")
    yield
    assert set(launched.exit_codes.values()) == {0}, launched.exit_codes
    assert drives.where(ELBOW)[1] == 0.0 and "cannot give the robot back" not in launched.said
