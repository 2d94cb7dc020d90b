# SPDX-License-Identifier: Apache-2.0
"""The lockstep world: the real spinal cord, the small brain and the camera at one bench."""

from __future__ import annotations

from dataclasses import replace

import mujoco
import numpy as np
import pytest
from pd_world import DATA_ROOT, profile_of, smooth_path, tilt_deg, urdf_of

pytest.importorskip("neuraxis_spinal", reason="the spinal cord's Python module is not built")

from neuraxis_common.errors import ConfigError, Rejected
from neuraxis_common.robot import joint_limits
from neuraxis_sim.lockstep import CAMERA_DELAY_MS, LockstepWorld
from neuraxis_sim.scene import generate, load_template
from neuraxis_sim.sensors import SensorNoise, SensorNoiseLevels
from small_brain_node.body_model import BodyModel
from small_brain_node.gripper import GripReport

ROBOT = "lingxi_x2"
TEMPLATE = DATA_ROOT / "config" / "scenes" / "sorting_bench.yaml"
GRIP_N = 20.0
UP = np.array([0.0, 0.0, 1.0])


def make_world(seed: int = 7, **options) -> LockstepWorld:
    """The robot at a bench."""
    profile = profile_of(ROBOT)
    scene = generate(load_template(TEMPLATE), seed, profile)
    return LockstepWorld(profile, DATA_ROOT, scene, seed, urdf_xml=urdf_of(ROBOT), **options)


def bare_world(robot: str = ROBOT, seed: int = 0, **options) -> LockstepWorld:
    """The robot on an empty floor."""
    return LockstepWorld(
        profile_of(robot), DATA_ROOT, None, seed, with_camera=False, urdf_xml=urdf_of(robot),
        **options,
    )  # fmt: skip


def loose_part(world: LockstepWorld):
    """A cube-like part of the scene's right half, for a scripted grasp."""
    profile = profile_of(ROBOT)
    scene = generate(load_template(TEMPLATE), 7, profile)
    cubes = [p for p in scene.parts if p.shape == "cube" and not p.inside and p.xyz_m[1] < 0]
    return max(cubes, key=lambda part: part.size_m[2])


def pose_of(world: LockstepWorld, body: str) -> np.ndarray:
    """True pose of a body, shape (4, 4)."""
    data = mujoco.MjData(world.robot.model)
    data.qpos[:] = world.qpos()
    mujoco.mj_kinematics(world.robot.model, data)
    T = np.eye(4)
    T[:3, :3], T[:3, 3] = data.body(body).xmat.reshape(3, 3), data.body(body).xpos
    return T


@pytest.mark.parametrize("robot", ["lingxi_x2", "expedition_a3", "expedition_a2"])
def test_every_robot_stands_under_the_spinal_cord_and_no_command_is_refused(robot) -> None:
    world = bare_world(robot)
    world.advance(0.5)
    before = pose_of(world, "base_link")
    world.advance(2.0)
    raw = world.loop.state()
    assert raw["stop_level"] == world.state.stop_level == "run"
    assert raw["counters"]["commands_rejected"] == 0, raw["last_rejection"]
    assert np.linalg.norm(pose_of(world, "base_link")[:3, 3] - before[:3, 3]) < 0.003


def test_equal_seeds_give_equal_worlds_and_others_do_not() -> None:
    def end(seed: int) -> np.ndarray:
        world = bare_world(seed=seed)
        world.advance(0.3)
        return world.qpos()

    np.testing.assert_array_equal(end(1), end(1))
    assert np.any(end(1) != end(2))


def test_how_time_is_sliced_does_not_matter() -> None:
    def end(slices: int) -> np.ndarray:
        world = bare_world()
        for _ in range(slices):
            world.advance(0.24 / slices)
        return world.qpos()

    np.testing.assert_array_equal(end(1), end(48))


def test_the_camera_is_late_by_its_delay_and_placed_by_measured_joints() -> None:
    world = make_world()
    try:
        assert world.frame() is None
        world.advance(1.0)
        frame = world.frame()
        age_s = world.now_s - frame.stamp_s
        assert CAMERA_DELAY_MS * 1e-3 <= age_s <= CAMERA_DELAY_MS * 1e-3 + 0.1
        assert frame is world.frame()
        info = frame.info
        assert frame.rgb.shape == (info.height, info.width, 3)
        assert frame.depth_m.shape == (info.height, info.width)
        truth = pose_of(world, profile_of(ROBOT).camera.frame)
        estimate = world.brain.base_in_odom() @ frame.T_BC
        assert np.linalg.norm(estimate[:3, 3] - truth[:3, 3]) < 0.01
        assert tilt_deg(estimate, truth) < 0.5
    finally:
        world.close()


def test_a_part_can_be_moved_and_taken_away_without_disturbing_the_robot() -> None:
    world = make_world(with_camera=False)
    part = loose_part(world)
    world.advance(0.3)
    before = pose_of(world, "base_link")
    target = np.array(part.xyz_m) + np.array([0.0, 0.01, 0.0])
    world.move_object(part.name, target)
    world.advance(0.5)
    assert np.linalg.norm(pose_of(world, part.name)[:3, 3] - target) < 0.005
    world.remove_object(part.name)
    world.advance(0.5)
    assert np.linalg.norm(pose_of(world, part.name)[:2, 3]) > 5.0
    assert world.state.stop_level == "run"
    assert np.linalg.norm(pose_of(world, "base_link")[:3, 3] - before[:3, 3]) < 0.003
    with pytest.raises(ConfigError, match="no part 'violet_pyramid'"):
        world.move_object("violet_pyramid", target)


def test_a_push_sways_the_robot_and_it_comes_back() -> None:
    world = bare_world()
    world.advance(0.3)
    before = pose_of(world, "base_link")[:3, 3]
    world.push(np.array([80.0, 0.0, 0.0]), 0.1)
    world.advance(0.2)
    assert np.linalg.norm(pose_of(world, "base_link")[:3, 3] - before) > 0.003
    world.advance(2.0)
    assert np.linalg.norm(pose_of(world, "base_link")[:3, 3] - before) < 0.008


def test_a_stop_ends_motions_and_a_reset_brings_the_robot_back() -> None:
    world = bare_world()
    world.advance(0.3)
    names = profile_of(ROBOT).groups["left_arm"]
    index = [profile_of(ROBOT).joint_names.index(name) for name in names]
    start = world.state.joints.pos_rad[index]
    assert world.brain.follow(world.now_s, smooth_path(names, start, start + 0.3, 0.3)) is None
    world.advance(0.3)
    world.loop.request_stop("hold", "test")
    world.advance(0.5)
    assert world.state.stop_level == "hold"
    assert world.brain.motion().code == "stopped"
    accepted, reason = world.loop.reset_stop()
    assert accepted, reason
    world.advance(1.0)
    assert world.state.stop_level == "run"
    assert pose_of(world, "base_link")[2, 3] > 0.6


def test_a_robot_that_was_lowered_stands_up_when_asked_after_the_reset() -> None:
    world = bare_world()
    world.advance(0.5)
    standing_m = pose_of(world, "base_link")[2, 3]
    world.loop.request_stop("lowering", "test")
    world.advance(0.8 * profile_of(ROBOT).lowering_time_s)
    assert pose_of(world, "base_link")[2, 3] < standing_m - 0.1
    accepted, reason = world.loop.reset_stop()
    assert accepted, reason
    world.advance(1.0)
    assert pose_of(world, "base_link")[2, 3] < standing_m - 0.1, "up without being asked"
    assert world.brain.stand_up(world.now_s) is None
    world.advance(6.0)
    assert world.state.stop_level == "run"
    assert pose_of(world, "base_link")[2, 3] == pytest.approx(standing_m, abs=0.005)


def arm_goal(world: LockstepWorld, side: str, p_B: np.ndarray, closing_rad: float):
    """Joints that bring the tool to a point, closing axis level and at this angle, palm down."""
    profile, limits = profile_of(ROBOT), joint_limits(urdf_of(ROBOT))
    body = BodyModel(profile, urdf_of(ROBOT))
    names = (*profile.groups[f"{side}_arm"], "waist_yaw_joint")
    index = np.array([profile.joint_names.index(name) for name in names])
    low = np.array([limits[name].lower for name in names]) + 0.03
    high = np.array([limits[name].upper for name in names]) - 0.03
    frame_id, columns = body.frame_id(f"{side}_tcp"), body.velocity_index[index]
    axis = np.array([np.cos(closing_rad), np.sin(closing_rad), 0.0])
    rng = np.random.default_rng(0)
    for attempt in range(30):
        q = world.state.joints.pos_rad.copy()
        q[index] = np.clip(q[index] + (attempt > 0) * rng.normal(0, 0.5, len(index)), low, high)
        for _ in range(60):
            body.place(q)
            tool = body.frame(frame_id)
            toward = axis if tool.rotation[:, 1] @ axis > 0 else -axis
            tilted = tool.rotation[2, 2] > -np.cos(0.8)
            down = 0.3 * tilted * np.cross(tool.rotation[:, 2], [0, 0, -1.0])
            error = np.concatenate(
                [p_B - tool.translation, 0.3 * np.cross(tool.rotation[:, 1], toward), down]
            )
            J = body.jacobian(frame_id)[:, columns]
            A = np.vstack([J[:3], 0.3 * J[3:], 0.3 * tilted * J[3:]])
            step = A.T @ np.linalg.solve(A @ A.T + 1e-4 * np.eye(9), error)
            q[index] = np.clip(q[index] + np.clip(step, -0.2, 0.2), low, high)
        if np.abs(error[:6]).max() < 2e-3 and tool.rotation[2, 2] < -0.5:
            return names, index, q[index]
    raise AssertionError(f"no arm posture reaches {p_B}")


def go(world: LockstepWorld, names, index, goal, speed_rad_s: float) -> None:
    path = smooth_path(names, world.state.joints.pos_rad[index], goal, speed_rad_s)
    refusal = world.brain.follow(world.now_s, path)
    assert refusal is None, refusal
    while world.brain.motion() == "running":
        world.advance(0.05)
    assert world.brain.motion() == "succeeded"


def grip(world: LockstepWorld, side: str, width_m: float) -> GripReport:
    assert world.brain.grip(world.now_s, side, width_m, GRIP_N) is None
    while world.brain.gripping(side) == "running":
        world.advance(0.05)
    report = world.brain.gripping(side)
    assert not isinstance(report, Rejected)
    return report


def test_friction_alone_lifts_and_holds_a_part_and_losing_it_is_noticed() -> None:
    world = make_world(with_camera=False)
    part = loose_part(world)
    world.advance(0.3)
    T_BO = np.linalg.inv(world.brain.base_in_odom())
    p_B = (T_BO @ [*part.xyz_m, 1.0])[:3]
    closing = part.yaw_rad + np.pi / 2
    grip(world, "right", 0.08)
    names, index, above = arm_goal(world, "right", p_B + 0.12 * UP, closing)
    go(world, names, index, above, 1.0)
    _, _, at_part = arm_goal(world, "right", p_B + 0.005 * UP, closing)
    go(world, names, index, at_part, 0.5)
    report = grip(world, "right", part.size_m[1] - 0.02)
    assert report.holding
    assert report.width_m == pytest.approx(part.size_m[1], abs=0.003)
    assert report.effort_N == pytest.approx(GRIP_N, rel=0.15)
    go(world, names, index, above, 1.0)
    assert pose_of(world, part.name)[2, 3] > part.xyz_m[2] + 0.09

    def in_hand() -> np.ndarray:
        return np.linalg.inv(pose_of(world, "right_tcp")) @ pose_of(world, part.name)

    before = in_hand()
    world.advance(10.0)
    assert np.linalg.norm(in_hand()[:3, 3] - before[:3, 3]) < 0.001
    assert world.brain.gripping("right").holding
    world.remove_object(part.name)
    world.advance(0.5)
    assert not world.brain.gripping("right").holding


def test_sensor_noise_has_its_levels_and_leaves_stamps_alone() -> None:
    profile = profile_of(ROBOT)
    world = bare_world(noise=False)
    state, levels = world.state, SensorNoiseLevels(tilt_bias_rad=0.0)
    noise = SensorNoise(profile, 3, levels)
    readings = [noise.apply(state) for _ in range(400)]
    spread = np.std([r.joints.pos_rad for r in readings], axis=0)
    finger = np.array(["gripper" in name for name in profile.joint_names])
    assert np.median(spread[~finger]) == pytest.approx(levels.joint_rad, rel=0.1)
    assert np.median(spread[finger]) == pytest.approx(levels.finger_m, rel=0.15)
    assert np.std([r.imu.gyro_B_rad_s for r in readings]) == pytest.approx(
        levels.gyro_rad_s, rel=0.1
    )
    assert all(np.linalg.norm(r.imu.quat_wxyz) == pytest.approx(1.0) for r in readings)
    assert {r.joints.stamp_s for r in readings} == {state.joints.stamp_s}
    assert replace(readings[0], joints=state.joints).stop_level == state.stop_level


def test_a_camera_without_a_scene_is_a_config_error() -> None:
    with pytest.raises(ConfigError, match="scene"):
        LockstepWorld(profile_of(ROBOT), DATA_ROOT, None, with_camera=True)
