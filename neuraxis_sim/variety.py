# SPDX-License-Identifier: Apache-2.0
"""Poses that a robot passes through at work, drawn at random to train perception on."""

from __future__ import annotations

import mujoco
import numpy as np
from numpy.typing import NDArray

from neuraxis_sim.model import RobotModel
from neuraxis_sim.scene_types import Scene

_REST_SHARE = 0.35
_ARM_SPREAD_RAD = 0.4
_WAIST_YAW_RAD = 0.08
_LEAN_RAD = 0.015
_BASE_SWAY_M = 0.008
_BASE_TILT_RAD = 0.008
_IK_STEPS = 40
_IK_NEAR_M = 0.03
_IK_DAMPING = 0.003


def random_arm_pose(
    robot: RobotModel, scene: Scene, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Position vector with each arm at rest or somewhere above the bench, the base swaying."""
    profile = robot.profile
    data = mujoco.MjData(robot.model)
    qpos = robot.standing_qpos(profile.ready_pose_rad)
    _sway(robot, qpos, rng)
    for side, gripper in profile.grippers.items():
        if rng.random() >= _REST_SHARE:
            names = profile.groups[f"{side}_arm"]
            _reach_over_bench(robot, data, qpos, names, gripper.tcp_frame, scene, rng)
    return qpos


def _reach_over_bench(
    robot: RobotModel,
    data: mujoco.MjData,
    qpos: NDArray[np.float64],
    joints: tuple[str, ...],
    tool: str,
    scene: Scene,
    rng: np.random.Generator,
) -> None:
    """Turn one arm until its tool is at a random point over the bench, starting anywhere."""
    model, bench = robot.model, scene.bench
    handles = [model.joint(name) for name in joints]
    address = [int(handle.qposadr[0]) for handle in handles]
    columns = [int(handle.dofadr[0]) for handle in handles]
    low, high = np.transpose([handle.range for handle in handles])
    tool_id = model.body(tool).id
    rest = qpos[address].copy()
    data.qpos[:] = qpos
    mujoco.mj_kinematics(model, data)
    side = np.sign(data.xpos[tool_id, 1])
    target = np.array(
        [rng.uniform(0.05, 0.32), side * rng.uniform(-0.08, 0.35), rng.uniform(0.03, 0.25)]
    )
    target += (bench.near_edge_x_m, 0.0, bench.height_m)
    angles = np.clip(rest + rng.normal(0, _ARM_SPREAD_RAD, len(rest)), low, high)
    jacobian = np.empty((3, model.nv))
    for _ in range(_IK_STEPS):
        data.qpos[address] = angles
        mujoco.mj_kinematics(model, data)
        mujoco.mj_comPos(model, data)
        error = target - data.xpos[tool_id]
        if np.linalg.norm(error) < _IK_NEAR_M:
            qpos[address] = angles
            return
        mujoco.mj_jacBody(model, data, jacobian, None, tool_id)
        J = jacobian[:, columns]
        step = J.T @ np.linalg.solve(J @ J.T + _IK_DAMPING * np.eye(3), error)
        angles = np.clip(angles + np.clip(step, -0.3, 0.3), low, high)


def _address(robot: RobotModel, joint: str) -> int:
    return int(robot.model.joint(joint).qposadr[0])


def _sway(robot: RobotModel, qpos: NDArray[np.float64], rng: np.random.Generator) -> None:
    """Turn head and waist, open the grippers somehow, move and tilt the base a little."""
    profile = robot.profile
    for name in profile.groups["head"] + profile.groups["waist"]:
        turn = _WAIST_YAW_RAD if name == "waist_yaw_joint" else _LEAN_RAD
        address = _address(robot, name)
        qpos[address] = np.clip(qpos[address] + rng.normal(0, turn), *robot.model.joint(name).range)
    for (leader, follower), gripper in zip(
        robot.mimic_qpos_adr, profile.grippers.values(), strict=True
    ):
        qpos[leader] = qpos[follower] = rng.uniform(0, gripper.max_opening_m / 2)
    base = robot.base_qpos_adr
    qpos[base : base + 2] += rng.normal(0, _BASE_SWAY_M, 2)
    tilt, turned = np.empty(4), np.empty(4)
    mujoco.mju_euler2Quat(tilt, rng.normal(0, _BASE_TILT_RAD, 3), "xyz")
    mujoco.mju_mulQuat(turned, qpos[base + 3 : base + 7], tilt)
    qpos[base + 3 : base + 7] = turned
