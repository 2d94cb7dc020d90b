# SPDX-License-Identifier: Apache-2.0
"""How a robot stands at a surface that it works at: as it stands at its bench."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from big_brain_node.motion.kinematics import RobotKinematics
from big_brain_node.motion.scene_model import odom_in_base
from big_brain_node.motion.set_down import HIGHER_M
from neuraxis_common.profile import RobotProfile

# From the tool frame to the end of the fingers.
_HAND_M = 0.06


@dataclass(frozen=True)
class WorkStance:
    """Distances of a robot that stands at its bench with its arms in the ready pose.

    Attributes:
        edge_m: From the base forward to the near edge.
        highest_m: The hands clear surfaces up to this height.
        hands_ahead_m: From the base forward to the end of the fingers.
        hands_aside_m: From the middle to the outside of a hand.
    """

    edge_m: float
    highest_m: float
    hands_ahead_m: float
    hands_aside_m: float


def work_stance(profile: RobotProfile, urdf_xml: str) -> WorkStance:
    """The stance of a robot, from its ready pose and where its bench stands."""
    kinematics = RobotKinematics(urdf_xml, profile.joint_names)
    ready = np.array([profile.ready_pose_rad[name] for name in profile.joint_names])
    q = kinematics.configuration(ready)
    base_x_m = np.linalg.inv(odom_in_base(kinematics, profile, q))[0, 3]
    tools = [kinematics.frame_pose(q, item.tcp_frame) for item in profile.grippers.values()]
    return WorkStance(
        edge_m=round(float(profile.bench.near_edge_x_m - base_x_m), 3),
        highest_m=round(profile.bench.height_m + HIGHER_M, 3),
        hands_ahead_m=round(max(float(tool[0, 3]) for tool in tools) + _HAND_M, 3),
        hands_aside_m=round(max(abs(float(tool[1, 3])) for tool in tools) + _HAND_M, 3),
    )
