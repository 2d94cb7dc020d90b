# SPDX-License-Identifier: Apache-2.0
"""Where a robot's hands reach on a bench, and the bench block that follows from it.

    python -m big_brain_node.motion.reach --robot lingxi_x2
    python -m big_brain_node.motion.reach --robot lingxi_x2 --heights 0.68,0.72,0.76

The first form walks a block through grasp, lift, place and release for a grid of places, turns and
containers on the bench of the robot's profile. The second compares bench heights, with and without
the waist, by inverse kinematics alone.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from big_brain_node.motion.arm import with_waist_limit
from big_brain_node.motion.grasp import LIFT_M, MAX_TILT_RAD, down_pose
from big_brain_node.motion.ik import IkGoals, IkSolver, Library
from big_brain_node.motion.kinematics import ArmChain, RobotKinematics
from big_brain_node.motion.pick_place import PickPlacePlanner
from big_brain_node.motion.planner import TcpGoal
from big_brain_node.motion.scene_model import odom_in_base
from neuraxis_common.errors import Rejected
from neuraxis_common.profile import RobotProfile
from neuraxis_common.robot import compile_urdf, load_profile
from neuraxis_common.types import FloatArray, SceneObject, SceneSnapshot

_XS = np.arange(0.20, 0.61, 0.04)
_YS = np.arange(-0.30, 0.43, 0.06)
_TURNS = 6
_STARTS = 8
_MARGIN_RAD = 0.05
_GRASP_M, _RELEASE_M, _CARRY_M = 0.03, 0.06, 0.14
# A block is the hardest part: it offers one pair of faces only.
_BLOCK_M = np.array([0.07, 0.034, 0.04])
_BIN_M = np.array([0.155, 0.155, 0.060])


def left_chain(
    kinematics: RobotKinematics, profile: RobotProfile, waist: bool
) -> tuple[ArmChain, FloatArray]:
    """The left arm in the ready pose, with or without the waist, and T_BO."""
    ready = np.array([profile.ready_pose_rad[name] for name in profile.joint_names])
    q = kinematics.configuration(ready)
    turning = kinematics.upright_axes(q, profile.groups["waist"])[:1] if waist else ()
    joints = turning + tuple(profile.groups["left_arm"])
    chain = kinematics.chain(q, joints, profile.grippers["left"].tcp_frame)
    if turning:
        chain = with_waist_limit(chain)
    return chain, odom_in_base(kinematics, profile, q)


def reach_maps(
    chain: ArmChain, T_BO: FloatArray, height_m: float, turns: int = _TURNS
) -> tuple[FloatArray, FloatArray]:
    """Reach of the left hand over the grid, by inverse kinematics alone.

    Args:
        chain: The arm.
        T_BO: The floor frame in base_link, shape (4, 4).
        height_m: Bench top above the floor.
        turns: How many closing directions are tried.

    Returns:
        Share of closing directions with which a grasp and the lift above it are possible, and
        whether some direction reaches release and carrying height. Shapes (x, y).
    """
    solver = IkSolver(chain, _MARGIN_RAD, Library.sample(chain, 4000, seed=1))
    cells = [np.array([x, y]) for x in _XS for y in _YS]
    tilt = (-MAX_TILT_RAD, MAX_TILT_RAD)
    ok = {}
    for height in (_GRASP_M, _GRASP_M + LIFT_M):
        goals = []
        for cell in cells:
            p = (T_BO @ np.array([*cell, height_m + height, 1.0]))[:3]
            for turn in range(turns):
                for flip in (0.0, np.pi):
                    goals.append(TcpGoal(down_pose(turn * np.pi / turns + flip, p), (0, 0), tilt))
        ok[height] = _solved(solver, goals).reshape(len(cells), turns, 2).any(axis=2)
    grasp = (ok[_GRASP_M] & ok[_GRASP_M + LIFT_M]).mean(axis=1)
    place = np.ones(len(cells), dtype=bool)
    for height in (_RELEASE_M, _CARRY_M):
        points = [(T_BO @ np.array([*cell, height_m + height, 1.0]))[:3] for cell in cells]
        goals = [TcpGoal(down_pose(0.0, p), (-np.pi, np.pi), tilt) for p in points]
        place &= _solved(solver, goals)
    shape = (len(_XS), len(_YS))
    return grasp.reshape(shape), place.reshape(shape)


def _solved(solver: IkSolver, goals: list[TcpGoal]) -> FloatArray:
    start, free = solver.starts(IkGoals.repeat(goals, 1), _STARTS)
    found = solver.solve(IkGoals.repeat(goals, _STARTS), start, free, iterations=30)
    solved = np.zeros(len(goals), dtype=bool)
    solved[found.row // _STARTS] = True
    return solved


def areas_cm2(grasp: FloatArray, place: FloatArray) -> tuple[float, float]:
    """Bench area graspable at any turn by one of the hands, and area where both can place."""
    cell = (_XS[1] - _XS[0]) * (_YS[1] - _YS[0]) * 1e4
    either = np.maximum(grasp, _mirrored(grasp)) >= 1.0
    both = place & _mirrored(place)
    inner = np.abs(_YS) <= -_YS[0] + 1e-9
    return float(either[:, inner].sum() * cell), float(both[:, inner].sum() * cell)


def _mirrored(values: FloatArray) -> FloatArray:
    """The right hand's map from the left hand's; zero outside the grid."""
    result = np.zeros_like(values)
    for k, y in enumerate(_YS):
        other = np.flatnonzero(np.isclose(_YS, -y))
        if len(other):
            result[:, k] = values[:, other[0]]
    return result


def certify(
    planner: PickPlacePlanner,
    profile: RobotProfile,
    points_m: Sequence[tuple[float, float]],
    turns_rad: Sequence[float],
) -> dict[tuple[float, float], float]:
    """Share of (turn, container slot) with which a block at each point can be picked and placed."""
    ready = np.array([profile.ready_pose_rad[name] for name in profile.joint_names])
    kinematics = planner.planner.kinematics
    T_BO = odom_in_base(kinematics, profile, kinematics.configuration(ready))
    slots = [
        _item("container", "bin", slot, 0.0, _BIN_M, profile, T_BO)
        for slot in profile.bench.container_slots_xy_m
    ]
    rates = {}
    for point in points_m:
        done = []
        for turn in turns_rad:
            block = _item("part", "block", point, turn, _BLOCK_M, profile, T_BO)
            for slot in slots:
                scene = SceneSnapshot(0.0, (block, slot))
                picked = planner.plan_reach(ready, scene, block, slot)
                done.append(not isinstance(picked, Rejected))
        rates[point] = float(np.mean(done))
    return rates


def _item(
    kind: str,
    shape: str,
    xy_O_m: tuple[float, float],
    yaw_rad: float,
    size_m: FloatArray,
    profile: RobotProfile,
    T_BO: FloatArray,
) -> SceneObject:
    at = np.array([*xy_O_m, profile.bench.height_m + size_m[2] / 2, 1.0])
    center = (T_BO @ at)[:3]
    name = f"{kind} {shape}"
    return SceneObject(
        name, kind, shape, "red", center, yaw_rad, size_m, np.eye(3), 0.0, 1.0, (0, 0, 1, 1)
    )


def compare_heights(profile: RobotProfile, urdf_xml: str, heights_m: Sequence[float]) -> None:
    """Print areas per bench height, without and with the waist."""
    kinematics = RobotKinematics(urdf_xml, profile.joint_names)
    waists = (False, True) if profile.groups["waist"] else (False,)
    print("height_m  waist  graspable at any turn cm2  both hands place cm2")
    for height in heights_m:
        for waist in waists:
            chain, T_BO = left_chain(kinematics, profile, waist)
            grasp, place = areas_cm2(*reach_maps(chain, T_BO, height))
            print(f"{height:8.2f}  {'yes' if waist else 'no':5s}  {grasp:25.0f}  {place:20.0f}")


def certify_bench(profile: RobotProfile, urdf_xml: str) -> None:
    """Print the rate per point of the profile's bench, and the bench block."""
    planner = PickPlacePlanner(profile, urdf_xml, time.monotonic)
    bench = profile.bench
    corners = np.array(bench.workspace_xy_m)
    xs = np.linspace(corners[:, 0].min(), corners[:, 0].max(), 3)
    ys = np.linspace(0.0, corners[:, 1].max(), 6)
    clear = _BIN_M[0] / 2 + _BLOCK_M[0] / 2 + 0.02
    slots = np.array(bench.container_slots_xy_m)
    points = [
        (float(x), float(y))
        for x in xs
        for y in ys
        if np.abs(slots - [x, y]).max(axis=1).min() > clear
    ]
    rates = certify(planner, profile, points, (0.0, np.pi / 3, -np.pi / 3))
    print("x_m    y_m    rate over turns and container slots")
    for (x, y), rate in rates.items():
        print(f"{x:.3f}  {y:.3f}  {rate:.2f}")
    print(f"mean {np.mean(list(rates.values())):.3f}")
    print(f"bench:\n  height_m: {bench.height_m}\n  near_edge_x_m: {bench.near_edge_x_m}")
    print(f"  depth_m: {bench.depth_m}\n  width_m: {bench.width_m}")
    print(f"  workspace_xy_m: {[list(p) for p in bench.workspace_xy_m]}")
    print(f"  container_slots_xy_m: {[list(p) for p in bench.container_slots_xy_m]}")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--robot", default="lingxi_x2")
    parser.add_argument("--data-root", type=Path, default=Path("."))
    parser.add_argument("--heights", help="compare these bench heights in m, comma-separated")
    args = parser.parse_args()
    profile = load_profile(args.robot, args.data_root)
    urdf_xml = compile_urdf(profile, args.data_root)
    if args.heights:
        compare_heights(profile, urdf_xml, [float(value) for value in args.heights.split(",")])
    else:
        certify_bench(profile, urdf_xml)


if __name__ == "__main__":
    main()
