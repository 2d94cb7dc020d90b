# SPDX-License-Identifier: Apache-2.0
"""Who may import whom: ROS stays in the nodes, rooms meet only in neuraxis_common."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (
    "big_brain_node",
    "neuraxis_bridge",
    "neuraxis_cli",
    "neuraxis_common",
    "neuraxis_field",
    "neuraxis_sim",
    "perception_node",
    "small_brain_node",
)
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
ROS_MODULES = {
    "builtin_interfaces",
    "launch",
    "launch_ros",
    "moveit",
    "neuraxis",
    "rclpy",
    "tf2_ros",
}
MAX_LINES = 350
KNOWS_ROS = {"node.py", "convert.py", "convert_scene.py", "launching.py", "lifecycle.py"}
# A room may use the value types of what it talks to; these pairs are the ones that do.
DOORS = {
    "big_brain_node": {"neuraxis_bridge"},
    "perception_node": set(),
    "small_brain_node": set(),
    "neuraxis_bridge": {"perception_node"},
    "neuraxis_common": set(),
}


def imported(path: Path) -> set[str]:
    """First names of everything a file imports, at any depth of the code."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add(node.module.split(".")[0])
    return names


def is_ros(name: str) -> bool:
    return name in ROS_MODULES or name.endswith("_msgs")


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_only_nodes_and_converters_know_ros(path):
    if path.name in KNOWS_ROS or path.name.endswith("_node.py"):
        return
    assert not {name for name in imported(path) if is_ros(name)}


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_rooms_of_the_robot_meet_only_in_common_code(path):
    room = path.relative_to(ROOT).parts[0]
    if room not in DOORS:
        return
    others = (imported(path) & set(PACKAGES)) - {room, "neuraxis_common"}
    assert others <= DOORS[room]


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_files_carry_a_licence_line_and_stay_short(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    assert "SPDX-License-Identifier: Apache-2.0" in lines[0]
    assert len(lines) <= MAX_LINES or path.parent.name == "voices", "only tables may be longer"


NODES = [path for path in FILES if path.name == "node.py" or path.name.endswith("_node.py")]


@pytest.mark.parametrize("path", NODES, ids=relative)
def test_a_namespace_moves_every_name_of_a_node_but_what_a_machine_shares(path):
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    texts = {arg.value for call in calls for arg in call.args if isinstance(arg, ast.Constant)}
    assert not {text for text in texts - {"/clock", "/diagnostics"} if str(text).startswith("/")}


def test_the_simulator_never_reaches_a_node_of_the_robot():
    for package in ("big_brain_node", "perception_node", "small_brain_node"):
        for path in (ROOT / package).rglob("*.py"):
            assert "neuraxis_sim" not in imported(path), path
