# SPDX-License-Identifier: Apache-2.0
"""A world in another process: its file, and what the camera makes of it."""

import struct
import time
from pathlib import Path

import mujoco
import numpy as np
import pytest

from neuraxis_common.errors import ConfigError
from neuraxis_common.robot import load_profile
from neuraxis_sim.make_world import KEYFRAME, make_world
from neuraxis_sim.watched import Watch, WatchConfig, WatchedWorld
from neuraxis_sim.world_file import MAGIC, WorldFile

ROOT = Path(__file__).resolve().parents[2]
ROBOT = "lingxi_x2"


def write(path, stamp_s, qpos, qvel, sequence=2, magic=MAGIC):
    head = struct.pack("=QQddQQ", magic, sequence, stamp_s, 0.5, len(qpos), len(qvel))
    partial = path.with_suffix(".partial")
    partial.write_bytes(head + np.concatenate([qpos, qvel]).astype(float).tobytes())
    partial.replace(path)


@pytest.fixture(scope="module")
def model():
    return make_world(ROBOT, "sorting_bench", 7, ROOT)


def test_a_made_world_starts_on_its_feet_in_the_ready_pose(model):
    profile, data = load_profile(ROBOT, ROOT), mujoco.MjData(model)
    mujoco.mj_resetDataKeyframe(model, data, model.key(KEYFRAME).id)
    mujoco.mj_forward(model, data)
    for name in profile.joint_names:
        assert data.joint(name).qpos[0] == pytest.approx(profile.ready_pose_rad[name])
    assert [data.body(sole).xpos[2] for sole in profile.soles] == pytest.approx([0, 0], abs=2e-3)


def test_a_state_is_read_as_it_was_written(tmp_path):
    path = tmp_path / "world"
    write(path, 12.25, np.arange(3.0), np.arange(2.0))
    world = WorldFile(path, 3, 2).read()
    assert (world.stamp_s, world.time_s) == (12.25, 0.5)
    assert world.qpos.tolist() == [0, 1, 2]
    assert world.qvel.tolist() == [0, 1]


def test_files_that_are_no_world_or_of_another_model_are_named(tmp_path):
    path = tmp_path / "world"
    with pytest.raises(FileNotFoundError):
        WorldFile(path, 3, 2)
    path.write_bytes(b"short")
    with pytest.raises(ConfigError, match="5 bytes"):
        WorldFile(path, 3, 2)
    write(path, 0.0, np.zeros(3), np.zeros(2), magic=1)
    with pytest.raises(ConfigError, match="no world file"):
        WorldFile(path, 3, 2)
    write(path, 0.0, np.zeros(3), np.zeros(2))
    with pytest.raises(ConfigError, match="3 positions and 2 velocities, the model 4 and 3"):
        WorldFile(path, 4, 3)


def test_a_file_that_is_never_at_rest_is_not_waited_for_forever(tmp_path):
    path = tmp_path / "world"
    write(path, 0.0, np.zeros(3), np.zeros(2), sequence=3)
    with pytest.raises(TimeoutError):
        WorldFile(path, 3, 2).read()


def test_states_come_at_the_asked_rate_of_the_worlds_clock(tmp_path):
    path = tmp_path / "world"
    watch = Watch(path, 1, 1)
    assert watch.after(0.1) is None
    assert "no world file" in watch.trouble
    write(path, 100.0, np.zeros(1), np.zeros(1))
    assert watch.after(0.1).stamp_s == 100.0
    assert watch.trouble == ""
    assert watch.after(0.1) is None


def test_a_world_that_was_started_anew_is_found_again(tmp_path, monkeypatch):
    path = tmp_path / "world"
    write(path, 100.0, np.zeros(1), np.zeros(1))
    watch = Watch(path, 1, 1)
    watch.after(0.1)
    write(path, 200.0, np.ones(1), np.zeros(1))
    later_s = time.monotonic() + 5.0
    monkeypatch.setattr(time, "monotonic", lambda: later_s)
    assert watch.after(0.1) is None
    assert "stands still" in watch.trouble
    assert watch.after(0.1).stamp_s == 200.0
    assert watch.trouble == ""


def test_the_camera_sees_the_scene_and_the_log_holds_the_states(model, tmp_path):
    saved, path, log = tmp_path / "w.mjb", tmp_path / "world", tmp_path / "states.npz"
    mujoco.mj_saveModel(model, str(saved), None)
    write(path, 100.0, model.key(KEYFRAME).qpos, np.zeros(model.nv))
    config = WatchConfig(str(ROOT), str(saved), str(path), ROBOT, seed=7, record_path=str(log))
    world, frames, health = WatchedWorld(config), [], []
    world.start(lambda *frame: frames.append(frame), lambda *state: health.append(state))
    until_s = time.monotonic() + 20.0
    while not frames and time.monotonic() < until_s:
        time.sleep(0.05)
    world.close()
    stamp_s, rgb, depth_m = frames[0]
    assert stamp_s == 100.0
    assert rgb.std() > 10
    assert 0.3 < np.median(depth_m[depth_m > 0]) < 2.0
    assert health[0] == (True, "")
    with np.load(log) as arrays:
        assert arrays["time_s"].tolist() == [100.0]
        assert arrays["qpos"].shape == (1, model.nq)


def test_a_missing_model_and_a_negative_seed_are_named(tmp_path):
    nowhere = str(tmp_path / "none.mjb")
    with pytest.raises(ConfigError, match=r"none\.mjb"):
        WatchedWorld(WatchConfig(str(ROOT), nowhere, "world"))
    with pytest.raises(ConfigError, match="seed"):
        WatchConfig(str(ROOT), nowhere, "world", seed=-1)
