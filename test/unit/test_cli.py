# SPDX-License-Identifier: Apache-2.0
"""The command refuses bad input in one line, with exit code 2, before anything starts."""

import json
import subprocess
import sys

import pytest

from neuraxis_cli.__main__ import main
from neuraxis_cli.demo import MAX_INSTRUCTION, default_task
from neuraxis_cli.options import data_root
from neuraxis_common.robot import known_robots, load_profile

ROBOT = "lingxi_x2"


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the command; returns exit code, standard output and standard error."""

    def go(*arguments):
        monkeypatch.setattr(sys, "argv", ["neuraxis", *arguments])
        try:
            code = main()
        except SystemExit as end:
            code = end.code or 0
        out, error = capsys.readouterr()
        return code, out, error

    return go


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("demo", "--robot", "r2d2"), ("r2d2", ROBOT)),
        (("demo", "--scene", "moon", "go"), ("moon", "sorting_bench")),
        (("demo", ""), ("empty",)),
        (("demo", "   "), ("empty",)),
        (("demo", "x" * (MAX_INSTRUCTION + 1)), (str(MAX_INSTRUCTION + 1), str(MAX_INSTRUCTION))),
        (("demo", "--speed", "warp"), ("warp", "max")),
        (("demo", "--speed", "nan"), ("nan",)),
        (("demo", "--seed", "-1", "go"), ("-1",)),
        (("up", "--robot", "r2d2"), ("r2d2",)),
        (("scene", "--robot", "r2d2"), ("r2d2",)),
        (("scene", "--scene", "moon"), ("moon",)),
        (("scene", "--seed", "-3"), ("-3",)),
        (("eval", "tasks"), ("--tasks", "--episodes")),
        (("eval", "tasks", "--episodes", "0"), ("0",)),
        (("eval", "tasks", "--episodes", "1", "--scene", "moon"), ("moon", "care_bedside")),
        (("eval", "tasks", "--tasks", "x.jsonl", "--scene", "moon"), ("--scene", "--episodes")),
        (("eval", "tasks", "--tasks", "x.jsonl", "--steps", "6"), ("--steps", "--episodes")),
        (("eval", "plans", "--episodes", "1", "--steps", "9"), ("steps", "[1, 8]", "9")),
        (("eval", "tasks", "--episodes", "1", "--jobs", "0"), ("jobs", "0")),
        (("eval", "tasks", "--episodes", "1", "--robot", "r2d2"), ("r2d2",)),
        (("eval", "tasks", "--tasks", "no/such.jsonl"), ("no/such.jsonl",)),
        (("eval", "walk_to", "--policy", "no/such.nxpolicy"), ("no/such.nxpolicy",)),
        (("eval", "carry_to", "door"), ("door", "shelf")),
        (("plan", "check", "no/such.json"), ("no/such.json",)),
        (("bench", "--only", "nothing"), ("nothing", "spinal_cord")),
        (("bridge", "--host", "0.0.0.0"), ("0.0.0.0",)),
        (("bridge", "--port", "70000"), ("70000",)),
    ],
    ids=lambda value: " ".join(value)[:40],
)
def test_bad_input_is_named_in_one_line(run, arguments, named):
    code, out, error = run(*arguments)
    assert code == 2
    assert out == ""
    assert len(error.strip().splitlines()) == 1
    assert all(word in error for word in named)
    assert "Traceback" not in error


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"scene": "sorting_bench"}', '{"scene": "moon", "seed": 1}']
)
def test_a_malformed_tasks_file_is_refused(run, tmp_path, line):
    path = tmp_path / "tasks.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    code, _, error = run("eval", "tasks", "--tasks", str(path))
    assert code == 2
    assert error.startswith("neuraxis: ")


def test_scene_prints_the_same_json_for_the_same_seed(run):
    first, second = (run("scene", "--seed", "7", "--json") for _ in range(2))
    assert first == second
    assert json.loads(first[1])
    assert run("scene", "--seed", "8", "--json")[1] != first[1]


def test_scene_renders_a_picture(run, tmp_path):
    path = tmp_path / "scene.png"
    code, _, _ = run("scene", "--seed", "7", "--png", str(path), "--camera", "head")
    assert code == 0
    assert path.read_bytes().startswith(b"\x89PNG")
    code, _, error = run("scene", "--png", str(path), "--camera", "drone")
    assert code == 2
    assert "drone" in error


@pytest.mark.parametrize("robot", known_robots(data_root()))
def test_the_default_task_exists_before_every_robot(robot):
    from neuraxis_sim.judge import parse_goal
    from neuraxis_sim.live import load_scene

    root = data_root()
    task = default_task(robot, root)
    scene = load_scene(task["scene"], task["seed"], load_profile(robot, root), root)
    wanted = parse_goal(task["goal"], scene)
    assert not any(scene.item(name).inside == where for name, where in wanted.items())


def test_doctor_finds_what_the_tests_run_on(run):
    _, out, _ = run("doctor")
    assert "Python packages" in out
    assert all(line.split()[0] in ("ok", "note", "MISSING") for line in out.splitlines())


def test_the_module_runs_as_a_process_of_its_own():
    command = [sys.executable, "-m", "neuraxis_cli", "eval", "tasks", "--help"]
    done = subprocess.run(command, cwd=data_root(), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "--policy" in done.stdout
