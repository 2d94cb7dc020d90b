# SPDX-License-Identifier: Apache-2.0
"""The gateway from outside: deadlines, back-pressure, retries, budgets, streams, metrics, log."""

from __future__ import annotations

import asyncio
import json
import logging

import pytest
from gateway_rig import BODY, Backend, ask, code, gateway, run, until

from neuraxis_bridge.keys import add_key
from neuraxis_bridge.log import JsonLines
from neuraxis_common.errors import Rejected


def test_work_whose_deadline_passed_in_the_queue_is_never_begun():
    async def scene():
        async with gateway() as http:
            http.backend.gate.clear()
            first = ask(http, "a")
            await until(lambda: http.backend.started)
            # High priority: what waits does not count against it, so that it is let in.
            late = await ask(http, "b", x_deadline_ms="50", x_priority="high")
            assert late.status_code == 504 and code(late) == "deadline_passed"
            assert "in the queue" in late.text
            http.backend.gate.set()
            assert (await first).status_code == 200
            assert [robot for robot, _ in http.backend.started] == ["a"]
            shown = (await http.get("/metrics")).text
            assert 'deadline_drops_total{stage="in the queue"} 1.0' in shown
            assert "neuraxis_gateway_waiting 0.0" in shown

    run(scene())


def test_answer_that_is_ready_too_late_is_not_delivered():
    async def scene():
        async with gateway() as http:
            http.backend.gate.clear()
            late = await ask(http, x_deadline_ms="50")
            assert late.status_code == 504 and "in the model" in late.text
            http.backend.gate.set()
            assert (await ask(http)).status_code == 200

    run(scene())


def test_deadlines_and_priorities_that_make_no_sense_are_400():
    async def scene():
        async with gateway() as http:
            assert code(await ask(http, x_deadline_ms="soon")) == "invalid_deadline"
            assert code(await ask(http, x_priority="now")) == "invalid_priority"
            assert not http.backend.started

    run(scene())


def test_full_queue_is_429_with_retry_after_and_not_ready():
    async def scene():
        async with gateway(max_waiting=2, max_per_robot=1) as http:
            http.backend.gate.clear()
            running = ask(http, "a")
            await until(lambda: http.backend.started)
            waiting = [ask(http, "b"), ask(http, "c")]
            while (await http.get("/readyz")).status_code == 200:
                await asyncio.sleep(0.001)
            refused = await ask(http, "d")
            assert refused.status_code == 429 and code(refused) == "queue_full"
            assert int(refused.headers["retry-after"]) >= 1
            assert int(refused.headers["retry-after-ms"]) >= 1
            http.backend.gate.set()
            answers = await asyncio.gather(running, *waiting)
            assert [answer.status_code for answer in answers] == [200, 200, 200]
            assert (await http.get("/readyz")).status_code == 200

    run(scene())


def test_one_robot_cannot_fill_the_queue():
    async def scene():
        async with gateway(max_per_robot=1) as http:
            http.backend.gate.clear()
            asked = [ask(http, "a")]
            await until(lambda: http.backend.started)
            asked.append(ask(http, "a"))
            await asyncio.sleep(0)
            while not (refused := await ask(http, "a", x_deadline_ms="60000")).is_error:
                continue
            assert code(refused) == "robot_queue_full"
            other = ask(http, "b")
            http.backend.gate.set()
            assert (await other).status_code == 200
            await asyncio.gather(*asked)

    run(scene())


def test_bytes_are_bounded_over_all_requests():
    async def scene():
        async with gateway(max_held_bytes=3000) as http:
            http.backend.gate.clear()
            first = ask(http, "a", {"say": "x" * 2500})
            await until(lambda: http.backend.started)
            assert code(await ask(http, "b", {"say": "x" * 2500})) == "memory_full"
            http.backend.gate.set()
            assert (await first).status_code == 200
            assert (await ask(http, "b", {"say": "x" * 2500})).status_code == 200
            assert "neuraxis_gateway_held_bytes 0.0" in (await http.get("/metrics")).text

    run(scene())


def test_retry_with_the_same_key_gets_the_same_answer_computed_once():
    async def scene():
        async with gateway() as http:
            http.backend.gate.clear()
            twice = [ask(http, "a", idempotency_key="k1") for _ in range(2)]
            await until(lambda: http.backend.started)
            http.backend.gate.set()
            first, second = await asyncio.gather(*twice)
            third = await ask(http, "a", idempotency_key="k1")
            assert first.json() == second.json() == third.json()
            assert len(http.backend.started) == 1
            other = await ask(http, "b", idempotency_key="k1")
            assert other.json()["id"] != first.json()["id"]
            reused = await ask(http, "a", {"say": "else"}, idempotency_key="k1")
            assert reused.status_code == 422

    run(scene())


def test_full_queue_lets_a_retry_in_and_refuses_a_new_key_before_its_body_is_read():
    async def scene():
        async with gateway(max_waiting=1) as http:
            http.backend.gate.clear()
            asked = [ask(http, "a", idempotency_key="k1")]
            await until(lambda: http.backend.started)
            asked.append(ask(http, "b", idempotency_key="k2"))
            while (await http.get("/readyz")).status_code == 200:
                await asyncio.sleep(0.001)

            async def body():
                pytest.fail("it was read")
                yield b""

            headers = {"x-robot": "c", "idempotency-key": "k3"}
            refused = await http.post("/v1/chat/completions", content=body(), headers=headers)
            assert refused.status_code == 429 and code(refused) == "queue_full"
            asked.append(ask(http, "b", idempotency_key="k2"))
            while "replays_total 1.0" not in (await http.get("/metrics")).text:
                await asyncio.sleep(0.001)
            http.backend.gate.set()
            assert {(await each).status_code for each in asked} == {200}
            assert len(http.backend.started) == 2

    run(scene())


def test_retry_of_a_late_answer_gets_it_when_it_is_there():
    async def scene():
        async with gateway() as http:
            http.backend.gate.clear()
            headers = {"idempotency_key": "k1"}
            assert (await ask(http, x_deadline_ms="30", **headers)).status_code == 504
            http.backend.gate.set()
            assert (await ask(http, **headers)).status_code == 200
            assert len(http.backend.started) == 1

    run(scene())


def test_retry_of_what_was_dropped_is_computed():
    async def scene():
        async with gateway() as http:
            http.backend.gate.clear()
            first = ask(http, "a")
            await until(lambda: http.backend.started)
            headers = {"x_priority": "high", "idempotency_key": "k"}
            assert (await ask(http, "b", x_deadline_ms="30", **headers)).status_code == 504
            http.backend.gate.set()
            await first
            assert (await ask(http, "b", **headers)).status_code == 200

    run(scene())


def test_failure_inside_is_500_and_its_message_stays_inside(caplog):
    async def scene():
        async with gateway() as http:
            failed = await ask(http, body={"say": "explode"})
            assert failed.status_code == 500 and "secret" not in failed.text
            assert (await ask(http)).status_code == 200

    with caplog.at_level(logging.DEBUG):
        run(scene())
    lines = "\n".join(JsonLines().format(record) for record in caplog.records)
    assert "secret" not in lines and "Traceback" not in lines and "gateway_rig.py:" in lines


def test_plan_as_a_stream_says_the_same_as_in_one_piece():
    async def scene():
        async with gateway() as http:
            whole = (await ask(http, body={"say": "你好"})).json()
            response = await ask(http, body={"say": "你好", "stream": True})
            assert response.headers["content-type"].startswith("text/event-stream")
            lines = [line for line in response.text.split("\n\n") if line]
            assert lines[-1] == "data: [DONE]"
            chunks = [json.loads(line.removeprefix("data: ")) for line in lines[:-1]]
            assert {chunk["object"] for chunk in chunks} == {"chat.completion.chunk"}
            said = "".join(c["choices"][0]["delta"].get("content", "") for c in chunks)
            assert said == whole["choices"][0]["message"]["content"]
            assert chunks[-1]["choices"][0]["finish_reason"] == "stop"

    run(scene())


def test_readiness_follows_the_backend_but_health_does_not():
    async def scene():
        backend = Backend()
        async with gateway(backend) as http:
            backend.problem = Rejected("not_ready", "loading")
            assert (await http.get("/readyz")).status_code == 503
            assert (await http.get("/healthz")).status_code == 200

    run(scene())


def test_trace_of_the_robot_comes_back_and_nonsense_is_replaced():
    async def scene():
        async with gateway() as http:
            hexa = "4bf92f3577b34da6a3ce929d0e0e4736"
            parent = f"00-{hexa}-00f067aa0ba902b7-01"
            assert (await ask(http, traceparent=parent)).headers["x-trace-id"] == hexa
            assert (await ask(http, x_trace_id="job-7")).headers["x-trace-id"] == "job-7"
            assert len((await ask(http, x_trace_id="a b\x7f")).headers["x-trace-id"]) == 32

    run(scene())


@pytest.fixture
def keys(tmp_path):
    path = tmp_path / "keys.json"
    robot = add_key(path, "x2-01", rate_per_min=60.0, burst=3)[1]
    monitor = add_key(path, "prometheus", role="monitor")[1]
    return path, robot, monitor


def test_roles_are_kept_apart(keys):
    path, robot, monitor = keys

    async def scene():
        async with gateway(keys_file=path) as http:
            assert (await ask(http)).status_code == 401
            assert (await ask(http, authorization=f"Bearer {monitor}")).status_code == 403
            assert (await ask(http, authorization=f"Bearer {robot}")).status_code == 200
            for key, status in ((robot, 403), (monitor, 200), ("x", 401)):
                headers = {"authorization": f"Bearer {key}"}
                assert (await http.get("/metrics", headers=headers)).status_code == status
            assert (await http.get("/healthz")).status_code == 200
            assert http.backend.started == [("x2-01", "hello")]

    run(scene())


def test_spent_budget_is_429_and_no_key_reaches_the_log(keys, caplog):
    path, robot, _ = keys

    async def scene():
        async with gateway(keys_file=path) as http:
            statuses = [
                (await ask(http, authorization=f"Bearer {robot}")).status_code for _ in range(4)
            ]
            assert statuses == [200, 200, 200, 429]
            await ask(http, authorization=f"Bearer {robot[:-1]}")
            twice = [("authorization", f"Bearer {robot}")] * 2
            response = await http.post("/v1/chat/completions", json=BODY, headers=twice)
            assert response.status_code == 401

    with caplog.at_level(logging.DEBUG):
        run(scene())
    text = "\n".join(JsonLines().format(record) for record in caplog.records)
    assert "x2-01" in text and robot[:-1] not in text and robot.split("_", 2)[2] not in text


def test_json_log_blots_out_what_looks_like_a_key():
    record = logging.LogRecord("a", 20, "f", 1, "Bearer abc nxk_0123456789ab_xyz", (), None)
    assert "abc" not in json.loads(JsonLines().format(record))["event"].replace("[key]", "")
