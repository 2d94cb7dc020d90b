# SPDX-License-Identifier: Apache-2.0
"""Value types that cross rooms. Plain data, no ROS.

Frames follow REP 103/105: x forward, y left, z up. ``base_link`` is the robot's root, ``odom`` lies
on the floor midway between the soles at start-up. Suffix ``_B`` is base_link, ``_O`` odom, ``_C``
the camera's optical frame (z forward, x right, y down). ``T_BC`` maps camera points into base_link.
Quaternions are (w, x, y, z) everywhere outside ROS messages.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class JointState:
    """Measured joints at one instant, in the order of ``RobotProfile.joint_names``. Shapes (n,)."""

    stamp_s: float
    pos_rad: FloatArray
    vel_rad_s: FloatArray
    effort_Nm: FloatArray


@dataclass(frozen=True)
class ImuState:
    """IMU in the base_link axes: orientation of the base in the world, rate and specific force."""

    stamp_s: float
    quat_wxyz: FloatArray
    gyro_B_rad_s: FloatArray
    accel_B_m_s2: FloatArray


@dataclass(frozen=True)
class RobotState:
    """What the spinal cord measured in one cycle.

    Attributes:
        foot_force_N: Normal force under the (left, right) foot.
        stop_level: Name of the stop-ladder level in force; ``run`` when none is.
    """

    joints: JointState
    imu: ImuState
    foot_force_N: FloatArray
    stop_level: str = "run"


@dataclass(frozen=True)
class JointCommand:
    """The five-tuple per joint, in the order of ``RobotProfile.joint_names``. Shapes (n,).

    The actuator applies ``effort + kp * (pos - q) + kd * (vel - dq)``. Prismatic joints (gripper
    fingers) use m, m/s and N in place of rad, rad/s and Nm.
    """

    stamp_s: float
    pos_rad: FloatArray
    vel_rad_s: FloatArray
    effort_Nm: FloatArray
    kp: FloatArray
    kd: FloatArray


@dataclass(frozen=True)
class JointTrajectory:
    """Time-parameterised joint path.

    Attributes:
        joint_names: The n joints it moves; the others hold.
        t_s: Time from start, shape (m,), strictly increasing, first 0.
        pos_rad: Shape (m, n).
        vel_rad_s: Shape (m, n).
    """

    joint_names: tuple[str, ...]
    t_s: FloatArray
    pos_rad: FloatArray
    vel_rad_s: FloatArray

    @property
    def duration_s(self) -> float:
        """Length of the motion."""
        return float(self.t_s[-1])


@dataclass(frozen=True)
class CameraInfo:
    """Pinhole intrinsics in pixels; depth and colour are registered and share them."""

    width: int
    height: int
    fx: float
    fy: float
    cx: float
    cy: float

    @property
    def K(self) -> FloatArray:
        """Intrinsic matrix, shape (3, 3)."""
        return np.array([[self.fx, 0, self.cx], [0, self.fy, self.cy], [0, 0, 1]], dtype=float)


@dataclass(frozen=True)
class RgbdFrame:
    """One registered RGB-D image.

    Attributes:
        rgb: Shape (h, w, 3), uint8.
        depth_m: Shape (h, w), float32, 0 where there is no return.
        T_BC: Camera optical frame in base_link at the image stamp, shape (4, 4).
    """

    stamp_s: float
    rgb: NDArray[np.uint8]
    depth_m: NDArray[np.float32]
    info: CameraInfo
    T_BC: FloatArray


@dataclass(frozen=True)
class SceneObject:
    """One thing perception believes in, in base_link.

    Attributes:
        track_id: Stable while the track lives, e.g. ``obj_3``.
        kind: ``part`` or ``container``.
        shape: A name of `plan.PartShape` or `plan.ContainerShape`.
        color: Colour name as in the scene templates.
        center_B_m: Centre of the bounding box, shape (3,).
        yaw_B_rad: Rotation about z of the long side (about the face normal for cubes).
        size_m: Extents along (long side, short side, z), shape (3,).
        cov_B_m2: Position covariance, shape (3, 3).
        stamp_s: Image stamp of the last observation; age is now minus this.
        score: Detector confidence in [0, 1].
        box_px: (x0, y0, x1, y1) in the image of ``stamp_s``, pixels.
    """

    track_id: str
    kind: str
    shape: str
    color: str
    center_B_m: FloatArray
    yaw_B_rad: float
    size_m: FloatArray
    cov_B_m2: FloatArray
    stamp_s: float
    score: float
    box_px: tuple[float, float, float, float]

    @property
    def label(self) -> str:
        """Colour and shape, as a person would say it: ``red cube``."""
        return f"{self.color} {self.shape}"


@dataclass(frozen=True)
class SceneSnapshot:
    """All tracked objects at one image stamp."""

    stamp_s: float
    objects: tuple[SceneObject, ...] = field(default_factory=tuple)
