# SPDX-License-Identifier: Apache-2.0
"""What else may go wrong around a gateway: cut models, clocks that jump, keys that others replay,
clients that never read."""

from __future__ import annotations

import json
import shutil
import socket
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from gateway_rig import BODY, Backend, ask, code, gateway, run

from neuraxis_bridge.app import create_gateway
from neuraxis_bridge.config import BridgeConfig
from neuraxis_bridge.keys import add_key
from neuraxis_bridge.server import listen, main
from neuraxis_bridge.upstream import UpstreamBackend

MODELS = Path(__file__).resolve().parents[2] / "models"
YEAR_S = 365.0 * 86400.0
LARGE = 3_900_000


@pytest.mark.parametrize("name", ["detector.onnx", "planner.onnx"])
@pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 0.999])
def test_a_model_cut_short_is_named_and_nothing_is_served(name, share, tmp_path, capsys):
    for file in ("detector.onnx", "planner.onnx", "detector.json"):
        shutil.copy(MODELS / file, tmp_path)
    whole = (MODELS / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: int(len(whole) * share)])
    assert main(["--models", str(tmp_path), "--port", "0"]) == 2
    said = capsys.readouterr().err
    assert name in said and "Traceback" not in said and len(said) < 1000


def test_wall_clocks_that_jump_change_neither_deadlines_nor_retries_nor_budgets(
    tmp_path, monkeypatch
):
    """Of the robot there is no clock in a request at all; of the gateway only durations count."""
    _, key = add_key(tmp_path / "keys.json", "r1", rate_per_min=60.0, burst=4)
    walls_s = [0.0, 4.0 * YEAR_S, -2.0 * YEAR_S, 1e12]

    async def scene():
        async with gateway(keys_file=tmp_path / "keys.json") as http:
            bearer = {"authorization": f"Bearer {key}"}
            answers = []
            for wall_s in walls_s:
                monkeypatch.setattr(time, "time", lambda wall_s=wall_s: wall_s)
                answers.append(
                    await ask(http, x_deadline_ms="20000", idempotency_key="k", **bearer)
                )
            assert [answer.status_code for answer in answers] == [200] * 4
            assert len({answer.text for answer in answers}) == len(http.backend.started) == 1
            spent = await ask(http, **bearer)
            assert spent.status_code == 429 and code(spent) == "rate_budget"
            assert 0 < int(spent.headers["retry-after-ms"]) <= 1000

    run(scene())


def test_a_key_that_somebody_else_replays_brings_no_second_budget_and_no_second_answer(tmp_path):
    file = tmp_path / "keys.json"
    mine, other = (add_key(file, robot, rate_per_min=60.0, burst=3)[1] for robot in ("r1", "r2"))

    async def scene():
        config = BridgeConfig(keys_file=file)
        backend = Backend()
        app = create_gateway(backend, config)
        async with app.router.lifespan_context(app):
            here, there = (
                httpx.AsyncClient(
                    transport=httpx.ASGITransport(app, client=(address, 1)), base_url="http://g"
                )
                for address in ("10.0.0.1", "10.0.0.2")
            )
            asked = {"idempotency_key": "k", "authorization": f"Bearer {mine}"}
            first = await ask(here, **asked)
            again = await ask(there, **asked)
            assert first.text == again.text and len(backend.started) == 1
            assert (await ask(there, authorization=f"Bearer {mine}")).status_code == 200
            assert code(await ask(here, authorization=f"Bearer {mine}")) == "rate_budget"
            assert code(await ask(there, authorization=f"Bearer {mine}")) == "rate_budget"
            # Whose key it is decides, not what the request says of itself.
            assert code(await ask(here, "r2", authorization=f"Bearer {mine}")) == "rate_budget"
            others = await ask(there, **asked | {"authorization": f"Bearer {other}"})
            assert others.status_code == 200 and others.json()["id"] != first.json()["id"]

    run(scene())


@contextmanager
def streaming(**config):
    """A gateway with one worker whose upstream streams much; its port."""

    def answer(_request):
        event = b"data: " + b"x" * LARGE + b"\n\n"
        return httpx.Response(200, stream=httpx.ByteStream(event))

    config = BridgeConfig(port=0, workers=1, **config)
    backend = UpstreamBackend(
        "http://up", "", config.max_pixels, time.monotonic, httpx.MockTransport(answer)
    )
    app = create_gateway(backend, config)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None))
    with listen(config) as listener:
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1], app
        finally:
            server.should_exit = True
            server.force_exit = True
            thread.join(10.0)


def test_clients_that_never_read_their_stream_hold_no_worker():
    body = json.dumps(BODY | {"stream": True}).encode()
    head = (
        "POST /v1/chat/completions HTTP/1.1\r\nhost: g\r\ncontent-type: application/json\r\n"
        f"x-robot: slow\r\ncontent-length: {len(body)}\r\n\r\n"
    ).encode()
    with streaming() as (port, _app):
        silent = []
        try:
            for _ in range(6):
                one = socket.create_connection(("127.0.0.1", port), 20.0)
                one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                one.sendall(head + body)
                silent.append(one)
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
                answer = http.post(
                    "/v1/chat/completions", json=BODY | {"stream": True}, timeout=60.0,
                    headers={"x-robot": "quick", "x-deadline-ms": "60000"},
                )  # fmt: skip
            assert answer.status_code == 200 and len(answer.content) > LARGE
            # None of them had all of it: they were slow, not quick.
            assert all(len(one.recv(100)) == 100 for one in silent)
        finally:
            for one in silent:
                one.close()
