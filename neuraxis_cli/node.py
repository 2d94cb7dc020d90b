# SPDX-License-Identifier: Apache-2.0
"""The operator's side of the graph: waits until it is ready, gives instructions, keeps the ledger.

Action client of /big_brain/execute_instruction. In: /spinal_cord/state, /perception/objects,
/ledger.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import rclpy
from rclpy.action import ActionClient
from rclpy.executors import SingleThreadedExecutor
from rclpy.signals import SignalHandlerOptions

from neuraxis.action import ExecuteInstruction
from neuraxis.msg import LedgerHop, SceneObjects, SpinalState
from neuraxis_common.convert import from_hop, from_time
from neuraxis_common.ledger import Ledger
from neuraxis_common.realtime import realtime

# Hops come at some 250 Hz. As an ordinary process on a busy machine the operator had read half of
# them when all was over; what it does with them is little.
_PRIORITY, _LEDGER_DEPTH = 5, 5000


class DeadlineError(RuntimeError):
    """Something did not happen in time."""


@dataclass(frozen=True)
class Outcome:
    """How an instruction ended, as the big brain says."""

    success: bool
    code: str
    message: str
    plan: dict[str, Any] | None
    report: dict[str, Any]


class Given:
    """An instruction that the big brain was given."""

    def __init__(self, instruction: str, handle: Any) -> None:
        self.instruction, self._handle = instruction, handle
        self._done = handle.get_result_async() if handle.accepted else None

    @property
    def ended(self) -> bool:
        """Whether its outcome is known."""
        return self._done is None or self._done.done()

    def cancel(self) -> None:
        """Ask for its end."""
        self._handle.cancel_goal_async()

    def outcome(self) -> Outcome:
        """How it ended, once it has."""
        if self._done is None:
            return Outcome(False, "not_accepted", "the big brain is not active", None, {})
        result = self._done.result().result
        return Outcome(
            result.success,
            result.code,
            result.message,
            json.loads(result.plan_json) if result.plan_json else None,
            json.loads(result.report_json) if result.report_json else {},
        )


class Operator:
    """A client of the running system.

    Args:
        check: Called often while waiting; raises when waiting is in vain.
        ledger: Gets every hop that is published.
    """

    def __init__(self, check: Callable[[], None], ledger: Ledger) -> None:
        rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
        with realtime(_PRIORITY):
            self._node = rclpy.create_node("operator")
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(self._node)
        self._check, self._ledger = check, ledger
        self._client = ActionClient(self._node, ExecuteInstruction, "big_brain/execute_instruction")
        self.state: SpinalState | None = None
        self.objects: SceneObjects | None = None
        subscribe = self._node.create_subscription
        subscribe(SpinalState, "spinal_cord/state", self._on_state, 10)
        subscribe(SceneObjects, "perception/objects", self._on_objects, 10)
        subscribe(LedgerHop, "ledger", self._on_hop, _LEDGER_DEPTH)

    def close(self) -> None:
        """Leave the graph."""
        self._executor.shutdown(timeout_sec=1.0)
        self._node.destroy_node()
        rclpy.try_shutdown()

    def now_s(self) -> float:
        """Newest stamp of the spinal cord, 0 before the first."""
        return 0.0 if self.state is None else from_time(self.state.header.stamp)

    def wait_ready(self, deadline_s: float) -> None:
        """Until the robot stands on commands, objects are seen and the big brain serves."""
        conditions = {
            "the spinal cord runs": lambda: self.state and self.state.stop_level == "run",
            "objects are seen": lambda: self.objects and self.objects.objects,
            "the big brain serves": self._client.server_is_ready,
        }
        for what, holds in conditions.items():
            self.wait(holds, deadline_s, what)

    def wait(self, holds: Callable[[], Any], deadline_s: float, what: str) -> None:
        """Spin until a condition holds. Raises DeadlineError naming it when it does not."""
        until_s = time.monotonic() + deadline_s
        with realtime(_PRIORITY):
            while not holds():
                self._check()
                if time.monotonic() > until_s:
                    raise DeadlineError(f"not in {deadline_s:.0f} s: {what}")
                self._executor.spin_once(timeout_sec=0.2)

    def rest(self, simulated_s: float, deadline_s: float) -> None:
        """Let the world go on for a while."""
        until_s = self.now_s() + simulated_s
        self.wait(lambda: self.now_s() >= until_s, deadline_s, f"{simulated_s} s of simulated time")

    def execute(
        self,
        instruction: str,
        deadline_s: float,
        on_progress: Callable[[str, float], None] = lambda *_: None,
    ) -> Outcome:
        """Give one instruction and wait for its end."""
        given = self.give(instruction, on_progress)
        try:
            self.wait(lambda: given.ended, deadline_s, "the instruction ends")
        except KeyboardInterrupt:
            given.cancel()
            self._executor.spin_once(timeout_sec=0.2)
            raise
        return given.outcome()

    def give(
        self, instruction: str, on_progress: Callable[[str, float], None] = lambda *_: None
    ) -> Given:
        """Give one instruction, also while another is under way."""

        def feedback(message: Any) -> None:
            on_progress(message.feedback.state, message.feedback.progress)

        goal = ExecuteInstruction.Goal(instruction=instruction)
        sent = self._client.send_goal_async(goal, feedback_callback=feedback)
        self.wait(sent.done, 10.0, "the big brain answers")
        return Given(instruction, sent.result())

    def _on_state(self, message: SpinalState) -> None:
        self.state = message

    def _on_objects(self, message: SceneObjects) -> None:
        self.objects = message

    def _on_hop(self, message: LedgerHop) -> None:
        hop = from_hop(message)
        self._ledger.add(hop.name, hop.stamp_in_s, hop.stamp_out_s, hop.trace_id)
