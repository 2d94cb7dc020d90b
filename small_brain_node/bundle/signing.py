# SPDX-License-Identifier: Apache-2.0
"""Ed25519 signatures of bundles: who may put a policy on a robot.

A robot trusts the public keys in one folder, ``<anything>.pub``, PEM. A private key never belongs
beside them, nor into a repository.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from neuraxis_common.errors import ConfigError, Rejected
from small_brain_node.bundle.contract_json import read_object

PUBLIC_SUFFIX = ".pub"
# Keeps a signature over a manifest from passing as one over anything else.
_CONTEXT = b"neuraxis policy bundle 1\n"


def key_id(key: Ed25519PublicKey) -> str:
    """Name of a public key: the first 16 hex digits of its SHA-256."""
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()[:16]


def write_key_pair(private_path: Path) -> tuple[Path, str]:
    """Make a key pair; the private key is readable by its owner alone.

    Args:
        private_path: Where the private key goes; the public one lies beside it with `.pub`.

    Returns:
        Path of the public key, and its id.

    Raises:
        ConfigError: A file of that name exists, or the path lies in a Git checkout.
    """
    public_path = private_path.with_name(private_path.name + PUBLIC_SUFFIX)
    for path in (private_path, public_path):
        if path.exists():
            raise ConfigError(f"'{path}' exists; keys are never overwritten")
    for folder in private_path.absolute().parents:
        if (folder / ".git").exists():
            raise ConfigError(f"'{private_path}' lies in the Git checkout '{folder}'")
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    try:
        descriptor = os.open(private_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as target:
            target.write(pem)
        public_path.write_bytes(public_pem(private.public_key()))
    except OSError as error:
        raise ConfigError(f"the key pair cannot be written: {error}") from error
    return public_path, key_id(private.public_key())


def public_pem(key: Ed25519PublicKey) -> bytes:
    """A public key as the robot's folder of trusted keys holds it."""
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def read_private_key(path: Path) -> Ed25519PrivateKey:
    """Private key from PEM; raises ConfigError for anything else."""
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ConfigError(f"'{path}' holds no private key: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigError(f"'{path}' holds no Ed25519 key but {type(key).__name__}")
    return key


def read_trusted_keys(folder: Path) -> dict[str, Ed25519PublicKey]:
    """Public keys by id.

    Args:
        folder: Holds ``*.pub`` files; one that does not exist holds none.

    Raises:
        ConfigError: A file that is no Ed25519 public key, or that holds a private one.
    """
    keys: dict[str, Ed25519PublicKey] = {}
    for path in sorted(folder.glob(f"*{PUBLIC_SUFFIX}")):
        try:
            content = path.read_bytes()
            if b"PRIVATE" in content:
                raise ConfigError(f"'{path}' holds a private key; take it away and replace it")
            key = serialization.load_pem_public_key(content)
        except (OSError, ValueError, UnsupportedAlgorithm) as error:
            raise ConfigError(f"'{path}' holds no public key: {error}") from error
        if not isinstance(key, Ed25519PublicKey):
            raise ConfigError(f"'{path}' holds no Ed25519 key but {type(key).__name__}")
        keys[key_id(key)] = key
    return keys


def sign(manifest: bytes, key: Ed25519PrivateKey) -> bytes:
    """Signature of a manifest, as JSON."""
    row = {
        "algorithm": "ed25519",
        "key": key_id(key.public_key()),
        "signature": base64.b64encode(key.sign(_CONTEXT + manifest)).decode(),
    }
    return (json.dumps(row, indent=1) + "\n").encode()


def signer(signature: bytes | None) -> str | Rejected:
    """Id of the key that a signature claims to be from, or `unsigned`."""
    if signature is None:
        return Rejected("unsigned", "the bundle is not signed; sign it: neuraxis bundle sign")
    try:
        row = read_object(signature, "signature")
    except ConfigError as error:
        return Rejected("unsigned", f"the bundle's signature is unreadable: {error}")
    name = row.get("key")
    if row.get("algorithm") != "ed25519" or not isinstance(name, str):
        return Rejected("unsigned", "the bundle's signature is not an Ed25519 one")
    return name


def check_signature(
    manifest: bytes, signature: bytes | None, trusted: Mapping[str, Ed25519PublicKey]
) -> Rejected | None:
    """Why a manifest cannot be trusted: `unsigned`, `unknown_key`, `altered`; None if it can.

    Args:
        manifest: The signed bytes.
        signature: JSON made by `sign`.
        trusted: Public keys by id.
    """
    name = signer(signature)
    if isinstance(name, Rejected):
        return name
    if name not in trusted:
        known = ", ".join(sorted(trusted)) or "none"
        reason = f"the bundle is signed by key {name}, which is not trusted; trusted keys: {known}"
        return Rejected("unknown_key", reason, {"value": name, "bound": sorted(trusted)})
    text = read_object(signature, "signature").get("signature")
    try:
        trusted[name].verify(base64.b64decode(str(text), validate=True), _CONTEXT + manifest)
    except (InvalidSignature, binascii.Error, ValueError):
        reason = f"the bundle was altered: its manifest is not what key {name} signed"
        return Rejected("altered", reason, {"value": name})
    return None
