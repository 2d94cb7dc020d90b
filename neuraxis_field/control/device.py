# SPDX-License-Identifier: Apache-2.0
"""Where the learner's network is fitted; episodes stay on the CPU."""

from __future__ import annotations

from typing import Any

import torch

from neuraxis_common.errors import ConfigError

CPU = torch.device("cpu")
CHOICES = ("auto", "cpu", "cuda")


def fitting_device(wanted: str) -> torch.device:
    """The device of a choice; `auto` takes a GPU where torch sees one.

    Raises:
        ConfigError: Not one of `CHOICES`, or `cuda` where torch sees no GPU.
    """
    if wanted not in CHOICES:
        raise ConfigError(f"device must be one of {', '.join(CHOICES)}, got '{wanted}'")
    seen = torch.cuda.is_available()
    if wanted == "cuda" and not seen:
        built = torch.version.cuda or "none"
        raise ConfigError(
            f"device 'cuda' was asked for and torch {torch.__version__} sees no GPU"
            f" (CUDA of this build: {built}); take 'cpu' or 'auto'"
        )
    return torch.device("cuda") if seen and wanted != "cpu" else CPU


def on_cpu(state: Any) -> Any:
    """The same nest of dicts and lists with all its tensors on the CPU."""
    if isinstance(state, torch.Tensor):
        return state.detach().cpu()
    if isinstance(state, dict):
        return {key: on_cpu(value) for key, value in state.items()}
    return [on_cpu(value) for value in state] if isinstance(state, list) else state
