# SPDX-License-Identifier: Apache-2.0
"""One episode: a world from a seed, a sentence, the whole stack in lockstep, the judge's verdict.

The stack is the one that runs on the robot: spinal cord, small brain, perception, motion planner
and executive, with the brain behind HTTP. Only the transport between them differs from the nodes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from big_brain_node.config import BigBrainConfig
from big_brain_node.executive import Executive
from big_brain_node.motion.carrying import CarryPlanner
from big_brain_node.ports import Brain, InlineWorker
from big_brain_node.results import TaskResult
from big_brain_node.skills import Tools
from neuraxis_common.boxes import box_iou
from neuraxis_common.errors import ConfigError
from neuraxis_common.plan import Plan
from neuraxis_common.profile import RobotProfile
from neuraxis_common.robot import compile_urdf
from neuraxis_field.lockstep_ports import LockstepBody, LockstepEyes, Sees
from neuraxis_field.tasks_file import Episode
from neuraxis_sim.judge import at_rest, judge, parse_goal
from neuraxis_sim.lockstep import LockstepWorld
from neuraxis_sim.render import Renderer
from neuraxis_sim.scene import Scene, generate, load_template
from small_brain_node.config import PolicyConfig, SmallBrainConfig
from small_brain_node.policy_source import PolicySource
from small_brain_node.runner import CLASSICAL, PolicyRunner

# Robot and parts come to rest and perception has seen some images, as after any start.
SETTLE_S = 1.0
RATE_HZ = SmallBrainConfig().rate_hz
REST_TIMEOUT_S = 5.0
_TRUTH_IOU = 0.3

Names = list[tuple[str, tuple[float, float, float, float]]]


@dataclass(frozen=True)
class Stack:
    """What stays loaded between episodes on one process.

    Attributes:
        policy: Bundle that keeps the robot on its legs; None for the classical controller.
    """

    profile: RobotProfile
    data_root: Path
    brain: Brain
    make_eyes: Any
    planner: CarryPlanner
    config: BigBrainConfig
    policy: Path | None = None


def make_planner(profile: RobotProfile, data_root: Path) -> CarryPlanner:
    """The embedded motion planner for one robot; its deadlines count CPU time, not other load."""
    return CarryPlanner(profile, compile_urdf(profile, data_root), time.thread_time)


def scene_of(episode: Episode, profile: RobotProfile, data_root: Path) -> Scene:
    """The scene an episode names. Raises ConfigError for an unknown template or a wrong goal."""
    folder = data_root / "config" / "scenes"
    path = folder / f"{episode.scene}.yaml"
    if not path.is_file():
        known = sorted(item.stem for item in folder.glob("*.yaml"))
        raise ConfigError(f"unknown scene '{episode.scene}', known: {', '.join(known)}")
    scene = generate(load_template(path), episode.seed, profile)
    parse_goal(_goal(episode), scene)
    return scene


@dataclass(frozen=True)
class Start:
    """A world at rest that perception has looked at.

    Attributes:
        legs: Runs the policy; None under the classical controller.
        names: Scene names and true boxes before anything moves, to compare plans with.
    """

    world: LockstepWorld
    scene: Scene
    eyes: LockstepEyes
    legs: PolicyRunner | None
    names: Names


@contextmanager
def started(episode: Episode, stack: Stack) -> Iterator[Start]:
    """The world of an episode, as after any start; closed at the end."""
    scene = scene_of(episode, stack.profile, stack.data_root)
    legs = None if stack.policy is None else _runner(stack)
    world = LockstepWorld(stack.profile, stack.data_root, scene, seed=episode.seed, policy=legs)
    try:
        sees: Sees = stack.make_eyes(world)
        eyes = LockstepEyes(world, sees)
        while world.now_s < SETTLE_S:
            world.advance(1.0 / stack.profile.camera.rate_hz)
            eyes.snapshot()
        yield Start(world, scene, eyes, legs, _truth_names(world, scene, stack.profile))
    finally:
        world.close()


def _runner(stack: Stack) -> PolicyRunner:
    urdf_xml = compile_urdf(stack.profile, stack.data_root)
    config = PolicyConfig(bundle_path=str(stack.policy))
    return PolicySource(stack.profile, urdf_xml, config, stack.data_root).runner(RATE_HZ)


def run_episode(index: int, episode: Episode, stack: Stack) -> dict[str, Any]:
    """Run one episode to its end and judge it.

    Returns:
        The row for the results file; ``cause`` is None on success.
    """
    started_s = time.monotonic()
    with started(episode, stack) as start:
        world = start.world
        result = _execute(episode, stack, start)
        verdict = _judge(episode, world, start.scene)
    first = result.plans[0] if result.plans else None
    refused_right = episode.refusal is not None and result.code == episode.refusal
    told_right = is_answered(episode, first, start.names)
    success = verdict.success and (result.success or refused_right)
    success = success and (episode.answer is None or told_right)
    return {
        "episode": index,
        "scene": episode.scene,
        "seed": episode.seed,
        "robot": stack.profile.name,
        "instruction": episode.instruction,
        "success": success,
        "plan_exact": is_exact(episode, first, start.names) or refused_right or told_right,
        "cause": None if success else _cause(verdict, result),
        "result": result.code,
        "message": result.message,
        "judged": result.details.get("judged"),
        "steps": [
            {
                "step": report.label,
                "attempts": report.attempts,
                "failure": report.failure.code if report.failure else None,
            }
            for report in result.steps
        ],
        "in_charge": CLASSICAL if start.legs is None else start.legs.in_charge,
        "duration_s": round(world.now_s - SETTLE_S, 2),
        "wall_s": round(time.monotonic() - started_s, 2),
    }


def tools_of(start: Start, stack: Stack) -> Tools:
    """What acts and plans in a started world."""
    return Tools(
        body=LockstepBody(start.world),
        eyes=start.eyes,
        planner=stack.planner,
        worker=InlineWorker(),
        config=stack.config,
        wall_clock_s=time.monotonic,
    )


def _execute(episode: Episode, stack: Stack, start: Start) -> TaskResult:
    world, executive = start.world, Executive(tools_of(start, stack), stack.brain)
    executive.start(world.now_s, episode.instruction)
    tick_s = 1.0 / stack.config.tick_rate_hz
    result = None
    while result is None:
        world.advance(tick_s)
        result = executive.tick(world.now_s)
    return result


def _judge(episode: Episode, world: LockstepWorld, scene: Scene) -> Any:
    rest_until_s = world.now_s + REST_TIMEOUT_S
    model = world.robot.model
    while True:
        world.advance(0.2)
        _, qpos, qvel = world.loop.sim_state()
        if at_rest(model, qvel, scene) or world.now_s >= rest_until_s:
            return judge(model, qpos, scene, _goal(episode), qvel)


def _goal(episode: Episode) -> list[dict[str, str]]:
    return [{"object": item.object, "in": item.container} for item in episode.goal]


def _cause(verdict: Any, result: TaskResult) -> str:
    """Why the stack gave up where it says so, else what the judge found."""
    missing = "not_refused" if result.code != "answered" else "wrong_answer"
    return result.code if not result.success else verdict.cause or missing


def _truth_names(world: LockstepWorld, scene: Scene, profile: RobotProfile) -> Names:
    renderer = Renderer.for_robot(world.robot.model, profile.camera, scene, 0)
    try:
        boxes = renderer.truth_boxes(world.qpos(), scene)
    finally:
        renderer.close()
    return [(box.name, tuple(float(v) for v in box.box_px)) for box in boxes]


def is_exact(episode: Episode, plan: Plan | None, names: Names) -> bool:
    """Whether a plan is the goal: the same parts into the same containers, no more.

    Args:
        episode: Says the goal.
        plan: With boxes in pixels of the image that `names` were taken from.
        names: Of the things in the scene, each with its true box.
    """
    if plan is None or not plan.steps:
        return False
    planned = [
        (_name(step.object.box, names), _name(step.target.box, names)) for step in plan.steps
    ]
    wanted = {(item.object, item.container) for item in episode.goal}
    return len(planned) == len(wanted) and set(planned) == wanted


def is_answered(episode: Episode, plan: Plan | None, names: Names) -> bool:
    """Whether a question is answered rightly, each thing found and labelled as what it is.

    Args:
        episode: Says the answer.
        plan: As for `is_exact`.
        names: As for `is_exact`; a name begins with colour and shape.
    """
    wanted = episode.answer
    if wanted is None or plan is None or plan.answer is None:
        return False
    said, found = plan.answer, []
    for thing in plan.answer.things:
        name = _name(thing.box, names)
        found.append(name if name.startswith(f"{thing.color}_{thing.shape}") else "")
    told = (said.kind, said.yes, said.count, sorted(found))
    return told == (wanted.kind, wanted.yes, wanted.count, sorted(wanted.things))


def _name(box: Any, names: Names) -> str:
    iou, name = max((box_iou(box, other), name) for name, other in names)
    return name if iou >= _TRUTH_IOU else ""
