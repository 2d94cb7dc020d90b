# SPDX-License-Identifier: Apache-2.0
"""Which joints each controller of a robot has, as a parameter file.

python -m neuraxis_common.controllers lingxi_x2 > config/controllers/lingxi_x2.yaml
"""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

from neuraxis_common.errors import ConfigError
from neuraxis_common.profile import RobotProfile
from neuraxis_common.robot import load_profile

ROOT = Path(__file__).resolve().parents[1]
_WIDTH = 110
_HEAD = """\
# SPDX-License-Identifier: Apache-2.0
# {display_name}: joints of its controllers, as config/robots/{name}.yaml has them. Made with
# python -m neuraxis_common.controllers {name} > config/controllers/{name}.yaml
"""


def controller_joints(profile: RobotProfile) -> dict[str, tuple[str, ...]]:
    """Joints of each controller that needs to be told."""
    return {
        "impedance_controller": profile.joint_names,
        "safety_controller": profile.joint_names,
        "left_arm_controller": profile.groups["left_arm"],
        "right_arm_controller": profile.groups["right_arm"],
    }


def as_yaml(profile: RobotProfile) -> str:
    """The parameter file, for any namespace."""
    text = _HEAD.format(name=profile.name, display_name=profile.display_name)
    for controller, joints in controller_joints(profile).items():
        row = textwrap.fill(f"    joints: [{', '.join(joints)}]", _WIDTH, subsequent_indent=" " * 6)
        text += f"/**/{controller}:\n  ros__parameters:\n{row}\n"
    return text


def main() -> int:
    """Entry point."""
    try:
        sys.stdout.write(as_yaml(load_profile(sys.argv[1], ROOT)))
    except (ConfigError, IndexError) as error:
        sys.stderr.write(f"{error or 'which robot?'}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
