# SPDX-License-Identifier: Apache-2.0
"""Questions as MoveIt's messages."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from geometry_msgs.msg import Pose
from moveit_msgs.msg import (
    AttachedCollisionObject,
    CollisionObject,
    Constraints,
    JointConstraint,
)
from shape_msgs.msg import SolidPrimitive

from big_brain_node.moveit.protocol import Thing
from neuraxis_common.geometry import matrix_to_quat_wxyz
from neuraxis_common.types import FloatArray

GOAL_TOLERANCE_RAD = 1e-3


def to_pose(T: FloatArray) -> Pose:
    """A homogeneous transform, shape (4, 4)."""
    pose, (w, x, y, z) = Pose(), matrix_to_quat_wxyz(T[:3, :3])
    pose.position.x, pose.position.y, pose.position.z = (float(v) for v in T[:3, 3])
    turn = pose.orientation
    turn.w, turn.x, turn.y, turn.z = float(w), float(x), float(y), float(z)
    return pose


def to_collision_object(thing: Thing, frame: str) -> CollisionObject:
    """A thing to be added to the scene, its pose given in `frame`."""
    size = [float(value) for value in np.asarray(thing.size_m)]
    if thing.shape == "cylinder":
        shape = SolidPrimitive(type=SolidPrimitive.CYLINDER, dimensions=[size[2], size[0] / 2])
    else:
        shape = SolidPrimitive(type=SolidPrimitive.BOX, dimensions=size)
    message = CollisionObject(id=thing.name, operation=CollisionObject.ADD)
    message.header.frame_id = frame
    message.pose.orientation.w = 1.0
    message.primitives = [shape]
    message.primitive_poses = [to_pose(thing.T)]
    return message


def to_attached(thing: Thing, frame: str, links: Sequence[str]) -> AttachedCollisionObject:
    """A held part that moves with link `frame` and may touch `links`."""
    return AttachedCollisionObject(
        link_name=frame, object=to_collision_object(thing, frame), touch_links=list(links)
    )


def to_goal(joint_names: Sequence[str], pos_rad: FloatArray) -> Constraints:
    """One posture as a goal."""
    return Constraints(
        joint_constraints=[
            JointConstraint(
                joint_name=name,
                position=float(value),
                tolerance_above=GOAL_TOLERANCE_RAD,
                tolerance_below=GOAL_TOLERANCE_RAD,
                weight=1.0,
            )
            for name, value in zip(joint_names, pos_rad, strict=True)
        ]
    )
