# SPDX-License-Identifier: Apache-2.0
"""Child processes that cannot outlive their parent, whatever ends it."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from typing import IO

from neuraxis_common.errors import ConfigError
from neuraxis_common.lifetime import die_with

_STOP_SIGNALS = ((signal.SIGINT, 6.0), (signal.SIGTERM, 2.0), (signal.SIGKILL, 2.0))
_LAST_LINES = 12


class ChildDiedError(RuntimeError):
    """A child process ended although it should run."""


class Family:
    """Starts children, keeps what they say in one log, and stops them all.

    Use as a context manager on the main thread: the kernel ties a child to the thread that made it.

    Args:
        log: Text stream that gets every line of every child, with its name before it.
    """

    def __init__(self, log: IO[str]) -> None:
        self._log = log
        self._lock = threading.Lock()
        self._children: dict[str, subprocess.Popen[str]] = {}
        self._readers: list[threading.Thread] = []
        self._last: dict[str, deque[str]] = {}

    def __enter__(self) -> Family:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(
        self, name: str, command: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> None:
        """Start one child in its own process group."""
        parent = os.getpid()
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            preexec_fn=lambda: die_with(parent),
            env={**os.environ, **(environment or {}), "PYTHONUNBUFFERED": "1"},
        )
        self._children[name] = child
        self._last[name] = deque(maxlen=_LAST_LINES)
        reader = threading.Thread(target=self._read, args=(name, child), daemon=True)
        reader.start()
        self._readers.append(reader)

    @property
    def names(self) -> list[str]:
        """Names of all children, in the order of their start."""
        return list(self._children)

    def check(self) -> None:
        """Raise when a child has ended: ConfigError when it blames its configuration."""
        for name, child in self._children.items():
            code = child.poll()
            if code is None:
                continue
            self._readers[list(self._children).index(name)].join(timeout=1.0)
            said = "\n".join(self._last[name])
            kind = ConfigError if code == 2 else ChildDiedError
            raise kind(f"{name} ended with exit code {code}; its last words:\n{said}")

    def pid(self, name: str) -> int:
        """Process id of a child."""
        return self._children[name].pid

    def stop(self, names: Sequence[str] | None = None) -> None:
        """End children together: ask, then insist, then kill; in vain for none."""
        wanted = list(self._children) if names is None else list(names)
        for number, patience_s in _STOP_SIGNALS:
            alive = [name for name in wanted if self._children[name].poll() is None]
            for name in alive:
                _signal_group(self._children[name].pid, number)
            until_s = time.monotonic() + patience_s
            for name in alive:
                try:
                    self._children[name].wait(max(0.0, until_s - time.monotonic()))
                except subprocess.TimeoutExpired:
                    self.say("supervisor", f"{name} did not end on {number.name}")
        if names is None:
            for reader in self._readers:
                reader.join(timeout=1.0)

    def say(self, name: str, line: str) -> None:
        """Write a line into the log."""
        with self._lock:
            self._log.write(f"[{name}] {line}\n")
            self._log.flush()

    def _read(self, name: str, child: subprocess.Popen[str]) -> None:
        for line in child.stdout:
            self._last[name].append(line.rstrip())
            self.say(name, line.rstrip())


def _signal_group(pid: int, number: signal.Signals) -> None:
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return
