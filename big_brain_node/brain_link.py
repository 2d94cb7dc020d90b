# SPDX-License-Identifier: Apache-2.0
"""What a robot trusts and shows when it asks a brain over HTTPS."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import httpx

from neuraxis_common.errors import ConfigError


@dataclass(frozen=True)
class BrainLinkParams:
    """Files in PEM, by path; all empty for what the system trusts and no certificate.

    Attributes:
        brain_ca: Authorities that may have signed a brain's certificate, in place of the system's.
        brain_cert: This robot's certificate, with those between it and the authority.
        brain_key: Its private key, without a password.
    """

    brain_ca: str = ""
    brain_cert: str = ""
    brain_key: str = ""

    def __post_init__(self) -> None:
        """Raise ConfigError for half a setting, and for a file that cannot be read."""
        if bool(self.brain_cert) != bool(self.brain_key):
            given, missing = ("cert", "key") if self.brain_cert else ("key", "cert")
            raise ConfigError(f"brain_{given} is given without brain_{missing}")
        for name, path in self._files().items():
            try:
                Path(path).read_bytes()
            except OSError as error:
                reason = error.strerror or error
                raise ConfigError(f"{name} '{path}' is not readable: {reason}") from error

    def context(self, urls: Sequence[str]) -> ssl.SSLContext | None:
        """For all connections to these brains; None for the defaults.

        Raises:
            ConfigError: A file does not hold what it should, or no address is one of HTTPS.
        """
        files = self._files()
        if not files:
            return None
        if not any(url.strip().lower().startswith("https://") for url in urls):
            raise ConfigError(f"{', '.join(files)}: brain_url has no address with https://")
        try:
            context = (
                ssl.create_default_context(cafile=self.brain_ca)
                if self.brain_ca
                else httpx.create_ssl_context()
            )
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(f"brain_ca '{self.brain_ca}' holds no authority") from error
        if self.brain_cert:
            self._show(context)
        return context

    def _show(self, context: ssl.SSLContext) -> None:
        try:
            # A key with a password fails here instead of asking for it at the terminal.
            context.load_cert_chain(self.brain_cert, self.brain_key, lambda: "")
        except (OSError, ssl.SSLError) as error:
            reason = error.strerror or type(error).__name__
            raise ConfigError(
                f"brain_cert '{self.brain_cert}' and brain_key '{self.brain_key}' are unfit: "
                f"{reason}"
            ) from error

    def _files(self) -> dict[str, str]:
        given = {item.name: getattr(self, item.name) for item in fields(self)}
        return {name: path for name, path in given.items() if path}
