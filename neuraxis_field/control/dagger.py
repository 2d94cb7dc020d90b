# SPDX-License-Identifier: Apache-2.0
"""Dataset aggregation (Ross, Gordon, Bagnell, AISTATS 2011), round by round and kept on disk.

After a kill the next run goes on with the round that was lost and ends with the same weights: every
draw follows from plan and round, and what a round begins with is what the one before it wrote.
"""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import cycle, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from neuraxis_common.errors import ConfigError
from neuraxis_field.control.dataset import Steps, write_traces
from neuraxis_field.control.device import CPU, on_cpu
from neuraxis_field.control.plan import TrainingPlan
from neuraxis_field.control.rollout import Lesson, Trace, TrainingEpisode
from neuraxis_field.control.student import Student
from small_brain_node.observation import ObservationBuilder

Collector = Callable[[Sequence[TrainingEpisode], Callable[[], None]], list[Trace]]
Report = Callable[[str, float], None]
# The step size at the end of a round over that at its start.
DECAY = 0.1
HELD_OUT = 20


@dataclass
class Learner:
    """Network and optimiser between rounds.

    Attributes:
        curve: One row per round.
        seconds: Wall time so far.
    """

    network: nn.Sequential
    optimiser: torch.optim.Optimizer
    mean: np.ndarray
    deviation: np.ndarray
    curve: list[dict[str, Any]]
    seconds: float = 0.0

    def student(self) -> Student:
        """The network as it is now."""
        linear = [layer for layer in self.network if isinstance(layer, nn.Linear)]
        layers = tuple(
            (layer.weight.detach().cpu().numpy().T.copy(), layer.bias.detach().cpu().numpy().copy())
            for layer in linear
        )
        return Student(layers, self.mean, self.deviation)

    @property
    def device(self) -> torch.device:
        """Where the network is fitted."""
        return next(self.network.parameters()).device

    def write(self, path: Path) -> None:
        """Everything that the next round needs, on any device; there whole or not at all."""
        state = {
            "network": on_cpu(self.network.state_dict()),
            "optimiser": on_cpu(self.optimiser.state_dict()),
            "mean": torch.from_numpy(self.mean),
            "deviation": torch.from_numpy(self.deviation),
            "curve": json.dumps(self.curve),
            "seconds": self.seconds,
        }
        draft = path.with_suffix(".part")
        torch.save(state, draft)
        draft.replace(path)


def train(
    plan: TrainingPlan,
    builder: ObservationBuilder,
    folder: Path,
    data_root: Path,
    collect: Collector,
    report: Report,
    device: torch.device = CPU,
) -> Learner:
    """Run all rounds that are not on disk yet.

    Args:
        plan: What to do.
        builder: Of the contract.
        folder: Keeps the rounds.
        data_root: Folder with ``config/`` and ``urdf/``.
        collect: Runs episodes; calls back after each.
        report: Takes what is being done and which share of it is.
        device: Where the network is fitted; an earlier run may have been on another.

    Raises:
        ConfigError: The folder holds the rounds of another plan.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _claim(folder / "plan.json", plan)
    learner: Learner | None = None
    for turn in range(plan.turns):
        done = folder / f"student_{turn:03}.pt"
        if done.exists():
            learner = _read(done, plan, builder, device)
            continue
        began_s = time.monotonic()
        rounds = [folder / f"round_{i:03}.npz" for i in range(turn + 1)]
        if not rounds[-1].exists():
            packed = b"" if learner is None else learner.student().pack()
            write_traces(rounds[-1], _episodes(plan, turn, packed, data_root, collect, report))
        steps = Steps(builder, rounds)
        if learner is None:
            learner = _fresh(plan, builder, *steps.spread(builder), device)
        epochs = plan.epochs + (plan.final_epochs if turn == plan.turns - 1 else 0)
        label = f"round {turn + 1}/{plan.turns}: train"
        row = _fit(learner, plan, turn, epochs, steps, partial(report, label))
        new = slice(-plan.episodes, None)
        row |= {
            "round": turn,
            "steps": len(steps),
            "expert_share": plan.driving(turn).expert_share,
            "upright": float(1.0 - steps.fell[new].mean()),
        }
        learner.curve.append(row)
        learner.seconds += time.monotonic() - began_s
        learner.write(done)
    return learner


def _claim(path: Path, plan: TrainingPlan) -> None:
    if not path.exists():
        path.write_text(json.dumps(plan.as_json()))
    was = json.loads(path.read_text())
    differs = [name for name, value in plan.as_json().items() if was.get(name) != value]
    if differs:
        raise ConfigError(
            f"'{path.parent}' holds a run with another {differs[0]}"
            f" ({was.get(differs[0])}); remove it or name another folder"
        )


def _episodes(
    plan: TrainingPlan,
    turn: int,
    student: bytes,
    data_root: Path,
    collect: Collector,
    report: Report,
) -> list[Trace]:
    driving = plan.driving(turn)

    def episode(seed: int, lesson: Lesson) -> TrainingEpisode:
        seconds = plan.seconds if lesson is Lesson.WALK else plan.long_seconds
        return TrainingEpisode(plan.robot, data_root, seed, seconds, driving, student, lesson)

    episodes = list(map(episode, plan.seeds(turn), cycle(plan.lessons(turn))))
    count = 0

    def finished() -> None:
        nonlocal count
        count += 1
        report(f"round {turn + 1}/{plan.turns}: collect", count / len(episodes))

    return collect(episodes, finished)


def _network(plan: TrainingPlan, builder: ObservationBuilder) -> nn.Sequential:
    sizes = [builder.contract.size, *[plan.width] * plan.layers]
    parts: list[nn.Module] = []
    for inputs, outputs in pairwise(sizes):
        parts += [nn.Linear(inputs, outputs), nn.ELU()]
    return nn.Sequential(*parts, nn.Linear(sizes[-1], len(builder.contract.action.joints)))


def _fresh(
    plan: TrainingPlan,
    builder: ObservationBuilder,
    mean: np.ndarray,
    deviation: np.ndarray,
    device: torch.device,
) -> Learner:
    # Drawn on the CPU, so that a run begins with the same weights on every device.
    with torch.random.fork_rng(devices=[]):
        torch.random.default_generator.manual_seed(plan.seed)
        network = _network(plan, builder)
    network.to(device)
    optimiser = torch.optim.Adam(network.parameters(), plan.rate)
    return Learner(network, optimiser, mean, deviation, [])


def _read(
    path: Path, plan: TrainingPlan, builder: ObservationBuilder, device: torch.device
) -> Learner:
    state = torch.load(io.BytesIO(path.read_bytes()), map_location=CPU, weights_only=True)
    mean, deviation = state["mean"].numpy(), state["deviation"].numpy()
    learner = _fresh(plan, builder, mean, deviation, device)
    learner.network.load_state_dict(state["network"])
    learner.optimiser.load_state_dict(state["optimiser"])
    learner.curve, learner.seconds = json.loads(state["curve"]), state["seconds"]
    return learner


def _fit(
    learner: Learner,
    plan: TrainingPlan,
    turn: int,
    epochs: int,
    steps: Steps,
    report: Callable[[float], None],
) -> dict[str, Any]:
    """Some epochs over all steps; losses of what was trained on and of what was not."""
    rng = np.random.default_rng([plan.seed, turn, 0x51])
    everything = np.arange(len(steps))
    held = everything // 200 % HELD_OUT == HELD_OUT - 1
    train, test = everything[~held], everything[held]
    batch = min(plan.batch, len(train))
    per_epoch = len(train) // batch
    epochs = max(epochs, -(-plan.gradients // per_epoch))
    total, count, loss_sum = epochs * per_epoch, 0, 0.0
    for epoch in range(epochs):
        order = rng.permutation(train)
        loss_sum = 0.0
        for i in range(per_epoch):
            for group in learner.optimiser.param_groups:
                group["lr"] = plan.rate * DECAY ** (2.0 * count / total)
            loss = _loss(learner, steps, order[i * batch : (i + 1) * batch])
            learner.optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(learner.network.parameters(), 1.0)
            learner.optimiser.step()
            loss_sum += loss.item()
            count += 1
        report((epoch + 1) / epochs)
    with torch.no_grad():
        parts = np.array_split(test, max(1, len(test) // batch)) if len(test) else []
        losses = [_loss(learner, steps, part).item() for part in parts]
    held_out = float(np.mean(losses)) if losses else None
    return {"loss": loss_sum / per_epoch, "held_out_loss": held_out}


def _loss(learner: Learner, steps: Steps, index: np.ndarray) -> torch.Tensor:
    seen = (steps.observations(index) - learner.mean) / learner.deviation
    inputs, wanted = (
        torch.from_numpy(row).to(learner.device) for row in (seen, steps.labels[index])
    )
    return nn.functional.smooth_l1_loss(learner.network(inputs), wanted)
