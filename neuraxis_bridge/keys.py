# SPDX-License-Identifier: Apache-2.0
"""The keys file: who may ask, with which budgets. It holds hashes; no key can be read from it."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from neuraxis_common.errors import ConfigError

ROLES = ("robot", "monitor")
PRIORITIES = ("low", "normal", "high")
_PREFIX = "nxk"
_KEY = re.compile(rf"{_PREFIX}_([0-9a-f]{{12}})_([A-Za-z0-9_-]{{43}})")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
# RFC 7914 names these for interactive use: 16 MiB and about 50 ms. The secret has 256 bits, so the
# hash need not stretch it; it must only not be a table look-up away from the key.
_SCRYPT = {"n": 2**14, "r": 8, "p": 1, "dklen": 32}


@dataclass(frozen=True)
class KeyEntry:
    """One key of the file.

    Attributes:
        key_id: Public part of the key, 12 hex digits.
        robot: Name that requests with this key run under.
        salt: Hex.
        digest: scrypt of the secret part, hex.
        role: ``robot`` asks the model, ``monitor`` reads /metrics.
        rate_per_min: Requests regained per minute; 0 for no limit.
        burst: Requests that may come at once.
        cost_per_hour: Units regained per hour; 0 for no limit. A unit is a millisecond of a model
            worker, or a token where an upstream counts them.
        max_priority: A request that asks for more gets this one.
        revoked: Whether the key is refused from now on.
    """

    key_id: str
    robot: str
    salt: str
    digest: str
    role: str = "robot"
    rate_per_min: float = 120.0
    burst: int = 10
    cost_per_hour: float = 0.0
    max_priority: str = "normal"
    revoked: bool = False

    def __post_init__(self) -> None:
        """Reject what no key can be."""
        if not _NAME.fullmatch(self.robot):
            raise ConfigError(f"robot must be 1 to 64 of A-Z a-z 0-9 . _ -, got '{self.robot}'")
        if self.role not in ROLES:
            raise ConfigError(f"role must be one of {', '.join(ROLES)}, got '{self.role}'")
        if self.max_priority not in PRIORITIES:
            allowed = ", ".join(PRIORITIES)
            raise ConfigError(f"max_priority must be one of {allowed}, got '{self.max_priority}'")
        for name, least in (("rate_per_min", 0.0), ("burst", 1), ("cost_per_hour", 0.0)):
            if not least <= getattr(self, name) <= 1e9:
                raise ConfigError(f"{name} must be in [{least}, 1e9], got {getattr(self, name)}")

    def matches(self, secret: str) -> bool:
        """Whether a secret is this key's, in constant time; takes about 50 ms."""
        return hmac.compare_digest(_digest(secret, bytes.fromhex(self.salt)), self.digest)


def parse_key(text: str) -> tuple[str, str] | None:
    """Id and secret of a key; None when it is none."""
    match = _KEY.fullmatch(text)
    return (match[1], match[2]) if match else None


def _digest(secret: str, salt: bytes) -> str:
    return hashlib.scrypt(secret.encode(), salt=salt, **_SCRYPT).hex()


def read_keys(path: Path) -> dict[str, KeyEntry]:
    """Entries by key id. Raises ConfigError when the file is missing or malformed."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["keys"]
        entries = [KeyEntry(**row) for row in rows]
        for entry in entries:
            bytes.fromhex(entry.salt)
    except ConfigError:
        raise
    except (OSError, ValueError, KeyError, TypeError) as error:
        # What a file holds stays out of the message: it may be the key of a careless user.
        raise ConfigError(
            f"keys file '{path}' is not readable: {type(error).__name__}; "
            "make one with: neuraxis keys add"
        ) from error
    return {entry.key_id: entry for entry in entries}


def add_key(path: Path, robot: str, **settings: object) -> tuple[KeyEntry, str]:
    """Add a key for a robot; makes the file when there is none.

    Returns:
        The entry, and the key itself, which is kept nowhere.

    Raises:
        ConfigError: A setting is out of bounds, or the file is malformed or not writable.
    """
    entries = read_keys(path) if path.exists() else {}
    secret, salt = secrets.token_urlsafe(32), secrets.token_bytes(16)
    key_id = secrets.token_hex(6)
    entry = KeyEntry(key_id, robot, salt.hex(), _digest(secret, salt), **settings)
    _write(path, entries | {key_id: entry})
    return entry, f"{_PREFIX}_{key_id}_{secret}"


def revoke_key(path: Path, key_id: str) -> KeyEntry:
    """Refuse a key from now on. Raises ConfigError when there is none of this id."""
    entries = read_keys(path)
    if key_id not in entries:
        raise ConfigError(f"keys file '{path}' has no key '{key_id}'")
    entries[key_id] = replace(entries[key_id], revoked=True)
    _write(path, entries)
    return entries[key_id]


def _write(path: Path, entries: dict[str, KeyEntry]) -> None:
    text = json.dumps({"keys": [asdict(entry) for entry in entries.values()]}, indent=1)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # A gateway that reads meanwhile sees the old file or the new one; mkstemp makes it 0600.
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except OSError as error:
        raise ConfigError(f"keys file '{path}' is not writable: {error.strerror}") from error
