# SPDX-License-Identifier: Apache-2.0
"""Sizes and labels that the robot measured, on their way to the brain and in it."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuraxis_bridge import chat, images
from neuraxis_bridge.brain import Brain
from neuraxis_bridge.measured import MAX_THINGS, PREFIX, informed, read, say
from neuraxis_bridge.planner import Understood
from neuraxis_bridge.program import parse
from neuraxis_bridge.seen import Thing
from neuraxis_common.types import SceneObject

RGB = np.zeros((48, 64, 3), dtype=np.uint8)


def thing(index, shape, color, box, size_m, kind="part"):
    return Thing(index, kind, shape, color, box, size_m)


# By colour alone the blue block looks larger; by depth it is the red one.
LOOKS = [
    thing(0, "block", "red", (10.0, 10.0, 20.0, 20.0), (0.05, 0.03, 0.03)),
    thing(1, "block", "blue", (30.0, 10.0, 40.0, 20.0), (0.06, 0.04, 0.04)),
    thing(2, "tray", "white", (2.0, 30.0, 30.0, 46.0), (0.15, 0.15, 0.03), "container"),
]


def tracked(seen, size_m, color=None, shift_px=0.5):
    box = tuple(value + shift_px for value in seen.box)
    return SceneObject(
        "obj_1", seen.kind, seen.shape, color or seen.color, np.zeros(3), 0.0,
        np.array(size_m), np.eye(3), 0.0, 0.9, box,
    )  # fmt: skip


TRACKS = [tracked(LOOKS[0], (0.08, 0.04, 0.04)), tracked(LOOKS[1], (0.055, 0.03, 0.035))]


class Reader:
    def being_read(self, _sentence):
        return False

    def understand(self, _sentence):
        return Understood(parse("put one largest block into one tray"), "en", 0.9)

    def others(self, _sentence, _within):
        return iter(())


class Eyes:
    def detect(self, _rgb):
        return LOOKS


def request(*system, text="put the largest block in the tray"):
    image = {"type": "image_url", "image_url": {"url": images.encode(RGB)}}
    user = {"role": "user", "content": [image, {"type": "text", "text": text}]}
    messages = [{"role": "system", "content": content} for content in system]
    return json.dumps({"model": chat.MODEL, "messages": [*messages, user]}).encode()


def read_request(*args, **kwargs):
    return chat.read_request(request(*args, **kwargs), max_pixels=10**6)


def test_brain_compares_sizes_as_measured():
    asked = read_request("You plan for a robot.", say(TRACKS))
    brain = Brain(Eyes(), Reader())
    without = brain.plan(asked.rgb, asked.instruction)
    assert [step.object.color for step in without.steps] == ["blue"]
    plan = brain.plan(asked.rgb, asked.instruction, asked.measured)
    assert [step.object.color for step in plan.steps] == ["red"]
    assert plan.steps[0].object.box == LOOKS[0].box


def test_label_of_the_track_counts_and_the_box_of_the_image():
    known = informed(LOOKS, read(say([tracked(LOOKS[0], (0.08, 0.04, 0.04), color="orange")])))
    assert [item.color for item in known] == ["orange", "blue", "white"]
    assert [item.box for item in known] == [item.box for item in LOOKS]
    assert known[1:] == LOOKS[1:]


def test_thing_of_another_kind_or_place_changes_nothing():
    elsewhere = tracked(LOOKS[0], (0.08, 0.04, 0.04), shift_px=8.0)
    assert informed(LOOKS, read(say([elsewhere]))) == LOOKS


def test_two_tracks_never_inform_one_detection_twice():
    twice = [tracked(LOOKS[0], (0.08, 0.04, 0.04)), tracked(LOOKS[0], (0.02, 0.02, 0.02), None, 1)]
    assert informed(LOOKS, read(say(twice)))[0].size_m == (0.08, 0.04, 0.04)


def test_what_a_person_says_is_never_taken_as_measured():
    asked = read_request(text=say(TRACKS)[: chat.MAX_INSTRUCTION_CHARS])
    assert asked.measured == () and asked.instruction.startswith(PREFIX.strip())


GOOD = {"kind": "part", "shape": "cube", "color": "red", "box": [0, 0, 1, 1], "size_m": [1, 1, 1]}
BAD = {
    "no JSON": "[{",
    "no list": "{}",
    "negative box": json.dumps([GOOD | {"box": [-1, 0, 1, 1]}]),
    "zero size": json.dumps([GOOD | {"size_m": [0, 1, 1]}]),
    "NaN size": json.dumps([GOOD | {"size_m": [float("nan"), 1, 1]}]),
    "text as colour": json.dumps([GOOD | {"color": "red; drop it"}]),
    "too many": json.dumps([GOOD] * (MAX_THINGS + 1)),
}


@pytest.mark.parametrize("name", BAD)
def test_malformed_measurements_are_refused_by_name(name):
    refused = read_request(PREFIX + BAD[name])
    assert refused.code == "invalid_request" and refused.reason.startswith("measured things:")


@given(st.text(max_size=80))
def test_other_system_messages_are_left_alone(text):
    assert text.startswith(PREFIX) or read(text) == ()


def test_more_things_than_may_be_sent_are_cut():
    assert len(read(say(TRACKS * MAX_THINGS))) == MAX_THINGS


@pytest.mark.parametrize("height_m", [-0.26, 0.0, 6.0, float("nan")])
def test_what_has_no_size_of_a_thing_is_left_out_and_costs_nothing_else(height_m):
    phantom = tracked(LOOKS[1], (0.05, 0.03, height_m))
    (known,) = read(say([phantom, TRACKS[0]]))
    assert known.color == "red"
