# SPDX-License-Identifier: Apache-2.0
"""`neuraxis train walk` as a process: killed with SIGKILL, it goes on where its rounds end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import torch
from pd_world import DATA_ROOT, profile_of, urdf_of

from neuraxis_common.robot import joint_limits
from neuraxis_field.control.dagger import train
from neuraxis_field.control.plan import TrainingPlan
from neuraxis_field.control.rollout import collect
from neuraxis_field.control.task import walking_contract
from small_brain_node.observation import ObservationBuilder

DEADLINE_S = 600.0
ROBOT, ROUNDS = "lingxi_x2", 2
# The least that the command can be asked for.
LEAST = {"rounds": ROUNDS, "work_rounds": 0, "episodes": 1, "seconds": 0.5}


def start(state: Path) -> subprocess.Popen[bytes]:
    words = [f"--{name.replace('_', '-')}={value}" for name, value in LEAST.items()]
    return subprocess.Popen(
        [sys.executable, "-m", "neuraxis_cli", "train", "walk", f"--robot={ROBOT}", *words,
         "--jobs=1", f"--state={state}"],
        cwd=DATA_ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )  # fmt: skip


def undisturbed(state: Path) -> None:
    """The same rounds in this process."""
    contract = walking_contract(profile_of(ROBOT), joint_limits(urdf_of(ROBOT)))
    builder = ObservationBuilder(contract, profile_of(ROBOT).joint_names)
    plan, threads = TrainingPlan.of(ROBOT, **LEAST), torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        train(
            plan, builder, state, DATA_ROOT, lambda episodes, _: list(map(collect, episodes)),
            lambda _text, _share: None,
        )  # fmt: skip
    finally:
        torch.set_num_threads(threads)


def ends(run: subprocess.Popen[bytes]) -> None:
    said, _ = run.communicate(timeout=DEADLINE_S)
    assert run.returncode == 0, said.decode()


def last_student(state: Path) -> dict:
    content = torch.load(state / f"student_{ROUNDS - 1:03}.pt", weights_only=True)
    content["curve"] = json.loads(content["curve"])
    # The wall's time is the one thing that a kill may change.
    del content["seconds"]
    return content


def same(one, other) -> bool:
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    return torch.equal(one, other) if isinstance(one, torch.Tensor) else one == other


def test_a_run_killed_after_its_first_round_resumes_and_ends_as_if_undisturbed(tmp_path) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    killed.mkdir()
    # Opening a pipe that nobody reads blocks: the run cannot get past writing its second round.
    draft = killed / "round_001.part"
    os.mkfifo(draft)
    run, until_s = start(killed), time.monotonic() + DEADLINE_S
    while not (killed / "student_000.pt").exists():
        assert run.poll() is None, run.stdout.read().decode()
        assert time.monotonic() < until_s
        time.sleep(0.05)
    run.kill()
    run.communicate(timeout=DEADLINE_S)
    assert run.returncode == -signal.SIGKILL
    assert not (killed / "student_001.pt").exists()
    first = (killed / "student_000.pt").read_bytes()
    # What a kill in the middle of writing leaves.
    draft.unlink()
    draft.write_bytes(b"PK torn")

    ends(start(killed))
    undisturbed(whole)
    assert (killed / "student_000.pt").read_bytes() == first
    assert [row["round"] for row in last_student(whole)["curve"]] == list(range(ROUNDS))
    assert same(last_student(killed), last_student(whole))
    for name in (f"round_{turn:03}.npz" for turn in range(ROUNDS)):
        with np.load(killed / name) as one, np.load(whole / name) as other:
            assert one.files == other.files
            assert all(np.array_equal(one[row], other[row]) for row in one.files)
