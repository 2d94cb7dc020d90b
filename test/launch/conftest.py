# SPDX-License-Identifier: Apache-2.0
"""Real launches on real ros2_control, one at a time, in a ROS domain of their own."""

import os

import pytest

pytest.importorskip("rclpy", reason="needs a ROS 2, sourced or from make setup")

from neuraxis_cli.graph import free_domain


@pytest.fixture(scope="session", autouse=True)
def domain(tmp_path_factory):
    """A domain that nobody else on this machine uses and a fresh log folder; children inherit."""
    os.environ["ROS_DOMAIN_ID"] = str(free_domain())
    os.environ["ROS_LOG_DIR"] = str(tmp_path_factory.mktemp("log"))
