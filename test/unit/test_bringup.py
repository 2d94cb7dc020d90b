# SPDX-License-Identifier: Apache-2.0
"""What the launch files stand on: names, arguments, and what the end of a process means."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from neuraxis_common import bringup
from neuraxis_common.controllers import as_yaml
from neuraxis_common.robot import known_robots, load_profile

ROOT = Path(__file__).resolve().parents[2]
RUNNING, ENDING = SimpleNamespace(is_shutdown=False), SimpleNamespace(is_shutdown=True)


def ended(code):
    return SimpleNamespace(returncode=code)


def test_a_required_process_that_ends_fails_the_launch_by_name():
    with pytest.raises(RuntimeError, match="ros2_control_node ended with exit code -11"):
        bringup.required("ros2_control_node")(ended(-11), RUNNING)
    assert bringup.required("ros2_control_node")(ended(0), ENDING) is None


def test_a_process_that_may_start_again_fails_the_launch_by_other_exit_codes_only():
    assert bringup.required("publisher", but=0)(ended(0), RUNNING) is None
    with pytest.raises(RuntimeError, match="publisher ended with exit code 1"):
        bringup.required("publisher", but=0)(ended(1), RUNNING)


def test_a_process_that_says_something_three_times_is_helped_each_third_time():
    listen = bringup.insisted("waiting", 3, ["help"])
    said = [
        listen(SimpleNamespace(text=text)) for text in (b"waiting\nwaiting\n", b"no", b"waiting")
    ]
    assert said == [None, None, ["help"]]
    assert listen(SimpleNamespace(text=b"waiting")) is None


def test_a_job_that_is_done_leads_on_and_one_that_fails_ends_the_launch():
    assert bringup.succeeded("controllers", ["next"])(ended(0), RUNNING) == ["next"]
    assert bringup.succeeded("controllers", ["next"])(ended(1), ENDING) is None
    with pytest.raises(RuntimeError, match="controllers: exit code 1"):
        bringup.succeeded("controllers")(ended(1), RUNNING)


def test_followers_of_a_process_come_only_where_they_should():
    assert bringup.after(["next"])(ended(0), RUNNING) == ["next"]
    assert bringup.after(["next"])(ended(1), RUNNING) is None
    assert bringup.unless_shutdown(["note"])(ended(1), RUNNING) == ["note"]
    assert bringup.unless_shutdown(["note"])(ended(0), ENDING) is None


def test_words_of_a_process_that_mean_the_end_fail_the_launch():
    listen = bringup.refused("cannot go on", "it gave up")
    listen(SimpleNamespace(text=b"[WARN] waiting\n"))
    with pytest.raises(RuntimeError, match="it gave up"):
        listen(SimpleNamespace(text=b"[ERROR] cannot go on \xff\n"))


def test_processes_are_known_by_the_name_before_their_number():
    def action(name):
        return SimpleNamespace(process_details={"name": name})

    assert bringup.named("make_world")(action("make_world-3"))
    assert not bringup.named("make_world")(action("make_world_again-3"))
    assert not bringup.named("make_world")(SimpleNamespace(process_details=None))


@pytest.mark.parametrize("commander", bringup.COMMANDERS)
def test_every_commander_leaves_each_controller_active_or_standing_by(commander):
    names = [*bringup.active(commander), *bringup.standing_by(commander)]
    parameters = yaml.safe_load((ROOT / "config/controllers/controllers.yaml").read_text())
    types = parameters["/**/controller_manager"]["ros__parameters"]
    assert sorted(names) == sorted(name for name in types if name != "update_rate")


def test_defaults_are_among_the_choices():
    names = (
        "robot", "hardware", "commander", "scene", "brains", "motion_planner", "headless", "rviz",
    )  # fmt: skip
    for name, keywords in bringup.arguments(str(ROOT), *names):
        assert keywords["default_value"] in keywords["choices"], name


@pytest.mark.parametrize("robot", known_robots(ROOT))
def test_the_controllers_of_a_robot_are_as_its_profile_makes_them(robot):
    text = (ROOT / f"config/controllers/{robot}.yaml").read_text(encoding="utf-8")
    assert text == as_yaml(load_profile(robot, ROOT))


def test_the_page_about_launching_names_every_argument():
    page = (ROOT / "docs/ros2_machine.md").read_text(encoding="utf-8")
    asked = re.compile(r"bringup\.arguments\(\s*SHARE,([^)]*)\)")
    for path in ROOT.glob("launch/*.launch.py"):
        for names in asked.findall(path.read_text(encoding="utf-8")):
            for name in re.findall(r'"(\w+)"', names):
                assert f"`{name}`" in page, f"{path.name}: {name}"
