# SPDX-License-Identifier: Apache-2.0
"""What a launch says to wrong arguments: early, by name, with exit code 1."""

import os
import signal
import subprocess
import time

import pytest

pytest.importorskip("launch_pytest", reason="needs the ROS package launch_pytest")
pytest.importorskip("controller_manager", reason="needs ros2_control")

from launch_rig import ROBOT, has_package

DEADLINE_S = 120.0


def launch(*arguments):
    """Exit code and output of a launch that ends by itself."""
    command = ["ros2", "launch", "neuraxis", "bringup.launch.py", f"robot:={ROBOT}", *arguments]
    child = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    began_s = time.monotonic()
    try:
        said, _ = child.communicate(timeout=DEADLINE_S)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGINT)
        said, _ = child.communicate(timeout=20.0)
        pytest.fail(f"did not end in {DEADLINE_S} s; it said:\n{said}")
    print(f"ended after {time.monotonic() - began_s:.1f} s")
    return child.returncode, said


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["robot:=r2d2"], ["r2d2", "lingxi_x2"]),
        (["hardware:=warp_drive"], ["warp_drive", "mujoco"]),
        (["scene:=moon"], ["moon", "sorting_bench"]),
        (["hardware:=mujoco", "seed:=-3"], ["seed", "-3"]),
        (["hardware:=mujoco", "model_path:=/proc/none/world.mjb"], ["/proc/none"]),
        (["hardware:=aimdk_hal", "brains:=none"], ["aimdk_msgs"]),
        (["hardware:=mock", "brains:=none", "xacro_args:=keyframe"], ["keyframe"]),
    ],
    ids=lambda value: str(value[0]),
)
def test_a_wrong_argument_ends_the_launch_with_its_name(arguments, named):
    if "hardware:=aimdk_hal" in arguments and has_package("aimdk_msgs"):
        pytest.skip("aimdk_msgs is installed")
    code, said = launch(*arguments)
    assert code == 1, said
    for word in named:
        assert word in said
