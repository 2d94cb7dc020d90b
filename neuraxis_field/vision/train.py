# SPDX-License-Identifier: Apache-2.0
"""Train the detector: ``python -m neuraxis_field.vision.train --data out/vision/train``.

Both nets learn from the same images; the refining net also sees what the proposal net suggests, so
its mistakes become examples of "nothing". Stops and resumes at checkpoints; exports at the end.
"""

from __future__ import annotations

import argparse
import math
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from rich.progress import Progress
from torch import Tensor

from neuraxis_common.errors import ConfigError
from neuraxis_field.vision import dataset, targets
from neuraxis_field.vision.labels import FIRST_TRAINING_SEED
from neuraxis_field.vision.losses import proposal_loss, refine_loss
from neuraxis_field.vision.model import (
    MASK,
    SIZE_SCALE_M,
    WIDTH,
    DetectorNet,
    ProposalNet,
    RefineNet,
    crop_square,
)

BATCH = 8
SUGGESTED = (8, 4)


@dataclass
class Losses:
    """Running means of the terms since the last report."""

    sums: dict[str, float]
    count: int = 0

    def add(self, terms: dict[str, Tensor]) -> None:
        """Take in one step."""
        for key, value in terms.items():
            self.sums[key] = self.sums.get(key, 0.0) + float(value)
        self.count += 1

    def take(self) -> dict[str, float]:
        """Means, and start over."""
        means = {key: round(value / max(self.count, 1), 4) for key, value in self.sums.items()}
        self.sums, self.count = {}, 0
        return means


def suggestions(logits: Tensor, distances: Tensor, net: DetectorNet) -> list[Tensor]:
    """Best boxes of the proposal net per image, as the exported graph would take them."""
    return [
        net.peaks(logits[i : i + 1].detach(), distances[i : i + 1].detach(), *SUGGESTED)[0]
        for i in range(len(logits))
    ]


def refine_batch(
    net: DetectorNet,
    images: Tensor,
    samples: list[targets.Sample],
    suggested: list[Tensor],
    rng: np.random.Generator,
) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
    """Crops, where they lie and what they show, for true and suggested boxes of all images."""
    crops, squares, labels = [], [], []
    for image, item, extra in zip(images, samples, suggested, strict=True):
        boxes = np.concatenate([targets.jittered(item, rng), extra.numpy()])
        boxes[:, 2:] = np.maximum(boxes[:, 2:], boxes[:, :2] + 4.0)
        square = crop_square(torch.from_numpy(boxes))
        crops.append(net.crops(image[None], square))
        squares.append(square)
        labels.append(_crop_labels(item, boxes, square.numpy()))
    merged = {
        key: torch.from_numpy(np.concatenate([label[key] for label in labels])) for key in labels[0]
    }
    return torch.cat(crops), torch.cat(squares) / WIDTH, merged


def _crop_labels(
    item: targets.Sample, boxes: np.ndarray, square: np.ndarray
) -> dict[str, np.ndarray]:
    found, weight = targets.label_boxes(item, boxes)
    there, index = found >= 0, np.maximum(found, 0)
    count = len(boxes)
    if not len(item.box):
        return {
            "shape": np.full(count, targets.NOTHING),
            "weight": weight,
            "there": np.zeros(count, np.float32),
            "color": np.zeros(count, np.int64),
            "box": np.zeros((count, 4), np.float32),
            "size": np.zeros((count, 3), np.float32),
            "mask": np.zeros((count, MASK, MASK), np.float32),
        }
    box = (item.box[index] - np.tile(square[:, :2], 2)) / square[:, 2:]
    return {
        "shape": np.where(there, item.shape[index], targets.NOTHING),
        "weight": weight,
        "there": (there & (weight > 0)).astype(np.float32),
        "color": item.color[index],
        "box": box.astype(np.float32),
        "size": np.log(item.size_m[index] / SIZE_SCALE_M).astype(np.float32),
        "mask": targets.crop_masks(item, item.ids[index], square),
    }


class Trainer:
    """Steps over batches with a warm-up and a cosine decay of the rate.

    Args:
        steps: Length of the schedule.
    """

    def __init__(self, data: dataset.VisionData, steps: int, seed: int, rate: float = 2e-3):
        torch.manual_seed(seed)
        self.data, self.steps, self.seed, self.rate = data, steps, seed, rate
        self.net = DetectorNet(ProposalNet(), RefineNet()).to(memory_format=torch.channels_last)
        self.optimizer = torch.optim.AdamW(self.net.parameters(), lr=rate, weight_decay=0.02)
        self.step, self.minutes = 0, 0.0
        self.curve: list[dict[str, float]] = []

    def save(self, path: Path) -> None:
        """Write everything that a later start needs."""
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".part")
        torch.save(
            {
                "net": self.net.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "step": self.step,
                "steps": self.steps,
                "seed": self.seed,
                "images": len(self.data),
                "minutes": self.minutes,
                "curve": self.curve,
            },
            partial,
        )
        partial.replace(path)

    def resume(self, path: Path) -> None:
        """Continue from a checkpoint of the same run."""
        state = torch.load(path, weights_only=True)
        asked = {"steps": self.steps, "seed": self.seed, "images": len(self.data)}
        kept = {key: state[key] for key in asked}
        if kept != asked:
            raise ConfigError(
                f"checkpoint {path} is of a run with {kept}, asked for {asked}; "
                "delete it or pass the same arguments"
            )
        self.net.load_state_dict(state["net"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.minutes, self.curve = state["step"], state["minutes"], state["curve"]

    def start_from(self, path: Path) -> None:
        """Take only the weights of an earlier run, as far as they fit."""
        own = self.net.state_dict()
        kept = torch.load(path, weights_only=True)["net"]
        self.net.load_state_dict(
            {
                key: kept[key] if key in kept and kept[key].shape == value.shape else value
                for key, value in own.items()
            }
        )

    def advance(self) -> dict[str, Tensor]:
        """One optimiser step on one batch; the batch depends on seed and step only."""
        rng = np.random.default_rng([self.seed, self.step])
        per_pass = max(1, len(self.data) // BATCH)
        order = np.random.default_rng([self.seed, 7, self.step // per_pass]).permutation(
            len(self.data)
        )
        first = self.step % per_pass * BATCH
        samples = [
            targets.augment(targets.sample(self.data, int(index)), rng)
            for index in order[first : first + BATCH]
        ]
        images = torch.from_numpy(np.stack([item.image for item in samples]))
        images = (images.permute(0, 3, 1, 2).float() / 255.0).contiguous(
            memory_format=torch.channels_last
        )
        self._set_rate()
        logits, distances = self.net.proposal(images)
        terms = proposal_loss(logits, distances, [targets.grid(item) for item in samples])
        crops, places, labels = refine_batch(
            self.net, images, samples, suggestions(logits, distances, self.net), rng
        )
        crops = crops.contiguous(memory_format=torch.channels_last)
        terms |= refine_loss(self.net.refine(crops, places), labels)
        self.optimizer.zero_grad()
        sum(terms.values()).backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 10.0)
        self.optimizer.step()
        self.step += 1
        return {key: value.detach() for key, value in terms.items()}

    def _set_rate(self) -> None:
        warm = min(1.0, (self.step + 1) / 150)
        decay = 0.5 * (1 + math.cos(math.pi * min(1.0, self.step / self.steps)))
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate * warm * max(decay, 0.005)


def run(trainer: Trainer, checkpoint: Path, report_every: int = 100) -> None:
    """Train to the end, saving a checkpoint and a point of the curve at every report."""
    losses = Losses({})
    start = time.monotonic() - trainer.minutes * 60
    with Progress() as progress:
        task = progress.add_task("train", total=trainer.steps, completed=trainer.step)
        while trainer.step < trainer.steps:
            losses.add(trainer.advance())
            progress.advance(task)
            if trainer.step % report_every == 0 or trainer.step == trainer.steps:
                trainer.minutes = (time.monotonic() - start) / 60
                point = {"step": trainer.step, **losses.take()}
                trainer.curve.append(point)
                trainer.save(checkpoint)
                progress.console.print(f"{trainer.minutes:6.1f} min", point)


def check_seeds(data: dataset.VisionData) -> tuple[int, int]:
    """Lowest and highest scene seed; raises ConfigError where one belongs to evaluation."""
    seeds = [label["seed"] for label in data.labels]
    if min(seeds) < FIRST_TRAINING_SEED:
        raise ConfigError(
            f"seed {min(seeds)} is kept for evaluation, training starts at {FIRST_TRAINING_SEED}"
        )
    return min(seeds), max(seeds)


def main() -> None:
    """Read the command line, train, export."""
    from neuraxis_field.vision.export import export

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, nargs="+", default=[Path("out/vision/train")])
    parser.add_argument("--passes", type=float, default=6.0, help="times over the data")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--checkpoint", type=Path, default=Path("out/vision/checkpoint.pt"))
    parser.add_argument("--init", type=Path, help="start from the weights of this checkpoint")
    parser.add_argument("--rate", type=float, default=2e-3, help="highest learning rate")
    parser.add_argument("--model", type=Path, default=Path("models/detector.onnx"))
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    data = dataset.join([dataset.load(folder) for folder in args.data])
    seeds = check_seeds(data)
    trainer = Trainer(data, round(args.passes * len(data) / BATCH), args.seed, args.rate)
    if args.checkpoint.is_file():
        trainer.resume(args.checkpoint)
    elif args.init:
        trainer.start_from(args.init)
    run(trainer, args.checkpoint)
    export(trainer.net, args.model, {
        "images": len(data), "scene_seeds": seeds, "passes": args.passes, "seed": args.seed,
        "threads": args.threads, "minutes": round(trainer.minutes, 1), "curve": trainer.curve,
    })  # fmt: skip


if __name__ == "__main__":
    main()
