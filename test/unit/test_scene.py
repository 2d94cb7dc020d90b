# SPDX-License-Identifier: Apache-2.0
import json
import math
from pathlib import Path
from typing import get_args

import mujoco
import numpy as np
import pytest
import yaml

from neuraxis_common.errors import ConfigError
from neuraxis_common.plan import ContainerShape, PartShape
from neuraxis_common.robot import load_profile
from neuraxis_common.shapes import SHAPES
from neuraxis_sim.scene import generate, load_template, scene_to_json
from neuraxis_sim.scene_containers import lips, open_walls, walls
from neuraxis_sim.scene_layout import Patch, gap, inside
from neuraxis_sim.scene_types import SceneItem
from neuraxis_sim.shapes import part_meshes

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "config" / "scenes" / "sorting_bench.yaml"
SEEDS = range(40)


@pytest.fixture(scope="module")
def template():
    return load_template(TEMPLATE)


@pytest.fixture(scope="module")
def profile():
    return load_profile("lingxi_x2", ROOT)


@pytest.fixture(scope="module")
def scenes(template, profile):
    return [generate(template, seed, profile) for seed in SEEDS]


def patch(item):
    return Patch(*item.xyz_m[:2], item.yaw_rad, *item.size_m[:2])


def write_template(tmp_path, change):
    document = yaml.safe_load(TEMPLATE.read_text(encoding="utf-8"))
    change(document)
    path = tmp_path / "broken.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return path


def test_equal_seeds_give_equal_scenes(template, profile, scenes):
    assert generate(template, 7, profile) == scenes[7]
    assert scenes[7] != scenes[8]


def test_counts_stay_in_the_template(template, scenes):
    for scene in scenes:
        assert template.parts.count[0] <= len(scene.parts) <= template.parts.count[1]
        low, high = template.containers.count
        assert low <= len(scene.containers) <= high
    assert {len(scene.parts) for scene in scenes} >= {3, 7}


def test_names_are_unique_and_containers_look_different(scenes):
    for scene in scenes:
        names = [item.name for item in (*scene.objects, *scene.clutter)]
        assert len(set(names)) == len(names)
        looks = [(item.color, item.shape) for item in scene.containers]
        assert len(set(looks)) == len(looks)


def test_parts_stand_inside_the_workspace_or_a_container(profile, scenes):
    polygon = np.asarray(profile.bench.workspace_xy_m)
    for scene in scenes:
        for item in scene.parts:
            bottom = item.xyz_m[2] - item.size_m[2] / 2
            if item.inside:
                assert scene.item(item.inside).kind == "container"
                assert bottom > scene.bench.height_m
            else:
                assert inside(polygon, np.array([item.xyz_m[:2]])).all()
                assert bottom == pytest.approx(scene.bench.height_m)


def test_a_gripper_fits_around_every_part(template, scenes):
    for scene in scenes:
        loose = [item for item in scene.parts if not item.inside]
        for index, item in enumerate(loose):
            for other in loose[index + 1 :]:
                assert gap(patch(item), patch(other)) >= template.parts.gap_m
            for container in scene.containers:
                assert gap(patch(item), patch(container)) >= template.parts.wall_gap_m


def test_gap_agrees_with_dense_sampling():
    rng = np.random.default_rng(0)
    for _ in range(50):
        a, b = (Patch(*rng.uniform(-0.1, 0.1, 2), rng.uniform(-3, 3), 0.08, 0.04) for _ in "ab")
        edges = [dense_edge(item) for item in (a, b)]
        sampled = np.linalg.norm(edges[0][:, None] - edges[1][None], axis=-1).min()
        if gap(a, b) > 0:
            assert gap(a, b) == pytest.approx(sampled, abs=0.002)
        else:
            assert sampled < 0.002 or inside(a.corners, b.corners).all()


def dense_edge(item):
    corners = item.corners
    share = np.linspace(0, 1, 60)[:, None]
    following = np.roll(corners, -1, axis=0)
    return np.concatenate(
        [a * (1 - share) + b * share for a, b in zip(corners, following, strict=True)]
    )


def test_largest_and_smallest_part_are_clear(template, scenes):
    clear = 0
    for scene in scenes:
        sizes = sorted(item.scale_m for item in scene.parts)
        ratio = min(sizes[-1] / sizes[-2], sizes[1] / sizes[0])
        clear += ratio >= template.parts.size_ratio * 0.99
    assert clear >= 0.9 * len(scenes)


def test_some_scenes_start_with_a_part_in_a_container(scenes):
    share = np.mean([any(item.inside for item in scene.parts) for scene in scenes])
    assert 0 < share < 0.4


def test_scene_becomes_json(scenes):
    document = json.loads(json.dumps(scene_to_json(scenes[7])))
    assert document["seed"] == 7
    assert [item["name"] for item in document["objects"]] == [
        item.name for item in scenes[7].objects
    ]
    for item, original in zip(document["objects"], scenes[7].objects, strict=True):
        assert item["xyz_m"] == pytest.approx(original.xyz_m, abs=1e-4)


@pytest.mark.parametrize("shape", get_args(PartShape))
def test_part_meshes_fill_their_box_and_face_outward(shape):
    size = (0.06, 0.04, 0.05) if shape == "block" else (0.04, 0.04, 0.05)
    if shape == "hexagon":
        size = (0.04 * 2 / math.sqrt(3), 0.04, 0.05)
    meshes = part_meshes(shape, size).values()
    points = np.concatenate([mesh.points for mesh in meshes])
    np.testing.assert_allclose(np.ptp(points, axis=0), size, rtol=0.01)
    assert np.abs(points.max(axis=0) + points.min(axis=0)).max() < 1e-6
    # Divergence theorem: outward faces enclose a positive volume, no more than the box's.
    volumes = [enclosed(mesh) for mesh in meshes]
    assert min(volumes) > 0
    full = 0.4 if shape != "cup" else 0.1
    assert full * np.prod(size) < sum(volumes)
    assert max(volumes) < np.prod(size)


def enclosed(mesh):
    a, b, c = mesh.points.reshape(-1, 3, 3).transpose(1, 0, 2)
    return (a * np.cross(b, c)).sum() / 6


def test_every_shape_has_traits_of_its_kind():
    kinds = {"part": get_args(PartShape), "container": get_args(ContainerShape)}
    assert tuple(SHAPES) == kinds["part"] + kinds["container"]
    for kind, names in kinds.items():
        assert {SHAPES[name].kind for name in names} == {kind}


@pytest.mark.parametrize("shape", get_args(ContainerShape))
def test_containers_look_as_high_as_they_are_and_stand_out_by_their_rim(shape):
    size, yaw = (0.14, 0.14, 0.05), 0.0
    item = SceneItem("it", "container", shape, "red", (1, 0, 0), size, (0, 0, 0), yaw, 0.3, 0.6,
                     wall_m=0.004)  # fmt: skip
    mesh = open_walls(item)
    seen = [] if mesh is None else [mesh.points]
    for at, half in [*lips(item), *(walls(item) if mesh is None else [])]:
        seen += [np.add(at, half)[None], np.subtract(at, half)[None]]
    low, high = (getattr(np.concatenate(seen), end)(axis=0) for end in ("min", "max"))
    assert high[2] - low[2] == pytest.approx(size[2])
    assert high[:2] - low[:2] == pytest.approx(np.array(size[:2]) + 0.006, abs=0.0015)


def test_world_has_the_masses_and_places_of_the_scene(scenes):
    scene = next(scene for scene in scenes if {"hexagon"} & {i.shape for i in scene.parts})
    spec = mujoco.MjSpec()
    scene.add_to_spec(spec)
    model = spec.compile()
    for item in scene.objects:
        body = model.body(item.name)
        np.testing.assert_allclose(body.pos, item.xyz_m)
        if item.kind == "part":
            assert body.mass[0] == pytest.approx(item.mass_kg, rel=1e-6)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda d: d["parts"].update(count=[0, 9]), ["parts.count", "[0, 9]"]),
        (lambda d: d["parts"].update(counts=[3, 4]), ["parts.counts", "Extra"]),
        (lambda d: d["parts"].pop("gap_m"), ["parts.gap_m", "required"]),
        (lambda d: d["parts"].update(gap_m=7), ["parts.gap_m", "0.1", "got 7"]),
        (lambda d: d["parts"].update(gap_m="wide"), ["parts.gap_m", "'wide'"]),
        (lambda d: d["parts"]["colors"].append("pink"), ["parts.colors", "'pink'"]),
        (lambda d: d["parts"]["shapes"].update(star={}), ["parts.shapes.star"]),
        (lambda d: d["parts"]["shapes"]["cube"].update(width_m=[0.05, 0.03]), ["cube.width_m"]),
        (lambda d: d["light"].update(ambient=[0.1, float("nan")]), ["light.ambient"]),
        (lambda d: d["palette"].pop("red"), ["red", "palette"]),
        (lambda d: d.update(name="../x"), ["name", "'../x'"]),
    ],
)
def test_bad_templates_name_key_and_value(tmp_path, change, expected):
    with pytest.raises(ConfigError) as caught:
        load_template(write_template(tmp_path, change))
    for text in expected:
        assert text in str(caught.value)


def test_bounds_are_named(tmp_path):
    path = write_template(tmp_path, lambda d: d["parts"].update(count=[0, 9]))
    with pytest.raises(ConfigError, match="1 <= a <= b <= 10"):
        load_template(path)


@pytest.mark.parametrize("text", ["parts: [", "- 1", "", "\x00"])
def test_what_is_not_a_mapping_is_a_config_error(tmp_path, text):
    path = tmp_path / "broken.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"broken\.yaml"):
        load_template(path)


def test_unknown_scene_lists_the_known_ones():
    with pytest.raises(ConfigError, match=r"unknown scene 'nowhere'.*sorting_bench"):
        load_template(TEMPLATE.with_name("nowhere.yaml"))


def test_no_room_is_a_config_error(tmp_path, profile):
    def crowd(document):
        document["parts"].update(count=[10, 10], gap_m=0.1, wall_gap_m=0.1)

    crowded = load_template(write_template(tmp_path, crowd))
    with pytest.raises(ConfigError, match="no room for"):
        generate(crowded, 0, profile)
