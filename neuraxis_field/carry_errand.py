# SPDX-License-Identifier: Apache-2.0
"""A part brought to a place in lockstep: a drawn sentence, and where the part truly ends."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from big_brain_node.compiler.words import name_zh
from big_brain_node.walk.site import Site
from neuraxis_common.errors import ConfigError
from neuraxis_common.profile import RobotProfile
from neuraxis_common.types import FloatArray
from neuraxis_field.errand import Errand, ErrandRun, Mind
from neuraxis_sim.judge import judge
from neuraxis_sim.scene import Scene

# What nobody was to touch may settle by less.
_UNMOVED_M = 0.02
_REST_S = 1.0
_SAID = (
    "bring the {part} to the {place}",
    "please take the {part} over to the {place}",
    "carry the {part} to the {place}",
    "put the {part} on the {place}",
    "把{part}拿到{place}上",
    "请把{part}送到{place}那里",
    "把{part}放到{place}上",
)


@dataclass(frozen=True)
class CarryErrand:
    """One part to bring to one place; `part` is its name in the scene."""

    part: str
    place: str
    sentence: str
    scene: str
    seed: int


def draw(scene: Scene, place: str, site: Site) -> CarryErrand | None:
    """A part of its own colour and shape that stands on the bench, and a sentence about it.

    Returns:
        None for a scene without such a part. The scene's seed decides which.

    Raises:
        ConfigError: Nothing stands at the place, or nobody taught it.
    """
    tops = [piece.name for piece in scene.furniture]
    if place not in tops or place not in site.places:
        known = ", ".join(sorted(set(tops) & set(site.places))) or "none"
        raise ConfigError(f"nothing to set a part down on is known at '{place}'; known: {known}")
    labels = [(item.color, item.shape) for item in scene.parts]
    single = [
        item
        for item in scene.parts
        if not item.inside and labels.count((item.color, item.shape)) == 1
    ]
    if not single:
        return None
    rng = random.Random(scene.seed)
    item, said = rng.choice(single), rng.choice(_SAID)
    spoken = [name for name in site.places[place].names if not name.isascii()]
    zh = not said.isascii()
    part = name_zh(item.color, item.shape) if zh else f"{item.color} {item.shape}"
    where = spoken[0] if zh and spoken else place
    sentence = said.format(part=part, place=where)
    return CarryErrand(item.name, place, sentence, scene.template, scene.seed)


class CarryRun(ErrandRun):
    """A world with the stack in it and a sentence to carry out.

    Args:
        errand: What to bring where.
        profile: The robot.
        data_root: Folder with ``config/`` and ``urdf/``.
        mind: Sees, plans and reads.
        policy: As for `ErrandRun`.
    """

    def __init__(
        self,
        errand: CarryErrand,
        profile: RobotProfile,
        data_root: Path,
        mind: Mind,
        policy: Path | None = None,
    ) -> None:
        walk = Errand((errand.place,), errand.scene, errand.seed, errand.sentence)
        super().__init__(walk, profile, data_root, policy=policy, mind=mind)
        self._carry, self._before = errand, self._parts()

    def verdict(self) -> dict[str, Any]:
        """How it ended by the big brain's own account and by the simulator's truth."""
        self.world.advance(_REST_S)
        row, part = super().verdict(), self._carry.part
        others = [name for name in self._before if name != part]
        now = self._parts()
        moved = [
            name for name in others if np.linalg.norm(now[name] - self._before[name]) > _UNMOVED_M
        ]
        touched = [name for name in row["touched"] if name != part]
        where = self._where()
        good = self.executive.result.success and row["near"] and not row["fell"]
        return row | {
            "success": bool(good and where == self._carry.place and not moved and not touched),
            "sentence": self._carry.sentence,
            "part": part,
            "place": self._carry.place,
            "where": where,
            "touched": touched,
            "moved": moved,
            "attempts": sum(report.attempts for report in self.executive.result.steps),
            "setbacks": [report.failure.code for report in self.executive.setbacks],
        }

    def _where(self) -> str:
        """What holds the part: the name of furniture or a container, ``hand`` and so on."""
        _, qpos, qvel = self.world.loop.sim_state()
        goal = [{"object": self._carry.part, "in": self._carry.place}]
        found = judge(self.world.robot.model, qpos, self.scene, goal, qvel)
        (item,) = (item for item in found.items if item.name == self._carry.part)
        return item.cause if item.cause == "not_at_rest" else item.where

    def _parts(self) -> dict[str, FloatArray]:
        model, qpos = self.world.robot.model, self.world.qpos()
        starts = {
            item.name: int(model.joint(f"{item.name}_free").qposadr[0]) for item in self.scene.parts
        }
        return {name: qpos[at : at + 3].copy() for name, at in starts.items()}
