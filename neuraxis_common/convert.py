# SPDX-License-Identifier: Apache-2.0
"""ROS messages to value types and back; two functions per message.

Quaternions change order here and only here: (w, x, y, z) in value types, (x, y, z, w) in messages.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Mapping
from typing import Any

import numpy as np
from builtin_interfaces.msg import Duration, Time
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from geometry_msgs.msg import Quaternion, Transform, TransformStamped, Twist, WrenchStamped
from numpy.typing import NDArray
from sensor_msgs.msg import CameraInfo as CameraInfoMessage
from sensor_msgs.msg import Image, Imu
from sensor_msgs.msg import JointState as JointStateMessage
from trajectory_msgs.msg import JointTrajectory as JointTrajectoryMessage
from trajectory_msgs.msg import JointTrajectoryPoint

from neuraxis.msg import JointCommandArray, LedgerHop
from neuraxis_common.errors import Rejected
from neuraxis_common.geometry import matrix_to_quat_wxyz, quat_wxyz_to_matrix
from neuraxis_common.ledger import Hop
from neuraxis_common.types import (
    CameraInfo,
    FloatArray,
    ImuState,
    JointCommand,
    JointState,
    JointTrajectory,
)

_NS = 1_000_000_000
_MM = np.float32(0.001)


def to_time(stamp_s: float) -> Time:
    """Seconds as a time message, to the nearest nanosecond."""
    total_ns = round(stamp_s * _NS)
    return Time(sec=total_ns // _NS, nanosec=total_ns % _NS)


def from_time(stamp: Time | Duration) -> float:
    """A time or duration message in seconds."""
    return stamp.sec + stamp.nanosec * 1e-9


def doubles(values: FloatArray) -> array:
    """Numbers in the container that message setters take without a look at each of them."""
    return array("d", np.ascontiguousarray(values, dtype=np.float64).tobytes())


def to_joint_state(names: list[str], state: JointState) -> JointStateMessage:
    """Measured joints."""
    message = JointStateMessage(name=names)
    message.header.stamp = to_time(state.stamp_s)
    message.position = doubles(state.pos_rad)
    message.velocity = doubles(state.vel_rad_s)
    message.effort = doubles(state.effort_Nm)
    return message


def from_joint_state(message: JointStateMessage, names: list[str]) -> JointState | Rejected:
    """Measured joints in the order of `names`, whatever the order of the message."""
    rows = (message.position, message.velocity, message.effort)
    order = _order(message.name, names, [len(row) for row in rows])
    if isinstance(order, Rejected):
        return order
    return JointState(from_time(message.header.stamp), *(np.array(row)[order] for row in rows))


def to_command(names: list[str], command: JointCommand) -> JointCommandArray:
    """Five-tuple per joint."""
    message = JointCommandArray(name=names)
    message.header.stamp = to_time(command.stamp_s)
    message.position = doubles(command.pos_rad)
    message.velocity = doubles(command.vel_rad_s)
    message.effort = doubles(command.effort_Nm)
    message.kp = doubles(command.kp)
    message.kd = doubles(command.kd)
    return message


def from_command(message: JointCommandArray, names: list[str]) -> JointCommand | Rejected:
    """Five-tuple in the order of `names`; joints that are missing or twice there are refused."""
    rows = (message.position, message.velocity, message.effort, message.kp, message.kd)
    order = _order(message.name, names, [len(row) for row in rows])
    if isinstance(order, Rejected):
        return order
    return JointCommand(from_time(message.header.stamp), *(np.array(row)[order] for row in rows))


def to_imu(frame: str, state: ImuState) -> Imu:
    """IMU reading with orientation."""
    message = Imu()
    message.header.stamp = to_time(state.stamp_s)
    message.header.frame_id = frame
    message.orientation = to_quaternion(state.quat_wxyz)
    for field, row in (
        (message.angular_velocity, state.gyro_B_rad_s),
        (message.linear_acceleration, state.accel_B_m_s2),
    ):
        field.x, field.y, field.z = row.tolist()
    return message


def from_imu(message: Imu) -> ImuState:
    """IMU reading with orientation."""
    gyro, accel = message.angular_velocity, message.linear_acceleration
    return ImuState(
        from_time(message.header.stamp),
        from_quaternion(message.orientation),
        np.array([gyro.x, gyro.y, gyro.z]),
        np.array([accel.x, accel.y, accel.z]),
    )


def from_twist(message: Twist) -> FloatArray:
    """Forward m/s, left m/s and turn rad/s, shape (3,)."""
    return np.array([message.linear.x, message.linear.y, message.angular.z])


def to_twist(velocity: FloatArray) -> Twist:
    """Forward m/s, left m/s and turn rad/s, shape (3,)."""
    message = Twist()
    message.linear.x, message.linear.y, message.angular.z = (float(part) for part in velocity)
    return message


def to_foot_force(stamp_s: float, frame: str, force_N: float) -> WrenchStamped:
    """Normal force under one foot."""
    message = WrenchStamped()
    message.header.stamp = to_time(stamp_s)
    message.header.frame_id = frame
    message.wrench.force.z = float(force_N)
    return message


def from_foot_force(message: WrenchStamped) -> float:
    """Normal force under one foot, N."""
    return message.wrench.force.z


def to_quaternion(quat_wxyz: FloatArray) -> Quaternion:
    """Rotation message."""
    w, x, y, z = (float(value) for value in quat_wxyz)
    return Quaternion(x=x, y=y, z=z, w=w)


def from_quaternion(message: Quaternion) -> FloatArray:
    """Quaternion (w, x, y, z), shape (4,)."""
    return np.array([message.w, message.x, message.y, message.z])


def to_transform(stamp_s: float, parent: str, child: str, pose: FloatArray) -> TransformStamped:
    """Pose of `child` in `parent`, shape (4, 4)."""
    message = TransformStamped(child_frame_id=child)
    message.header.stamp = to_time(stamp_s)
    message.header.frame_id = parent
    shift = message.transform.translation
    shift.x, shift.y, shift.z = pose[:3, 3].tolist()
    message.transform.rotation = to_quaternion(matrix_to_quat_wxyz(pose[:3, :3]))
    return message


def from_transform(message: Transform) -> FloatArray:
    """Pose, shape (4, 4)."""
    pose = np.eye(4)
    pose[:3, :3] = quat_wxyz_to_matrix(from_quaternion(message.rotation))
    shift = message.translation
    pose[:3, 3] = shift.x, shift.y, shift.z
    return pose


def to_image(stamp_s: float, frame: str, pixels: NDArray[Any]) -> Image:
    """Colour (h, w, 3) uint8 as rgb8, or depth (h, w) float32 in m as 16UC1 in whole mm."""
    color = pixels.ndim == 3
    if not color:
        pixels = np.rint(pixels * np.float32(1000)).astype(np.uint16)
    message = Image(height=pixels.shape[0], width=pixels.shape[1])
    message.header.stamp = to_time(stamp_s)
    message.header.frame_id = frame
    message.encoding = "rgb8" if color else "16UC1"
    message.step = pixels.shape[1] * (3 if color else 2)
    data = array("B")
    data.frombytes(np.ascontiguousarray(pixels).view(np.uint8))
    message.data = data
    return message


def from_image(message: Image) -> NDArray[Any] | Rejected:
    """Pixels as `to_image` takes them; depth may also come as 32FC1 in m.

    Other encodings and wrong sizes are refused.
    """
    kinds = {"rgb8": (np.uint8, 3), "16UC1": (np.uint16, 1), "32FC1": (np.float32, 1)}
    if message.encoding not in kinds:
        reason = f"image encoding '{message.encoding}' is not one of {', '.join(kinds)}"
        return Rejected("bad_image", reason)
    kind, channels = kinds[message.encoding]
    count = message.height * message.width * channels
    pixels = np.frombuffer(message.data, dtype=np.uint8)
    if pixels.size != count * np.dtype(kind).itemsize:
        reason = f"image has {pixels.size} bytes, need {count * np.dtype(kind).itemsize}"
        return Rejected("bad_image", reason)
    shape = (message.height, message.width, 3) if channels == 3 else (message.height, message.width)
    pixels = pixels.view(kind).reshape(shape)
    return pixels.astype(np.float32) * _MM if kind is np.uint16 else pixels


def received_s(info: dict[str, Any]) -> float:
    """When the transport got a message, on the monotonic clock; now where it does not say.

    Args:
        info: What a subscription gives a callback that takes two arguments.
    """
    age_ns = time.time_ns() - info["received_timestamp"] if info["received_timestamp"] else 0
    return time.monotonic() - max(age_ns, 0) / _NS


def to_camera_info(stamp_s: float, frame: str, info: CameraInfo) -> CameraInfoMessage:
    """Pinhole intrinsics without distortion."""
    message = CameraInfoMessage(height=info.height, width=info.width)
    message.header.stamp = to_time(stamp_s)
    message.header.frame_id = frame
    message.distortion_model = "plumb_bob"
    message.d = [0.0] * 5
    message.k = info.K.ravel()
    message.r = np.eye(3).ravel()
    message.p = np.hstack([info.K, np.zeros((3, 1))]).ravel()
    return message


def from_camera_info(message: CameraInfoMessage) -> CameraInfo:
    """Pinhole intrinsics."""
    k = message.k
    return CameraInfo(message.width, message.height, *(float(k[i]) for i in (0, 4, 2, 5)))


def to_trajectory(trajectory: JointTrajectory) -> JointTrajectoryMessage:
    """Time-parameterised joint path."""
    message = JointTrajectoryMessage(joint_names=list(trajectory.joint_names))
    for t_s, pos, vel in zip(trajectory.t_s, trajectory.pos_rad, trajectory.vel_rad_s, strict=True):
        stamp = to_time(float(t_s))
        point = JointTrajectoryPoint(positions=doubles(pos), velocities=doubles(vel))
        point.time_from_start = Duration(sec=stamp.sec, nanosec=stamp.nanosec)
        message.points.append(point)
    return message


def from_trajectory(message: JointTrajectoryMessage) -> JointTrajectory | Rejected:
    """Time-parameterised joint path; points of the wrong width are refused."""
    count = len(message.joint_names)
    for index, point in enumerate(message.points):
        if len(point.positions) != count or len(point.velocities) != count:
            reason = f"trajectory point {index} has not {count} positions and velocities"
            return Rejected("bad_trajectory", reason)
    if not message.points:
        return Rejected("bad_trajectory", "trajectory has no points")
    return JointTrajectory(
        tuple(message.joint_names),
        np.array([from_time(point.time_from_start) for point in message.points]),
        np.array([point.positions for point in message.points]),
        np.array([point.velocities for point in message.points]),
    )


def to_hop(hop: Hop) -> LedgerHop:
    """One line of the latency ledger; a trace id stands behind the name, ``name#id``."""
    name = f"{hop.name}#{hop.trace_id}" if hop.trace_id else hop.name
    return LedgerHop(
        name=name, stamp_in=to_time(hop.stamp_in_s), stamp_out=to_time(hop.stamp_out_s)
    )


def from_hop(message: LedgerHop) -> Hop:
    """One line of the latency ledger."""
    name, _, trace_id = message.name.partition("#")
    return Hop(name, from_time(message.stamp_in), from_time(message.stamp_out), trace_id)


def to_diagnostics(
    stamp_s: float, name: str, ok: bool, message: str, values: Mapping[str, str]
) -> DiagnosticArray:
    """One line of diagnostics, a warning unless all is well."""
    level = DiagnosticStatus.OK if ok else DiagnosticStatus.WARN
    rows = [KeyValue(key=key, value=value) for key, value in values.items()]
    status = DiagnosticStatus(level=level, name=name, message=message, values=rows)
    result = DiagnosticArray(status=[status])
    result.header.stamp = to_time(stamp_s)
    return result


def _order(given: list[str], names: list[str], lengths: list[int]) -> list[int] | Rejected:
    if set(lengths) != {len(given)}:
        reason = f"message names {len(given)} joints but has rows of {sorted(set(lengths))} values"
        return Rejected("bad_message", reason)
    index = {name: i for i, name in enumerate(given)}
    missing = [name for name in names if name not in index]
    if missing or len(index) != len(given):
        what = f"lacks joints {', '.join(missing)}" if missing else "names a joint twice"
        return Rejected("bad_message", f"message {what}")
    return [index[name] for name in names]
