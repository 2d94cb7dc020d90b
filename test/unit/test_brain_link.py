# SPDX-License-Identifier: Apache-2.0
"""The robot at a gateway: certificates, and an answer that is lost on the way."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress

import httpx
import numpy as np
import pytest
from cert_rig import make_certificates
from cryptography.hazmat.primitives import serialization
from wire_rig import SAY, serving

from big_brain_node.brain_client import BrainClient
from big_brain_node.brain_link import BrainLinkParams
from big_brain_node.config import LadderConfig
from big_brain_node.ladder.brains import Brains
from big_brain_node.ladder.endpoints import Endpoint
from big_brain_node.ladder.probe import Probe
from neuraxis_bridge.tls import Tls
from neuraxis_common.errors import ConfigError
from neuraxis_common.plan import Plan

RGB = np.full((480, 640, 3), 90, dtype=np.uint8)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificates")
    make_certificates(folder)
    return folder


@pytest.fixture(scope="module")
def url(folder):
    """A gateway that wants certificates of the authority."""
    with serving(Tls(*(folder / f for f in ("server.pem", "server.key", "authority.pem")))) as port:
        yield f"https://127.0.0.1:{port}"


def link(folder, who="", authority="authority"):
    """Parameters of a robot that shows the certificate of `who`."""
    own = {"brain_cert": f"{folder}/{who}.pem", "brain_key": f"{folder}/{who}.key"} if who else {}
    ca = {"brain_ca": f"{folder}/{authority}.pem"} if authority else {}
    return BrainLinkParams(**ca, **own)


def asked(url, params):
    brain = BrainClient(url, timeout_s=60.0, tls=params.context([url]))
    try:
        return brain.ask(RGB, SAY)
    finally:
        brain.close()


def test_robot_with_a_certificate_gets_an_answer(folder, url):
    assert isinstance(asked(url, link(folder, "robot")), Plan)


@pytest.mark.parametrize(
    ("who", "authority"),
    [("", "authority"), ("impostor", "authority"), ("robot", "stranger"), ("robot", ""), ("", "")],
)
def test_robot_without_a_fitting_certificate_or_trust_gets_none(folder, url, who, authority):
    assert asked(url, link(folder, who, authority)).code == "brain_unavailable"


def test_ladder_and_its_looks_show_the_certificate_too(folder, url):
    context, looks, seen = link(folder, "robot").context([url]), [], threading.Event()

    def report(_now_s, why, _refused):
        looks.append(why)
        seen.set()

    probe = Probe(url, 60.0, report, context)
    probe.start(60.0)
    assert seen.wait(60.0) and looks == [""]
    probe.close()
    places = (Endpoint("one", url), Endpoint("other", "http://127.0.0.1:9"))
    brains = Brains(places, 60.0, LadderConfig(probe_timeout_s=10.0), tls=context)
    try:
        assert isinstance(brains.ask(RGB, SAY), Plan)
    finally:
        brains.close()


def test_settings_that_cannot_work_are_config_errors_that_name_them(folder, tmp_path):
    cert, key = f"{folder}/robot.pem", f"{folder}/robot.key"
    gone, empty = str(tmp_path / "gone.pem"), tmp_path / "empty.pem"
    empty.write_text("")
    secret = tmp_path / "secret.key"
    loaded = serialization.load_pem_private_key((folder / "robot.key").read_bytes(), None)
    locked = serialization.BestAvailableEncryption(b"password")
    pkcs8 = serialization.PrivateFormat.PKCS8
    secret.write_bytes(loaded.private_bytes(serialization.Encoding.PEM, pkcs8, locked))
    for wrong, named in (
        ({"brain_cert": cert}, "brain_cert is given without brain_key"),
        ({"brain_key": key}, "brain_key is given without brain_cert"),
        ({"brain_ca": gone}, f"brain_ca '{gone}'"),
        ({"brain_cert": cert, "brain_key": str(tmp_path)}, f"brain_key '{tmp_path}'"),
        ({"brain_ca": str(empty)}, f"brain_ca '{empty}'"),
        ({"brain_cert": cert, "brain_key": f"{folder}/server.key"}, "are unfit"),
        ({"brain_cert": cert, "brain_key": str(secret)}, "are unfit"),
    ):
        with pytest.raises(ConfigError, match=named):
            BrainLinkParams(**wrong).context(["https://x"])


def test_files_for_a_brain_without_tls_are_a_config_error(folder):
    assert BrainLinkParams().context(["http://x"]) is None
    with pytest.raises(ConfigError, match=r"brain_ca.*https"):
        link(folder).context(["http://x", "http://y"])


@contextmanager
def losing_the_first_answer(port):
    """A way to a gateway on which the first connection breaks once there is an answer."""
    ends = []

    def pump(source, sink):
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)

    def carry(listener):
        for count in range(2):
            near, far = listener.accept()[0], socket.create_connection(("127.0.0.1", port))
            ends.extend((near, far))
            threading.Thread(target=pump, args=(near, far), daemon=True).start()
            if count == 0:
                far.recv(1)
                for end in (near, far):
                    end.shutdown(socket.SHUT_RDWR)
            else:
                pump(far, near)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=carry, args=(listener,), daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    for end in ends:
        end.close()


def test_an_answer_lost_on_the_way_is_had_again_and_computed_once():
    with serving() as port, losing_the_first_answer(port) as way:
        brain = BrainClient(way, timeout_s=60.0)
        assert isinstance(brain.ask(RGB, SAY), Plan)
        brain.close()
        said = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
    assert "neuraxis_gateway_replays_total 1.0" in said
    assert 'neuraxis_gateway_seconds_count{stage="total"} 2.0' in said
