# SPDX-License-Identifier: Apache-2.0
"""The big brain as a node: turns one sentence into skills and says how it went.

Action: /big_brain/execute_instruction, one at a time; a second one supersedes the first, or is
refused with `busy`; "continue" goes on after a pause or a restart; a question is answered beside
what is under way. Service: /big_brain/pause.
In: /joint_states, /spinal_cord/state, /odom, /small_brain/grip_state, /perception/objects,
/camera/color/image_raw. Out: actions of the small brain, /ledger; with MoveIt or several brains,
/diagnostics at 1 Hz and at each change of brain; for the job's line see `job/node.py`. Brains are
asked over HTTP.
"""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.action import ActionServer, CancelResponse, GoalResponse
from rclpy.callback_groups import ReentrantCallbackGroup

from big_brain_node.asking import Asides
from big_brain_node.body.node import RosBody, RosEyes
from big_brain_node.compiler.rules import CompilerParams, Rules
from big_brain_node.compiler.zones import Zones
from big_brain_node.config import BigBrainConfig, MotionParams
from big_brain_node.convert import to_refused, to_result
from big_brain_node.executive import Executive
from big_brain_node.given import GivenPlans
from big_brain_node.job.config import JobParams
from big_brain_node.job.journal import Job
from big_brain_node.job.node import JobDesk
from big_brain_node.job.words import means_go_on
from big_brain_node.ladder.node import BrainDesk
from big_brain_node.motion.carrying import CarryPlanner
from big_brain_node.moveit.health import health
from big_brain_node.moveit.planner import MoveItArmPlanner
from big_brain_node.moveit.process import PlannerProcess
from big_brain_node.moveit.start import with_moveit
from big_brain_node.ports import Brain
from big_brain_node.prompt import PRIORITY, Prompt
from big_brain_node.results import TaskResult
from big_brain_node.screened import Screened
from big_brain_node.skills import Tools
from big_brain_node.walk.config import SiteParams, WalkConfig
from big_brain_node.walk.grounding import WalkTools
from big_brain_node.walk.node import RosLegs
from big_brain_node.walk.site import Site, load_site
from big_brain_node.walk.size import fitted
from big_brain_node.walk.words import WalkingWords
from big_brain_node.walk.work import work_stance
from neuraxis.action import ExecuteInstruction
from neuraxis.msg import LedgerHop
from neuraxis_common import convert
from neuraxis_common.errors import Rejected
from neuraxis_common.goals import GoalSlot, finish, never
from neuraxis_common.ledger import Hop
from neuraxis_common.lifecycle import NeuraxisLifecycleNode, spin_lifecycle_node
from neuraxis_common.params import RobotParams, load_params
from neuraxis_common.profile import RobotProfile
from neuraxis_common.robot import compile_urdf, load_profile

_FEEDBACK_PERIOD_S, _STATE_DEADLINE_S = 0.5, 5.0
_DIAGNOSE_PERIOD_S = 1.0


class BigBrainNode(NeuraxisLifecycleNode):
    """Ticks an `Executive` while an instruction is under way.

    Attributes:
        brains: What it asks; None while it is not configured.
    """

    def __init__(self) -> None:
        super().__init__("big_brain")
        self._worker: ThreadPoolExecutor | None = None
        self._server: ActionServer | None = None
        self._executive: Executive | None = None
        self._moveit: PlannerProcess | None = None
        self.brains: BrainDesk | None = None
        self._desk: JobDesk | None = None

    def _setup(self) -> None:
        robot, config = load_params(self, RobotParams), load_params(self, BigBrainConfig)
        root = Path(robot.data_root)
        profile = load_profile(robot.robot, root)
        started_s = time.monotonic()
        planner = self._make_planner(profile, root)
        self.brains = BrainDesk(self, config)
        self.get_logger().info(f"planner made in {time.monotonic() - started_s:.1f} s")
        self._body = RosBody(self, profile)
        site = self._load_site(root)
        walk = self._make_walk(site, profile, root)
        params = load_params(self, CompilerParams)
        rules = Rules(params, Zones(site.keep_out), profile.payload_kg, site.part_mass_kg)
        self._worker = ThreadPoolExecutor(max_workers=2, thread_name_prefix="worker")
        tools = Tools(
            body=self._body,
            eyes=RosEyes(self),
            planner=planner,
            worker=self._worker,
            config=config,
            wall_clock_s=time.monotonic,
            walk=walk,
            rules=rules,
        )
        brain: Brain = Prompt(self.brains.brain)
        if walk is not None:
            brain = WalkingWords(brain, walk.site)
        jobs = load_params(self, JobParams)
        self._desk, self._supersedes = JobDesk(self, jobs), jobs.when_busy == "supersede"
        brain = GivenPlans(Screened(brain))
        self._executive = Executive(tools, brain, self.brains.memory, self._desk.journal)
        self._desk.serve(self._executive, self._body.now_s, Asides(tools, brain))
        self._slot, self._started, self._begun_s = GoalSlot(), False, 0.0
        self._again: Job | None = None
        self._hops_sent, self._setbacks_told, self._told_s = 0, 0, 0.0
        self._ledger = self.create_output(LedgerHop, "ledger", 100)
        self._server = ActionServer(
            self,
            ExecuteInstruction,
            "big_brain/execute_instruction",
            execute_callback=never,
            goal_callback=self._admit,
            handle_accepted_callback=self._begin,
            cancel_callback=lambda _goal: CancelResponse.ACCEPT,
            callback_group=ReentrantCallbackGroup(),
        )
        self.create_timer(1.0 / config.tick_rate_hz, self._tick)

    def _load_site(self, root: Path) -> Site:
        name = load_params(self, SiteParams).site
        return load_site(root / "config" / "sites" / f"{name}.yaml") if name else Site()

    def _make_walk(self, site: Site, profile: RobotProfile, root: Path) -> WalkTools | None:
        """Walking, where the robot was taught places to walk to."""
        config = load_params(self, WalkConfig)
        if not site.places:
            return None
        urdf_xml = compile_urdf(profile, root)
        config = fitted(config, profile, urdf_xml)
        return WalkTools(RosLegs(self), site, config, work_stance(profile, urdf_xml))

    def _make_planner(self, profile: RobotProfile, root: Path) -> CarryPlanner:
        urdf_xml, clock = compile_urdf(profile, root), time.monotonic
        if load_params(self, MotionParams).motion_planner != "moveit":
            return CarryPlanner(profile, urdf_xml, clock)
        arms, self._moveit = with_moveit(
            profile, urdf_xml, root, clock, self.get_logger().warning, self.get_namespace()
        )
        self._diagnostics = self.create_output(DiagnosticArray, "/diagnostics")
        self.create_timer(_DIAGNOSE_PERIOD_S, lambda: self._diagnose(arms))
        return CarryPlanner(profile, urdf_xml, clock, planner=arms)

    def _diagnose(self, arms: MoveItArmPlanner) -> None:
        if self._moveit is not None:
            self._moveit.poll()
        now_s = self.get_clock().now().nanoseconds * 1e-9
        seen, name = health(arms, self._moveit), f"{self.get_fully_qualified_name()}: MoveIt"
        ok = seen.level == "ok"
        self._diagnostics.publish(
            convert.to_diagnostics(now_s, name, ok, seen.message, seen.values)
        )

    def _make_safe(self) -> None:
        self._executive.interrupt()
        self._report(self._executive.result)
        self._desk.drop_questions()
        self._desk.read()

    def _teardown(self) -> None:
        if self._desk is not None:
            self._desk.close()
            self._desk = None
        if self._server is not None:
            self._server.destroy()
            self._server = None
        if self._worker is not None:
            self._worker.shutdown(wait=False, cancel_futures=True)
            self._worker = None
        if self._moveit is not None:
            self._moveit.close()
            self._moveit = None
        if self.brains is not None:
            self.brains.close()
            self.brains = None

    def _admit(self, _goal: Any) -> GoalResponse:
        return GoalResponse.ACCEPT if self.acting else GoalResponse.REJECT

    def _begin(self, goal: Any) -> None:
        asked = self._desk.asks(goal)
        if means_go_on(goal.request.instruction):
            self._go_on(goal)
        elif not asked:
            self._order(goal)

    def _order(self, goal: Any) -> None:
        """What is to be done, at once or not at all."""
        if self._slot.busy and not self._supersedes:
            busy = Rejected("busy", "an instruction is already under way")
            finish(goal, False, to_refused(busy, goal.request.instruction))
        else:
            self._take(goal, None)

    def _go_on(self, goal: Any) -> None:
        """Take up what a restart has cut short, or end a pause."""
        waiting = self._desk.interrupted()
        if isinstance(waiting, Job):
            self._desk.resume()
            self._take(goal, waiting)
        elif self._executive.paused:
            self._desk.resume()
            finish(goal, True, ExecuteInstruction.Result(success=True, code="resumed"))
        else:
            finish(goal, False, to_refused(waiting, goal.request.instruction))

    def _take(self, goal: Any, again: Job | None) -> None:
        if self._executive.busy:
            self._executive.supersede()
            self._report(self._executive.result)
        text = goal.request.instruction
        self.get_logger().info(f"instruction: {text[:200]}")
        newer = Rejected("superseded", "a newer instruction came")
        self._slot.begin(goal, to_refused(newer, text))
        self._again = again
        self._desk.begun()
        self._hops_sent, self._setbacks_told = 0, 0
        self._started, self._begun_s = False, time.monotonic()

    def _tick(self) -> None:
        for goal in self._desk.answer():
            self._order(goal)
        if not self._slot.busy:
            self.brains.publish_hops()
            return
        if not self._started:
            self._start_when_measured()
            return
        if self._slot.cancelled:
            self._executive.cancel()
        result = self._executive.tick(self._body.now_s())
        self._publish_hops()
        self._log_setbacks()
        if result is not None:
            self._report(result)
        elif time.monotonic() - self._told_s > _FEEDBACK_PERIOD_S:
            self._tell()

    def _start_when_measured(self) -> None:
        """Time is that of measured state; before the first there is none to start at."""
        waited_s = time.monotonic() - self._begun_s
        if self._body.state() is not None:
            said = self._slot.goal.request.instruction
            text = said if self._again is None else self._again.instruction
            self._executive.start(self._body.now_s(), text, self._again)
            self._started = True
        elif self._slot.cancelled:
            self._never_begun(Rejected("cancelled", "cancelled by request"))
        elif waited_s > _STATE_DEADLINE_S:
            self._never_begun(Rejected("no_state", f"no joint state in {waited_s:.1f} s"))

    def _never_begun(self, why: Rejected) -> None:
        """Whatever waited to be taken up again still does."""
        self._slot.finish(False, to_refused(why, self._slot.goal.request.instruction))
        self._desk.read()

    def _publish_hops(self) -> None:
        self.brains.publish_hops()
        for name, since_s, until_s in self._executive.hops[self._hops_sent :]:
            self._ledger.publish(convert.to_hop(Hop(name, since_s, until_s)))
        self._hops_sent = len(self._executive.hops)

    def _log_setbacks(self) -> None:
        for setback in self._executive.setbacks[self._setbacks_told :]:
            failure = setback.failure
            said = f"{setback.label}, attempt {setback.attempts}: {failure.code}: {failure.reason}"
            self.get_logger().warning(f"{said} {json.dumps(failure.details, default=str)}")
        self._setbacks_told = len(self._executive.setbacks)

    def _tell(self) -> None:
        progress, self._told_s = self._executive.progress(), time.monotonic()
        state = f"{progress.step}: {progress.skill}"
        self._slot.goal.publish_feedback(
            ExecuteInstruction.Feedback(state=state, progress=float(progress.fraction))
        )

    def _report(self, result: TaskResult | None) -> None:
        if result is None or not self._slot.busy:
            return
        self.get_logger().info(f"instruction ended: {result.code}: {result.message}")
        if result.code == "safe_hold":
            self.brains.hold(result.message)
        self._slot.finish(result.success, to_result(result))
        self._desk.tell()


def main() -> int:
    """Entry point."""
    return spin_lifecycle_node(BigBrainNode, priority=PRIORITY)


if __name__ == "__main__":
    sys.exit(main())
