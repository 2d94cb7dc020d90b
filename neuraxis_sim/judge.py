# SPDX-License-Identifier: Apache-2.0
"""Whether an episode's goal is met, from the simulator's truth after things have come to rest."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import mujoco
import numpy as np
from numpy.typing import NDArray

from neuraxis_common.errors import ConfigError
from neuraxis_sim.scene_types import FurnitureItem, Scene, SceneItem

CAUSES = (
    "robot_fell",
    "not_at_rest",
    "on_floor",
    "wrong_container",
    "not_in_container",
    "collateral",
)
"""Why an episode fails, the gravest first; the first that applies is the verdict's cause."""

REST_SPEED_M_S = 0.02
REST_TURN_RAD_S = 0.5
_FALL_TILT_RAD = math.radians(45)
_FALL_SHARE = 0.55
_BELOW_TOP_M = 0.02
# Parts may lie on each other in a low tray; one that is higher than this above the rim is held.
_ABOVE_RIM_M = 0.06

# A part that stands on furniture has its middle at most this high above it.
_ABOVE_TOP_M = 0.12


@dataclass(frozen=True)
class ItemVerdict:
    """Where one part ended.

    Attributes:
        where: Name of the container it is in or of the furniture it is on, ``bench``, ``floor`` or
            ``hand``.
        wanted: Name of the container or furniture the goal asks for, "" for parts the goal does
            not name.
        cause: One of `CAUSES`, "" when it is where it should be.
    """

    name: str
    where: str
    wanted: str
    cause: str


@dataclass(frozen=True)
class Verdict:
    """The judgement of one episode; `cause` is one of `CAUSES` or "" on success."""

    success: bool
    cause: str
    items: tuple[ItemVerdict, ...] = field(default_factory=tuple)


def parse_goal(goal: Sequence[Mapping[str, Any]], scene: Scene) -> dict[str, str]:
    """Part name to name of container or furniture.

    Raises:
        ConfigError: The scene does not have what the goal names.
    """
    parts = {item.name for item in scene.parts}
    containers = {item.name for item in (*scene.containers, *scene.furniture)}
    wanted: dict[str, str] = {}
    for index, entry in enumerate(goal):
        if not isinstance(entry, Mapping) or set(entry) != {"object", "in"}:
            raise ConfigError(f"goal[{index}] must be {{'object': …, 'in': …}}, got {entry!r}")
        name, container = entry["object"], entry["in"]
        if name not in parts:
            raise ConfigError(f"goal[{index}].object '{name}' is not one of {sorted(parts)}")
        if container not in containers:
            raise ConfigError(f"goal[{index}].in '{container}' is not one of {sorted(containers)}")
        if wanted.setdefault(name, container) != container:
            raise ConfigError(f"goal[{index}] wants '{name}' in two containers")
    return wanted


def judge(
    model: mujoco.MjModel,
    qpos: NDArray[np.float64],
    scene: Scene,
    goal: Sequence[Mapping[str, Any]],
    qvel: NDArray[np.float64] | None = None,
    base_joint: str = "base_free",
) -> Verdict:
    """Judge the state in which an episode ended.

    Args:
        model: The world the episode ran in.
        qpos: Full position vector.
        scene: What the world was built from.
        goal: Entries ``{"object": part name, "in": name of a container or of furniture}``; parts it
            does not name must not have changed container or fallen.
        qvel: Full velocity vector; when given, parts must be at rest.
        base_joint: Name of the robot's free joint; a model without it has no robot.
    """
    wanted = parse_goal(goal, scene)
    held = _held(model, qpos, base_joint)
    items = []
    for item in scene.parts:
        touched = model.body(item.name).id in held
        where = "hand" if touched else container_of(model, qpos, scene, item.name)
        moving = qvel is not None and not _rests(model, qvel, item)
        target = wanted.get(item.name, "")
        items.append(ItemVerdict(item.name, where, target, _cause(item, where, target, moving)))
    found = {item.cause for item in items}
    if _fell(model, qpos, scene, base_joint):
        found.add("robot_fell")
    cause = next((cause for cause in CAUSES if cause in found), "")
    return Verdict(success=not cause, cause=cause, items=tuple(items))


def at_rest(model: mujoco.MjModel, qvel: NDArray[np.float64], scene: Scene) -> bool:
    """Whether every part of the scene has come to rest."""
    return all(_rests(model, qvel, item) for item in scene.parts)


def container_of(model: mujoco.MjModel, qpos: NDArray[np.float64], scene: Scene, name: str) -> str:
    """Container a part lies in, furniture it is on, ``floor``, or ``bench`` for anywhere else."""
    position = _position(model, qpos, name)
    for container in scene.containers:
        if _contains(container, position):
            return container.name
    for piece in scene.furniture:
        if _is_on(piece, position):
            return piece.name
    return "floor" if position[2] < scene.bench.height_m - _BELOW_TOP_M else "bench"


def _cause(item: SceneItem, where: str, wanted: str, moving: bool) -> str:
    if moving:
        return "not_at_rest"
    if not wanted:
        return "" if where == (item.inside or "bench") else "collateral"
    if where == wanted:
        return ""
    if where == "floor":
        return "on_floor"
    return "not_in_container" if where in ("bench", "hand") else "wrong_container"


def _contains(container: SceneItem, point: NDArray[np.float64]) -> bool:
    dx, dy, dz = point - container.xyz_m
    cos, sin = math.cos(container.yaw_rad), math.sin(container.yaw_rad)
    u, v = cos * dx + sin * dy, cos * dy - sin * dx
    half_u, half_v = (side / 2 for side in container.inner_m)
    half_z = container.size_m[2] / 2
    return bool(abs(u) < half_u and abs(v) < half_v and -half_z < dz < half_z + _ABOVE_RIM_M)


def _is_on(piece: FurnitureItem, point: NDArray[np.float64]) -> bool:
    dx, dy = point[:2] - piece.xy_m
    cos, sin = math.cos(piece.yaw_rad), math.sin(piece.yaw_rad)
    u, v = cos * dx + sin * dy, cos * dy - sin * dx
    over = abs(u) < piece.size_m[0] / 2 and abs(v) < piece.size_m[1] / 2
    return bool(over and 0.0 < point[2] - piece.size_m[2] < _ABOVE_TOP_M)


def _position(model: mujoco.MjModel, qpos: NDArray[np.float64], name: str) -> NDArray[np.float64]:
    adr = int(model.joint(f"{name}_free").qposadr[0])
    return qpos[adr : adr + 3]


def _rests(model: mujoco.MjModel, qvel: NDArray[np.float64], item: SceneItem) -> bool:
    adr = int(model.joint(f"{item.name}_free").dofadr[0])
    slow = np.linalg.norm(qvel[adr : adr + 3]) < REST_SPEED_M_S
    return bool(slow and np.linalg.norm(qvel[adr + 3 : adr + 6]) < REST_TURN_RAD_S)


def _fell(model: mujoco.MjModel, qpos: NDArray[np.float64], scene: Scene, base_joint: str) -> bool:
    """Whether the base is tilted or far below the bench top, where it never is in standing."""
    joint_id = mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_JOINT, base_joint)
    if joint_id < 0:
        return False
    adr = int(model.jnt_qposadr[joint_id])
    turn = np.empty(9)
    mujoco.mju_quat2Mat(turn, qpos[adr + 3 : adr + 7])
    tilted = turn[8] < math.cos(_FALL_TILT_RAD)
    return bool(tilted or qpos[adr + 2] < _FALL_SHARE * scene.bench.height_m)


def _held(model: mujoco.MjModel, qpos: NDArray[np.float64], base_joint: str) -> set[int]:
    """Bodies that the robot touches."""
    joint_id = mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_JOINT, base_joint)
    if joint_id < 0:
        return set()
    data = mujoco.MjData(model)
    data.qpos[:] = qpos
    mujoco.mj_fwdPosition(model, data)
    robot = int(model.body_rootid[model.jnt_bodyid[joint_id]])
    touched = set()
    for a, b in model.geom_bodyid[data.contact.geom]:
        roots = model.body_rootid[[a, b]] == robot
        if roots[0] != roots[1]:
            touched.add(int(b if roots[0] else a))
    return touched
