# SPDX-License-Identifier: Apache-2.0
"""The package description is one: versions, packages, pins and what colcon makes of it."""

import configparser
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
import tomllib

from tools import fit_ros_wheels

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = sorted(ROOT.glob("requirements*.txt"))


def setup_cfg() -> configparser.ConfigParser:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    return config


def test_the_version_stands_in_package_xml_and_nowhere_else():
    version = ElementTree.parse(ROOT / "package.xml").findtext("version")
    assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    assert "version" not in setup_cfg()["metadata"]
    done = subprocess.run(
        [sys.executable, "setup.py", "--version"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.stdout.split()[-1] == version


def test_pyproject_holds_tools_only():
    data = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert set(data) == {"build-system", "tool"}


def test_colcon_sees_one_ament_package():
    if shutil.which("colcon") is None:
        pytest.skip("colcon is not installed")
    command = ["colcon", "--log-base", "/dev/null", "list", "--base-paths", "."]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.split() == ["neuraxis", ".", "(ros.ament_cmake)"]


def test_every_python_package_is_installed_both_ways():
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    listed = setup_cfg()["options.packages.find"]["include"].split()
    assert {name.rstrip("*") for name in listed} == packages
    cmake = (ROOT / "cmake" / "ros.cmake").read_text(encoding="utf-8")
    assert all(re.search(rf"^\s+{name}\)?$", cmake, re.MULTILINE) for name in packages)


def test_console_scripts_name_functions_that_exist():
    scripts = setup_cfg()["options.entry_points"]["console_scripts"].split("\n")
    for line in filter(None, scripts):
        module, function = line.split("=")[1].strip().split(":")
        source = (ROOT / module.replace(".", "/")).with_suffix(".py")
        assert f"def {function}(" in source.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", [*REQUIREMENTS, ROOT / "constraints.txt"], ids=lambda p: p.name)
def test_requirements_are_pinned_exactly(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    for line in filter(lambda text: text and not text.startswith("#"), lines):
        assert re.fullmatch(r"[A-Za-z0-9_.-]+(\[[a-z]+\])?==[\w.]+", line), line


def test_every_requirement_agrees_with_the_constraints():
    def pins(path: Path) -> dict[str, str]:
        rows = (line.split("==") for line in path.read_text().splitlines() if "==" in line)
        return {re.sub(r"[-_.]+", "-", re.sub(r"\[.*", "", a)).lower(): b for a, b in rows}

    constraints = pins(ROOT / "constraints.txt")
    for path in REQUIREMENTS:
        for name, version in pins(path).items():
            assert constraints.get(name, version) == version, f"{path.name}: {name}"


def test_wheel_paths_are_replaced_and_replacing_again_changes_nothing():
    before = (
        'INTERFACE_INCLUDE_DIRECTORIES "${_IMPORT_PREFIX}/include;'
        "/opt/python/cp311-cp311/lib/python3.11/site-packages/numpy/_core/include;"
        '/opt/python/cp311-cp311/include/python3.11"\n'
        'INTERFACE_LINK_LIBRARIES "fastcdr;/usr/lib64/libtinyxml2.so;dl"\n'
    )
    after = fit_ros_wheels.fitted(before, "/python/include", "/numpy/include")
    assert "/opt/python" not in after
    assert "lib64" not in after
    assert "/include;/numpy/include;/python/include" in after
    assert "fastcdr;tinyxml2;dl" in after
    assert fit_ros_wheels.fitted(after, "/python/include", "/numpy/include") == after


def test_no_machine_of_ours_is_named_in_the_repository():
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in done.stdout.splitlines():
        path = ROOT / name
        if path.suffix in (".py", ".sh", ".txt", ".yaml", ".cmake", ".md", ".toml", ".cfg"):
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"(?<![\w.])/(home|work|Users)/\w", text), name
