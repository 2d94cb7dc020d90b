# SPDX-License-Identifier: Apache-2.0
"""The same application on Ray Serve, past one machine.

    serve run neuraxis_bridge.serve_ray:app models=models keys=/etc/neuraxis/keys.json most=8

Each replica is a whole gateway with a model of its own, or in front of ``upstream``. Ray sends a
request to the replica with the shorter queue, adds replicas while queues are long and takes them
away again. What a gateway remembers, it remembers for itself: budgets, fairness, idempotent retries
and the page are those of one replica.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field
from ray import serve

from neuraxis_bridge.backends import Source, open_app
from neuraxis_bridge.config import BridgeConfig
from neuraxis_bridge.genai_model import GenaiConfig


class Settings(BaseModel):
    """Arguments of ``serve run``.

    Attributes:
        models: Folder of this repository's models; paths are the same on every machine.
        upstream: Server to stand in front of instead; its key is in ``NEURAXIS_UPSTREAM_KEY``.
        genai: Folder of a vision-language model to answer with instead.
        provider: Where that model must run.
        keys: File of ``neuraxis keys``. Ray's proxy may listen wider than a gateway by itself, so
            that a replica without keys does not start, unless `anyone` says otherwise.
        anyone: Let everybody in; for tests on loopback.
        otlp_endpoint: OpenTelemetry collector that gets the spans of each replica; empty for none.
        workers: Requests at once in each replica.
        least: Fewest replicas.
        most: Most replicas.
        target: Requests under way or waiting in each replica from which another is added.
        look_back_s: Time over which these are averaged.
        upscale_s: How long it has to be more than that.
        downscale_s: How long it has to be less before one is taken away.
        cpus: Cores that Ray sets aside for each replica.
        gpus: GPUs that Ray sets aside for each replica.
    """

    model_config = ConfigDict(extra="forbid")

    models: str = "models"
    upstream: str = ""
    genai: str = ""
    provider: str = GenaiConfig.provider
    keys: str = ""
    anyone: bool = False
    otlp_endpoint: str = ""
    workers: int = Field(default=1, ge=1)
    least: int = Field(default=1, ge=1)
    most: int = Field(default=4, ge=1, le=1000)
    target: float = Field(default=2.0, gt=0.0)
    look_back_s: float = Field(default=30.0, gt=0.0)
    upscale_s: float = Field(default=5.0, ge=0.0)
    downscale_s: float = Field(default=120.0, ge=0.0)
    cpus: float = Field(default=1.0, ge=0.0)
    gpus: float = Field(default=0.0, ge=0.0)


def make(settings: Settings) -> FastAPI:
    """The application of one replica. Raises ConfigError when nobody would have to show a key."""
    config = BridgeConfig(
        host=BridgeConfig.host if settings.anyone else "0.0.0.0",
        api_key=os.environ.get("NEURAXIS_API_KEY", "").strip(),
        keys_file=Path(settings.keys) if settings.keys else None,
        workers=settings.workers,
        otlp_endpoint=settings.otlp_endpoint,
    )
    genai = GenaiConfig(Path(settings.genai), settings.provider) if settings.genai else None
    return open_app(config, Source(Path(settings.models), settings.upstream, genai))


def app(args: dict[str, Any]) -> serve.Application:
    """What ``serve run`` deploys; `args` are those of `Settings`."""
    settings = Settings.model_validate(args)

    @serve.deployment(
        name="gateway",
        autoscaling_config={
            "min_replicas": settings.least,
            "max_replicas": max(settings.most, settings.least),
            "target_ongoing_requests": settings.target,
            "look_back_period_s": settings.look_back_s,
            "upscale_delay_s": settings.upscale_s,
            "downscale_delay_s": settings.downscale_s,
        },
        # The gateway's own queue refuses in words and with a time; Ray's limits stand behind it.
        max_ongoing_requests=256,
        max_queued_requests=1024,
        ray_actor_options={"num_cpus": settings.cpus, "num_gpus": settings.gpus},
    )
    @serve.ingress(lambda: make(settings))
    class Gateway:
        """One replica."""

        def pid(self) -> int:
            """Its process."""
            return os.getpid()

    return Gateway.bind()
