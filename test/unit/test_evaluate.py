# SPDX-License-Identifier: Apache-2.0
import subprocess
import sys
import time
from pathlib import Path

import evaluate_rig as rig

from neuraxis_field.evaluate import run_all, summary


def test_worker_that_dies_costs_the_episode_that_kills_it():
    rows = {
        row["episode"]: row
        for row in run_all(rig.second_kills_its_process, rig.episodes(2), 1, rig.nothing)
    }
    assert rows[0]["success"]
    assert rows[1]["cause"] == "worker_died"
    assert summary(rows.values())["by_cause"] == {"worker_died": 1}


def test_episodes_of_a_dead_worker_run_again(tmp_path):
    rows = list(run_all(rig.dies_once, rig.episodes(3, str(tmp_path)), 1, rig.nothing))
    assert sorted(row["episode"] for row in rows) == [0, 1, 2]
    assert all(row["success"] for row in rows)


def test_broken_episode_costs_itself_alone():
    rows = {
        row["episode"]: row for row in run_all(rig.second_raises, rig.episodes(3), 1, rig.nothing)
    }
    assert [rows[k]["success"] for k in range(3)] == [True, False, True]
    assert "no such thing" in rows[1]["cause"]


def test_workers_do_not_outlive_a_killed_evaluation(tmp_path):
    parent = subprocess.Popen([sys.executable, rig.__file__, str(tmp_path)])
    try:
        wait_for(lambda: len(list(tmp_path.iterdir())) == 2)
        workers = [int(path.name) for path in tmp_path.iterdir()]
        parent.kill()
        parent.wait(rig.DEADLINE_S)
        wait_for(lambda: not any(alive(pid) for pid in workers))
    finally:
        parent.kill()


def wait_for(done) -> None:
    end_s = time.monotonic() + rig.DEADLINE_S
    while not done():
        assert time.monotonic() < end_s
        time.sleep(0.05)


def alive(pid) -> bool:
    """Whether the process runs; one that nobody has waited for does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
