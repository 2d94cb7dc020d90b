# SPDX-License-Identifier: Apache-2.0
"""The spinal cord's rules seen from Python, on a mock robot: refusals, faults, stops, mistakes."""

import numpy as np
import pytest
from spinal_helpers import drive, five_tuple, joint, load_module, wait_for


@pytest.fixture(scope="module")
def ns():
    return load_module()


@pytest.fixture
def mock(ns):
    return ns.MockBackend(3)


@pytest.fixture
def mock_loop(ns, mock):
    return ns.Loop(ns.Config([joint(name) for name in mock.joint_names]), mock)


@pytest.mark.parametrize(
    ("index", "value", "reason"),
    [
        (0, np.nan, "nonfinite"),
        (0, 5.0, "position"),
        (1, 99.0, "velocity"),
        (2, -99.0, "effort"),
        (3, -1.0, "gain"),
        (4, 1e6, "gain"),
        (0, 0.9, "rate"),
    ],
)
def test_a_bad_command_is_refused_counted_and_explained(mock_loop, index, value, reason):
    values = five_tuple(3, 0.0)
    values[index][1] = value
    mock_loop.command(0.0, *values)
    mock_loop.step(1)
    state = mock_loop.state()
    assert state["stop_level"] == "hold"
    assert state["counters"][f"rejected_{reason}"] == 1
    assert state["counters"]["commands_rejected"] == 1
    assert state["last_rejection"].startswith(f"{reason}: joint 'joint_1'")


def test_a_command_of_the_wrong_size_or_kind_raises_at_once(mock_loop):
    with pytest.raises(ValueError, match="pos must have 3 values, got 2"):
        mock_loop.command(0.0, np.zeros(2), *five_tuple(3, 0.0)[1:])
    with pytest.raises(TypeError):
        mock_loop.command(0.0, "abc", *five_tuple(3, 0.0)[1:])


def test_a_late_command_is_bridged_and_reported_until_the_next(mock_loop):
    drive(mock_loop, 3, 0.02, 30)
    mock_loop.step(10)
    state = mock_loop.state()
    assert (state["stop_level"], state["bridging"]) == ("run", True)
    assert state["stop_cause"].startswith("command_late: age 0.0")
    assert state["counters"]["bridges"] == 1
    drive(mock_loop, 3, 0.02, 1)
    state = mock_loop.state()
    assert (state["stop_level"], state["bridging"], state["stop_cause"]) == ("run", False, "")


def test_a_stale_command_holds_until_reset(mock_loop):
    drive(mock_loop, 3, 0.02, 5)
    mock_loop.step(300)
    state = mock_loop.state()
    assert (state["stop_level"], state["latched"]) == ("hold", True)
    assert state["stop_cause"].startswith("command_stale")
    drive(mock_loop, 3, 0.02, 5)
    assert mock_loop.state()["counters"]["rejected_latched"] == 5
    assert mock_loop.reset_stop() == (True, "")
    drive(mock_loop, 3, 0.02, 5)
    assert mock_loop.state()["stop_level"] == "run"


@pytest.mark.parametrize(
    ("fault", "value", "cause"),
    [
        ("silence", 0.0, "state_stale"),
        ("nan", 1.0, "state_stale"),
        ("stuck", 0.0, "state_stale"),
        ("delayed", 0.1, "state_stale"),
        ("error_code", 33.0, "backend_error: code 33"),
    ],
)
def test_every_fault_ends_in_damping_and_refuses_reset(mock, mock_loop, fault, value, cause):
    drive(mock_loop, 3, 0.02, 10)
    mock.set_fault(fault, value)
    drive(mock_loop, 3, 0.02, 10)
    state = mock_loop.state()
    assert state["stop_level"] == "damping"
    assert state["stop_cause"].startswith(cause)
    assert np.all(np.isfinite(state["pos"]))
    assert np.all(np.isfinite(mock.last_effort()))
    accepted, reason = mock_loop.reset_stop()
    assert not accepted
    assert reason.startswith(cause)


def test_tilt_damps_and_reset_waits_until_upright(mock, mock_loop):
    mock.set_tilt(1.2)
    mock_loop.step(20)
    assert mock_loop.state()["stop_cause"].startswith("tilt: 1.2")
    assert not mock_loop.reset_stop()[0]
    mock.set_tilt(0.0)
    mock_loop.step(20)
    assert mock_loop.reset_stop()[0]


def test_an_operators_stop_says_so(mock_loop):
    mock_loop.request_stop("zero", "power off")
    mock_loop.step(1)
    state = mock_loop.state()
    assert (state["stop_level"], state["stop_cause"]) == ("zero", "operator_request: power off")
    with pytest.raises(ValueError, match="'jump' is unknown; known: run, hold"):
        mock_loop.request_stop("jump", "")
    with pytest.raises(ValueError, match="not to run"):
        mock_loop.request_stop("run", "")


def test_stats_count_cycles_and_say_what_real_time_was_granted(mock_loop):
    assert "not started" in mock_loop.stats()["realtime_note"]
    mock_loop.start(1.0, rt_priority=80)
    wait_for(lambda: mock_loop.state()["counters"]["cycles"] > 50)
    accepted, _ = mock_loop.reset_stop()
    mock_loop.stop()
    stats = mock_loop.stats()
    assert accepted
    assert stats["cycle"]["count"] == mock_loop.state()["counters"]["cycles"]
    late = stats["overruns"] + stats["rebased"]
    assert stats["wake"]["count"] + late == stats["cycle"]["count"]
    for name in ("cord", "cycle", "wake"):
        row = stats[name]
        assert 0 <= row["p50_us"] <= row["p99_us"] <= row["p999_us"] <= row["max_us"]
    note = stats["realtime_note"]
    assert note.startswith("SCHED_FIFO 80") or "limits.conf" in note


@pytest.mark.parametrize(
    ("joints", "options", "message"),
    [
        ([{"name": "a"}], {}, "joint 'a' lacks the field"),
        ([{"lower": 1.0}], {}, "lacks the field 'name'"),
        ([joint("a", speed=3.0)], {}, "joint 'a' has no field 'speed'"),
        ([joint("a", lower="low")], {}, "field 'lower' must be a number"),
        ([joint("a", upper=-2.0)], {}, "lower < upper"),
        ([joint("a"), joint("a")], {}, "unique"),
        ([], {}, "number of joints"),
        ([joint("a")], {"command_timeout_s": 0.0}, "command_timeout_s must be positive"),
        ([joint("a")], {"timeout": 1.0}, "Config has no field 'timeout'"),
    ],
)
def test_config_mistakes_are_named(ns, joints, options, message):
    with pytest.raises(ValueError, match=message):
        ns.Config(joints, **options)
