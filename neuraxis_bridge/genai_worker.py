# SPDX-License-Identifier: Apache-2.0
"""A process with one model in it, and the handle that the gateway holds.

The two talk over a socket pair, in frames: JSON, and the image as it is. The process ends when its
gateway does.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import subprocess
import sys
import time
from dataclasses import asdict
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from neuraxis_bridge.genai_model import GenaiConfig, GenaiModel, Said
from neuraxis_common.errors import ConfigError

_LOG = logging.getLogger("neuraxis_bridge")
_ROOT = Path(__file__).resolve().parents[1]
# A token cannot be interrupted; one that takes longer than this past its deadline never ends.
STUCK_S = 60.0


class WorkerDiedError(RuntimeError):
    """The process ended, or was ended because it hung."""


class WorkerFailedError(RuntimeError):
    """The model could not work on this question; the process lives."""


class Worker:
    """Starts a process and asks it.

    Args:
        config: Which model.
        stuck_s: How long past its deadline a question may go on before the process is ended.

    Attributes:
        facts: What the process says of its model: ``placement``, ``guided``, ``load_s``.

    Raises:
        ConfigError: The model does not load.
    """

    def __init__(self, config: GenaiConfig, stuck_s: float = STUCK_S) -> None:
        self._config = config
        self._stuck_s = stuck_s
        self._closed = False
        self.start()

    def start(self) -> None:
        """Start the process, again if it died. Raises ConfigError when the model does not load."""
        here, there = socket.socketpair()
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join([str(_ROOT), os.environ.get("PYTHONPATH", "")])
        }
        with there:
            command = [sys.executable, "-m", "neuraxis_bridge.genai_worker", str(there.fileno())]
            self._process = subprocess.Popen(
                command, pass_fds=[there.fileno()], env=environment, start_new_session=True,
                stdin=subprocess.DEVNULL,
            )  # fmt: skip
        self._link = Connection(here.detach())
        settings = asdict(self._config) | {"folder": str(self._config.folder)}
        try:
            self._link.send_bytes(json.dumps(settings).encode())
            self.facts = json.loads(self._link.recv_bytes())
        except (EOFError, OSError) as error:
            raise ConfigError(
                f"the process that loads '{self._config.folder}' ended with exit code {self._end()}"
            ) from error
        if "problem" in self.facts or self._closed:
            self._end()
            raise ConfigError(self.facts.get("problem", "the gateway is closing"))

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def ask(
        self, asked: list[dict[str, str]], image: bytes, size_px: tuple[int, int], budget_s: float
    ) -> Said:
        """Ask the model; it stops by itself when its time is over.

        Args:
            asked: Conversation.
            image: PNG.
            size_px: Its (width, height).
            budget_s: Time that is left.

        Raises:
            WorkerDiedError: `start` gets a new one.
            WorkerFailedError: This question cannot be answered.
        """
        try:
            question = {"asked": asked, "size_px": size_px, "budget_s": budget_s}
            self._link.send_bytes(json.dumps(question).encode())
            self._link.send_bytes(image)
            if not self._link.poll(budget_s + self._stuck_s):
                self._end()
                raise WorkerDiedError("the model hung")
            answer = json.loads(self._link.recv_bytes())
        except (EOFError, OSError) as error:
            raise WorkerDiedError(f"the model's process ended with {self._end()}") from error
        if "failed" in answer:
            raise WorkerFailedError(answer["failed"])
        return Said(**answer)

    def close(self) -> None:
        """End the process."""
        self._closed = True
        self._end()

    @property
    def closed(self) -> bool:
        """Whether it is not wanted any more."""
        return self._closed

    def _end(self) -> int:
        self._process.kill()
        code = self._process.wait()
        self._link.close()
        return code


def main(argv: list[str]) -> int:
    """The process: load, say how that went, answer until the gateway is gone."""
    with Connection(int(argv[0])) as link:
        try:
            return _serve(link)
        except (EOFError, OSError):
            return 0


def _serve(link: Connection) -> int:
    settings = json.loads(link.recv_bytes())
    began_s = time.monotonic()
    try:
        model = GenaiModel(
            GenaiConfig(**settings | {"folder": Path(settings["folder"])}), time.monotonic
        )
    except ConfigError as error:
        _tell(link, {"problem": str(error)})
        return 2
    load_s = round(time.monotonic() - began_s, 3)
    _tell(link, {"placement": model.placement, "guided": model.guided, "load_s": load_s})
    while True:
        question = json.loads(link.recv_bytes())
        image = link.recv_bytes()
        until_s = time.monotonic() + question["budget_s"]
        try:
            answer = model.ask(question["asked"], image, question["size_px"], until_s)
            _tell(link, asdict(answer))
        except RuntimeError as error:
            _tell(link, {"failed": str(error)[:1000]})


def _tell(link: Connection, data: dict[str, Any]) -> None:
    link.send_bytes(json.dumps(data).encode())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
