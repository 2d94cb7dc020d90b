# SPDX-License-Identifier: Apache-2.0
"""The whole stack in lockstep for tests: a world that has been looked at, an executive in it."""

import time
from contextlib import contextmanager
from pathlib import Path

from big_brain_node.config import BigBrainConfig
from big_brain_node.executive import Executive
from big_brain_node.ports import InlineWorker
from big_brain_node.skills import Tools
from neuraxis_common.plan import ContainerRef, PartRef, Plan, PutStep, Refusal
from neuraxis_field.episode import scene_of
from neuraxis_field.lockstep_ports import LockstepBody, LockstepEyes
from neuraxis_field.tasks_file import Episode
from neuraxis_sim.judge import judge
from neuraxis_sim.lockstep import LockstepWorld
from perception_node.pipeline import Perception

ROOT = Path(__file__).resolve().parents[2]
SEED = 7
CONFIG = BigBrainConfig(look_timeout_s=1.5, max_attempts=2)


class PointingBrain:
    """Plans to put the named part into the named container, with the boxes that perception has."""

    def __init__(self, eyes, part, container):
        self.eyes, self.part, self.container = eyes, part, container

    def ask(self, rgb, instruction, seen=(), job=()):
        seen = {item.label: item for item in self.eyes.snapshot().objects}
        if self.part not in seen:
            return Plan(refusal=Refusal(code="not_found", reason=f"I see no {self.part}"))
        part, box = seen[self.part], seen[self.container]
        step = PutStep(
            object=PartRef(shape=part.shape, color=part.color, box=part.box_px),
            target=ContainerRef(shape=box.shape, color=box.color, box=box.box_px),
        )
        return Plan(steps=(step,))


@contextmanager
def looked_at(profile, planner):
    """A world that has been looked at for a second, and an executive with a pointing brain."""
    scene = scene_of(Episode(seed=SEED, instruction="-", refusal="-"), profile, ROOT)
    world = LockstepWorld(profile, ROOT, scene, seed=SEED)
    eyes = LockstepEyes(world, Perception(ROOT / "models" / "detector.onnx"))
    for _ in range(10):
        world.advance(0.1)
        eyes.snapshot()
    part = next(item for item in scene.parts if not item.inside)
    container = scene.containers[0]
    brain = PointingBrain(
        eyes, f"{part.color} {part.shape}", f"{container.color} {container.shape}"
    )
    body = LockstepBody(world)
    tools = Tools(body, eyes, planner, InlineWorker(), CONFIG, time.monotonic)
    try:
        yield world, scene, part, container, Executive(tools, brain)
    finally:
        world.close()


def run(world, executive, hook=lambda: None, limit_s=90.0):
    executive.start(world.now_s, "do it")
    until_s = world.now_s + limit_s
    while executive.result is None and world.now_s < until_s:
        world.advance(1.0 / CONFIG.tick_rate_hz)
        hook()
        executive.tick(world.now_s)
    assert executive.result is not None
    return executive.result


def in_its_container(world, scene, part, container):
    """What the judge says of the truth after everything has come to rest."""
    world.advance(1.0)
    _, qpos, qvel = world.loop.sim_state()
    goal = [{"object": part.name, "in": container.name}]
    return judge(world.robot.model, qpos, scene, goal, qvel).success
