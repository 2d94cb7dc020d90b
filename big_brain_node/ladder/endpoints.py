# SPDX-License-Identifier: Apache-2.0
"""Where the brains are, best first, as one setting says it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from neuraxis_common.errors import ConfigError

_NAMED = re.compile(r"([a-z][a-z0-9_]{0,31})=(.*)")
_MOST = 8


@dataclass(frozen=True)
class Endpoint:
    """One brain: what it is called, where it is, and the key for it; empty for none."""

    name: str
    url: str
    api_key: str = ""


def endpoints(urls: str, api_key: str, environment: Mapping[str, str]) -> tuple[Endpoint, ...]:
    """Read ``cloud=https://brain.example,edge=http://10.0.0.2:8740,http://127.0.0.1:8740``.

    Args:
        urls: Addresses in order, each with a name if wanted, separated by commas.
        api_key: Key for a single brain.
        environment: Holds ``NEURAXIS_BRAIN_KEY_<NAME>`` where there are several: the key of one is
            not shown to another.

    Raises:
        ConfigError: No address, two of the same name or place, or one key for several.
    """
    rows = [row.strip() for row in urls.split(",") if row.strip()]
    if not 1 <= len(rows) <= _MOST:
        raise ConfigError(f"brain_url must hold 1 to {_MOST} addresses, got {len(rows)}")
    if api_key and len(rows) > 1:
        raise ConfigError(
            "api_key is for one brain; of several, each gets its own: NEURAXIS_BRAIN_KEY_<NAME>"
        )
    found = []
    for row in rows:
        match = _NAMED.fullmatch(row)
        url = match[2] if match else row
        name = match[1] if match else urlsplit(url).netloc.rsplit("@", 1)[-1]
        variable = f"NEURAXIS_BRAIN_KEY_{re.sub('[^A-Z0-9]', '_', name.upper())}"
        found.append(Endpoint(name, url, api_key or environment.get(variable, "").strip()))
    for what in ("name", "url"):
        if len({getattr(item, what) for item in found}) < len(found):
            raise ConfigError(f"brain_url names a {what} twice: {urls}")
    return tuple(found)
