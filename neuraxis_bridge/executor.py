# SPDX-License-Identifier: Apache-2.0
"""Carries out a program on what is seen: program + detections -> plan, answer or refusal.

Deterministic.

What the words mean:

* ``one``: exactly one thing must fit, else the refusal is ``ambiguous`` or ``not_found``. A part
  that already is in the target gives way to one that is not.
* ``any``: the first that fits, from left to right. ``some`` is always ``ambiguous``.
* ``all``: every part that fits, is not in the target and was not moved by an earlier step.
* ``both``, ``two`` ...: that many parts that are not in the target yet, else ``not_enough``;
  ``both`` refuses when more than two fit.
* ``rest``, ``other``: as ``all`` and ``one``, without the parts named in earlier steps. As a
  target ``other`` is the container that was not used last or does not hold the part.
* ``each`` gives every fitting container its share; ``own_color`` is the container of the part's
  own colour.
* Positions are those in the image, also after earlier steps; ``in`` and ``on_table`` follow them.
* A part named in two steps ends where the last one wants it and is moved once.
* Conditions are about the scene as it is seen, before any step.
* An order that is planned anew does what is left of it: parts that its first plan brought where
  they belong count, and conditions stay as they were found (`job_before`).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from neuraxis_bridge import reasons
from neuraxis_bridge.answers import holds, reply
from neuraxis_bridge.job_before import Before
from neuraxis_bridge.job_said import Wanted
from neuraxis_bridge.program import Program, Put, Selection, count_of
from neuraxis_bridge.seen import Detected, Thing, things_of
from neuraxis_bridge.select import RefusedError, Scene, Selector, scene_of
from neuraxis_common.plan import ContainerRef, PartRef, Plan, PutStep, Refusal


class _Run:
    """One execution: where parts are by now, and which were named."""

    def __init__(self, scene: Scene, language: str, job: Sequence[Wanted]) -> None:
        self._scene, self.language = scene, language
        self._before = Before(job, scene)
        self.parts, self.containers = scene.parts, scene.containers
        self.home = dict(scene.home)
        self.select = Selector(scene.things, self.home, language)
        self.named: set[Thing] = set()
        self.moves: dict[Thing, Thing] = {}
        self.last_target: Thing | None = None
        # Conditions that did not hold, in words.
        self.unmet: list[str] = []

    def step(self, put: Put) -> None:
        """Work out one step, or what stands for it where its condition fails."""
        condition = put.condition
        held = condition is None or self._before.held(put)
        if held is None:
            held = holds(condition, self._scene, self.language)
        if held:
            self.put(put)
        elif put.otherwise is not None:
            self.put(put.otherwise)
        else:
            self.unmet.append(reasons.unmet(condition, self.language))

    def put(self, put: Put) -> None:
        """Bring parts where they belong; raises RefusedError."""
        quant = put.target.quant
        if quant == "own_color":
            pairs = self._by_color(put)
        elif quant == "each":
            pairs = self._one_each(put)
        else:
            target = self._target(put)
            pairs = [(part, target) for part in self._parts(put.parts, target)]
        for part, target in pairs:
            self.named.add(part)
            self.last_target = target
            if self.home[part] is not target:
                self.moves.pop(part, None)
                self.moves[part] = target
                self.home[part] = target

    def _target(self, put: Put) -> Thing:
        target = put.target
        fits = self.select.fitting(target, self.containers)
        if target.quant == "other":
            used = self.last_target or self._holder_of(put.parts)
            fits = [c for c in fits if c is not used]
        if target.quant == "any":
            return self.select.first(target, fits)
        return self.select.single(target, fits)

    def _holder_of(self, selection: Selection) -> Thing | None:
        parts = self.select.fitting(selection, self.parts)
        holders = {self.home[part] for part in parts}
        return holders.pop() if len(holders) == 1 else None

    def _parts(self, selection: Selection, target: Thing | None) -> list[Thing]:
        """The parts of one step from left to right; those already in `target` may be among them."""
        quant = selection.quant
        done, seen = self._brought(selection, target)
        # What lies in a bin already need not be seen any more.
        if done and done == _count(quant):
            return seen
        pool = self.parts
        if quant in ("rest", "other"):
            pool = [p for p in pool if p not in self.named]
        fits = self.select.fitting(selection, pool)
        there = [p for p in fits if target is not None and self.home[p] is target]
        away = [p for p in fits if p not in there]
        if quant == "some":
            raise RefusedError(reasons.ambiguous(selection, fits, self.language))
        if quant in ("all", "rest"):
            if not fits and not done:
                raise RefusedError(reasons.not_found(selection, self.parts, self.language))
            return [p for p in away if p not in self.moves]
        if quant == "both" or count_of(quant) is not None:
            return seen + self._counted(selection, fits, away, done)
        if selection.rank or selection.relation == "nearest_to":
            return [self.select.single(selection, fits)]
        if quant == "any":
            return [self.select.first(selection, away or fits)]
        return [self.select.single(selection, away or fits)]

    def _brought(self, selection: Selection, target: Thing | None) -> tuple[int, list[Thing]]:
        """How many parts an earlier plan of this order brought there, and those that are seen."""
        pool = [p for p in self.parts if p not in self.named and self.home[p] is not None]
        if target is not None:
            pool = [p for p in pool if self.home[p] is target]
        return self._before.take(selection, target, pool, _count(selection.quant))

    def _counted(
        self, selection: Selection, fits: list[Thing], away: list[Thing], done: int
    ) -> list[Thing]:
        wanted = (count_of(selection.quant) or 2) - done
        if wanted <= 0:
            return []
        if not fits:
            raise RefusedError(reasons.not_found(selection, self.parts, self.language))
        if selection.quant == "both":
            if len(fits) > 2:
                raise RefusedError(reasons.ambiguous(selection, fits, self.language))
            if len(fits) == 2:
                return away
        if len(away) < wanted:
            raise RefusedError(reasons.not_enough(selection, wanted, len(away), self.language))
        chosen = self.select.best(selection, away, wanted) if selection.rank else away[:wanted]
        return sorted(chosen, key=lambda p: p.index)

    def _by_color(self, put: Put) -> list[tuple[Thing, Thing]]:
        fits = self.select.fitting(put.target, self.containers)
        pairs = []
        for part in self._parts(put.parts, None):
            same = [c for c in fits if c.color == part.color]
            wanted = Selection("one", put.target.shape, part.color)
            pairs.append((part, self.select.single(wanted, same)))
        return pairs

    def _one_each(self, put: Put) -> list[tuple[Thing, Thing]]:
        targets = self.select.fitting(put.target, self.containers)
        if not targets:
            raise RefusedError(reasons.not_found(put.target, self.containers, self.language))
        share = 1 if put.parts.quant in ("any", "one") else count_of(put.parts.quant)
        fits = self.select.fitting(put.parts, self.parts)
        away = [p for p in fits if self.home[p] not in targets]
        if share is None:
            raise RefusedError(reasons.ambiguous(put.parts, fits, self.language))
        done = [self._brought(put.parts, target)[0] for target in targets]
        wanted = share * len(targets) - sum(done)
        if len(away) < wanted:
            raise RefusedError(reasons.not_enough(put.parts, wanted, len(away), self.language))
        next_part = iter(away)
        return [
            (next(next_part), target)
            for target, there in zip(targets, done, strict=True)
            for _ in range(share - there)
        ]


def _count(quant: str) -> int:
    """How many parts a quantifier wants at most."""
    if quant in ("all", "rest"):
        return sys.maxsize
    return count_of(quant) or (2 if quant == "both" else 1)


def execute(
    program: Program,
    detections: Iterable[Detected],
    language: str = "en",
    strange: tuple[str, ...] = (),
    job: Sequence[Wanted] = (),
) -> Plan:
    """Ground a program in one image.

    Args:
        program: What the sentence asks for.
        detections: Everything seen; boxes in pixels of the image that the plan will refer to.
        language: ``en`` or ``zh``, of the refusal's text.
        strange: Words of the sentence that nobody knows, to name in a refusal.
        job: What the robot is doing, for questions about it and to plan an order anew.
    """
    text = str(program)[:2000]
    if program.refusal:
        return _refuse(reasons.fixed(program.refusal, language, strange), text, language)
    scene = scene_of(things_of(detections))
    run = _Run(scene, language, job)
    try:
        if program.question is not None:
            answer = reply(program.question, scene, language, job)
            return Plan(language=language, program=text, answer=answer)
        for put in program.puts:
            run.step(put)
    except RefusedError as refused:
        return _refuse(refused.refusal, text, language)
    steps = tuple(_step(part, target) for part, target in run.moves.items())
    if not steps:
        return _refuse(reasons.nothing_to_do(language, run.unmet), text, language)
    return Plan(language=language, program=text, steps=steps[:32])


def _refuse(refusal: Refusal, program: str, language: str) -> Plan:
    return Plan(language=language, program=program, refusal=refusal)


def _step(part: Thing, target: Thing) -> PutStep:
    return PutStep(
        object=PartRef(shape=part.shape, color=part.color, box=part.box),
        target=ContainerRef(shape=target.shape, color=target.color, box=target.box),
    )
