# SPDX-License-Identifier: Apache-2.0
"""The big brain's body port: what fingers report belongs to the order it is asked about."""

import pytest

pytest.importorskip("rclpy")

from pathlib import Path
from types import SimpleNamespace

from rclpy.task import Future

from big_brain_node.body import node as body_node
from big_brain_node.ports import GripResult
from neuraxis.action import Grip
from neuraxis.msg import GripState
from neuraxis_common.robot import load_profile


class FakeClient:
    """An action server whose answers the test gives."""

    def __init__(self, _node, _kind, _name):
        self.result = Future()

    def server_is_ready(self):
        return True

    def send_goal_async(self, _goal):
        accepted, self.result = Future(), Future()
        handle = SimpleNamespace(accepted=True, get_result_async=lambda: self.result)
        accepted.set_result(handle)
        return accepted


@pytest.fixture
def body(monkeypatch):
    monkeypatch.setattr(body_node, "ActionClient", FakeClient)
    node = SimpleNamespace(create_subscription=lambda *_: None)
    return body_node.RosBody(node, load_profile("lingxi_x2", Path(__file__).parents[2]))


def finish(body, width, holding):
    result = Grip.Result(success=True, code="succeeded", width=width, holding=holding)
    body._grips["left"]._client.result.set_result(SimpleNamespace(result=result))


def test_fingers_of_the_order_before_are_not_taken_for_those_of_this_one(body):
    body.grip("left", 0.06, 40.0)
    finish(body, 0.06, False)
    body.grip("left", 0.0, 40.0)
    body._on_grip_state(GripState(side="left", width=0.06, holding=False))
    assert body.gripping("left") == body_node.RUNNING
    finish(body, 0.04, True)
    assert body.gripping("left") == GripResult(0.04, True)


def test_fingers_that_lose_the_part_later_are_heard(body):
    body.grip("left", 0.0, 40.0)
    finish(body, 0.04, True)
    body._on_grip_state(GripState(side="left", width=0.0, holding=False))
    assert body.gripping("left") == GripResult(0.0, False)
