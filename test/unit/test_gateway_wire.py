# SPDX-License-Identifier: Apache-2.0
"""A gateway on a real socket: TLS, client certificates, slow and rude clients, fuzzed bodies."""

from __future__ import annotations

import base64
import json
import logging
import socket
import ssl
import time
import zlib

import httpx
import pytest
from cert_rig import make_certificates
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wire_rig import PATH, question, serving

from neuraxis_bridge.config import BridgeConfig
from neuraxis_bridge.keys import add_key
from neuraxis_bridge.log import JsonLines
from neuraxis_bridge.server import listen, main
from neuraxis_bridge.tls import Tls
from neuraxis_common.errors import ConfigError


def client(port, scheme="http", **kwargs):
    return httpx.Client(base_url=f"{scheme}://127.0.0.1:{port}", trust_env=False, timeout=20.0,
                        **kwargs)  # fmt: skip


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificates")
    make_certificates(folder)
    return folder


def trusting(folder, who=None):
    context = ssl.create_default_context(cafile=folder / "authority.pem")
    # As Python does by itself from 3.13 on.
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    if who:
        context.load_cert_chain(folder / f"{who}.pem", folder / f"{who}.key")
    return context


def test_tls_answers_those_who_trust_its_authority(certificates):
    with serving(Tls(certificates / "server.pem", certificates / "server.key")) as port:
        with client(port, "https", verify=trusting(certificates)) as http:
            assert http.post(PATH, json=question()).status_code == 200
        with client(port, "https") as http, pytest.raises(httpx.ConnectError):
            http.get("/healthz")
        with client(port) as http, pytest.raises(httpx.HTTPError):
            http.get("/healthz")


def test_mutual_tls_lets_only_our_robots_in(certificates):
    tls = Tls(*(certificates / name for name in ("server.pem", "server.key", "authority.pem")))
    with serving(tls) as port:
        with client(port, "https", verify=trusting(certificates, "robot")) as http:
            assert http.post(PATH, json=question()).status_code == 200
        for who in (None, "impostor"):
            with client(port, "https", verify=trusting(certificates, who)) as http:
                with pytest.raises(httpx.HTTPError):
                    http.get("/healthz")


def test_half_or_unfit_tls_settings_are_config_errors(certificates, tmp_path, capsys):
    cert, key = certificates / "server.pem", certificates / "server.key"
    for wrong in ((cert,), (None, None, cert), (cert, certificates / "robot.key"), (key, tmp_path)):
        with pytest.raises(ConfigError, match=r"TLS|--tls"):
            Tls(*wrong)
    assert main(["--tls-cert", str(cert)]) == 2
    assert "--tls-key" in capsys.readouterr().err


def test_headers_that_never_end_close_the_connection_and_disturb_nobody():
    with serving(header_s=0.3) as port, client(port) as http:
        slow = [socket.create_connection(("127.0.0.1", port), 10.0) for _ in range(20)]
        for each in slow[::2]:
            each.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nx-a: ")
        assert http.post(PATH, json=question()).status_code == 200
        assert [each.recv(100) for each in slow] == [b""] * len(slow)


def test_second_request_of_a_connection_has_no_more_time_than_the_first():
    with serving(header_s=0.3) as port:
        with socket.create_connection(("127.0.0.1", port), 10.0) as slow:
            slow.sendall(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
            assert b"200 OK" in slow.recv(4096)
            slow.sendall(b"GET /healthz HTTP")
            rest = b"-"
            while rest:
                rest = slow.recv(4096)


def test_bodies_that_never_end_are_408_or_504_and_disturb_nobody():
    head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 999\r\n"
    with serving(upload_s=0.3) as port, client(port) as http:
        for extra, status in ((b"", b"408"), (b"x-deadline-ms: 50\r\n", b"504")):
            with socket.create_connection(("127.0.0.1", port), 10.0) as slow:
                slow.sendall(head + extra + b"\r\n{")
                assert http.post(PATH, json=question()).status_code == 200
                assert slow.recv(4096).split()[1] == status


def test_broken_http_is_400_and_a_gone_client_costs_nobody_anything():
    with serving() as port, client(port) as http:
        for garbage in (b"\x16\x03\x01\x02\x00", b"GET / HTTP/9\r\n\r\n", b"\x00" * 5000 + b"\n\n"):
            with socket.create_connection(("127.0.0.1", port), 10.0) as rude:
                rude.sendall(garbage + b"\r\n\r\n")
                assert rude.recv(4096).split()[1:2] == [b"400"]
        for _ in range(20):
            with socket.create_connection(("127.0.0.1", port), 10.0) as gone:
                gone.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\n"
                             b"content-length: 5000\r\n\r\n{")  # fmt: skip
        assert http.post(PATH, json=question()).status_code == 200


def test_a_hundred_megabytes_are_413_before_they_are_read():
    def chunks():
        for _ in range(100):
            yield b" " * 1_000_000

    with serving() as port, client(port) as http:
        head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 100000000\r\n\r\n"
        with socket.create_connection(("127.0.0.1", port), 10.0) as large:
            large.sendall(head)
            assert large.recv(4096).split()[1] == b"413"
        try:
            assert http.post(PATH, content=chunks()).status_code == 413
        except httpx.NetworkError:
            # It hung up on us while we were still writing, which is as good.
            assert http.get("/healthz").status_code == 200


def png_bomb():
    """A PNG of 60,000 x 60,000 pixels in a few bytes."""

    def chunk(name, data):
        body = name + data
        return len(data).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")

    side = (60_000).to_bytes(4, "big")
    head = chunk(b"IHDR", side + side + bytes([8, 2, 0, 0, 0]))
    data = chunk(b"IDAT", zlib.compress(bytes(1_000_000), 9))
    return b"\x89PNG\r\n\x1a\n" + head + data + chunk(b"IEND", b"")


def test_image_bombs_are_refused_by_their_header():
    uri = "data:image/png;base64," + base64.b64encode(png_bomb()).decode()
    body = question()
    body["messages"][0]["content"][0]["image_url"]["url"] = uri
    with serving() as port, client(port) as http:
        began_s = time.monotonic()
        response = http.post(PATH, json=body)
        assert response.status_code == 400
        assert response.json()["error"]["code"] in ("image_too_large", "image_unreadable")
        assert time.monotonic() - began_s < 10.0


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)
FIELDS = st.sampled_from(
    ["model", "messages", "stream", "n", "response_format", "role", "content", "type", "text"]
)
NEAR = st.dictionaries(FIELDS, JSON, max_size=6)


@st.composite
def near_misses(draw):
    """A good question with one of its parts replaced."""
    body = question()
    place = draw(st.sampled_from(["top", "message", "part"]))
    target = {"top": body, "message": body["messages"][0],
              "part": body["messages"][0]["content"][0]}[place]  # fmt: skip
    target.update(draw(NEAR))
    return json.dumps(body).encode()


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory):
    """A gateway with keys, a client with the right one, and all that is logged meanwhile."""
    lines = []

    class Keep(logging.Handler):
        def emit(self, record):
            lines.append(JsonLines().format(record) + str(record.exc_info or ""))

    handler = Keep()
    logging.getLogger().addHandler(handler)
    logging.getLogger("neuraxis_bridge").setLevel(logging.INFO)
    path = tmp_path_factory.mktemp("keys") / "keys.json"
    key = add_key(path, "x2-01", rate_per_min=0.0)[1]
    with serving(keys_file=path) as port, client(port) as http:
        yield http, key, lines
    logging.getLogger("neuraxis_bridge").setLevel(logging.NOTSET)
    logging.getLogger().removeHandler(handler)


ANY = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@ANY
@given(body=st.binary(max_size=300) | JSON.map(lambda x: json.dumps(x).encode()) | near_misses())
def test_no_body_breaks_it(fuzzed, body):
    http, key, _ = fuzzed
    response = http.post(PATH, content=body, headers={"authorization": f"Bearer {key}"})
    assert response.status_code in (200, 400, 404, 413)
    assert "Traceback" not in response.text and key not in response.text
    assert response.status_code == 200 or response.json()["error"]["code"]


HEADER = st.text(st.characters(min_codepoint=33, max_codepoint=255), min_size=1, max_size=60)
NAMES = ("x-deadline-ms", "x-priority", "idempotency-key", "traceparent", "x-trace-id", "x-robot")


@ANY
@given(name=st.sampled_from(NAMES), value=HEADER)
def test_no_header_breaks_it(fuzzed, name, value):
    http, key, _ = fuzzed
    headers = [("authorization", f"Bearer {key}"), (name, value.encode("latin-1"))]
    response = http.post(PATH, content=b"{}", headers=headers)
    assert response.status_code == 400


@ANY
@given(value=HEADER)
def test_no_wrong_key_opens_it(fuzzed, value):
    http, key, _ = fuzzed
    for text in (value, key[:-1], key + "x", key.upper(), f"nxk_{value}"):
        raw = b"Bearer " + text.encode("latin-1")
        response = http.post(PATH, content=b"{}", headers={"authorization": raw})
        assert response.status_code in (401, 429)


def test_nothing_of_all_this_is_in_the_log(fuzzed):
    http, key, lines = fuzzed
    assert http.post(PATH, json=question(), headers={"authorization": f"Bearer {key}"}).is_success
    text = "\n".join(lines)
    assert '"robot": "x2-01"' in text
    assert key not in text and key.split("_", 2)[2][:-1] not in text and "Traceback" not in text
    assert '"code": "internal_error"' not in text


def test_half_a_surrogate_pair_is_a_mistake_of_the_client(fuzzed):
    http, key, _ = fuzzed
    for name in ("model", "text"):
        body = question()
        target = body if name == "model" else body["messages"][0]["content"][1]
        target[name] = "\ud800 put"
        headers = {"authorization": f"Bearer {key}"}
        response = http.post(PATH, content=json.dumps(body).encode(), headers=headers)
        assert response.status_code in (200, 400, 404), response.text


def test_answers_do_not_wait_for_the_acknowledgement_of_their_headers():
    with listen(BridgeConfig(port=0)) as listener:
        with socket.create_connection(listener.getsockname()):
            accepted, _ = listener.accept()
            with accepted:
                assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
