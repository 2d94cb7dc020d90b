# SPDX-License-Identifier: Apache-2.0
"""The ros2_control plugin on a real controller manager, before fake robots of the vendors."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("controller_manager_msgs", reason="needs ros2_control")

from ament_index_python.packages import (
    PackageNotFoundError,
    get_package_prefix,
    get_package_share_directory,
)

try:
    get_package_prefix("controller_manager")
    SHARE = Path(get_package_share_directory("neuraxis"))
except PackageNotFoundError as error:
    pytest.skip(f"needs package {error}", allow_module_level=True)

from control_rig import ControlRig
from vendor_rig import SLOW, Rig, need

from neuraxis_common.robot import compile_urdf, load_profile

if not list(SHARE.glob("**/hardware_plugins.xml")):
    pytest.skip("neuraxis was built without its ros2_control plugins", allow_module_level=True)

INACTIVE = 2
PATIENT = SLOW | {"state_timeout_s": "0.6", "activate_timeout_s": "15"}


@pytest.fixture
def fakes(tmp_path, domain):
    made = Rig(tmp_path)
    yield made
    made.close()


@pytest.fixture
def machine(context, root, tmp_path):
    """Starts a manager on a vendor's backend; closes it at the end."""
    rigs = []

    def start(robot, hardware, **changes):
        urdf_xml = compile_urdf(load_profile(robot, root), root, hardware)
        for name, value in (PATIENT | changes).items():
            head, _, tail = urdf_xml.partition(f'<param name="{name}">')
            urdf_xml = head + tail.partition("</param>")[2] if tail else head
            line = f'<param name="{name}">{value}</param>'
            urdf_xml = urdf_xml.replace("</plugin>", f"</plugin>{line}", 1)
        folder = root / "config" / "controllers"
        configs = [folder / "controllers.yaml", folder / f"{robot}.yaml"]
        rigs.append(ControlRig(urdf_xml, configs, tmp_path / "manager.log"))
        return rigs[-1]

    yield start
    for rig in rigs:
        rig.close()


def bring_up(rig):
    """State broadcaster and safety controller; the joints hold their measured pose."""
    rig.until(lambda: rig.hardware_state() == "active", "active hardware")
    rig.load("halt_controller", "safety_controller", "joint_state_broadcaster")
    assert rig.switch(["safety_controller", "joint_state_broadcaster"]), rig.log[-4000:]
    rig.until(lambda: rig.joints, "joint states")
    rig.until(lambda: rig.spinal, "spinal state")


def level(rig):
    return rig.spinal[-1].stop_level


def test_an_x2_is_held_stopped_by_a_second_publisher_and_given_back(fakes, machine):
    need("aimdk_msgs")
    fake = fakes.fake("fake_x2_hal")
    rig = machine("lingxi_x2", "aimdk_hal")
    bring_up(rig)
    state = fake.ask("report")
    assert state["mc"]["action"] == "JOINT_DEFAULT"
    assert state["leg"]["commands"] > 10 and min(state["leg"]["kp"]) > 100.0
    assert level(rig) == "hold"
    fake.ask("second")
    rig.until(lambda: level(rig) == "damping", "damping")
    rig.until(lambda: set(fake.ask("report")["leg"]["kp"]) == {0.0}, "drives without stiffness")
    assert min(fake.ask("report")["leg"]["kd"]) > 0.0
    assert rig.set_hardware("lingxi_x2", "inactive", INACTIVE), rig.log[-4000:]
    assert fake.ask("report")["mc"]["action"] == "STAND_DEFAULT"


def test_an_x2_that_goes_silent_is_damped(fakes, machine):
    need("aimdk_msgs")
    fake = fakes.fake("fake_x2_hal")
    rig = machine("lingxi_x2", "aimdk_hal")
    bring_up(rig)
    fake.ask("silence head")
    rig.until(lambda: level(rig) == "damping", "damping")


def test_an_x2_that_another_commands_stays_inactive_and_untouched(fakes, machine):
    need("aimdk_msgs")
    fake = fakes.fake("fake_x2_hal")
    rig = machine("lingxi_x2", "aimdk_hal", handover="none")
    rig.until(lambda: "somebody else commands" in rig.log, "refusal")
    assert "'/mc'" in rig.log and "/aima/hal/joint/leg/command" in rig.log
    state = fake.ask("report")
    assert state["mc"]["action"] == "STAND_DEFAULT" and set(state["leg"]["kp"]) == {40.0}


@pytest.mark.parametrize("robot", ["expedition_a2", "expedition_a3"])
def test_an_expedition_is_held_through_body_drive(fakes, machine, robot):
    need("joint_msgs")
    fake = fakes.fake(f"fake_{robot.removeprefix('expedition_')}_body")
    rig = machine(robot, "body_drive")
    bring_up(rig)
    state = fake.ask("report")
    assert state["dropped"] == 0 and state["leg"]["commands"] > 10
    assert min(state["leg"]["kp"]) > 50.0
    fake.ask("names")
    rig.until(lambda: level(rig) == "damping", "damping")


def test_the_arms_of_an_x2_are_held_while_mc_balances(fakes, machine):
    need("aimdk_msgs")
    fake = fakes.fake("fake_x2_hal")
    rig = machine("lingxi_x2", "cooperative")
    bring_up(rig)
    rig.until(lambda: fake.ask("report")["mc"]["upper"] > 10, "upper-body commands")
    assert rig.set_hardware("lingxi_x2", "inactive", INACTIVE), rig.log[-4000:]
    mc = fake.ask("report")["mc"]
    assert mc["action"] == "STAND_DEFAULT" and not mc["sources"]["pnc"]


def test_the_arms_of_an_a2_are_held_while_it_balances(fakes, machine):
    fake = fakes.fake("fake_a2_body", "--cooperative")
    rig = machine("expedition_a2", "cooperative")
    bring_up(rig)
    rig.until(lambda: fake.ask("report")["arm"]["commands"] > 10, "arm commands")
    assert abs(fake.ask("report")["arm"]["pos"][1] - 1.35) < 0.1
