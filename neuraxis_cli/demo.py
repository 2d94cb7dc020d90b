# SPDX-License-Identifier: Apache-2.0
"""`neuraxis demo`: one sentence, the whole system, a verdict on the simulator's truth."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from neuraxis_cli.graph import GraphOptions, start_graph
from neuraxis_cli.processes import ChildDiedError, Family
from neuraxis_common.errors import ConfigError
from neuraxis_common.ledger import Ledger
from neuraxis_common.robot import compile_urdf, load_profile
from neuraxis_sim.judge import parse_goal
from neuraxis_sim.scene import generate, load_template
from small_brain_node.config import PolicyConfig
from small_brain_node.policy_source import PolicySource

START_DEADLINE_S = 90.0
TASK_DEADLINE_S = 900.0
REST_S = 1.5
# Deadlines of the layers, see docs.
BUDGETS_S = {
    "joint state to command": 0.010,
    "small brain": 0.010,
    "perception": 0.050,
    "brain": 0.500,
}
MAX_INSTRUCTION = 10_000


@dataclass(frozen=True)
class DemoOptions:
    """What to show.

    Attributes:
        goal: What the sentence wants; empty when it has to be worked out from the plan.
        policy: Bundle that keeps the robot on its legs; None for the classical controller.
    """

    robot: str
    scene: str
    seed: int
    instruction: str
    speed: float = 1.0
    brain_url: str = ""
    goal: tuple[dict[str, str], ...] = ()
    film: bool = True
    policy: Path | None = None


@dataclass
class Run:
    """What one run learned so far; becomes the last line of output."""

    options: DemoOptions
    folder: Path
    ledger: Ledger
    outcome: Any = None
    duration_s: float = 0.0
    captions: list[tuple[float, str]] = field(default_factory=list)


def default_task(robot: str, data_root: Path) -> dict[str, Any]:
    """Scene, seed, instruction and goal of a robot in ``config/demo.yaml``."""
    path = data_root / "config" / "demo.yaml"
    load_profile(robot, data_root)
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))[robot]
        return {key: data[key] for key in ("scene", "seed", "instruction", "goal")}
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise ConfigError(f"{path.name} is not readable: {error!r}") from error


def check_options(options: DemoOptions, data_root: Path) -> None:
    """Refuse what cannot work before anything is started."""
    profile = load_profile(options.robot, data_root)
    folder = data_root / "config" / "scenes"
    known = sorted(path.stem for path in folder.glob("*.yaml"))
    if options.scene not in known:
        raise ConfigError(f"unknown scene '{options.scene}', known scenes: {', '.join(known)}")
    if options.seed < 0:
        raise ConfigError(f"seed must be at least 0, got {options.seed}")
    scene = generate(load_template(folder / f"{options.scene}.yaml"), options.seed, profile)
    parse_goal(options.goal, scene)
    if options.policy is not None:
        config = PolicyConfig(bundle_path=str(options.policy))
        PolicySource(profile, compile_urdf(profile, data_root), config, data_root).open(
            config.bundle_path
        )
    if not options.instruction.strip():
        raise ConfigError("the instruction is empty")
    if len(options.instruction) > MAX_INSTRUCTION:
        length = len(options.instruction)
        raise ConfigError(f"the instruction has {length} characters, allowed {MAX_INSTRUCTION}")


def run_demo(options: DemoOptions, data_root: Path, out: Path) -> int:
    """Run, judge, film and print; exit code 0 only when the objects are where they should be."""
    check_options(options, data_root)
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    folder = out / f"{stamp}-{options.robot}-{options.seed}"
    folder.mkdir(parents=True)
    run = Run(options, folder, Ledger(BUDGETS_S))
    record_path = folder / "states.npz"
    tell(f"{options.robot}: “{options.instruction[:120]}”")
    with (folder / "log.txt").open("w", encoding="utf-8") as log, Family(log) as family:
        try:
            _operate(run, family, data_root, record_path)
        except (ChildDiedError, RuntimeError) as error:
            tell(str(error))
            family.say("supervisor", str(error))
            return _print(run, {"success": False, "code": "system", "message": str(error)})
        finally:
            # The simulator first, so that the log ends before anything lets go.
            if "sim" in family.names:
                family.stop(["sim"])
    return _conclude(run, data_root, record_path)


def _operate(run: Run, family: Family, data_root: Path, record_path: Path) -> None:
    options, started_s = run.options, time.monotonic()
    graph = GraphOptions(
        data_root,
        options.robot,
        options.scene,
        options.seed,
        options.speed,
        options.brain_url,
        record_path,
        options.policy,
    )
    start_graph(family, graph)
    from neuraxis_cli.node import Operator

    operator = Operator(family.check, run.ledger)
    try:
        operator.wait_ready(START_DEADLINE_S)
        tell(f"the system is up after {time.monotonic() - started_s:.1f} s")
        told = [""]

        def progress(state: str, share: float) -> None:
            if state != told[0]:
                told[0] = state
                run.captions.append((operator.now_s(), state))
                tell(f"{share:4.0%}  {state}")

        began_s = time.monotonic()
        run.outcome = operator.execute(options.instruction, TASK_DEADLINE_S, progress)
        run.duration_s = time.monotonic() - began_s
        tell(f"{run.outcome.code}: {run.outcome.message}")
        run.captions.append((operator.now_s(), f"{run.outcome.code}: {run.outcome.message}"))
        operator.rest(REST_S, 60.0)
    finally:
        operator.close()


def _conclude(run: Run, data_root: Path, record_path: Path) -> int:
    from neuraxis_cli.truth import Truth
    from neuraxis_sim.video import Caption

    options, folder = run.options, run.folder
    truth = Truth(data_root, options.robot, options.scene, options.seed, record_path)
    goal = list(options.goal) or truth.goal_of(run.outcome.plan)
    verdict, walk = truth.verdict(goal), truth.walk_of(run.outcome.plan)
    there = walk is None or walk["there"]
    wanted = bool(goal) or walk is not None
    success = wanted and there and run.outcome.success and verdict["success"]
    cause = verdict["cause"] or ("" if there else "elsewhere") or run.outcome.code
    tell(f"truth: {'success' if success else cause}")
    (folder / "plan.json").write_text(_pretty(run.outcome.plan), encoding="utf-8")
    video = None
    if options.film:
        captions = [Caption(start_s, text) for start_s, text in run.captions]
        video = str(truth.film(folder, options.instruction, captions, _film_progress))
    row = {
        "success": success,
        "code": run.outcome.code,
        "message": run.outcome.message,
        "plan": run.outcome.plan,
        "goal": goal,
        "goal_source": "task" if options.goal else "program carried out on the true scene",
        "walk": walk,
        "cause": None if success else cause,
        "report": run.outcome.report,
        "video": video,
    }
    return _print(run, row)


def _print(run: Run, row: dict[str, Any]) -> int:
    """Write the ledger and the last line."""
    summary = run.ledger.summary()
    (run.folder / "ledger.json").write_text(_pretty(summary), encoding="utf-8")
    run.ledger.write_jsonl(run.folder / "ledger.jsonl")
    line = {
        "success": False,
        "instruction": run.options.instruction,
        "plan": None,
        "duration_s": round(run.duration_s, 2),
        "ledger": summary,
        "video": None,
        "robot": run.options.robot,
        "seed": run.options.seed,
        "folder": str(run.folder),
    } | row
    (run.folder / "result.json").write_text(_pretty(line), encoding="utf-8")
    print(json.dumps(line, ensure_ascii=False), flush=True)
    return 0 if line["success"] else 1


def _film_progress(done: int, total: int) -> None:
    if done == total or done % max(total // 4, 1) == 0:
        tell(f"film: {done} of {total} frames")


def _pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def tell(line: str) -> None:
    """A line for the person at the terminal."""
    print(f"neuraxis: {line}", file=sys.stderr, flush=True)
