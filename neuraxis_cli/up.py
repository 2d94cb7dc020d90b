# SPDX-License-Identifier: Apache-2.0
"""`neuraxis up`: the whole system, one instruction or question per line of standard input."""

from __future__ import annotations

import json
import math
import os
import queue
import sys
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from neuraxis_cli.demo import (
    BUDGETS_S,
    START_DEADLINE_S,
    TASK_DEADLINE_S,
    DemoOptions,
    check_options,
    tell,
)
from neuraxis_cli.graph import GraphOptions, start_graph
from neuraxis_cli.processes import ChildDiedError, Family
from neuraxis_common.ledger import Ledger

if TYPE_CHECKING:
    from neuraxis_cli.node import Given


def run_up(options: GraphOptions) -> int:
    """Run until standard input ends or Ctrl-C; every line in is an instruction, a result out."""
    world = (options.robot, options.scene, options.seed)
    check_options(DemoOptions(*world, "stand by", policy=options.policy), options.data_root)
    folder = Path("out") / f"{datetime.now():%Y%m%d-%H%M%S}-up"
    folder.mkdir(parents=True)
    with (folder / "log.txt").open("w", encoding="utf-8") as log, Family(log) as family:
        start_graph(family, options)
        from neuraxis_cli.node import DeadlineError, Operator

        operator = Operator(family.check, Ledger(BUDGETS_S))
        try:
            operator.wait_ready(START_DEADLINE_S)
            domain = os.environ["ROS_DOMAIN_ID"]
            tell(f"up in ROS domain {domain}; type an instruction or a question, end with Ctrl-D")
            _serve(operator, _lines())
        except (ChildDiedError, DeadlineError) as error:
            tell(str(error))
            return 1
        finally:
            operator.close()
    return 0


def _lines() -> queue.Queue[str | None]:
    """Lines of standard input from a thread, so that waiting for one does not stop the rest."""
    lines: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        for line in sys.stdin:
            lines.put(line.strip())
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    return lines


def _serve(operator, lines: queue.Queue[str | None]) -> None:
    """Give what is typed at once, what is piped one after the other; say how each ends."""
    desk = _Desk(lines, at_once=sys.stdin.isatty())
    while not desk.over:
        operator.wait(desk.has_news, desk.left_s(), "an instruction ends")
        desk.say_ended()
        line = desk.next_line()
        if line:
            desk.add(operator.give(line, lambda state, share: tell(state)))


class _Desk:
    """Lines that wait and instructions under way.

    Args:
        lines: None ends them.
        at_once: Whether a line is given while another instruction is under way.
    """

    def __init__(self, lines: queue.Queue[str | None], at_once: bool) -> None:
        self._lines, self._at_once, self._ended = lines, at_once, False
        self._under_way: list[tuple[Given, float]] = []

    @property
    def over(self) -> bool:
        """Whether nothing is left to do or to come."""
        return self._ended and not self._under_way

    def _takes(self) -> bool:
        free = self._at_once or not self._under_way
        return free and not self._ended and not self._lines.empty()

    def has_news(self) -> bool:
        """Whether a line can be given, or an instruction has ended."""
        return self._takes() or any(given.ended for given, _ in self._under_way)

    def left_s(self) -> float:
        """Until the first instruction is overdue."""
        return min((late_s for _, late_s in self._under_way), default=math.inf) - time.monotonic()

    def say_ended(self) -> None:
        """Print how instructions ended."""
        for given, _ in self._under_way:
            if given.ended:
                outcome = given.outcome()
                row = {"instruction": given.instruction, "success": outcome.success}
                row |= {"code": outcome.code, "message": outcome.message, "plan": outcome.plan}
                print(json.dumps(row, ensure_ascii=False), flush=True)
        self._under_way = [item for item in self._under_way if not item[0].ended]

    def next_line(self) -> str | None:
        """The next line where there is one to be given now."""
        line = self._lines.get() if self._takes() else ""
        self._ended = self._ended or line is None
        return line

    def add(self, given: Given) -> None:
        """An instruction under way."""
        self._under_way.append((given, time.monotonic() + TASK_DEADLINE_S))
