# SPDX-License-Identifier: Apache-2.0
"""The plugins on a real controller manager: take over, follow, stop by the ladder, give back."""

from __future__ import annotations

import re
import time
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

import yaml
from control_rig import BROADCASTERS, ControlRig
from lifecycle_msgs.msg import State
from std_msgs.msg import String

from neuraxis_common.robot import compile_urdf, load_profile

if not list(SHARE.glob("**/hardware_plugins.xml")):
    pytest.skip("neuraxis was built without its ros2_control plugins", allow_module_level=True)

ROBOT = "lingxi_x2"
COMMAND_PERIOD_S = 0.01
FAULTY_JOINT = "head_yaw_joint"
LOOK_LEFT = {"head_yaw_joint": 0.2}


@pytest.fixture
def profile(root):
    return load_profile(ROBOT, root)


@pytest.fixture
def machine(context, root, profile, tmp_path):
    """Starts a manager; closes every one at the end."""
    rigs = []

    def start(hardware="mock", change=lambda xml: xml, more=None, prefixes=(), mappings=None):
        folder = root / "config" / "controllers"
        configs = [folder / "controllers.yaml", folder / f"{ROBOT}.yaml"]
        if more is not None:
            configs.append(tmp_path / "more.yaml")
            configs[-1].write_text(yaml.safe_dump(more), encoding="utf-8")
        urdf_xml = change(describe(root, profile, hardware, mappings or {}))
        rig = ControlRig(urdf_xml, configs, tmp_path / f"{len(rigs)}.log", prefixes)
        rigs.append(rig)
        return rig

    yield start
    for rig in rigs:
        rig.close()


def describe(root, profile, hardware, mappings):
    urdf_xml = compile_urdf(profile, root, hardware)
    for name, value in mappings.items():
        param = f'<param name="{name}">'
        line = f"{param}{value}</param>"
        urdf_xml = re.sub(f"{param}[^<]*</param>", "", urdf_xml)
        urdf_xml = urdf_xml.replace("</plugin>", f"</plugin>{line}", 1)
    return urdf_xml


def bring_up(rig):
    """Everything that a robot under the small brain runs."""
    rig.load("halt_controller", "safety_controller", *BROADCASTERS, "impedance_controller")
    assert rig.switch(["safety_controller", *BROADCASTERS]), rig.log[-4000:]
    rig.until(lambda: rig.joints, "joint states")
    rig.until(lambda: rig.spinal, "spinal state")


def drive(rig, profile, seconds, start=None, end=None):
    """Command the ready pose at 100 Hz, with named joints led from start to end."""
    gains = {name: (profile.kp[name], profile.kd[name]) for name in profile.joint_names}
    start, end = start or {}, end or start or {}
    began_s = time.monotonic()
    while (share := (time.monotonic() - began_s) / seconds) < 1.0:
        led = {name: start[name] + share * (end[name] - start[name]) for name in start}
        rig.command(dict(profile.ready_pose_rad) | led, gains)
        rig.spin(COMMAND_PERIOD_S)


def level(rig):
    return rig.spinal[-1].stop_level


@pytest.fixture
def world(root, tmp_path):
    """A MuJoCo world whose keyframe has the robot on its feet."""
    mujoco = pytest.importorskip("mujoco")
    from neuraxis_sim.make_world import make_world

    path = tmp_path / "world.mjb"
    mujoco.mj_saveModel(make_world(ROBOT, "sorting_bench", 7, root), str(path), None)
    return path


def test_a_mock_robot_is_taken_over_commanded_stopped_and_reset(machine, profile):
    rig = machine("mock")
    started_s = time.monotonic()
    bring_up(rig)
    print(f"\nbring-up {time.monotonic() - started_s:.1f} s")
    assert rig.hardware_state() == "active"
    assert level(rig) == "hold"
    assert "waiting_for_command" in rig.spinal[-1].stop_cause
    for name in profile.joint_names:
        assert rig.position(name) == pytest.approx(profile.ready_pose_rad[name], abs=1e-6)

    assert rig.switch(["impedance_controller"])
    drive(rig, profile, 0.5)
    assert level(rig) == "run"
    drive(rig, profile, 1.5, {"head_yaw_joint": 0.0}, LOOK_LEFT)
    assert rig.position("head_yaw_joint") == pytest.approx(0.2, abs=0.02)

    rig.until(lambda: level(rig) == "hold", "hold after commands ended", 3.0)
    assert rig.spinal[-1].stop_cause.startswith("command_stale")
    drive(rig, profile, 0.3, LOOK_LEFT)
    assert level(rig) == "hold", "latched"
    answer = rig.reset_stop()
    assert answer.accepted, answer.message
    drive(rig, profile, 0.5, LOOK_LEFT)
    assert level(rig) == "run"

    drive(rig, profile, 0.3, {"head_yaw_joint": -0.3})
    assert level(rig) == "hold", "a jump is no command"
    assert rig.spinal[-1].last_rejection.startswith(("rate: joint 'head_yaw_joint'", "latched"))
    assert rig.reset_stop().accepted

    assert not rig.request_stop("jump").accepted
    assert rig.request_stop("damping", "an operator said so").accepted
    rig.until(lambda: level(rig) == "damping", "damping", 2.0)
    assert rig.spinal[-1].stop_cause == "operator_request: an operator said so"
    assert rig.reset_stop().accepted

    state = rig.until(
        lambda: next((v for k, v in rig.diagnostics.items() if "spinal cord" in k), None),
        "diagnostics",
    )
    assert float(state["cycle_us_p50"]) > 0
    assert float(state["period_us_p999"]) > 0
    print({key: value for key, value in state.items() if "_us_" in key})
    assert rig.close() == 0, rig.log[-3000:]


def test_mujoco_stands_is_led_and_holds(machine, profile, world):
    rig = machine("mujoco", mappings={"model_path": world})
    bring_up(rig)
    assert rig.hardware_state() == "active"
    assert rig.switch(["impedance_controller"])
    drive(rig, profile, 1.0)
    assert level(rig) == "run"
    assert sum(rig.spinal[-1].foot_force) > 0.5 * profile.mass_kg * 9.81
    drive(rig, profile, 2.0, {"head_yaw_joint": 0.0}, LOOK_LEFT)
    assert rig.position("head_yaw_joint") == pytest.approx(0.2, abs=0.03)
    rig.until(lambda: level(rig) == "hold", "hold after commands ended", 3.0)
    rig.spin(1.0)
    assert level(rig) == "hold", rig.spinal[-1].stop_cause
    print(f"\nreal-time factor {rig.spinal[-1].real_time_factor:.2f}")
    assert rig.close() == 0, rig.log[-3000:]


def failing():
    return {
        "/**/controller_manager": {
            "ros__parameters": {
                "faulty_controller": {
                    "type": "neuraxis_test/FaultyController",
                    "fallback_controllers": ["halt_controller"],
                },
                "half_controller": {"type": "neuraxis_test/FaultyController"},
            }
        },
        "/**/faulty_controller": {"ros__parameters": {"joints": [FAULTY_JOINT]}},
        "/**/half_controller": {
            "ros__parameters": {"joints": [FAULTY_JOINT], "interfaces": ["position", "kp"]}
        },
    }


@pytest.fixture
def test_prefix():
    """Where the build put plugins that only tests know."""
    import os

    path = os.environ.get("NEURAXIS_TEST_PREFIX", "")
    if not path or not Path(path).is_dir():
        pytest.skip("NEURAXIS_TEST_PREFIX is not the test_prefix of a build with BUILD_TESTING")
    return Path(path)


def test_a_chain_leads_through_the_impedance_controller(machine, profile, test_prefix):
    head = {
        "joints": list(profile.joint_names),
        "interfaces": ["position", "velocity", "effort", "kp", "kd"],
        "values": [0.0, 0.0, min(profile.kp.values()), min(profile.kd.values())],
        "prefix": "impedance_controller/",
    }
    more = failing() | {"/**/faulty_controller": {"ros__parameters": head}}
    rig = machine("mock", more=more, prefixes=[test_prefix])
    bring_up(rig)
    rig.load("faulty_controller")
    assert rig.switch(["impedance_controller", "faulty_controller"]), rig.log[-3000:]
    rig.until(lambda: level(rig) == "run", "run", 5.0)
    drive(rig, profile, 0.5, LOOK_LEFT)
    assert rig.position("head_yaw_joint") == pytest.approx(0.0, abs=1e-3), "the topic is not heard"
    assert rig.switch(off=["faulty_controller"])
    rig.until(lambda: level(rig) == "hold", "hold", 5.0)
    assert rig.spinal[-1].stop_cause.startswith("command_stale")
    assert rig.reset_stop().accepted
    drive(rig, profile, 0.5)
    assert level(rig) == "run", "the topic is heard again"


@pytest.mark.parametrize("fault", ["error", "throw"])
def test_a_controller_that_dies_ends_in_the_stop_ladder(machine, test_prefix, fault):
    rig = machine("mock", more=failing(), prefixes=[test_prefix])
    bring_up(rig)
    rig.load("faulty_controller")
    assert rig.switch(["faulty_controller"])
    rig.until(lambda: level(rig) == "run", "run")
    fail = rig.node.create_publisher(String, "faulty_controller/fail", 1)
    rig.until(lambda: fail.get_subscription_count(), "the faulty controller's ear")
    fail.publish(String(data=fault))
    rig.until(lambda: level(rig) == "hold", "hold", 5.0)
    assert rig.spinal[-1].stop_cause == "operator_request: halt controller"
    assert rig.controllers()["halt_controller"] == "active"
    assert rig.controllers()["faulty_controller"] != "active"
    assert not rig.reset_stop().accepted, "while the halt stands"
    assert rig.switch(off=["halt_controller"])
    assert rig.reset_stop().accepted


def test_half_a_mode_is_refused_with_the_joint(machine, test_prefix):
    rig = machine("mock", more=failing(), prefixes=[test_prefix])
    bring_up(rig)
    rig.load("half_controller")
    assert not rig.switch(["half_controller"])
    assert f"joint '{FAULTY_JOINT}'" in rig.log
    assert "'kp' needs 'kd'" in rig.log


def test_a_dead_link_ends_in_an_error_and_may_be_configured_again(machine):
    illness = {"fault": "silence", "fault_after_s": 4.0, "damping_time_s": 0.5, "dead_link_s": 1.0}
    rig = machine("mock", mappings=illness)
    bring_up(rig)
    rig.until(lambda: level(rig) == "damping", "damping", 10.0)
    rig.until(lambda: level(rig) == "zero", "zero", 5.0)
    assert rig.spinal[-1].stop_cause.startswith("state_stale")
    rig.until(lambda: rig.hardware_state() == "unconfigured", "unconfigured", 10.0)
    assert rig.controllers()["safety_controller"] != "active"
    assert rig.set_hardware(ROBOT, "active", State.PRIMARY_STATE_ACTIVE), rig.log[-3000:]
    rig.spinal.clear()
    assert rig.switch(["safety_controller"]), rig.log[-3000:]
    rig.until(lambda: rig.spinal and level(rig) == "hold", "hold again", 5.0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda xml: xml.replace(">mock</param>", ">magic</param>"), ["unknown backend 'magic'"]),
        (
            lambda xml: xml.replace('<param name="kp">20.0</param>', "", 1),
            ["joint 'head_yaw_joint'", "'kp' is missing"],
        ),
        (
            lambda xml: xml.replace('"update_rate">1000<', '"update_rate">500<'),
            ["'update_rate' is 500", "1000 Hz"],
        ),
    ],
)
def test_a_bad_description_fails_with_its_name(machine, change, words):
    rig = machine("mock", change)
    for word in words:
        rig.until(lambda word=word: word in rig.log, f"'{word}' in the log", 20.0)


def test_mujoco_without_a_model_names_the_parameter(machine):
    rig = machine("mujoco")
    rig.until(lambda: "parameter 'model_path' is missing" in rig.log, "the parameter's name", 20.0)
