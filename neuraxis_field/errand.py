# SPDX-License-Identifier: Apache-2.0
"""One errand through a room in lockstep: the whole stack, and what truly happened."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from big_brain_node.compiler.rules import Rules
from big_brain_node.config import BigBrainConfig
from big_brain_node.executive import Executive
from big_brain_node.given import GivenPlans
from big_brain_node.ports import Brain, InlineWorker, Side, SkillPlanner
from big_brain_node.skills import Tools
from big_brain_node.walk.config import WalkConfig
from big_brain_node.walk.grounding import WalkTools
from big_brain_node.walk.site import load_site
from big_brain_node.walk.size import fitted
from big_brain_node.walk.words import WalkingWords
from big_brain_node.walk.work import work_stance
from neuraxis_common.errors import Rejected
from neuraxis_common.plan import Plan, WalkToStep
from neuraxis_common.profile import RobotProfile
from neuraxis_common.robot import compile_urdf
from neuraxis_common.types import FloatArray, RgbdFrame, SceneSnapshot
from neuraxis_field.lockstep_ports import LockstepBody, LockstepEyes, LockstepLegs, Sees
from neuraxis_field.stance import stance, true_pose
from neuraxis_sim.contacts import TouchWatch
from neuraxis_sim.lockstep import LockstepWorld
from neuraxis_sim.scene import generate, load_template
from perception_node.obstacles import ObstacleMap
from perception_node.surface import SurfaceAhead
from small_brain_node.config import PolicyConfig, SmallBrainConfig
from small_brain_node.policy_source import PolicySource
from small_brain_node.runner import CLASSICAL, PolicyRunner

# Robot comes to rest and images arrive, as after any start.
SETTLE_S = 1.0
_LOOK_S = 0.05
_JOB_S = 300.0


@dataclass(frozen=True)
class Errand:
    """Walks to places in order.

    Attributes:
        scene: A template that has a site of the same name.
        sentence: Said instead of giving the plan.
    """

    places: tuple[str, ...]
    scene: str = "shelf_room"
    seed: int = 0
    sentence: str = ""

    @property
    def plan(self) -> Plan:
        """The typed plan."""
        return Plan(steps=tuple(WalkToStep(place=place) for place in self.places))


class _NoObjects:
    """Perception for walks, which name no objects."""

    def update(self, frame: RgbdFrame) -> SceneSnapshot:
        return SceneSnapshot(frame.stamp_s)


class _NoBrain:
    def ask(self, _rgb: Any, _instruction: str, _seen: Any = (), _job: Any = ()) -> Rejected:
        return Rejected("brain_unavailable", "plans are given")


class _NoArms:
    """Motion planner for walks, which move no arm."""

    def away(self, _joint_pos_rad: FloatArray) -> tuple[Side, ...]:
        return ()

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"a walk asked for {name}")


@dataclass(frozen=True)
class Mind:
    """What an errand needs beyond legs."""

    sees: Sees = field(default_factory=_NoObjects)
    planner: SkillPlanner = field(default_factory=_NoArms)
    brain: Brain = field(default_factory=_NoBrain)


class ErrandRun:
    """A world with the stack in it, to be stepped by a test, an evaluation or a film.

    Args:
        errand: What to do.
        profile: The robot.
        data_root: Folder with ``config/`` and ``urdf/``.
        config: Of walking.
        plan: Instead of the errand's own.
        policy: Bundle that keeps the robot on its legs; None for the classical controller.
        mind: What sees objects, plans arms and reads sentences; by default nothing, which is
            enough for walks.
    """

    def __init__(
        self,
        errand: Errand,
        profile: RobotProfile,
        data_root: Path,
        config: WalkConfig | None = None,
        plan: Plan | None = None,
        policy: Path | None = None,
        mind: Mind | None = None,
    ) -> None:
        folder = data_root / "config"
        urdf_xml = compile_urdf(profile, data_root)
        self._config = fitted(config or WalkConfig(), profile, urdf_xml)
        mind = mind or Mind()
        self._errand, self.site = errand, load_site(folder / "sites" / f"{errand.scene}.yaml")
        self.scene = generate(
            load_template(folder / "scenes" / f"{errand.scene}.yaml"), errand.seed, profile
        )
        self.runner: PolicyRunner | None = None
        if policy is not None:
            source = PolicySource(profile, urdf_xml, PolicyConfig(str(policy)), data_root)
            self.runner = source.runner(SmallBrainConfig().rate_hz)
        self.world = LockstepWorld(
            profile,
            data_root,
            self.scene,
            seed=errand.seed,
            urdf_xml=urdf_xml,
            policy=self.runner,
        )
        self.watch = TouchWatch(self.world.robot.model)
        self.legs = LockstepLegs(self.world, ObstacleMap(), SurfaceAhead())
        self._eyes = LockstepEyes(self.world, mind.sees)
        tools = Tools(
            body=LockstepBody(self.world),
            eyes=self._eyes,
            planner=mind.planner,
            worker=InlineWorker(),
            config=BigBrainConfig(job_timeout_s=_JOB_S),
            wall_clock_s=time.monotonic,
            walk=WalkTools(self.legs, self.site, self._config, work_stance(profile, urdf_xml)),
            rules=Rules(payload_kg=profile.payload_kg, masses_kg=self.site.part_mass_kg),
        )
        self.tools = tools
        self.executive = Executive(tools, GivenPlans(WalkingWords(mind.brain, self.site)))
        self._instruction = errand.sentence or (plan or errand.plan).model_dump_json()
        self.trail: list[FloatArray] = []

    def step(self) -> None:
        """One tick of the big brain."""
        self.world.advance(_LOOK_S)
        self.legs.note_pose()
        qpos = self.world.qpos()
        self.watch.look(qpos)
        self.trail.append(qpos[self._base : self._base + 3].copy())
        if self.world.now_s < SETTLE_S:
            self._eyes.snapshot()
            return
        if not self.executive.busy and self.executive.result is None:
            self.executive.start(self.world.now_s, self._instruction)
        self.executive.tick(self.world.now_s)

    def run(self) -> dict[str, Any]:
        """To the end; see `verdict`."""
        started_s = time.monotonic()
        while self.executive.result is None:
            self.step()
        return self.verdict() | {"wall_s": round(time.monotonic() - started_s, 1)}

    def verdict(self) -> dict[str, Any]:
        """How it ended by the big brain's own account and by the simulator's truth."""
        result, qpos = self.executive.result, self.world.qpos()
        true = true_pose(qpos[self._base : self._base + 7])
        place = self.site.places[self._errand.places[-1]]
        stands = stance(true, place, self._config)
        estimate_m = np.linalg.norm(self.legs.odometry()[1][:2, 3] - true[:2, 3])
        # The arms rest on nothing: whatever is touched is a collision.
        fell = self.world.state.stop_level != "run" or true[2, 2] < math.cos(0.8)
        good = result.success and stands.near and not self.watch.touched and not fell
        return {
            "success": bool(good),
            "near": bool(stands.near),
            "result": result.code,
            "message": result.message,
            "off_m": round(stands.off_m, 3),
            "off_rad": round(stands.off_rad, 3),
            "odometry_off_m": round(float(estimate_m), 3),
            "touched": sorted(self.watch.touched),
            "fell": bool(fell),
            "in_charge": CLASSICAL if self.runner is None else self.runner.in_charge,
            "notes": [] if self.runner is None else self.runner.take_notes(),
            "walked_m": round(self._walked(), 2),
            "duration_s": round(self.world.now_s - SETTLE_S, 1),
        }

    def close(self) -> None:
        """Free the renderer."""
        self.world.close()

    @property
    def _base(self) -> int:
        return self.world.robot.base_qpos_adr

    def _walked(self) -> float:
        """Length of the true way, sway of steps left out."""
        trail = np.array(self.trail)[:: round(1.0 / _LOOK_S), :2]
        return float(np.linalg.norm(np.diff(trail, axis=0), axis=1).sum())
