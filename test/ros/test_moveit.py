# SPDX-License-Identifier: Apache-2.0
"""MoveIt for real, in its own process: the same rules as the embedded planner, the same skills."""

import os
import signal
import time
from functools import partial

import motion_helpers as mh
import pytest
from pick_place_rules import check_sequence
from planner_rules import ROBOTS, PlannerRules, goal_over, request

from big_brain_node.motion.pick_place import PickPlacePlanner
from big_brain_node.moveit.process import missing
from big_brain_node.moveit.start import with_moveit
from neuraxis_common.errors import Rejected

pytestmark = pytest.mark.skipif(missing() is not None, reason=f"needs MoveIt: {missing()}")
READY_S = 30.0
# A stopped process never answers; a plan on a busy machine takes less than this.
NO_HANG_S = 15.0


class Robots:
    """One planner with its process per robot, made when it is first asked for."""

    def __init__(self) -> None:
        self.made = {}

    def __call__(self, robot, fresh=False):
        if fresh or robot not in self.made:
            make = partial(with_moveit, mh.profile(robot), mh.urdf(robot), mh.ROOT, time.monotonic)
            planner, process = make(print, f"/{robot}")
            assert process.wait_ready(READY_S), process.record.last
            self.made[robot] = planner, process
        return self.made[robot]

    def close(self):
        for _, process in self.made.values():
            process.close()


@pytest.fixture(scope="module")
def robots():
    made = Robots()
    yield made
    made.close()


class TestMoveIt(PlannerRules):
    # OMPL's random numbers are its own: the ends are the same, the way between them varies.
    same_within = 0.5

    @pytest.fixture
    def planner(self, robots, robot):
        planner, process = robots(robot)
        planner.sources.clear()
        yield planner
        assert set(planner.sources) <= {"moveit"}, planner.sources
        assert process.state == "ready"


@pytest.mark.parametrize("robot", ROBOTS)
@pytest.mark.parametrize(("part", "box"), [("block", "tray"), ("can", "bin")])
def test_the_skills_plan_a_whole_pick_and_place(robots, robot, part, box):
    planner, _ = robots(robot)
    planner.sources.clear()
    skills = PickPlacePlanner(mh.profile(robot), mh.urdf(robot), time.monotonic, planner=planner)
    check_sequence(robot, part, box, skills)
    print(f"{robot} {part}: paths from {dict(planner.sources)}")
    assert planner.sources["moveit"] >= 2


def test_a_part_goes_into_its_container_in_the_simulated_world(robots):
    pytest.importorskip("neuraxis_spinal", reason="the spinal cord's Python module is not built")
    from episode_rig import in_its_container, looked_at, run

    planner, _ = robots("lingxi_x2")
    planner.sources.clear()
    profile, urdf_xml = mh.profile(), mh.urdf()
    skills = PickPlacePlanner(profile, urdf_xml, time.monotonic, timeout_s=20.0, planner=planner)
    with looked_at(profile, skills) as (world, scene, part, container, executive):
        result = run(world, executive)
        print(f"{result.code}: {result.message}; paths from {dict(planner.sources)}")
        assert result.success, result
        assert in_its_container(world, scene, part, container)
    assert planner.sources["moveit"] >= 3


def test_a_killed_moveit_is_replaced_and_nobody_waits(robots):
    planner, process = robots("lingxi_x2")
    planner.sources.clear()
    os.kill(process._child.pid, signal.SIGKILL)
    began_s = time.monotonic()
    planned = planner.plan(request("lingxi_x2"))
    assert not isinstance(planned, Rejected), planned
    assert time.monotonic() - began_s < NO_HANG_S
    assert set(planner.sources) == {"moveit_died"} or set(planner.sources) == {"moveit_starting"}
    assert process.wait_ready(READY_S)
    again = planner.plan(request("lingxi_x2", goal_over("lingxi_x2", 0.30, 0.18, 0.08)))
    assert not isinstance(again, Rejected)
    assert planner.last_source == "moveit"


def test_a_stopped_moveit_is_late_and_replaced(robots):
    planner, process = robots("lingxi_x2")
    assert process.wait_ready(READY_S)
    os.kill(process._child.pid, signal.SIGSTOP)
    began_s = time.monotonic()
    planned = planner.plan(request("lingxi_x2", timeout_s=2.0))
    took_s = time.monotonic() - began_s
    assert not isinstance(planned, Rejected), planned
    assert took_s < NO_HANG_S
    assert planner.last_source == "moveit_late"
    until_s = began_s + NO_HANG_S
    while process.state == "ready" and time.monotonic() < until_s:
        process.poll()
        time.sleep(0.1)
    assert process.wait_ready(READY_S)
    planner.plan(request("lingxi_x2"))
    assert planner.last_source == "moveit"
