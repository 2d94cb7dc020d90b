# SPDX-License-Identifier: Apache-2.0
"""Bring-up before fake robots on the vendors' wires: held, given back, and only listened to."""

import pytest
import yaml

pytest.importorskip("launch_pytest", reason="needs the ROS package launch_pytest")
pytest.importorskip("controller_manager", reason="needs ros2_control")

import launch_pytest
from launch_rig import Launched, Rig, has_package
from vendor_rig import ROOT, SLOW
from vendor_rig import Rig as Fakes

from neuraxis_common import bringup

CASES = {
    "aimdk_hal": ("lingxi_x2", "fake_x2_hal", "aimdk_msgs"),
    "body_drive": ("expedition_a3", "fake_a3_body", "joint_msgs"),
}
PATIENT = SLOW | {"state_timeout_s": "0.6", "activate_timeout_s": "15"}


@pytest.fixture
def fakes(tmp_path):
    it = Fakes(tmp_path)
    yield it
    it.close()


def bring_up(fakes, hardware, **arguments):
    """The launch of a robot on a wire, and the fake at the other end."""
    robot, name, package = CASES[hardware]
    if not has_package(package):
        pytest.skip(f"needs {package}: the vendor's, or test/vendor_msgs")
    fake = fakes.fake(name)
    shipped = ROOT / "config" / "backends" / hardware / f"{robot}.yaml"
    wire = fakes.folder / "wire.yaml"
    wire.write_text(yaml.safe_dump(yaml.safe_load(shipped.read_text()) | PATIENT))
    it = Launched(
        robot=robot,
        hardware=hardware,
        commander="trajectory",
        xacro_args=f"wire_path:={wire}",
        **arguments,
    )
    return it.description, it, fake


@launch_pytest.fixture(params=CASES)
def robot(request, fakes):
    return bring_up(fakes, request.param)


@launch_pytest.fixture(params=CASES)
def listened_to(request, fakes):
    return bring_up(fakes, request.param, probe="true")


@pytest.fixture
def rig():
    it = Rig()
    yield it
    it.close()


@pytest.mark.launch(fixture=robot)
def test_a_robot_on_its_wire_is_held_and_given_back(robot, rig):
    _, launched, fake = robot
    rig.wait_active(bringup.active("trajectory"))
    rig.wait(lambda: rig.spinal is not None, "the spinal cord's state")
    rig.wait(lambda: launched.ended("controllers"), "the spawner's end")
    assert fake.ask("report")["leg"]["commands"] > 10
    assert min(fake.ask("report")["leg"]["kp"]) > 50.0
    yield
    assert set(launched.exit_codes.values()) == {0}, launched.exit_codes
    assert not any(name.startswith("small_brain") for name in launched.exit_codes)


@pytest.mark.launch(fixture=listened_to)
def test_a_probe_measures_and_sends_nothing(listened_to, rig):
    _, launched, fake = listened_to
    rig.wait(lambda: "probe: listening only" in launched.said, "the probe's line")
    rig.spin(3.0)
    # What the robot's own controller asks of the joints, and nothing where there is none.
    assert set(fake.ask("report")["leg"]["kp"]) <= {0.0, 40.0}
    assert (
        launched.arguments["hardware"] != "body_drive" or not fake.ask("report")["leg"]["commands"]
    )
