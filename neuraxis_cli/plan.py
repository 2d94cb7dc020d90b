# SPDX-License-Identifier: Apache-2.0
"""`neuraxis plan`: the plan's JSON schema, and whether a file is a plan."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from neuraxis_common.errors import ConfigError, Rejected

app = typer.Typer(help="The plan that a brain hands to a robot.", no_args_is_help=True)


@app.command()
def schema() -> None:
    """Print the JSON schema; any gateway has it in its /openapi.json, too."""
    from neuraxis_common.plan import Plan

    print(json.dumps(Plan.model_json_schema(), indent=1))


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="A plan as JSON; - reads standard input.")],
) -> None:
    """Print the plan in full, or say what is wrong with it."""
    from big_brain_node.given import read_plan

    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"plan '{file}' is not readable: {error}") from error
    plan = read_plan(text)
    if isinstance(plan, Rejected):
        raise ConfigError(plan.reason)
    print(plan.model_dump_json())
