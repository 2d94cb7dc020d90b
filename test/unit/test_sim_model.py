# SPDX-License-Identifier: Apache-2.0
"""The compiled MuJoCo model: it agrees with the URDF, stands, senses and grips."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path

import mujoco
import numpy as np
import pinocchio as pin
import pytest

from neuraxis_common.robot import SIDES, RobotProfile, compile_urdf, joint_limits, load_profile
from neuraxis_sim.model import BASE_JOINT, RobotModel, build_model

DATA_ROOT = Path(__file__).resolve().parents[2]
ROBOTS = ("lingxi_x2", "expedition_a3", "expedition_a2")
GRAVITY = 9.81


@cache
def profile_of(robot: str) -> RobotProfile:
    return load_profile(robot, DATA_ROOT)


@cache
def urdf_of(robot: str) -> str:
    return compile_urdf(profile_of(robot), DATA_ROOT)


@cache
def world_of(robot: str) -> RobotModel:
    return build_model(profile_of(robot), urdf_of(robot))


def column(profile: RobotProfile, values) -> np.ndarray:
    return np.array([values[name] for name in profile.joint_names])


def run_pd(world: RobotModel, pose, seconds: float) -> mujoco.MjData:
    """Constant PD with the profile's gains from standing in `pose`."""
    model, profile = world.model, world.profile
    data = mujoco.MjData(model)
    data.qpos[:] = world.standing_qpos(pose)
    target = column(profile, pose)
    kp, kd = column(profile, profile.kp), column(profile, profile.kd)
    for _ in range(round(seconds / model.opt.timestep)):
        error = target - data.qpos[world.joint_qpos_adr]
        data.ctrl[world.actuator_id] = kp * error - kd * data.qvel[world.joint_dof_adr]
        mujoco.mj_step(model, data)
    return data


@pytest.mark.parametrize("robot", ROBOTS)
def test_mujoco_and_pinocchio_agree_on_mass_and_limits(robot: str) -> None:
    world, limits = world_of(robot), joint_limits(urdf_of(robot))
    reference = pin.buildModelFromXML(urdf_of(robot), pin.JointModelFreeFlyer())
    assert mujoco.mj_getTotalmass(world.model) == pytest.approx(pin.computeTotalMass(reference))
    for name in world.profile.joint_names:
        joint = reference.joints[reference.getJointId(name)]
        low, high = world.model.joint(name).range
        assert low == pytest.approx(reference.lowerPositionLimit[joint.idx_q])
        assert high == pytest.approx(reference.upperPositionLimit[joint.idx_q])
        effort = reference.effortLimit[joint.idx_v]
        assert world.model.actuator(name).ctrlrange == pytest.approx([-effort, effort])
        assert limits[name].velocity == pytest.approx(reference.velocityLimit[joint.idx_v])


@pytest.mark.parametrize("robot", ROBOTS)
def test_mujoco_and_pinocchio_agree_on_joint_order(robot: str) -> None:
    world = world_of(robot)
    reference = pin.buildModelFromXML(urdf_of(robot), pin.JointModelFreeFlyer())
    for group, names in world.profile.groups.items():
        in_mujoco = sorted(names, key=lambda name: world.model.joint(name).id)
        in_pinocchio = sorted(names, key=reference.getJointId)
        assert list(names) == in_mujoco == in_pinocchio, group
    assert list(world.actuator_id) == list(range(len(world.profile.joint_names)))


@pytest.mark.parametrize("robot", ROBOTS)
def test_mujoco_and_pinocchio_place_every_frame_alike(robot: str) -> None:
    world = world_of(robot)
    reference = pin.buildModelFromXML(urdf_of(robot))
    limits = joint_limits(urdf_of(robot))
    rng = np.random.default_rng(2)
    q, data = pin.neutral(reference), mujoco.MjData(world.model)
    for name in world.profile.joint_names:
        value = rng.uniform(limits[name].lower, limits[name].upper)
        data.joint(name).qpos[:] = q[reference.joints[reference.getJointId(name)].idx_q] = value
    for leader, follower in world.mimic_qpos_adr:
        data.qpos[follower] = data.qpos[leader]
    for side in SIDES:
        gripper = world.profile.grippers[side]
        follower = reference.joints[reference.getJointId(gripper.mimic_joint)]
        q[follower.idx_q] = data.joint(gripper.joint).qpos[0]
    kinematics = reference.createData()
    pin.framesForwardKinematics(reference, kinematics, q)
    mujoco.mj_kinematics(world.model, data)
    base = data.body("base_link")
    for frame in ("camera_color_optical_frame", "imu_link", "left_tcp", "right_tcp", "left_sole"):
        expected = kinematics.oMf[reference.getFrameId(frame)]
        R_WB, body = base.xmat.reshape(3, 3), data.body(frame)
        assert R_WB.T @ (body.xpos - base.xpos) == pytest.approx(expected.translation, abs=1e-6)
        assert R_WB.T @ body.xmat.reshape(3, 3) == pytest.approx(expected.rotation, abs=1e-6)


@pytest.mark.parametrize("robot", ROBOTS)
def test_standing_height_matches_the_vendor_s(robot: str) -> None:
    world = world_of(robot)
    model, data = world.model, mujoco.MjData(world.model)
    data.qpos[:] = world.standing_qpos(dict.fromkeys(world.profile.joint_names, 0.0))
    mujoco.mj_kinematics(model, data)
    top = max(
        data.geom_xpos[geom][2] + model.geom_aabb[geom, 5]
        for geom in range(model.ngeom)
        if "head" in model.body(model.geom_bodyid[geom]).name
        and model.geom_type[geom] == mujoco.mjtGeom.mjGEOM_SPHERE
    )
    assert top == pytest.approx(world.profile.standing_height_m, abs=0.03)


@pytest.mark.parametrize("robot", ROBOTS)
@pytest.mark.parametrize("pose_name", ["default_pose_rad", "ready_pose_rad", "lowering_pose_rad"])
def test_poses_touch_nothing_and_keep_the_weight_over_the_soles(robot: str, pose_name: str) -> None:
    world = world_of(robot)
    model, data = world.model, mujoco.MjData(world.model)
    data.qpos[:] = world.standing_qpos(getattr(world.profile, pose_name))
    mujoco.mj_forward(model, data)
    floor = model.geom("floor").id
    for contact in data.contact[: data.ncon]:
        pair = [model.body(model.geom_bodyid[geom]).name for geom in contact.geom]
        assert floor in contact.geom, pair
        assert set(pair) & set(world.profile.feet), pair
    foot = next(g for g in range(model.ngeom) if model.geom(g).name.startswith("left_ankle_roll")
                or model.geom(g).name.startswith("left_toe_roll"))  # fmt: skip
    R, half = data.geom_xmat[foot].reshape(3, 3), model.geom_size[foot]
    reach = np.abs(R[0]) @ half
    margin = reach - abs(data.subtree_com[model.body("base_link").id][0] - data.geom_xpos[foot][0])
    assert margin > 0.04
    assert abs(data.subtree_com[model.body("base_link").id][1]) < 0.01


@pytest.mark.parametrize("robot", ROBOTS)
@pytest.mark.parametrize("pose_name", ["default_pose_rad", "ready_pose_rad"])
def test_robot_stands_five_seconds_under_constant_gains(robot: str, pose_name: str) -> None:
    world = world_of(robot)
    pose = getattr(world.profile, pose_name)
    start = world.standing_qpos(pose)
    data = run_pd(world, pose, 5.0)
    base = data.body("base_link")
    assert base.xmat.reshape(3, 3)[2, 2] > np.cos(np.radians(4.0))
    assert np.linalg.norm(data.qpos[:3] - start[:3]) < 0.06
    assert np.abs(data.qvel).max() < 0.05
    weight = mujoco.mj_getTotalmass(world.model) * GRAVITY
    feet = [world.sensor(data, f"{side}_foot_force")[0] for side in SIDES]
    assert sum(feet) == pytest.approx(weight, rel=0.01)
    accel_B, R_WB = world.sensor(data, "imu_accel"), base.xmat.reshape(3, 3)
    assert accel_B == pytest.approx(R_WB.T @ [0, 0, GRAVITY], abs=0.05)
    assert world.sensor(data, "imu_quat") == pytest.approx(base.xquat, abs=1e-6)


@pytest.mark.parametrize("robot", ROBOTS)
def test_standing_pose_puts_the_soles_around_the_origin(robot: str) -> None:
    world = world_of(robot)
    data = mujoco.MjData(world.model)
    for pose in (world.profile.default_pose_rad, world.profile.lowering_pose_rad):
        data.qpos[:] = world.standing_qpos(pose)
        mujoco.mj_kinematics(world.model, data)
        left, right = (data.body(name) for name in world.profile.soles)
        assert (left.xpos + right.xpos) / 2 == pytest.approx(np.zeros(3), abs=1e-6)
        for sole in (left, right):
            assert sole.xmat.reshape(3, 3)[2, 2] > 0.999


@pytest.mark.parametrize("robot", ROBOTS)
def test_camera_looks_along_the_optical_frame(robot: str) -> None:
    world = world_of(robot)
    data = mujoco.MjData(world.model)
    mujoco.mj_kinematics(world.model, data)
    mujoco.mj_camlight(world.model, data)
    name = world.profile.camera.frame
    camera, frame = data.camera(name).xmat.reshape(3, 3), data.body(name).xmat.reshape(3, 3)
    assert camera @ np.diag([1.0, -1.0, -1.0]) == pytest.approx(frame)
    assert world.model.camera(name).fovy == pytest.approx(world.profile.camera.fovy_deg)


def test_base_floats_on_one_free_joint_and_shells_weigh_nothing() -> None:
    model = world_of("lingxi_x2").model
    free = [j for j in range(model.njnt) if model.jnt_type[j] == mujoco.mjtJoint.mjJNT_FREE]
    assert [model.joint(j).name for j in free] == [BASE_JOINT]
    collides = (model.geom_contype != 0) | (model.geom_conaffinity != 0)
    assert set(model.geom_group[~collides]) == {1}


def test_scene_is_asked_to_add_itself_before_compiling() -> None:
    class OneBall:
        def add_to_spec(self, spec: mujoco.MjSpec) -> None:
            ball = spec.worldbody.add_body(name="ball", pos=[1.0, 0.0, 1.0])
            ball.add_freejoint()
            ball.add_geom(type=mujoco.mjtGeom.mjGEOM_SPHERE, size=[0.05, 0, 0])

    profile = profile_of("lingxi_x2")
    world = build_model(profile, urdf_of("lingxi_x2"), OneBall())
    assert world.model.body("ball").id > 0
    assert world.standing_qpos(profile.default_pose_rad).shape == (world.model.nq,)


class HeldPart:
    """A part that starts between the left pads."""

    def __init__(self, half_m: list[float], mass_kg: float, place_W: np.ndarray) -> None:
        self.half_m, self.mass_kg, self.place_W = half_m, mass_kg, place_W

    def add_to_spec(self, spec: mujoco.MjSpec) -> None:
        quat = np.zeros(4)
        mujoco.mju_mat2Quat(quat, self.place_W[:3, :3].ravel())
        part = spec.worldbody.add_body(name="part", pos=self.place_W[:3, 3], quat=quat)
        part.add_freejoint()
        part.add_geom(type=mujoco.mjtGeom.mjGEOM_BOX, size=self.half_m, mass=self.mass_kg)


@pytest.mark.parametrize(
    ("width_m", "mass_kg", "force_N"),
    [(0.026, 0.150, 10.0), (0.036, 0.050, 10.0), (0.048, 0.150, 25.0)],
)
def test_pads_hold_a_part_by_friction_without_creep(
    width_m: float, mass_kg: float, force_N: float
) -> None:
    world, pose = _with_part("lingxi_x2", HeldPart, width_m, mass_kg)
    assert _slip_in_hand(world, pose, force_N) < 0.0005


class HeldHexagon(HeldPart):
    """The same of three slabs, as hexagonal parts are."""

    def add_to_spec(self, spec: mujoco.MjSpec) -> None:
        super().add_to_spec(spec)
        part = spec.body("part")
        (slab,) = part.geoms
        slab.size[0] = self.half_m[1] / math.sqrt(3)
        slab.mass = self.mass_kg / 3
        for turn in (1, 2):
            half_rad = turn * math.pi / 6
            quat = [math.cos(half_rad), 0.0, 0.0, math.sin(half_rad)]
            size = [*slab.size[:2], slab.size[2] - 0.001]
            part.add_geom(
                type=mujoco.mjtGeom.mjGEOM_BOX, size=size, quat=quat, mass=self.mass_kg / 3
            )


@pytest.mark.parametrize("seed", range(3))
def test_a_part_stays_in_a_hand_that_is_jolted(seed: int) -> None:
    # With 20 steps of line search instead of 50 it jumps by millimetres.
    world, pose = _with_part("expedition_a2", HeldHexagon, 0.045, 0.08)
    rng = np.random.default_rng(seed)
    jolts = len(world.profile.joint_names)
    assert _slip_in_hand(world, pose, 35.0, lambda: rng.normal(0.0, 8.0, jolts)) < 0.0015


def _with_part(
    robot: str, kind: type[HeldPart], width_m: float, mass_kg: float
) -> tuple[RobotModel, dict[str, float]]:
    """A robot at its ready pose with a part between the left pads, and that pose."""
    profile = profile_of(robot)
    pose = {**profile.ready_pose_rad, "left_gripper_joint": width_m / 2 + 0.002}
    bare = world_of(robot)
    data = mujoco.MjData(bare.model)
    data.qpos[:] = bare.standing_qpos(pose)
    mujoco.mj_kinematics(bare.model, data)
    tcp = data.body("left_tcp")
    place_W = np.vstack([np.c_[tcp.xmat.reshape(3, 3), tcp.xpos], [0, 0, 0, 1]])
    scene = kind([0.018, width_m / 2, 0.02], mass_kg, place_W)
    return build_model(profile, urdf_of(robot), scene), pose


def _slip_in_hand(world: RobotModel, pose, force_N: float, jolt=None) -> float:
    """How far the part moves in the hand in 2 s at most, after 0.5 s of support, m.

    A jolt is a torque on every joint for 8 ms, every 150 ms.
    """
    model, profile = world.model, world.profile
    gripper = profile.grippers["left"]
    data, finger = mujoco.MjData(model), profile.joint_names.index(gripper.joint)
    # Inertia in place of legs: this is about the hand, not about balance.
    model.dof_armature[world.base_dof_adr : world.base_dof_adr + 6] = 1e6
    data.qpos[:] = world.standing_qpos(pose)
    target = column(profile, pose)
    kp, kd = column(profile, profile.kp), column(profile, profile.kd)
    part, tcp = model.body("part").id, data.body("left_tcp")
    held_at, slip_m, jolt_Nm = None, 0.0, np.zeros(len(kp))
    for step in range(2500):
        qvel = data.qvel[world.joint_dof_adr]
        torque = kp * (target - data.qpos[world.joint_qpos_adr]) - kd * qvel
        torque += data.qfrc_bias[world.joint_dof_adr]
        if jolt is not None and step > 700 and step % 150 == 0:
            jolt_Nm = jolt()
        torque += jolt_Nm if step % 150 < 8 else 0.0
        torque[finger] = -gripper.effort_per_force * force_N - kd[finger] * qvel[finger]
        data.ctrl[world.actuator_id] = torque
        data.xfrc_applied[part, 2] = GRAVITY * model.body_mass[part] if step < 500 else 0.0
        mujoco.mj_step(model, data)
        place = tcp.xmat.reshape(3, 3).T @ (data.xpos[part] - tcp.xpos)
        if step == 600:
            held_at = place
        if held_at is not None:
            slip_m = max(slip_m, float(np.linalg.norm(place - held_at)))
    for name in ("left_gripper_force", "left_gripper_mimic_force"):
        assert world.sensor(data, name)[0] == pytest.approx(force_N, rel=0.15)
    return slip_m


@pytest.mark.parametrize("robot", ROBOTS)
def test_both_fingers_move_together(robot: str) -> None:
    world = world_of(robot)
    model, data = world.model, mujoco.MjData(world.model)
    data.qpos[:] = world.standing_qpos(world.profile.default_pose_rad)
    for _ in range(300):
        for gripper in world.profile.grippers.values():
            data.actuator(gripper.joint).ctrl = 1000.0 * (0.03 - data.joint(gripper.joint).qpos[0])
        mujoco.mj_step(model, data)
    for leader, follower in world.mimic_qpos_adr:
        assert data.qpos[leader] > 0.02
        assert data.qpos[follower] == pytest.approx(data.qpos[leader], abs=3e-4)
