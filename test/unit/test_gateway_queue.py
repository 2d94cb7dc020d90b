# SPDX-License-Identifier: Apache-2.0
"""The queue's rules, with the time as an argument: bounded, fair, ordered, never late."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuraxis_bridge import deadline
from neuraxis_bridge.fair_queue import Entry, FairQueue, ServiceTime, retry_headers
from neuraxis_bridge.idempotency import Retries
from neuraxis_common.errors import Rejected


def queue_of(most=64, most_per_robot=64, workers=1, service_s=0.1):
    return FairQueue(most, most_per_robot, workers, ServiceTime(service_s))


def entry(robot, item=None, priority="normal", deadline_s=1e6):
    return Entry(robot, priority, deadline_s, item)


def popped(queue, count, now_s=0.0):
    return [queue.pop(now_s) for _ in range(count)]


def test_a_robot_that_asks_much_waits_behind_itself():
    queue = queue_of()
    for k in range(20):
        assert queue.push(entry("greedy", k), 0.0, 1) is None
    queue.push(entry("modest"), 0.0, 1)
    assert "modest" in [e.robot for e in popped(queue, 2)]


def test_robots_that_all_ask_much_get_equal_shares():
    queue = queue_of()
    for robot in "abc":
        for k in range(10):
            queue.push(entry(robot, k), 0.0, 1)
    assert Counter(e.robot for e in popped(queue, 15)) == {"a": 5, "b": 5, "c": 5}


def test_high_priority_overtakes_and_low_is_not_starved():
    queue = queue_of()
    queue.push(entry("low", priority="low"), 0.0, 1)
    for k in range(30):
        queue.push(entry(f"n{k}"), 0.0, 1)
    queue.push(entry("urgent", priority="high"), 0.0, 1)
    assert queue.pop(0.0).robot == "urgent"
    served = []
    for _ in range(60):
        queue.push(entry("never stops"), 0.0, 1)
        served.append(queue.pop(0.0).robot)
    assert "low" in served


def test_what_follows_is_what_is_popped_next_and_stays():
    queue = queue_of()
    for k, priority in enumerate(("low", "normal", "high", "normal")):
        queue.push(entry(f"r{k}", priority=priority), 0.0, 1)
    gone = entry("gone", priority="high")
    queue.push(gone, 0.0, 1)
    queue.drop(gone)
    ahead = queue.following(3)
    assert len(queue) == 4 and queue.following(9)[:3] == ahead and not queue.following(0)
    assert popped(queue, 3) == ahead


def test_one_robot_is_served_in_its_own_order():
    queue = queue_of()
    for k in range(5):
        queue.push(entry("a", k), 0.0, 1)
    assert [e.item for e in popped(queue, 5)] == [0, 1, 2, 3, 4]


def test_what_is_past_its_deadline_is_never_handed_out():
    queue = queue_of()
    queue.push(entry("a", deadline_s=1.0), 0.0, 0)
    queue.push(entry("b", deadline_s=2.0), 0.0, 0)
    assert queue.pop(1.5).robot == "b"
    assert queue.pop(1.5) is None and len(queue) == 0


def test_work_that_cannot_be_in_time_is_refused_at_once_with_a_time_to_retry():
    queue = queue_of(workers=2, service_s=0.2)
    for k in range(10):
        queue.push(entry(f"r{k}"), 0.0, 2)
    refused = queue.push(entry("x", deadline_s=0.5), 0.0, 2)
    assert refused.code == "too_busy_for_deadline"
    expected_wait_s = (10 + 1) * 0.2 / 2
    assert queue.wait_s(2) == pytest.approx(expected_wait_s)
    assert 0.0 < refused.details["retry_after_s"] <= expected_wait_s
    assert queue.push(entry("x", deadline_s=2.0), 0.0, 2) is None


def test_bounds_hold_for_all_and_for_each():
    queue = queue_of(most=3, most_per_robot=2)
    assert [queue.push(entry("a"), 0.0, 1) for _ in range(2)] == [None, None]
    assert queue.push(entry("a"), 0.0, 1).code == "robot_queue_full"
    assert queue.push(entry("b"), 0.0, 1) is None and queue.saturated
    refused = queue.push(entry("c"), 0.0, 1)
    assert refused.code == "queue_full"
    headers = retry_headers(refused)
    assert int(headers["retry-after"]) >= 1 and int(headers["retry-after-ms"]) >= 1


def test_dropped_entries_make_room_once():
    queue = queue_of(most=1)
    waiting = entry("a")
    queue.push(waiting, 0.0, 1)
    queue.drop(waiting)
    queue.drop(waiting)
    assert len(queue) == 0 and queue.push(entry("b"), 0.0, 1) is None
    assert queue.pop(0.0).robot == "b"


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abcd"), st.sampled_from(["low", "normal", "high"]),
            st.floats(0.01, 5.0), st.sampled_from(["push", "pop", "drop"]),
        ),
        max_size=80,
    )
)  # fmt: skip
def test_count_is_right_and_nothing_is_lost_or_late_whatever_happens(steps):
    queue, waiting, now_s = queue_of(most=8, most_per_robot=4), [], 0.0
    for robot, priority, seconds, what in steps:
        now_s += 0.1
        if what == "push":
            new = entry(robot, priority=priority, deadline_s=now_s + seconds)
            if queue.push(new, now_s, 1) is None:
                waiting.append(new)
        elif what == "drop" and waiting:
            queue.drop(waiting.pop())
        elif what == "pop":
            out = queue.pop(now_s)
            assert out is None or (out in waiting and out.deadline_s > now_s)
        waiting = [e for e in waiting if not e.gone]
        assert len(queue) == len(waiting) <= 8


def test_service_time_follows_what_is_measured():
    service = ServiceTime(0.1)
    service.add(1.0)
    assert service.mean_s == pytest.approx(1.0)
    for _ in range(200):
        service.add(0.2)
    assert service.mean_s == pytest.approx(0.2, abs=1e-6)
    assert service.likely_s >= service.mean_s


@pytest.mark.parametrize("text", ["", "0", "-5", "1.5", "1e3", "abc", "²", "9" * 10, " 5"])
def test_deadlines_that_make_no_sense_are_refused(text):
    assert deadline.budget_s(text, 5.0, 60.0).code == "invalid_deadline"


def test_deadline_is_what_the_header_says_within_bounds():
    assert deadline.budget_s("250", 5.0, 60.0) == pytest.approx(0.25)
    assert deadline.budget_s(None, 5.0, 60.0) == 5.0
    assert deadline.budget_s("999999", 5.0, 60.0) == 60.0


def test_answer_leaves_early_enough_for_its_way_but_not_much():
    assert deadline.send_by_s(100.0, 2.0, 0.05) == pytest.approx(101.95)
    assert deadline.send_by_s(100.0, 0.1, 0.05) == pytest.approx(100.09)


def test_a_retry_finds_the_work_of_its_robot_and_body_for_a_while():
    retries, work = Retries(keep_s=10.0, most=2), object()
    assert retries.find("a", "k", b"body", 0.0) is None
    retries.keep("a", "k", b"body", work, 0.0)
    assert retries.find("a", "k", b"body", 9.0) is work
    assert retries.find("b", "k", b"body", 9.0) is None
    assert retries.find("a", "k", b"other", 9.0).code == "idempotency_key_reused"
    assert retries.find("a", "k", b"body", 10.0) is None
    for k in range(5):
        retries.keep("a", str(k), b"", work, 20.0)
    assert len(retries) == 2
    retries.forget("a", "4", object())
    assert len(retries) == 2
    retries.forget("a", "4", work)
    assert retries.find("a", "4", b"", 20.0) is None


@pytest.mark.parametrize("key", ["", "x" * 129, "a\tb", "ключ"])
def test_impossible_idempotency_keys_are_refused(key):
    assert isinstance(Retries().find("a", key, b"", 0.0), Rejected)
