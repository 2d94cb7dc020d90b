# SPDX-License-Identifier: Apache-2.0
"""How much is trained, on what, and with which numbers."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

from neuraxis_common.errors import ConfigError
from neuraxis_field.control.apprentice import Driving
from neuraxis_field.control.rollout import END_SEED, FIRST_SEED, Lesson

_BOUNDS = {
    "seed": (0, 80),
    "rounds": (1, 60),
    "work_rounds": (0, 10),
    "shove_rounds": (0, 10),
    "bump_rounds": (0, 10),
    "review_rounds": (0, 10),
    "episodes": (1, 100),
    "seconds": (0.5, 600.0),
    "long_seconds": (0.5, 600.0),
    "epochs": (1, 1000),
    "final_epochs": (0, 1000),
    "gradients": (1, 1_000_000),
    "batch": (8, 1_000_000),
    "width": (1, 4096),
    "layers": (1, 8),
    "rate": (1e-6, 1.0),
    "noise": (0.0, 5.0),
    "expert_decay": (0.0, 1.0),
}
# The A3's motors are strong for its weight: at 0.15 its teacher fell in 9 of 10 runs of 8 s.
NOISE, _NOISES = 0.15, {"expedition_a3": 0.05}
SEEDS_PER_RUN, SEEDS_PER_ROUND = 10_000, 100


@dataclass(frozen=True)
class TrainingPlan:
    """DAgger: each round adds episodes that the student drives more of, and trains on all of them.

    Attributes:
        robot: Name of a profile.
        seed: Of everything that is drawn.
        rounds: Rounds of collecting and training while the robot walks and waves.
        work_rounds: Rounds after these in which it moves parts at a bench.
        shove_rounds: Rounds after those in which it is shoved hard, mostly as it stands.
        bump_rounds: Rounds after those in which it walks over bumps in side wind.
        review_rounds: Rounds after all others with episodes of every kind so far, one after the
            other, through which nobody helps the student: what it has unlearned shows there.
        episodes: Per round.
        seconds: Length of an episode.
        long_seconds: Length of one of any kind but walking.
        epochs: Passes over all data per round.
        final_epochs: More of them after the last round, at a rate that goes to zero.
        gradients: Per round at least, so that the first rounds' few data are learned before the
            student drives on them.
        batch: Steps per gradient.
        width: Units per hidden layer.
        layers: Hidden layers.
        rate: Step size of the optimiser at the start of each round.
        noise: Disturbance on the expert's actions, in units of output.
        expert_decay: The expert's share of driving in a round over that in the round before.
    """

    robot: str
    seed: int = 0
    rounds: int = 8
    work_rounds: int = 3
    shove_rounds: int = 0
    bump_rounds: int = 0
    review_rounds: int = 0
    episodes: int = 40
    seconds: float = 15.0
    long_seconds: float = 30.0
    epochs: int = 8
    final_epochs: int = 20
    gradients: int = 800
    batch: int = 1024
    width: int = 256
    layers: int = 3
    rate: float = 1e-3
    noise: float = NOISE
    expert_decay: float = 0.6

    def __post_init__(self) -> None:
        """Raise ConfigError naming the first field outside its bounds."""
        for field in fields(self):
            if field.name not in _BOUNDS:
                continue
            value, (low, high) = getattr(self, field.name), _BOUNDS[field.name]
            if not low <= value <= high:
                raise ConfigError(f"{field.name} must be in [{low}, {high}], got {value}")

    @classmethod
    def of(cls, robot: str, **numbers: Any) -> TrainingPlan:
        """The plan for one robot; raises as the constructor does."""
        return cls(robot, **({"noise": _NOISES.get(robot, NOISE)} | numbers))

    @property
    def turns(self) -> int:
        """Rounds of all kinds."""
        return sum(count for _lessons, count in self._stages())

    def lessons(self, turn: int) -> tuple[Lesson, ...]:
        """What robots do in the episodes of a round, by turns."""
        return self._stage(turn)[0]

    def driving(self, turn: int) -> Driving:
        """Who drives in a round: with each new lesson the expert comes back, but for a review."""
        lessons, since = self._stage(turn)
        if turn >= self.turns - self.review_rounds:
            return Driving(0.0, noise=self.noise)
        gone = since if lessons[0] is Lesson.WALK else since + 1
        share = 0.0 if gone and not self.expert_decay else self.expert_decay**gone
        return Driving(share if share > 0.05 else 0.0, noise=self.noise)

    def _stage(self, turn: int) -> tuple[tuple[Lesson, ...], int]:
        """Lessons of a round, and how many rounds before it had the same."""
        for lessons, count in self._stages():
            if turn < count:
                return lessons, turn
            turn -= count
        raise IndexError(f"no round {turn} beyond the last")

    def _stages(self) -> list[tuple[tuple[Lesson, ...], int]]:
        """Lessons and for how many rounds, in their order."""
        counts = {
            Lesson.WALK: self.rounds,
            Lesson.WORK: self.work_rounds,
            Lesson.SHOVES: self.shove_rounds,
            Lesson.BUMPS: self.bump_rounds,
        }
        taught = tuple(lesson for lesson, count in counts.items() if count)
        return [
            *(((lesson,), count) for lesson, count in counts.items()),
            (taught, self.review_rounds),
        ]

    def seeds(self, turn: int) -> range:
        """Of a round's episodes; none is drawn twice, and none that evaluation uses."""
        first = FIRST_SEED + SEEDS_PER_RUN * self.seed + SEEDS_PER_ROUND * turn
        seeds = range(first, first + self.episodes)
        assert seeds.stop <= END_SEED
        return seeds

    def as_json(self) -> dict[str, object]:
        """All fields by name."""
        return asdict(self)
