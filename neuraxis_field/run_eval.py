# SPDX-License-Identifier: Apache-2.0
"""Everything between `neuraxis eval tasks` and its rows: episodes to run, processes to run them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from big_brain_node.brain_client import BrainClient
from big_brain_node.config import BigBrainConfig
from neuraxis_common.errors import ConfigError
from neuraxis_common.profile import RobotProfile
from neuraxis_common.robot import load_profile
from neuraxis_field.episode import Stack, make_planner, run_episode, scene_of
from neuraxis_field.evaluate import Row, run_all
from neuraxis_field.language.long_jobs import sample_long_job
from neuraxis_field.language.tasks import NoTaskError, sample_question, sample_task
from neuraxis_field.plan_pairs import run_pair
from neuraxis_field.tasks_file import Episode
from neuraxis_sim.scene import Scene, generate, load_template
from perception_node.pipeline import Perception

SCENE = "sorting_bench"
# Training and tuning draw scenes from seeds of 100000 and above.
FIRST_HELDOUT_SEED = 1000
# Scenes in a row without a task after which a template is given up.
_MOST_BARREN = 1000


@dataclass(frozen=True)
class EvalSetup:
    """What a worker process needs to build its stack; picklable."""

    robot: str
    data_root: Path
    models_dir: Path
    bridge_url: str
    api_key: str | None = None
    config: BigBrainConfig = field(default_factory=BigBrainConfig)
    policy: Path | None = None


_stack: Stack | None = None


def sample_episodes(
    count: int,
    seed: int,
    profile: RobotProfile,
    data_root: Path,
    scene_name: str = SCENE,
    questions: bool = False,
    least_steps: int | None = None,
) -> list[Episode]:
    """Draw episodes on held-out scenes with held-out phrasings.

    Args:
        count: How many.
        seed: Scenes count up from ``FIRST_HELDOUT_SEED * (seed + 1)``, less those without a task.
        profile: The robot; its bench decides where things stand.
        data_root: Folder with ``config/``.
        scene_name: Template of all scenes.
        questions: Whether to ask about the scenes instead.
        least_steps: Only jobs of `sample_long_job`, whose plans have at least so many steps; None
            for those of `sample_task`, of at most four.

    Raises:
        ConfigError: There is no such template, or its scenes allow no such job.
    """
    template = load_template(data_root / "config" / "scenes" / f"{scene_name}.yaml")
    most = template.parts.count[1]
    if least_steps is not None and not 1 <= least_steps <= most:
        raise ConfigError(f"steps must be in [1, {most}], parts of {scene_name}; got {least_steps}")
    episodes: list[Episode] = []
    barren, scene_seed = 0, FIRST_HELDOUT_SEED * (seed + 1) - 1
    while len(episodes) < count:
        scene_seed += 1
        scene, rng = generate(template, scene_seed, profile), random.Random(scene_seed)
        try:
            drawn = _question(scene, rng) if questions else _order(scene, rng, least_steps)
        except NoTaskError as error:
            barren += 1
            if barren == _MOST_BARREN:
                raise ConfigError(f"{barren} scenes of {scene_name} in a row: {error}") from error
            continue
        barren = 0
        where = {"scene": scene_name, "seed": scene_seed}
        episodes.append(Episode.model_validate(where | drawn))
    return episodes


def _order(scene: Scene, rng: random.Random, least_steps: int | None) -> dict[str, Any]:
    if least_steps is None:
        task = sample_task(scene.objects, rng, split="heldout")
    else:
        task = sample_long_job(scene.objects, rng, least_steps, split="heldout")
    goal = [{"object": part, "in": container} for part, container in task.goal]
    return {"instruction": task.instruction, "goal": goal}


def _question(scene: Scene, rng: random.Random) -> dict[str, Any]:
    asked = sample_question(scene.objects, rng, split="heldout")
    answer = dict(zip(("kind", "yes", "count", "things"), asked.answer, strict=True))
    return {"instruction": asked.instruction, "answer": answer}


def check_episodes(episodes: list[Episode], profile: RobotProfile, data_root: Path) -> None:
    """Raise ConfigError for the first episode that names an unknown scene, part or container."""
    for episode in episodes:
        scene_of(episode, profile, data_root)


def evaluate(setup: EvalSetup, episodes: list[Episode], jobs: int) -> Iterator[Row]:
    """Yield one row per episode as they finish; the bridge must be serving."""
    return run_all(_run, episodes, jobs, partial(_load, setup))


def evaluate_plans(setup: EvalSetup, episodes: list[Episode], jobs: int) -> Iterator[Row]:
    """The same, up to the checked plan."""
    return run_all(_run_pair, episodes, jobs, partial(_load, setup))


def _load(setup: EvalSetup) -> None:
    global _stack
    profile = load_profile(setup.robot, setup.data_root)
    client = BrainClient(setup.bridge_url, setup.api_key, setup.config.brain_timeout_s)

    def make_eyes(_world: Any) -> Perception:
        return Perception(setup.models_dir / "detector.onnx")

    planner = make_planner(profile, setup.data_root)
    legs = setup.policy
    _stack = Stack(profile, setup.data_root, client, make_eyes, planner, setup.config, legs)


def _run(index: int, episode: Episode) -> Row:
    return run_episode(index, episode, _loaded())


def _run_pair(index: int, episode: Episode) -> Row:
    return run_pair(index, episode, _loaded())


def _loaded() -> Stack:
    if _stack is None:
        raise RuntimeError("the worker process was not initialised")
    return _stack
