# SPDX-License-Identifier: Apache-2.0
"""Grips: where the fingers stop, how hard they press, and what counts as holding."""

from __future__ import annotations

import numpy as np
import pytest
from arm_rig import CONFIG, DT_S, Rig

from small_brain_node.gripper import AT_TARGET_M, GripReport


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_fingers_reach_a_free_width(rig) -> None:
    assert rig.arms.grip(rig.now_s, "left", 0.03, 20.0) is None
    assert rig.arms.gripping("left") == "running"
    rig.run(1.5)
    report = rig.arms.gripping("left")
    assert isinstance(report, GripReport)
    assert report.width_m == pytest.approx(0.03, abs=2 * AT_TARGET_M)
    assert not report.holding


def test_fingers_stall_on_a_part_and_press_with_the_asked_force(rig) -> None:
    part_m, force_N = 0.04, 18.0
    rig.obstacle_m = part_m / 2
    rig.arms.grip(rig.now_s, "left", part_m - 0.02, force_N)
    rig.run(1.5)
    report = rig.arms.gripping("left")
    assert report.holding
    assert report.width_m == pytest.approx(part_m)
    assert report.effort_N == pytest.approx(force_N)


def test_a_part_that_slips_away_is_noticed_afterwards(rig) -> None:
    rig.obstacle_m = 0.02
    rig.arms.grip(rig.now_s, "left", 0.02, 18.0)
    rig.run(1.5)
    assert rig.arms.gripping("left").holding
    rig.obstacle_m = None
    rig.run(0.5)
    assert not rig.arms.gripping("left").holding


def test_the_pressing_force_is_bounded_on_the_way(rig) -> None:
    force_N = 10.0
    rig.obstacle_m = 0.03
    rig.arms.grip(rig.now_s, "left", 0.0, force_N)
    ratio = rig.profile.grippers["left"].effort_per_force
    for _ in range(150):
        rig.tick()
        finger = rig.names.index("left_gripper_joint")
        assert abs(rig.effort[finger]) <= force_N * ratio * 1.001


def test_moving_fingers_that_never_settle_time_out(rig) -> None:
    rig.arms.grip(rig.now_s, "left", 0.0, 10.0)
    finger = rig.names.index("left_gripper_joint")
    for _ in range(round(CONFIG.grip_timeout_s / DT_S) + 10):
        rig.q[finger] = 0.02 + 0.005 * np.sin(20 * rig.now_s)
        rig.tick()
        rig.dq[finger] = 0.1
    assert rig.arms.gripping("left").code == "grip_timeout"


@pytest.mark.parametrize(
    ("side", "width_m", "force_N", "code"),
    [
        ("left", 0.2, 10.0, "grip_limit"),
        ("left", -0.01, 10.0, "grip_limit"),
        ("left", float("nan"), 10.0, "grip_limit"),
        ("left", 0.02, 1e3, "grip_limit"),
        ("left", 0.02, 0.0, "grip_limit"),
        ("middle", 0.02, 10.0, "unknown_side"),
    ],
)
def test_bad_grips_are_refused(rig, side, width_m, force_N, code) -> None:
    assert rig.arms.grip(rig.now_s, side, width_m, force_N).code == code
