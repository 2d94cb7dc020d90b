# SPDX-License-Identifier: Apache-2.0
"""Several brains on real sockets, killed, stalled and brought back while one is asked.

Times are bounds of the tests' own patience; how fast a switch is `bench/bench_ladder.py` measures.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager

import numpy as np
import pytest
from brain_rig import fake_brains, until

from big_brain_node.config import LadderConfig
from big_brain_node.ladder.brains import Brains
from big_brain_node.ladder.endpoints import Endpoint
from big_brain_node.ladder.rungs import CACHED, HOLD
from neuraxis_common.errors import ConfigError, Rejected
from neuraxis_common.plan import ContainerRef, PartRef, Plan, PutStep, Refusal

RGB = np.zeros((48, 64, 3), dtype=np.uint8)
# Slow looks are forgiven for long: the machine may be busy. Dead links are seen all the same.
PATIENT = LadderConfig(
    probe_period_s=0.05, idle_period_s=0.05, probe_timeout_s=2.0, return_after_s=0.1,
    return_probes=2, first_answer_s=10.0,
)  # fmt: skip


def plan(color):
    tray = ContainerRef(shape="tray", color="blue", box=(20, 2, 60, 40))
    cube = PartRef(shape="cube", color=color, box=(1, 2, 10, 12))
    return Plan(steps=(PutStep(object=cube, target=tray),))


CLOUD, EDGE, ROBOT = plan("red"), plan("green"), plan("white")


@contextmanager
def ladder(*plans, config=PATIENT, timeout_s=60.0):
    with fake_brains(*plans) as servers:
        names = ("cloud", "edge", "robot")
        places = [Endpoint(*row) for row in zip(names, (s.url for s in servers), strict=False)]
        brains = Brains(places, timeout_s, config)
        try:
            yield brains, servers
        finally:
            brains.close()


def ask(brains):
    return brains.ask(RGB, "put the cube in the tray")


def active(brains):
    return brains.news(0)[0].active


def switches(brains):
    return [(s.left, s.taken) for s in brains.news(0)[1]]


def test_the_best_brain_answers_while_it_is_there():
    with ladder(CLOUD, EDGE) as (brains, servers):
        assert ask(brains) == CLOUD and not servers[1].asked_s
        assert brains.news(0)[0].states == {"cloud": "there", "edge": "there"}


def test_all_brains_that_are_asked_the_same_get_the_same_key():
    with ladder(CLOUD, EDGE) as (brains, (cloud, edge)):
        cloud.mood = 500
        assert ask(brains) == EDGE and ask(brains) == EDGE
        assert cloud.keys[0] == edge.keys[0] != edge.keys[1]


def test_down_the_rungs_as_they_die_and_up_again_as_they_return():
    with ladder(CLOUD, EDGE, ROBOT) as (brains, (cloud, edge, robot)):
        assert ask(brains) == CLOUD
        cloud.kill()
        assert ask(brains) == EDGE
        edge.kill()
        assert ask(brains) == ROBOT
        robot.kill()
        answer = ask(brains)
        assert isinstance(answer, Rejected) and answer.code == "brain_unavailable"
        assert set(answer.details["brains"]) == {"cloud", "edge", "robot"}
        until(lambda: active(brains) == CACHED)
        brains.hold("no plan of this instruction is remembered")
        assert active(brains) == HOLD
        edge.start()
        until(lambda: active(brains) == "edge")
        assert ask(brains) == EDGE
        cloud.start()
        until(lambda: active(brains) == "cloud")
        assert ask(brains) == CLOUD
        assert switches(brains)[-3:] == [(CACHED, HOLD), (HOLD, "edge"), ("edge", "cloud")]
        told, fresh = brains.news(len(switches(brains)) - 1)
        assert [s.taken for s in fresh] == ["cloud"] and told.count == len(switches(brains))


@pytest.mark.parametrize("how", ["kill", "stall"])
def test_a_link_that_is_cut_under_a_question_is_left_for_the_next_rung(how):
    config = LadderConfig(
        probe_period_s=0.05, idle_period_s=0.05, probe_timeout_s=0.5, probe_misses=3,
        first_answer_s=20.0,
    )  # fmt: skip
    with ladder(CLOUD, EDGE, config=config) as (brains, (cloud, edge)):
        cloud.mood, answers = "stuck", []
        asking = threading.Thread(target=lambda: answers.append(ask(brains)), daemon=True)
        asking.start()
        until(lambda: cloud.asked_s)
        assert not edge.asked_s
        if how == "kill":
            cloud.kill()
        else:
            cloud.mood = "stalled"
        asking.join(30.0)
        assert answers == [EDGE]
        until(lambda: ("cloud", "edge") in switches(brains))


def test_one_missed_look_has_the_next_brain_asked_as_well_and_leaves_none():
    config = LadderConfig(
        probe_period_s=0.05, idle_period_s=0.05, probe_timeout_s=0.5, probe_misses=10,
        first_answer_s=20.0,
    )  # fmt: skip
    with ladder(CLOUD, EDGE, config=config) as (brains, (cloud, edge)):
        cloud.mood, answers = "stuck", []
        asking = threading.Thread(target=lambda: answers.append(ask(brains)), daemon=True)
        asking.start()
        until(lambda: cloud.asked_s)
        cloud.mood = "stalled"
        until(lambda: edge.asked_s)
        asking.join(30.0)
        assert answers == [EDGE]


def test_a_brain_that_thinks_for_too_long_is_overtaken_and_may_still_win():
    config = LadderConfig(first_answer_s=0.05, probe_timeout_s=5.0)
    with ladder(CLOUD, EDGE, config=config) as (brains, (cloud, edge)):
        cloud.mood = "stuck"
        assert ask(brains) == EDGE and len(cloud.asked_s) == 1
        edge.mood = "stuck"
        answers = []
        asking = threading.Thread(target=lambda: answers.append(ask(brains)), daemon=True)
        asking.start()
        until(lambda: len(edge.asked_s) == 2)
        cloud.mood = "well"
        asking.join(30.0)
        assert answers == [CLOUD]


@pytest.mark.parametrize("mood", ["garbage", 500, 503, 429, 401])
def test_a_brain_that_answers_badly_is_passed_over_and_left_unless_only_busy(mood):
    with ladder(CLOUD, EDGE) as (brains, (cloud, edge)):
        cloud.mood = mood
        assert ask(brains) == EDGE
        assert ask(brains) == EDGE
        assert (("cloud", "edge") in switches(brains)) == (mood != 429)
        assert len(edge.asked_s) == 2


def test_a_refusal_is_an_answer_and_nobody_else_is_asked():
    refusal = Plan(refusal=Refusal(code="unsafe", reason="somebody is near"))
    with ladder(refusal, EDGE) as (brains, (_, edge)):
        assert ask(brains) == refusal and not edge.asked_s


def test_when_all_stall_the_time_of_the_question_ends_it():
    config = LadderConfig(first_answer_s=0.05, probe_timeout_s=5.0)
    with ladder(CLOUD, EDGE, config=config, timeout_s=0.6) as (brains, servers):
        for server in servers:
            server.mood = "stuck"
        assert ask(brains).code == "brain_unavailable"


def test_impossible_sentences_are_asked_of_nobody():
    with ladder(CLOUD, EDGE) as (brains, (cloud, edge)):
        assert brains.ask(RGB, " ").code == "instruction_empty"
        assert not cloud.asked_s and not edge.asked_s


def test_impossible_addresses_are_config_errors():
    with pytest.raises(ConfigError, match="URL"):
        Brains([Endpoint("a", "ftp://x"), Endpoint("b", "http://y")], 1.0, PATIENT)
