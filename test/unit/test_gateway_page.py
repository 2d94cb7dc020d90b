# SPDX-License-Identifier: Apache-2.0
"""The gateway's page: what it is told, who is told, and what a browser makes of it."""

from __future__ import annotations

import asyncio
import re
import shutil
import threading
from contextlib import contextmanager
from html.parser import HTMLParser

import httpx
import pytest
import uvicorn
from brain_rig import until
from gateway_rig import Backend, ask, gateway, run

from neuraxis_bridge.app import create_gateway
from neuraxis_bridge.config import BridgeConfig
from neuraxis_bridge.keys import add_key
from neuraxis_bridge.recent import Ended, Recent
from neuraxis_bridge.ui import _FOLDER
from neuraxis_common.plan import ContainerRef, PartRef, Plan, PutStep, Refusal

PLAN = Plan(
    steps=(
        PutStep(
            object=PartRef(shape="cube", color="red", box=(1, 2, 10, 12)),
            target=ContainerRef(shape="tray", color="blue", box=(20, 2, 60, 40)),
        ),
    )
).model_dump_json()
REFUSAL = Plan(
    language="zh",
    refusal=Refusal(code="unsafe", reason="<img src=x onerror=alert(1)> 我不会这样做"),
).model_dump_json()
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def ended(code="ok", total_s=0.1, robot="r1", **more):
    return Ended(robot, code, "t" * 32, total_s, **more)


def test_percentiles_are_of_answers_in_the_window():
    recent = Recent()
    recent.add(ended(total_s=9.0), 0.0)
    for k in range(100):
        recent.add(ended(total_s=(k + 1) / 1000, wait_s=0.001), 150.0)
    recent.add(ended("queue_full", total_s=5.0), 150.0)
    state = recent.state(151.0)
    assert state["latency"]["total"] == {"count": 100, "p50_ms": 50.0, "p99_ms": 99.0}
    assert state["latency"]["wait"]["p50_ms"] == 1.0
    assert state["latency"]["model"] == {"count": 0, "p50_ms": None, "p99_ms": None}
    assert state["codes"] == {"ok": 100, "queue_full": 1}
    assert [row["count"] for row in state["series"]] == [0] * 23 + [100]
    assert state["robots"][0]["asked"] == 102 and state["robots"][0]["answered"] == 101


def test_everything_is_bounded():
    recent = Recent()
    for k in range(10_000):
        recent.add(ended(robot=f"r{k}", plan=PLAN), float(k) / 1000)
    state = recent.state(10.0)
    assert len(state["robots"]) == 256 and len(state["plans"]) == 20
    assert state["latency"]["total"]["count"] == 4096


def test_plans_are_told_in_words_and_other_answers_are_not_told():
    recent = Recent()
    for content in (PLAN, REFUSAL, "the password is hunter2", "[" * 10_000):
        recent.add(ended(plan=content), 1.0)
    told = [(plan["kind"], plan["lines"]) for plan in recent.state(2.0)["plans"]]
    assert told[:2] == [("other", []), ("other", [])]
    assert told[2][0] == "refusal" and told[3] == ("plan", ["put red cube → blue tray"])


def test_the_page_loads_nothing_from_elsewhere_and_runs_nothing_inline():
    async def check():
        async with gateway() as client:
            for path in ("/ui", "/ui/page.js", "/ui/page.css"):
                answer = await client.get(path)
                assert answer.status_code == 200
                assert "default-src 'none'" in answer.headers["content-security-policy"]
                links = re.findall(r"(?:https?:)?//[a-z0-9]+\.[^\s\"']+", answer.text)
                assert set(links) <= {"http://www.w3.org/2000/svg"}
            assert (await client.get("/")).headers["location"] == "/ui"

    run(check())
    tags = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attributes):
            tags.append((tag, dict(attributes)))

    Reader().feed((_FOLDER / "page.html").read_text(encoding="utf-8"))
    assert not any(name.startswith("on") or name == "style" for _, row in tags for name in row)
    assert [row["src"] for tag, row in tags if tag == "script"] == ["/ui/page.js"]
    used = set(re.findall(r'\$\("([a-z0-9-]+)"\)', (_FOLDER / "page.js").read_text("utf-8")))
    assert used <= {row["id"] for _, row in tags if "id" in row}
    assert "innerHTML" not in (_FOLDER / "page.js").read_text("utf-8")


def test_data_needs_a_key_of_role_monitor(tmp_path):
    keys = tmp_path / "keys.json"
    robot, monitor = add_key(keys, "x2")[1], add_key(keys, "prom", role="monitor")[1]

    async def check():
        async with gateway(keys_file=keys) as client:
            for key, status in (("", 401), ("nxk_wrong", 401), (robot, 403), (monitor, 200)):
                headers = {"authorization": f"Bearer {key}"} if key else {}
                answer = await client.get("/ui/state", headers=headers)
                assert answer.status_code == status
            asked = await client.get("/ui/state", params={"key": monitor})
            assert asked.status_code == 401

    run(check())


def test_requests_show_up_with_their_robot_and_how_they_ended():
    async def check():
        async with gateway(max_waiting=1, max_per_robot=1) as client:
            client.backend.gate.clear()
            asked = [ask(client, "r1", {"say": PLAN}), ask(client, "r1"), ask(client, "r1")]
            while sum(task.done() for task in asked) < 1:
                await asyncio.sleep(0.001)
            state = (await client.get("/ui/state")).json()
            assert state["queue"]["busy"] == 1 and state["queue"]["waiting"] == 1
            assert not state["ready"]
            client.backend.gate.set()
            for task in asked:
                await task
            state = (await client.get("/ui/state")).json()
            assert state["ready"] and state["codes"]["ok"] == 2
            assert [row["name"] for row in state["robots"]] == ["r1"]
            told = [plan["lines"] for plan in state["plans"]]
            assert ["put red cube → blue tray"] in told

    run(check())


@contextmanager
def served(**config):
    """A gateway on a real socket; its address."""
    app = create_gateway(Backend(), BridgeConfig(**config))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10.0)


@contextmanager
def browser_page(**context):
    """A page in headless Chromium, and every address that it asked for."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip(f"needs Chromium, one of: {', '.join(BROWSERS)}")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page, seen, problems = browser.new_page(**context), [], []
        page.set_default_timeout(60_000)
        page.on("request", lambda request: seen.append(request.url))
        page.on("pageerror", lambda error: problems.append(str(error)))
        try:
            yield page, seen
            assert problems == []
        finally:
            browser.close()


def say(url, content, robot, key=""):
    body = {"model": "m", "messages": [{"role": "user", "content": "go"}], "say": content}
    headers = {"x-robot": robot} | ({"authorization": f"Bearer {key}"} if key else {})
    return httpx.post(f"{url}/v1/chat/completions", json=body, headers=headers, timeout=60.0,
                      trust_env=False)  # fmt: skip


def test_a_browser_shows_robots_queue_latencies_and_plans():
    with served() as url, browser_page() as (page, seen):
        for k, content in enumerate((PLAN, REFUSAL, PLAN)):
            assert say(url, content, f"x2-0{k}").status_code == 200
        page.goto(url)
        page.wait_for_selector("#robots tr:nth-child(3)")
        assert page.url.endswith("/ui") and page.inner_text("#health") == "ready"
        assert page.inner_text("#waiting") == "0 / 64" and page.inner_text("#busy") == "0 / 1"
        assert page.inner_text("#robots tr:first-child td:first-child") == "x2-00"
        assert "put red cube → blue tray" in page.inner_text("#plans")
        # What a brain wrote is text, whatever it looks like.
        assert "<img src=x" in page.inner_text("#plans li.refusal")
        assert page.locator("#plans img").count() == 0
        assert page.locator("#chart path").count() == 2
        assert float(page.inner_text("#p50")) >= 0.0
        assert all(address.startswith(url) for address in seen)
        say(url, PLAN, "x2-09")
        page.wait_for_selector("#robots tr:nth-child(4)")


def test_a_browser_asks_for_the_key_and_puts_it_into_no_address(tmp_path):
    keys = tmp_path / "keys.json"
    robot, monitor = add_key(keys, "x2")[1], add_key(keys, "page", role="monitor")[1]
    with served(keys_file=keys) as url, browser_page() as (page, seen):
        assert say(url, PLAN, "", robot).status_code == 200
        page.goto(f"{url}/ui")
        page.wait_for_selector("#door:not([hidden])")
        assert page.is_hidden("#board")
        page.fill("#key", robot)
        page.click("#door button")
        page.wait_for_selector("#door-problem:not(:empty)")
        assert "monitor" in page.inner_text("#door-problem") and page.is_hidden("#board")
        page.fill("#key", monitor)
        page.click("#door button")
        page.wait_for_selector("#board:not([hidden])")
        assert page.inner_text("#robots td:first-child") == "x2"
        assert not any("nxk_" in address for address in seen)
        kept = page.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie])")
        assert "nxk_" not in kept and page.input_value("#key") == ""
