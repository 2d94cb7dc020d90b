# SPDX-License-Identifier: Apache-2.0
"""`neuraxis up`: typed lines are given at once, piped ones one after the other."""

from __future__ import annotations

import json
import queue

import pytest

pytest.importorskip("rclpy", reason="needs the ROS wheels")

from neuraxis_cli.node import Outcome
from neuraxis_cli.up import _Desk


class Given:
    def __init__(self, instruction):
        self.instruction, self.ended = instruction, False

    def outcome(self):
        return Outcome(True, "done", self.instruction, None, {})


def played(at_once, *rows):
    lines = queue.Queue()
    for row in rows:
        lines.put(row)
    return _Desk(lines, at_once)


def test_what_is_piped_waits_for_what_is_under_way(capsys):
    desk = played(False, "first", "", "second", None)
    given = Given(desk.next_line())
    desk.add(given)
    assert not desk.has_news() and desk.next_line() == ""
    given.ended = True
    assert desk.has_news()
    desk.say_ended()
    assert json.loads(capsys.readouterr().out)["instruction"] == "first"
    assert [desk.next_line(), desk.next_line()] == ["", "second"]
    assert not desk.over and desk.next_line() is None and desk.over


def test_what_is_typed_is_given_at_once():
    desk = played(True, "put it there", "are you done?")
    desk.add(Given(desk.next_line()))
    assert desk.has_news() and desk.next_line() == "are you done?"
    assert not desk.has_news() and 0 < desk.left_s() < float("inf")
