# SPDX-License-Identifier: Apache-2.0
"""Rotations between the two forms that cross rooms: matrices and (w, x, y, z) quaternions."""

from __future__ import annotations

import numpy as np

from neuraxis_common.types import FloatArray


def quat_wxyz_to_matrix(quat_wxyz: FloatArray) -> FloatArray:
    """Rotation matrix, shape (3, 3), of a quaternion that need not be normalised."""
    w, x, y, z = (float(value) for value in quat_wxyz / np.linalg.norm(quat_wxyz))
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


def matrix_to_quat_wxyz(matrix: FloatArray) -> FloatArray:
    """Unit quaternion with w >= 0 of a rotation matrix, shape (3, 3)."""
    m = np.asarray(matrix, dtype=float)
    # Bar-Itzhack: the quaternion is the eigenvector of the largest eigenvalue.
    k = np.array(
        [
            [m[0, 0] + m[1, 1] + m[2, 2], 0, 0, 0],
            [m[2, 1] - m[1, 2], m[0, 0] - m[1, 1] - m[2, 2], 0, 0],
            [m[0, 2] - m[2, 0], m[0, 1] + m[1, 0], m[1, 1] - m[0, 0] - m[2, 2], 0],
            [m[1, 0] - m[0, 1], m[0, 2] + m[2, 0], m[1, 2] + m[2, 1], m[2, 2] - m[0, 0] - m[1, 1]],
        ]
    )
    _, vectors = np.linalg.eigh(k)
    quat = vectors[:, -1]
    return quat if quat[0] >= 0 else -quat
