# SPDX-License-Identifier: Apache-2.0
"""Settings of the bridge, and which of them are refused."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from neuraxis_common.errors import ConfigError

_POSITIVE = (
    "max_body_bytes", "max_pixels", "deadline_s", "upload_s", "max_waiting", "max_deadline_s",
    "max_per_robot", "max_held_bytes", "workers", "header_s", "margin_s", "batch",
)  # fmt: skip


@dataclass(frozen=True)
class BridgeConfig:
    """Where the bridge listens and what it bears.

    Attributes:
        api_key: One key for all clients, sent as a bearer token. Empty lets everybody in, on
            loopback only, unless there is a keys file.
        max_body_bytes: A larger request is answered 413.
        max_pixels: An image with more pixels is answered 400.
        deadline_s: Time budget of a request that names none; a later answer is a 504.
        upload_s: A request that takes longer to arrive is answered 408.
        max_waiting: Requests that may wait for a worker; more are answered 429.
        priority: Real-time priority of serving, 1 to 99, where allowed; 0 for none.
        keys_file: File of `neuraxis keys`; takes the place of `api_key`.
        max_deadline_s: Longest time budget that a request can get.
        max_per_robot: Requests of one robot that may wait.
        max_held_bytes: Bytes of all requests at once; more are answered 429.
        workers: Requests worked on at once.
        batch: Sentences that the models here read together, of what waits; 1 for one at a time.
        header_s: A connection whose request headers take longer is closed.
        margin_s: Of a request's time budget, what is kept for the way of the answer.
        otlp_endpoint: Base address of an OpenTelemetry collector that gets spans by OTLP over
            HTTP; empty for none.
    """

    host: str = "127.0.0.1"
    port: int = 8740
    api_key: str = ""
    max_body_bytes: int = 12_000_000
    max_pixels: int = 4_194_304
    deadline_s: float = 5.0
    upload_s: float = 10.0
    max_waiting: int = 64
    priority: int = 0
    keys_file: Path | None = None
    max_deadline_s: float = 120.0
    max_per_robot: int = 8
    max_held_bytes: int = 256_000_000
    workers: int = 1
    batch: int = 8
    header_s: float = 10.0
    margin_s: float = 0.05
    otlp_endpoint: str = ""

    def __post_init__(self) -> None:
        """Reject settings that could not work or would open the bridge to strangers."""
        if not 0 <= self.port <= 65535:
            raise ConfigError(f"port must be in [0, 65535], got {self.port}")
        for name in _POSITIVE:
            if not getattr(self, name) > 0:
                raise ConfigError(f"{name} must be positive, got {getattr(self, name)}")
        if not 0 <= self.priority <= 99:
            raise ConfigError(f"priority must be in [0, 99], got {self.priority}")
        if not (self.api_key or self.keys_file or is_loopback(self.host)):
            raise ConfigError(
                f"host '{self.host}' is reachable from other machines: name a file of "
                "`neuraxis keys` with --keys, set an API key in NEURAXIS_API_KEY or "
                "--api-key-file, or listen on 127.0.0.1"
            )
        if self.otlp_endpoint and not _is_collector(self.otlp_endpoint):
            raise ConfigError(
                "otlp_endpoint must be http(s)://host[:port][/path] without a password, query or "
                f"fragment, got '{_shown(self.otlp_endpoint)}'"
            )


def _is_collector(address: str) -> bool:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    plain = not (parts.username or parts.password or parts.query or parts.fragment)
    printable = address.isprintable() and " " not in address
    return (
        parts.scheme in ("http", "https")
        and bool(parts.hostname)
        and port != 0
        and plain
        and printable
    )


def _shown(address: str) -> str:
    """An address without what may be a secret."""
    return address.rsplit("@", 1)[-1].split("?", 1)[0]


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a host name or address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
