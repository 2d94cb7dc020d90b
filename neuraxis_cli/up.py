# SPDX-License-Identifier: Apache-2.0
"""`neuraxis up`: the whole system, one instruction per line of standard input."""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from datetime import datetime
from pathlib import Path

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
            tell(f"up in ROS domain {domain}; type an instruction, end with Ctrl-D or Ctrl-C")
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
    while True:
        operator.wait(lambda: not lines.empty(), float("inf"), "an instruction")
        line = lines.get()
        if line is None:
            return
        if not line:
            continue
        outcome = operator.execute(line, TASK_DEADLINE_S, lambda state, share: tell(state))
        row = {"success": outcome.success, "code": outcome.code, "message": outcome.message}
        print(json.dumps(row | {"plan": outcome.plan}, ensure_ascii=False), flush=True)
