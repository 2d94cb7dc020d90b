# SPDX-License-Identifier: Apache-2.0
"""Trains the text tower and exports it.

    python -m neuraxis_field.language.train --seed 0 --out models/planner.onnx

Stops and resumes at any time: the state is in ``build/language`` and the data follow from the seed.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from neuraxis_common.errors import ConfigError
from neuraxis_field.language import batches
from neuraxis_field.language.model import END, MAX_WORDS, START, VOCABULARY, Planner
from neuraxis_field.language.sampler import Example
from neuraxis_field.language.warm import first_weights

_BATCH = 96
_PEAK_RATE = 1.6e-3
_WARM_UP = 300
_MEAN_DECAY = 0.998
_SAVE_EVERY = 100
_CHECK_EVERY = 1000
_TEST = 1500


def rate_at(step: int, steps: int, peak: float) -> float:
    """Learning rate: linear warm-up, then half a cosine down to zero."""
    if step < _WARM_UP:
        return peak * (step + 1) / _WARM_UP
    share = (step - _WARM_UP) / max(steps - _WARM_UP, 1)
    return peak * 0.5 * (1 + math.cos(math.pi * min(share, 1.0)))


def loss_of(model: Planner, features: Tensor, words: Tensor) -> Tensor:
    """Mean cross-entropy of the next word."""
    scores = model(features, words[:, :-1].clamp(min=0))
    return functional.cross_entropy(
        scores.flatten(0, 1), words[:, 1:].flatten(), ignore_index=-1, label_smoothing=0.02
    )


@torch.no_grad()
def greedy(model: Planner, features: Tensor) -> list[str]:
    """Best program text for each sentence, word by word."""
    mask = (features[:, :, 0] == 0).to(torch.float32)[:, None, None, :] * -1e9
    memory = model.encode(features, mask)
    words = torch.full((len(features), 1), START)
    for _ in range(MAX_WORDS):
        following = model.decode(words, memory, mask)[:, -1].argmax(-1, keepdim=True)
        words = torch.cat((words, following), 1)
        if bool((words == END).any(1).all()):
            break
    return [_text(row) for row in words[:, 1:].tolist()]


def _text(ids: list[int]) -> str:
    return " ".join(VOCABULARY[i] for i in ids[: ids.index(END) if END in ids else None])


def exactness(model: Planner, examples: list[Example]) -> tuple[float, list[tuple[Example, str]]]:
    """Share of examples whose program is exactly right, and the others with what came out."""
    model.eval()
    wrong = []
    ordered = sorted(examples, key=lambda e: len(e.text))
    for start in range(0, len(ordered), 128):
        chunk = ordered[start : start + 128]
        features, _ = batches.collate(chunk)
        said = greedy(model, features)
        wrong += [(e, s) for e, s in zip(chunk, said, strict=True) if s != str(e.program)]
    model.train()
    return 1 - len(wrong) / len(examples), wrong


class Trainer:
    """Model, optimiser and history, as saved between runs."""

    def __init__(
        self,
        seed: int,
        steps: int,
        state_file: Path,
        peak: float,
        first: Path | None = None,
    ) -> None:
        torch.manual_seed(seed)
        torch.set_num_threads(1)
        self.seed, self.steps, self.state_file, self.peak = seed, steps, state_file, peak
        self.model = Planner()
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), peak, betas=(0.9, 0.98), weight_decay=0.01, fused=True
        )
        self.step, self.cpu_s, self.curve = 0, 0.0, []
        if first is not None:
            self.model.load_state_dict(first_weights(self.model, first))
        self.mean = AveragedModel(self.model, multi_avg_fn=get_ema_multi_avg_fn(_MEAN_DECAY))
        if state_file.is_file():
            state = torch.load(state_file, weights_only=False)
            if tuple(state.get("vocabulary", ())) != VOCABULARY:
                raise ConfigError(
                    f"state {state_file} is of other program words; pass it as --first, "
                    "and another --state"
                )
            self.model.load_state_dict(state["model"])
            self.mean.load_state_dict(state["mean"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.step, self.cpu_s, self.curve = state["step"], state["cpu_s"], state["curve"]

    def save(self) -> None:
        """Write the state in one go, so that an interruption leaves the previous one."""
        self.state_file.parent.mkdir(parents=True, exist_ok=True)
        state = {"model": self.model.state_dict(), "mean": self.mean.state_dict(),
                 "optimizer": self.optimizer.state_dict(), "step": self.step,
                 "cpu_s": self.cpu_s, "curve": self.curve,
                 "vocabulary": list(VOCABULARY)}  # fmt: skip
        part = self.state_file.with_suffix(".part")
        torch.save(state, part)
        part.replace(self.state_file)

    def run(self) -> None:
        """Train up to the wanted step, reporting on the way."""
        checks = batches.held_out(self.seed, 400, "dev")
        began, losses = time.process_time(), []
        for features, words in batches.training(self.seed, self.step, _BATCH):
            if self.step >= self.steps:
                break
            losses.append(self._update(features, words))
            self.step += 1
            if self.step % _SAVE_EVERY == 0 or self.step == self.steps:
                self.cpu_s, began = self.cpu_s + time.process_time() - began, time.process_time()
                self._report(losses, checks)
                losses = []
                self.save()

    def _update(self, features: Tensor, words: Tensor) -> float:
        for group in self.optimizer.param_groups:
            group["lr"] = rate_at(self.step, self.steps, self.peak)
        loss = loss_of(self.model, features, words)
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.mean.update_parameters(self.model)
        return float(loss.detach())

    def _report(self, losses: list[float], checks: list[Example]) -> None:
        row = {"step": self.step, "loss": round(sum(losses) / len(losses), 4),
               "cpu_minutes": round(self.cpu_s / 60, 2)}  # fmt: skip
        if self.step % _CHECK_EVERY == 0 or self.step == self.steps:
            row["dev_exact"] = round(exactness(self.mean.module, checks)[0], 4)
            self.curve.append(row)
        print(json.dumps(row), flush=True)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=13_300, help="batches of 96 sentences")
    parser.add_argument("--peak-rate", type=float, default=_PEAK_RATE)
    parser.add_argument("--out", type=Path, default=Path("models/planner.onnx"))
    parser.add_argument("--first", type=Path, help="ONNX or state file whose weights to start from")
    parser.add_argument("--state", type=Path, default=Path("build/language/planner.state"))
    arguments = parser.parse_args()
    from neuraxis_field.language.export import export

    trainer = Trainer(
        arguments.seed, arguments.steps, arguments.state, arguments.peak_rate, arguments.first
    )
    trainer.run()
    model = trainer.mean.module
    dev, wrong = exactness(model, batches.held_out(arguments.seed + 1, _TEST, "dev"))
    test, _ = exactness(model, batches.held_out(arguments.seed + 1, _TEST))
    card = {
        "command": "python -m neuraxis_field.language.train "
        f"--seed {arguments.seed} --steps {arguments.steps} --out {arguments.out}"
        + (f" --first {arguments.first}" if arguments.first else ""),
        "seed": arguments.seed, "steps": trainer.step, "sentences": trainer.step * _BATCH,
        "cpu_minutes": round(trainer.cpu_s / 60, 1), "peak_rate": trainer.peak,
        "network": asdict(model.shape),
        "parameters": sum(p.numel() for p in model.parameters()),
        "weights_averaged": f"exponentially, decay {_MEAN_DECAY}",
        "dev_exact": round(dev, 4), "heldout_exact": round(test, 4),
        "dev_count": _TEST, "heldout_count": _TEST,
        "dev_split": "sentence frames and unknown nouns that training never draws; tuned on",
        "heldout_split": "other such frames and nouns, whose errors nobody looked at",
        "curve": trainer.curve,
    }  # fmt: skip
    export(model, arguments.out, card)
    for example, said in wrong[:40]:
        print(json.dumps({"text": example.text, "want": str(example.program), "got": said},
                         ensure_ascii=False))  # fmt: skip


if __name__ == "__main__":
    main()
