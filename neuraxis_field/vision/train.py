# SPDX-License-Identifier: Apache-2.0
"""Train the detector: ``python -m neuraxis_field.vision.train --data out/vision/train``.

First the proposal net on whole images, then the refining net on crops: of true boxes and of what
the proposal net suggests, so that its mistakes become examples of "nothing". Every phase stops and
resumes at checkpoints; the end is an ONNX file with its card.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable
from pathlib import Path

import torch
from rich.progress import Progress
from torch import Tensor, nn

from neuraxis_common.errors import ConfigError
from neuraxis_field.vision import dataset
from neuraxis_field.vision.export import export
from neuraxis_field.vision.labels import FIRST_TRAINING_SEED
from neuraxis_field.vision.model import DetectorNet, ProposalNet, RefineNet
from neuraxis_field.vision.train_proposal import ProposalTask
from neuraxis_field.vision.train_refine import RefineTask, suggest
from neuraxis_field.vision.warm import load_exported, settle
from neuraxis_sim.scene_template import for_training, load_template

REPORT_EVERY = 100
WARM_UP = 100

BatchLoss = Callable[[int], dict[str, Tensor]]
"""Terms of the loss on the batch of a step; the batch depends on the step only."""


class Phase:
    """Trains one net for a number of steps with a warm-up and a cosine decay of the rate.

    Args:
        name: Of the phase, for reports and checkpoints.
        net: What is trained.
        steps: Length of the schedule.
        rate: Highest learning rate.
        key: What must be equal for a checkpoint to be continued.
    """

    def __init__(self, name: str, net: nn.Module, steps: int, rate: float, key: dict):
        self.name, self.net, self.steps, self.rate = name, net, steps, rate
        self.key = key | {"steps": steps, "rate": rate}
        self.optimizer = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=0.02)
        self.step, self.minutes = 0, 0.0
        self.curve: list[dict[str, float]] = []

    def save(self, path: Path) -> None:
        """Write everything that a later start needs."""
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".part")
        state = {"net": self.net.state_dict(), "optimizer": self.optimizer.state_dict()}
        state |= {"key": self.key, "step": self.step, "minutes": self.minutes}
        torch.save(state | {"curve": self.curve}, partial)
        partial.replace(path)

    def resume(self, path: Path) -> None:
        """Continue from a checkpoint of the same run."""
        state = torch.load(path, weights_only=True)
        if state["key"] != self.key:
            raise ConfigError(
                f"checkpoint {path} is of a run with {state['key']}, asked for {self.key}; "
                "delete it or pass the same arguments"
            )
        self.net.load_state_dict(state["net"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.minutes, self.curve = state["step"], state["minutes"], state["curve"]

    def advance(self, batch_loss: BatchLoss) -> dict[str, float]:
        """One optimiser step."""
        decay = 0.5 * (1 + math.cos(math.pi * min(1.0, self.step / self.steps)))
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate * min(1.0, (self.step + 1) / WARM_UP) * max(decay, 0.005)
        terms = batch_loss(self.step)
        self.optimizer.zero_grad()
        sum(terms.values()).backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 10.0)
        self.optimizer.step()
        self.step += 1
        return {key: float(value.detach()) for key, value in terms.items()}

    def run(self, batch_loss: BatchLoss, checkpoint: Path) -> None:
        """Train to the end, saving a checkpoint and a point of the curve at every report."""
        if checkpoint.is_file():
            self.resume(checkpoint)
        self.net.train()
        start, sums = time.monotonic() - self.minutes * 60, {}
        with Progress() as progress:
            task = progress.add_task(self.name, total=self.steps, completed=self.step)
            while self.step < self.steps:
                for key, value in self.advance(batch_loss).items():
                    sums[key] = sums.get(key, 0.0) + value / REPORT_EVERY
                progress.advance(task)
                if self.step % REPORT_EVERY == 0 or self.step == self.steps:
                    self.minutes = (time.monotonic() - start) / 60
                    point = {key: round(value, 4) for key, value in sums.items()}
                    self.curve.append({"step": self.step, **point})
                    self.save(checkpoint)
                    progress.console.print(f"{self.name} {self.minutes:.1f} min {self.curve[-1]}")
                    sums = {}
        self.net.eval()


def start_from(net: DetectorNet, folder: Path) -> None:
    """Take the weights of an earlier run, as far as they fit, or of an exported model."""
    if folder.suffix == ".onnx":
        load_exported(net, folder)
        return
    for name, part in (("proposal", net.proposal), ("refine", net.refine)):
        kept = torch.load(folder / f"{name}.pt", weights_only=True)["net"]
        own = part.state_dict()
        fitting = {key: kept.get(key, value) for key, value in own.items()}
        part.load_state_dict(
            {k: fitting[k] if fitting[k].shape == v.shape else v for k, v in own.items()}
        )


def check_seeds(data: dataset.VisionData) -> tuple[int, int]:
    """Lowest and highest scene seed; raises ConfigError where one belongs to evaluation."""
    seeds = [label["seed"] for label in data.labels]
    if min(seeds) < FIRST_TRAINING_SEED:
        raise ConfigError(
            f"seed {min(seeds)} is kept for evaluation, training starts at {FIRST_TRAINING_SEED}"
        )
    return min(seeds), max(seeds)


def check_places(data: dataset.VisionData, data_root: Path) -> None:
    """Raise ConfigError where images are of a place that is kept for evaluation."""
    for name in sorted({label.get("scene", "sorting_bench") for label in data.labels}):
        for_training(load_template(data_root / "config" / "scenes" / f"{name}.yaml"))


def train(data: dataset.VisionData, args: argparse.Namespace) -> tuple[DetectorNet, dict]:
    """Run both phases; returns the net and what the card says about them."""
    seeds = check_seeds(data)
    check_places(data, args.data_root)
    torch.manual_seed(args.seed)
    net = DetectorNet(ProposalNet(), RefineNet()).to(memory_format=torch.channels_last)
    if args.init:
        start_from(net, args.init)
    key = {"seed": args.seed, "images": len(data)}
    first = Phase("proposal", net.proposal, args.proposal_steps, args.rate, key)
    proposing = ProposalTask(net.proposal, data, args.seed)
    exported = args.init is not None and args.init.suffix == ".onnx"
    if exported:
        settle(net.proposal, proposing)
    first.run(proposing, args.work / "proposal.pt")
    table = suggest(net, data)
    second = Phase("refine", net.refine, args.refine_steps, args.rate, key)
    refining = RefineTask(net, data, table, args.seed)
    if exported:
        settle(net.refine, refining)
    second.run(refining, args.work / "refine.pt")
    phases = {
        phase.name: {"minutes": round(phase.minutes, 1), "curve": phase.curve, **phase.key}
        for phase in (first, second)
    }
    return net, {"images": len(data), "scene_seeds": seeds, "threads": args.threads} | phases


def main() -> None:
    """Read the command line, train, export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, nargs="+", default=[Path("out/vision/train")])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--proposal-steps", type=int, default=1000, help="of 8 images")
    parser.add_argument("--refine-steps", type=int, default=3000, help="of 128 crops")
    parser.add_argument("--rate", type=float, default=2e-3, help="highest learning rate")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--init", type=Path, help="start from a work folder or an ONNX file")
    parser.add_argument("--work", type=Path, default=Path("out/vision/work"), help="checkpoints")
    parser.add_argument("--model", type=Path, default=Path("models/detector.onnx"))
    parser.add_argument("--data-root", type=Path, default=Path("."))
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    data = dataset.join([dataset.load(folder) for folder in args.data])
    net, training = train(data, args)
    export(net, args.model, training)


if __name__ == "__main__":
    main()
