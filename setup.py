# SPDX-License-Identifier: Apache-2.0
"""Shim for pip: metadata is in setup.cfg, the version in package.xml."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

from setuptools import setup

setup(version=ElementTree.parse(Path(__file__).with_name("package.xml")).findtext("version"))
