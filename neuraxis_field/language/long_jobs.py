# SPDX-License-Identifier: Apache-2.0
"""Draws long jobs for a scene: many parts to move, in several orders or under a condition.

All are of the grammar that `draw_order` draws from, where such jobs are rare. One in two is under a
condition; the others say at least two things to do: "put all parts into the tray" alone is left
out, however many parts there are.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from neuraxis_bridge.program import Program
from neuraxis_field.language import sampler
from neuraxis_field.language.programs import MOST_PUTS, draw_program
from neuraxis_field.language.questions import canonical, conditional
from neuraxis_field.language.tasks import NoTaskError, Task, fitted, is_natural, settled
from neuraxis_field.language.views import Item, NamedDetection, nominal_views

_TRIES = 4000
_GROWTHS = 40
_CONDITION_SHARE = 0.5

_Views = Sequence[Sequence[NamedDetection]]
_Goal = tuple[tuple[str, str], ...]


def sample_long_job(
    scene_objects: Sequence[Item], rng: random.Random, least_steps: int, split: str = "train"
) -> Task:
    """Draw one job that moves many parts.

    Args:
        scene_objects: Parts and containers of the scene.
        rng: Source of every choice.
        least_steps: Fewest steps of the plan; each brings one part into one container.
        split: As for `sample_task`.

    Raises:
        NoTaskError: The scene has fewer parts, or nothing fitting was found.
    """
    parts = sum(item.kind == "part" for item in scene_objects)
    if parts < least_steps or parts == len(scene_objects):
        raise NoTaskError(f"{parts} parts allow no job of {least_steps} steps")
    language = rng.choice(("en", "zh"))
    views = nominal_views(scene_objects, rng)
    draw = _held if rng.random() < _CONDITION_SHARE else _grown
    for _ in range(_TRIES):
        program = draw(rng, scene_objects, views, least_steps)
        goal = _goal(program, views)
        if len(goal) >= least_steps and (len(program.puts) > 1 or program.puts[0].condition):
            text = sampler.say(rng, program, language, split)
            return Task(text, language, canonical(program), goal)
    raise NoTaskError(f"no job of {least_steps} steps in {_TRIES} draws")


def _held(rng: random.Random, scene: Sequence[Item], _views: _Views, _least_steps: int) -> Program:
    """Some of it under a condition."""
    return fitted(rng, conditional(rng, draw_program(rng)), scene)


def _grown(rng: random.Random, scene: Sequence[Item], views: _Views, least_steps: int) -> Program:
    """Orders one after the other, each of which still has something to do.

    Drawn at once, hardly any sequence of many orders fits a scene.
    """
    whole = Program()
    for _ in range(_GROWTHS):
        more = fitted(rng, draw_program(rng), scene)
        longer = Program(whole.puts + more.puts)
        if len(longer.puts) > MOST_PUTS:
            continue
        steps = len(_goal(longer, views))
        if steps >= least_steps and len(longer.puts) > 1:
            return longer
        if steps:
            whole = longer
    return whole


def _goal(program: Program, views: _Views) -> _Goal:
    """What the program does, empty where that hangs on the view or nobody would say it so."""
    goal, _ = settled(program, views, "en") or ((), None)
    return goal if goal and is_natural(program, views[0]) else ()
