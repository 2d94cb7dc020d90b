# SPDX-License-Identifier: Apache-2.0
"""Requests and plans that nobody would think of: the right status, nothing leaks, nothing dies.

The examples are the same on every run. `FUZZ_EXAMPLES=2000` in the environment tries more.
"""

from __future__ import annotations

import base64
import copy
import io
import json
import logging
import os
import struct
import threading
import zlib
from contextlib import contextmanager

import httpx
import numpy as np
import pytest
import uvicorn
from brain_rig import until
from fakes import default_scene
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from big_brain_node.brain_client import _plan_in
from big_brain_node.compiler.compile import compile_plan
from neuraxis_bridge import chat, images, log, schema
from neuraxis_bridge.app import create_app
from neuraxis_bridge.config import BridgeConfig
from neuraxis_bridge.keys import add_key
from neuraxis_bridge.recent import Ended, Recent
from neuraxis_common.errors import Rejected
from neuraxis_common.plan import Plan, Refusal
from neuraxis_common.types import SceneSnapshot

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "40"))
SETTINGS = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
REFUSING = Plan(refusal=Refusal(code="not_a_task", reason="nothing to do here"))
LEAKS = ("Traceback", 'File "', "site-packages", "pydantic", "starlette")
MB = 1_000_000


class PlainBrain:
    """Refuses whatever it sees, however large."""

    def read_ahead(self, sentences):
        return len(sentences)

    def plan(self, rgb, sentence, *more):
        assert rgb.dtype == np.uint8 and rgb.shape[2] == 3
        return REFUSING


@contextmanager
def served(**config):
    """A gateway with a brain on a real socket; its address."""
    # Asked far faster than any robot would.
    app = create_app(PlainBrain(), BridgeConfig(deadline_s=60.0, **config))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10.0)


@pytest.fixture(scope="module")
def address():
    with served() as url:
        yield url


def alive(url):
    assert httpx.get(f"{url}/healthz", trust_env=False, timeout=60.0).status_code == 200


def body(url="", text="go", **more):
    content = [
        {"type": "image_url", "image_url": {"url": url or images.encode(picture(64, 48))}},
        {"type": "text", "text": text},
    ]
    return {"model": chat.MODEL, "messages": [{"role": "user", "content": content}]} | more


def picture(width, height):
    return np.zeros((height, width, 3), dtype=np.uint8)


def post(url, **request):
    answer = httpx.post(f"{url}/v1/chat/completions", trust_env=False, timeout=60.0, **request)
    assert not any(leak in answer.text for leak in LEAKS)
    return answer


def code(answer):
    return answer.json()["error"]["code"]


def test_the_contract_holds_for_generated_requests(address):
    schemathesis = pytest.importorskip("schemathesis", reason="needs schemathesis")
    contract = schemathesis.openapi.from_dict(schema.document())
    tried = []

    for found in contract.get_all_operations():
        operation = found.ok()

        @SETTINGS
        @given(operation.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE)
               | operation.as_strategy())  # fmt: skip
        def check(case):
            answer = case.call(base_url=address, timeout=60.0)
            tried.append(answer.status_code)
            assert answer.status_code < 500 or answer.status_code in (503, 504)
            assert not any(leak in answer.text for leak in LEAKS)
            case.validate_response(
                answer,
                checks=[
                    schemathesis.checks.CHECKS.get_one("response_schema_conformance"),
                    schemathesis.checks.CHECKS.get_one("content_type_conformance"),
                    schemathesis.checks.CHECKS.get_one("status_code_conformance"),
                ],
            )

        check()
    assert len(tried) >= 6 and {200, 400} <= set(tried)
    alive(address)


def values(definition, defs):
    """Strategy of what a JSON schema allows, as far as pydantic writes them."""
    if "$ref" in definition:
        return st.deferred(lambda: values(defs[definition["$ref"].rsplit("/", 1)[1]], defs))
    if "anyOf" in definition:
        return st.one_of(*(values(part, defs) for part in definition["anyOf"]))
    if "const" in definition or "enum" in definition:
        return st.sampled_from(definition.get("enum") or [definition["const"]])
    if "pattern" in definition:
        return st.from_regex(definition["pattern"], fullmatch=True)
    kind = definition["type"]
    if kind == "array" and "prefixItems" in definition:
        return st.tuples(*(values(part, defs) for part in definition["prefixItems"])).map(list)
    if kind == "array":
        return st.lists(values(definition["items"], defs), max_size=4)
    if kind == "object":
        properties = {n: values(d, defs) for n, d in definition["properties"].items()}
        required = {n: properties.pop(n) for n in definition.get("required", ())}
        return st.fixed_dictionaries(required, optional=properties)
    return {
        "number": st.floats(0, 1e6) | st.integers(0, 700),
        "integer": st.integers(),
        "string": st.text(max_size=20),
        "null": st.none(),
        "boolean": st.booleans(),
    }[kind]


PLAN_SCHEMA = Plan.model_json_schema()
NEAR = values(PLAN_SCHEMA, PLAN_SCHEMA["$defs"])
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@st.composite
def misses(draw):
    """A plan with one thing in it replaced, taken away or added."""
    plan = copy.deepcopy(draw(NEAR))
    places, stack = [], [plan]
    while stack:
        node = stack.pop()
        keys = list(node) if isinstance(node, dict) else range(len(node))
        places += [(node, key) for key in keys]
        stack += [node[key] for key in keys if isinstance(node[key], dict | list)]
    if not places:
        return draw(JUNK)
    node, key = draw(st.sampled_from(places))
    how = draw(st.sampled_from(("replace", "take", "add")))
    if how == "take":
        del node[key]
    elif how == "add" and isinstance(node, dict):
        node[draw(st.text(max_size=5))] = draw(JUNK)
    else:
        node[key] = draw(JUNK)
    return plan


@settings(SETTINGS, max_examples=3 * EXAMPLES)
@given(NEAR | misses() | JUNK)
def test_any_answer_is_a_plan_in_the_image_or_refused_and_compiles_or_is_refused(content):
    answer = {"choices": [{"message": {"content": json.dumps(content)}}]}
    plan = _plan_in(json.dumps(answer).encode(), (480, 640, 3))
    if isinstance(plan, Rejected):
        assert plan.code == "brain_bad_answer" and len(plan.reason) < 1000
        return
    scene = SceneSnapshot(0.0, tuple(default_scene()))
    steps = compile_plan(plan, scene, 0.4, 1.0)
    assert isinstance(steps, Rejected) == (plan.refusal is not None) or plan.steps
    recent = Recent()
    recent.add(Ended("r", "ok", "t", 0.1, plan=plan.model_dump_json()), 0.0)
    json.dumps(recent.state(1.0))


@SETTINGS
@given(st.binary(max_size=300) | st.text().map(lambda text: text.encode("utf-8", "replace")))
def test_no_bytes_at_all_make_the_reader_fail(data):
    assert isinstance(chat.read_request(data, 10_000), Rejected | chat.Question)
    assert isinstance(images.decode("data:image/png;base64," + data.hex(), 10_000), Rejected)
    uri = "data:image/jpeg;base64," + base64.b64encode(data).decode()
    assert isinstance(images.decode(uri, 10_000), Rejected)


@SETTINGS
@given(st.data())
def test_no_damaged_image_makes_the_reader_fail(data):
    kind = data.draw(st.sampled_from(("PNG", "JPEG")))
    buffer = io.BytesIO()
    Image.fromarray(picture(64, 48)).save(buffer, kind)
    raw = bytearray(buffer.getvalue())
    for _ in range(data.draw(st.integers(1, 8))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    raw = raw[: data.draw(st.integers(0, len(raw)))]
    uri = f"data:image/{kind.lower()};base64,{base64.b64encode(bytes(raw)).decode()}"
    found = images.decode(uri, 10_000)
    assert isinstance(found, Rejected) or (found.dtype == np.uint8 and found.ndim == 3)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, rows, *more):
    """A PNG whose header says one size and whose data hold this many bytes of zeros."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [chunk(b"IHDR", header), *more, chunk(b"IDAT", zlib.compress(bytes(rows), 9))]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts) + chunk(b"IEND", b"")


BOMBS = {
    "header of 65 gigapixels": png(2**18, 2**18, 100),
    "header of 2^31": png(2**31 - 1, 2**31 - 1, 100),
    "200 MB behind a small header": png(64, 48, 200 * MB),
    "text of 100 MB": png(
        64, 48, 48 * 193, chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(100 * MB)))
    ),
    "profile of 100 MB": png(
        64, 48, 48 * 193, chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(100 * MB)))
    ),
    "no pixels": png(64, 48, 0),
    "narrow": png(1, 4_000_000, 100),
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_image_bombs_are_refused_or_harmless(address, name):
    uri = "data:image/png;base64," + base64.b64encode(BOMBS[name]).decode()
    answer = post(address, json=body(uri))
    assert answer.status_code in (200, 400)
    if answer.status_code == 400:
        assert code(answer).startswith("image_")
    alive(address)


@pytest.mark.parametrize("told", [True, False])
def test_100_mb_are_refused_without_being_kept(address, told):
    piece = b" " * MB

    def pieces():
        for _ in range(100):
            yield piece

    headers = {"content-type": "application/json"}
    if told:
        headers["content-length"] = str(100 * MB)
    try:
        answer = post(address, content=pieces(), headers=headers)
        assert answer.status_code == 413 and code(answer) == "body_too_large"
    except httpx.TransportError:
        # Refused so early that the rest of the body met a closed connection.
        pass
    alive(address)


@pytest.mark.parametrize(
    "data",
    [b"[" * 2_000_000, b'{"a":' * 500_000, b'{"model": NaN}', b"1e999999", b'"\\ud800"',
     b"\xff" * 99,
     json.dumps({"model": "x" * 10 * MB}).encode(), b'{"model": "m", "model": 1}', b"9" * MB],
)  # fmt: skip
def test_hostile_json_is_a_400(address, data):
    answer = post(address, content=data)
    assert answer.status_code in (400, 404) and len(answer.text) < 2000
    alive(address)


def test_keys_are_in_no_log_and_no_answer(tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    path = tmp_path / "keys.json"
    key = add_key(path, "x2", rate_per_min=100_000, burst=100_000)[1]
    forged = key[:-4] + "AAAA"
    answers = []
    with served(keys_file=path) as url:
        for given_key in (key, forged):
            headers = {"authorization": f"Bearer {given_key}"}
            say = {"headers": headers, "trust_env": False, "timeout": 60.0}
            for how in (f"/v1/models?key={given_key}", f"/{given_key}", "/metrics", "/ui/state"):
                answers.append(httpx.get(url + how, **say).text)
            for sent in (body(text=given_key), body(given_key), {"model": given_key}, given_key):
                answers.append(post(url, json=sent, headers=headers).text)
            twice = [("authorization", f"Bearer {given_key}")] * 2
            answers.append(post(url, json=body(), headers=twice).text)
    lines = [log.JsonLines().format(r) + log.Lines().format(r) for r in caplog.records
             if r.name.startswith(("neuraxis", "uvicorn"))]  # fmt: skip
    assert lines
    # What a robot itself writes into a wrong field may come back to it, and to nobody else.
    assert not any(secret in "".join(lines) for secret in (key, forged, key.split("_", 2)[2]))
    assert not any(key in text for text in answers[:4])
