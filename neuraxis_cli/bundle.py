# SPDX-License-Identifier: Apache-2.0
"""`neuraxis bundle`: draft contracts, look into, check and sign bundles, make keys."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from neuraxis_cli.options import data_root
from neuraxis_common.errors import ConfigError, Rejected

EXIT_REFUSED = 1

app = typer.Typer(help="Policy bundles: what is inside, may it run here, who signed it.")
File = Annotated[Path, typer.Argument(help="A .nxpolicy file.")]


@app.command()
def inspect(
    bundle: File,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Show contract, card and signature; trusts nothing and checks only the hashes."""
    from small_brain_node.bundle.archive import CARD, CONTRACT, unpack
    from small_brain_node.bundle.card import read_card
    from small_brain_node.bundle.contract_json import read_contract
    from small_brain_node.bundle.loader import read_file
    from small_brain_node.bundle.signing import signer

    archive = unpack(read_file(bundle))
    if isinstance(archive, Rejected):
        _refuse(bundle, archive)
    contract = read_contract(archive.members[CONTRACT])
    card = read_card(archive.members[CARD], contract)
    key = signer(archive.signature)
    if as_json:
        rows = {name: json.loads(archive.members[name]) for name in (CONTRACT, CARD)}
        print(json.dumps(rows | {"key": key if isinstance(key, str) else None}))
        return
    print(f"policy    {contract.name} for {contract.robot}, {contract.hardware_version}")
    print(f"signed    {'by key ' + key if isinstance(key, str) else 'no'} (not checked here)")
    print(f"rate      {contract.rate_hz:g} Hz, {len(contract.action.joints)} joints out")
    print(f"input     {contract.size} numbers, {contract.history_order}, by {contract.stacking}")
    for term in contract.terms:
        scale = f"{term.scale[0]:g}" if len(set(term.scale)) == 1 else "per element"
        print(f"  {term.name:<20}{contract.width(term):>4} x {term.history}  scale {scale}")
    for axis, (low, high) in zip(("forward", "left", "turn"), contract.command_ranges, strict=True):
        print(f"{axis:<10}{low:g} to {high:g}")
    print(f"made by   {card.command} (seed {card.seed}, {card.hours:g} h)")


@app.command()
def verify(
    bundle: File,
    robot: Annotated[str, typer.Option(help="Name of a profile in config/robots.")] = "lingxi_x2",
    keys: Annotated[Path | None, typer.Option(help="Folder of trusted *.pub keys.")] = None,
) -> None:
    """Do what the robot does before it runs a bundle; exit code 1 if it would refuse."""
    from neuraxis_common.robot import compile_urdf, joint_limits, load_profile
    from small_brain_node.bundle.loader import load_bundle, read_file
    from small_brain_node.bundle.signing import read_trusted_keys
    from small_brain_node.policy_source import KEYS_FOLDER

    root = data_root()
    profile = load_profile(robot, root)
    limits = joint_limits(compile_urdf(profile, root))
    trusted = read_trusted_keys(keys or root / KEYS_FOLDER)
    outcome = load_bundle(read_file(bundle), profile, limits, trusted)
    if isinstance(outcome, Rejected):
        _refuse(bundle, outcome)
    row = {
        "ok": True,
        "policy": outcome.contract.name,
        "robot": robot,
        "key": outcome.key,
        "digest": outcome.digest,
    }
    print(json.dumps(row))


@app.command()
def sign(
    source: Annotated[Path, typer.Argument(help="A bundle, or a folder with its members.")],
    key: Annotated[Path, typer.Option(help="Private key, from keygen.")],
    out: Annotated[
        Path | None, typer.Option(help="Where to; the bundle itself by default.")
    ] = None,
) -> None:
    """Check a bundle against its golden vectors and sign it."""
    from neuraxis_field.bundles import pack_members, sign_bundle
    from small_brain_node.bundle.archive import MEMBERS, SUFFIX
    from small_brain_node.bundle.loader import read_file
    from small_brain_node.bundle.signing import key_id, read_private_key

    private = read_private_key(key)
    if source.is_dir():
        missing = [name for name in MEMBERS if not (source / name).is_file()]
        if missing:
            raise ConfigError(f"'{source}' lacks {', '.join(missing)}")
        data = pack_members({name: read_file(source / name) for name in MEMBERS})
    else:
        data = read_file(source)
    target = out or (source.with_suffix(SUFFIX) if source.is_dir() else source)
    _replace(target, sign_bundle(data, private))
    print(f"{target} signed by key {key_id(private.public_key())}")


@app.command()
def draft(
    network: Annotated[Path, typer.Argument(help="ONNX file with mjlab's metadata.")],
    dt: Annotated[float, typer.Option(help="Control period in seconds.")],
    robot: Annotated[str, typer.Option(help="Name of a profile in config/robots.")] = "lingxi_x2",
    facts: Annotated[
        Path | None,
        typer.Option(help="YAML with the same keys, for what the file lacks or rounds."),
    ] = None,
) -> None:
    """Print the contract that an exported network's metadata gives, to be completed by hand."""
    from neuraxis_common.robot import load_profile
    from neuraxis_field.policy_import import draft_contract, read_facts, read_metadata
    from small_brain_node.bundle.contract_json import write_contract
    from small_brain_node.bundle.loader import read_file

    profile = load_profile(robot, data_root())
    metadata, ins, outs = read_metadata(read_file(network, "network"))
    if facts is not None:
        metadata |= read_facts(read_file(facts, "file of facts").decode(errors="replace"))
    contract = draft_contract(metadata, profile, dt, ins, outs)
    print(write_contract(contract).decode(), end="")
    print("fill in: command_ranges, and scale, clip and history of the terms", file=sys.stderr)


@app.command("import")
def import_network(
    network: Annotated[Path, typer.Argument(help="ONNX file: one input, one output, float32.")],
    contract: Annotated[Path, typer.Argument(help="Its contract, JSON or YAML; see draft.")],
    key: Annotated[Path, typer.Option(help="Private key, from keygen.")],
    recording: Annotated[
        Path | None, typer.Option(help="What tools/policy_recording.py wrote in the trainer.")
    ] = None,
    unproven: Annotated[
        bool, typer.Option("--unproven", help="Without a recording: nothing proves the contract.")
    ] = False,
    trained_by: Annotated[str, typer.Option(help="The trainer's command, for the card.")] = "-",
    seed: Annotated[int, typer.Option(help="Of the training, for the card.")] = 0,
    hours: Annotated[float, typer.Option(help="Of training, for the card.")] = 0.0,
    out: Annotated[
        Path | None, typer.Option(help="Where to; beside the network by default.")
    ] = None,
) -> None:
    """Make a signed bundle of a network that was trained elsewhere, and open it as a robot does."""
    from neuraxis_common.robot import compile_urdf, joint_limits, load_profile
    from neuraxis_field.policy_pack import Origin, import_policy, read_contract_file
    from small_brain_node.bundle.archive import SUFFIX
    from small_brain_node.bundle.loader import read_file
    from small_brain_node.bundle.signing import key_id, read_private_key

    if (recording is None) != unproven:
        raise ConfigError("import needs either --recording FILE or --unproven")
    private, root = read_private_key(key), data_root()
    wanted = read_contract_file(contract)
    profile = load_profile(wanted.robot, root)
    limits = joint_limits(compile_urdf(profile, root))
    seen = None if recording is None else read_file(recording, "recording")
    origin = Origin(trained_by, seed, hours)
    data = import_policy(
        read_file(network, "network"), wanted, seen, origin, profile, limits, private
    )
    target = out or network.with_suffix(SUFFIX)
    if isinstance(data, Rejected):
        _refuse(target, data)
    _replace(target, data)
    if unproven:
        print("neuraxis: no recording: nothing proves that the contract is right", file=sys.stderr)
    print(f"{target} signed by key {key_id(private.public_key())}")


@app.command()
def keygen(
    private_key: Annotated[Path, typer.Argument(help="New file, outside of any Git checkout.")],
) -> None:
    """Make a key pair; the robot needs the .pub file, nobody else the other one."""
    from small_brain_node.bundle.signing import write_key_pair
    from small_brain_node.policy_source import KEYS_FOLDER

    public, name = write_key_pair(private_key)
    print(f"private key {private_key}: keep it, and keep it secret")
    print(f"public key  {public} (id {name}): copy it into {KEYS_FOLDER} of the robots")


def _refuse(bundle: Path, why: Rejected) -> None:
    """One line for people on standard error, one JSON object for programs; ends the command."""
    print(f"neuraxis: '{bundle}' is refused ({why.code}): {why.reason}", file=sys.stderr)
    row: dict[str, Any] = {"ok": False, "code": why.code, "reason": why.reason}
    print(json.dumps(row | {"details": why.details}))
    raise typer.Exit(EXIT_REFUSED)


def _replace(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(descriptor, "wb") as target:
            target.write(content)
            target.flush()
            os.fsync(target.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except OSError as error:
        raise ConfigError(f"'{path}' cannot be written: {error}") from error
