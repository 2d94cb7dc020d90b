# SPDX-License-Identifier: Apache-2.0
"""Image + sentence -> checked plan through HTTP: p50 and p95 against the budget of 250 ms.

    python bench/bench_brain.py [--count 100] [--image FILE.png] [--url http://127.0.0.1:8740]

Starts a bridge of its own on a free loopback port unless --url names one. The time is the client's:
JPEG encoding, HTTP, decoding, both towers, grounding, and validation of the answer.
"""

from __future__ import annotations

import argparse
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from big_brain_node.brain_client import BrainClient
from neuraxis_common.errors import Rejected

ROOT = Path(__file__).parents[1]
BUDGET_MS = 250.0


def drawn_image() -> NDArray[np.uint8]:
    """Eight coloured boxes on grey with sensor noise, 640 x 480; compresses like a camera image."""
    rng = np.random.default_rng(0)
    rgb = np.full((480, 640, 3), 140.0)
    for k in range(8):
        x, y = 60 + 68 * k, 260 + 20 * (k % 3)
        rgb[y : y + 40, x : x + 40] = rng.uniform(20, 230, 3)
    return np.clip(rgb + rng.normal(0, 3.0, rgb.shape), 0, 255).astype(np.uint8)


def sentences() -> list[str]:
    """The hand-written ones, in the order of the file."""
    lines = (ROOT / "test/data/sentences.tsv").read_text(encoding="utf-8").splitlines()
    return [line.split("\t")[0] for line in lines if line and not line.startswith("#")]


@contextmanager
def bridge(models: Path) -> Iterator[str]:
    """A bridge process on a free port; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "neuraxis_bridge.server", "--port", str(port),
               "--models", str(models)]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until_healthy(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def wait_until_healthy(url: str, process: subprocess.Popen[bytes]) -> None:
    """Return once the server answers; SystemExit when it ends or takes longer than 60 s."""
    deadline_s = time.monotonic() + 60.0
    while time.monotonic() < deadline_s:
        if process.poll() is not None:
            raise SystemExit(f"the bridge ended with code {process.returncode}")
        try:
            if httpx.get(f"{url}/healthz", timeout=1.0, trust_env=False).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise SystemExit("the bridge was not healthy within 60 s")


def measure(url: str, rgb: NDArray[np.uint8], count: int) -> dict[str, object]:
    """Ask `count` times, one after the other."""
    client = BrainClient(url, timeout_s=10.0)
    texts = sentences()
    client.ask(rgb, texts[0])
    times_ms, rejected = [], 0
    for k in range(count):
        began = time.perf_counter()
        answer = client.ask(rgb, texts[k % len(texts)])
        times_ms.append((time.perf_counter() - began) * 1e3)
        rejected += isinstance(answer, Rejected)
    client.close()
    p50, p95 = np.percentile(times_ms, [50, 95])
    return {
        "bench": "brain", "count": count, "rejected": rejected, "p50_ms": round(float(p50), 1),
        "p95_ms": round(float(p95), 1), "max_ms": round(max(times_ms), 1), "budget_ms": BUDGET_MS,
        "within_budget": bool(p95 <= BUDGET_MS and not rejected),
    }  # fmt: skip


def main() -> int:
    """Command line; exit code 1 when the budget is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=180)
    parser.add_argument("--image", type=Path, help="camera image; a drawn one when left out")
    parser.add_argument("--models", type=Path, default=ROOT / "models")
    parser.add_argument("--url", help="ask this bridge instead of starting one")
    arguments = parser.parse_args()
    rgb = drawn_image()
    if arguments.image:
        rgb = np.asarray(Image.open(arguments.image).convert("RGB"))
    if arguments.url:
        row = measure(arguments.url, rgb, arguments.count)
    else:
        with bridge(arguments.models) as url:
            row = measure(url, rgb, arguments.count)
    print(json.dumps(row))
    return 0 if row["within_budget"] else 1


if __name__ == "__main__":
    sys.exit(main())
