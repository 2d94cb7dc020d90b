# SPDX-License-Identifier: Apache-2.0
"""What worker processes of an evaluation do in tests; they import it by name."""

import os
import signal
import sys
import time
from pathlib import Path

from neuraxis_field.evaluate import run_all
from neuraxis_field.tasks_file import Episode

DEADLINE_S = 60.0


def episodes(count, instruction="put the red cube in the blue tray"):
    goal = [{"object": "red_cube", "in": "blue_tray"}]
    fields = {"seed": 1, "instruction": instruction, "goal": goal}
    return [Episode.model_validate(fields) for _ in range(count)]


def nothing() -> None:
    """No model to load."""


def good(index):
    return {"episode": index, "success": True, "plan_exact": True, "cause": None}


def second_kills_its_process(index, episode):
    if index == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return good(index)


def dies_once(index, episode):
    """Kill the process of the first try; the instruction is a folder that remembers it."""
    tried = Path(episode.instruction, "tried")
    if not tried.exists():
        tried.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return good(index)


def second_raises(index, episode):
    if index == 1:
        raise ValueError("no such thing")
    return good(index)


def note_pid_and_wait(index, episode):
    Path(episode.instruction, str(os.getpid())).touch()
    time.sleep(DEADLINE_S)
    return good(index)


if __name__ == "__main__":
    list(run_all(note_pid_and_wait, episodes(2, sys.argv[1]), 2, nothing))
