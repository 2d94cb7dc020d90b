# SPDX-License-Identifier: Apache-2.0
"""Two robots on one machine, a launch and a namespace each: both are up, and one stops alone."""

import re
import signal
import subprocess

import pytest

pytest.importorskip("launch_pytest", reason="needs the ROS package launch_pytest")
pytest.importorskip("controller_manager", reason="needs ros2_control")

from launch_rig import Rig

from neuraxis_common import bringup

ROBOTS = {"left": "lingxi_x2", "right": "expedition_a2"}
END_S = 30.0
# The last of what a launch does before it only keeps watch.
DONE = re.compile(r"\[controllers-\d+\]: process has finished cleanly")


def start(namespace, robot, log):
    arguments = [f"namespace:={namespace}", f"robot:={robot}", "hardware:=mock", "brains:=none"]
    command = ["ros2", "launch", "neuraxis", "bringup.launch.py", *arguments]
    with log.open("w") as file:
        return subprocess.Popen(
            [*command, "commander:=trajectory"],
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def end(launches):
    for launch in launches:
        launch.send_signal(signal.SIGINT)
    return [launch.wait(END_S) for launch in launches]


def test_two_robots_are_up_beside_each_other_and_one_stops_alone(tmp_path):
    logs = {name: tmp_path / f"{name}.log" for name in ROBOTS}
    launches = [start(name, robot, logs[name]) for name, robot in ROBOTS.items()]
    left, right = (Rig(name) for name in ROBOTS)
    try:
        for rig in (left, right):
            rig.wait_active(bringup.active("trajectory"))
            rig.wait(rig.level("run"), "level run")
            rig.wait(lambda rig=rig: rig.joints, "joint states")
        assert set(left.joints) != set(right.joints)
        assert left.stop("hold", "only you").accepted
        left.wait(left.level("hold"), "level hold")
        right.spin(0.5)
        assert right.spinal.stop_level == "run"
        assert left.reset().accepted
        for log in logs.values():
            left.wait(lambda log=log: DONE.search(log.read_text()), "the spawner's end")
    finally:
        left.close()
        right.close()
        codes = end(launches)
    assert codes == [0, 0], "".join(log.read_text()[-2000:] for log in logs.values())
