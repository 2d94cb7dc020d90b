# SPDX-License-Identifier: Apache-2.0
"""Worlds for Gazebo: what MuJoCo gets, as SDF; and what only descriptions in Gazebo carry."""

import xml.etree.ElementTree as ET

import mujoco
import numpy as np
import pytest
import yaml
from pd_world import DATA_ROOT, profile_of, urdf_of

from neuraxis_common.robot import compile_urdf
from neuraxis_sim import gazebo_world
from neuraxis_sim.live import load_scene
from neuraxis_sim.model import build_model

EMPTY = (DATA_ROOT / "worlds" / "empty.sdf").read_text()
SYSTEMS = {"gz-sim-physics-system", "gz-sim-user-commands-system", "gz-sim-imu-system"}
CAMERAS = "gz-sim-sensors-system"


def drawn(robot: str, seed: int):
    return load_scene("sorting_bench", seed, profile_of(robot), DATA_ROOT)


def world_of(text: str) -> ET.Element:
    return ET.fromstring(text).find("world")


def systems(world: ET.Element) -> set[str]:
    return {plugin.get("filename") for plugin in world.findall("plugin")}


@pytest.mark.parametrize("robot", ["lingxi_x2", "expedition_a3"])
def test_a_scene_stands_where_mujoco_has_it(robot: str) -> None:
    scene = drawn(robot, 7)
    model = build_model(profile_of(robot), urdf_of(robot), scene).model
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    world = world_of(gazebo_world.gazebo_world(EMPTY, scene, cameras=False))
    names = [item.name for item in (*scene.objects, *scene.clutter)]
    assert {"floor", "bench", *names} == {it.get("name") for it in world.findall("model")}
    for name in names:
        it = world.find(f"model[@name='{name}']")
        *xyz, roll, pitch, yaw = map(float, it.findtext("pose").split())
        assert np.allclose(xyz, data.body(name).xpos, atol=1e-5)
        w, x, y, z = data.body(name).xquat
        assert np.allclose(gazebo_world._rpy(w, x, y, z), (roll, pitch, yaw), atol=1e-5)


def test_parts_move_and_weigh_what_mujoco_s_do() -> None:
    scene = drawn("lingxi_x2", 3)
    model = build_model(profile_of("lingxi_x2"), urdf_of("lingxi_x2"), scene).model
    world = world_of(gazebo_world.gazebo_world(EMPTY, scene, cameras=False))
    for item in scene.objects:
        it = world.find(f"model[@name='{item.name}']")
        assert it.findtext("static") == ("false" if item.kind == "part" else "true")
        if item.kind == "part":
            inertial = it.find("link/inertial")
            moments = [float(inertial.findtext(f"inertia/{tag}")) for tag in ("ixx", "iyy", "izz")]
            body = model.body(item.name)
            assert float(inertial.findtext("mass")) == pytest.approx(body.mass[0], rel=1e-4)
            # MuJoCo sorts the axes.
            assert sorted(moments) == pytest.approx(sorted(body.inertia), rel=0.05)


def test_every_part_of_a_model_has_a_name_of_its_own() -> None:
    for seed in range(20):
        world = world_of(gazebo_world.gazebo_world(EMPTY, drawn("lingxi_x2", seed), cameras=True))
        for it in world.findall("model"):
            for kind in ("collision", "visual"):
                names = [element.get("name") for element in it.iter(kind)]
                assert len(names) == len(set(names)) > 0


def test_cameras_bring_their_system_and_nothing_else_does() -> None:
    without = systems(world_of(gazebo_world.gazebo_world(EMPTY, None, cameras=False)))
    assert without > SYSTEMS
    assert CAMERAS not in without
    with_cameras = systems(world_of(gazebo_world.gazebo_world(EMPTY, None, cameras=True)))
    assert with_cameras == without | {CAMERAS}


def test_physics_steps_once_per_cycle_of_the_controllers() -> None:
    path = DATA_ROOT / "config" / "controllers" / "controllers.yaml"
    manager = yaml.safe_load(path.read_text())["/**/controller_manager"]["ros__parameters"]
    step_s = float(world_of(EMPTY).findtext("physics/max_step_size"))
    assert step_s * manager["update_rate"] == pytest.approx(1.0)


@pytest.mark.parametrize("robot", ["lingxi_x2", "expedition_a2", "expedition_a3"])
def test_the_robot_is_spawned_on_its_soles(robot: str) -> None:
    profile = profile_of(robot)
    pose = gazebo_world.standing_pose(profile, DATA_ROOT)
    model = build_model(profile, urdf_of(robot))
    standing = model.standing_qpos(profile.ready_pose_rad)[model.base_qpos_adr :][:3]
    assert np.allclose([pose["x"], pose["y"]], standing[:2])
    assert 0.0 < pose["z"] - standing[2] < 0.005


@pytest.mark.parametrize("hardware", ["mock", "mujoco", "generic", "aimdk_hal"])
def test_only_gazebo_s_descriptions_carry_gazebo(hardware: str) -> None:
    root = ET.fromstring(compile_urdf(profile_of("lingxi_x2"), DATA_ROOT, hardware))
    assert root.find("gazebo") is None
    assert root.find("joint/dynamics") is None
    names = {param.get("name") for param in root.find("ros2_control").iter("param")}
    assert "left_foot" not in names


@pytest.mark.parametrize("robot", ["lingxi_x2", "expedition_a2", "expedition_a3"])
def test_gazebo_s_description_has_the_profile_s_dynamics_and_one_imu(robot: str) -> None:
    profile = profile_of(robot)
    root = ET.fromstring(compile_urdf(profile, DATA_ROOT, "gazebo"))
    system = root.find("ros2_control")
    assert system.findtext("hardware/plugin") == "neuraxis/GazeboSpinalCordSystem"
    for name in profile.joint_names:
        given = root.find(f"joint[@name='{name}']/dynamics")
        assert float(given.get("friction")) == profile.mujoco[name].frictionloss
        assert float(given.get("damping")) == profile.mujoco[name].damping
    assert [sensor.get("name") for sensor in root.iterfind("gazebo/sensor[@type='imu']")] == [
        "imu_link"
    ]
    for file in root.iterfind("gazebo/plugin/parameters"):
        assert (DATA_ROOT / "config" / "controllers" / file.text.rsplit("/", 1)[1]).is_file()


def test_stock_gz_ros2_control_gets_the_interfaces_it_knows() -> None:
    root = ET.fromstring(compile_urdf(profile_of("lingxi_x2"), DATA_ROOT, "gazebo_stock"))
    system = root.find("ros2_control")
    assert system.findtext("hardware/plugin") == "gz_ros2_control/GazeboSimSystem"
    for joint in system.findall("joint"):
        names = [it.get("name") for it in joint.findall("command_interface")]
        assert names == ["position", "velocity", "effort"]
    assert system.find("gpio") is None
