# SPDX-License-Identifier: Apache-2.0
"""The detector's door: contract, bad input, any image size, masks, suppression."""

import json
from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest

from neuraxis_common.errors import ConfigError
from perception_node.detector import Detection, Detector, Mask, box_iou, suppress

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "models" / "detector.onnx"


@pytest.fixture(scope="module")
def detector():
    return Detector(MODEL)


def part(box, score=0.9, kind="part"):
    return Detection(kind, "cube", "red", score, box)


def test_missing_model_names_the_command_that_makes_it(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.onnx does not exist.*vision\.train"):
        Detector(tmp_path / "none.onnx")


def test_garbage_model_is_a_config_error(tmp_path):
    path = tmp_path / "bad.onnx"
    path.write_bytes(b"not a model")
    with pytest.raises(ConfigError, match=r"bad\.onnx is not loadable"):
        Detector(path)


def test_model_of_other_shapes_is_refused_by_their_names(tmp_path):
    path, model = tmp_path / "old.onnx", onnx.load(MODEL)
    props = {prop.key: prop for prop in model.metadata_props}
    shapes = json.loads(props["shapes"].value)
    props["shapes"].value = json.dumps([*shapes[1:], "star"])
    onnx.save(model, path)
    with pytest.raises(ConfigError, match=rf"old\.onnx .*{shapes[0]}.*star.*vision\.train"):
        Detector(path)


def test_classes_are_those_of_the_plan(detector):
    from neuraxis_field.vision.labels import COLORS, SHAPES

    assert detector.shapes == SHAPES
    assert detector.colors == COLORS


@pytest.mark.parametrize("level", [0, 90, 255])
def test_nothing_is_found_in_a_uniform_image(detector, level):
    assert detector.detect(np.full((480, 640, 3), level, np.uint8)) == ()


@pytest.mark.parametrize(
    "image",
    [np.zeros((480, 640), np.uint8), np.zeros((480, 640, 3), np.float32),
     np.zeros((0, 640, 3), np.uint8), np.zeros((480, 640, 4), np.uint8)],
)  # fmt: skip
def test_wrong_images_are_refused(detector, image):
    with pytest.raises(ValueError, match="image must be"):
        detector.detect(image)


@pytest.mark.parametrize("shape", [(240, 320), (960, 1280), (480, 480), (100, 900), (3, 3)])
def test_boxes_lie_inside_an_image_of_any_size(detector, shape):
    image = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    for item in detector.detect(image):
        x0, y0, x1, y1 = item.box_px
        assert 0 <= x0 < x1 <= shape[1]
        assert 0 <= y0 < y1 <= shape[0]


def test_overlap_of_boxes():
    a = np.array([[0.0, 0.0, 10.0, 10.0]])
    b = np.array([[0.0, 0.0, 10.0, 10.0], [5.0, 0.0, 15.0, 10.0], [20.0, 20.0, 30.0, 30.0]])
    assert np.allclose(box_iou(a, b), [[1.0, 50 / 150, 0.0]])
    assert box_iou(np.zeros((0, 4)), b).shape == (0, 3)


def test_weaker_double_is_dropped_but_not_a_part_in_its_container():
    strong, weak = part((0, 0, 10, 10), 0.9), part((1, 0, 11, 10), 0.8)
    tray = part((0, 0, 10, 11), 0.7, kind="container")
    assert suppress([weak, tray, strong], 0.6) == [strong, tray]


def test_mask_lands_on_its_pixels():
    cells = np.zeros((32, 32), np.float32)
    cells[8:24, 4:12] = 1.0
    window = Mask(cells, (100.0, 60.0, 64.0)).render((60, 20, 140, 100))
    expected = np.zeros((80, 80), np.float32)
    # The square spans columns 68..132 and rows 28..92 of the image, two pixels per cell.
    expected[8 + 16 : 8 + 48, 8 + 8 : 8 + 24] = 1.0
    assert np.abs((window > 0.5).astype(np.float32) - expected).sum() <= 4
    assert np.allclose(cv2.erode(expected, np.ones((5, 5))) * (1 - window), 0.0)
