# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import mujoco
import numpy as np
import pytest

from neuraxis_common.errors import ConfigError
from neuraxis_common.robot import load_profile
from neuraxis_sim.judge import at_rest, container_of, judge, parse_goal
from neuraxis_sim.scene import generate, load_template

ROOT = Path(__file__).resolve().parents[2]
STANDING_M = 0.65


@pytest.fixture(scope="module")
def scene():
    template = load_template(ROOT / "config" / "scenes" / "sorting_bench.yaml")
    profile = load_profile("lingxi_x2", ROOT)
    drawn = (generate(template, seed, profile) for seed in range(100))
    return next(s for s in drawn if len(s.parts) >= 4 and not any(i.inside for i in s.parts))


@pytest.fixture(scope="module")
def model(scene):
    spec = mujoco.MjSpec()
    scene.add_to_spec(spec)
    robot = spec.worldbody.add_body(name="base_link", pos=[-0.5, 0, STANDING_M])
    robot.add_freejoint(name="base_free")
    robot.add_geom(type=mujoco.mjtGeom.mjGEOM_SPHERE, size=[0.05, 0, 0])
    return spec.compile()


@pytest.fixture
def qpos(model):
    return model.qpos0.copy()


def put(model, qpos, name, xyz_m):
    adr = int(model.joint(f"{name}_free").qposadr[0])
    qpos[adr : adr + 3] = xyz_m


def put_in(model, qpos, part, container):
    x, y, z = container.xyz_m
    bottom = z - container.size_m[2] / 2 + 0.003
    put(model, qpos, part.name, (x, y, bottom + part.size_m[2] / 2))


def goal_of(part, container):
    return [{"object": part.name, "in": container.name}]


def causes(verdict):
    return {item.name: item.cause for item in verdict.items if item.cause}


def test_part_in_the_wanted_container_is_success(model, scene, qpos):
    part, container = scene.parts[0], scene.containers[0]
    put_in(model, qpos, part, container)
    verdict = judge(model, qpos, scene, goal_of(part, container), np.zeros(model.nv))
    assert verdict.success
    assert verdict.cause == ""
    assert {item.name: item.where for item in verdict.items}[part.name] == container.name


def test_untouched_part_is_not_in_container(model, scene, qpos):
    verdict = judge(model, qpos, scene, goal_of(scene.parts[0], scene.containers[0]))
    assert not verdict.success
    assert causes(verdict) == {scene.parts[0].name: "not_in_container"}


def test_other_container_is_wrong_container(model, scene, qpos):
    part, (wanted, other) = scene.parts[0], scene.containers[:2]
    put_in(model, qpos, part, other)
    verdict = judge(model, qpos, scene, goal_of(part, wanted))
    assert verdict.cause == "wrong_container"


def test_fallen_part_is_on_floor(model, scene, qpos):
    part = scene.parts[0]
    put(model, qpos, part.name, (0.9, 0.9, 0.02))
    assert judge(model, qpos, scene, goal_of(part, scene.containers[0])).cause == "on_floor"


def test_part_nobody_asked_for_in_a_container_is_collateral(model, scene, qpos):
    wanted, extra, container = scene.parts[0], scene.parts[1], scene.containers[0]
    x, y, z = container.xyz_m
    put(model, qpos, wanted.name, (x, y + 0.03, z))
    put(model, qpos, extra.name, (x, y - 0.03, z))
    verdict = judge(model, qpos, scene, goal_of(wanted, container))
    assert causes(verdict) == {extra.name: "collateral"}


def test_part_nobody_asked_for_on_the_floor_is_collateral(model, scene, qpos):
    put(model, qpos, scene.parts[1].name, (0.9, 0.9, 0.02))
    assert judge(model, qpos, scene, []).cause == "collateral"


def test_part_in_the_hand_above_the_container_is_not_in_it(model, scene, qpos):
    part, container = scene.parts[0], scene.containers[0]
    put_in(model, qpos, part, container)
    base = int(model.joint("base_free").qposadr[0])
    adr = int(model.joint(f"{part.name}_free").qposadr[0])
    qpos[base : base + 3] = qpos[adr : adr + 3]
    qpos[base + 2] += part.size_m[2] / 2 + 0.049
    verdict = judge(model, qpos, scene, goal_of(part, container))
    assert verdict.cause == "not_in_container"
    assert verdict.items[0].where == "hand"


def test_moving_part_is_not_at_rest(model, scene, qpos):
    part, container = scene.parts[0], scene.containers[0]
    put_in(model, qpos, part, container)
    qvel = np.zeros(model.nv)
    qvel[int(model.joint(f"{part.name}_free").dofadr[0])] = 0.1
    assert not at_rest(model, qvel, scene)
    assert judge(model, qpos, scene, goal_of(part, container), qvel).cause == "not_at_rest"


@pytest.mark.parametrize("fall", ["low", "tilted"])
def test_fallen_robot_outweighs_everything(model, scene, qpos, fall):
    part, container = scene.parts[0], scene.containers[0]
    put_in(model, qpos, part, container)
    base = int(model.joint("base_free").qposadr[0])
    if fall == "low":
        qpos[base + 2] = 0.2
    else:
        mujoco.mju_euler2Quat(qpos[base + 3 : base + 7], np.array([0, 1.2, 0]), "xyz")
    verdict = judge(model, qpos, scene, goal_of(part, container))
    assert verdict.cause == "robot_fell"
    assert not verdict.success


def test_beside_the_wall_is_on_the_bench(model, scene, qpos):
    part, container = scene.parts[0], scene.containers[0]
    x, y, z = container.xyz_m
    along = np.array([np.cos(container.yaw_rad), np.sin(container.yaw_rad)])
    for distance, where in ((0.45, container.name), (0.55, "bench")):
        dx, dy = along * container.size_m[0] * distance
        put(model, qpos, part.name, (x + dx, y + dy, z))
        assert container_of(model, qpos, scene, part.name) == where


@pytest.mark.parametrize(
    ("goal", "text"),
    [
        ([{"object": "pink_ball", "in": "{tray}"}], "pink_ball"),
        ([{"object": "{part}", "in": "{part}"}], "in '"),
        ([{"object": "{part}"}], r"goal\[0\]"),
        (["{part}"], r"goal\[0\]"),
        ([{"object": "{part}", "in": "{tray}"}, {"object": "{part}", "in": "{other}"}], "two"),
    ],
)
def test_goals_the_scene_cannot_have_are_config_errors(scene, goal, text):
    names = {
        "{part}": scene.parts[0].name,
        "{tray}": scene.containers[0].name,
        "{other}": scene.containers[1].name,
    }
    filled = [
        {key: names.get(value, value) for key, value in entry.items()}
        if isinstance(entry, dict)
        else names.get(entry, entry)
        for entry in goal
    ]
    with pytest.raises(ConfigError, match=text):
        parse_goal(filled, scene)


def test_furniture_holds_what_stands_on_it_and_a_goal_may_name_it():
    template = load_template(ROOT / "config" / "scenes" / "shelf_room.yaml")
    room = generate(template, 3, load_profile("lingxi_x2", ROOT))
    spec = mujoco.MjSpec()
    room.add_to_spec(spec)
    model = spec.compile()
    qpos, part = model.qpos0.copy(), next(item for item in room.parts if not item.inside)
    shelf = next(piece for piece in room.furniture if piece.name == "shelf")
    goal = [{"object": part.name, "in": "shelf"}]
    assert not judge(model, qpos, room, goal).success
    top = (*shelf.xy_m, shelf.size_m[2] + part.size_m[2] / 2)
    put(model, qpos, part.name, top)
    assert container_of(model, qpos, room, part.name) == "shelf"
    assert judge(model, qpos, room, goal).success
    assert judge(model, qpos, room, []).cause == "collateral"
    put(model, qpos, part.name, (*shelf.xy_m, part.size_m[2] / 2))
    assert container_of(model, qpos, room, part.name) == "floor"
    with pytest.raises(ConfigError, match="door"):
        parse_goal([{"object": part.name, "in": "door"}], room)
