# SPDX-License-Identifier: Apache-2.0
"""How much room a robot takes up on the floor when its arms are in the ready pose."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from big_brain_node.motion.kinematics import RobotKinematics
from big_brain_node.walk.config import WalkConfig
from neuraxis_common.profile import RobotProfile

# From the tool frame to the end of the fingers, and sway of the upper body while walking.
_HAND_M, _SWAY_M = 0.06, 0.03


def fitted(config: WalkConfig, profile: RobotProfile, urdf_xml: str) -> WalkConfig:
    """The config with a radius that holds the hands, not smaller than it asks for."""
    kinematics = RobotKinematics(urdf_xml, profile.joint_names)
    ready = np.array([profile.ready_pose_rad[name] for name in profile.joint_names])
    q = kinematics.configuration(ready)
    hands = [kinematics.frame_pose(q, grip.tcp_frame)[:2, 3] for grip in profile.grippers.values()]
    reach_m = max(float(np.linalg.norm(hand)) for hand in hands) + _HAND_M + _SWAY_M
    return replace(config, radius_m=max(config.radius_m, round(reach_m, 3)))
