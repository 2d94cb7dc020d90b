# SPDX-License-Identifier: Apache-2.0
"""An order that is planned anew after a step that failed: what is done of it counts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fake_scene import container, part

from neuraxis_bridge import job_said
from neuraxis_bridge.executor import execute
from neuraxis_bridge.program import parse

# Four blocks of two looks on the table; the can was in the bin before.
SCENE = (
    part("red block", 40, y=300),
    part("green block", 100, y=300),
    part("red block", 160, y=300),
    part("green block", 220, y=300),
    container("blue tray", 330, y=200),
    container("white bin", 480, y=200),
    part("black can", 480, y=180, scale=0.8),
)
IN_TRAY, IN_BIN = (320, 150, 340, 180), (470, 150, 490, 180)


def planned_anew(program, *moved, lost=(), verified=()):
    """Pairs, or the refusal code, once the things `moved` lie elsewhere and the `lost` are gone.

    `verified` are the steps of the first plan that were seen done.
    """
    job = job_said.wanted_of(execute(parse(program), SCENE), SCENE)
    now = list(SCENE)
    for index, box in moved:
        now[index] = replace(now[index], box=box)
    now = [thing for index, thing in enumerate(now) if index not in lost]
    again = tuple(
        step.model_copy(update={"again": True, "verified": index in verified})
        for index, step in enumerate(job)
    )
    assert job_said.read(job_said.say(again)) == again
    plan = execute(parse(program), now, job=again)
    if plan.refusal is not None:
        return plan.refusal.code
    return [(step.object.label, step.target.label) for step in plan.steps]


@pytest.mark.parametrize("quant", ["three", "any", "one leftmost"])
def test_parts_that_were_brought_are_not_brought_again(quant):
    count = 3 if quant == "three" else 1
    left = planned_anew(f"put {quant} block into one blue tray", (0, IN_TRAY))
    assert left == ([("green block", "blue tray"), ("red block", "blue tray")] if count == 3
                    else "nothing_to_do")  # fmt: skip


def test_another_part_takes_the_place_of_one_that_is_lost():
    left = planned_anew("put three block into one blue tray", (0, IN_TRAY), lost=(1,))
    assert left == [("red block", "blue tray"), ("green block", "blue tray")]
    left = planned_anew("put three block into one blue tray", (0, IN_TRAY), lost=(1, 2))
    assert left == "not_enough"


def test_what_was_seen_done_counts_also_when_it_is_hidden_now():
    program = "put one black can into one blue tray ; put both red block into one blue tray"
    left = planned_anew(program, lost=(6, 0), verified=(0, 1))
    assert left == [("red block", "blue tray")]
    # Without that, nobody knows where it went.
    assert planned_anew(program, lost=(6, 0)) == "not_found"
    program = "put one black can into one blue tray ; put all green block into one white bin"
    assert planned_anew(program, (1, IN_BIN), lost=(6, 3), verified=(0, 1, 2)) == ("nothing_to_do")
    program = "put any red block into one blue tray ; put all green block into one white bin"
    assert planned_anew(program, lost=(0, 1), verified=(0, 1)) == [("green block", "white bin")]


def test_each_container_keeps_what_it_has_got():
    program = "put one block into each container"
    assert planned_anew(program, (0, IN_TRAY)) == [("green block", "white bin")]
    assert planned_anew(program, (1, IN_BIN), (0, IN_TRAY)) == "nothing_to_do"


def test_two_clauses_alike_are_not_both_done_by_one_part():
    program = "put any red block into one blue tray ; put any red block into one blue tray"
    assert planned_anew(program, (0, IN_TRAY)) == [("red block", "blue tray")]
    program = "put any red block into one blue tray ; put other red block into one blue tray"
    assert planned_anew(program, (0, IN_TRAY)) == [("red block", "blue tray")]


def test_a_condition_stays_as_it_was_found_first():
    held = "if all green block on_table put two green block into one blue tray"
    assert planned_anew(held, (1, IN_TRAY)) == [("green block", "blue tray")]
    other = f"{held} else put one black can into one blue tray"
    assert planned_anew(other, (1, IN_TRAY)) == [("green block", "blue tray")]
    failed = "if any can on_table put one black can into one blue tray ; "
    failed += "put both green block into one blue tray"
    moved = ((6, (20, 280, 40, 300)), (1, IN_TRAY))
    assert planned_anew(failed, *moved) == [("green block", "blue tray")]


def test_a_job_that_is_another_order_counts_for_nothing():
    program = "put two block into one blue tray"
    job = job_said.wanted_of(execute(parse(program), SCENE), SCENE)
    now = (replace(SCENE[0], box=IN_TRAY), replace(SCENE[1], box=IN_TRAY), *SCENE[2:])
    plan = execute(parse(program), now, job=job)
    assert [step.object.label for step in plan.steps] == ["red block", "green block"]
