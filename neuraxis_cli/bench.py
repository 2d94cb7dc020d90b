# SPDX-License-Identifier: Apache-2.0
"""`neuraxis bench`: run every script of bench/ and gather what they print."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from neuraxis_common.errors import ConfigError


def run_benches(folder: Path, only: str) -> int:
    """Run the benches one after the other, so that none disturbs another.

    Args:
        folder: Holds ``bench_<name>.py``; each prints one JSON object last and a table to standard
            error.
        only: Name of the one to run; empty for all.
    """
    scripts = {path.stem.removeprefix("bench_"): path for path in folder.glob("bench_*.py")}
    if only and only not in scripts:
        raise ConfigError(f"unknown bench '{only}', known: {', '.join(sorted(scripts))}")
    results = {}
    for name in [only] if only else sorted(scripts):
        print(f"== {name}", file=sys.stderr, flush=True)
        done = subprocess.run(
            [sys.executable, str(scripts[name])], stdout=subprocess.PIPE, text=True, check=False
        )
        results[name] = {"ok": done.returncode == 0} | _last_json(done.stdout)
    print(json.dumps({"ok": all(row["ok"] for row in results.values()), "benches": results}))
    return 0 if all(row["ok"] for row in results.values()) else 1


def _last_json(text: str) -> dict:
    for line in reversed(text.splitlines()):
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            continue
        if isinstance(row, dict):
            return row
    return {"error": "printed no JSON object"}
