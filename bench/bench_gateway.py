# SPDX-License-Identifier: Apache-2.0
"""A hundred robots at one gateway: p50 and p99, lost, late or refused in time, and its overhead.

    python bench/bench_gateway.py [--robots 100] [--period-s 10] [--seconds 40] [--workers 2]
    python bench/bench_gateway.py --curve docs/gateway_curve.png --machine "2 shared x86-64 cores"

The second draws p50 and p99 over the robots, one worker and several in turn. The first has five
parts, in one run on one machine:
overhead   the same questions to the models in this process and through the gateway, in turn; what
           the gateway adds is its own time without that of the model, as `server-timing` says it
pool       answers per second, in turn: one question at a time, each asked when the one before it
           is answered; and with a full queue one worker, several, several that read together what
           waits; what each gains over one question at a time and over one worker; processor time
           of an answer, which other work on the machine hardly touches
fleet      every robot asks once per period, at a time of its own, and now and then some ask at once
parts      milliseconds of processor of each part of a request
batch      does a batch pay? milliseconds of processor per item of the two towers

Late is an answer that the gateway sends after its deadline. `late_seen` counts those that were late
by the robots' clock, from before they sent: here robots and gateway share the machine, so that it
holds the time for which either got no processor. Exit code 1 when an answer was lost or sent late.
Times that depend on the machine are printed, not judged.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import numpy as np
import psutil
from batch_cost import measure_batch, measure_parts
from bench_brain import drawn_image, sentences, wait_until_healthy
from curve import draw

from big_brain_node.brain_client import BrainClient
from neuraxis_bridge.brain import Brain, load_brain
from neuraxis_bridge.chat import read_request
from neuraxis_bridge.config import BridgeConfig
from neuraxis_cli.graph import free_port

ROOT = Path(__file__).parents[1]
BURST_SHARE = 0.1
GRACE_S = 5.0
# Questions in flight that keep a queue full.
FULL_QUEUE = 32


@contextmanager
def gateway(models: Path, workers: int) -> Iterator[str]:
    """A gateway process on a free port; its address."""
    with gateway_process(models, workers, BridgeConfig.batch) as (url, _pid):
        yield url


@contextmanager
def gateway_process(models: Path, workers: int, batch: int) -> Iterator[tuple[str, int]]:
    """A gateway process on a free port; its address and process id."""
    port = free_port()
    command = [sys.executable, "-m", "neuraxis_bridge.server", "--port", str(port), "--models",
               str(models), "--workers", str(workers), "--batch", str(batch),
               "--max-waiting", "256"]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until_healthy(url, process)
        yield url, process.pid
    finally:
        process.terminate()
        process.wait(10.0)


def cpu_s(pid: int) -> float:
    """Processor time that a process has used, in seconds."""
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


def questions() -> list[bytes]:
    """Bodies as the robots' client makes them; more sentences than a gateway remembers."""
    client = BrainClient("http://127.0.0.1:9")
    rgb = drawn_image()
    bodies = [json.dumps(client.question(rgb, text)).encode() for text in sentences()]
    client.close()
    return bodies


def percentiles(values: list[float], *which: int) -> dict[str, float]:
    """Named percentiles in milliseconds of values in seconds."""
    if not values:
        return {}
    found = np.percentile(np.array(values) * 1e3, which)
    return {f"p{p}_ms": round(float(v), 1) for p, v in zip(which, found, strict=True)}


async def post(
    http: httpx.AsyncClient, url: str, body: bytes, robot: str, limit_s: float
) -> tuple[int, float, dict[str, float]]:
    """Status, seconds and server timing of one question; status 0 when nothing came back."""
    headers = {"x-robot": robot, "x-deadline-ms": str(round(limit_s * 1e3)),
               "content-type": "application/json"}  # fmt: skip
    began = time.perf_counter()
    try:
        response = await http.post(
            f"{url}/v1/chat/completions", content=body, headers=headers, timeout=limit_s + GRACE_S
        )
    except httpx.HTTPError:
        return 0, time.perf_counter() - began, {}
    took_s = time.perf_counter() - began
    parts = filter(None, response.headers.get("server-timing", "").split(", "))
    timing = {part.split(";")[0]: float(part.split("dur=")[1]) / 1e3 for part in parts}
    return response.status_code, took_s, timing


async def measure_overhead(url: str, brain: Brain, bodies: list[bytes], count: int) -> dict:
    """What the gateway adds to the models, one question at a time, direct and through in turn."""
    direct_s, through_s, added_s = [], [], []
    async with httpx.AsyncClient(trust_env=False) as http:
        await post(http, url, bodies[0], "warm", 60.0)
        for k in range(count):
            body = bodies[k % len(bodies)]
            began = time.perf_counter()
            question = read_request(body, 10**7)
            brain.plan(question.rgb, question.instruction)
            direct_s.append(time.perf_counter() - began)
            status, took_s, timing = await post(http, url, body, "one", 60.0)
            if status == 200:
                through_s.append(took_s)
                added_s.append(took_s - timing["model"])
    return {
        "count": count,
        "direct": percentiles(direct_s, 50, 95),
        "through": percentiles(through_s, 50, 95),
        "added": percentiles(added_s, 50, 95),
    }


def measure_pool(url: str, bodies: list[bytes], first: int, count: int, at_once: int) -> float:
    """Answers per second with this many questions always in flight, from the body `first` on.

    The askers take little of the processor: it is what the gateway's workers share with them.
    """
    left = iter(range(first, first + count))
    headers = {"x-deadline-ms": "60000", "content-type": "application/json"}

    def robot(name: str) -> int:
        link, good = HTTPConnection(urlsplit(url).netloc, timeout=60.0 + GRACE_S), 0
        for k in left:
            body = bodies[k % len(bodies)]
            link.request("POST", "/v1/chat/completions", body, headers | {"x-robot": name})
            with link.getresponse() as response:
                response.read()
                good += response.status == 200
        link.close()
        return good

    with ThreadPoolExecutor(at_once) as robots:
        began = time.perf_counter()
        good = sum(robots.map(robot, [f"r{k}" for k in range(at_once)]))
        return good / (time.perf_counter() - began)


def arrivals(robots: int, period_s: float, seconds: float) -> list[tuple[float, str]]:
    """When which robot asks: its own phase each period, and a burst of a tenth every period."""
    rng = np.random.default_rng(0)
    rows = []
    for robot, phase_s in enumerate(rng.uniform(0.0, period_s, robots)):
        rows += [(float(t), f"robot{robot}") for t in np.arange(phase_s, seconds, period_s)]
    for start_s in np.arange(period_s / 2, seconds, period_s):
        chosen = rng.choice(robots, max(1, round(robots * BURST_SHARE)), replace=False)
        rows += [(float(start_s), f"robot{robot}") for robot in chosen]
    return sorted(rows)


async def measure_fleet(
    url: str, bodies: list[bytes], asked: list[tuple[float, str]], limit_s: float
) -> dict:
    """Ask as listed; every question ends as answered, refused, dropped, late or lost."""
    rows: list[tuple[int, float]] = []
    lag_s: list[float] = []
    sent_late: list[bool] = []

    async def one(http: httpx.AsyncClient, k: int, at_s: float, robot: str) -> None:
        await asyncio.sleep(max(0.0, began + at_s - time.perf_counter()))
        lag_s.append(time.perf_counter() - began - at_s)
        status, took_s, timing = await post(http, url, bodies[k % len(bodies)], robot, limit_s)
        rows.append((status, took_s))
        sent_late.append(status == 200 and timing["total"] > limit_s)

    limits = httpx.Limits(max_connections=None, max_keepalive_connections=200)
    async with httpx.AsyncClient(trust_env=False, limits=limits) as http:
        began = time.perf_counter()
        await asyncio.gather(*(one(http, k, *row) for k, row in enumerate(asked)))
        seconds = time.perf_counter() - began
    answered_s = [took_s for status, took_s in rows if status == 200]
    refused_s = [took_s for status, took_s in rows if status in (429, 504)]
    known = (200, 429, 504)
    return {
        "asked": len(asked), "seconds": round(seconds, 1), "deadline_ms": limit_s * 1e3,
        "statuses": {str(k): v for k, v in sorted(Counter(s for s, _ in rows).items())},
        "answered": len(answered_s), **percentiles(answered_s, 50, 99),
        "late": sum(sent_late),
        "late_seen": sum(took_s > limit_s for took_s in answered_s),
        "late_seen_by_ms": round(max([0.0, *(t - limit_s for t in answered_s)]) * 1e3),
        "lost": sum(status not in known for status, _ in rows) + len(asked) - len(rows),
        "refused": len(refused_s),
        "refused_in_time": sum(took_s <= limit_s for took_s in refused_s),
        "asker_lag": percentiles(lag_s, 99),
    }  # fmt: skip


async def mean_batch(url: str) -> float:
    """Sentences read together, on average, of a gateway."""
    async with httpx.AsyncClient(trust_env=False) as http:
        text = (await http.get(f"{url}/metrics")).text
    rows = dict(row.rsplit(" ", 1) for row in text.splitlines() if not row.startswith("#"))
    total, count = (float(rows[f"neuraxis_gateway_batch_sentences_{k}"]) for k in ("sum", "count"))
    return round(total / max(count, 1.0), 2)


async def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """All parts."""
    bodies, models, workers = questions(), arguments.models, arguments.workers
    with (
        gateway_process(models, 1, 1) as alone,
        gateway_process(models, 1, 1) as one,
        gateway_process(models, workers, 1) as several,
        gateway_process(models, workers, BridgeConfig.batch) as batched,
    ):
        # The last ones: the pool asks the first, and a gateway knows its latest sentences by heart.
        last = bodies[-arguments.count :]
        overhead = await measure_overhead(alone[0], load_brain(models), last, arguments.count)
        waiting = FULL_QUEUE
        served = {"one_at_a_time": (alone, 1), "one_worker": (one, waiting),
                  "several_workers": (several, waiting), "batched": (batched, waiting)}  # fmt: skip
        found: dict[str, list[float]] = {name: [] for name in served}
        cpu_ms = dict.fromkeys(served, 0.0)
        asked = arguments.rounds * arguments.count
        for turn in range(arguments.rounds):
            for name, ((url, pid), at_once) in served.items():
                began_s = cpu_s(pid)
                first = turn * arguments.count
                rate = measure_pool(url, bodies, first, arguments.count, at_once)
                found[name].append(rate)
                cpu_ms[name] += (cpu_s(pid) - began_s) * 1e3 / asked
        read_together = await mean_batch(batched[0])
    rates = {name: round(float(np.median(values)), 2) for name, values in found.items()}
    over = {
        name: {other: round(rate / max(rates[name], 1e-9), 2) for other, rate in rates.items()}
        for name in ("one_at_a_time", "one_worker")
    }
    pool = {
        "per_s": rates, "mean_batch": read_together,
        "cpu_ms_per_answer": {name: round(value, 1) for name, value in cpu_ms.items()},
        "gain_over": over,
        "gain_of_reading_together": round(
            rates["batched"] / max(rates["several_workers"], 1e-9), 2
        ),
    }  # fmt: skip
    asked = arrivals(arguments.robots, arguments.period_s, arguments.seconds)
    with gateway(models, workers) as url:
        async with httpx.AsyncClient(trust_env=False) as http:
            await post(http, url, bodies[0], "warm", 60.0)
        fleet = await measure_fleet(url, bodies, asked, arguments.deadline_s)
    return {
        "bench": "gateway", "cores": os.cpu_count(), "load_1min": round(os.getloadavg()[0], 1),
        "workers": workers, "overhead": overhead,
        "pool": pool, "robots": arguments.robots, "fleet": fleet,
        "parts_cpu_ms": measure_parts(models, bodies[:80]),
        "batch_cpu_ms": measure_batch(models, sentences()),
    }  # fmt: skip


async def measure_curve(arguments: argparse.Namespace) -> dict[str, Any]:
    """The fleet again and again with more robots, one worker and several in turn."""
    bodies, rows = questions(), {}
    for workers in sorted({1, arguments.workers}):
        rows[f"{workers} worker{'s' if workers > 1 else ''}"] = (workers, [])
    for robots in arguments.fleets:
        asked = arrivals(robots, arguments.period_s, arguments.seconds)
        for workers, found in rows.values():
            with gateway(arguments.models, workers) as url:
                async with httpx.AsyncClient(trust_env=False) as http:
                    await post(http, url, bodies[0], "warm", 60.0)
                fleet = await measure_fleet(url, bodies, asked, arguments.deadline_s)
            found.append({"robots": robots} | fleet)
            print(robots, workers, fleet, file=sys.stderr, flush=True)
    curves = {name: found for name, (_, found) in rows.items()}
    load = f"load average {os.getloadavg()[1]:.0f}"
    draw(curves, f"Gateway with its own models, {arguments.machine}, {load}", arguments.curve)
    every = [row for found in curves.values() for row in found]
    total = {name: sum(row[name] for row in every) for name in ("late", "lost")}
    return {"bench": "gateway curve", "machine": arguments.machine, "load": load,
            "fleet": total, "curves": curves}  # fmt: skip


def main() -> int:
    """Command line; exit code 1 when an answer was lost or late."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--robots", type=int, default=100)
    parser.add_argument("--period-s", type=float, default=10.0)
    parser.add_argument("--seconds", type=float, default=40.0)
    parser.add_argument("--deadline-s", type=float, default=2.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--count", type=int, default=40, help="questions per part")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each")
    parser.add_argument("--models", type=Path, default=ROOT / "models")
    parser.add_argument("--curve", type=Path, metavar="PNG", help="draw the curve instead")
    parser.add_argument("--fleets", type=int, nargs="+", default=[1, 10, 25, 50, 100, 200])
    parser.add_argument("--machine", default=f"{os.cpu_count()} cores", help="named in the plot")
    arguments = parser.parse_args()
    row = asyncio.run((measure_curve if arguments.curve else measure)(arguments))
    print(json.dumps(row))
    return 1 if row["fleet"]["late"] or row["fleet"]["lost"] else 0


if __name__ == "__main__":
    sys.exit(main())
