# SPDX-License-Identifier: Apache-2.0
"""Both libraries that turn quaternions into matrices and back do the same."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuraxis_common import geometry

tf = pytest.importorskip("tf_transformations", reason="needs the ROS package tf_transformations")

quaternions = st.tuples(*[st.floats(-1.0, 1.0)] * 4).filter(lambda q: np.linalg.norm(q) > 0.1)


@given(quaternions)
def test_tf_transformations_and_transforms3d_agree(quat):
    quat, results = np.array(quat), []
    for library in (tf, None):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(geometry, "tf", library)
            matrix = geometry.quat_wxyz_to_matrix(quat)
            results.append((matrix, geometry.matrix_to_quat_wxyz(matrix)))
    (with_tf, tf_back), (without, back) = results
    np.testing.assert_allclose(with_tf, without, atol=1e-12)
    assert abs(tf_back @ back) == pytest.approx(1.0, abs=1e-9)
