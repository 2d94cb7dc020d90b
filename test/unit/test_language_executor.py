# SPDX-License-Identifier: Apache-2.0
"""What programs do on a scene: one scene, from left to right, and what the words mean there."""

from __future__ import annotations

import pytest
from fake_scene import Seen, container, part

from neuraxis_bridge.executor import execute
from neuraxis_bridge.program import parse

SCENE = (
    part("red cube", 60),
    part("green cylinder", 160),
    part("red cube", 260, scale=1.4),
    part("blue block", 360, y=300),
    part("yellow hexagon", 460, scale=0.7),
    container("blue tray", 120, y=180),
    container("red bin", 420, y=180),
)


def moves(text, scene=SCENE, language="en"):
    plan = execute(parse(text), scene, language)
    assert plan.refusal is None, plan.refusal
    return [
        (s.object.label, round((s.object.box[0] + s.object.box[2]) / 2), s.target.label)
        for s in plan.steps
    ]


def refusal(text, scene=SCENE, language="en"):
    plan = execute(parse(text), scene, language)
    assert not plan.steps
    return plan.refusal


@pytest.mark.parametrize(
    ("what", "xs"),
    [
        ("one green cylinder", [160]),
        ("any red cube", [60]),
        ("all red cube", [60, 260]),
        ("both red cube", [60, 260]),
        ("all part", [60, 160, 260, 360, 460]),
        ("two part", [60, 160]),
        ("all part except red cube", [160, 360, 460]),
        ("one leftmost part", [60]),
        ("one rightmost cube", [260]),
        ("one second leftmost part", [160]),
        ("one third rightmost part", [260]),
        ("one middle part", [260]),
        ("two rightmost part", [360, 460]),
        ("one largest part", [260]),
        ("one smallest part", [460]),
        ("one smallest cube", [60]),
        ("one nearest part", [360]),
        ("one cube left_of cylinder", [60]),
        ("one cube right_of cylinder", [260]),
        ("all part right_of largest cube", [360, 460]),
        ("one cube next_to blue block", [260]),
        ("one cube nearest_to hexagon", [260]),
        ("one part farthest_from hexagon", [60]),
        ("one part in_front_of hexagon", [360]),
    ],
)
def test_words_pick_parts(what, xs):
    target = "red bin"
    assert moves(f"put {what} into one bin") == [
        (label, x, target) for label, x in
        [(f"{s.color} {s.shape}", round((s.box[0] + s.box[2]) / 2)) for s in SCENE[:5]] if x in xs
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("where", "target"),
    [
        ("one leftmost container", "blue tray"),
        ("one rightmost container", "red bin"),
        ("any container", "blue tray"),
        ("one red container", "red bin"),
        ("one container nearest_to hexagon", "red bin"),
        ("one container left_of blue block", "blue tray"),
    ],
)
def test_words_pick_containers(where, target):
    assert moves(f"put one green cylinder into {where}") == [("green cylinder", 160, target)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("put one red cube into one bin", "ambiguous"),
        ("put one green cube into one bin", "not_found"),
        ("put one green cylinder into one yellow bin", "not_found"),
        ("put one green cylinder into one container", "ambiguous"),
        ("put three red cube into one bin", "not_enough"),
        ("put many part into one bin", "not_enough"),
        ("put both part into one bin", "ambiguous"),
        ("put some part into one bin", "ambiguous"),
        ("put all black part into one bin", "not_found"),
        ("put one cube left_of black block into one bin", "not_found"),
        ("put one cylinder left_of red cube into one bin", "ambiguous"),
        ("put all part into own_color container", "not_found"),
        ("put all part into each container", "ambiguous"),
        ("put three part into each container", "not_enough"),
        ("refuse unsafe", "unsafe"),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_cannot_be_done_is_refused_in_the_language_asked(text, code, language):
    said = refusal(text, language=language)
    assert said.code == code
    chinese = any("\u4e00" <= char <= "\u9fff" for char in said.reason)
    assert chinese == (language == "zh")


def test_not_found_says_what_is_visible():
    assert "red cube x2" in refusal("put one green cube into one bin").suggestion


def with_one_inside(*more: Seen):
    inside = part("red cube", 120, y=165)
    return (
        inside,
        part("red cube", 300),
        container("blue tray", 120, 180),
        container("red bin", 480, 180),
        *more,
    )


def test_all_skips_what_is_there_already():
    assert moves("put all red cube into one tray", with_one_inside()) == [
        ("red cube", 300, "blue tray")
    ]


def test_one_gives_way_to_the_part_that_is_not_there_yet():
    assert moves("put one red cube into one tray", with_one_inside()) == [
        ("red cube", 300, "blue tray")
    ]


def test_place_words_follow_containment():
    scene = with_one_inside()
    assert moves("put one red cube in blue tray into one bin", scene) == [
        ("red cube", 120, "red bin")
    ]
    assert moves("put all part on_table into one bin", scene) == [("red cube", 300, "red bin")]
    assert moves("put one cube on_table into one bin empty", scene) == [
        ("red cube", 300, "red bin")
    ]
    assert moves("put one cube on_table into one container holding red cube", scene) == [
        ("red cube", 300, "blue tray")
    ]


def test_everything_in_place_is_nothing_to_do():
    scene = (part("red cube", 120, y=165), container("blue tray", 120, 180))
    assert refusal("put all red cube into one tray", scene).code == "nothing_to_do"


def test_rest_and_other_leave_out_what_was_named():
    text = "put one green cylinder into one bin ; put rest part into one tray"
    assert [x for _, x, target in moves(text) if target == "blue tray"] == [60, 260, 360, 460]
    text = "put any red cube into one bin ; put other red cube into other container"
    assert moves(text) == [("red cube", 60, "red bin"), ("red cube", 260, "blue tray")]


def test_other_container_is_the_one_that_does_not_hold_the_part():
    scene = (part("red cube", 120, y=165), container("blue tray", 120), container("red tray", 400))
    assert moves("put one red cube into other tray", scene) == [("red cube", 120, "red tray")]


def test_own_color_and_each_spread_over_containers():
    assert moves("put all red part into own_color container") == [
        ("red cube", 60, "red bin"), ("red cube", 260, "red bin")
    ]  # fmt: skip
    assert moves("put any part into each container") == [
        ("red cube", 60, "blue tray"), ("green cylinder", 160, "red bin")
    ]  # fmt: skip


def test_a_part_named_twice_moves_once_to_the_last_place():
    text = "put one green cylinder into one bin ; put one green cylinder into one tray"
    assert moves(text) == [("green cylinder", 160, "blue tray")]


def test_plan_is_the_same_whatever_the_order_of_detections():
    text = "put all part into one bin"
    assert moves(text) == moves(text, tuple(reversed(SCENE)))
