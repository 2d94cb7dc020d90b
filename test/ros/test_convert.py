# SPDX-License-Identifier: Apache-2.0
"""Every message survives the way out and back with real message classes."""

import time
from array import array

import numpy as np
import pytest
from geometry_msgs.msg import Twist, Vector3
from nav_msgs.msg import Odometry
from rclpy.serialization import deserialize_message, serialize_message

from neuraxis_common import convert
from neuraxis_common.convert_scene import (
    from_grid,
    from_odometry,
    from_scene,
    from_surface,
    to_grid,
    to_scene,
    to_surface,
)
from neuraxis_common.errors import Rejected
from neuraxis_common.grid import OccupancyGrid
from neuraxis_common.ledger import Hop
from neuraxis_common.surface import Surface
from neuraxis_common.types import (
    CameraInfo,
    ImuState,
    JointCommand,
    JointState,
    JointTrajectory,
    SceneObject,
    SceneSnapshot,
)

NAMES = ["hip", "knee", "ankle", "grip"]


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def wire(message):
    """The message as a receiver gets it."""
    return deserialize_message(serialize_message(message), type(message))


def test_stamps_keep_nanoseconds():
    for stamp_s in (0.0, 1e-9, 0.999999999, 12.000000001, 86_400.123456789):
        assert convert.from_time(convert.to_time(stamp_s)) == pytest.approx(stamp_s, abs=1e-9)
    assert convert.to_time(1.9999999999).sec == 2


def test_joint_states_come_back_in_the_order_asked_for(rng):
    state = JointState(1.25, *rng.normal(size=(3, 4)))
    message = wire(convert.to_joint_state(NAMES, state))
    back = convert.from_joint_state(message, NAMES[::-1])
    assert back.stamp_s == state.stamp_s
    np.testing.assert_array_equal(back.pos_rad, state.pos_rad[::-1])
    np.testing.assert_array_equal(back.vel_rad_s, state.vel_rad_s[::-1])
    np.testing.assert_array_equal(back.effort_Nm, state.effort_Nm[::-1])


def test_commands_come_back_bit_exact(rng):
    command = JointCommand(3.5, *rng.normal(size=(5, 4)))
    back = convert.from_command(wire(convert.to_command(NAMES, command)), NAMES)
    for field in ("pos_rad", "vel_rad_s", "effort_Nm", "kp", "kd"):
        np.testing.assert_array_equal(getattr(back, field), getattr(command, field))


def test_a_command_that_lacks_a_joint_is_refused_by_name(rng):
    command = JointCommand(3.5, *rng.normal(size=(5, 4)))
    message = convert.to_command(NAMES, command)
    refused = convert.from_command(message, [*NAMES, "toe"])
    assert isinstance(refused, Rejected)
    assert "toe" in refused.reason
    message.name = ["hip", "hip", "knee", "ankle"]
    assert isinstance(convert.from_command(message, ["hip"]), Rejected)
    message.name = NAMES
    message.kp = [1.0]
    assert isinstance(convert.from_command(message, NAMES), Rejected)


def test_a_velocity_is_forward_left_and_turn():
    message = Twist(linear=Vector3(x=0.5, y=-0.2), angular=Vector3(z=0.1))
    np.testing.assert_array_equal(convert.from_twist(message), [0.5, -0.2, 0.1])


def test_imu_keeps_its_quaternion_order(rng):
    quat = rng.normal(size=4)
    state = ImuState(2.0, quat / np.linalg.norm(quat), rng.normal(size=3), rng.normal(size=3))
    message = wire(convert.to_imu("imu_link", state))
    assert message.orientation.w == state.quat_wxyz[0]
    back = convert.from_imu(message)
    np.testing.assert_array_equal(back.quat_wxyz, state.quat_wxyz)
    np.testing.assert_array_equal(back.gyro_B_rad_s, state.gyro_B_rad_s)
    np.testing.assert_array_equal(back.accel_B_m_s2, state.accel_B_m_s2)


def test_poses_survive_as_transforms(rng):
    for _ in range(20):
        rotation, _ = np.linalg.qr(rng.normal(size=(3, 3)))
        pose = np.eye(4)
        pose[:3, :3] = rotation * np.sign(np.linalg.det(rotation))
        pose[:3, 3] = rng.normal(size=3)
        message = wire(convert.to_transform(1.0, "base_link", "camera", pose))
        np.testing.assert_allclose(convert.from_transform(message.transform), pose, atol=1e-12)


def test_images_survive_in_both_encodings(rng):
    rgb = rng.integers(0, 256, (6, 8, 3), dtype=np.uint8)
    depth_m = rng.integers(0, 60_000, (6, 8)) * np.float32(0.001)
    for pixels in (rgb, depth_m.astype(np.float32)):
        back = convert.from_image(wire(convert.to_image(1.0, "camera", pixels)))
        np.testing.assert_array_equal(back, pixels)
        assert back.dtype == pixels.dtype


def test_depth_in_metres_is_understood(rng):
    depth_m = rng.random((6, 8), dtype=np.float32)
    message = convert.to_image(1.0, "camera", depth_m)
    message.encoding, message.step = "32FC1", 32
    message.data = array("B", depth_m.tobytes())
    np.testing.assert_array_equal(convert.from_image(wire(message)), depth_m)


def test_the_time_of_receipt_is_told_on_the_monotonic_clock():
    received_s = convert.received_s({"received_timestamp": time.time_ns() - 2_000_000_000})
    assert time.monotonic() - received_s == pytest.approx(2.0, abs=0.5)
    assert convert.received_s({"received_timestamp": 0}) == pytest.approx(time.monotonic(), abs=0.5)


def test_images_of_other_encodings_and_sizes_are_refused(rng):
    message = convert.to_image(1.0, "camera", rng.integers(0, 256, (6, 8, 3), dtype=np.uint8))
    message.height = 7
    assert convert.from_image(message).code == "bad_image"
    message.encoding = "bayer_rggb8"
    assert "bayer_rggb8" in convert.from_image(message).reason


def test_intrinsics_survive():
    info = CameraInfo(640, 480, 500.5, 501.5, 320.0, 240.0)
    assert convert.from_camera_info(wire(convert.to_camera_info(0.0, "camera", info))) == info


def test_trajectories_survive_and_ragged_ones_are_refused(rng):
    pos, vel = rng.normal(size=(2, 5, 2))
    trajectory = JointTrajectory(("hip", "knee"), np.linspace(0.0, 2.0, 5), pos, vel)
    message = wire(convert.to_trajectory(trajectory))
    back = convert.from_trajectory(message)
    assert back.joint_names == trajectory.joint_names
    np.testing.assert_allclose(back.t_s, trajectory.t_s, atol=1e-9)
    np.testing.assert_array_equal(back.pos_rad, pos)
    np.testing.assert_array_equal(back.vel_rad_s, vel)
    message.points[2].positions = [0.0]
    assert "point 2" in convert.from_trajectory(message).reason
    message.points = []
    assert isinstance(convert.from_trajectory(message), Rejected)


def test_the_scene_survives_with_covariance_age_and_box(rng):
    factor = rng.normal(size=(3, 3))
    item = SceneObject(
        track_id="obj_3",
        kind="part",
        shape="hexagon",
        color="purple",
        center_B_m=rng.normal(size=3),
        yaw_B_rad=-2.5,
        size_m=np.array([0.05, 0.04, 0.03]),
        cov_B_m2=factor @ factor.T,
        stamp_s=3.75,
        score=0.875,
        box_px=(1.5, 2.5, 30.25, 40.75),
    )
    snapshot = SceneSnapshot(4.0, (item,))
    back = from_scene(wire(to_scene("base_link", snapshot)))
    (other,) = back.objects
    assert back.stamp_s == snapshot.stamp_s
    assert (other.label, other.track_id, other.kind) == (item.label, item.track_id, item.kind)
    assert other.box_px == item.box_px
    assert other.stamp_s == item.stamp_s
    assert other.yaw_B_rad == pytest.approx(item.yaw_B_rad)
    np.testing.assert_allclose(other.cov_B_m2, item.cov_B_m2)
    np.testing.assert_array_equal(other.center_B_m, item.center_B_m)


def test_ledger_hops_survive():
    for hop in (Hop("perception", 12.25, 12.5), Hop("brain request", 12.25, 12.5, "4b" * 16)):
        assert convert.from_hop(wire(convert.to_hop(hop))) == hop


def test_a_surface_and_none_survive_the_way():
    edge = np.array([[-2.0, 2.1], [-1.0, 2.2]])
    free = np.array([[-1.5, 2.4], [-1.47, 2.4]])
    for taken in (np.zeros((0, 2)), np.array([[-1.2, 2.3]])):
        surface = Surface(1.25, 0.72, edge, free, taken)
        back = from_surface(wire(to_surface("odom", surface)))
        assert (back.stamp_s, back.height_m) == (1.25, 0.72)
        np.testing.assert_array_equal(back.edge_O_m, edge)
        np.testing.assert_array_equal(back.free_O_m, free)
        np.testing.assert_array_equal(back.taken_O_m, taken)
    assert from_surface(wire(to_surface("odom", None))) is None


def test_grid_odometry_and_velocity_survive_the_way():
    cells = np.array([[-1, 0, 100], [100, 0, -1]], np.int8)
    grid = OccupancyGrid(1.25, np.array([-2.0, 3.0]), 0.05, cells)
    back = from_grid(to_grid("odom", grid))
    assert (back.stamp_s, back.cell_m) == (1.25, 0.05)
    np.testing.assert_array_equal(back.origin_O_m, grid.origin_O_m)
    np.testing.assert_array_equal(back.cells, cells)
    message = Odometry()
    message.header.stamp = convert.to_time(2.5)
    message.pose.pose.position.x = 0.5
    message.pose.pose.orientation.w = 1.0
    stamp_s, pose = from_odometry(message)
    assert stamp_s == 2.5
    np.testing.assert_allclose(pose[:3, 3], [0.5, 0.0, 0.0])
    velocity = np.array([0.3, -0.1, 0.2])
    np.testing.assert_array_equal(convert.from_twist(convert.to_twist(velocity)), velocity)
