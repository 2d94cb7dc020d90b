# SPDX-License-Identifier: Apache-2.0
"""Questions beside the job: what somebody asks while it goes on, and whether it is done.

Nothing here moves anything or disturbs the instruction under way. Time is an argument.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

from big_brain_node.ports import Brain, Eyes
from big_brain_node.skills import Tools
from neuraxis_bridge.job_said import Wanted
from neuraxis_common.errors import Rejected
from neuraxis_common.plan import Plan
from neuraxis_common.types import RgbdFrame, SceneObject, SceneSnapshot

IS_IT_DONE = {"en": "is it done?", "zh": "完成了吗？"}
_ASKS = re.compile(
    r"\b(?:how (?:many|much|far)|where|what|which|who|when|count|list|name|report|describe"
    r"|tell me|check (?:if|whether)|is|are|was|were|do you|did|does|have you|has|any|status"
    r"|done|finished)\b"
    r"|多少|几[个只件]|哪|什么|吗|有没有|是不是|是否|没有|报告|数一?[下数]|列出|看到|看见|进度"
)


def may_ask(sentence: str) -> bool:
    """Whether a sentence has a word that questions have; what it means is for the brain to say."""
    text = unicodedata.normalize("NFKC", sentence).casefold()
    return "?" in text or _ASKS.search(text) is not None


def fresh_view(eyes: Eyes, since_s: float) -> tuple[SceneSnapshot, RgbdFrame] | None:
    """The newest scene and image, None where either is missing or older than `since_s`."""
    scene, frame = eyes.snapshot(), eyes.frame()
    if scene is None or frame is None or min(scene.stamp_s, frame.stamp_s) < since_s:
        return None
    return scene, frame


def seen_lately(scene: SceneSnapshot, fresh_age_s: float) -> tuple[SceneObject, ...]:
    """What was observed not long before the scene's stamp."""
    oldest_s = scene.stamp_s - fresh_age_s
    return tuple(item for item in scene.objects if item.stamp_s >= oldest_s)


class Aside:
    """One question to the brain about what is seen now and about a job.

    Args:
        tools: Eyes, worker and tuning.
        brain: Answers.
        sentence: The question.
        job: What the robot does or has just done.
        since_s: Only images from then on count.
    """

    def __init__(
        self, tools: Tools, brain: Brain, sentence: str, job: Sequence[Wanted], since_s: float
    ) -> None:
        self._tools, self._brain, self._sentence = tools, brain, sentence
        self._job, self._since_s = tuple(job), since_s
        self._answer: Future[Any] | None = None

    def tick(self, now_s: float) -> Plan | Rejected | None:
        """What the brain says, or None while it takes longer; ``no_view`` where nothing is seen."""
        if self._answer is not None:
            return self._answer.result() if self._answer.done() else None
        config = self._tools.config
        view = fresh_view(self._tools.eyes, max(self._since_s, now_s - config.fresh_age_s))
        if view is None:
            late = now_s - self._since_s > config.look_timeout_s
            return (
                Rejected("no_view", "no fresh camera image and scene to look at") if late else None
            )
        scene, frame = view
        seen = seen_lately(scene, config.fresh_age_s)
        self._answer = self._tools.worker.submit(
            self._brain.ask, frame.rgb, self._sentence, seen, self._job
        )
        return None


class Judgement:
    """Asks the brain whether a job is done, and looks again where it says no.

    Args:
        tools: As for `Aside`.
        brain: Judges.
        job: Its parts.
        language: Of the question.
        since_s: When the robot was out of the way.
    """

    def __init__(
        self, tools: Tools, brain: Brain, job: Sequence[Wanted], language: str, since_s: float
    ) -> None:
        self._tools, self._brain, self._job = tools, brain, tuple(job)
        self._sentence, self._looks = IS_IT_DONE[language], 1
        self._aside = self._ask(since_s)

    def _ask(self, since_s: float) -> Aside:
        return Aside(self._tools, self._brain, self._sentence, self._job, since_s)

    def tick(self, now_s: float) -> Plan | Rejected | None:
        """The brain's last word, None while it takes longer."""
        said = self._aside.tick(now_s)
        if not isinstance(said, Plan) or said.answer is None or said.answer.yes is not False:
            return said
        if self._looks >= self._tools.config.judge_looks:
            return said
        self._looks += 1
        self._aside = self._ask(now_s)
        return None


class Asides:
    """Questions under way, each for somebody who waits.

    Args:
        tools: As for `Aside`.
        brain: Answers.
    """

    def __init__(self, tools: Tools, brain: Brain) -> None:
        self._tools, self._brain = tools, brain
        self._open: list[tuple[Any, Aside]] = []

    def take(self, asker: Any, sentence: str, job: Sequence[Wanted], now_s: float) -> None:
        """Begin with a question."""
        self._open.append((asker, Aside(self._tools, self._brain, sentence, job, now_s)))

    def tick(self, now_s: float) -> list[tuple[Any, Plan | Rejected]]:
        """Who got an answer by now, and which."""
        said = [(asker, aside, aside.tick(now_s)) for asker, aside in self._open]
        self._open = [(asker, aside) for asker, aside, answer in said if answer is None]
        return [(asker, answer) for asker, _, answer in said if answer is not None]

    def drop(self) -> list[Any]:
        """Give all up; returns who still waited."""
        askers, self._open = [asker for asker, _ in self._open], []
        return askers
