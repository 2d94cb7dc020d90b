# SPDX-License-Identifier: Apache-2.0
"""What two rooms share: rotations, pose memory, goals, parameters, the ledger."""

import math
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuraxis_common.errors import ConfigError, Rejected
from neuraxis_common.frames import PoseHistory
from neuraxis_common.geometry import matrix_to_quat_wxyz, quat_wxyz_to_matrix
from neuraxis_common.goals import GoalSlot, never
from neuraxis_common.ledger import Ledger
from neuraxis_common.params import RobotParams, load_params
from neuraxis_sim.live import Cadence, SimConfig

quaternions = st.tuples(*[st.floats(-1.0, 1.0)] * 4).filter(lambda q: np.linalg.norm(q) > 0.1)


@given(quaternions)
def test_quaternions_survive_the_way_to_a_matrix_and_back(quat):
    unit = np.array(quat) / np.linalg.norm(quat)
    matrix = quat_wxyz_to_matrix(np.array(quat))
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(3), atol=1e-12)
    back = matrix_to_quat_wxyz(matrix)
    assert back[0] >= 0
    assert abs(back @ unit) == pytest.approx(1.0, abs=1e-9)


def pose_at(x):
    pose = np.eye(4)
    pose[0, 3] = x
    return pose


def test_the_pose_nearest_in_time_is_used():
    history = PoseHistory(span_s=1.0, gap_s=0.03)
    for tick in range(200):
        history.add(tick * 0.01, pose_at(tick))
    assert history.at(1.504)[0, 3] == 150
    assert history.at(1.506)[0, 3] == 151
    assert history.at(1.99 + 0.02)[0, 3] == 199


def test_a_stamp_without_a_pose_nearby_is_refused():
    history = PoseHistory(span_s=1.0, gap_s=0.03)
    assert history.at(0.0).code == "no_pose"
    for tick in range(200):
        history.add(tick * 0.01, pose_at(tick))
    assert isinstance(history.at(0.5), Rejected)
    assert isinstance(history.at(2.1), Rejected)


def test_a_clock_that_jumps_back_starts_the_memory_anew():
    history = PoseHistory()
    history.add(10.0, pose_at(1))
    history.add(0.0, pose_at(2))
    assert history.at(0.0)[0, 3] == 2
    assert isinstance(history.at(10.0), Rejected)


class Goal:
    """Stands in for rclpy's goal handle and records its end."""

    def __init__(self):
        self.is_cancel_requested = False
        self.ended = ""
        self.result = None

    def execute(self, callback):
        self.result = callback(self)

    def succeed(self):
        self.ended = "succeeded"

    def abort(self):
        self.ended = "aborted"

    def canceled(self):
        self.ended = "cancelled"


def test_a_newer_goal_supersedes_the_older():
    slot, first, second = GoalSlot(), Goal(), Goal()
    slot.begin(first, "superseded")
    slot.begin(second, "superseded")
    assert (first.ended, first.result) == ("aborted", "superseded")
    assert slot.busy
    slot.finish(True, "done")
    assert (second.ended, second.result) == ("succeeded", "done")
    assert not slot.busy


def test_a_cancelled_goal_ends_as_cancelled_and_finishing_nothing_is_harmless():
    slot, goal = GoalSlot(), Goal()
    slot.finish(True, "nobody asked")
    slot.begin(goal, None)
    goal.is_cancel_requested = True
    assert slot.cancelled
    slot.finish(False, "cancelled")
    assert goal.ended == "cancelled"
    with pytest.raises(RuntimeError):
        never(goal)


class Parameters:
    """Stands in for a node: declares parameters, some of them set from outside."""

    def __init__(self, **given):
        self.given = given
        self.declared = {}

    def declare_parameter(self, name, value, descriptor=None):
        self.declared[name] = self.given.get(name, value)
        return type("Parameter", (), {"value": self.declared[name]})


def test_parameters_are_the_fields_of_the_dataclass():
    node = Parameters(data_root="here", robot="expedition_a2")
    assert load_params(node, RobotParams) == RobotParams("here", "expedition_a2")
    assert set(node.declared) == {"data_root", "robot"}


def test_values_out_of_bounds_are_named():
    with pytest.raises(ConfigError, match=r"speed.*0\.01"):
        load_params(Parameters(data_root="here", speed=0.01), SimConfig)
    with pytest.raises(ConfigError, match="data_root"):
        load_params(Parameters(), SimConfig)


def test_the_ledger_judges_hops_that_have_a_budget():
    ledger = Ledger({"see": 0.05})
    for index in range(100):
        ledger.add("see", index, index + 0.04)
        ledger.add("other", index, index + 1.0)
    summary = ledger.summary()
    assert summary["see"]["within_budget"]
    assert summary["see"]["n"] == 100
    assert summary["see"]["p95_ms"] == pytest.approx(40.0)
    assert "within_budget" not in summary["other"]
    with pytest.raises(ValueError, match="ends"):
        ledger.add("see", 2.0, 1.0)


def test_the_ledger_links_hops_of_which_some_were_left_out():
    ledger = Ledger()
    for start_s in (0.0, 0.1, 0.2):
        ledger.add("draw", start_s, start_s + 0.05)
    ledger.add("see", 0.26, 0.3)
    ledger.add("see", 0.06, 0.12)
    ledger.add("see", -0.1, 0.0)
    ledger.link("draw and see", "draw", "see")
    row = ledger.summary()["draw and see"]
    assert row["n"] == 2
    assert row["p50_ms"] == pytest.approx(110.0)
    assert row["max_ms"] == pytest.approx(120.0)


def test_the_cadence_leaves_out_what_came_too_late():
    stop, calls = threading.Event(), []
    times = iter([0.0, 0.0, 0.1, 0.1, 0.75, 0.75, 0.8, 0.8, 0.9, 0.9])

    def now_s():
        value = next(times, math.nan)
        if math.isnan(value):
            stop.set()
            return 0.0
        return value

    cadence = Cadence(now_s, speed=0.0)
    cadence.every(10.0, lambda: calls.append(len(calls)))
    cadence.run(stop)
    # Due at 0.0, 0.1, at 0.75 once for six missed, at 0.8 and at 0.9.
    assert len(calls) == 5
