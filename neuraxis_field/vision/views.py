# SPDX-License-Identifier: Apache-2.0
"""Random but plausible moments of work: swaying base, arms over the bench, parts moved or held."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import mujoco
import numpy as np
from numpy.typing import NDArray

from neuraxis_sim.model import RobotModel
from neuraxis_sim.scene_types import CONTAINER_FLOOR_M, Scene, SceneItem
from neuraxis_sim.variety import random_arm_pose

_HELD_SHARE = 0.3
_MOVED_SHARE = 0.35
_TURN_SHARE = 0.3


@dataclass
class Moment:
    """One arrangement to render.

    Attributes:
        qpos: Full position vector of the model.
        held: Names of parts between fingers.
        inside: Container by the name of the part that was put into it.
    """

    qpos: NDArray[np.float64]
    held: set[str] = field(default_factory=set)
    inside: dict[str, str] = field(default_factory=dict)


def draw_moment(robot: RobotModel, scene: Scene, rng: np.random.Generator) -> Moment:
    """One moment in ``scene``, whose model is ``robot``."""
    moment = Moment(random_arm_pose(robot, scene, rng))
    _sway(robot, moment, rng)
    _move_parts(robot, scene, rng, moment)
    data = mujoco.MjData(robot.model)
    for side in robot.profile.grippers:
        free = [part for part in scene.parts if part.name not in moment.held]
        if free and rng.random() < _HELD_SHARE:
            part = free[int(rng.integers(len(free)))]
            moment.inside.pop(part.name, None)
            _hold(robot, data, side, part, rng, moment)
    return moment


def _sway(robot: RobotModel, moment: Moment, rng: np.random.Generator) -> None:
    """Move and tilt the base, nod, and sometimes turn the waist as far as the arms make it turn."""
    adr = robot.base_qpos_adr
    moment.qpos[adr : adr + 3] += rng.normal(0.0, 0.015, 3)
    tilt = rng.normal(0.0, np.radians((1.2, 1.5, 2.0)))
    moment.qpos[adr + 3 : adr + 7] = _quat_mul(_small_quat(tilt), moment.qpos[adr + 3 : adr + 7])
    turn = {name: 0.03 for group in ("head", "waist") for name in robot.profile.groups[group]}
    if rng.random() < _TURN_SHARE and "waist_yaw_joint" in turn:
        turn["waist_yaw_joint"] = 0.3
    for name, spread in turn.items():
        joint = robot.model.joint(name)
        at = int(joint.qposadr[0])
        moment.qpos[at] = np.clip(moment.qpos[at] + rng.normal(0.0, spread), *joint.range)


def _hold(
    robot: RobotModel,
    data: mujoco.MjData,
    side: str,
    part: SceneItem,
    rng: np.random.Generator,
    moment: Moment,
) -> None:
    """Put a part between the fingers as a grasp of a standing part would have left it."""
    gripper = robot.profile.grippers[side]
    finger = int(robot.model.joint(gripper.joint).qposadr[0])
    moment.qpos[finger] = part.size_m[1] / 2
    for leader, follower in robot.mimic_qpos_adr:
        moment.qpos[follower] = moment.qpos[leader]
    data.qpos[:] = moment.qpos
    mujoco.mj_kinematics(robot.model, data)
    frame = data.body(gripper.tcp_frame)
    R_OT = frame.xmat.reshape(3, 3)
    slope = np.radians(rng.uniform(35.0, 90.0))
    up_T = np.array([rng.choice((-1.0, 1.0)) * math.cos(slope), 0.0, -math.sin(slope)])
    # The part's short side (its y) lies along the closing axis, its z along `up_T`.
    R_TP = np.column_stack([np.cross([0.0, 1.0, 0.0], up_T), [0.0, 1.0, 0.0], up_T])
    offset = R_TP @ (rng.normal(0.0, 0.004), 0.0, rng.uniform(-0.3, 0.2) * part.size_m[2])
    quat = np.zeros(4)
    mujoco.mju_mat2Quat(quat, (R_OT @ R_TP).ravel())
    _set_part(robot, moment, part, frame.xpos + R_OT @ offset, quat)
    moment.held.add(part.name)


def _move_parts(robot: RobotModel, scene: Scene, rng: np.random.Generator, moment: Moment) -> None:
    """Drop some parts into containers, upright or on a side."""
    filled: list[tuple[NDArray, float]] = []
    for part in scene.parts:
        if part.inside:
            moment.inside[part.name] = part.inside
            filled.append((np.array(part.xyz_m[:2]), math.hypot(*part.size_m[:2]) / 2))
    if rng.random() > _MOVED_SHARE:
        return
    loose = [part for part in scene.parts if not part.inside]
    for index in rng.permutation(len(loose))[: int(rng.integers(1, 5))]:
        part = loose[index]
        container = scene.containers[int(rng.integers(len(scene.containers)))]
        lying = rng.random() < 0.25
        place = _spot_inside(container, part, lying, filled, rng)
        if place is not None:
            _set_part(robot, moment, part, *place)
            moment.inside[part.name] = container.name


def _spot_inside(
    container: SceneItem,
    part: SceneItem,
    lying: bool,
    filled: list[tuple[NDArray, float]],
    rng: np.random.Generator,
) -> tuple[NDArray, NDArray] | None:
    """Position and quaternion of a free spot on the container's floor, or None."""
    extent = (part.size_m[0], part.size_m[2], part.size_m[1]) if lying else part.size_m
    reach = math.hypot(*extent[:2]) / 2
    room = min(container.inner_m) / 2 - reach - 0.002
    cos, sin = math.cos(container.yaw_rad), math.sin(container.yaw_rad)
    for _ in range(12):
        u, v = rng.uniform(-max(room, 0.0), max(room, 0.0), 2)
        xy = container.xyz_m[:2] + np.array([cos * u - sin * v, sin * u + cos * v])
        if all(np.linalg.norm(xy - other) > reach + radius for other, radius in filled):
            break
    else:
        return None
    filled.append((xy, reach))
    floor = container.xyz_m[2] - container.size_m[2] / 2 + CONTAINER_FLOOR_M
    yaw = rng.uniform(-math.pi, math.pi)
    quat = np.array([math.cos(yaw / 2), 0.0, 0.0, math.sin(yaw / 2)])
    if lying:
        half = math.sqrt(0.5)
        quat = _quat_mul(quat, np.array([half, half, 0.0, 0.0]))
    return np.array([*xy, floor + extent[2] / 2 + 0.0005]), quat


def _set_part(
    robot: RobotModel, moment: Moment, part: SceneItem, xyz: NDArray, quat: NDArray
) -> None:
    adr = int(robot.model.joint(f"{part.name}_free").qposadr[0])
    moment.qpos[adr : adr + 3], moment.qpos[adr + 3 : adr + 7] = xyz, quat


def _small_quat(rotvec: NDArray) -> NDArray:
    quat = np.array([1.0, *(rotvec / 2)])
    return quat / np.linalg.norm(quat)


def _quat_mul(a: NDArray, b: NDArray) -> NDArray:
    out = np.zeros(4)
    mujoco.mju_mulQuat(out, np.asarray(a, dtype=float), np.asarray(b, dtype=float))
    return out
