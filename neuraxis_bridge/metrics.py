# SPDX-License-Identifier: Apache-2.0
"""What Prometheus gets to see."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

_BATCHES = (1, 2, 3, 4, 6, 8, 12, 16, 32)


class Metrics:
    """The gateway's own registry, so that two gateways of one process do not mix."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        named = {"registry": self._registry}
        self.requests = Counter(
            "neuraxis_gateway_requests", "Answered requests", ["route", "status", "code"], **named
        )
        self.seconds = Histogram(
            "neuraxis_gateway_seconds",
            "Time of one request: total, waiting for a worker, in the model",
            ["stage"],
            buckets=_BUCKETS_S,
            **named,
        )
        self.batch = Histogram(
            "neuraxis_gateway_batch_sentences",
            "Sentences read together, of a worker that read any",
            buckets=_BATCHES,
            **named,
        )
        self.dropped = Counter(
            "neuraxis_gateway_deadline_drops", "Requests whose deadline passed", ["stage"], **named
        )
        self.replayed = Counter(
            "neuraxis_gateway_replays", "Retries that got the answer of an earlier request", **named
        )
        self.cost = Counter(
            "neuraxis_gateway_cost_units", "Units charged to a robot", ["robot"], **named
        )

    def watch(self, name: str, text: str, value: Callable[[], float]) -> None:
        """Show a number that is read when somebody looks."""
        Gauge(f"neuraxis_gateway_{name}", text, registry=self._registry).set_function(value)

    def text(self) -> bytes:
        """Prometheus text format 0.0.4."""
        return generate_latest(self._registry)
