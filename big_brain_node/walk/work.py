# SPDX-License-Identifier: Apache-2.0
"""How a robot stands at a surface that it works at: as at its bench, if its legs have room."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
import pinocchio as pin

from big_brain_node.motion.kinematics import RobotKinematics
from big_brain_node.motion.scene_model import odom_in_base
from big_brain_node.motion.set_down import HIGHER_M
from neuraxis_common.profile import RobotProfile
from neuraxis_common.types import FloatArray

# From the tool frame to the end of the fingers.
_HAND_M = 0.06
# A walking robot is lower than a standing one and swings its thighs forward: measured on the
# shipped policies, and room for what an edge is seen off. It comes back by 2 cm as it rises: with
# 2 cm more of room the A2's arms were too short for 2 of 8 shelves.
_CROUCH_M, _SWING_M = 0.06, 0.05
# From the top of a surface down to the underside of its slab or frame.
_SLAB_M = 0.08


@dataclass(frozen=True)
class WorkStance:
    """Distances of a robot that stands at its bench with its arms in the ready pose.

    Attributes:
        edge_m: From the base forward to the near edge.
        highest_m: The hands clear surfaces up to this height.
        hands_ahead_m: From the base forward to the end of the fingers.
        hands_aside_m: From the middle to the outside of a hand.
        legs_m: Of each part of the legs: lowest and highest point above the floor, and how far it
            comes forward of the base.
        base_x_m: How far the base is ahead of the middle between the soles.
        base_z_m: How high the base is above them.
    """

    edge_m: float
    highest_m: float
    hands_ahead_m: float
    hands_aside_m: float
    legs_m: tuple[tuple[float, float, float], ...] = ()
    base_x_m: float = 0.0
    base_z_m: float = 0.0

    def edge_at(self, height_m: float) -> float:
        """From the base forward to the near edge of a surface of that height."""
        low = height_m - _SLAB_M
        ahead = [x for z0, z1, x in self.legs_m if z0 - _CROUCH_M < height_m and z1 > low]
        return max([self.edge_m, *(x + _SWING_M for x in ahead)])


def work_stance(profile: RobotProfile, urdf_xml: str) -> WorkStance:
    """The stance of a robot, from its ready pose, its shapes and where its bench stands."""
    kinematics = RobotKinematics(urdf_xml, profile.joint_names)
    ready = np.array([profile.ready_pose_rad[name] for name in profile.joint_names])
    q = kinematics.configuration(ready)
    T_OB = np.linalg.inv(odom_in_base(kinematics, profile, q))
    base_x_m = float(T_OB[0, 3])
    tools = [kinematics.frame_pose(q, item.tcp_frame) for item in profile.grippers.values()]
    legs = [
        (float(at[:, 2].min()), float(at[:, 2].max()), float(at[:, 0].max()) - base_x_m)
        for at in _leg_corners(kinematics, urdf_xml, profile, q, T_OB)
    ]
    return WorkStance(
        edge_m=round(profile.bench.near_edge_x_m - base_x_m, 3),
        highest_m=round(profile.bench.height_m + HIGHER_M, 3),
        hands_ahead_m=round(max(float(tool[0, 3]) for tool in tools) + _HAND_M, 3),
        hands_aside_m=round(max(abs(float(tool[1, 3])) for tool in tools) + _HAND_M, 3),
        legs_m=tuple(tuple(round(value, 3) for value in row) for row in legs),
        base_x_m=round(base_x_m, 3),
        base_z_m=round(float(T_OB[2, 3]), 3),
    )


def _leg_corners(
    kinematics: RobotKinematics,
    urdf_xml: str,
    profile: RobotProfile,
    q: FloatArray,
    T_OB: FloatArray,
) -> Iterator[FloatArray]:
    """Corners of the boxes around the legs' shapes in odom, shape (8, 3) each."""
    model, kind = kinematics.model, pin.GeometryType.COLLISION
    shapes = pin.buildGeomFromUrdfString(model, urdf_xml, kind)
    placed = shapes.createData()
    pin.updateGeometryPlacements(model, model.createData(), shapes, placed, q)
    joints = {
        model.getJointId(name) for leg in ("left_leg", "right_leg") for name in profile.groups[leg]
    }
    for item, pose in zip(shapes.geometryObjects, placed.oMg, strict=True):
        if item.parentJoint not in joints:
            continue
        item.geometry.computeLocalAABB()
        box = item.geometry.aabb_local
        corners = np.array(list(product(*zip(box.min_, box.max_, strict=True))))
        corners_B = corners @ pose.rotation.T + pose.translation
        yield corners_B @ T_OB[:3, :3].T + T_OB[:3, 3]
