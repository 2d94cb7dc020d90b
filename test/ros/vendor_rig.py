# SPDX-License-Identifier: Apache-2.0
"""A vendor backend in one process, a fake robot in another, and lines of text to both."""

from __future__ import annotations

import importlib.util
import json
import os
import queue
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FAKES = ROOT / "test" / "fakes"
ANSWER_S = 30.0
# Fakes are Python on a busy machine: they publish at 200 Hz, and a late message is no fault.
SLOW = {
    "state_rate_min_hz": "2",
    "source_skew_s": "0.2",
    "silence_s": "0.4",
    "rate_window_s": "0.5",
    "domain_id": "-1",
}


def driver() -> str:
    """The program that holds a backend."""
    found = os.environ.get("NEURAXIS_VENDOR_DRIVER") or shutil.which("neuraxis_vendor_driver")
    if not found:
        pytest.skip("needs neuraxis_vendor_driver: rclcpp was not there when neuraxis was built")
    return found


def need(package: str) -> None:
    """Skips where a vendor's message package is missing."""
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"needs {package}: the vendor's, or test/vendor_msgs")


class Talker:
    """A child process that answers each line with a line of JSON."""

    def __init__(self, command: list[str]) -> None:
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        self.greeting = self.answer()

    def _read(self) -> None:
        for line in self.process.stdout:
            if line.startswith("{"):
                self.lines.put(line)

    def answer(self, timeout_s: float = ANSWER_S) -> dict:
        """The next answer."""
        return json.loads(self.lines.get(timeout=timeout_s))

    def ask(self, line: str) -> dict:
        """Says a line and waits for its answer."""
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.answer()

    def close(self) -> None:
        """Ends it by closing its input."""
        self.process.stdin.close()
        try:
            self.process.wait(timeout=15.0)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def parameters(backend: str, robot: str, **changes: str) -> dict[str, str]:
    """The parameters that ship, made patient, with changes."""
    path = ROOT / "config" / "backends" / backend / f"{robot}.yaml"
    shipped = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {key: str(value) for key, value in shipped.items()} | SLOW | changes


def joints(robot: str) -> list[str]:
    """Joints of the description, in its order."""
    path = ROOT / "config" / "robots" / f"{robot}.yaml"
    return [joint["name"] for joint in yaml.safe_load(path.read_text(encoding="utf-8"))["joints"]]


class Rig:
    """One backend before one fake."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.talkers: list[Talker] = []

    def fake(self, name: str, *options: str) -> Talker:
        """Starts a fake robot."""
        talker = Talker([sys.executable, str(FAKES / f"{name}.py"), *options])
        self.talkers.append(talker)
        return talker

    def backend(self, name: str, robot: str, names: list[str] | None = None, **changes) -> Talker:
        """Starts a backend with the shipped parameters."""
        values = parameters(name, robot, **changes)
        path = self.folder / "parameters.tsv"
        path.write_text("".join(f"{k}\t{v.strip()}\n" for k, v in values.items()))
        talker = Talker([driver(), name, str(path), *(names or joints(robot))])
        self.talkers.append(talker)
        return talker

    def close(self) -> None:
        """Ends everything, the backend first."""
        for talker in reversed(self.talkers):
            talker.close()
