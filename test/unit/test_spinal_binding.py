# SPDX-License-Identifier: Apache-2.0
"""The spinal cord's Python module over MuJoCo: state, snapshots, threads, lifetimes."""

import threading
import time

import mujoco
import numpy as np
import pytest
from spinal_helpers import JOINTS, MJCF, drive, five_tuple, joint, load_module, wait_for


@pytest.fixture(scope="module")
def ns():
    return load_module()


@pytest.fixture
def world(ns, tmp_path):
    path = tmp_path / "world.mjb"
    mujoco.mj_saveModel(mujoco.MjModel.from_xml_string(MJCF), str(path), None)
    return ns.MujocoBackend(
        str(path),
        list(JOINTS),
        quat_sensor="quat",
        gyro_sensor="gyro",
        accel_sensor="accel",
        extra_sensors=["com"],
    )


@pytest.fixture
def sim_loop(ns, world):
    return ns.Loop(ns.Config([joint(name) for name in JOINTS]), world)


def test_state_has_the_documented_fields_and_shapes(sim_loop):
    state = sim_loop.state()
    shapes = {"pos": 2, "vel": 2, "effort": 2, "quat_wxyz": 4, "gyro": 3, "accel": 3}
    for name, size in (shapes | {"foot_force": 2}).items():
        assert state[name].shape == (size,), name
        assert state[name].dtype == np.float64
    assert state["extra"]["com"].shape == (3,)
    assert state["stop_level"] == "hold"
    assert state["stop_cause"] == "waiting_for_command"
    assert not state["latched"]


def test_lockstep_moves_the_joints_and_time_by_exact_periods(sim_loop):
    drive(sim_loop, 2, 0.04, 100)
    state = sim_loop.state()
    assert state["stop_level"] == "run"
    assert state["counters"]["commands_accepted"] == 100
    assert state["time_s"] == pytest.approx(1.0)
    assert state["pos"] == pytest.approx([0.04, 0.04], abs=0.05)


def test_sim_state_is_a_copy_that_later_cycles_do_not_touch(sim_loop):
    time_s, qpos, qvel = sim_loop.sim_state()
    before = qpos.copy()
    drive(sim_loop, 2, 0.04, 10)
    assert np.array_equal(qpos, before)
    later_s, later_qpos, _ = sim_loop.sim_state()
    assert later_s > time_s
    assert not np.array_equal(later_qpos, before)
    assert qvel.shape == (8,)


def test_set_sim_state_repeats_a_run_bit_by_bit(sim_loop):
    _, qpos, qvel = sim_loop.sim_state()
    ends = []
    for _ in range(2):
        sim_loop.set_sim_state(qpos, qvel)
        drive(sim_loop, 2, 0.04, 20)
        ends.append(sim_loop.sim_state())
    assert ends[0][0] == ends[1][0]
    assert np.array_equal(ends[0][1], ends[1][1])


def test_editing_the_world_keeps_the_latch_and_time(sim_loop):
    drive(sim_loop, 2, 0.04, 5)
    sim_loop.request_stop("hold", "somebody reaches in")
    sim_loop.step(1)
    time_s, qpos, qvel = sim_loop.sim_state()
    qpos[0] += 1.0
    sim_loop.edit_sim_state(qpos, qvel)
    later_s, later_qpos, _ = sim_loop.sim_state()
    assert later_s == time_s
    assert later_qpos[0] == qpos[0]
    sim_loop.step(1)
    assert sim_loop.state()["latched"]
    with pytest.raises(ValueError, match="qpos must have 9 values, got 2"):
        sim_loop.edit_sim_state(qpos[:2], qvel)


def test_a_wrench_pushes_the_body(sim_loop, world):
    world.set_external_wrench("base", np.array([400.0, 0, 0, 0, 0, 0]))
    sim_loop.step(200)
    assert sim_loop.sim_state()[2][0] > 0.5
    with pytest.raises(ValueError, match="no body 'nobody'"):
        world.set_external_wrench("nobody", np.zeros(6))


def test_the_thread_runs_without_python_and_serves_many_callers(sim_loop):
    sim_loop.start(speed=0.0)
    errors = []

    def poll():
        try:
            for _ in range(200):
                sim_loop.command(sim_loop.state()["stamp_s"], *five_tuple(2, 0.02))
                sim_loop.sim_state()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=poll) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    wait_for(lambda: sim_loop.state()["time_s"] > 1.0)
    with pytest.raises(RuntimeError, match="stop"):
        sim_loop.step(1)
    with pytest.raises(RuntimeError, match="stop"):
        sim_loop.set_sim_state(*sim_loop.sim_state()[1:])
    sim_loop.stop()
    assert not sim_loop.running
    sim_loop.step(1)


def test_a_loop_that_is_dropped_stops_its_thread(ns):
    backend = ns.MockBackend(3)
    loop = ns.Loop(ns.Config([joint(name) for name in backend.joint_names]), backend)
    loop.start(0.0)
    wait_for(lambda: backend.time_s > 0.1)
    del loop
    stopped_s = backend.time_s
    time.sleep(0.02)
    assert backend.time_s == stopped_s


def test_model_mistakes_are_named(ns, world, tmp_path):
    with pytest.raises(ValueError, match=r"nowhere\.mjb' cannot be read"):
        ns.MujocoBackend(str(tmp_path / "nowhere.mjb"), ["a"])
    (tmp_path / "garbage.mjb").write_bytes(b"no model at all")
    with pytest.raises(ValueError, match=r"garbage\.mjb' is no MuJoCo model"):
        ns.MujocoBackend(str(tmp_path / "garbage.mjb"), ["a"])
    with pytest.raises(ValueError, match="in the config and 'shoulder' in the backend"):
        ns.Loop(ns.Config([joint(name) for name in reversed(JOINTS)]), world)
    with pytest.raises(ValueError, match="multiple of the model's timestep"):
        ns.Loop(ns.Config([joint(name) for name in JOINTS]), world, 0.0015)
