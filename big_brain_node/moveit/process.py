# SPDX-License-Identifier: Apache-2.0
"""The MoveIt process as seen from the big brain: started, asked, watched, replaced.

MoveIt's Python bindings hold the interpreter while they plan and crash when they are torn down, so
they live in a process of their own. Nothing here waits longer than it was told to: a process that
is silent past its deadline is killed and replaced, and one that keeps dying is given up.
"""

from __future__ import annotations

import importlib.util
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from big_brain_node.moveit.protocol import Answer, GoneError, Line, Question, to_answer, to_frame
from neuraxis_common.errors import Rejected

# Added to what a question allows: the way there and back, and the collision scene.
GRACE_S = 0.25
_LAST_WORDS_S = 1.0


@dataclass(frozen=True)
class ProcessConfig:
    """When the process is given up.

    Attributes:
        start_s: Longest start, from fork to ready; loading the robot takes about a second.
        hang_s: Longest silence after a question; shorter ones cost the answer, not the process.
        lives: Starts in a row without one answer between them.
    """

    start_s: float = 30.0
    hang_s: float = 5.0
    lives: int = 3


@dataclass
class Record:
    """What became of the questions so far; written by the worker, read by diagnostics."""

    asked: int = 0
    answered: int = 0
    refused: int = 0
    late: int = 0
    died: int = 0
    last: str = ""
    took_s: list[float] = field(default_factory=list)
    cpu_s: float = 0.0


def missing() -> str | None:
    """Why MoveIt's Python bindings cannot be used here, None when they can."""
    if importlib.util.find_spec("moveit") is None:
        return "the Python package 'moveit' (ROS package moveit_py) is not installed"
    return None


def moveit_command() -> list[str]:
    """What runs `big_brain_node/moveit/node.py`."""
    return [sys.executable, "-m", "big_brain_node.moveit.node"]


class PlannerProcess:
    """Asks one process, one question at a time.

    Args:
        command: Gets ``--fd <number>`` of its end of the connection appended.
        hello: What it reads from its standard input: parameters of its node, its sides.
        clock: Monotonic seconds.
        note: Takes one line about each problem, for the log.
    """

    def __init__(
        self,
        command: Sequence[str],
        hello: Mapping[str, Any],
        clock: Callable[[], float],
        note: Callable[[str], None],
        config: ProcessConfig | None = None,
    ) -> None:
        self._command, self._hello, self._clock, self._note = list(command), hello, clock, note
        self._config = config or ProcessConfig()
        self._joints = {side: len(what["joints"]) for side, what in hello["sides"].items()}
        self._lock = threading.Lock()
        self._child: subprocess.Popen | None = None
        self._line: Line | None = None
        self._ready = False
        self._owed, self._silent_s = 0, 0.0
        self._lives = self._config.lives
        self._until_s = 0.0
        self.record = Record()

    @property
    def state(self) -> str:
        """``ready``, ``starting`` or ``down``."""
        if self._line is None:
            return "down"
        return "ready" if self._ready else "starting"

    def start(self) -> None:
        """Start the process; it becomes ready on its own."""
        with self._lock:
            self._spawn()

    def wait_ready(self, timeout_s: float) -> bool:
        """Whether it is ready within a time; for tests and benches."""
        until_s = self._clock() + timeout_s
        with self._lock:
            while self._line is not None and not self._ready and self._clock() < until_s:
                self._watch(0.1)
            return self._ready

    def poll(self) -> None:
        """Notice a death or a readiness between questions; never waits for a question under way."""
        if self._lock.acquire(blocking=False):
            try:
                self._watch(0.0)
            finally:
                self._lock.release()

    def ask(self, question: Question) -> Answer | Rejected:
        """One answer within the question's budget and a grace, or why there is none.

        Codes: ``moveit_down``, ``moveit_starting``, ``moveit_late``, ``moveit_died``.
        """
        with self._lock:
            self.record.asked += 1
            self._watch(0.0)
            if not self._ready:
                return Rejected(
                    f"moveit_{self.state}", self.record.last or "it has just been started"
                )
            if self._owed:
                self.record.late += 1
                return Rejected("moveit_late", "MoveIt is still busy with an earlier question")
            try:
                return self._exchange(question)
            except GoneError as error:
                return self._lost("moveit_died", f"the MoveIt process ended: {self._why(error)}")

    def close(self) -> None:
        """End the process, also in the middle of a question."""
        self._lives, child = 0, self._child
        if child is not None:
            child.kill()
        with self._lock:
            self._lives = 0
            self._end()

    def _exchange(self, question: Question) -> Answer | Rejected:
        self._line.send(to_frame(question))
        self._owed, self._silent_s = 1, self._clock() + self._config.hang_s
        until_s = self._clock() + question.budget_s + GRACE_S
        while (left_s := until_s - self._clock()) > 0:
            frame = self._line.receive(left_s)
            if frame is None:
                break
            self._owed = 0
            answer = to_answer(frame, self._joints[question.side])
            if answer.number == question.number:
                self.record.answered += 1
                self.record.refused += answer.path_rad is None
                self.record.cpu_s += answer.cpu_s
                self.record.took_s = [*self.record.took_s[-199:], answer.took_s]
                self._lives = self._config.lives
                return answer
        waited_s = question.budget_s + GRACE_S
        self.record.late += 1
        return Rejected("moveit_late", f"MoveIt did not answer within {waited_s:.2f} s")

    def _watch(self, wait_s: float) -> None:
        """See whether it became ready, died, hangs or took too long to start."""
        if self._line is None:
            return
        if self._ready:
            self._watch_ready()
            return
        try:
            frame = self._line.receive(wait_s)
        except GoneError as error:
            self._lost("moveit_died", f"MoveIt did not start: {self._why(error)}")
            return
        if frame is not None and "ready" in frame:
            self._ready = True
            self.record.last = f"MoveIt is ready {frame['ready']}"
        elif frame is not None:
            # It told why it cannot start; starting it again would not help.
            self._lives = 0
            self._lost("moveit_down", f"MoveIt did not start: {frame.get('failed', frame)}")
        elif self._clock() > self._until_s:
            self._lost("moveit_late", f"MoveIt did not start within {self._config.start_s:.0f} s")

    def _watch_ready(self) -> None:
        if self._child.poll() is not None:
            self._lost("moveit_died", f"the MoveIt process ended: {self._why(None)}")
            return
        try:
            # The answer to a question that nobody waits for any more.
            if self._owed and self._line.receive(0.0) is not None:
                self._owed = 0
        except GoneError as error:
            self._lost("moveit_died", f"the MoveIt process ended: {self._why(error)}")
            return
        if self._owed and self._clock() > self._silent_s:
            self._lost("moveit_late", f"MoveIt is silent for {self._config.hang_s:.0f} s")

    def _spawn(self) -> None:
        ours, theirs = socket.socketpair()
        self._lives -= 1
        self._ready, self._until_s = False, self._clock() + self._config.start_s
        self._owed = 0
        # A file, so that a process which does not read cannot hold us up.
        with tempfile.TemporaryFile() as hello:
            hello.write(json.dumps(self._hello).encode())
            hello.seek(0)
            try:
                self._child = subprocess.Popen(
                    [*self._command, "--fd", str(theirs.fileno())],
                    pass_fds=(theirs.fileno(),),
                    stdin=hello,
                    # Ctrl-C in a terminal is for us; we end it.
                    start_new_session=True,
                )
            except OSError as error:
                ours.close()
                self._say(f"MoveIt cannot be started: {error}")
                return
            finally:
                theirs.close()
        self._line = Line(ours, self._clock)

    def _lost(self, code: str, reason: str) -> Rejected:
        """End what is left of the process and start another, if it deserves one."""
        self.record.died += code == "moveit_died"
        self._end()
        if self._lives > 0:
            self._say(f"{reason}; starting it again")
            self._spawn()
        else:
            self._say(f"{reason}; giving it up")
        return Rejected(code, reason)

    def _end(self) -> None:
        if self._line is not None:
            self._line.close()
        if self._child is not None:
            if self._child.poll() is None:
                self._child.kill()
            self._child.wait(_LAST_WORDS_S)
        self._child = self._line = None
        self._ready = False

    def _why(self, error: GoneError | None) -> str:
        try:
            code = self._child.wait(0.2)
        except subprocess.TimeoutExpired:
            return str(error)
        signal = f" (signal {-code})" if code < 0 else ""
        return f"exit code {code}{signal}"

    def _say(self, text: str) -> None:
        self.record.last = text
        self._note(text)


def end_of_child(line: Line) -> None:
    """Leave a child process without tearing its libraries down, which would crash."""
    line.close()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
