# SPDX-License-Identifier: Apache-2.0
"""Which of the backends answers behind a gateway, and the application around it."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI

from neuraxis_bridge.app import create_app, create_gateway
from neuraxis_bridge.brain import load_brain
from neuraxis_bridge.config import BridgeConfig
from neuraxis_bridge.genai import GenaiBackend
from neuraxis_bridge.genai_model import GenaiConfig
from neuraxis_bridge.upstream import UpstreamBackend
from neuraxis_common.errors import ConfigError


@dataclass(frozen=True)
class Source:
    """What answers: the models of this repository unless one of the others is named.

    Attributes:
        models: Folder of this repository's models.
        upstream: Address of a server to stand in front of; its key is in
            ``NEURAXIS_UPSTREAM_KEY``.
        genai: A vision-language model for onnxruntime-genai.
    """

    models: Path = Path("models")
    upstream: str = ""
    genai: GenaiConfig | None = None

    def __post_init__(self) -> None:
        """Reject two at once."""
        if self.upstream and self.genai is not None:
            raise ConfigError("upstream and genai cannot both answer")


def open_app(config: BridgeConfig, source: Source) -> FastAPI:
    """The application, its models loaded. Raises ConfigError when one is missing or unfit."""
    if source.genai is not None:
        models = GenaiBackend(source.genai, config.workers, config.max_pixels, time.monotonic)
        return create_gateway(models, config)
    if not source.upstream:
        return create_app(load_brain(source.models), config)
    key = os.environ.get("NEURAXIS_UPSTREAM_KEY", "").strip()
    upstream = UpstreamBackend(source.upstream, key, config.max_pixels, time.monotonic)
    return create_gateway(upstream, config)
