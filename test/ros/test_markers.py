# SPDX-License-Identifier: Apache-2.0
"""What RViz shows of the scene."""

from geometry_msgs.msg import Pose, PoseWithCovariance, Vector3
from visualization_msgs.msg import Marker

from neuraxis.msg import SceneObject, SceneObjects
from neuraxis_common.convert_scene import to_markers


def thing(kind, color):
    pose = Pose()
    pose.position.x = 0.3
    size = Vector3(x=0.05, y=0.04, z=0.03)
    return SceneObject(kind=kind, color=color, pose=PoseWithCovariance(pose=pose), size=size)


def test_every_object_is_a_box_and_what_was_shown_before_goes():
    scene = SceneObjects(objects=[thing("part", "red"), thing("container", "mauve")])
    scene.header.frame_id = "base_link"
    first, part, container = to_markers(scene).markers
    assert first.action == Marker.DELETEALL
    assert part.header.frame_id == "base_link"
    assert (part.pose.position.x, part.scale.y) == (0.3, 0.04)
    assert part.color.r > part.color.g
    assert container.color.a < part.color.a
    assert container.color.r == container.color.g
