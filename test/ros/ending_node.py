# SPDX-License-Identifier: Apache-2.0
"""A node for `test_lifecycle.py`: writes down what the base asks of it."""

import sys

from neuraxis_common.errors import ConfigError
from neuraxis_common.lifecycle import NeuraxisLifecycleNode, spin_lifecycle_node


class EndingNode(NeuraxisLifecycleNode):
    """Says on standard output when it was set up, made safe and torn down."""

    def __init__(self, trouble: str = "") -> None:
        super().__init__("ending")
        self.calls: list[str] = []
        self.ticks = 0
        self._trouble = trouble

    def say(self, call: str) -> None:
        self.calls.append(call)
        print(call, flush=True)

    def _setup(self) -> None:
        if self._trouble == "config":
            raise ConfigError("rate_hz must be in [1, 1000], got 0.0")
        if self._trouble == "bug":
            raise KeyError("left_knee")
        self.create_timer(0.02, self._tick)
        self.say("setup")

    def _start(self) -> None:
        self.say("start")

    def _tick(self) -> None:
        self.ticks += 1
        if self._trouble == "callback":
            raise ZeroDivisionError("in a callback")

    def _make_safe(self) -> None:
        self.say("make_safe")

    def _teardown(self) -> None:
        self.say("teardown")


if __name__ == "__main__":
    trouble = sys.argv[1] if len(sys.argv) > 1 else ""
    sys.exit(spin_lifecycle_node(lambda: EndingNode(trouble), args=[]))
