# SPDX-License-Identifier: Apache-2.0
"""From a cut link to the next brain: how long a robot is without, with the ladder and without it.

    python bench/bench_ladder.py [--rounds 20]

One gateway with the models of this repository plays all brains; each has a link of its own, which
is cut in the middle of a question or while none is asked, and either goes silent or is reset.

asked    the cut falls into a question: time until the next brain is asked, and until its plan
idle     the cut falls into the second before a question: the same, from the question on
back     time from the mended link until the best brain is in use again
alone    the same cut with one brain and no ladder: time until the robot knows

Exit code 1 when a plan was lost. Times depend on the machine; they are printed with its load.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import sys
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import numpy as np
from bench_brain import drawn_image
from bench_gateway import ROOT, gateway, percentiles

from big_brain_node.brain_client import BrainClient
from big_brain_node.config import LadderConfig
from big_brain_node.ladder.brains import Brains
from big_brain_node.ladder.endpoints import Endpoint
from neuraxis_common.plan import Plan

SENTENCE = "put the red cube in the blue tray"
TIMEOUT_S = 5.0


class Link:
    """A wire to a brain. Lives in an event loop of its own thread.

    Attributes:
        cut: ``""``, ``silent`` or ``reset``.
        cut_next: What the next question does to the link as soon as it begins to pass.
        cut_s: When it was cut, monotonic.
        asked_s: When questions passed.
    """

    def __init__(self, port: int) -> None:
        self.cut = self.cut_next = ""
        self.cut_s, self.asked_s = 0.0, []
        self._target, self._writers = port, set()
        self._loop = asyncio.new_event_loop()
        started = threading.Event()
        threading.Thread(target=self._run, args=(started,), daemon=True).start()
        started.wait()

    def _run(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        started.set()
        self._loop.run_forever()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.cut == "reset":
            writer.transport.abort()
            return
        with suppress(OSError):
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
            self._writers |= {writer, far_writer}
            await asyncio.gather(
                self._pass(reader, far_writer, True), self._pass(far_reader, writer, False)
            )
            self._writers -= {writer, far_writer}
            writer.transport.abort()
            far_writer.transport.abort()

    async def _pass(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, asking: bool
    ) -> None:
        while chunk := await source.read(65536):
            if asking and chunk.startswith(b"POST"):
                self.asked_s.append(time.monotonic())
                if self.cut_next:
                    self._cut(self.cut_next)
            if self.cut == "silent":
                continue
            sink.write(chunk)
        sink.transport.abort()

    def _cut(self, how: str) -> None:
        self.cut, self.cut_next, self.cut_s = how, "", time.monotonic()
        if how == "reset":
            for writer in self._writers:
                writer.transport.abort()

    def cut_now(self, how: str) -> None:
        """Cut it, from any thread."""
        self._loop.call_soon_threadsafe(self._cut, how)

    def mend(self) -> None:
        """Let everything pass again; connections from before are gone."""

        def mend() -> None:
            self.cut = self.cut_next = ""
            for writer in self._writers:
                writer.transport.abort()

        self._loop.call_soon_threadsafe(mend)


def wait_for(brains: Brains, name: str, limit_s: float = 90.0) -> float:
    """Monotonic time at which a rung is in use."""
    until_s = time.monotonic() + limit_s
    while (standing := brains.news(0)[0]).active != name:
        if time.monotonic() > until_s:
            raise SystemExit(f"bench_ladder: '{name}' never came into use: {standing.states}")
        time.sleep(0.005)
    return time.monotonic()


def one_round(links: list[Link], image: np.ndarray, when: str, how: str) -> dict[str, float]:
    """Seconds of one cut; empty when a plan was lost."""
    cloud, edge = links
    cloud.mend()
    edge.asked_s.clear()
    places = [Endpoint("cloud", cloud.url), Endpoint("edge", edge.url)]
    brains = Brains(places, TIMEOUT_S, LadderConfig())
    try:
        brains.ask(image, SENTENCE)
        wait_for(brains, "cloud")
        edge.asked_s.clear()
        if when == "asked":
            cloud.cut_next = how
        else:
            time.sleep(1.0)
            cloud.cut_now(how)
            time.sleep(random.random())
        began_s = time.monotonic()
        answer = brains.ask(image, SENTENCE)
        plan_s = time.monotonic()
        if not isinstance(answer, Plan) or not edge.asked_s:
            return {}
        since_s = cloud.cut_s if when == "asked" else began_s
        down = {"next_asked": edge.asked_s[0] - since_s, "plan": plan_s - since_s}
        wait_for(brains, "edge")
        mended_s = time.monotonic()
        cloud.mend()
        return down | {"back": wait_for(brains, "cloud") - mended_s}
    finally:
        brains.close()


def alone(link: Link, image: np.ndarray, how: str) -> float:
    """Seconds until one client without a ladder knows of the cut."""
    link.mend()
    client = BrainClient(link.url, timeout_s=TIMEOUT_S)
    client.ask(image, SENTENCE)
    link.cut_next = how
    client.ask(image, SENTENCE)
    client.close()
    return time.monotonic() - link.cut_s


def measure(rounds: int, models: Path) -> dict[str, Any]:
    """All cases in turn, so that each sees the same machine."""
    image, rows, single, lost = drawn_image(), {}, {}, 0
    with ExitStack() as stack:
        port = int(stack.enter_context(gateway(models, 2)).rsplit(":", 1)[1])
        links = [Link(port), Link(port)]
        cases = [(when, how) for when in ("asked", "idle") for how in ("silent", "reset")]
        for k in range(rounds):
            for when, how in cases:
                times = one_round(links, image, when, how)
                lost += not times
                for name, value in times.items():
                    rows.setdefault(f"{when} {how}", {}).setdefault(name, []).append(value)
            if k < 3:
                for how in ("silent", "reset"):
                    single.setdefault(how, []).append(alone(links[0], image, how))
    found = {
        case: {name: percentiles(values, 50, 95, 100) for name, values in times.items()}
        for case, times in rows.items()
    }
    return {
        "bench": "ladder", "cores": os.cpu_count(), "load_1min": round(os.getloadavg()[0], 1),
        "rounds": rounds, "lost": lost, "cut": found,
        "alone": {how: percentiles(values, 50, 100) for how, values in single.items()},
    }  # fmt: skip


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--models", type=Path, default=ROOT / "models")
    arguments = parser.parse_args()
    row = measure(arguments.rounds, arguments.models)
    print(json.dumps(row))
    return 1 if row["lost"] else 0


if __name__ == "__main__":
    sys.exit(main())
