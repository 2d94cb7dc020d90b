# SPDX-License-Identifier: Apache-2.0
"""The bridge: shape of requests and answers, limits, errors without tracebacks."""

from __future__ import annotations

import base64
import io
import json
import threading

import numpy as np
import pytest
from fake_scene import container, part
from fastapi.testclient import TestClient
from PIL import Image

from neuraxis_bridge import images, job_said
from neuraxis_bridge.app import create_app
from neuraxis_bridge.brain import SECOND_SHARE, Brain
from neuraxis_bridge.chat import MODEL
from neuraxis_bridge.config import BridgeConfig, is_loopback
from neuraxis_bridge.executor import execute
from neuraxis_bridge.planner import Understood
from neuraxis_bridge.program import parse
from neuraxis_bridge.server import listen, main, read_api_key
from neuraxis_common.errors import ConfigError, Rejected
from neuraxis_common.plan import Plan

RGB = np.repeat(np.linspace(0, 255, 64 * 48).reshape(48, 64, 1), 3, axis=2).astype(np.uint8)
MAX_LOSS = 8


class FakeEyes:
    """Sees the same two things in every image and keeps the images."""

    def __init__(self):
        self.images = []

    def detect(self, rgb):
        self.images.append(rgb)
        return (part("red cube", 20), container("blue tray", 120))


class FakeReader:
    """Takes every sentence as the same program; blocks or fails when told."""

    def __init__(self):
        self.gate = threading.Event()
        self.gate.set()
        self.sentences = []

    def read_ahead(self, sentences):
        return len(sentences)

    def being_read(self, _sentence):
        return False

    def understand(self, sentence):
        self.sentences.append(sentence)
        self.gate.wait(5.0)
        if sentence == "explode":
            raise RuntimeError("secret detail")
        return Understood(parse("put one red cube into one tray"), "en", 1.0)


class Setup:
    """A client of an app around fakes."""

    def __init__(self, **config):
        self.eyes, self.reader = FakeEyes(), FakeReader()
        app = create_app(Brain(self.eyes, self.reader), BridgeConfig(**config))
        self.http = TestClient(app, raise_server_exceptions=False)

    def ask(self, body, **kwargs):
        return self.http.post("/v1/chat/completions", json=body, **kwargs)


def question(text="put the red cube in the tray", image=None, **more):
    url = {"url": images.encode(RGB) if image is None else image}
    content = [{"type": "image_url", "image_url": url}, {"type": "text", "text": text}]
    return {"model": MODEL, "messages": [{"role": "user", "content": content}], **more}


def test_plan_comes_as_chat_completion():
    setup = Setup()
    schema = {"name": "plan", "schema": Plan.model_json_schema()}
    format_ = {"type": "json_schema", "json_schema": schema}
    response = setup.ask(question(response_format=format_, temperature=0))
    assert response.status_code == 200
    body = response.json()
    assert body["object"] == "chat.completion" and body["choices"][0]["finish_reason"] == "stop"
    plan = Plan.model_validate_json(body["choices"][0]["message"]["content"])
    assert [step.object.label for step in plan.steps] == ["red cube"]
    assert is_like(setup.eyes.images[0])


def is_like(rgb):
    """Whether an image is `RGB` but for what JPEG loses."""
    return rgb.shape == RGB.shape and np.abs(rgb.astype(int) - RGB).max() <= MAX_LOSS


def test_what_is_not_surely_understood_is_refused():
    class Unsure:
        def being_read(self, _sentence):
            return False

        def understand(self, _sentence):
            return Understood(parse("put one red cube into one tray"), "zh", 0.1)

    plan = Brain(FakeEyes(), Unsure()).plan(RGB, "x")
    assert plan.refusal.code == "ambiguous" and not plan.steps and plan.language == "zh"
    assert Brain(FakeEyes(), Unsure(), min_confidence=0.0).plan(RGB, "x").steps


class TwoReadings:
    """Reads a sentence as something that is not there, or else as something that may be."""

    def __init__(self, *others):
        self.asked = []
        self._others = [Understood(parse(text), "en", 0.3) for text in others]

    def being_read(self, _sentence):
        return False

    def understand(self, _sentence):
        return Understood(parse("put one white cube into one tray"), "en", 0.5)

    def others(self, _sentence, within):
        self.asked.append(within)
        return iter(self._others)


def test_second_reading_is_taken_where_the_first_cannot_be_carried_out():
    reader = TwoReadings("put one black cube into one tray", "put one red cube into one tray")
    plan = Brain(FakeEyes(), reader).plan(RGB, "x")
    assert [step.object.label for step in plan.steps] == ["red cube"]
    assert plan.program == "put one red cube into one tray"
    assert reader.asked == [SECOND_SHARE]


def test_first_reading_is_refused_where_no_other_can_be_carried_out():
    plan = Brain(FakeEyes(), TwoReadings("put one black cube into one tray")).plan(RGB, "x")
    assert plan.refusal.code == "not_found" and "white" in plan.refusal.reason


def test_no_second_reading_of_what_is_unsafe():
    class Unsafe(TwoReadings):
        def being_read(self, _sentence):
            return False

        def understand(self, _sentence):
            return Understood(parse("refuse unsafe"), "en", 0.5)

    reader = Unsafe("put one red cube into one tray")
    assert Brain(FakeEyes(), reader).plan(RGB, "x").refusal.code == "unsafe"
    assert not reader.asked


def test_a_question_never_becomes_an_order():
    class Asks(TwoReadings):
        def being_read(self, _sentence):
            return False

        def understand(self, _sentence):
            return Understood(parse("ask exists any red cube left_of white cup"), "en", 0.5)

    reader = Asks("put one red cube into one tray", "ask exists any red cube left_of blue tray")
    plan = Brain(FakeEyes(), reader).plan(RGB, "x")
    assert not plan.steps and plan.answer.yes
    # Nor does one that is misread from the start.
    plan = Brain(FakeEyes(), FakeReader()).plan(RGB, "any sign of a red cube in the tray?")
    assert not plan.steps and plan.refusal.code == "ambiguous"


def test_the_job_that_a_robot_tells_is_what_a_question_is_about():
    setup = Setup()
    setup.reader.understand = lambda _sentence: Understood(parse("ask done"), "en", 1.0)
    job = job_said.wanted_of(put_plan("red cube", "blue tray"), setup.eyes.detect(RGB))
    told = {"role": "system", "content": job_said.say(job)}
    body = question("are you done?")

    def answered(messages):
        response = setup.ask(body | {"messages": messages})
        content = response.json()["choices"][0]["message"]["content"]
        return Plan.model_validate_json(content)

    answer = answered([told, *body["messages"]]).answer
    assert (answer.yes, answer.count, answer.of) == (False, 0, 1)
    assert answered(body["messages"]).answer.yes is None
    # Said by a person it is a forgery.
    said = [{"type": "text", "text": job_said.say(job)}, *body["messages"][0]["content"]]
    assert answered([{"role": "user", "content": said}]).refusal.code == "not_a_task"
    broken = {"role": "system", "content": job_said.PREFIX + '[{"object": 1}]'}
    response = setup.ask(body | {"messages": [broken, *body["messages"]]})
    assert response.status_code == 400 and "job" in response.json()["error"]["message"]


def put_plan(thing, target):
    """A plan of one step, between two of the things that `FakeEyes` sees."""
    return execute(parse(f"put one {thing} into one {target}"), FakeEyes().detect(RGB))


def test_models_and_health_answer():
    http = Setup().http
    assert http.get("/healthz").json()["status"] == "ok"
    assert [entry["id"] for entry in http.get("/v1/models").json()["data"]] == [MODEL]


def test_last_user_message_counts():
    setup = Setup()
    body = question("the second")
    body["messages"].insert(0, {"role": "user", "content": "the first"})
    body["messages"].insert(0, {"role": "system", "content": "be kind"})
    assert setup.ask(body).status_code == 200
    assert setup.reader.sentences == ["the second"]


def png_uri(rgb):
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def test_png_is_accepted_as_it_is():
    setup = Setup()
    assert setup.ask(question(image=png_uri(RGB))).status_code == 200
    assert np.array_equal(setup.eyes.images[0], RGB)


BAD = {
    "not an object": [],
    "no messages": {"model": MODEL},
    "empty messages": {"model": MODEL, "messages": []},
    "no user": {"model": MODEL, "messages": [{"role": "system", "content": "x"}]},
    "no image": {"model": MODEL, "messages": [{"role": "user", "content": "put it there"}]},
    "unknown role": {"model": MODEL, "messages": [{"role": "robot", "content": "x"}]},
    "two answers": question(n=2),
    "other schema": question(
        response_format={
            "type": "json_schema", "json_schema": {"schema": {"properties": {"a": {}}}}
        }
    ),
    "empty sentence": question("  \n "),
    "10,000 characters": question("put " * 2500),
    "web address": question(image="https://example.org/a.png"),
    "no base64": question(image="data:image/png;base64,@@@@"),
    "no image data": question(image="data:image/png;base64," + "AAAA" * 30),
    "cut image": question(image=png_uri(RGB)[:-400]),
    "tiny image": question(image=png_uri(RGB[:8, :8])),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_requests_are_4xx_with_a_reason(name):
    setup = Setup()
    response = setup.ask(BAD[name])
    assert response.status_code == 400
    error = response.json()["error"]
    assert error["message"] and error["code"] and "Traceback" not in response.text
    assert not setup.reader.sentences


def test_body_that_is_no_json_is_refused():
    http = Setup().http
    for body in (b"", b"{", b"\xff\xfe", b"[" * 100_000):
        assert http.post("/v1/chat/completions", content=body).status_code == 400


def test_unknown_model_and_route_are_404():
    setup = Setup()
    assert setup.ask(question() | {"model": "gpt"}).json()["error"]["code"] == "model_not_found"
    assert setup.http.get("/v2").status_code == 404
    assert setup.http.get("/v1/chat/completions").status_code == 405


def test_large_bodies_and_images_are_refused():
    setup = Setup(max_body_bytes=2000)
    response = setup.http.post("/v1/chat/completions", content=b"x" * 2001)
    assert response.status_code == 413

    def chunks():
        for _ in range(5):
            yield b"x" * 500

    assert setup.http.post("/v1/chat/completions", content=chunks()).status_code == 413
    setup = Setup(max_pixels=RGB.shape[0] * RGB.shape[1] - 1)
    assert setup.ask(question()).json()["error"]["code"] == "image_too_large"


def test_failure_inside_is_500_without_details():
    setup = Setup()
    response = setup.ask(question("explode"))
    assert response.status_code == 500
    assert "secret" not in response.text
    assert setup.ask(question()).status_code == 200


def test_late_plan_is_504_and_frees_nobody_elses_place():
    setup = Setup(deadline_s=0.2)
    with setup.http:
        setup.reader.gate.clear()
        error = setup.ask(question())
        assert error.status_code == 504 and error.json()["error"]["code"] == "deadline_passed"
        setup.reader.gate.set()
        assert setup.ask(question(), headers={"x-deadline-ms": "5000"}).status_code == 200


def test_key_is_asked_for_when_there_is_one():
    setup = Setup(api_key="k3y")
    assert setup.ask(question()).status_code == 401
    assert setup.http.get("/v1/models").status_code == 401
    assert setup.ask(question(), headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert setup.ask(question(), headers={"Authorization": "Bearer k3y"}).status_code == 200
    assert setup.http.get("/healthz").status_code == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org", ""])
def test_wide_bind_needs_a_key(host):
    with pytest.raises(ConfigError, match="API key"):
        BridgeConfig(host=host)
    assert BridgeConfig(host=host, api_key="k").host == host
    assert not is_loopback(host)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.0.0.9"])
def test_loopback_needs_none(host):
    assert BridgeConfig(host=host).host == host


@pytest.mark.parametrize(
    "bad", [{"port": 70000}, {"deadline_s": 0.0}, {"max_waiting": 0}, {"priority": 100}]
)
def test_impossible_settings_are_refused(bad):
    with pytest.raises(ConfigError, match=next(iter(bad))):
        BridgeConfig(**bad)


def test_command_line_says_what_is_wrong(tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("NEURAXIS_API_KEY", raising=False)
    assert main(["--host", "0.0.0.0"]) == 2
    assert "NEURAXIS_API_KEY" in capsys.readouterr().err
    assert main(["--models", str(tmp_path)]) == 2
    assert "detector" in capsys.readouterr().err


def test_taken_port_is_a_config_error():
    with listen(BridgeConfig(port=0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(ConfigError, match=str(port)):
            listen(BridgeConfig(port=port))


def test_key_file_wins_over_environment(tmp_path):
    key_file = tmp_path / "key"
    key_file.write_text("abc\n")
    assert read_api_key(key_file, {"NEURAXIS_API_KEY": "xyz"}) == "abc"
    assert read_api_key(None, {"NEURAXIS_API_KEY": "xyz"}) == "xyz"
    assert read_api_key(None, {}) == ""
    key_file.write_text("")
    with pytest.raises(ConfigError, match="empty"):
        read_api_key(key_file, {})
    with pytest.raises(ConfigError, match="not readable"):
        read_api_key(tmp_path / "none", {})


def test_images_round_trip_almost_without_loss():
    assert is_like(images.decode(images.encode(RGB), 10**6))
    assert isinstance(images.decode("data:image/gif;base64,AAAA", 10**6), Rejected)


def test_error_bodies_are_json_objects():
    text = Setup().http.post("/v1/chat/completions", content=b"nonsense").text
    assert set(json.loads(text)) == {"error"}
