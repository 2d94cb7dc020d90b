# SPDX-License-Identifier: Apache-2.0
"""Answers questions about what is seen and about the job, and judges conditions. Deterministic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from neuraxis_bridge.job_said import Wanted, judged
from neuraxis_bridge.program import Condition, Question, Selection, count_of
from neuraxis_bridge.reasons import beside, color_word, describe, listing
from neuraxis_bridge.seen import RELATIONS, Thing, distance_px
from neuraxis_bridge.select import Scene, Selector
from neuraxis_common.plan import Answer, ContainerRef, PartRef

# As `Answer` bounds them.
_MOST_CHARS, _MOST_THINGS = 1000, 64


def holds(condition: Condition, scene: Scene, language: str) -> bool:
    """Whether a condition holds. Raises RefusedError where it leans on a thing that is not seen."""
    fits = _fits(condition.what, scene, language)
    return _enough(condition.what, fits, scene, language) == (condition.word == "if")


def reply(question: Question, scene: Scene, language: str, job: Sequence[Wanted] = ()) -> Answer:
    """The answer to a question.

    Args:
        question: What is asked.
        scene: What the image shows.
        language: ``en`` or ``zh``.
        job: What the robot is doing or has just done, for ``done``.

    Raises:
        RefusedError: The question leans on a thing that is not seen, or that could be several.
    """
    zh = language == "zh"
    if question.kind == "done":
        return _progress(scene, zh, job)
    if question.what is None:
        return _everything(scene, language)
    what = question.what
    fits = _fits(what, scene, language)
    refs = tuple(_ref(thing) for thing in fits[:_MOST_THINGS])
    if question.kind == "count":
        return Answer(
            kind="count",
            text=_count(what, fits, language)[:_MOST_CHARS],
            count=len(fits),
            things=refs,
        )
    if question.kind == "exists":
        yes = _enough(what, fits, scene, language)
        text = _whether(yes, what, fits, language)[:_MOST_CHARS]
        return Answer(kind="exists", text=text, yes=yes, count=len(fits), things=refs)
    if not fits:
        text = ("我没有看到" if zh else "I see no ") + describe(what, language)
    elif question.kind == "where":
        text = ("；" if zh else "; ").join(_place(thing, scene, language) for thing in fits)
    elif question.kind == "color":
        text = ("、" if zh else ", ").join(color_word(thing.color, language) for thing in fits)
    else:
        text = listing(fits, language)
    return Answer(kind=question.kind, text=text[:_MOST_CHARS], things=refs)


def _fits(what: Selection, scene: Scene, language: str) -> list[Thing]:
    """What fits; of a rank word, or of what is nearest to something, the one that it picks."""
    select = Selector(scene.things, scene.home, language)
    fits = select.fitting(what, scene.pool(what))
    anchored = what.relation in ("nearest_to", "farthest_from")
    if not fits or not (what.rank or anchored):
        return fits
    wanted = count_of(what.quant)
    if wanted is None or anchored:
        return [select.single(what, fits)]
    return select.best(what, fits, wanted)


def _enough(what: Selection, fits: list[Thing], scene: Scene, language: str) -> bool:
    """Whether as many fit as the quantifier says; ``all``: whatever fits without the relation."""
    if what.quant == "all":
        every = _fits(replace(what, relation="", noun=None), scene, language)
        return bool(every) and len(fits) == len(every)
    return len(fits) >= (count_of(what.quant) or 1)


def _count(what: Selection, fits: list[Thing], language: str) -> str:
    kinds = {(thing.color, thing.shape) for thing in fits}
    seen = f": {listing(fits, language)}" if len(kinds) > 1 else ""
    if language == "zh":
        return f"我看到{len(fits)}个{describe(what, language)}{seen.replace(': ', '：')}"
    return f"I see {len(fits) or 'no'} {describe(what, language, plural=len(fits) != 1)}{seen}"


def _whether(yes: bool, what: Selection, fits: list[Thing], language: str) -> str:
    seen, name = listing(fits, language), describe(what, language)
    if language == "zh":
        if yes:
            return f"是的，我看到{name}：{seen}"
        return f"不，只有{len(fits)}个：{seen}" if fits else f"不，我没有看到{name}"
    if yes:
        return f"yes: {seen}"
    return f"no, only {len(fits)}: {seen}" if fits else f"no, I see no {name}"


def _place(thing: Thing, scene: Scene, language: str) -> str:
    """In which container, or beside what stands nearest on the table."""
    name, home, zh = describe(thing, language), scene.home.get(thing), language == "zh"
    if home is not None:
        holder = describe(home, language)
        return f"{name}在{holder}里" if zh else f"the {name} is in the {holder}"
    others = [t for t in scene.things if t is not thing and scene.home.get(t) is None]
    near = min(others, key=lambda other: distance_px(thing, other), default=None)
    relation = "" if near is None else _side(thing, near)
    text = f"{name}在桌上" if zh else f"the {name} is on the table"
    if near is None or not relation:
        return text
    return text + ("，在" if zh else ", ") + beside(relation, near, language)


def _side(thing: Thing, other: Thing) -> str:
    """The first relation that holds, the one along the longer way first."""
    across = abs(thing.x - other.x) >= abs(thing.base_y - other.base_y)
    names = ("left_of", "right_of", "in_front_of", "behind")
    ordered = names if across else (*names[2:], *names[:2])
    return next((name for name in ordered if RELATIONS[name](thing, other)), "")


def _everything(scene: Scene, language: str) -> Answer:
    zh = language == "zh"
    loose = [part for part in scene.parts if scene.home[part] is None]
    said = [("桌上：" if zh else "on the table: ") + listing(loose, language)]
    for container in scene.containers:
        inside = [part for part in scene.parts if scene.home[part] is container]
        name, held = describe(container, language), listing(inside, language)
        said.append(f"{name}里：{held}" if zh else f"in the {name}: {held}")
    text = ("；" if zh else "; ").join(said)
    things = tuple(_ref(thing) for thing in scene.things[:_MOST_THINGS])
    return Answer(kind="list", text=text[:_MOST_CHARS], things=things)


def _progress(scene: Scene, zh: bool, job: Sequence[Wanted]) -> Answer:
    """How much of the job the image shows done; without a job there is nothing to judge."""
    if not job:
        return Answer(kind="done", text="没有进行中的任务" if zh else "there is no job under way")
    states, of = judged(job, scene), len(job)
    done = states.count("done")
    text = f"看到完成了{done}步，共{of}步" if zh else f"{done} of {of} seen done"
    for state, words in (("open", ("还没有", "not yet")), ("unseen", ("看不到", "cannot see"))):
        steps = [step for step, other in zip(job, states, strict=True) if other == state]
        if steps:
            text += f"，{words[0]}：" if zh else f", {words[1]}: "
            text += ("、" if zh else ", ").join(_said(step, zh) for step in steps)
    yes = None if "unseen" in states and "open" not in states else done == of
    return Answer(kind="done", text=text[:_MOST_CHARS], yes=yes, count=done, of=of)


def _said(step: Wanted, zh: bool) -> str:
    if zh:
        return f"{describe(step.object, 'zh')}→{describe(step.target, 'zh')}"
    return f"{step.object.label} into {step.target.label}"


def _ref(thing: Thing) -> PartRef | ContainerRef:
    kind = PartRef if thing.kind == "part" else ContainerRef
    return kind(shape=thing.shape, color=thing.color, box=thing.box)
