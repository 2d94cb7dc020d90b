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
def domain():
    """A ROS domain that nobody else on this machine uses; children inherit it."""
    os.environ["ROS_DOMAIN_ID"] = str(free_domain())


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
