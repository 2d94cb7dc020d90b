# SPDX-License-Identifier: Apache-2.0
"""Vendor backends before fake robots that speak the real topics, faults included.

Times are generous and rates are low: what is tested is behaviour, not speed.
"""

from __future__ import annotations

import time

import pytest

pytest.importorskip("rclpy", reason="needs a ROS 2, sourced or from make setup")

from vendor_rig import Rig, driver, joints, need

X2, A2, A3 = "lingxi_x2", "expedition_a2", "expedition_a3"


@pytest.fixture
def rig(tmp_path, domain):
    driver()
    made = Rig(tmp_path)
    yield made
    made.close()


@pytest.fixture
def x2(rig):
    need("aimdk_msgs")
    return rig


@pytest.fixture
def expedition(rig):
    need("joint_msgs")
    return rig


def run_and_hold(backend, offset: float = 0.2, seconds: float = 2.0) -> dict:
    """Holds the measured pose, then goes a little further."""
    backend.ask("gains 80 20")
    backend.ask("run 0.5")
    backend.ask(f"offset {offset}")
    return backend.ask(f"run {seconds}")


# --- aimdk_hal


def test_x2_is_taken_over_moved_and_handed_back(x2):
    fake = x2.fake("fake_x2_hal")
    backend = x2.backend("aimdk_hal", X2)
    answer = backend.ask("activate 15")
    assert len(answer["rates"]) == 5, answer
    assert fake.ask("report")["mc"]["action"] == "JOINT_DEFAULT"
    moved = run_and_hold(backend)
    assert moved["fresh"] > 0 and moved["error"] == 0, moved
    assert moved["allocations"] == 0 and moved["locks"] == 0
    assert moved["battery"] == pytest.approx([0.64, 52.5, -3.5, 31.0])
    state = fake.ask("report")
    for group in ("leg", "waist", "arm", "head"):
        assert state[group]["target"] == pytest.approx([0.2] * len(state[group]["pos"]), abs=0.05)
        assert set(state[group]["kp"]) == {80.0}
    by_name = dict(zip(joints(X2), moved["pos"], strict=True))
    assert by_name["left_knee_joint"] == pytest.approx(0.2, abs=0.08)
    assert by_name["left_gripper_joint"] == 0.0
    assert backend.ask("deactivate 10") == {"ok": True}
    assert fake.ask("report")["mc"]["action"] == "STAND_DEFAULT"


@pytest.mark.parametrize("names", ["bare", "empty"])
def test_x2_names_come_without_suffix_or_not_at_all(x2, names):
    x2.fake("fake_x2_hal", "--names", names, "--no-mc-publishers")
    backend = x2.backend("aimdk_hal", X2, handover="none")
    assert "rates" in backend.ask("activate 15")
    assert run_and_hold(backend, seconds=1.0)["error"] == 0


def test_x2_probe_listens_and_never_publishes(x2):
    fake = x2.fake("fake_x2_hal")
    backend = x2.backend("aimdk_hal", X2, probe="true")
    assert "rates" in backend.ask("activate 15")
    assert run_and_hold(backend, seconds=0.5)["fresh"] > 0
    state = fake.ask("report")
    assert state["mc"]["action"] == "STAND_DEFAULT"
    assert set(state["leg"]["kp"]) == {40.0}
    assert backend.ask("deactivate 5") == {"ok": True}


def test_x2_owned_by_another_is_refused_by_name(x2):
    fake = x2.fake("fake_x2_hal")
    backend = x2.backend("aimdk_hal", X2, handover="none")
    error = backend.ask("activate 15")["error"]
    assert "'/mc'" in error and "/aima/hal/joint/leg/command" in error
    assert set(fake.ask("report")["leg"]["kp"]) == {40.0}


def test_x2_whose_controller_only_pretends_to_rest_is_given_back(x2):
    fake = x2.fake("fake_x2_hal")
    fake.ask("mc_noisy")
    backend = x2.backend("aimdk_hal", X2)
    error = backend.ask("activate 20")["error"]
    assert "after the hand-over" in error and "/mc" in error and "has it again" in error
    assert fake.ask("report")["mc"]["action"] == "STAND_DEFAULT"


def test_x2_controller_that_answers_zero_and_does_nothing_is_found_out(x2):
    fake = x2.fake("fake_x2_hal")
    fake.ask("mc_stuck")
    backend = x2.backend("aimdk_hal", X2)
    error = backend.ask("activate 10")["error"]
    assert "stays in action" in error and "STAND_DEFAULT" in error, error


def test_x2_hand_back_that_fails_ends_in_damping(x2):
    fake = x2.fake("fake_x2_hal")
    backend = x2.backend("aimdk_hal", X2)
    assert "rates" in backend.ask("activate 15")
    run_and_hold(backend, seconds=0.5)
    fake.ask("mc_deaf")
    error = backend.ask("deactivate 3")["error"]
    assert "GetMcAction" in error or "SetMcAction" in error
    assert "damped" in error
    leg = fake.ask("report")["leg"]
    assert set(leg["kp"]) == {0.0} and set(leg["kd"]) == {5.0}


def test_x2_that_is_off_is_named(x2):
    backend = x2.backend("aimdk_hal", X2)
    error = backend.ask("activate 1")["error"]
    assert "/aima/hal/joint/leg/state" in error and "/aima/hal/imu/torso/state" in error


def test_x2_slower_than_the_minimum_is_refused_with_its_rate(x2):
    x2.fake("fake_x2_hal", "--rate", "20")
    backend = x2.backend("aimdk_hal", X2, state_rate_min_hz="100")
    error = backend.ask("activate 15")["error"]
    assert "state_rate_min_hz 100" in error and "Hz" in error


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        ("names", 1, "third_elbow"),
        ("domain 2", 102, "POWERDOWN"),
        ("error 7", 301, "drive error"),
        ("second", 3, "intruder"),
    ],
)
def test_x2_fault_becomes_an_error_of_its_own(x2, fault, code, words):
    fake = x2.fake("fake_x2_hal")
    backend = x2.backend("aimdk_hal", X2)
    assert "rates" in backend.ask("activate 15")
    assert run_and_hold(backend, seconds=0.5)["error"] == 0
    fake.ask(fault)
    seen = backend.ask("run 2.0")
    assert seen["error"] > 0 and seen["code"] == code, seen
    assert words in backend.ask("text")["text"]


@pytest.mark.parametrize("fault", ["silence", "silence head", "silence imu", "late"])
def test_x2_that_goes_silent_is_silent(x2, fault):
    fake = x2.fake("fake_x2_hal")
    backend = x2.backend("aimdk_hal", X2)
    assert "rates" in backend.ask("activate 15")
    assert run_and_hold(backend, seconds=0.5)["fresh"] > 0
    fake.ask(fault)
    assert backend.ask("run 2.0")["silent"] > 500
    fake.ask("clear")
    backend.ask("run 0.5")
    assert backend.ask("run 0.5")["fresh"] > 0


def test_x2_not_a_number_reaches_the_cord_which_refuses_it(x2):
    fake = x2.fake("fake_x2_hal")
    backend = x2.backend("aimdk_hal", X2)
    assert "rates" in backend.ask("activate 15")
    fake.ask("nan")
    backend.ask("run 0.3")
    assert backend.ask("run 0.5")["nan"] is True


def test_x2_drives_protect_themselves_when_the_loop_ends(x2):
    fake = x2.fake("fake_x2_hal", "--no-mc-publishers")
    backend = x2.backend("aimdk_hal", X2, handover="none")
    assert "rates" in backend.ask("activate 15")
    run_and_hold(backend, seconds=0.5)
    time.sleep(1.0)
    assert fake.ask("report")["leg"]["protected"] >= 1


def test_x2_reliable_commands_reach_a_reliable_listener(x2):
    x2.fake("fake_x2_hal", "--reliable", "--no-mc-publishers")
    backend = x2.backend("aimdk_hal", X2, handover="none")
    assert "nobody listens" in backend.ask("activate 4")["error"]
    backend = x2.backend("aimdk_hal", X2, handover="none", command_reliability="reliable")
    assert "rates" in backend.ask("activate 15")


# --- body_drive


def test_a2_ankles_and_wrists_move_through_their_drives(expedition):
    fake = expedition.fake("fake_a2_body")
    backend = expedition.backend("body_drive", A2)
    assert "rates" in backend.ask("activate 15")
    moved = run_and_hold(backend, offset=0.1, seconds=3.0)
    assert moved["error"] == 0 and moved["allocations"] == 0 and moved["locks"] == 0, moved
    assert moved["feet"] == [300.0, 80.0]
    pos = dict(zip(joints(A2), moved["pos"], strict=True))
    for name in ("idx05_left_toe_pitch", "idx06_left_toe_roll", "idx12_right_toe_roll"):
        assert pos[name] == pytest.approx(0.1, abs=0.04), name
    assert pos["idx18_left_arm_joint6"] == pytest.approx(0.1, abs=0.05)
    state = fake.ask("report")
    assert state["dropped"] == 0 and state["sequence"] > 0 and state["sequence_gaps"] == 0
    # Pitch and roll of 0.1 rad: motor A at about 0.05, motor B at about 0.15 rad.
    assert state["leg"]["target"][4] == pytest.approx(0.05, abs=0.03)
    assert state["leg"]["target"][5] == pytest.approx(0.15, abs=0.03)
    assert backend.ask("deactivate 5") == {"ok": True}


def test_a2_ankle_torque_from_the_host_leaves_the_drives_without_gains(expedition):
    fake = expedition.fake("fake_a2_body")
    backend = expedition.backend("body_drive", A2, linkage_gains="host")
    assert "rates" in backend.ask("activate 15")
    moved = run_and_hold(backend, offset=0.1, seconds=3.0)
    assert moved["error"] == 0
    leg = fake.ask("report")["leg"]
    assert leg["kp"][4] == 0.0 and leg["kp"][0] == 80.0


def test_a3_speaks_its_own_order_and_alias(expedition):
    fake = expedition.fake("fake_a3_body")
    backend = expedition.backend("body_drive", A3)
    assert "rates" in backend.ask("activate 15")
    moved = run_and_hold(backend, seconds=2.0)
    assert moved["error"] == 0, moved
    state = fake.ask("report")
    assert state["waist"]["target"] == pytest.approx([0.2] * 3, abs=0.05)
    assert backend.ask("deactivate 5") == {"ok": True}


@pytest.mark.parametrize("robot", [A2, A3])
@pytest.mark.parametrize(("fault", "code"), [("names", 1), ("second", 3)])
def test_body_drive_faults_become_errors(expedition, robot, fault, code):
    fake = expedition.fake(f"fake_{robot.removeprefix('expedition_')}_body")
    backend = expedition.backend("body_drive", robot)
    assert "rates" in backend.ask("activate 15")
    assert run_and_hold(backend, seconds=0.5)["error"] == 0
    fake.ask(fault)
    seen = backend.ask("run 2.0")
    assert seen["error"] > 0 and seen["code"] == code, seen


def test_a2_not_a_number_in_a_drive_is_a_broken_chain_or_a_refused_sample(expedition):
    fake = expedition.fake("fake_a2_body")
    backend = expedition.backend("body_drive", A2)
    assert "rates" in backend.ask("activate 15")
    fake.ask("nan")
    backend.ask("run 0.3")
    assert backend.ask("run 0.5")["nan"] is True


def test_a2_silence_is_silence(expedition):
    fake = expedition.fake("fake_a2_body")
    backend = expedition.backend("body_drive", A2)
    assert "rates" in backend.ask("activate 15")
    fake.ask("silence leg")
    assert backend.ask("run 2.0")["silent"] > 500


# --- cooperative


def test_x2_arms_move_while_mc_keeps_the_balance(x2):
    fake = x2.fake("fake_x2_hal")
    backend = x2.backend("cooperative", X2)
    answer = backend.ask("activate 15")
    assert "rates" in answer, answer
    report = fake.ask("report")["mc"]
    assert report["action"] == "UPPERBODY_REMOTE_SPLIT" and report["sources"]["pnc"]
    moved = run_and_hold(backend, offset=0.2, seconds=3.0)
    assert moved["error"] == 0 and moved["allocations"] == 0 and moved["locks"] == 0
    report = fake.ask("report")["mc"]
    assert report["upper"] > 10
    assert report["upper_pos"] == pytest.approx([0.2] * 14, abs=0.05)
    assert backend.ask("deactivate 10") == {"ok": True}
    report = fake.ask("report")["mc"]
    assert report["action"] == "STAND_DEFAULT" and not report["sources"]["pnc"]


def test_x2_arms_are_let_go_by_silence_where_the_cord_lets_go(x2):
    fake = x2.fake("fake_x2_hal")
    backend = x2.backend("cooperative", X2)
    assert "rates" in backend.ask("activate 15")
    run_and_hold(backend, seconds=0.5)
    backend.ask("gains 0 5")
    backend.ask("run 0.2")
    before = fake.ask("report")["mc"]["upper"]
    backend.ask("run 0.5")
    assert fake.ask("report")["mc"]["upper"] == before


def test_x2_unknown_source_is_refused(x2):
    x2.fake("fake_x2_hal")
    backend = x2.backend("cooperative", X2, source="nobody")
    error = backend.ask("activate 15")["error"]
    assert "SetMcInputSource" in error and "nobody" in error


def test_a2_arms_follow_within_speed_and_acceleration(rig):
    fake = rig.fake("fake_a2_body", "--cooperative")
    backend = rig.backend("cooperative", A2)
    answer = backend.ask("activate 15")
    assert len(answer["rates"]) == 2, answer
    moved = run_and_hold(backend, offset=0.3, seconds=3.0)
    assert moved["error"] == 0 and moved["allocations"] == 0
    state = fake.ask("report")
    assert state["arm"]["target"][1] == pytest.approx(1.65, abs=0.02)
    assert state["arm"]["target"][0] == pytest.approx(0.3, abs=0.02)
    assert state["step"] < 0.1, "one command must not jump"
    fake.ask("second")
    assert backend.ask("run 2.0")["code"] == 3


# --- refusals before anything moves


def test_a_joint_that_the_wire_lacks_is_named(rig):
    backend = rig.backend("cooperative", A2, names=[*joints(A2), "third_elbow"])
    assert "'third_elbow'" in backend.greeting["refused"]


def test_a_malformed_parameter_is_named(rig):
    backend = rig.backend("cooperative", A2, wire_rate_hz="fast")
    assert "wire_rate_hz" in backend.greeting["refused"]
    assert "[1, 2000]" in backend.greeting["refused"]
