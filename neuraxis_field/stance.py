# SPDX-License-Identifier: Apache-2.0
"""Where a robot truly stands beside where a walk was to end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from big_brain_node.walk.config import WalkConfig
from big_brain_node.walk.follow import pose_of
from big_brain_node.walk.site import Place
from neuraxis_common.geometry import quat_wxyz_to_matrix
from neuraxis_common.types import FloatArray

# Odometry drifts with every step: this far from the wanted stance is still there.
NEAR_M, NEAR_RAD = 0.30, 0.35


@dataclass(frozen=True)
class Stance:
    """Distance and unsigned difference of heading from the wanted stance."""

    off_m: float
    off_rad: float

    @property
    def near(self) -> bool:
        """Whether that counts as there."""
        return self.off_m <= NEAR_M and self.off_rad <= NEAR_RAD


def stance(T_OB: FloatArray, place: Place | None, config: WalkConfig) -> Stance:
    """How far a true base pose, shape (4, 4), is from standing at a place; None is anywhere."""
    if place is None:
        return Stance(0.0, 0.0)
    off_m, off_rad = pose_of(T_OB).apart(place.stance(config.stance_m))
    return Stance(float(off_m), float(off_rad))


def off_heading_rad(T_OB: FloatArray, place: Place) -> float:
    """How far a true base pose, shape (4, 4), is turned away from facing a place."""
    pose = pose_of(T_OB)
    return float(pose.apart(place.seen_from(pose))[1])


def true_pose(base: FloatArray) -> FloatArray:
    """Pose (4, 4) of a free joint's position and quaternion (w, x, y, z), shape (7,)."""
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = quat_wxyz_to_matrix(base[3:7]), base[:3]
    return pose
