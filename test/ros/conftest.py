# SPDX-License-Identifier: Apache-2.0
"""ROS for the tests of this folder: a domain of their own, a context per test."""

import os
from pathlib import Path

import pytest

pytest.importorskip("rclpy", reason="needs a ROS 2, sourced or from make setup")

import rclpy

from neuraxis_cli.graph import free_domain

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session", autouse=True)
def domain(tmp_path_factory):
    """A ROS domain that nobody else on this machine uses, and a home; children inherit both."""
    os.environ["ROS_DOMAIN_ID"] = str(free_domain())
    os.environ["ROS_HOME"] = str(tmp_path_factory.mktemp("ros"))


@pytest.fixture
def context():
    """An initialised rclpy for one test."""
    rclpy.init()
    yield
    rclpy.try_shutdown()


@pytest.fixture
def root() -> Path:
    """The repository."""
    return ROOT
