# SPDX-License-Identifier: Apache-2.0
"""What the detector learns from: crops, targets, and which seeds it may see."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

torch = pytest.importorskip("torch")

from neuraxis_bridge.text import FEATURES  # noqa: E402
from neuraxis_bridge.tower import Tower  # noqa: E402
from neuraxis_common.errors import ConfigError  # noqa: E402
from neuraxis_field.growth import grown_rows  # noqa: E402
from neuraxis_field.language import batches  # noqa: E402
from neuraxis_field.language.export import export  # noqa: E402
from neuraxis_field.language.model import VOCABULARY, Planner, Shape  # noqa: E402
from neuraxis_field.language.warm import first_weights  # noqa: E402
from neuraxis_field.vision import dataset, render, targets, train, warm  # noqa: E402
from neuraxis_field.vision.labels import FIRST_TRAINING_SEED, SHAPES  # noqa: E402
from neuraxis_field.vision.model import DetectorNet, ProposalNet, RefineNet, decode  # noqa: E402
from neuraxis_field.vision.train_refine import cut  # noqa: E402
from neuraxis_sim.scene_template import for_training, load_template  # noqa: E402
from perception_node.detector import MASK_OUTPUTS  # noqa: E402
from perception_node.detector import OUTPUTS as PLAIN_OUTPUTS  # noqa: E402

OUTPUTS = (*PLAIN_OUTPUTS, *MASK_OUTPUTS)


def sample(boxes, clear=None):
    count = len(boxes)
    return targets.Sample(
        image=np.zeros((480, 640, 3), np.uint8), mask=np.zeros((480, 640), np.uint8),
        ids=np.arange(1, count + 1, dtype=np.uint8), box=np.array(boxes, np.float32),
        shape=np.zeros(count, np.int64), color=np.zeros(count, np.int64),
        size_m=np.full((count, 3), 0.04, np.float32),
        clear=np.ones(count, bool) if clear is None else np.array(clear),
    )  # fmt: skip


def test_training_cuts_crops_exactly_as_the_exported_graph():
    image = np.random.default_rng(0).integers(0, 256, (480, 640, 3), dtype=np.uint8)
    squares = np.array([[300.3, 200.7, 63.0], [5.0, 470.0, 90.0], [320.0, 240.0, 250.0]])
    net = DetectorNet(ProposalNet(), RefineNet())
    batch = torch.from_numpy(image).permute(2, 0, 1)[None].float()
    expected = net.crops(batch, torch.from_numpy(squares).float()).permute(0, 2, 3, 1).numpy()
    for square, crop in zip(squares, expected, strict=True):
        # OpenCV interpolates at 1/32 pixel.
        assert np.abs(cut(image, square).astype(float) - crop).mean() < 2.0


def test_targets_decode_to_the_boxes_they_came_from():
    box = (100.0, 60.0, 160.0, 110.0)
    grid = targets.grid(sample([box]))
    row, column = np.unravel_index(grid.heat[0].argmax(), grid.heat[0].shape)
    assert (column, row) == (130 // 8, 85 // 8)
    units = torch.from_numpy(grid.box[:1]) / 32.0
    assert np.allclose(decode(units)[0, :, row, column].numpy(), box, atol=1e-3)


def test_unclear_things_are_neither_right_nor_wrong():
    clear, hidden = (100.0, 60.0, 160.0, 110.0), (300.0, 60.0, 340.0, 110.0)
    item = sample([clear, hidden], clear=[True, False])
    grid = targets.grid(item)
    assert grid.care[0][85 // 8, 320 // 8] == 0.0
    assert grid.heat[0][85 // 8, 320 // 8] < 0.01
    boxes = np.array([clear, hidden, (500.0, 300.0, 560.0, 340.0)])
    found, weight = targets.label_boxes(item, boxes)
    assert list(found) == [0, 1, -1]
    assert list(weight) == [1.0, 0.0, 1.0]


def test_crop_mask_shows_the_share_of_each_cell():
    mask = np.zeros((480, 640), np.uint8)
    mask[100:132, 200:232] = 3
    cells = targets.crop_mask(mask, 3, (216.0, 116.0, 64.0))
    expected = np.zeros((32, 32))
    expected[8:24, 8:24] = 1.0
    assert np.abs(cells - expected).mean() < 0.05
    assert not targets.crop_mask(mask, 2, (216.0, 116.0, 64.0)).any()
    assert not targets.crop_mask(mask, 0, (216.0, 116.0, 64.0)).any()


def test_evaluation_seeds_are_refused_for_training(monkeypatch, tmp_path):
    labels = ({"seed": FIRST_TRAINING_SEED}, {"seed": 7})
    with pytest.raises(ConfigError, match="seed 7 is kept for evaluation"):
        train.check_seeds(dataset.VisionData([], labels, []))
    for seed, split in ((99_999, "train"), (99_999, "test")):
        argv = ["render", "--n", "16", "--seed", str(seed), "--split", split]
        monkeypatch.setattr("sys.argv", [*argv, "--out", str(tmp_path)])
        with pytest.raises(ConfigError, match="seeds"):
            render.main()


def test_a_place_of_evaluation_is_refused_for_training(tmp_path):
    root = Path(__file__).parents[2]
    for name in render.PLACES:
        for_training(load_template(root / "config" / "scenes" / f"{name}.yaml"))
    with pytest.raises(ConfigError, match="scene 'tool_crib' has use 'evaluation'"):
        render.render(root, tmp_path, 8, FIRST_TRAINING_SEED, {"tool_crib": 1.0})
    assert not any(tmp_path.iterdir())
    label = {"seed": FIRST_TRAINING_SEED, "scene": "tool_crib"}
    with pytest.raises(ConfigError, match="scene 'tool_crib' has use 'evaluation'"):
        train.check_places(dataset.VisionData([], (label,), []), root)


def test_data_set_survives_a_kill(tmp_path):
    writer = dataset.Writer(tmp_path, 3, with_depth=True)
    rgb, depth = np.full((480, 640, 3), 9, np.uint8), np.full((480, 640), 0.5, np.float32)
    mask = np.ones((480, 640), np.uint8)
    label = {"seed": 5, "K": [1.0, 1.0, 0.0, 0.0], "T_BC": np.eye(4).tolist(), "objects": []}
    writer.add(rgb, depth, mask, label)
    writer.close()
    with (tmp_path / "labels.jsonl").open("a") as file:
        file.write('{"seed": 6, "cut')
    again = dataset.Writer(tmp_path, 3, with_depth=True)
    assert (again.done, again.last_seed) == (1, 5)
    again.add(rgb, depth, mask, label | {"seed": 6})
    again.close()
    data = dataset.load(tmp_path)
    assert len(data) == 2
    assert np.allclose(data.frame(1).depth_m, 0.5)
    with pytest.raises(ConfigError, match="asked for"):
        dataset.Writer(tmp_path, 4, with_depth=True)


def test_missing_data_set_names_the_command_that_makes_it(tmp_path):
    with pytest.raises(ConfigError, match=r"vision\.render"):
        dataset.load(tmp_path / "none")


def test_every_run_of_seeds_has_the_places_in_their_shares_with_every_robot():
    assert sum(render.PLACES.values()) == pytest.approx(1.0)
    for first in (FIRST_TRAINING_SEED, 123_457):
        for robot in range(3):
            seeds = range(first + robot, first + 600, 3)
            drawn = Counter(render.place_of(seed, render.PLACES) for seed in seeds)
            for name, share in render.PLACES.items():
                assert drawn[name] / len(seeds) == pytest.approx(share, abs=0.03), name


def test_containers_of_every_shape_have_their_own_heat():
    for shape in ("cup", "crate", "basket"):
        item = sample([(100.0, 60.0, 160.0, 110.0)])
        item.shape[:] = SHAPES.index(shape)
        heat = targets.grid(item).heat.max(axis=(1, 2))
        assert list(heat) == ([1.0, 0.0] if shape == "cup" else [0.0, 1.0])


def test_exported_model_comes_back_as_the_net_it_was_and_settles_without_a_change():
    path = Path(__file__).parents[2] / "models" / "detector.onnx"
    rng = np.random.default_rng(1)
    image = np.full((480, 640, 3), 150, np.uint8)
    for k in range(4):
        image[200:245, 80 + 130 * k : 125 + 130 * k] = rng.integers(0, 255, 3)
    names = ["color_p", "size_m", "box", "square"]
    given = onnxruntime.InferenceSession(path).run(names, {"image": image})
    net = DetectorNet(ProposalNet(), RefineNet())
    warm.load_exported(net, path)
    batch = torch.from_numpy(image).permute(2, 0, 1)[None].float() / 255.0

    def got():
        with torch.no_grad():
            out = dict(zip(OUTPUTS, net.eval()(torch.from_numpy(image)), strict=True))
        return [out[name].numpy() for name in names]

    for before, after in zip(given, got(), strict=True):
        assert np.abs(before - after).max() < 2e-3 * max(1.0, np.abs(before).max())
    alone = net.eval().proposal(batch)[0]
    warm.settle(net.proposal, lambda _: net.proposal(batch), batches=1)
    assert torch.allclose(net.proposal(batch)[0], alone, atol=2e-3)
    # In training a normalisation sees the statistics of its batch: this very one here.
    assert torch.allclose(net.train().proposal(batch)[0], alone, atol=5e-2)


def test_rows_grow_from_those_of_their_names_and_kin():
    old = torch.tensor([[1.0, 1.0], [2.0, 2.0]])
    fresh = torch.full((3, 2), 10.0)
    rows = grown_rows(old, ("bin", "cylinder"), fresh, ("cylinder", "can", "purple"))
    assert rows[0].tolist() == [2.0, 2.0]
    assert rows[1].tolist() == pytest.approx([0.7 * 2 + 3.0] * 2)
    assert rows[2].tolist() == [10.0, 10.0]
    with pytest.raises(ConfigError, match="2 trained rows do not fit the 1 names"):
        grown_rows(old, ("bin",), fresh, ("bin",))


def test_text_tower_grows_by_name_from_a_state_of_fewer_words(tmp_path):
    model = Planner()
    kept = [word for word in VOCABULARY if word not in ("bottle", "crate")]
    state = {"model": dict(model.state_dict())}
    state["model"]["words.weight"] = torch.randn(len(kept), model.shape.width)
    torch.save(state, tmp_path / "old.state")
    with pytest.raises(ConfigError, match=r"old\.state does not say its program words"):
        first_weights(model, tmp_path / "old.state")
    torch.save(state | {"vocabulary": kept}, tmp_path / "old.state")
    weights = first_weights(Planner(), tmp_path / "old.state")
    Planner().load_state_dict(weights)
    for word in ("put", "tray", "cylinder"):
        row = weights["words.weight"][VOCABULARY.index(word)]
        assert torch.equal(row, state["model"]["words.weight"][kept.index(word)])


def test_a_deeper_text_tower_starts_by_saying_the_same(tmp_path):
    shape = Shape(encoder_layers=2)
    model = Planner(shape).eval()
    state = {"model": model.state_dict(), "vocabulary": VOCABULARY}
    torch.save(state, tmp_path / "shallow.state")
    deeper = Planner(replace(shape, encoder_layers=3)).eval()
    deeper.load_state_dict(first_weights(deeper, tmp_path / "shallow.state"))
    features, words = next(batches.training(0, 0, 4))
    said = words[:, :-1].clamp(min=0)
    with torch.no_grad():
        assert torch.allclose(deeper(features, said), model(features, said), atol=1e-5)
    assert deeper.encoder[2].feed_in.weight.abs().max() > 0.0


def test_text_tower_goes_on_from_the_shipped_file():
    path = Path(__file__).parents[2] / "models" / "planner.onnx"
    model = Planner()
    model.load_state_dict(first_weights(model, path))
    features, words = next(batches.training(0, 0, 8))
    features = torch.nn.functional.pad(features, (0, FEATURES - features.shape[2]))
    said = words[:, :-1].clamp(min=0)
    with torch.no_grad():
        mine = model.eval()(features, said).log_softmax(-1).numpy()
    assert_says(Tower(path), features, said, mine)


@pytest.mark.parametrize("shape", [Shape(encoder_layers=1), Shape(64, 2, 96, 2, 3)])
def test_a_text_tower_of_any_depth_says_the_same_in_its_file(shape, tmp_path):
    torch.manual_seed(0)
    model, path = Planner(shape).eval(), tmp_path / "planner.onnx"
    export(model, path, {"seed": 0})
    again = Planner(shape).eval()
    again.load_state_dict(first_weights(again, path))
    features, words = next(batches.training(0, 0, 4))
    features = torch.nn.functional.pad(features, (0, FEATURES - features.shape[2]))
    said = words[:, :-1].clamp(min=0)
    with torch.no_grad():
        mine = again(features, said).log_softmax(-1).numpy()
    assert_says(Tower(path), features, said, mine)


def assert_says(tower, features, said, log_p):
    """The file says word by word, to a batch, what the network says of all words at once."""
    memory, mask = tower.read(list(features.numpy()))
    past = tower.nothing_said(len(features))
    for at in range(said.shape[1]):
        step, past = tower.say(said[:, at].tolist(), past, memory, mask)
        assert step == pytest.approx(log_p[:, at], abs=1e-3)
