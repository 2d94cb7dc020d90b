# SPDX-License-Identifier: Apache-2.0
"""Where a frame was, with tf2 and without."""

import numpy as np
import pytest
from tf2_msgs.msg import TFMessage

from neuraxis_common import frames_node
from neuraxis_common.convert import to_transform
from neuraxis_common.errors import Rejected


def moved(x):
    pose = np.eye(4)
    pose[0, 3] = x
    return pose


def message(stamp_s, parent, child, x):
    return TFMessage(transforms=[to_transform(stamp_s, parent, child, moved(x))])


@pytest.fixture(params=["direct", "tf2"])
def poses(request):
    if request.param == "direct":
        return frames_node.DirectPoses("base_link", "camera")
    if frames_node.tf2 is None:
        pytest.skip("needs tf2_py")
    return frames_node.ChainedPoses("base_link", "camera")


def test_the_pose_of_a_stamp_is_found(poses):
    for tick in range(10):
        poses.add(message(100 + 0.02 * tick, "base_link", "camera", tick), False)
    assert poses.at(100.1)[0, 3] == pytest.approx(5, abs=1e-6)
    np.testing.assert_allclose(poses.at(100.1)[:3, :3], np.eye(3), atol=1e-12)


def test_the_newest_pose_serves_a_little_longer(poses):
    poses.add(message(100.0, "base_link", "camera", 1), False)
    poses.add(message(100.02, "base_link", "camera", 2), False)
    assert poses.at(100.02 + 0.9 * frames_node.GAP_S)[0, 3] == 2
    late = poses.at(100.02 + 1.5 * frames_node.GAP_S)
    assert isinstance(late, Rejected)
    assert late.code == "no_pose"


def test_a_frame_that_nobody_told_of_is_a_refusal(poses):
    assert poses.at(100.0).code == "no_pose"
    poses.add(message(100.0, "base_link", "elbow", 1), False)
    assert poses.at(100.0).code == "no_pose"


def test_tf2_goes_through_a_chain_with_fixed_links():
    if frames_node.tf2 is None:
        pytest.skip("needs tf2_py")
    poses = frames_node.ChainedPoses("base_link", "camera")
    poses.add(message(0.0, "head", "camera", 0.5), True)
    for tick in range(3):
        poses.add(message(100 + 0.1 * tick, "base_link", "head", tick), False)
    assert poses.at(100.15)[0, 3] == pytest.approx(2.0)
