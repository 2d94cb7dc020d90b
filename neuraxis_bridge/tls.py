# SPDX-License-Identifier: Apache-2.0
"""TLS of the gateway, and mTLS: only clients with a certificate of our own authority."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neuraxis_common.errors import ConfigError


@dataclass(frozen=True)
class Tls:
    """Files in PEM; all None for plain HTTP.

    Attributes:
        cert: The gateway's certificate, with those between it and the authority.
        key: Its private key.
        client_ca: Authority that must have signed every client's certificate; None lets clients
            without one in.
    """

    cert: Path | None = None
    key: Path | None = None
    client_ca: Path | None = None

    def __post_init__(self) -> None:
        """Reject half a setting, and files that do not fit, before anything listens."""
        if (self.cert is None) != (self.key is None):
            raise ConfigError("TLS needs both --tls-cert and --tls-key")
        if self.client_ca is not None and self.cert is None:
            raise ConfigError("--tls-client-ca needs --tls-cert and --tls-key")
        if self.cert is None:
            return
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        try:
            context.load_cert_chain(self.cert, self.key, lambda: "")
            if self.client_ca is not None:
                context.load_verify_locations(self.client_ca)
        except (OSError, ssl.SSLError) as error:
            files = ", ".join(str(p) for p in (self.cert, self.key, self.client_ca) if p)
            reason = error.strerror or type(error).__name__
            raise ConfigError(f"TLS files {files} are unfit: {reason}") from error

    def settings(self) -> dict[str, Any]:
        """Arguments of `uvicorn.Config`."""
        if self.cert is None:
            return {}
        settings = {"ssl_certfile": str(self.cert), "ssl_keyfile": str(self.key)}
        if self.client_ca is None:
            return settings
        return settings | {"ssl_ca_certs": str(self.client_ca), "ssl_cert_reqs": ssl.CERT_REQUIRED}
