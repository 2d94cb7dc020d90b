# SPDX-License-Identifier: Apache-2.0
"""What the ladder decides, with time as an argument: breakers, choice, switches, memory."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes import FakeWorld, ScriptedBrain, default_scene, put_plan, scene_object
from test_executive import run as run_executive

from big_brain_node.config import BigBrainConfig, LadderConfig
from big_brain_node.executive import Executive
from big_brain_node.ladder.announce import line, lines
from big_brain_node.ladder.breaker import Breaker
from big_brain_node.ladder.endpoints import Endpoint, endpoints
from big_brain_node.ladder.memory import PlanMemory
from big_brain_node.ladder.rungs import CACHED, HOLD, Ladder, Standing
from big_brain_node.ports import InlineWorker
from big_brain_node.skills import Tools
from neuraxis_common.errors import ConfigError, Rejected
from neuraxis_common.plan import Plan, Refusal
from neuraxis_common.types import SceneSnapshot

CONFIG = LadderConfig()
NAMES = ("cloud", "edge", "robot")
SAY = "Put the red cube in the blue tray."
NOBODY = Rejected("brain_unavailable", "no brain answers", {"brains": {"cloud": "gone"}})


def ladder():
    return Ladder(NAMES, CONFIG, 0.0)


def come_back(made, rung, since_s):
    """Good looks until the rung is used again; the time of the last."""
    for k in range(1000):
        made.breakers[rung].sign(since_s + 0.1 * k)
        made.settle(since_s + 0.1 * k)
        if made.usable(rung):
            return since_s + 0.1 * k
    pytest.fail("it never came back")


def lose(made, rung, now_s):
    made.breakers[rung].miss(now_s, "cannot be reached", refused=True)
    made.settle(now_s)


def test_a_refused_link_is_left_at_once_and_a_slow_one_after_the_misses_in_a_row():
    breaker = Breaker(CONFIG, 0.0)
    breaker.miss(1.0, "slow", refused=False)
    breaker.sign(1.1)
    assert not breaker.doubtful
    breaker.miss(1.2, "slow", refused=False)
    assert breaker.usable and breaker.doubtful
    breaker.miss(1.5, "slow", refused=False)
    assert not breaker.usable and breaker.why == "slow"
    other = Breaker(CONFIG, 0.0)
    other.miss(1.0, "refused", refused=True)
    assert not other.usable


def test_time_to_leave_a_silent_brain_is_within_a_second():
    assert CONFIG.probe_period_s + CONFIG.probe_misses * CONFIG.probe_timeout_s <= 1.0


def test_one_bad_answer_is_forgiven_two_in_a_row_are_not():
    breaker = Breaker(CONFIG, 0.0)
    breaker.failed(1.0, "garbage", lost=False)
    breaker.answered(2.0, 0.1)
    breaker.failed(3.0, "garbage", lost=False)
    assert breaker.usable
    breaker.failed(4.0, "garbage", lost=False)
    assert not breaker.usable


def test_coming_back_takes_good_looks_in_a_row_and_longer_when_it_flaps():
    made, waited = ladder(), []
    now_s = 0.0
    for _ in range(4):
        lose(made, 0, now_s)
        assert made.active == "edge"
        made.breakers[0].sign(now_s + 0.1)
        made.breakers[0].sign(now_s + 0.2)
        assert not made.usable(0)
        back_s = come_back(made, 0, now_s + 0.3)
        waited.append(back_s - now_s)
        now_s = back_s + 1.0
    assert waited == pytest.approx([2.0, 4.0, 8.0, 16.0], abs=0.15)
    lose(made, 0, now_s + 1000.0)
    assert come_back(made, 0, now_s + 1000.1) - now_s - 1000.0 == pytest.approx(2.0, abs=0.15)


def test_the_best_rung_that_is_there_is_taken_and_each_switch_is_written_down():
    made = ladder()
    made.breakers[0].sign(4.8)
    lose(made, 0, 5.0)
    lose(made, 1, 6.0)
    lose(made, 2, 7.0)
    assert made.active == CACHED
    made.hold(7.5, "no plan of this instruction is remembered")
    assert made.active == HOLD
    come_back(made, 1, 8.0)
    come_back(made, 0, 20.0)
    assert [(s.left, s.taken) for s in made.switches] == [
        ("cloud", "edge"), ("edge", "robot"), ("robot", CACHED), (CACHED, HOLD), (HOLD, "edge"),
        ("edge", "cloud"),
    ]  # fmt: skip
    first, last = made.switches[0], made.switches[-1]
    assert first.at_s == 5.0 and first.blind_s == pytest.approx(0.2)
    assert first.why == "cloud: cannot be reached" and last.why == "cloud is back"


def test_a_lower_rung_that_dies_changes_nothing():
    made = ladder()
    lose(made, 1, 1.0)
    assert made.active == "cloud" and not made.switches


def test_hold_is_not_announced_while_a_brain_is_there():
    made = ladder()
    made.hold(1.0, "the scene changed")
    assert made.active == "cloud"


def test_choice_goes_down_leaves_time_below_and_skips_what_cannot_be_in_time():
    made = ladder()
    first = made.choose(5.0, [])
    assert first.rung == 0 and first.patience_s <= 4.5
    assert made.choose(5.0, [0]).rung == 1
    last = made.choose(1.2, [0, 1])
    assert last.rung == 2 and last.patience_s == 1.2
    assert made.choose(5.0, [0, 1, 2]) is None and made.choose(0.0, []) is None
    for _ in range(50):
        made.breakers[0].answered(1.0, 3.0)
        made.breakers[2].answered(1.0, 0.2)
    assert made.choose(5.0, []).rung == 0
    assert made.choose(1.0, []).rung == 1
    lose(made, 1, 2.0)
    assert made.choose(1.0, []).rung == 2


def test_patience_follows_what_was_measured_but_never_takes_all_the_time():
    made = ladder()
    for _ in range(100):
        made.breakers[0].answered(1.0, 0.1)
    assert 0.3 <= made.choose(5.0, []).patience_s <= 0.6
    for _ in range(100):
        made.breakers[0].answered(1.0, 4.0)
    assert made.choose(5.0, []).patience_s <= 4.5


def test_every_switch_gets_a_line_with_its_time():
    made = ladder()
    fine = line(Standing(0, "cloud", None, dict.fromkeys(NAMES, "there")), 0.0)
    assert fine.ok and fine.message == "plans come from cloud"
    lose(made, 0, 5.0)
    come_back(made, 0, 6.0)
    standing = Standing(2, made.active, made.switches[-1], dict.fromkeys(NAMES, "there"))
    down, up = lines(standing, made.switches, 1000.0)
    assert not down.ok and down.values["switched at"] == "1005.000"
    assert down.values["without a sign of life for ms"] == "5000"
    assert up.ok and up.values["switched to"] == "cloud" and up.values["switches"] == "2"


def test_addresses_in_order_with_names_and_keys_of_their_own():
    environment = {"NEURAXIS_BRAIN_KEY_CLOUD": "nxk_a", "NEURAXIS_BRAIN_KEY_127_0_0_1_8740": "b"}
    found = endpoints("cloud=https://x/v1, http://127.0.0.1:8740", "", environment)
    assert found == (
        Endpoint("cloud", "https://x/v1", "nxk_a"),
        Endpoint("127.0.0.1:8740", "http://127.0.0.1:8740", "b"),
    )
    assert endpoints("http://x", "key", {}) == (Endpoint("x", "http://x", "key"),)


@pytest.mark.parametrize(
    ("urls", "key"),
    [("", ""), (" , ", ""), ("http://x,http://x", ""), ("a=http://x,a=http://y", ""),
     ("http://x,http://y", "one key for all"), (",".join(f"http://x{k}" for k in range(9)), "")],
)  # fmt: skip
def test_addresses_that_cannot_work_are_config_errors(urls, key):
    with pytest.raises(ConfigError, match="brain"):
        endpoints(urls, key, {})


def test_tuning_out_of_bounds_names_the_field():
    with pytest.raises(ConfigError, match="probe_timeout_s"):
        LadderConfig(probe_timeout_s=0.0)


def snapshot(*objects):
    return SceneSnapshot(0.0, tuple(objects))


def remembering(objects, plan):
    memory = PlanMemory(900.0, 0.4, 1.0)
    memory.keep(SAY, plan, snapshot(*objects), 0.0)
    return memory


def test_the_same_words_in_the_same_scene_get_the_plan_again():
    cube, cylinder, tray = default_scene()
    memory = remembering([cube, cylinder, tray], put_plan((cube, tray)))
    nudged = replace(cube, track_id="obj_9", box_px=(103, 101, 143, 141))
    scene = snapshot(tray, nudged, cylinder)
    assert memory.recall("put the RED cube  in the blue tray", scene, 10.0) == put_plan(
        (cube, tray)
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("other words", "no_cached_plan"),
        ("not", "no_cached_plan"),
        ("later", "cached_plan_old"),
        ("moved", "scene_changed"),
        ("gone", "scene_changed"),
        ("another gone", "scene_changed"),
        ("new", "scene_changed"),
        ("twin", "scene_changed"),
        ("other colour", "scene_changed"),
        ("stale", "scene_changed"),
        ("empty", "scene_changed"),
    ],
)
def test_anything_else_is_refused(change, code):
    cube, cylinder, tray = default_scene()
    memory = remembering([cube, cylinder, tray], put_plan((cube, tray)))
    words = {"other words": "put the red cube in the tray", "not": f"do not {SAY}"}.get(change, SAY)
    scene = {
        "moved": snapshot(replace(cube, box_px=(400, 300, 440, 340)), cylinder, tray),
        "gone": snapshot(cylinder, tray),
        "another gone": snapshot(cube, tray),
        "new": snapshot(
            cube, cylinder, tray,
            scene_object("n", "part", "block", "red", 0.3, 0.0, (400, 200, 450, 240)),
        ),
        "twin": snapshot(cube, replace(cube, track_id="obj_4"), cylinder, tray),
        "other colour": snapshot(replace(cube, color="orange"), cylinder, tray),
        "stale": snapshot(replace(cube, stamp_s=-5.0), cylinder, tray),
        "empty": snapshot(),
    }.get(change, snapshot(cube, cylinder, tray))  # fmt: skip
    answer = memory.recall(words, scene, 5000.0 if change == "later" else 10.0)
    assert isinstance(answer, Rejected) and answer.code == code


def test_a_refusal_is_never_remembered_and_old_sentences_make_room():
    cube, _, tray = default_scene()
    memory = PlanMemory(900.0, 0.4, 1.0)
    memory.keep(SAY, Plan(refusal=Refusal(code="unsafe", reason="no")), snapshot(cube, tray), 0.0)
    assert memory.recall(SAY, snapshot(cube, tray), 1.0).code == "no_cached_plan"
    for k in range(100):
        memory.keep(f"{SAY} {k}", put_plan((cube, tray)), snapshot(cube, tray), float(k))
    assert memory.recall(f"{SAY} 0", snapshot(cube, tray), 100.0).code == "no_cached_plan"
    assert memory.recall(f"{SAY} 99", snapshot(cube, tray), 100.0) == put_plan((cube, tray))


def again(world, brain, memory):
    """Run one instruction with a memory that outlives it."""
    tools = Tools(world, world, world, InlineWorker(), BigBrainConfig(), lambda: world.now_s)
    executive = Executive(tools, brain, memory)
    executive.start(world.now_s, SAY)
    for _ in range(20000):
        world.advance(0.05)
        if executive.tick(world.now_s) is not None:
            return executive.result
    pytest.fail("the executive never ended")


def test_a_plan_that_worked_is_done_again_without_a_brain_and_else_the_robot_holds():
    cube, cylinder, tray = default_scene()
    memory = PlanMemory(900.0, 0.4, 1.0)
    first = FakeWorld([cube, cylinder, tray])
    assert again(first, ScriptedBrain(put_plan((cube, tray))), memory).success
    # The next part lies where the first one lay.
    second = FakeWorld([cube, cylinder, tray])
    second.now_s = first.now_s
    result = again(second, ScriptedBrain(NOBODY), memory)
    assert result.success and result.plans == (put_plan((cube, tray)),)
    third = FakeWorld([cube, tray])
    third.now_s = second.now_s
    result = again(third, ScriptedBrain(NOBODY), memory)
    assert result.code == "safe_hold" and "green cylinder" in result.message
    assert third.log == ["halt"] and result.details["memory"] == "scene_changed"


def test_a_plan_that_failed_is_not_done_again():
    cube, cylinder, tray = default_scene()
    memory = remembering([cube, cylinder, tray], put_plan((cube, tray)))
    world = FakeWorld([cube, cylinder, tray])
    world.misses = 99
    assert again(world, ScriptedBrain(NOBODY), memory).code == "grasp_missed"
    world.misses = 0
    assert again(world, ScriptedBrain(NOBODY), memory).code == "safe_hold"


def test_without_a_fresh_view_nothing_is_remembered():
    cube, cylinder, tray = default_scene()
    memory = remembering([cube, cylinder, tray], put_plan((cube, tray)))
    world = FakeWorld([cube, cylinder, tray])

    def blinded():
        world.blind = True
        return NOBODY

    result = again(world, ScriptedBrain(blinded), memory)
    assert result.code == "safe_hold" and result.details["memory"] == "no_view"


def test_a_refusal_of_a_brain_is_not_overruled_by_memory():
    cube, cylinder, tray = default_scene()
    memory = remembering([cube, cylinder, tray], put_plan((cube, tray)))
    refusal = Plan(refusal=Refusal(code="unsafe", reason="somebody is near"))
    world = FakeWorld([cube, cylinder, tray])
    assert again(world, ScriptedBrain(refusal), memory).code == "unsafe" and world.log == []


def test_without_a_memory_the_brains_own_code_ends_the_instruction():
    world = FakeWorld(default_scene())
    result, _ = run_executive(world, ScriptedBrain(NOBODY))
    assert result.code == "brain_unavailable"
