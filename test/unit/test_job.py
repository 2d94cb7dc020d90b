# SPDX-License-Identifier: Apache-2.0
"""A job outlives its node: written at each change, taken up again where it stood, or refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from fakes import FakeWorld, ScriptedBrain, default_scene, put_plan, scene_object
from hypothesis import given, settings
from hypothesis import strategies as st
from test_walk_steps import CONFIG, SITE

from big_brain_node.config import BigBrainConfig
from big_brain_node.executive import Executive
from big_brain_node.job.again import steps_again
from big_brain_node.job.config import JobParams
from big_brain_node.job.journal import FileJournal, Job, JobStep, Thing
from big_brain_node.job.words import means_go_on
from big_brain_node.ports import InlineWorker
from big_brain_node.skills import Tools
from big_brain_node.walk.grounding import WalkTools
from neuraxis_common.errors import ConfigError, Rejected
from neuraxis_common.plan import Plan, WalkToStep
from neuraxis_common.types import SceneSnapshot

DT_S = 0.05
SAY = "put the cube and the cylinder in the tray"
CUBE, CYLINDER, TRAY = default_scene()
BOTH = put_plan((CUBE, TRAY), (CYLINDER, TRAY))


class Node:
    """A big brain that can be killed: what it knew is gone, its journal stays."""

    def __init__(self, path, world=None, brain=None):
        self.world = world or FakeWorld([CUBE, CYLINDER, TRAY])
        self.journal = FileJournal(path, lambda: 1000.0)
        self.brain = brain or ScriptedBrain(BOTH)
        tools = Tools(
            self.world, self.world, self.world, InlineWorker(), BigBrainConfig(),
            lambda: self.world.now_s, walk=WalkTools(None, SITE, CONFIG),
        )  # fmt: skip
        self.it = Executive(tools, self.brain, None, self.journal)

    def until(self, condition):
        for _ in range(20000):
            if condition():
                return self
            self.world.advance(DT_S)
            self.it.tick(self.world.now_s)
        raise AssertionError(f"never; log {self.world.log}")

    def end(self):
        self.until(lambda: self.it.result is not None)
        return self.it.result

    def killed_and_back(self, path):
        """The process dies; nobody halts the body."""
        return Node(path, self.world, ScriptedBrain(Rejected("brain_unavailable", "not asked")))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "big_brain.job.json"


def states(job):
    return [step.state for step in job.steps]


def test_the_journal_follows_the_job(path):
    node = Node(path)
    assert node.journal.read() is None
    node.it.start(node.world.now_s, SAY)
    assert node.journal.read().state == "planning" and node.journal.read().interrupted
    assert node.journal.read().describe().endswith("not planned yet")
    node.until(lambda: node.it.progress().skill == "lift")
    job = node.journal.read()
    assert job.state == "running" and states(job) == ["under_way", "pending"]
    assert job.instruction == SAY and job.plan == BOTH and job.wrote_s == 1000.0
    assert job.interrupted and "0 of 2 steps verified" in job.describe()
    node.until(lambda: node.it.progress().fraction > 0.4)
    node.until(lambda: states(node.journal.read()) == ["verified", "under_way"])
    node.it.pause()
    assert node.journal.read().state == "paused"
    node.it.resume(node.world.now_s)
    assert node.journal.read().state == "running"
    assert node.end().success
    ended = node.journal.read()
    assert (ended.state, ended.code) == ("ended", "done") and not ended.interrupted


def test_what_is_verified_is_not_done_again_after_a_restart(path):
    first = Node(path)
    first.it.start(0.0, SAY)
    first.until(lambda: first.it.progress().step.startswith("put green"))
    first.until(lambda: first.it.progress().skill == "look")
    second = first.killed_and_back(path)
    log = len(second.world.log)
    job = second.journal.read()
    assert states(job) == ["verified", "under_way"]
    # Nothing moves until somebody says so.
    for _ in range(100):
        second.world.advance(DT_S)
        second.it.tick(second.world.now_s)
    assert second.world.log[log:] == []
    second.it.start(second.world.now_s, job.instruction, job)
    result = second.end()
    assert result.success and [step.label for step in result.steps] == [
        "put green cylinder in blue tray"
    ]
    assert not second.brain.asked and second.world.log[log:].count("grasp") == 1


def killed_over_the_cylinder(path):
    """The arm stops over the second part and hides it; a new process begins."""
    first = Node(path)
    first.it.start(0.0, SAY)
    first.until(lambda: first.it.progress().step.startswith("put green"))
    first.until(lambda: first.it.progress().skill == "grasp")
    second = first.killed_and_back(path)
    second.world.astray = ("left",)
    second.world.hidden.add(CYLINDER.track_id)
    return second, len(second.world.log)


def test_arms_left_over_the_bench_go_home_before_a_job_is_taken_up(path):
    second, log = killed_over_the_cylinder(path)

    def home():
        if not second.world.astray:
            second.world.hidden.clear()
        return second.it.result is not None

    second.it.start(second.world.now_s, SAY, second.journal.read())
    assert second.it.progress().skill == "go home"
    second.until(home)
    assert second.it.result.success, second.it.result
    assert second.world.log[log : log + 3] == ["retreat", "home", "reach"]


def test_a_pause_holds_an_arm_on_its_way_home(path):
    second, log = killed_over_the_cylinder(path)
    second.it.pause()
    second.it.start(second.world.now_s, SAY, second.journal.read())
    for _ in range(100):
        second.world.advance(DT_S)
        second.it.tick(second.world.now_s)
    assert second.world.log[log:] == [] and second.it.at_rest
    second.it.resume(second.world.now_s)
    second.until(lambda: not second.world.astray)


def test_an_arm_that_finds_no_way_home_stays_and_the_refusal_is_what_is_not_seen(path):
    second, log = killed_over_the_cylinder(path)
    second.world.refuse["retreat"] = tries = BigBrainConfig().max_attempts
    second.it.start(second.world.now_s, SAY, second.journal.read())
    result = second.end()
    assert result.code == "not_grounded" and second.world.log[log:] == ["retreat"] * tries
    assert [report.failure.code for report in second.it.setbacks] == ["no_path"]


def test_a_job_without_a_plan_is_planned_when_it_is_taken_up(path):
    first = Node(path)
    first.it.start(0.0, SAY)
    second = Node(path, first.world)
    second.it.start(second.world.now_s, SAY, second.journal.read())
    assert second.end().success and second.brain.asked == [SAY]


def test_an_orderly_end_of_the_node_keeps_the_job_and_a_cancel_does_not(path):
    for end, interrupted in (("interrupt", True), ("cancel", False), ("supersede", False)):
        node = Node(path)
        node.it.start(0.0, SAY)
        node.until(lambda it=node.it: it.progress().skill == "reach")
        getattr(node.it, end)()
        assert node.world.log[-1] == "halt" and not node.it.result.success
        assert node.journal.read().interrupted == interrupted


def test_a_part_in_the_hand_at_the_restart_has_to_be_taken_out_first(path):
    first = Node(path)
    first.it.start(0.0, SAY)
    first.until(lambda: first.it.progress().skill == "lift")
    second = first.killed_and_back(path)
    moved = len(second.world.log)
    second.it.start(second.world.now_s, SAY, second.journal.read())
    result = second.end()
    assert result.code == "hand_full" and second.world.log[moved:] == []
    assert not second.journal.read().interrupted


def job_of(*steps, **more):
    return Job(instruction=SAY, state="running", steps=steps, **more)


def thing(item, x_m=0.0):
    x, y, z = (float(value) for value in item.center_B_m)
    return Thing(shape=item.shape, color=item.color, at_O_m=(x + x_m, y, z))


def put_step(x_m=0.0, **more):
    return JobStep(skill="put", part=thing(CUBE, x_m), container=thing(TRAY), **more)


def again(job, *objects, T_OB=None):
    T_OB = np.eye(4) if T_OB is None else T_OB
    walk = WalkTools(None, SITE, CONFIG)
    return steps_again(job, SceneSnapshot(0.0, objects), T_OB, 1.0, walk)


def test_things_are_found_by_label_and_place_whatever_their_new_tracks_are():
    twin = scene_object("obj_9", "part", "cube", "red", 0.2, -0.2, (0, 0, 1, 1))
    new = replace(CUBE, track_id="obj_77")
    done = put_step(state="verified")
    walk = JobStep(skill="walk_to", place="shelf")
    steps = again(job_of(done, put_step(), walk), twin, new, TRAY)
    assert [step.index for step in steps] == [1, 2]
    assert steps[0].part.track_id == "obj_77" and steps[1].name == "shelf"


@pytest.mark.parametrize(
    ("job", "objects", "code"),
    [
        (job_of(put_step(0.07)), (CUBE, TRAY), None),
        (job_of(put_step(0.09)), (CUBE, TRAY), "not_grounded"),
        (job_of(put_step()), (TRAY,), "not_grounded"),
        (job_of(put_step()), (CUBE,), "not_grounded"),
        (job_of(put_step()), (replace(CUBE, stamp_s=-2.0), TRAY), "not_grounded"),
        (job_of(put_step()), (replace(CUBE, color="green"), TRAY), "not_grounded"),
        (job_of(put_step(), base_O=(0.2, 0.0, 0.0)), (CUBE, TRAY), "moved_since"),
        (job_of(put_step(), base_O=(0.0, 0.0, 0.3)), (CUBE, TRAY), "moved_since"),
        (job_of(put_step(), base_O=(0.1, 0.0, 0.1)), (CUBE, TRAY), None),
        (job_of(JobStep(skill="walk_to", place="moon")), (), "unknown_place"),
        (job_of(JobStep(skill="turn_to", place="shelf"), base_O=(5.0, 0.0, 0.0)), (), None),
    ],
)
def test_what_is_not_where_it_was_is_not_taken(job, objects, code):
    steps = again(job, *objects)
    assert (steps.code if isinstance(steps, Rejected) else None) == code


def test_a_part_let_go_just_before_the_end_is_found_in_its_container():
    inside = replace(CUBE, center_B_m=TRAY.center_B_m)
    assert again(job_of(put_step()), inside, TRAY).code == "not_grounded"
    steps = again(job_of(put_step(state="under_way")), inside, TRAY)
    assert steps[0].part is inside


def test_places_in_odom_hold_when_the_base_has_swayed():
    T_OB = np.eye(4)
    T_OB[0, 3] = 0.1
    shift = np.array([0.1, 0.0, 0.0])
    seen = [replace(item, center_B_m=item.center_B_m - shift) for item in (CUBE, TRAY)]
    assert not isinstance(again(job_of(put_step()), *seen, T_OB=T_OB), Rejected)


def test_a_job_taken_up_in_another_world_moves_nothing(path):
    first = Node(path)
    first.it.start(0.0, SAY)
    first.until(lambda: first.it.progress().skill == "reach")
    world = FakeWorld([CYLINDER, TRAY])
    second = Node(path, world)
    second.it.start(0.0, SAY, second.journal.read())
    result = second.end()
    assert result.code == "not_grounded" and world.log == []
    assert result.refusal()["object"] == "red cube"


def test_a_forbidden_skill_is_forbidden_for_old_jobs_too(path):
    node = Node(path, brain=ScriptedBrain(Plan(steps=(WalkToStep(place="shelf"),))))
    job = job_of(JobStep(skill="walk_to", place="moon"))
    node.it.start(0.0, SAY, job)
    assert node.end().code == "unknown_place"


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_a_damaged_file_is_no_job(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("jobs") / "a.job.json"
    journal = FileJournal(path, lambda: 0.0)
    path.write_bytes(data)
    assert journal.read().code == "bad_journal"


def test_every_cut_of_a_good_file_is_refused_and_a_huge_one_is_not_read(path):
    journal = FileJournal(path, lambda: 0.0)
    journal.write(job_of(put_step()))
    good = path.read_bytes()
    for length in range(len(good)):
        path.write_bytes(good[:length])
        assert isinstance(journal.read(), Rejected)
    path.write_bytes(good + b" " * 2_000_000)
    assert "larger" in journal.read().reason


def test_a_full_disk_is_noted_and_the_job_goes_on(path):
    node = Node(path)
    node.it.start(0.0, SAY)
    path.with_suffix(".new").unlink(missing_ok=True)
    path.with_suffix(".new").mkdir()
    result = node.end()
    assert result.success and "cannot be noted" in node.journal.problem
    path.with_suffix(".new").rmdir()
    node.it.start(node.world.now_s, SAY)
    assert node.journal.problem == ""


def test_a_folder_that_cannot_be_is_a_mistake_of_the_configuration(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="state_dir"):
        FileJournal(tmp_path / "file" / "a.json", lambda: 0.0)
    with pytest.raises(ConfigError, match="when_busy"):
        JobParams(when_busy="shrug")
    with pytest.raises(ConfigError, match="resume_age_s"):
        JobParams(resume_age_s=-1.0)


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("continue", True),
        ("Please go on.", True),
        ("resume the job", True),
        ("继续", True),
        ("请继续工作吧。", True),
        ("接着做", True),
        ("continue with the red cube", False),
        ("do not continue", False),
        ("put the red cube in the tray and continue", False),
        ("不要继续", False),
        ("", False),
    ],
)
def test_only_a_sentence_that_says_nothing_else_goes_on(sentence, expected):
    assert means_go_on(sentence) == expected
