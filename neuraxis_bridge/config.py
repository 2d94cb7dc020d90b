# SPDX-License-Identifier: Apache-2.0
"""Settings of the bridge, and which of them are refused."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from neuraxis_common.errors import ConfigError


@dataclass(frozen=True)
class BridgeConfig:
    """Where the bridge listens and what it bears.

    Attributes:
        api_key: Clients send it as a bearer token; empty lets everybody in, on loopback only.
        max_body_bytes: A larger request is answered 413.
        max_pixels: An image with more pixels is answered 400.
        deadline_s: A plan that takes longer, waiting included, is answered 504.
        upload_s: A request that takes longer to arrive is answered 408.
        max_waiting: Requests beyond this many unfinished ones are answered 503.
        priority: Real-time priority of serving, 1 to 99, where allowed; 0 for none.
    """

    host: str = "127.0.0.1"
    port: int = 8740
    api_key: str = ""
    max_body_bytes: int = 12_000_000
    max_pixels: int = 4_194_304
    deadline_s: float = 5.0
    upload_s: float = 10.0
    max_waiting: int = 16
    priority: int = 0

    def __post_init__(self) -> None:
        """Reject settings that could not work or would open the bridge to strangers."""
        if not 0 <= self.port <= 65535:
            raise ConfigError(f"port must be in [0, 65535], got {self.port}")
        for name in ("max_body_bytes", "max_pixels", "deadline_s", "upload_s", "max_waiting"):
            if not getattr(self, name) > 0:
                raise ConfigError(f"{name} must be positive, got {getattr(self, name)}")
        if not 0 <= self.priority <= 99:
            raise ConfigError(f"priority must be in [0, 99], got {self.priority}")
        if not self.api_key and not is_loopback(self.host):
            raise ConfigError(
                f"host '{self.host}' is reachable from other machines: set an API key in "
                "NEURAXIS_API_KEY or --api-key-file, or listen on 127.0.0.1"
            )


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a host name or address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
