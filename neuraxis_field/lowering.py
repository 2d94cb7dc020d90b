# SPDX-License-Identifier: Apache-2.0
"""`neuraxis eval lower`: a robot with random dynamics goes down, is let go of, and stands up.

Down and up: from standing, or from walking in odd episodes, it is lowered; the spinal cord's hold
takes over from the small brain and is reset; it stands up and stands. Let go, in every fourth
episode: it is lowered once more, and the spinal cord damps and then drops all torque; a twin in the
same world is let go of while it stands. Everything follows from the seed; truth is read here and
nowhere below.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from neuraxis_common.lifetime import die_with_pool
from neuraxis_field.course import Surroundings
from neuraxis_field.film import Film
from neuraxis_field.ground import GroundTruth
from neuraxis_field.locomotion import FIRST_HELDOUT_SEED, Row, Trial, prepare_trial
from neuraxis_field.motion_truth import SAMPLE_S
from small_brain_node.lowering.rung import LowPhase

# On the way nothing is to be touched; when let go of, contacts are over in less than a frame.
_LOOK_S, _LOOK_CLOSELY_S = 0.025, 0.005
_WARM_UP_S, _WALK_S = 1.0, 3.0
_LOWERED_WITHIN_S, _RISEN_WITHIN_S = 20.0, 12.0
_HELD_S, _WAIT_S, _STAND_S = 1.5, 0.5, 5.0
# The spinal cord damps for 5 s; the rest is without torque.
_LET_GO_S, _LET_GO_EVERY = 8.0, 4
_FALL_TILT_RAD, _STANDING_SHARE = 0.35, 0.9
_PARTS = ("down", "held", "up")


@dataclass(frozen=True)
class LoweringEpisode:
    """One episode; picklable."""

    robot: str
    data_root: Path
    index: int
    seed: int
    policy: Path | None = None
    video: Path | None = None


def draw_lowerings(
    robot: str,
    data_root: Path,
    count: int,
    seed: int,
    policy: Path | None = None,
    video: Path | None = None,
) -> list[LoweringEpisode]:
    """Held-out episodes; seeds below 1000 are for tuning. The first one is filmed."""
    first = FIRST_HELDOUT_SEED + 10_000 * seed
    return [
        LoweringEpisode(robot, data_root, i, first + i, policy, video if i == 0 else None)
        for i in range(count)
    ]


def run_lowerings(episodes: Sequence[LoweringEpisode], jobs: int) -> Iterator[Row]:
    """Yield one row per episode as they finish."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=die_with_pool) as pool:
        for future in as_completed([pool.submit(run_lowering, episode) for episode in episodes]):
            yield future.result()


class _Watched:
    """One trial whose world is looked at while it runs."""

    def __init__(self, episode: LoweringEpisode) -> None:
        self.trial: Trial = prepare_trial(
            episode.robot, episode.data_root, episode.seed, episode.policy, Surroundings
        )
        self.world, self.brain = self.trial.world, self.trial.world.brain
        self.truth = GroundTruth(self.world)
        self.stand_m = self.truth.height_m
        self.look_s = _LOOK_S
        self.film = None if episode.video is None else Film(self.world)

    def run(self, seconds: float, until: Callable[[], bool] = lambda: False) -> bool:
        """Advance until something is so; whether it came in time."""
        end_s = self.world.now_s + seconds - self.look_s / 2
        while self.world.now_s < end_s:
            for _ in range(round(SAMPLE_S / self.look_s)):
                self.world.advance(self.look_s)
                self.truth.look()
            if self.film is not None:
                self.film.look()
            if until():
                return True
        return False

    def phase_is(self, phase: LowPhase) -> Callable[[], bool]:
        return lambda: self.brain.low_phase is phase

    def stands(self) -> bool:
        truth, running = self.truth, self.world.state.stop_level == "run"
        high = truth.height_m > _STANDING_SHARE * self.stand_m
        return running and high and truth.tilt_rad < _FALL_TILT_RAD


def run_lowering(episode: LoweringEpisode) -> Row:
    """Down, held, up; in some, down, let go, and the twin that is let go of while it stands."""
    watched = _Watched(episode)
    row: Row = {"episode": episode.index, "seed": episode.seed, "robot": episode.robot}
    row["from"] = _walk(watched, episode)
    ended = _down_and_up(watched, row)
    row["success"] = ended == ""
    row["ended"] = ended
    if ended == "" and episode.index % _LET_GO_EVERY == 0:
        row["let_go"] = _let_go_low(watched)
        row["dropped"] = _drop(episode)
    if watched.film is not None:
        watched.film.save(episode.video)
    drawn = watched.trial.drawn
    row |= {"latency_ms": drawn.latency_ms, "friction": round(drawn.floor_friction, 2)}
    row["notes"] = watched.brain.take_notes() + watched.trial.runner.take_notes()
    return row


def _walk(watched: _Watched, episode: LoweringEpisode) -> str:
    """Odd episodes walk, and are still told to when they are lowered."""
    watched.run(_WARM_UP_S)
    if episode.index % 2 == 0:
        return "standing"
    rng = np.random.default_rng([episode.seed, 0x10])
    wish = np.array([rng.uniform(0.2, 0.5), 0.0, rng.uniform(-0.3, 0.3)])
    end_s = watched.world.now_s + _WALK_S
    while watched.world.now_s < end_s:
        watched.brain.walk(watched.world.now_s, wish)
        watched.run(SAMPLE_S)
    return "walking"


def _down_and_up(watched: _Watched, row: Row) -> str:
    """Why it did not get through; empty when it did."""
    world, brain, truth = watched.world, watched.brain, watched.truth
    truth.forget()
    began_s = world.now_s
    refused = brain.lower(began_s)
    if refused is not None:
        return refused.code
    if not watched.run(_LOWERED_WITHIN_S, watched.phase_is(LowPhase.LOW)):
        return "not lowered"
    row["down_s"] = round(world.now_s - began_s, 2)
    watched.run(_WAIT_S)
    row["low_m"], row["low_tilt_rad"] = round(truth.height_m, 3), round(truth.tilt_rad, 2)
    row["down"] = _worst(truth)
    world.loop.request_stop("hold", "eval lower")
    watched.run(_HELD_S)
    accepted, why = world.loop.reset_stop()
    if not accepted:
        return why
    watched.run(_WAIT_S)
    row["held"] = _worst(truth)
    if brain.low_phase is not LowPhase.LOW:
        return f"did not stay low: {brain.low_phase.value}"
    refused = brain.stand_up(world.now_s)
    if refused is not None:
        return refused.code
    risen = watched.run(_RISEN_WITHIN_S, watched.phase_is(LowPhase.UP))
    fell = watched.run(_STAND_S, lambda: not watched.stands())
    row["up"] = _worst(truth)
    if not risen or fell or not watched.stands():
        return "did not stand"
    touched = {name for part in _PARTS for name in row[part]["touched"]}
    return "" if not touched else f"touched with {', '.join(sorted(touched))}"


def _let_go_low(watched: _Watched) -> Row:
    """Lower once more, let go, and see whether it can be had back."""
    world, brain = watched.world, watched.brain
    brain.lower(world.now_s)
    if not watched.run(_LOWERED_WITHIN_S, watched.phase_is(LowPhase.LOW)):
        return {"lowered": False}
    row = {"lowered": True} | _let_go(watched)
    accepted, why = world.loop.reset_stop()
    if not accepted:
        return row | {"stood_up": False, "refused": why}
    watched.run(_WAIT_S)
    refused = brain.stand_up(world.now_s)
    if refused is not None:
        return row | {"stood_up": False, "refused": refused.code}
    watched.run(_RISEN_WITHIN_S, watched.phase_is(LowPhase.UP))
    watched.run(_WAIT_S)
    return row | {"stood_up": watched.stands(), "refused": ""}


def _drop(episode: LoweringEpisode) -> Row:
    twin = _Watched(LoweringEpisode(episode.robot, episode.data_root, 0, episode.seed))
    twin.run(_WARM_UP_S)
    return _let_go(twin)


def _let_go(watched: _Watched) -> Row:
    truth = watched.truth
    truth.forget()
    from_m = round(truth.height_m, 3)
    watched.look_s = _LOOK_CLOSELY_S
    watched.world.loop.request_stop("damping", "eval lower")
    watched.run(_LET_GO_S)
    row = {"from_m": from_m, "to_m": round(truth.height_m, 3), "tilt_rad": round(truth.tilt_rad, 2)}
    return row | _worst(truth)


def _worst(truth: GroundTruth) -> Row:
    """The worst since the last call."""
    row = {
        "speed_m_s": round(truth.speed_m_s, 3),
        "force_share": round(truth.force_share, 2),
        "effort_share": round(truth.effort_share, 3),
        "beyond_rad": round(truth.beyond_rad, 4),
        "touched": sorted(truth.touched),
    }
    truth.forget()
    return row


def summary(rows: Sequence[Row]) -> Row:
    """Who got down and up, and how hard the ground was met when let go."""
    good = [row for row in rows if row["success"]]
    tried = [row for row in good if "let_go" in row and row["let_go"]["lowered"]]
    let_go, twins = [row["let_go"] for row in tried], [row["dropped"] for row in tried]

    def middle(of: list[Row], what: str) -> float | None:
        return round(float(np.median([row[what] for row in of])), 3) if of else None

    return {
        "episodes": len(rows),
        "success": len(good),
        "rate": round(len(good) / max(len(rows), 1), 4),
        "way_speed_max_m_s": _most(good, "speed_m_s"),
        "way_effort_share_max": _most(good, "effort_share"),
        "way_beyond_limits_max_rad": _most(good, "beyond_rad"),
        "low_m": middle(good, "low_m"),
        "let_go": len(let_go),
        "let_go_speed_m_s": middle(let_go, "speed_m_s"),
        "let_go_force_share": middle(let_go, "force_share"),
        "dropped_speed_m_s": middle(twins, "speed_m_s"),
        "dropped_force_share": middle(twins, "force_share"),
        "stood_up_after_let_go": sum(row["stood_up"] for row in let_go),
        "refused_after_let_go": sum(bool(row["refused"]) for row in let_go),
    }


def _most(rows: Sequence[Row], what: str) -> float | None:
    """The worst of the way down and the way up."""
    return max((row[part][what] for row in rows for part in ("down", "up")), default=None)
