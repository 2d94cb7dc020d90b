# SPDX-License-Identifier: Apache-2.0
"""`neuraxis eval half_marathon`: how far a robot gets by itself, and how fast.

Twenty laps of a flat course with gentle curves, a 2 cm bump every 20 m and gusts from the left. The
pacer that steers along the course knows where the robot is, as a runner sees the road; balance
knows only the robot's own sensors.
"""

from __future__ import annotations

import math
import multiprocessing
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from neuraxis_common.errors import ConfigError
from neuraxis_common.types import FloatArray
from neuraxis_field.course import HALF_MARATHON_M, Course, SideWind, Surroundings, drag_area_m2
from neuraxis_field.film import Film
from neuraxis_field.locomotion import FIRST_HELDOUT_SEED, prepare_trial, torso
from neuraxis_field.motion_truth import SAMPLE_S
from small_brain_node.walking.settings import LIMITS

BUMP_M, BUMP_EVERY_M = 0.02, 20.0
_MOST_BUMP_GAP_M = 1000.0
_WARM_UP_S = 1.0
# The pacer: turn rate per heading error, heading per distance from the line, and its bounds.
_TURN_1_S, _AIM_RAD_M, _MOST_AIM_RAD, _MOST_TURN_RAD_S = 0.6, 0.4, 0.4, 0.3
# Slower than this on average is given up.
_SLOWEST_M_S = 0.2
_TELL_EVERY_M = 100.0
# Of its end: the finish, or how it came to fall.
_FILM_S = 60.0

Row = dict[str, Any]


@dataclass(frozen=True)
class RaceEpisode:
    """One robot's race; picklable.

    Attributes:
        distance_m: To the finish.
        pace_m_s: Commanded forward velocity.
        policy: Bundle to judge; None for the classical controller.
        bump_every_m: From one bump to the next.
        video: Film of its end to make; None for none.
    """

    robot: str
    data_root: Path
    index: int
    seed: int
    distance_m: float = HALF_MARATHON_M
    pace_m_s: float = 0.8
    policy: Path | None = None
    bump_every_m: float = BUMP_EVERY_M
    video: Path | None = None

    def __post_init__(self) -> None:
        """Raise ConfigError naming the first field out of its range."""
        if not 5.0 <= self.distance_m <= HALF_MARATHON_M:
            raise ConfigError(f"distance must be in [5, {HALF_MARATHON_M}], got {self.distance_m}")
        top = LIMITS["vx_m_s"][1]
        if not _SLOWEST_M_S < self.pace_m_s <= top:
            raise ConfigError(f"pace must be in ({_SLOWEST_M_S}, {top}], got {self.pace_m_s}")
        if not 1.0 <= self.bump_every_m <= _MOST_BUMP_GAP_M:
            bound = f"[1, {_MOST_BUMP_GAP_M}]"
            raise ConfigError(f"bumps must be {bound} m apart, got {self.bump_every_m}")


def draw_races(
    robot: str,
    data_root: Path,
    count: int,
    seed: int,
    distance_m: float,
    pace_m_s: float,
    policy: Path | None = None,
    bump_every_m: float = BUMP_EVERY_M,
    video: Path | None = None,
) -> list[RaceEpisode]:
    """Races of held-out robots; seeds below 1000 are for tuning. The first one is filmed."""
    first = FIRST_HELDOUT_SEED + 10_000 * seed
    rest = (distance_m, pace_m_s, policy, bump_every_m)
    return [
        RaceEpisode(robot, data_root, i, first + i, *rest, video=video if i == 0 else None)
        for i in range(count)
    ]


def run_races(races: Sequence[RaceEpisode], jobs: int) -> Iterator[Row]:
    """Yield one row per race as they end; progress goes to standard error."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        for future in as_completed([pool.submit(_told_race, race) for race in races]):
            yield future.result()


def run_race(race: RaceEpisode, progress: Callable[[float, float], None] | None = None) -> Row:
    """One robot from the start to the finish or its first fall.

    Args:
        race: Who and how far.
        progress: Called with metres and seconds every 100 m.
    """
    course = Course()
    trial = prepare_trial(
        race.robot,
        race.data_root,
        race.seed,
        race.policy,
        lambda profile: Surroundings(profile, 0.0, course, BUMP_M, race.bump_every_m),
    )
    world, truth = trial.world, trial.truth
    area_m2 = drag_area_m2(world.robot.profile.standing_height_m)
    wind = SideWind(np.random.default_rng([race.seed, 0x21]), area_m2)
    chest = torso(world)
    film = None if race.video is None else Film(world, _FILM_S)
    metres, told_m = 0.0, 0.0
    longest_s = _WARM_UP_S + 30.0 + race.distance_m / _SLOWEST_M_S
    while metres < race.distance_m and world.now_s < longest_s and not truth.fallen:
        pose = truth.pose()
        metres = course.metres(pose[:2], metres)
        wish = pace(course, metres, pose, race.pace_m_s)
        if world.now_s < _WARM_UP_S:
            wish = np.zeros(3)
        world.brain.walk(world.now_s, wish)
        world.push(wind.force(course.at(metres)[1], SAMPLE_S), SAMPLE_S, chest)
        world.advance(SAMPLE_S)
        truth.look(wish)
        if film is not None:
            film.look()
        if progress is not None and metres >= told_m + _TELL_EVERY_M:
            told_m += _TELL_EVERY_M
            progress(metres, world.now_s)
    if film is not None:
        film.save(race.video)
    return {
        "episode": race.index,
        "seed": race.seed,
        "robot": race.robot,
        "kind": "half_marathon",
        "fell": truth.fallen,
        "finished": bool(metres >= race.distance_m),
        "metres": round(metres, 1),
        "seconds": round(world.now_s, 1),
        "speed_m_s": round(metres / max(world.now_s - _WARM_UP_S, SAMPLE_S), 3),
        "latency_ms": trial.drawn.latency_ms,
        "friction": round(trial.drawn.floor_friction, 2),
        "in_charge": trial.runner.in_charge,
    }


def pace(course: Course, metres: float, pose: FloatArray, speed_m_s: float) -> FloatArray:
    """Velocity command that keeps a robot on the course, shape (3,).

    Args:
        course: Where to walk.
        metres: How far the robot is.
        pose: Its x, y and heading, shape (3,).
        speed_m_s: Forward.
    """
    place, heading = course.at(metres)
    left_m = float((pose[:2] - place) @ [-math.sin(heading), math.cos(heading)])
    aim = min(max(-_AIM_RAD_M * left_m, -_MOST_AIM_RAD), _MOST_AIM_RAD)
    error = math.remainder(heading + aim - float(pose[2]), math.tau)
    turn = min(max(_TURN_1_S * error, -_MOST_TURN_RAD_S), _MOST_TURN_RAD_S)
    return np.array([speed_m_s, 0.0, turn])


def summary(rows: Sequence[Row]) -> Row:
    """Metres to the first fall and the fastest finish."""
    metres = [row["metres"] for row in rows]
    times = [row["seconds"] for row in rows if row["finished"]]
    return {
        "episodes": len(rows),
        "finished": len(times),
        "rate": round(len(times) / max(len(rows), 1), 4),
        "metres_mean": round(float(np.mean(metres)), 1),
        "metres_least": min(metres),
        "finish_s": min(times, default=None),
    }


def _told_race(race: RaceEpisode) -> Row:
    def tell(metres: float, seconds: float) -> None:
        text = f"neuraxis: race {race.index}: {metres:.0f} of {race.distance_m:.0f} m"
        print(f"{text} in {seconds:.0f} s", file=sys.stderr, flush=True)

    return run_race(race, tell)
