# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import av
import cv2
import mujoco
import numpy as np
import pytest

from neuraxis_common.errors import ConfigError
from neuraxis_common.robot import load_profile
from neuraxis_sim.scene import generate, load_template
from neuraxis_sim.scene_build import CLOSE_CAMERA
from neuraxis_sim.video import (
    Caption,
    FilmOptions,
    StateLog,
    StateRecorder,
    load_log,
    render_still,
    render_video,
)

ROOT = Path(__file__).resolve().parents[2]
SIZE = (320, 180)
FPS = 10


@pytest.fixture(scope="module")
def model():
    template = load_template(ROOT / "config" / "scenes" / "sorting_bench.yaml")
    spec = mujoco.MjSpec()
    generate(template, 4, load_profile("lingxi_x2", ROOT)).add_to_spec(spec)
    return spec.compile()


def still_log(model, duration_s):
    time_s = np.arange(0, duration_s, 0.02)
    return StateLog(time_s, np.repeat(model.qpos0[None], len(time_s), axis=0))


def frames_of(path):
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        facts = (stream.codec_context.name, stream.codec_context.pix_fmt, stream.average_rate)
        return facts, [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]


def test_film_plays_in_browsers_and_has_the_length_of_the_log(model, tmp_path):
    seen = []
    path = tmp_path / "film.mp4"
    options = FilmOptions(size=SIZE, fps=FPS)
    count = render_video(model, still_log(model, 1.0), path, options, lambda *n: seen.append(n))
    facts, frames = frames_of(path)
    assert facts == ("h264", "yuv420p", FPS)
    assert len(frames) == count == pytest.approx(1.0 * FPS, abs=1)
    assert frames[0].shape == (SIZE[1], SIZE[0], 3)
    assert seen == [(index + 1, count) for index in range(count)]


def test_speed_shortens_the_film(model, tmp_path):
    options = FilmOptions(size=SIZE, fps=FPS, speed=4.0)
    count = render_video(model, still_log(model, 2.0), tmp_path / "fast.mp4", options)
    assert count == pytest.approx(2.0 * FPS / 4, abs=1)


def test_captions_appear_at_their_time_also_in_chinese(model, tmp_path):
    captions = (Caption(0.5, "把红色方块放进蓝色托盘"), Caption(0.8, ""))
    options = FilmOptions(size=SIZE, fps=FPS, captions=captions)
    path = tmp_path / "captions.mp4"
    render_video(model, still_log(model, 1.01), path, options)
    _, frames = frames_of(path)
    bottom = [frame[-12:].mean() for frame in frames]
    assert bottom[6] < bottom[0] * 0.6
    assert bottom[9] == pytest.approx(bottom[0], rel=0.05)
    assert frames[6][-14:].max() > 200


@pytest.mark.parametrize("recorded", [True, False])
def test_inset_shows_recorded_or_drawn_pictures(model, tmp_path, recorded):
    red = np.zeros((60, 80, 3), np.uint8)
    red[..., 0] = 255
    options = FilmOptions(
        size=SIZE,
        fps=FPS,
        inset_camera="" if recorded else CLOSE_CAMERA,
        insets=[(0.0, red)] if recorded else (),
    )
    plain = FilmOptions(size=SIZE, fps=FPS)
    pictures = []
    for name, item in (("with", options), ("without", plain)):
        path = tmp_path / f"{name}.mp4"
        render_video(model, still_log(model, 0.15), path, item)
        pictures.append(frames_of(path)[1][0].astype(float))
    changed = np.abs(pictures[0] - pictures[1]).mean(axis=2) > 30
    rows, columns = np.nonzero(changed)
    assert rows.max() < SIZE[1] / 2
    assert columns.min() > SIZE[0] / 2
    corner = pictures[0][rows.min() + 8 : rows.max() - 8, columns.min() + 8 : columns.max() - 8]
    is_red = corner[..., 0].mean() > 200 and corner[..., 1:].mean() < 40
    assert is_red == recorded


def test_long_titles_are_shortened(model, tmp_path):
    options = FilmOptions(size=SIZE, fps=FPS, title="put " * 2500)
    assert render_video(model, still_log(model, 0.05), tmp_path / "long.mp4", options) == 1


def test_recorder_keeps_its_rate_and_round_trips(model, tmp_path):
    recorder = StateRecorder(rate_hz=50)
    rng = np.random.default_rng(0)
    states = rng.normal(size=(1000, model.nq))
    for index, qpos in enumerate(states):
        recorder.add(index * 0.001, qpos)
    recorder.save(tmp_path / "log.npz")
    log = load_log(tmp_path / "log.npz", model)
    assert len(log.time_s) == 50
    np.testing.assert_allclose(log.at(0.5), states[500], rtol=1e-6)
    np.testing.assert_allclose(log.at(0.5199), states[500], rtol=1e-6)
    np.testing.assert_allclose(log.at(-1.0), states[0], rtol=1e-6)


def test_log_of_another_model_is_refused(model, tmp_path):
    recorder = StateRecorder()
    recorder.add(0.0, np.zeros(model.nq + 1))
    recorder.save(tmp_path / "log.npz")
    with pytest.raises(ConfigError, match=str(model.nq)):
        load_log(tmp_path / "log.npz", model)
    (tmp_path / "text.npz").write_text("no log", encoding="utf-8")
    for name in ("text.npz", "missing.npz"):
        with pytest.raises(ConfigError, match=name):
            load_log(tmp_path / name, model)


def test_empty_recording_is_not_saved(tmp_path):
    with pytest.raises(ValueError, match="no state"):
        StateRecorder().save(tmp_path / "log.npz")


def test_still_has_the_size_asked_for(model, tmp_path):
    path = tmp_path / "still.png"
    render_still(model, model.qpos0, path, size=SIZE)
    image = cv2.imread(str(path))
    assert image.shape == (SIZE[1], SIZE[0], 3)
    assert image.std() > 10
