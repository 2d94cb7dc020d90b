# SPDX-License-Identifier: Apache-2.0
"""Draws tasks for a scene: a sentence, its program, and what must be true afterwards."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from neuraxis_bridge.executor import execute
from neuraxis_bridge.program import Noun, Program, Put, Selection
from neuraxis_common.plan import Plan
from neuraxis_field.language import sampler
from neuraxis_field.language.questions import canonical, draw_question
from neuraxis_field.language.refusals import draw_refusal
from neuraxis_field.language.sampler import draw_order
from neuraxis_field.language.views import Item, NamedDetection, nominal_views

_TRIES = 4000
_SENTENCE_REFUSALS = 0.5


class NoTaskError(LookupError):
    """The scene allows no task of the wanted kind."""


@dataclass(frozen=True)
class Task:
    """One task.

    Attributes:
        goal: ``(("red_cube", "blue_tray"), ...)``, scene names of part and container in the order
            of the plan; empty when the task must be refused.
        refusal: Code with which it must be refused, None when it can be done.
    """

    instruction: str
    language: str
    program: Program
    goal: tuple[tuple[str, str], ...]
    refusal: str | None = None


def sample_task(
    scene_objects: Sequence[Item],
    rng: random.Random,
    split: str = "train",
    language: str | None = None,
    feasible: bool = True,
    max_steps: int = 4,
) -> Task:
    """Draw one task for a scene.

    Args:
        scene_objects: Parts and containers of the scene.
        rng: Source of every choice.
        split: ``train``, ``dev`` or ``heldout`` phrasings.
        language: ``en`` or ``zh``; drawn when None.
        feasible: False draws a task that must be refused.
        max_steps: Most parts that one task moves.

    Raises:
        NoTaskError: Nothing fitting was found.
    """
    language = language or rng.choice(("en", "zh"))
    if not feasible and rng.random() < _SENTENCE_REFUSALS:
        text, program = draw_refusal(rng, language, split)
        return Task(sampler.noisy(rng, text, language), language, program, (), program.refusal)
    if {item.kind for item in scene_objects} != {"part", "container"}:
        raise NoTaskError("a task needs a part and a container in the scene")
    views = nominal_views(scene_objects, rng)
    for _ in range(_TRIES):
        program = fitted(rng, draw_order(rng), scene_objects if feasible else None)
        outcome = settled(program, views, language)
        if outcome is None:
            continue
        goal, refusal = outcome
        if bool(goal) == feasible and len(goal) <= max_steps and is_natural(program, views[0]):
            text = sampler.say(rng, program, language, split)
            return Task(text, language, canonical(program), goal, refusal)
    raise NoTaskError(f"no {'feasible' if feasible else 'infeasible'} task in {_TRIES} draws")


@dataclass(frozen=True)
class Asked:
    """One question about a scene.

    Attributes:
        answer: Kind, yes or no, how many, and scene names of the things, sorted.
    """

    instruction: str
    program: Program
    answer: tuple[str, bool | None, int | None, tuple[str, ...]]


def sample_question(
    scene_objects: Sequence[Item], rng: random.Random, split: str = "train"
) -> Asked:
    """Draw one question that a scene answers, whatever the view.

    Raises:
        NoTaskError: Nothing fitting was found.
    """
    language = rng.choice(("en", "zh"))
    views = nominal_views(scene_objects, rng)
    for _ in range(_TRIES):
        question = draw_question(rng)
        if question.kind == "done" or (question.what and question.what.relation == "next_to"):
            continue
        if question.what is not None:
            question = replace(question, what=_fit(rng, question.what, scene_objects))
        program = Program(question=question)
        answers = {_answer(execute(canonical(program), view, language), view) for view in views}
        answer = answers.pop()
        if answer is not None and not answers:
            return Asked(sampler.say(rng, program, language, split), canonical(program), answer)
    raise NoTaskError(f"no question in {_TRIES} draws")


def _answer(
    plan: Plan, view: Sequence[NamedDetection]
) -> tuple[str, bool | None, int | None, tuple[str, ...]] | None:
    names, said = {item.box: item.name for item in view}, plan.answer
    if said is None:
        return None
    return said.kind, said.yes, said.count, tuple(sorted(names[t.box] for t in said.things))


def settled(
    program: Program, views: Sequence[Sequence[NamedDetection]], language: str
) -> tuple[tuple[tuple[str, str], ...], str | None] | None:
    """Goal and refusal code that all views agree on, None when they differ."""
    outcomes = {_outcome(execute(program, view, language), view) for view in views}
    if len(outcomes) != 1:
        return None
    return outcomes.pop()


def is_natural(program: Program, view: Sequence[NamedDetection]) -> bool:
    """Whether every step adds moves and none undoes an earlier one; people rarely say otherwise.

    Groups of things "next to" something, and whether any is, hang on how far that reaches, so they
    are left out too.
    """
    if any(p.parts.relation == "next_to" and p.parts.quant != "one" for p in program.puts):
        return False
    if any(p.condition and p.condition.what.relation == "next_to" for p in program.puts):
        return False
    whole = execute(program, view)
    if whole.refusal is not None:
        return True
    done = 0
    for count in range(1, len(program.puts) + 1):
        steps = execute(Program(program.puts[:count]), view).steps
        if len(steps) <= done or steps != whole.steps[: len(steps)]:
            return False
        done = len(steps)
    return True


def _outcome(
    plan: Plan, view: Sequence[NamedDetection]
) -> tuple[tuple[tuple[str, str], ...], str | None]:
    names = {item.box: item.name for item in view}
    moves = tuple((names[step.object.box], names[step.target.box]) for step in plan.steps)
    return moves, plan.refusal.code if plan.refusal else None


def fitted(rng: random.Random, program: Program, scene: Sequence[Item] | None) -> Program:
    """The program with colours and shapes that occur in the scene; unchanged without a scene."""
    if scene is None:
        return program
    return Program(_fitted(rng, program.puts, scene))


def _fitted(rng: random.Random, puts: Sequence[Put], scene: Sequence[Item]) -> tuple[Put, ...]:
    """Steps about the scene; a condition that several share stays one."""
    fits: list[Put] = []
    condition = None
    for put in puts:
        if put.condition is not None and condition is None:
            held = put.condition
            condition = replace(held, what=_fit(rng, held.what, scene))
        other = put.otherwise and _fitted(rng, (put.otherwise,), scene)[0]
        ends = _fit(rng, put.parts, scene), _fit(rng, put.target, scene)
        fits.append(Put(*ends, condition if put.condition else None, other))
    return tuple(fits)


def _fit(rng: random.Random, what: Selection, scene: Sequence[Item]) -> Selection:
    shape, color = _look(rng, what, scene)
    noun = what.noun
    if noun is not None:
        noun_shape, noun_color = _look(rng, noun, scene)
        noun = replace(noun, shape=noun_shape, color=noun_color)
    excepts = tuple(_fit_noun(rng, noun, scene) for noun in what.excepts)
    return replace(what, shape=shape, color=color, noun=noun, excepts=excepts)


def _fit_noun(rng: random.Random, noun: Noun, scene: Sequence[Item]) -> Noun:
    shape, color = _look(rng, noun, scene)
    return replace(noun, shape=shape, color=color)


def _look(rng: random.Random, what: Selection | Noun, scene: Sequence[Item]) -> tuple[str, str]:
    """Shape and colour of a random thing of the same kind, as far as `what` names them."""
    kind = "container" if what.is_container else "part"
    item = rng.choice([item for item in scene if item.kind == kind])
    shape = what.shape if what.shape == kind else item.shape
    return shape, item.color if what.color else ""
