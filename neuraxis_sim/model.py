# SPDX-License-Identifier: Apache-2.0
"""The robot in MuJoCo: from the URDF string and the profile to a compiled model with a floor.

World frame: z up, floor at z = 0. Robots start with the midpoint of their soles at the origin, so
the world frame is odom at start-up.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import mujoco
import numpy as np
from numpy.typing import NDArray

from neuraxis_common.robot import SIDES, RobotProfile, joint_limits

TIMESTEP_S = 0.001
BASE_JOINT = "base_free"
IMU_SENSORS = ("imu_quat", "imu_gyro", "imu_accel")
VISUAL_GROUP, COLLISION_GROUP = 1, 3


class SceneLike(Protocol):
    """What a scene does to the world before it is compiled."""

    def add_to_spec(self, spec: mujoco.MjSpec) -> None:
        """Add bodies, lights and colours."""


@dataclass(frozen=True)
class RobotModel:
    """A compiled world and where the robot is in it.

    Index arrays follow ``RobotProfile.joint_names``, shape (n,).

    Attributes:
        base_qpos_adr: First of the seven position entries (xyz, quaternion wxyz) of base_link.
        base_dof_adr: First of the six velocity entries of base_link.
        mimic_qpos_adr: (leader, follower) position addresses of both grippers.
    """

    model: mujoco.MjModel
    profile: RobotProfile
    joint_qpos_adr: NDArray[np.int64]
    joint_dof_adr: NDArray[np.int64]
    actuator_id: NDArray[np.int64]
    base_qpos_adr: int
    base_dof_adr: int
    mimic_qpos_adr: tuple[tuple[int, int], ...]

    def sensor(self, data: mujoco.MjData, name: str) -> NDArray[np.float64]:
        """Copy of one sensor's reading. Shape (dim,)."""
        sensor = self.model.sensor(name)
        adr, dim = int(sensor.adr[0]), int(sensor.dim[0])
        return data.sensordata[adr : adr + dim].copy()

    def standing_qpos(self, pose: Mapping[str, float]) -> NDArray[np.float64]:
        """Full position vector with the robot in `pose`, soles level on the floor at the origin."""
        data = mujoco.MjData(self.model)
        data.qpos[self.joint_qpos_adr] = [pose[name] for name in self.profile.joint_names]
        for leader, follower in self.mimic_qpos_adr:
            data.qpos[follower] = data.qpos[leader]
        mujoco.mj_kinematics(self.model, data)
        soles = [data.body(name) for name in self.profile.soles]
        base = data.body(self.profile.base_link)
        level = _level_rotation(sum(sole.xmat.reshape(3, 3)[:, 2] for sole in soles))
        middle = sum(sole.xpos for sole in soles) / 2
        R = level @ base.xmat.reshape(3, 3)
        data.qpos[self.base_qpos_adr :][:3] = level @ (base.xpos - middle)
        mujoco.mju_mat2Quat(data.qpos[self.base_qpos_adr + 3 :][:4], R.ravel())
        return data.qpos.copy()


def build_model(profile: RobotProfile, urdf_xml: str, scene: SceneLike | None = None) -> RobotModel:
    """Compile the robot, a floor and, where given, a scene.

    Args:
        profile: Robot to build.
        urdf_xml: Output of ``compile_urdf``.
        scene: Adds its own bodies; without one there are only the floor and a light.
    """
    return index_model(build_spec(profile, urdf_xml, scene).compile(), profile)


def build_spec(
    profile: RobotProfile, urdf_xml: str, scene: SceneLike | None = None
) -> mujoco.MjSpec:
    """What `build_model` compiles, still open to additions."""
    spec = mujoco.MjSpec.from_string(_with_compiler(urdf_xml))
    _set_options(spec)
    _set_shapes(spec, profile)
    _set_joints(spec, profile, urdf_xml)
    _exclude_neighbours(spec)
    _add_sensors(spec, profile)
    _add_camera(spec, profile)
    _add_floor(spec)
    if scene is not None:
        scene.add_to_spec(spec)
    return spec


def _with_compiler(urdf_xml: str) -> str:
    """Keep visuals and every frame when MuJoCo reads the URDF."""
    root = ET.fromstring(urdf_xml)
    extension = ET.SubElement(root, "mujoco")
    options = {"discardvisual": "false", "fusestatic": "false", "balanceinertia": "false"}
    ET.SubElement(extension, "compiler", options)
    return ET.tostring(root, encoding="unicode")


def _set_options(spec: mujoco.MjSpec) -> None:
    spec.option.timestep = TIMESTEP_S
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    spec.option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    spec.option.impratio = 10.0
    # The solver keeps MuJoCo's own budgets. With 20 steps of line search, not 50, some steps ended
    # unsolved, and what a hand held jumped by millimetres: the A2 brought 1 of 8 parts to a shelf,
    # with 50 6 of the 8.
    # Parts that lie still cost half of a step otherwise; actuated trees never sleep.
    spec.option.enableflags |= int(mujoco.mjtEnableBit.mjENBL_SLEEP)
    # Rounded shells are many small solids: fewer facets render a quarter faster in software.
    spec.visual.quality.numslices = 20
    spec.visual.quality.numstacks = 10


def _set_shapes(spec: mujoco.MjSpec, profile: RobotProfile) -> None:
    pads = {f"{side}_gripper{part}_finger" for side in SIDES for part in ("", "_mimic")}
    for body in spec.bodies:
        solids = 0
        for geom in body.geoms:
            if geom.contype == 0 and geom.conaffinity == 0:
                geom.group = VISUAL_GROUP
                geom.mass = 0.0
                continue
            geom.group = COLLISION_GROUP
            geom.name = f"{body.name}_solid{solids}"
            geom.rgba = [0.8, 0.3, 0.3, 0.4]
            solids += 1
            if body.name in profile.feet:
                geom.friction = [1.0, 0.02, 0.001]
                geom.condim = 4
            elif body.name in pads:
                _make_pad(geom)


def _make_pad(geom: mujoco.MjsGeom) -> None:
    """Rubber: its own friction and stiffness decide, whatever it touches."""
    geom.priority = 1
    geom.condim = 4
    geom.friction = [1.2, 0.02, 0.001]
    geom.solref = [0.004, 1.0]
    geom.solimp = [0.95, 0.99, 0.001, 0.5, 2.0]


def _set_joints(spec: mujoco.MjSpec, profile: RobotProfile, urdf_xml: str) -> None:
    base = spec.body(profile.base_link)
    base.add_freejoint(name=BASE_JOINT)
    limits = joint_limits(urdf_xml)
    for name in profile.joint_names:
        _set_dynamics(spec.joint(name), profile, name)
        effort = limits[name].effort
        actuator = spec.add_actuator(name=name, target=name)
        actuator.trntype = mujoco.mjtTrn.mjTRN_JOINT
        actuator.ctrllimited = True
        actuator.ctrlrange = [-effort, effort]
    for gripper in profile.grippers.values():
        _set_dynamics(spec.joint(gripper.mimic_joint), profile, gripper.joint)
        for equality in list(spec.equalities):
            if gripper.mimic_joint in (equality.name1, equality.name2):
                spec.delete(equality)
        tie = spec.add_equality(name=gripper.mimic_joint)
        tie.type = mujoco.mjtEq.mjEQ_JOINT
        tie.objtype = mujoco.mjtObj.mjOBJ_JOINT
        tie.name1, tie.name2 = gripper.mimic_joint, gripper.joint
        tie.data[:5] = [0.0, 1.0, 0.0, 0.0, 0.0]
        tie.solref = [0.004, 1.0]
        tie.solimp = [0.98, 0.999, 0.0005, 0.5, 2.0]


def _set_dynamics(joint: mujoco.MjsJoint, profile: RobotProfile, name: str) -> None:
    dynamics = profile.mujoco[name]
    joint.armature = dynamics.armature
    joint.frictionloss = dynamics.frictionloss
    joint.damping = [dynamics.damping, 0.0, 0.0]


def _exclude_neighbours(spec: mujoco.MjSpec) -> None:
    """No contacts between solids up to two joints apart: their shells overlap by design."""
    for body in spec.bodies:
        if not body.geoms or body.name == "world":
            continue
        ancestor, joints = body, 0
        while ancestor.name not in ("world", ""):
            joints += len(ancestor.joints)
            ancestor = ancestor.parent
            if joints > 2 or ancestor.name == "world":
                break
            if ancestor.geoms and joints:
                spec.add_exclude(bodyname1=ancestor.name, bodyname2=body.name)


def _add_sensors(spec: mujoco.MjSpec, profile: RobotProfile) -> None:
    spec.body(profile.imu_frame).add_site(name=profile.imu_frame)
    kinds = ("mjSENS_FRAMEQUAT", "mjSENS_GYRO", "mjSENS_ACCELEROMETER")
    for name, kind in zip(IMU_SENSORS, kinds, strict=True):
        _add_sensor(spec, name, kind, "mjOBJ_SITE", profile.imu_frame)
    for side, foot in zip(SIDES, profile.feet, strict=True):
        _add_touch(spec, foot, f"{side}_foot_force", margin_m=0.005)
        for part in ("gripper", "gripper_mimic"):
            _add_touch(spec, f"{side}_{part}_finger", f"{side}_{part}_force", margin_m=0.001)
    for name in profile.joint_names:
        for prefix, kind in (
            ("pos", "mjSENS_JOINTPOS"),
            ("vel", "mjSENS_JOINTVEL"),
            ("effort", "mjSENS_JOINTACTFRC"),
        ):
            _add_sensor(spec, f"{prefix}_{name}", kind, "mjOBJ_JOINT", name)


def _add_sensor(spec: mujoco.MjSpec, name: str, kind: str, objtype: str, obj: str) -> None:
    sensor = spec.add_sensor(name=name, objname=obj)
    sensor.type = getattr(mujoco.mjtSensor, kind)
    sensor.objtype = getattr(mujoco.mjtObj, objtype)


def _add_touch(spec: mujoco.MjSpec, body_name: str, name: str, margin_m: float) -> None:
    """A touch sensor whose box covers the body's first solid."""
    body = spec.body(body_name)
    solid = next(geom for geom in body.geoms if geom.group == COLLISION_GROUP)
    site = body.add_site(name=name, pos=solid.pos, quat=solid.quat)
    site.type = mujoco.mjtGeom.mjGEOM_BOX
    site.size = np.asarray(solid.size) + margin_m
    site.group = COLLISION_GROUP + 1
    _add_sensor(spec, name, "mjSENS_TOUCH", "mjOBJ_SITE", name)


def _add_camera(spec: mujoco.MjSpec, profile: RobotProfile) -> None:
    """MuJoCo looks along -z with y up, the optical frame along +z with y down."""
    camera = spec.body(profile.camera.frame).add_camera(name=profile.camera.frame)
    camera.quat = [0.0, 1.0, 0.0, 0.0]
    camera.fovy = profile.camera.fovy_deg


def _add_floor(spec: mujoco.MjSpec) -> None:
    floor = spec.worldbody.add_geom(name="floor", type=mujoco.mjtGeom.mjGEOM_PLANE)
    floor.size = [4.0, 4.0, 0.1]
    floor.rgba = [0.55, 0.57, 0.60, 1.0]
    floor.friction = [1.0, 0.02, 0.001]
    # From the sky, so that a robot does not walk out of it.
    light = spec.worldbody.add_light(name="key", type=mujoco.mjtLightType.mjLIGHT_DIRECTIONAL)
    light.dir = [-0.4, 0.3, -0.85]
    light.castshadow = False
    light.diffuse = [0.7, 0.7, 0.7]


def index_model(model: mujoco.MjModel, profile: RobotProfile) -> RobotModel:
    """Where the robot is in a compiled model."""
    joints = [model.joint(name) for name in profile.joint_names]
    base = model.joint(BASE_JOINT)
    pairs = [(g.joint, g.mimic_joint) for g in profile.grippers.values()]
    return RobotModel(
        model=model,
        profile=profile,
        joint_qpos_adr=np.array([joint.qposadr[0] for joint in joints]),
        joint_dof_adr=np.array([joint.dofadr[0] for joint in joints]),
        actuator_id=np.array([model.actuator(name).id for name in profile.joint_names]),
        base_qpos_adr=int(base.qposadr[0]),
        base_dof_adr=int(base.dofadr[0]),
        mimic_qpos_adr=tuple(
            (int(model.joint(a).qposadr[0]), int(model.joint(b).qposadr[0])) for a, b in pairs
        ),
    )


def _level_rotation(up: NDArray[np.float64]) -> NDArray[np.float64]:
    """Smallest rotation that turns `up` to +z. Shape (3, 3)."""
    up = up / np.linalg.norm(up)
    axis = np.cross(up, [0.0, 0.0, 1.0])
    K = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    return np.eye(3) + K + K @ K / (1.0 + up[2])
