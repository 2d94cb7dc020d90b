# SPDX-License-Identifier: Apache-2.0
"""`neuraxis eval walk | push | carry`: a robot with random dynamics walks as told, or is shoved.

The episodes' commands, dynamics, noise and shoves follow from the seed alone. Truth is read here
and nowhere below.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from neuraxis_common.errors import ConfigError
from neuraxis_common.lifetime import die_with_pool
from neuraxis_common.robot import RobotProfile, compile_urdf, joint_limits, load_profile
from neuraxis_common.types import FloatArray
from neuraxis_field.course import Surroundings
from neuraxis_field.dynamics import DrawnDynamics, OtherMotors
from neuraxis_field.film import Film
from neuraxis_field.motion_truth import SAMPLE_S, MotionTruth
from neuraxis_sim.lockstep import LockstepWorld
from small_brain_node.body_model import BodyModel
from small_brain_node.config import PolicyConfig, SmallBrainConfig
from small_brain_node.lowering.controller import LoweringController
from small_brain_node.policy_source import PolicySource
from small_brain_node.runner import PolicyRunner
from small_brain_node.walking.settings import LIMITS

KINDS = ("walk", "push", "carry")
RATE_HZ = SmallBrainConfig().rate_hz
# Training and tuning draw from below; evaluation counts up from here.
FIRST_HELDOUT_SEED = 1_000_000
# Largest impulse of a shove over the robot's mass.
STANDING_PUSH_M_S, WALKING_PUSH_M_S = 0.35, 0.25
PUSH_EVERY_S, PUSH_S = 5.0, 0.1
# What robots carry by kind and weight: heavier ones than this bear the larger load.
HEAVY_ROBOT_KG, LIGHT_LOAD_KG, HEAVY_LOAD_KG = 45.0, 1.0, 3.0
_WARM_UP_S = 1.0
_STILL_CHANCE, _PLAIN_CHANCE = 0.2, 0.4

Row = dict[str, Any]


@dataclass(frozen=True)
class LocomotionEpisode:
    """One episode; picklable.

    Attributes:
        kind: ``walk``, ``push`` or ``carry``.
        max_speed_m_s: Forward commands are drawn up to this.
        policy: Bundle to judge; None for the classical controller.
        video: Film of the episode to make; None for none.
    """

    kind: str
    robot: str
    data_root: Path
    index: int
    seed: int
    seconds: float = 60.0
    max_speed_m_s: float = LIMITS["vx_m_s"][1]
    policy: Path | None = None
    video: Path | None = None

    def __post_init__(self) -> None:
        """Raise ConfigError naming the first field out of its range."""
        if self.kind not in KINDS:
            raise ConfigError(f"kind must be one of {', '.join(KINDS)}, got '{self.kind}'")
        if not 5.0 <= self.seconds <= 3600.0:
            raise ConfigError(f"seconds must be in [5, 3600], got {self.seconds}")
        top = LIMITS["vx_m_s"][1]
        if not 0.0 < self.max_speed_m_s <= top:
            raise ConfigError(f"max speed must be in (0, {top}], got {self.max_speed_m_s}")


def draw_episodes(
    kind: str,
    robot: str,
    data_root: Path,
    count: int,
    seed: int,
    seconds: float,
    max_speed_m_s: float,
    policy: Path | None = None,
    video: Path | None = None,
) -> list[LocomotionEpisode]:
    """Held-out episodes; those of different seeds do not overlap below 10000 each.

    Seeds below 1000 are for tuning; reported figures use others. The first episode is filmed.
    """
    first = FIRST_HELDOUT_SEED + 10_000 * seed
    rest = (seconds, max_speed_m_s, policy)
    return [
        LocomotionEpisode(
            kind, robot, data_root, i, first + i, *rest, video=video if i == 0 else None
        )
        for i in range(count)
    ]


def run_locomotion(episodes: Sequence[LocomotionEpisode], jobs: int) -> Iterator[Row]:
    """Yield one row per episode as they finish."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=die_with_pool) as pool:
        for future in as_completed([pool.submit(run_episode, episode) for episode in episodes]):
            yield future.result()


@dataclass(frozen=True)
class Trial:
    """One robot as drawn, in its world."""

    world: LockstepWorld
    runner: PolicyRunner
    drawn: DrawnDynamics
    truth: MotionTruth


def prepare_trial(
    robot: str,
    data_root: Path,
    seed: int,
    policy: Path | None,
    around: Callable[[RobotProfile], Surroundings],
) -> Trial:
    """A robot with the dynamics and the noise of a seed."""
    profile, urdf_xml = _description(robot, data_root)
    drawn = DrawnDynamics(seed)
    limits = joint_limits(urdf_xml)
    effort_max = np.array([limits[name].effort for name in profile.joint_names])
    config = PolicyConfig(bundle_path="" if policy is None else str(policy))
    runner = PolicySource(profile, urdf_xml, config, data_root).runner(RATE_HZ)
    lowering = LoweringController(profile, BodyModel(profile, urdf_xml))
    motors = drawn.motors(len(effort_max))
    world = LockstepWorld(
        profile,
        data_root,
        around(profile),
        seed=seed,
        with_camera=False,
        urdf_xml=urdf_xml,
        prepare=drawn.prepare,
        command_delay_ms=drawn.latency_ms,
        policy=OtherMotors(runner, motors, effort_max),
        lowering=OtherMotors(lowering, motors, effort_max),
    )
    return Trial(world, runner, drawn, MotionTruth(world))


@cache
def _description(robot: str, data_root: Path) -> tuple[RobotProfile, str]:
    profile = load_profile(robot, data_root)
    return profile, compile_urdf(profile, data_root)


def payload_kg(profile: RobotProfile) -> float:
    """What a robot of this weight carries in `carry`."""
    return HEAVY_LOAD_KG if profile.mass_kg > HEAVY_ROBOT_KG else LIGHT_LOAD_KG


def run_episode(episode: LocomotionEpisode) -> Row:
    """One robot from standing to the end of its time or its fall."""
    rng = np.random.default_rng([episode.seed, 0xE7])
    carries = episode.kind == "carry"
    trial = prepare_trial(
        episode.robot,
        episode.data_root,
        episode.seed,
        episode.policy,
        lambda profile: Surroundings(profile, payload_kg(profile) if carries else 0.0),
    )
    world, truth, drawn, runner = trial.world, trial.truth, trial.drawn, trial.runner
    film = None if episode.video is None else Film(world)
    plan = _draw_commands(rng, episode)
    shoves = _draw_shoves(rng, episode, plan) if episode.kind == "push" else []
    mass_kg, chest = float(world.robot.model.body_subtreemass[0]), torso(world)
    pushed = 0
    while world.now_s < episode.seconds and not truth.fallen:
        now_s = world.now_s
        wish = plan.at(now_s)
        world.brain.walk(now_s, wish)
        if pushed < len(shoves) and now_s >= PUSH_EVERY_S * (pushed + 1):
            force_N = shoves[pushed] * mass_kg / PUSH_S
            world.push(np.append(force_N, 0.0), PUSH_S, chest)
            if film is not None:
                film.shove(chest, shoves[pushed])
            pushed += 1
        world.advance(SAMPLE_S)
        truth.look(wish)
        if film is not None:
            film.look()
    if film is not None:
        film.save(episode.video)
    fault = world.brain.fault
    return {
        "episode": episode.index,
        "seed": episode.seed,
        "robot": episode.robot,
        "kind": episode.kind,
        "fell": truth.fallen,
        "seconds": round(world.now_s, 2),
        "distance_m": round(truth.distance_m, 2),
        "pushes": pushed,
        "latency_ms": drawn.latency_ms,
        "friction": round(drawn.floor_friction, 2),
        "last_command": [round(float(value), 2) for value in plan.at(world.now_s)],
        "fault": "" if fault is None else fault.reason,
        "in_charge": runner.in_charge,
        "notes": runner.take_notes(),
        "speed_errors": truth.errors(),
    }


def summary(rows: Sequence[Row]) -> Row:
    """Falls, and errors of velocity over all windows of all episodes."""
    errors = np.array([error for row in rows for error in row["speed_errors"]]).reshape(-1, 3)
    rms = np.sqrt((errors**2).mean(axis=0)) if len(errors) else np.full(3, np.nan)
    upright = sum(not row["fell"] for row in rows)
    return {
        "episodes": len(rows),
        "upright": upright,
        "rate": round(upright / max(len(rows), 1), 4),
        "fell_back": sum(bool(row["notes"]) for row in rows),
        "seconds": round(sum(row["seconds"] for row in rows), 1),
        "distance_m": round(sum(row["distance_m"] for row in rows), 1),
        "pushes": sum(row["pushes"] for row in rows),
        "speed_rms_m_s": None if not len(errors) else round(float(np.hypot(*rms[:2])), 4),
        "turn_rms_rad_s": None if not len(errors) else round(float(rms[2]), 4),
    }


@dataclass(frozen=True)
class _Commands:
    """Velocities and when each begins, shapes (m,) and (m, 3)."""

    start_s: FloatArray
    velocity: FloatArray

    def at(self, now_s: float) -> FloatArray:
        return self.velocity[int(np.searchsorted(self.start_s, now_s, side="right")) - 1]


def _draw_commands(rng: np.random.Generator, episode: LocomotionEpisode) -> _Commands:
    """A second of standing, then commands of 6 to 10 s; shoved robots keep to one command."""
    low, high = np.array(list(LIMITS.values())).T
    high[0] = episode.max_speed_m_s
    starts, rows = [0.0], [np.zeros(3)]
    now_s = _WARM_UP_S
    while now_s < episode.seconds:
        wish = rng.uniform(low, high)
        chance = rng.uniform()
        if chance < _STILL_CHANCE:
            wish = np.zeros(3)
        elif chance < _STILL_CHANCE + _PLAIN_CHANCE:
            wish = wish * np.eye(3)[rng.integers(3)]
        if episode.kind == "push":
            walks = episode.index % 2 == 1
            wish = np.array([rng.uniform(0.2, 0.5), 0.0, 0.0]) if walks else np.zeros(3)
        starts.append(now_s)
        rows.append(wish)
        now_s += episode.seconds if episode.kind == "push" else rng.uniform(6.0, 10.0)
    return _Commands(np.array(starts), np.array(rows))


def _draw_shoves(
    rng: np.random.Generator, episode: LocomotionEpisode, plan: _Commands
) -> list[FloatArray]:
    """Impulses over mass in world axes, shape (2,) each, uniform up to the largest."""
    most = WALKING_PUSH_M_S if np.any(plan.velocity) else STANDING_PUSH_M_S
    shoves = []
    for _ in range(int((episode.seconds - 1.0) / PUSH_EVERY_S)):
        angle, size = rng.uniform(0, 2 * np.pi), rng.uniform(0, most)
        shoves.append(size * np.array([np.cos(angle), np.sin(angle)]))
    return shoves


def torso(world: LockstepWorld) -> str:
    """The body that carries the arms."""
    model, profile = world.robot.model, world.robot.profile
    waist = profile.groups["waist"]
    if not waist:
        return profile.base_link
    return model.body(int(model.joint(waist[-1]).bodyid[0])).name
