# SPDX-License-Identifier: Apache-2.0
"""An Expedition A3 as seen from outside: joint space over /body_drive, in its own order."""

from __future__ import annotations

import rclpy
from fake_body_drive import BodyDrive
from fake_common import Drives, arguments, parsed, spin

LEG = ["hip_pitch", "hip_roll", "hip_yaw", "knee", "ankle_pitch", "ankle_roll"]
ARM = ["shoulder_pitch", "shoulder_roll", "shoulder_yaw", "elbow"]
ARM += ["wrist_roll", "wrist_pitch", "wrist_yaw"]
JOINTS = {
    "waist": ["waist_yaw_joint", "waist_roll_joint", "waist_pitch_joint"],
    "leg": [f"{side}_{joint}_joint" for side in ("left", "right") for joint in LEG],
    "arm": [f"{side}_{joint}_joint" for side in ("left", "right") for joint in ARM],
    # The Ultra's name of the second joint.
    "neck": ["head_yaw_joint", "ultra_head_pitch_joint"],
}


def main() -> None:
    """Entry point."""
    parser = arguments(__doc__)
    options = parsed(parser)
    rclpy.init()
    groups = {group: Drives(names) for group, names in JOINTS.items()}
    spin(BodyDrive("fake_a3_body", groups, "/body_drive/pelvis_imu/data", options), [])


if __name__ == "__main__":
    main()
