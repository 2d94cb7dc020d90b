# SPDX-License-Identifier: Apache-2.0
"""The brain or brains of one node: made from its parameters, told about on its topics.

Out: /ledger, one hop for each request with its trace id; with several brains /diagnostics, one line
at 1 Hz and at each change of brain.
"""

from __future__ import annotations

import os
import time
from collections import deque
from dataclasses import dataclass

from diagnostic_msgs.msg import DiagnosticArray

from big_brain_node.brain_client import BrainClient
from big_brain_node.brain_link import BrainLinkParams
from big_brain_node.config import BigBrainConfig, LadderConfig
from big_brain_node.ladder.announce import Line, line, lines
from big_brain_node.ladder.brains import Brains
from big_brain_node.ladder.endpoints import endpoints
from big_brain_node.ladder.memory import PlanMemory
from neuraxis.msg import LedgerHop
from neuraxis_common import convert
from neuraxis_common.ledger import Hop
from neuraxis_common.lifecycle import NeuraxisLifecycleNode
from neuraxis_common.params import load_params

_DIAGNOSE_PERIOD_S, _ANNOUNCE_PERIOD_S = 1.0, 0.05
_MOST_HOPS = 1000


@dataclass(frozen=True)
class BrainParams:
    """Where the brain is, or several, best first; see `endpoints`.

    Attributes:
        api_key: Sent as bearer token to the one brain; empty sends none.
        brain_priority: ``low``, ``normal`` or ``high``: how a gateway that serves many robots
            weighs this one's questions, as far as its key may.
    """

    brain_url: str
    api_key: str = ""
    brain_priority: str = "normal"


class BrainDesk:
    """What one node asks, and how that stands.

    Args:
        node: Declares the parameters.
        config: Its timeout and bounds.

    Attributes:
        brain: One brain, or several as one.
        memory: Stands in where there are several; None for one.

    Raises:
        ConfigError: A parameter cannot work.
    """

    def __init__(self, node: NeuraxisLifecycleNode, config: BigBrainConfig) -> None:
        where, ladder = load_params(node, BrainParams), load_params(node, LadderConfig)
        places = endpoints(where.brain_url, where.api_key, os.environ)
        tls = load_params(node, BrainLinkParams).context([item.url for item in places])
        self._node, self._told_switches = node, 0
        self._ledger = node.create_output(LedgerHop, "ledger", 100)
        self._asked: deque[Hop] = deque(maxlen=_MOST_HOPS)
        timeout_s, tell = config.brain_timeout_s, self._asked.append
        self.memory: PlanMemory | None = None
        self.brain: BrainClient | Brains
        if len(places) == 1:
            url, key = places[0].url, places[0].api_key
            self.brain = BrainClient(
                url, key, timeout_s, on_asked=tell, tls=tls, priority=where.brain_priority
            )
            return
        self.brain = Brains(places, timeout_s, ladder, tell, tls, where.brain_priority)
        self._out = node.create_output(DiagnosticArray, "/diagnostics")
        node.create_timer(_DIAGNOSE_PERIOD_S, lambda: self._announce(always=True))
        node.create_timer(_ANNOUNCE_PERIOD_S, lambda: self._announce(always=False))
        age_s, match_iou = ladder.cached_plan_age_s, config.match_iou
        self.memory = PlanMemory(age_s, match_iou, config.fresh_age_s)

    def publish_hops(self) -> None:
        """Write into the ledger what has been asked since the last call."""
        while self._asked:
            self._ledger.publish(convert.to_hop(self._asked.popleft()))

    def hold(self, why: str) -> None:
        """Say that there is nothing left to act on."""
        if isinstance(self.brain, Brains):
            self.brain.hold(why)

    def close(self) -> None:
        """Give threads and connections back."""
        self.brain.close()

    def _announce(self, *, always: bool) -> None:
        """Each change of brain at once and once; where it stands, when asked to."""
        standing, switches = self.brain.news(self._told_switches)
        self._told_switches, shift_s = standing.count, time.time() - time.monotonic()
        for said in lines(standing, switches, shift_s):
            self._node.get_logger().warning(f"brain: {said.message}")
            self._diagnose(said)
        if always and not switches:
            self._diagnose(line(standing, shift_s))

    def _diagnose(self, said: Line) -> None:
        now_s = self._node.get_clock().now().nanoseconds * 1e-9
        name = f"{self._node.get_fully_qualified_name()}: brain"
        self._out.publish(convert.to_diagnostics(now_s, name, said.ok, said.message, said.values))
