# SPDX-License-Identifier: Apache-2.0
"""Priorities and cores: who gets them, who inherits them, who gives them back."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from big_brain_node.prompt import PRIORITY, Prompt
from neuraxis_common.errors import Rejected
from neuraxis_common.realtime import (
    BODY_CORES,
    CORES,
    EYES_CORES,
    enter_realtime,
    keep_to,
    leave_realtime,
)


def scheduling():
    policy = os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK
    return policy, os.sched_getparam(0).sched_priority


ORDINARY = (os.SCHED_OTHER, 0)


@pytest.fixture
def thread():
    """Runs functions on a thread of its own, whose priority and cores die with it."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(leave_realtime).result()
        yield lambda function, *args: pool.submit(function, *args).result()


@pytest.fixture
def allowed(thread):
    if "no real-time" in thread(enter_realtime, 1):
        pytest.skip("real-time priorities are not allowed here")
    thread(leave_realtime)


def test_body_and_eyes_share_a_core_only_where_there_is_no_other():
    assert {*BODY_CORES, *EYES_CORES} == {*CORES}
    assert len(CORES) == 1 or not {*BODY_CORES} & {*EYES_CORES}


def test_a_refused_priority_is_told_and_changes_nothing(thread, monkeypatch):
    def refuse(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    assert "not permitted" in thread(enter_realtime, 20)
    assert thread(scheduling) == ORDINARY


def test_an_ordinary_thread_is_not_kept_to_cores(thread):
    thread(keep_to, CORES[:1])
    assert thread(os.sched_getaffinity, 0) == {*CORES}


def test_a_realtime_thread_is_kept_to_its_cores(thread, allowed):
    thread(enter_realtime, 1)
    thread(keep_to, CORES[:1])
    assert thread(os.sched_getaffinity, 0) == {CORES[0]}
    thread(keep_to, CORES)
    assert thread(os.sched_getaffinity, 0) == {*CORES}


def test_what_a_callback_starts_need_not_inherit_its_priority(thread, allowed):
    ask = "import os; print(os.sched_getscheduler(0))"

    def child():
        return int(subprocess.check_output([sys.executable, "-c", ask]))

    thread(enter_realtime, 1, True)
    assert thread(child) == os.SCHED_RR
    thread(enter_realtime, 1, False)
    assert thread(scheduling) == (os.SCHED_RR, 1)
    assert thread(child) == os.SCHED_OTHER


def test_a_brain_is_asked_with_priority_which_is_given_back(thread, allowed):
    class Brain:
        def ask(self, rgb, instruction, seen=(), job=()):
            self.seen = scheduling()
            return Rejected("brain_timeout", instruction)

    brain = Brain()
    answer = thread(Prompt(brain).ask, np.zeros((4, 4, 3), np.uint8), "wave")
    assert answer.reason == "wave"
    assert brain.seen == (os.SCHED_RR, PRIORITY)
    assert thread(scheduling) == ORDINARY


def test_a_brain_that_fails_leaves_no_priority_behind(thread, allowed):
    class Brain:
        def ask(self, rgb, instruction, seen=(), job=()):
            raise RuntimeError

    with pytest.raises(RuntimeError):
        thread(Prompt(Brain()).ask, None, "")
    assert thread(scheduling) == ORDINARY
