# SPDX-License-Identifier: Apache-2.0
"""`neuraxis keys`: make, list and revoke the keys of a gateway."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Keys of the robots that may ask a gateway.", no_args_is_help=True)
File = Annotated[Path, typer.Option("--file", help="The keys file.")]
_FILE = Path("keys.json")


@app.command()
def add(
    robot: Annotated[str, typer.Argument(help="Name that requests with this key run under.")],
    file: File = _FILE,
    role: Annotated[str, typer.Option(help="robot, or monitor for /metrics.")] = "robot",
    rate_per_min: Annotated[float, typer.Option(help="Requests a minute; 0: no limit.")] = 120.0,
    burst: Annotated[int, typer.Option(help="Requests that may come at once.")] = 10,
    cost_per_hour: Annotated[float, typer.Option(help="Worker ms, or tokens; 0: no limit.")] = 0.0,
    max_priority: Annotated[str, typer.Option(help="low, normal or high.")] = "normal",
) -> None:
    """Make a key and print it, once: the file keeps only its hash."""
    from neuraxis_bridge.keys import add_key

    settings = {"role": role, "rate_per_min": rate_per_min, "burst": burst,
                "cost_per_hour": cost_per_hour, "max_priority": max_priority}  # fmt: skip
    print(add_key(file, robot, **settings)[1])


@app.command("list")
def list_(file: File = _FILE) -> None:
    """One JSON line per key, without hashes."""
    from neuraxis_bridge.keys import read_keys

    for entry in read_keys(file).values():
        row = {k: v for k, v in vars(entry).items() if k not in ("salt", "digest")}
        print(json.dumps(row))


@app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(help="Id as listed: the middle part of the key.")],
    file: File = _FILE,
) -> None:
    """Refuse a key from now on; a running gateway notices within a second."""
    from neuraxis_bridge.keys import revoke_key

    print(f"revoked {key_id} of {revoke_key(file, key_id).robot}")
