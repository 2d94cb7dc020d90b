# SPDX-License-Identifier: Apache-2.0
"""Rotations between the two forms that cross rooms: matrices and (w, x, y, z) quaternions.

tf_transformations does it where ROS brings it along, transforms3d, on which that stands, elsewhere.
This is the only place that knows which.
"""

from __future__ import annotations

import numpy as np
from transforms3d.quaternions import mat2quat, quat2mat

from neuraxis_common.types import FloatArray

try:
    import tf_transformations as tf
except ImportError:
    tf = None


def quat_wxyz_to_matrix(quat_wxyz: FloatArray) -> FloatArray:
    """Rotation matrix, shape (3, 3), of a quaternion that need not be normalised."""
    w, x, y, z = (float(value) for value in quat_wxyz)
    return quat2mat((w, x, y, z)) if tf is None else tf.quaternion_matrix((x, y, z, w))[:3, :3]


def matrix_to_quat_wxyz(matrix: FloatArray) -> FloatArray:
    """Unit quaternion with w >= 0 of a rotation matrix, shape (3, 3)."""
    if tf is None:
        quat = mat2quat(np.asarray(matrix, dtype=float))
    else:
        pose = np.eye(4)
        pose[:3, :3] = matrix
        x, y, z, w = tf.quaternion_from_matrix(pose)
        quat = np.array([w, x, y, z])
    return quat if quat[0] >= 0 else -quat
