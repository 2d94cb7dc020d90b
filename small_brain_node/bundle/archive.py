# SPDX-License-Identifier: Apache-2.0
"""The file of a bundle: an uncompressed ZIP whose manifest holds the SHA-256 of every member.

One file, because it is copied, renamed and swapped as a whole and one parameter names it; a ZIP,
because any machine can list and read it. Nothing in it is compressed, and nothing but the names
below may be in it, so what was hashed is what is read.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

from neuraxis_common.errors import ConfigError, Rejected
from small_brain_node.bundle.contract import FORMAT
from small_brain_node.bundle.contract_json import read_object

SUFFIX = ".nxpolicy"
CONTRACT, NETWORK, GOLDEN, CARD = "contract.json", "policy.onnx", "golden.npz", "card.json"
MEMBERS = (CONTRACT, NETWORK, GOLDEN, CARD)
MANIFEST, SIGNATURE = "manifest.json", "signature.json"
MAX_BYTES = 512 * 2**20
# ZIP's own epoch: equal members give equal files.
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Archive:
    """The bytes of a bundle, hashes checked, signature not.

    Attributes:
        members: Content by name, one for each of `MEMBERS`.
        manifest: What the signature covers.
        signature: JSON of the signature, None where there is none.
    """

    members: Mapping[str, bytes]
    manifest: bytes
    signature: bytes | None


def write_manifest(members: Mapping[str, bytes]) -> bytes:
    """Manifest of the members: size and SHA-256 of each, UTF-8 JSON.

    Raises:
        ConfigError: A member is missing or has an unknown name.
    """
    wrong = sorted(set(members) ^ set(MEMBERS))
    if wrong:
        raise ConfigError(f"a bundle holds {', '.join(MEMBERS)}; missing or unknown: {wrong}")
    rows = {
        name: {"bytes": len(members[name]), "sha256": _sha256(members[name])} for name in MEMBERS
    }
    return (json.dumps({"format": FORMAT, "members": rows}, indent=1) + "\n").encode()


def pack(members: Mapping[str, bytes], manifest: bytes, signature: bytes | None) -> bytes:
    """The bundle as bytes; the same arguments give the same bytes."""
    rows = {MANIFEST: manifest}
    if signature is not None:
        rows[SIGNATURE] = signature
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as target:
        for name, content in (rows | {name: members[name] for name in MEMBERS}).items():
            target.writestr(zipfile.ZipInfo(name, _EPOCH), content)
    return buffer.getvalue()


def unpack(data: bytes) -> Archive | Rejected:
    """Members of a bundle, or why it is none: `not_a_bundle`, `altered`."""
    if len(data) > MAX_BYTES:
        return _not("is", f"{len(data)} bytes long, at most {MAX_BYTES}")
    rows = _read_rows(data)
    if isinstance(rows, Rejected):
        return rows
    expected = {MANIFEST, *MEMBERS}
    if not expected <= set(rows):
        return _not("lacks", ", ".join(sorted(expected - set(rows))))
    unknown = sorted(set(rows) - expected - {SIGNATURE})
    if unknown:
        return _not("holds unknown members:", ", ".join(unknown))
    members = {name: rows[name] for name in MEMBERS}
    wrong = _check_hashes(rows[MANIFEST], members)
    return wrong or Archive(members, rows[MANIFEST], rows.get(SIGNATURE))


def _read_rows(data: bytes) -> dict[str, bytes] | Rejected:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as source:
            entries = source.infolist()
            if len({item.filename for item in entries}) != len(entries):
                return _not("holds", "a member twice")
            if any(item.compress_type != zipfile.ZIP_STORED for item in entries):
                return _not("holds", "a compressed member")
            return {item.filename: source.read(item) for item in entries}
    except zipfile.BadZipFile as error:
        if "CRC" in str(error):
            return Rejected("altered", f"the bundle was altered: {error}")
        return _not("is not readable:", str(error))
    except (OSError, ValueError, NotImplementedError, RuntimeError, EOFError) as error:
        return _not("is not readable:", str(error))


def _check_hashes(manifest: bytes, members: Mapping[str, bytes]) -> Rejected | None:
    try:
        table = read_object(manifest, MANIFEST)
    except ConfigError as error:
        return Rejected("altered", f"the bundle was altered: {error}")
    if table.get("format") != FORMAT:
        return _not("has", f"format {table.get('format')!r}, this loader reads {FORMAT}")
    rows = table.get("members")
    for name, content in members.items():
        row = rows.get(name) if isinstance(rows, dict) else None
        wanted = row.get("sha256") if isinstance(row, dict) else None
        found = _sha256(content)
        if wanted != found:
            reason = f"the bundle was altered: '{name}' has SHA-256 {found[:16]}…, the manifest"
            reason += f" says {str(wanted)[:16]}…"
            return Rejected("altered", reason, {"member": name, "value": found, "bound": wanted})
    return None


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _not(verb: str, what: str) -> Rejected:
    return Rejected("not_a_bundle", f"the file is no policy bundle: it {verb} {what}")
