# SPDX-License-Identifier: Apache-2.0
"""The executive ends every instruction in a defined result, and only evidence counts as success."""

from dataclasses import replace

import numpy as np
import pytest
from fakes import FakeWorld, ScriptedBrain, default_scene, put_plan

from big_brain_node.asking import IS_IT_DONE
from big_brain_node.config import BigBrainConfig
from big_brain_node.executive import Executive
from big_brain_node.ports import InlineWorker
from big_brain_node.skills import Tools
from neuraxis_common.errors import ConfigError, Rejected
from neuraxis_common.plan import Answer, Plan, Refusal

DT_S = 0.05
IN_WORDS = IS_IT_DONE["en"]


def run(world, brain, instruction="put the red cube in the blue tray", config=None, hook=None):
    config = config or BigBrainConfig()
    tools = Tools(world, world, world, InlineWorker(), config, lambda: world.now_s)
    executive = Executive(tools, brain)
    assert executive.start(world.now_s, instruction) is None
    for _ in range(20000):
        world.advance(DT_S)
        if hook is not None:
            hook(world, executive)
        if executive.tick(world.now_s) is not None:
            return executive.result, executive
    pytest.fail("the executive never ended")


def test_a_plan_is_done_in_order_and_verified():
    cube, cylinder, tray = default_scene()
    world = FakeWorld([cube, cylinder, tray])
    result, executive = run(world, ScriptedBrain(put_plan((cube, tray), (cylinder, tray))))
    assert result.success and result.code == "done"
    assert [step.label for step in result.steps] == [
        "put red cube in blue tray",
        "put green cylinder in blue tray",
    ]
    assert {name for name, _, _ in executive.hops} >= {"brain", "compile", "plan reach"}


def test_each_instruction_has_its_own_hops():
    cube, _, tray = scene = default_scene()
    world = FakeWorld(scene)
    _, executive = run(world, ScriptedBrain(put_plan((cube, tray))))
    assert executive.hops
    executive.start(world.now_s, "again")
    assert not executive.hops


def test_a_missed_grasp_is_tried_again_with_a_fresh_look():
    cube, _, tray = scene = default_scene()
    world = FakeWorld(scene)
    world.misses = 1
    result, executive = run(world, ScriptedBrain(put_plan((cube, tray))))
    assert result.success and result.steps[0].attempts == 2
    setbacks = [(item.attempts, item.failure.code) for item in executive.setbacks]
    assert setbacks == [(1, "grasp_missed")]


def test_attempts_are_bounded():
    cube, _, tray = scene = default_scene()
    world = FakeWorld(scene)
    world.misses = 99
    result, _ = run(world, ScriptedBrain(put_plan((cube, tray))))
    assert not result.success and result.code == "grasp_missed"
    assert result.steps[0].attempts == BigBrainConfig().max_attempts


def test_a_transfer_that_cannot_be_planned_puts_the_part_back():
    cube, _, tray = scene = default_scene()
    world = FakeWorld(scene)
    world.refuse = {"transfer": 1}
    result, _ = run(world, ScriptedBrain(put_plan((cube, tray))))
    assert result.success
    assert world.log.index("put_back") < world.log.index("retreat") < world.log.index("home")


def test_an_object_taken_away_makes_it_ask_again_and_end_with_the_brains_reason():
    cube, _, tray = scene = default_scene()
    world = FakeWorld(scene)
    gone = Plan(refusal=Refusal(code="not_found", reason="I see no red cube"))
    brain = ScriptedBrain(put_plan((cube, tray)), gone)

    def take_away(world, executive):
        if executive.progress().skill == "look":
            world.hidden.add("obj_1")

    result, _ = run(world, brain, hook=take_away)
    assert not result.success and result.code == "not_found" and len(brain.asked) == 2


def test_a_refusal_moves_nothing():
    world = FakeWorld(default_scene())
    refusal = Plan(refusal=Refusal(code="unsafe", reason="that could hurt somebody"))
    result, _ = run(world, ScriptedBrain(refusal), "throw the cube at him")
    assert not result.success and result.code == "unsafe" and world.log == []


def test_a_brain_that_does_not_answer_ends_the_instruction():
    world = FakeWorld(default_scene())
    result, _ = run(world, ScriptedBrain(Rejected("brain_timeout", "no answer within 5 s")))
    assert result.code == "brain_timeout" and world.log == []


def test_no_camera_ends_within_the_look_deadline():
    world = FakeWorld(default_scene())
    world.blind = True
    result, _ = run(world, ScriptedBrain(Rejected("unused", "")))
    assert result.code == "no_view"
    assert world.now_s <= BigBrainConfig().look_timeout_s + 2 * DT_S


def test_boxes_that_match_nothing_are_refused_before_anything_moves():
    cube, cylinder, tray = default_scene()
    world = FakeWorld([cylinder, tray])
    result, _ = run(world, ScriptedBrain(put_plan((cube, tray))))
    assert result.code == "not_grounded" and result.details["step"] == 0 and world.log == []


def test_nothing_moves_when_a_later_step_is_out_of_reach():
    cube, cylinder, tray = default_scene()
    world = FakeWorld([cube, cylinder, tray])
    world.out_of_reach["obj_2"] = Rejected("unreachable", "too far")
    plan = put_plan((cube, tray), (cylinder, tray))
    result, _ = run(world, ScriptedBrain(plan), "put both in the tray")
    assert result.refusal() == {
        "code": "unreachable",
        "step": 1,
        "object": "green cylinder",
        "reason": "too far",
        "suggestion": "put it nearer to the middle of the bench",
    }
    assert world.log == []


def test_refusals_and_failures_are_in_the_language_of_the_sentence():
    cube, _, tray = scene = default_scene()
    world = FakeWorld(scene)
    world.misses = 99
    result, _ = run(world, ScriptedBrain(put_plan((cube, tray))), "把红色立方体放进蓝色托盘")
    assert result.code == "grasp_missed" and result.message == "没有抓到红色立方体"
    assert result.refusal()["step"] == 0 and result.refusal()["suggestion"]


def test_a_stop_of_the_spinal_cord_ends_the_job_and_halts_the_arms():
    cube, _, tray = scene = default_scene()
    world = FakeWorld(scene)

    def stop(world, executive):
        if executive.progress().skill == "grasp":
            world.stop_level = "hold"

    result, _ = run(world, ScriptedBrain(put_plan((cube, tray))), hook=stop)
    assert result.code == "stopped" and world.log[-1] == "halt"


def test_a_second_instruction_is_refused_while_one_runs():
    cube, _, tray = scene = default_scene()
    answers = []

    def second(world, executive):
        answers.append(executive.start(world.now_s, "another"))

    run(FakeWorld(scene), ScriptedBrain(put_plan((cube, tray))), hook=second)
    assert {answer.code for answer in answers} == {"busy"}


def test_cancel_halts_and_reports():
    cube, _, tray = scene = default_scene()

    def cancel(world, executive):
        if executive.progress().skill == "transfer":
            executive.cancel()

    result, _ = run(FakeWorld(scene), ScriptedBrain(put_plan((cube, tray))), hook=cancel)
    assert result.code == "cancelled"


def test_a_part_that_already_lies_there_counts_as_done_without_motion():
    cube, _, tray = default_scene()
    moved = FakeWorld([cube, tray])
    moved.objects["obj_1"] = type(cube)(**{**cube.__dict__, "center_B_m": tray.center_B_m})
    result, _ = run(moved, ScriptedBrain(put_plan((cube, tray))))
    assert result.success and moved.log == []


@pytest.mark.parametrize(("tray_color", "success"), [("red", True), ("blue", False)])
def test_a_part_unseen_in_a_container_of_its_colour_counts_when_seen_nowhere_else(
    tray_color, success
):
    cube, _, tray = default_scene()
    tray = replace(tray, color=tray_color)
    world = FakeWorld([cube, tray])

    def hide(world, executive):
        if executive.progress().skill == "verify":
            world.hidden.add("obj_1")

    gone = Plan(refusal=Refusal(code="not_found", reason="I see no red cube"))
    result, _ = run(world, ScriptedBrain(put_plan((cube, tray)), gone), hook=hide)
    assert result.success is success


@pytest.mark.parametrize(("other_y_m", "success"), [(0.0, True), (0.4, False)])
def test_a_part_that_may_lie_under_others_in_the_container_counts(other_y_m, success):
    cube, other, tray = default_scene()
    other = replace(other, color="green", center_B_m=np.array([0.4, other_y_m, 0.1]))
    world = FakeWorld([cube, other, tray])

    def hide(world, executive):
        if executive.progress().skill == "verify":
            world.hidden.add("obj_1")

    gone = Plan(refusal=Refusal(code="not_found", reason="I see no red cube"))
    result, _ = run(world, ScriptedBrain(put_plan((cube, tray)), gone), hook=hide)
    assert result.success is success


def test_a_part_that_looks_like_another_in_the_container_counts_when_there_is_one_more():
    cube, _, tray = default_scene()
    world = FakeWorld([cube, tray])

    def mistake(world, executive):
        if executive.progress().skill == "verify":
            world.objects["obj_1"] = replace(world.objects["obj_1"], color="orange", shape="can")

    result, _ = run(world, ScriptedBrain(put_plan((cube, tray))), hook=mistake)
    assert result.success


def test_config_out_of_bounds_names_the_field_and_the_bound():
    with pytest.raises(ConfigError, match=r"max_attempts must be in \[1, 10\], got 0"):
        BigBrainConfig(max_attempts=0)


def judged(answer, cube, tray, **config):
    """A run of one put whose brain then says `answer` to "is it done?"."""
    world, answers = FakeWorld([cube, tray]), [put_plan((cube, tray)), answer]
    brain = ScriptedBrain(*answers)
    result, _ = run(world, brain, config=BigBrainConfig(**config))
    return result, brain.asked[1:]


def said(yes, text="1 of 1 done"):
    return Plan(answer=Answer(kind="done", text=text, yes=yes, count=int(yes), of=1))


def test_the_brain_judges_the_end_and_may_say_no():
    cube, _, tray = default_scene()
    result, asked = judged(said(True), cube, tray)
    assert (result.code, result.details, asked) == ("done", {"judged": "1 of 1 done"}, [IN_WORDS])
    result, asked = judged(said(False, "0 of 1 done"), cube, tray)
    assert (result.success, result.code, result.message) == (False, "not_done", "0 of 1 done")
    assert asked == [IN_WORDS] * BigBrainConfig().judge_looks
    result, asked = judged(said(False), cube, tray, judge_looks=0)
    assert result.code == "done" and not asked


@pytest.mark.parametrize(
    "answer",
    [
        Rejected("brain_unavailable", "gone"),
        Plan(refusal=Refusal(code="not_a_task", reason="what?")),
        Plan(answer=Answer(kind="done", text="I cannot tell")),
    ],
)
def test_where_the_brain_has_no_opinion_the_measured_one_stands(answer):
    cube, _, tray = default_scene()
    result, asked = judged(answer, cube, tray)
    assert result.code == "done" and "judged" not in result.details and len(asked) == 1


def test_an_answer_ends_an_instruction_without_a_motion():
    world = FakeWorld(default_scene())
    result, executive = run(world, ScriptedBrain(said(True, "two")), "how many cubes?")
    assert (result.success, result.code, result.message) == (True, "answered", "two")
    assert not world.log and executive.job == ()
