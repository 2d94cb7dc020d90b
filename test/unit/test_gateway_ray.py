# SPDX-License-Identifier: Apache-2.0
"""The gateway on a local Ray cluster: replicas by queue, one killed under load."""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from pathlib import Path

import httpx
import pytest
from brain_rig import fake_brains
from pydantic import ValidationError

from neuraxis_common.errors import ConfigError
from neuraxis_common.plan import Plan, Refusal

pytest.importorskip("ray.serve", reason="needs Ray Serve: pip install 'neuraxis[ray]'")

from ray_rig import cluster, replicas, start_proxy, wait

from neuraxis_bridge.serve_ray import Settings, app, make

ROOT = Path(__file__).resolve().parents[2]
REFUSING = Plan(refusal=Refusal(code="not_a_task", reason="nothing to do here"))
BODY = {"model": "m", "messages": [{"role": "user", "content": "go"}]}
DOZEN = 12


class Robots:
    """Each asks until it gets an answer; `seen` counts what came before."""

    def __init__(self, url):
        self.url = f"{url}/v1/chat/completions"
        self.seen, self.answered, self.bodies = Counter(), Counter(), set()
        self._threads, self._stop = [], threading.Event()

    def start(self, batch, count):
        for k in range(count):
            thread = threading.Thread(target=self._ask, args=(f"{batch}{k}",), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _ask(self, name):
        headers = {"x-robot": name, "x-deadline-ms": "120000"}
        with httpx.Client(trust_env=False, timeout=600.0) as http:
            while not self._stop.is_set():
                try:
                    answer = http.post(self.url, json=BODY, headers=headers)
                except httpx.TransportError as error:
                    self.seen[type(error).__name__] += 1
                    continue
                self.seen[answer.status_code] += 1
                if answer.status_code == 200:
                    self.answered[name] += 1
                    return
                self.bodies.add(answer.text)

    def join(self):
        for thread in self._threads:
            thread.join(600.0)

    def stop(self):
        self._stop.set()


def test_without_keys_no_replica_starts_unless_told_to():
    with pytest.raises(ConfigError, match="keys"):
        make(Settings(upstream="http://127.0.0.1:9"))
    assert make(Settings(upstream="http://127.0.0.1:9", anyone=True)).title


@pytest.mark.parametrize("args", [{"replicas": "3"}, {"most": "0"}, {"target": "-1"}])
def test_arguments_that_make_no_sense_are_refused_before_anything_starts(args):
    with pytest.raises(ValidationError, match=next(iter(args))):
        app(args)


def test_replicas_follow_the_queue_and_one_that_dies_takes_only_what_it_had():
    with (
        fake_brains(REFUSING) as (brain,),
        cluster(ROOT, ROOT / "test" / "unit") as serve,
    ):
        url = start_proxy(serve)
        settings = {
            "upstream": brain.url, "anyone": "true", "cpus": "0.1", "workers": "16", "most": "3",
            "target": "4", "look_back_s": "12", "upscale_s": "1", "downscale_s": "1",
        }  # fmt: skip
        serve.run(app(settings), name="gateway")
        robots = Robots(url)
        try:
            follow(robots, brain)
        finally:
            robots.stop()
            brain.mood = "well"


def follow(robots, brain):
    wait(lambda: len(replicas()) == 1)
    brain.mood = "stuck"
    robots.start("early", DOZEN)
    wait(lambda: len(replicas()) == 3)
    # Those of the first dozen wait in the oldest replica; a second dozen goes to the others too.
    wait(lambda: len(brain.asked_s) >= DOZEN)
    before = len(brain.asked_s)
    robots.start("late", DOZEN)
    wait(lambda: len(brain.asked_s) >= before + DOZEN)
    oldest, *others = replicas()
    os.kill(oldest, signal.SIGKILL)
    # Its robots ask again and reach the others, and another takes its place.
    wait(lambda: sum(robots.seen.values()) - robots.seen[504] >= 1)
    wait(lambda: len(replicas()) == 3 and oldest not in replicas())
    assert set(others) < set(replicas())
    brain.mood = "well"
    robots.join()
    assert len(robots.answered) == 2 * DOZEN and robots.seen[200] == 2 * DOZEN
    assert set(robots.seen) <= {200, 500, 502, 503, 504}
    # 504 is the gateway's own: whoever waited for the replicas to start for more than 120 s.
    failed = sum(count for status, count in robots.seen.items() if status not in (200, 504))
    assert 1 <= failed < 2 * DOZEN, "the others' requests must not fail"
    assert not any("Traceback" in text or 'File "' in text for text in robots.bodies)
    wait(lambda: len(replicas()) == 1)
