# SPDX-License-Identifier: Apache-2.0
import math
import threading
from pathlib import Path

import mujoco
import numpy as np
import pytest

from neuraxis_common.robot import load_profile
from neuraxis_sim.camera import camera_info, project
from neuraxis_sim.noise import ColorNoise, DepthNoise
from neuraxis_sim.render import Renderer
from neuraxis_sim.scene import generate, load_template
from neuraxis_sim.scene_build import look_at_quat
from neuraxis_sim.scene_types import CameraLook

ROOT = Path(__file__).resolve().parents[2]
WIDTH, HEIGHT, FOVY_DEG = 320, 240, 65.0
EYE_HEIGHT_M = 0.45


@pytest.fixture(scope="module")
def scene():
    template = load_template(ROOT / "config" / "scenes" / "sorting_bench.yaml")
    return generate(template, 4, load_profile("lingxi_x2", ROOT))


@pytest.fixture(scope="module")
def model(scene):
    spec = mujoco.MjSpec()
    scene.add_to_spec(spec)
    down = math.radians(45)
    eye = (0.05, 0.0, scene.bench.height_m + EYE_HEIGHT_M)
    target = np.add(eye, (math.cos(down), 0.0, -math.sin(down)))
    spec.worldbody.add_camera(name="eye", pos=eye, quat=look_at_quat(eye, target), fovy=FOVY_DEG)
    return spec.compile()


@pytest.fixture(scope="module")
def renderer(model):
    with Renderer(model, "eye", WIDTH, HEIGHT) as renderer:
        yield renderer


def test_depth_is_the_distance_along_the_optical_axis(renderer, model, scene):
    _, depth = renderer.rgbd(model.qpos0)
    T_WC = renderer.camera_pose_W(model.qpos0)
    mask = renderer.body_mask(model.qpos0)
    top = np.argwhere(mask == model.body("bench").id)
    rng = np.random.default_rng(0)
    for row, column in top[rng.integers(len(top), size=50)]:
        info = renderer.info
        ray_C = np.array([(column + 0.5 - info.cx) / info.fx, (row + 0.5 - info.cy) / info.fy, 1])
        point_W = T_WC[:3, :3] @ (ray_C * depth[row, column]) + T_WC[:3, 3]
        if point_W[2] > scene.bench.height_m - 0.005:
            assert point_W[2] == pytest.approx(scene.bench.height_m, abs=0.002)


def test_optical_axes_are_right_down_forward(renderer, model):
    T_WC = renderer.camera_pose_W(model.qpos0)
    np.testing.assert_allclose(T_WC[:3, 0], [0, -1, 0], atol=1e-9)
    assert T_WC[2, 1] < 0
    assert T_WC[0, 2] > 0
    assert np.linalg.det(T_WC[:3, :3]) == pytest.approx(1)


def test_truth_boxes_lie_around_the_projected_items(renderer, model, scene):
    boxes = {box.name: box for box in renderer.truth_boxes(model.qpos0, scene)}
    T_WC = renderer.camera_pose_W(model.qpos0)
    seen = 0
    for item in scene.objects:
        pixel, _ = project(renderer.info, T_WC, np.array([item.xyz_m]))
        x, y = pixel[0]
        if not (0 <= x < WIDTH and 0 <= y < HEIGHT):
            continue
        seen += 1
        x0, y0, x1, y1 = boxes[item.name].box_px
        assert x0 <= x <= x1
        assert y0 <= y <= y1
        full = boxes[item.name].full_box_px
        if boxes[item.name].visible > 0.98:
            np.testing.assert_allclose(full, (x0, y0, x1, y1), atol=2)
    assert seen >= 4


def test_what_hides_an_item_lowers_its_visible_share(renderer, model, scene):
    part, hider = scene.parts[:2]
    qpos = model.qpos0.copy()
    free = {box.name: box.visible for box in renderer.truth_boxes(qpos, scene)}
    eye = renderer.camera_pose_W(qpos)[:3, 3]
    adr = int(model.joint(f"{hider.name}_free").qposadr[0])
    qpos[adr : adr + 3] = eye + 0.7 * (np.array(part.xyz_m) - eye)
    hidden = {box.name: box.visible for box in renderer.truth_boxes(qpos, scene)}
    assert hidden.get(part.name, 0.0) < free[part.name] - 0.3


def test_rendering_works_on_a_worker_thread(model):
    images = []

    def work():
        with Renderer(model, "eye", WIDTH, HEIGHT) as renderer:
            images.append(renderer.rgbd(model.qpos0)[0])

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(timeout=20)
    assert len(images) == 1
    assert images[0].std() > 5


def test_a_dropped_renderer_takes_nothing_from_the_next(model, renderer):
    expected = renderer.body_mask(model.qpos0)
    dropped = Renderer(model, "eye", WIDTH, HEIGHT)
    dropped.rgbd(model.qpos0)
    with Renderer(model, "eye", WIDTH, HEIGHT) as follower:
        follower.rgbd(model.qpos0)
        del dropped
        for survivor in (follower, renderer):
            np.testing.assert_array_equal(survivor.body_mask(model.qpos0), expected)


def test_a_renderer_may_be_closed_twice(model):
    renderer = Renderer(model, "eye", WIDTH, HEIGHT)
    renderer.close()
    renderer.close()


def test_unknown_camera_is_named(model):
    with pytest.raises(ValueError, match=r"no camera 'rear'.*eye"):
        Renderer(model, "rear")


def test_camera_info_spans_the_field_of_view():
    info = camera_info(FOVY_DEG, WIDTH, HEIGHT)
    assert 2 * math.degrees(math.atan(info.cy / info.fy)) == pytest.approx(FOVY_DEG)
    assert info.fx == info.fy


def test_color_noise_has_the_gain_and_spread_asked_for():
    look = CameraLook(gain_rgb=(1.2, 1.0, 0.8), noise_sigma=3.0)
    noise = ColorNoise(look, (HEIGHT, WIDTH), seed=1)
    grey = np.full((HEIGHT, WIDTH, 3), 100, np.uint8)
    first, second = noise.apply(grey).astype(float), noise.apply(grey).astype(float)
    np.testing.assert_allclose(first.mean(axis=(0, 1)), [120, 100, 80], atol=0.3)
    np.testing.assert_allclose(first.std(axis=(0, 1)), 3.0, atol=0.2)
    assert (first != second).mean() > 0.5
    again = ColorNoise(look, (HEIGHT, WIDTH), seed=1).apply(grey)
    np.testing.assert_array_equal(again, first)


@pytest.mark.parametrize("range_m", [0.5, 2.0])
def test_depth_noise_grows_with_the_square_of_the_range(range_m):
    coefficient = 0.002
    noise = DepthNoise(coefficient, (0.2, 5.0), (HEIGHT, WIDTH), seed=1)
    noisy = noise.apply(np.full((HEIGHT, WIDTH), range_m, np.float32))
    valid = noisy > 0
    assert valid.mean() > 0.99
    # Whole millimetres add the variance of rounding.
    expected = math.hypot(coefficient * range_m**2, 0.001 / math.sqrt(12))
    assert noisy[valid].std() == pytest.approx(expected, rel=0.1)


def test_depth_is_lost_at_steps_and_outside_the_range():
    noise = DepthNoise(0.001, (0.3, 3.0), (HEIGHT, WIDTH), seed=1)
    depth = np.full((HEIGHT, WIDTH), 1.0, np.float32)
    depth[:, WIDTH // 2 :] = 1.5
    depth[:40] = 0.2
    depth[-40:] = 4.0
    noisy = noise.apply(depth)
    assert not noisy[:40].any()
    assert not noisy[-40:].any()
    step = noisy[60:-60, WIDTH // 2 - 1 : WIDTH // 2 + 1]
    assert 0.5 < (step == 0).mean() < 0.9
    assert (noisy[60:-60, 10:100] == 0).mean() < 0.02
