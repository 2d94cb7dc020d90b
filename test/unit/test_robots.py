# SPDX-License-Identifier: Apache-2.0
"""The robot descriptions and profiles, judged by the compiled URDF."""

from __future__ import annotations

import shutil
import subprocess
import xml.etree.ElementTree as ET
from functools import cache
from pathlib import Path

import numpy as np
import pinocchio as pin
import pytest
import yaml

from neuraxis_common.errors import ConfigError
from neuraxis_common.robot import (
    GROUPS,
    SIDES,
    RobotProfile,
    compile_urdf,
    joint_limits,
    known_robots,
    load_profile,
)

DATA_ROOT = Path(__file__).resolve().parents[2]
VENDOR_MASS_KG = {"lingxi_x2": 44.80, "expedition_a3": 57.98, "expedition_a2": 69.34}
ROBOTS = tuple(VENDOR_MASS_KG)
MIRROR = np.diag([1.0, -1.0, 1.0])
# The vendors' left and right origins differ by up to 1.1 mm (A3 hip, elbow; X2 wrist).
VENDOR_ASYMMETRY_M = 0.002


@cache
def profile_of(robot: str) -> RobotProfile:
    return load_profile(robot, DATA_ROOT)


@cache
def urdf_of(robot: str) -> str:
    return compile_urdf(profile_of(robot), DATA_ROOT)


@cache
def gazebo_urdf_of(robot: str) -> str:
    return compile_urdf(profile_of(robot), DATA_ROOT, "gazebo")


def fixed_base(robot: str) -> pin.Model:
    return pin.buildModelFromXML(urdf_of(robot))


def place(model: pin.Model, pose: dict[str, float], frame: str) -> pin.SE3:
    """Frame in base_link; joints that `pose` does not name stay at zero."""
    q = pin.neutral(model)
    for name, value in pose.items():
        q[model.joints[model.getJointId(name)].idx_q] = value
    data = model.createData()
    pin.framesForwardKinematics(model, data, q)
    return data.oMf[model.getFrameId(frame)]


def mirror_signs(robot: str) -> dict[tuple[str, str], float]:
    """(left joint, right joint) to the sign that mirrors the motion, from the axes at zero pose."""
    model, profile = fixed_base(robot), profile_of(robot)
    data = model.createData()
    pin.computeJointJacobians(model, data, pin.neutral(model))
    signs = {}
    for limb in ("leg", "arm"):
        for left, right in zip(
            profile.groups[f"left_{limb}"], profile.groups[f"right_{limb}"], strict=True
        ):
            axes = []
            for name in (left, right):
                joint = model.getJointId(name)
                column = model.joints[joint].idx_v
                axes.append(
                    pin.getJointJacobian(model, data, joint, pin.ReferenceFrame.WORLD)[3:, column]
                )
            cosine = float(-(MIRROR @ axes[0]) @ axes[1])
            assert abs(cosine) == pytest.approx(1.0, abs=1e-3), (left, right)
            signs[left, right] = np.sign(cosine)
    return signs


def test_all_three_robots_are_known() -> None:
    assert set(known_robots(DATA_ROOT)) == set(ROBOTS)


@pytest.mark.parametrize("robot", ROBOTS)
def test_check_urdf_accepts_the_description(robot: str, tmp_path: Path) -> None:
    if shutil.which("check_urdf") is None:
        pytest.skip("check_urdf missing: apt-get install liburdfdom-tools")
    path = tmp_path / "robot.urdf"
    path.write_text(urdf_of(robot), encoding="utf-8")
    result = subprocess.run(["check_urdf", str(path)], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert "root Link: base_link" in result.stdout


@pytest.mark.parametrize("robot", ROBOTS)
def test_link_masses_sum_to_the_vendor_s_figure(robot: str) -> None:
    profile = profile_of(robot)
    added = vendor = 0.0
    for link in ET.fromstring(urdf_of(robot)).findall("link"):
        mass = link.find("inertial/mass")
        if mass is not None:
            value = float(mass.get("value", "nan"))
            if "gripper" in link.get("name", ""):
                added += value
            else:
                vendor += value
    assert vendor == pytest.approx(VENDOR_MASS_KG[robot], abs=0.005)
    assert vendor == pytest.approx(profile.mass_kg, abs=1e-3)
    assert added == pytest.approx(profile.added_mass_kg, abs=1e-9)


@pytest.mark.parametrize("robot", ROBOTS)
def test_inertias_are_physical(robot: str) -> None:
    """Positive definite, and no principal moment above the sum of the others."""
    for inertia in fixed_base(robot).inertias[1:]:
        moments = np.linalg.eigvalsh(inertia.inertia)
        assert inertia.mass > 0
        assert moments[0] > 0
        assert moments[2] <= moments[0] + moments[1] + 1e-9


@pytest.mark.parametrize("robot", ROBOTS)
def test_every_link_s_own_inertia_is_physical(robot: str) -> None:
    for link in ET.fromstring(urdf_of(robot)).findall("link"):
        element = link.find("inertial/inertia")
        if element is None:
            continue
        xx, xy, xz, yy, yz, zz = (
            float(element.get(k, "nan")) for k in ("ixx", "ixy", "ixz", "iyy", "iyz", "izz")
        )
        moments = np.linalg.eigvalsh([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
        assert moments[0] > 0, link.get("name")
        assert moments[2] <= (moments[0] + moments[1]) * 1.02, link.get("name")


@pytest.mark.parametrize("robot", ROBOTS)
def test_groups_part_the_joints(robot: str) -> None:
    profile = profile_of(robot)
    members = [name for group in GROUPS for name in profile.groups[group]]
    assert sorted(members) == sorted(profile.joint_names)
    assert [len(profile.groups[f"{side}_leg"]) for side in SIDES] == [6, 6]
    assert [len(profile.groups[f"{side}_arm"]) for side in SIDES] == [7, 7]
    assert len(profile.joint_names) == (30 if robot == "expedition_a2" else 33)
    assert profile.joint_names[-2:] == ("left_gripper_joint", "right_gripper_joint")


@pytest.mark.parametrize("robot", ROBOTS)
def test_poses_are_within_the_limits(robot: str) -> None:
    profile, limits = profile_of(robot), joint_limits(urdf_of(robot))
    for pose in (profile.default_pose_rad, profile.ready_pose_rad, profile.lowering_pose_rad):
        for name in profile.joint_names:
            assert limits[name].lower <= pose[name] <= limits[name].upper, name


@pytest.mark.parametrize("robot", ROBOTS)
def test_motor_curves_fall_and_start_within_the_effort_limit(robot: str) -> None:
    profile, limits = profile_of(robot), joint_limits(urdf_of(robot))
    for name, curve in profile.torque_speed.items():
        assert 0 < curve.knee_rad_s < curve.no_load_rad_s, name
        assert 0 < curve.peak_Nm <= limits[name].effort + 1e-9, name


@pytest.mark.parametrize("robot", ROBOTS)
def test_ankles_hold_more_than_the_toppling_stiffness(robot: str) -> None:
    """An inverted pendulum stands only if the ankle pitch pair exceeds m g h."""
    profile, model = profile_of(robot), fixed_base(robot)
    q, data = pin.neutral(model), model.createData()
    for name, value in profile.default_pose_rad.items():
        q[model.joints[model.getJointId(name)].idx_q] = value
    com = pin.centerOfMass(model, data, q)
    sole = place(model, dict(profile.default_pose_rad), "left_sole")
    needed = pin.computeTotalMass(model) * 9.81 * (com - sole.translation)[2]
    pitch = [n for n in profile.joint_names if "ankle_pitch" in n or "toe_pitch" in n]
    assert len(pitch) == 2
    assert sum(profile.kp[name] for name in pitch) > 1.3 * needed


@pytest.mark.parametrize("robot", ROBOTS)
def test_mirrored_limbs_reach_mirrored_places(robot: str) -> None:
    model, signs = fixed_base(robot), mirror_signs(robot)
    limits = joint_limits(urdf_of(robot))
    rng = np.random.default_rng(5)
    for _ in range(20):
        left_pose, right_pose = {}, {}
        for (left, right), sign in signs.items():
            q = rng.uniform(limits[left].lower, limits[left].upper)
            left_pose[left], right_pose[right] = q, sign * q
        for frame in ("tcp", "sole"):
            left = place(model, left_pose, f"left_{frame}").translation
            right = place(model, right_pose, f"right_{frame}").translation
            assert np.linalg.norm(MIRROR @ left - right) < VENDOR_ASYMMETRY_M


@pytest.mark.parametrize("robot", ROBOTS)
def test_limits_and_poses_are_mirrored(robot: str) -> None:
    profile, limits = profile_of(robot), joint_limits(urdf_of(robot))
    for (left, right), sign in mirror_signs(robot).items():
        ends = sorted((sign * limits[left].lower, sign * limits[left].upper))
        assert ends == pytest.approx([limits[right].lower, limits[right].upper], abs=1e-6), left
        assert limits[left].effort == limits[right].effort
        for pose in (profile.default_pose_rad, profile.ready_pose_rad, profile.lowering_pose_rad):
            assert sign * pose[left] == pytest.approx(pose[right], abs=2e-3), left


@pytest.mark.parametrize("robot", ROBOTS)
def test_tool_frames_keep_their_convention(robot: str) -> None:
    """z out of the palm towards the tips, y along the closing motion, origin between the pads."""
    model, profile = fixed_base(robot), profile_of(robot)
    for side in SIDES:
        gripper = profile.grippers[side]
        fingers = (f"{side}_gripper_finger", f"{side}_gripper_mimic_finger")
        open_pose = {gripper.joint: 0.03, gripper.mimic_joint: 0.03}
        tcp = place(model, {}, gripper.tcp_frame)
        palm = tcp.actInv(place(model, {}, f"{side}_gripper_base"))
        a, b = (tcp.actInv(place(model, open_pose, name)).translation for name in fingers)
        assert palm.translation[2] < -0.05
        assert a[1] == pytest.approx(0.03)
        assert b[1] == pytest.approx(-0.03)
        limit = joint_limits(urdf_of(robot))[gripper.joint]
        assert gripper.max_opening_m == pytest.approx(2 * limit.upper)
        assert limit.effort == pytest.approx(gripper.max_force_N * gripper.effort_per_force)


@pytest.mark.parametrize("robot", ROBOTS)
def test_camera_sees_the_workspace_in_the_ready_pose(robot: str) -> None:
    profile, model = profile_of(robot), fixed_base(robot)
    pose = dict(profile.ready_pose_rad)
    camera = place(model, pose, profile.camera.frame)
    soles = [place(model, pose, name) for name in profile.soles]
    middle = (soles[0].translation + soles[1].translation) / 2
    tan_y = np.tan(np.radians(profile.camera.fovy_deg) / 2)
    tan_x = tan_y * profile.camera.width / profile.camera.height
    for x, y in profile.bench.workspace_xy_m:
        seen = camera.actInv(middle + soles[0].rotation @ [x, y, profile.bench.height_m])
        assert seen[2] > 0
        assert abs(seen[0] / seen[2]) < tan_x
        assert abs(seen[1] / seen[2]) < tan_y
    right, down = camera.rotation[:, 0], camera.rotation[:, 1]
    assert right[1] < -0.99
    assert down[2] < 0


@pytest.mark.parametrize("hardware", ["mock", "mujoco", "gazebo", "generic", "aimdk_hal"])
def test_ros2_control_block_names_every_joint(hardware: str) -> None:
    profile = profile_of("lingxi_x2")
    system = ET.fromstring(compile_urdf(profile, DATA_ROOT, hardware)).find("ros2_control")
    assert [joint.get("name") for joint in system.findall("joint")] == list(profile.joint_names)
    plugin, backend = (
        system.findtext("hardware/plugin"),
        system.find("hardware/param[@name='backend']"),
    )
    assert ("mock" in plugin) == (hardware == "generic")
    assert backend is None if hardware == "generic" else backend.text == hardware


def moments(inertial: ET.Element) -> np.ndarray:
    xx, xy, xz, yy, yz, zz = (
        float(inertial.find("inertia").get(key))
        for key in ("ixx", "ixy", "ixz", "iyy", "iyz", "izz")
    )
    return np.linalg.eigvalsh([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])


@pytest.mark.parametrize("robot", ROBOTS)
def test_links_carry_the_rotors_in_gazebo_and_stay_bodies(robot: str) -> None:
    """A simulator that finds a moment larger than the other two together refuses the link."""
    plain, told = ET.fromstring(urdf_of(robot)), ET.fromstring(gazebo_urdf_of(robot))
    driven = {joint.find("child").get("link") for joint in told.iterfind("joint[dynamics]")}
    assert len(driven) == len(profile_of(robot).joint_names)
    for before, after in zip(plain.iterfind("link"), told.iterfind("link"), strict=True):
        if after.find("inertial") is None:
            continue
        low, middle, high = moments(after.find("inertial"))
        assert 0 < low
        assert high <= (low + middle) * (1 + 1e-6), after.get("name")
        if after.get("name") not in driven:
            assert moments(before.find("inertial")) == pytest.approx([low, middle, high])


@pytest.mark.parametrize("robot", ROBOTS)
def test_profile_s_damping_is_stable_in_gazebo_at_1_khz(robot: str) -> None:
    """Gazebo's engines take efforts as they come: beyond 2, velocities grow from step to step."""
    profile = profile_of(robot)
    model = pin.buildModelFromXML(gazebo_urdf_of(robot), pin.JointModelFreeFlyer())
    q, damping = pin.neutral(model), np.zeros(model.nv)
    for name in profile.joint_names:
        at = model.joints[model.getJointId(name)]
        q[at.idx_q], damping[at.idx_v] = profile.ready_pose_rad[name], profile.kd[name]
    mass = pin.crba(model, model.createData(), q)
    mass = np.triu(mass) + np.triu(mass, 1).T
    rates = np.linalg.eigvals(np.linalg.solve(mass, np.diag(damping))).real
    assert max(rates) * 0.001 < 1.0


@pytest.mark.parametrize("robot", ROBOTS)
def test_ros2_control_block_carries_the_profile_s_gains(robot: str) -> None:
    profile = profile_of(robot)
    system = ET.fromstring(compile_urdf(profile, DATA_ROOT, "mock")).find("ros2_control")
    for joint in system.findall("joint"):
        name = joint.get("name")
        given = {param.get("name"): float(param.text) for param in joint.findall("param")}
        assert given == pytest.approx(
            {
                "kp": profile.kp[name],
                "kd": profile.kd[name],
                "kp_max": profile.kp_max[name],
                "kd_max": max(profile.kd_max[name], profile.kd_damping[name]),
                "kd_damping": profile.kd_damping[name],
                "lowering": profile.lowering_pose_rad[name],
                "initial": profile.ready_pose_rad[name],
                "knee_speed": profile.torque_speed[name].knee_rad_s,
                "no_load_speed": profile.torque_speed[name].no_load_rad_s,
            }
        )


@pytest.mark.parametrize("robot", ROBOTS)
def test_controllers_name_the_joints_of_the_profile(robot: str) -> None:
    profile = profile_of(robot)
    path = DATA_ROOT / "config" / "controllers" / f"{robot}.yaml"
    nodes = yaml.safe_load(path.read_text(encoding="utf-8"))
    joints = {
        node.removeprefix("/**/"): tuple(entry["ros__parameters"]["joints"])
        for node, entry in nodes.items()
    }
    assert joints == {
        "impedance_controller": profile.joint_names,
        "safety_controller": profile.joint_names,
        "left_arm_controller": profile.groups["left_arm"],
        "right_arm_controller": profile.groups["right_arm"],
    }


def test_unknown_robot_is_named_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"unknown robot 'r2d2'.*lingxi_x2"):
        load_profile("r2d2", DATA_ROOT)


def test_path_like_names_are_unknown_robots() -> None:
    with pytest.raises(ConfigError, match=r"unknown robot"):
        load_profile("../robots/lingxi_x2", DATA_ROOT)


def _profile_with(tmp_path: Path, change) -> None:
    """Load a copy of the X2 profile after `change(data)`."""
    source = DATA_ROOT / "config" / "robots" / "lingxi_x2.yaml"
    data = yaml.safe_load(source.read_text(encoding="utf-8"))
    change(data)
    target = tmp_path / "config" / "robots" / "broken.yaml"
    target.parent.mkdir(parents=True)
    target.write_text(yaml.safe_dump(data), encoding="utf-8")
    load_profile("broken", tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.pop("camera"), "broken.yaml lacks 'camera'"),
        (lambda d: d["camera"].pop("fovy_deg"), "camera lacks 'fovy_deg'"),
        (lambda d: d["camera"].update(fovy_deg=400), r"'fovy_deg' must be in \[1.0, 170.0\]"),
        (lambda d: d["joints"][3].update(kp="stiff"), r"joints\[3\]: 'kp' has the wrong type"),
        (lambda d: d["joints"][3].update(kp=-1), r"joints\[3\]: 'kp' must be in"),
        (lambda d: d["joints"][0].update(group="tail"), "group 'tail' is not one of"),
        (lambda d: d["joints"].append(d["joints"][0]), "joints listed twice"),
        (lambda d: d["joints"][0].update(dynamics=[1, 2]), "'dynamics' must be 3 numbers"),
        (lambda d: d.update(lowering_time_s=float("nan")), "'lowering_time_s' must be in"),
        (lambda d: d.update(joints="none"), "'joints' has the wrong type"),
        (lambda d: d["bench"].update(workspace_xy_m=[[0, 1]]), "'workspace_xy_m' needs at least 3"),
    ],
)
def test_malformed_profile_names_the_field(tmp_path: Path, change, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        _profile_with(tmp_path, change)


@pytest.mark.parametrize("text", ["{a: [", "just text", "", "\x00"])
def test_a_file_that_is_no_mapping_is_a_config_error(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "config" / "robots"
    folder.mkdir(parents=True)
    (folder / "odd.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"odd\.yaml"):
        load_profile("odd", tmp_path)


def test_missing_or_broken_description_is_a_config_error(tmp_path: Path) -> None:
    profile = profile_of("lingxi_x2")
    with pytest.raises(ConfigError, match="does not exist"):
        compile_urdf(profile, tmp_path)
    path = tmp_path / profile.xacro
    path.parent.mkdir(parents=True)
    path.write_text("<robot", encoding="utf-8")
    with pytest.raises(ConfigError, match="fails"):
        compile_urdf(profile, tmp_path)
    path.write_text('<robot name="empty"><link name="base_link"/></robot>', encoding="utf-8")
    with pytest.raises(ConfigError, match="lacks joints of the profile: left_hip_pitch_joint"):
        compile_urdf(profile, tmp_path)
