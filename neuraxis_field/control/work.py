# SPDX-License-Identifier: Apache-2.0
"""Work at a bench while the legs are taught to stand: the stack moves parts as in any job."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from big_brain_node.config import BigBrainConfig
from big_brain_node.executive import Executive
from big_brain_node.motion.pick_place import PickPlacePlanner
from big_brain_node.ports import InlineWorker
from big_brain_node.skills import Tools
from neuraxis_bridge.job_said import Wanted
from neuraxis_common.plan import ContainerRef, PartRef, Plan, PutStep, Refusal
from neuraxis_common.robot import RobotProfile, load_profile
from neuraxis_common.types import SceneObject
from neuraxis_field.episode import make_planner
from neuraxis_field.lockstep_ports import LockstepBody, LockstepEyes
from neuraxis_sim.lockstep import LockstepWorld
from neuraxis_sim.scene import generate, load_template
from neuraxis_sim.scene_template import for_training
from neuraxis_sim.scene_types import Scene
from perception_node.pipeline import Perception

_SCENE = "sorting_bench"
_ORDER = "move something"


def bench(profile: RobotProfile, data_root: Path, seed: int) -> Scene:
    """The bench with what a seed draws on it."""
    template = load_template(data_root / "config" / "scenes" / f"{_SCENE}.yaml")
    return generate(for_training(template), seed, profile)


class Foreman:
    """A brain that wants any part in any container, of those that perception sees."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng

    def ask(
        self,
        _rgb: NDArray[np.uint8],
        _instruction: str,
        seen: Sequence[SceneObject] = (),
        _job: Sequence[Wanted] = (),
    ) -> Plan:
        """A plan of one step."""
        parts, boxes = ([o for o in seen if o.kind == kind] for kind in ("part", "container"))
        if not parts or not boxes:
            return Plan(refusal=Refusal(code="not_found", reason="nothing to move"))
        part, box = (group[self._rng.integers(len(group))] for group in (parts, boxes))
        return Plan(
            steps=(
                PutStep(
                    object=PartRef(shape=part.shape, color=part.color, box=part.box_px),
                    target=ContainerRef(shape=box.shape, color=box.color, box=box.box_px),
                ),
            )
        )


def work(
    world: LockstepWorld,
    data_root: Path,
    rng: np.random.Generator,
    until_s: float,
    ended: Callable[[], bool],
) -> None:
    """Move one thing after the other.

    Args:
        world: With a bench and a camera.
        data_root: Folder with ``models/``.
        rng: Draws what is moved.
        until_s: World time of the end.
        ended: Asked after each step whether to end before.
    """
    tools = Tools(
        body=LockstepBody(world),
        eyes=LockstepEyes(world, Perception(data_root / "models" / "detector.onnx")),
        planner=_planner(world.profile.name, data_root),
        worker=InlineWorker(),
        config=BigBrainConfig(),
        wall_clock_s=time.monotonic,
    )
    executive = Executive(tools, Foreman(rng))
    executive.start(world.now_s, _ORDER)
    while world.now_s < until_s and not ended():
        world.advance(1.0 / tools.config.tick_rate_hz)
        if executive.tick(world.now_s) is not None:
            executive.start(world.now_s, _ORDER)


@cache
def _planner(robot: str, data_root: Path) -> PickPlacePlanner:
    return make_planner(load_profile(robot, data_root), data_root)
