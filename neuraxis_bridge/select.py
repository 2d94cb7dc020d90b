# SPDX-License-Identifier: Apache-2.0
"""Finds the things that a selection describes among those seen."""

from __future__ import annotations

from dataclasses import dataclass

from neuraxis_bridge import reasons
from neuraxis_bridge.program import Noun, Selection
from neuraxis_bridge.seen import RELATIONS, Thing, is_inside, key_of, rank
from neuraxis_common.plan import Refusal

_ORDINAL = {"": 0, "second": 1, "third": 2}
_ANCHORED = ("nearest_to", "farthest_from")


class RefusedError(Exception):
    """Ends an execution with a refusal."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal


@dataclass(frozen=True)
class Scene:
    """What one image shows.

    Attributes:
        things: From left to right.
        home: Container of each part as it looks, None for the table.
    """

    things: list[Thing]
    parts: list[Thing]
    containers: list[Thing]
    home: dict[Thing, Thing | None]

    def pool(self, what: Selection) -> list[Thing]:
        """Parts or containers, whichever the selection is of."""
        return self.containers if what.is_container else self.parts


def scene_of(things: list[Thing]) -> Scene:
    """Tell parts from containers, and which part stands in which."""
    parts = [t for t in things if t.kind == "part"]
    containers = [t for t in things if t.kind == "container"]
    home: dict[Thing, Thing | None] = {}
    for part in parts:
        holders = [c for c in containers if is_inside(part, c)]
        home[part] = min(holders, key=lambda c: abs(c.x - part.x), default=None)
    return Scene(things, parts, containers, home)


def looks_like(thing: Thing, what: Selection | Noun) -> bool:
    """Whether shape and colour fit; ``part`` and ``container`` fit every shape of their kind."""
    shape_fits = what.shape in (thing.shape, thing.kind)
    return shape_fits and what.color in ("", thing.color)


class Selector:
    """Looks things up in one scene.

    Args:
        home: Which container each part is in by now, None for the table; read at each call.
    """

    def __init__(self, things: list[Thing], home: dict[Thing, Thing | None], language: str) -> None:
        self._things = things
        self._home = home
        self._language = language

    def fitting(self, what: Selection, pool: list[Thing]) -> list[Thing]:
        """Things of the pool that fit shape, colour, relation and exceptions, left to right."""
        fits = [t for t in pool if looks_like(t, what)]
        if what.relation:
            fits = self._related(what, fits)
        for noun in what.excepts:
            fits = self._without(noun, fits)
        return fits

    def single(self, what: Selection, fits: list[Thing]) -> Thing:
        """The one thing meant; raises RefusedError when none or several could be."""
        seen = [t for t in self._things if (t.kind == "container") == what.is_container]
        if not fits:
            raise RefusedError(reasons.not_found(what, seen, self._language))
        if what.rank:
            return self._ranked(what, fits, what.rank, _ORDINAL[what.ordinal], None)
        if what.relation in (*_ANCHORED, "next_to") and what.noun is not None and len(fits) > 1:
            name = "nearest_to" if what.relation == "next_to" else what.relation
            return self._ranked(what, fits, name, 0, self.noun(what.noun))
        if len(fits) > 1:
            raise RefusedError(reasons.ambiguous(what, fits, self._language))
        return fits[0]

    def first(self, what: Selection, fits: list[Thing]) -> Thing:
        """Any of them: the leftmost, or the one a rank word picks."""
        if what.rank or not fits:
            return self.single(what, fits)
        return fits[0]

    def best(self, what: Selection, fits: list[Thing], count: int) -> list[Thing]:
        """The first `count` by the rank word; refuses when the last of them is not clear."""
        if what.rank == "middle":
            raise RefusedError(reasons.ambiguous(what, fits, self._language))
        ordered, gap = rank(fits, what.rank)
        key, _ = key_of(what.rank)
        if len(ordered) > count and key(ordered[count]) - key(ordered[count - 1]) < gap:
            raise RefusedError(reasons.ambiguous(what, ordered, self._language))
        return ordered[:count]

    def noun(self, noun: Noun) -> Thing:
        """The one thing that a noun names."""
        kind = "container" if noun.is_container else "part"
        fits = [t for t in self._things if t.kind == kind and looks_like(t, noun)]
        return self.single(Selection("one", noun.shape, noun.color, rank=noun.rank), fits)

    def _related(self, what: Selection, fits: list[Thing]) -> list[Thing]:
        if what.relation == "on_table":
            return [t for t in fits if self._home.get(t) is None]
        if what.relation == "empty":
            return [t for t in fits if t not in self._home.values()]
        if what.noun is None:
            return fits
        if what.relation == "holding":
            holders = {self._home[p] for p in self._home if looks_like(p, what.noun)}
            return [t for t in fits if t in holders]
        if what.relation == "in" and not what.noun.rank:
            return [
                t for t in fits
                if (home := self._home.get(t)) is not None and looks_like(home, what.noun)
            ]  # fmt: skip
        anchor = self.noun(what.noun)
        fits = [t for t in fits if t is not anchor]
        if what.relation == "in":
            return [t for t in fits if self._home.get(t) is anchor]
        if what.relation in _ANCHORED or (what.relation == "next_to" and what.quant == "one"):
            return fits
        return [t for t in fits if RELATIONS[what.relation](t, anchor)]

    def _without(self, noun: Noun, fits: list[Thing]) -> list[Thing]:
        if noun.rank:
            out = self.noun(noun)
            return [t for t in fits if t is not out]
        return [t for t in fits if not looks_like(t, noun)]

    def _ranked(
        self, what: Selection, fits: list[Thing], name: str, place: int, anchor: Thing | None
    ) -> Thing:
        if name == "middle":
            ordered, gap = rank(fits, "leftmost")
            if len(ordered) % 2 == 0:
                raise RefusedError(reasons.ambiguous(what, fits, self._language))
            place, key = len(ordered) // 2, key_of("leftmost")[0]
        else:
            ordered, gap = rank(fits, name, anchor)
            key = key_of(name, anchor)[0]
        if place >= len(ordered):
            raise RefusedError(reasons.not_found(what, fits, self._language))
        near = [t for t in ordered if abs(key(t) - key(ordered[place])) < gap]
        if len(near) > 1:
            raise RefusedError(reasons.ambiguous(what, near, self._language))
        return ordered[place]
