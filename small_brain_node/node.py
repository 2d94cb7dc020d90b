# SPDX-License-Identifier: Apache-2.0
"""The small brain as a node: decides every joint's command 100 times a second.

In: /joint_states and /imu/data 200 Hz, /foot_force/{left,right} 100 Hz, /spinal_cord/state,
/cmd_vel.
Out: /spinal_cord/command 100 Hz, /odom 50 Hz, /tf 50 Hz (odom → base_link → camera),
/small_brain/grip_state 50 Hz, /ledger, /diagnostics 1 Hz (slips of the feet).
Actions: /small_brain/follow_trajectory, /small_brain/grip.
Services, for an operator: /small_brain/lower, /small_brain/stand_up.

Setting the parameter bundle_path offers another policy while this one runs: it is opened beside the
loop, runs in the shadow, and takes over if it agrees.

A command answers a measured state and carries its stamp. Without states none is sent, and the
spinal cord's own watchdog holds the robot.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import Twist, WrenchStamped
from nav_msgs.msg import Odometry
from rcl_interfaces.msg import SetParametersResult
from rclpy.action import ActionServer, CancelResponse, GoalResponse
from sensor_msgs.msg import Imu, JointState
from std_srvs.srv import Trigger
from tf2_msgs.msg import TFMessage

from neuraxis.action import FollowTrajectory, Grip
from neuraxis.msg import GripState, JointCommandArray, LedgerHop, SpinalState
from neuraxis_common import convert
from neuraxis_common.errors import ConfigError, Rejected
from neuraxis_common.goals import GoalSlot, never
from neuraxis_common.ledger import Hop
from neuraxis_common.lifecycle import (
    SENSOR_QOS,
    STATE_QOS,
    NeuraxisLifecycleNode,
    spin_lifecycle_node,
)
from neuraxis_common.params import RobotParams, load_params
from neuraxis_common.realtime import BODY_CORES
from neuraxis_common.robot import SIDES, compile_urdf, load_profile
from neuraxis_common.types import ImuState, RobotState
from small_brain_node.body_model import BodyModel
from small_brain_node.config import PolicyConfig, SmallBrainConfig
from small_brain_node.core import SmallBrain
from small_brain_node.gripper import GripReport
from small_brain_node.policy_source import BackgroundOpener, PolicySource

# Below the spinal cord's loop and the drivers' threads.
_PRIORITY = 25
# Odometry and frames go out every so many cycles.
_POSE_EVERY = 2
_DIAGNOSE_PERIOD_S = 1.0
# A cycle may start this share of its period early, so that jitter does not skip a state.
_EARLY = 0.1


class SmallBrainNode(NeuraxisLifecycleNode):
    """Steps a `SmallBrain` on measured states; actions give it motions and grips."""

    def __init__(self) -> None:
        super().__init__("small_brain")
        self._brain: SmallBrain | None = None
        self._opener: BackgroundOpener | None = None
        self.add_on_set_parameters_callback(self._on_parameters)

    def _setup(self) -> None:
        config = load_params(self, RobotParams)
        tuning = load_params(self, SmallBrainConfig)
        root = Path(config.data_root)
        profile = load_profile(config.robot, root)
        urdf_xml = compile_urdf(profile, root)
        self._profile, self._names = profile, list(profile.joint_names)
        policies = load_params(self, PolicyConfig)
        self._choose_policy(PolicySource(profile, urdf_xml, policies, root), tuning.rate_hz)
        self._brain = SmallBrain(profile, urdf_xml, tuning, self._runner)
        self._body = BodyModel(profile, urdf_xml)
        self._camera_tf = tuning.camera_tf
        self._camera_frame = self._body.frame_id(profile.camera.frame)
        self._period_s = 1.0 / tuning.rate_hz
        self._imu: ImuState | None = None
        self._foot_N = np.zeros(2)
        self._level = "run"
        self._last_step_s = 0.0
        self._cycles = 0
        self._healthy = True
        self._motion = GoalSlot()
        self._grips = {side: GoalSlot() for side in SIDES}
        self._create_io()

    def _choose_policy(self, source: PolicySource, rate_hz: float) -> None:
        started_s = time.monotonic()
        self._runner = source.runner(rate_hz)
        took_s = time.monotonic() - started_s
        self.get_logger().info(f"policy '{self._runner.in_charge}' is ready after {took_s:.2f} s")
        self._opener = BackgroundOpener(source.open)

    def _create_io(self) -> None:
        self._command = self.create_output(JointCommandArray, "spinal_cord/command", SENSOR_QOS)
        self._odom = self.create_output(Odometry, "odom", SENSOR_QOS)
        self._tf = self.create_output(TFMessage, "tf", 100)
        self._grip_state = self.create_output(GripState, "small_brain/grip_state", SENSOR_QOS)
        self._ledger = self.create_output(LedgerHop, "ledger", 100)
        self._diagnostics = self.create_output(DiagnosticArray, "/diagnostics")
        self.create_timer(_DIAGNOSE_PERIOD_S, self._diagnose)
        self.create_subscription(Imu, "imu/data", self._on_imu, STATE_QOS)
        for index, side in enumerate(SIDES):

            def on_foot(message: WrenchStamped, index: int = index) -> None:
                self._foot_N[index] = convert.from_foot_force(message)

            self.create_subscription(WrenchStamped, f"foot_force/{side}", on_foot, STATE_QOS)
        self.create_subscription(Twist, "cmd_vel", self._on_velocity, 1)
        self.create_subscription(SpinalState, "spinal_cord/state", self._on_spinal, 1)
        self.create_subscription(JointState, "joint_states", self._on_joints, STATE_QOS)
        self._servers = [
            self._serve(FollowTrajectory, "small_brain/follow_trajectory", self._begin_motion),
            self._serve(Grip, "small_brain/grip", self._begin_grip),
        ]
        self.create_service(Trigger, "small_brain/lower", self._on_lower)
        self.create_service(Trigger, "small_brain/stand_up", self._on_stand_up)

    def _serve(self, kind: Any, name: str, begin: Any) -> ActionServer:
        return ActionServer(
            self,
            kind,
            name,
            execute_callback=never,
            goal_callback=self._admit,
            handle_accepted_callback=begin,
            cancel_callback=lambda _goal: CancelResponse.ACCEPT,
        )

    def _make_safe(self) -> None:
        if self._brain is not None:
            self._brain.halt(self._last_step_s)
        for slot in (self._motion, *self._grips.values()):
            slot.finish(False, FollowTrajectory.Result(code="stopped", message="node stops"))

    def _teardown(self) -> None:
        for server in getattr(self, "_servers", []):
            server.destroy()
        self._servers = []
        self._brain = self._opener = None

    def _admit(self, _goal: Any) -> GoalResponse:
        return GoalResponse.ACCEPT if self.acting else GoalResponse.REJECT

    def _on_imu(self, message: Imu) -> None:
        self._imu = convert.from_imu(message)

    def _on_spinal(self, message: SpinalState) -> None:
        self._level = message.stop_level

    def _on_velocity(self, message: Twist) -> None:
        refused = self._brain.walk(self._last_step_s, convert.from_twist(message))
        if refused is not None:
            self.get_logger().warning(refused.reason, throttle_duration_sec=1.0)

    def _on_lower(self, _request: Any, answer: Trigger.Response) -> Trigger.Response:
        refused = self._inactive() or self._brain.lower(self._last_step_s)
        return self._answer(answer, "lower", refused)

    def _on_stand_up(self, _request: Any, answer: Trigger.Response) -> Trigger.Response:
        refused = self._inactive() or self._brain.stand_up(self._last_step_s)
        return self._answer(answer, "stand up", refused)

    def _inactive(self) -> Rejected | None:
        return None if self.acting else Rejected("inactive", "the small brain is not active")

    def _answer(
        self, answer: Trigger.Response, what: str, refused: Rejected | None
    ) -> Trigger.Response:
        answer.success = refused is None
        answer.message = "" if refused is None else f"{refused.code}: {refused.reason}"
        self.get_logger().info(f"asked to {what}: {answer.message or 'accepted'}")
        return answer

    def _on_parameters(self, parameters: list[Any]) -> SetParametersResult:
        paths = [parameter.value for parameter in parameters if parameter.name == "bundle_path"]
        if self._opener is None or not paths:
            return SetParametersResult(successful=True)
        if not paths[-1]:
            return SetParametersResult(successful=False, reason="bundle_path must name a file")
        begun = self._opener.begin(paths[-1])
        return SetParametersResult(
            successful=begun, reason="" if begun else "another bundle is being opened"
        )

    def _swap_policy(self) -> None:
        """Offer what was opened since the last cycle, and log what became of earlier offers."""
        opened = self._opener.take()
        if isinstance(opened, ConfigError):
            self.get_logger().error(str(opened))
        elif opened is not None:
            refused = self._runner.offer(self._last_step_s, opened)
            if refused is not None:
                self.get_logger().error(refused.reason)
        for note in [*self._runner.take_notes(), *self._brain.take_notes()]:
            self.get_logger().warning(note)

    def _on_joints(self, message: JointState) -> None:
        started_s = time.monotonic()
        stamp_s = convert.from_time(message.header.stamp)
        if stamp_s < self._last_step_s:
            self._last_step_s = 0.0
        if self._imu is None or stamp_s - self._last_step_s < (1 - _EARLY) * self._period_s:
            return
        joints = convert.from_joint_state(message, self._names)
        if isinstance(joints, Rejected):
            self.get_logger().error(joints.reason, throttle_duration_sec=1.0)
            return
        self._last_step_s = stamp_s
        state = RobotState(joints, self._imu, self._foot_N.copy(), self._level)
        command = self._brain.step(max(stamp_s, self._imu.stamp_s), state)
        self._note_health()
        self._swap_policy()
        if isinstance(command, Rejected):
            return
        self._command.publish(convert.to_command(self._names, command))
        self._ledger.publish(convert.to_hop(Hop("small brain", started_s, time.monotonic())))
        self._cycles += 1
        if self._cycles % _POSE_EVERY == 0:
            self._publish_pose(stamp_s, state)
        self._report_motion()
        self._report_grips(stamp_s)

    def _note_health(self) -> None:
        fault, was_healthy = self._brain.fault, self._healthy
        self._healthy = fault is None
        if was_healthy and fault is not None:
            self.get_logger().error(f"holding: {fault.reason}")
        elif not was_healthy and fault is None:
            self.get_logger().info("acting on measured state again")

    def _diagnose(self) -> None:
        """Slips of the feet, by which odometry is off, and what the walk makes of them."""
        report = self._brain.footing.take()
        if report.new:
            self.get_logger().warning(f"odometry: {report.message}")
        name = f"{self.get_fully_qualified_name()}: odometry"
        values = report.values | {"speed_share": f"{self._runner.planner.speed_share:.2f}"}
        message, now_s = report.message or "the feet hold", self._last_step_s
        self._diagnostics.publish(
            convert.to_diagnostics(now_s, name, not report.message, message, values)
        )

    def _publish_pose(self, stamp_s: float, state: RobotState) -> None:
        base = self._profile.base_link
        pose = convert.to_transform(stamp_s, "odom", base, self._brain.base_in_odom())
        frames = [pose]
        if self._camera_tf:
            self._body.place(state.joints.pos_rad)
            T_BC = self._body.frame(self._camera_frame).homogeneous
            frames.append(convert.to_transform(stamp_s, base, self._profile.camera.frame, T_BC))
        self._tf.publish(TFMessage(transforms=frames))
        odom = Odometry(header=pose.header, child_frame_id=base)
        place, shift = odom.pose.pose.position, pose.transform.translation
        place.x, place.y, place.z = shift.x, shift.y, shift.z
        odom.pose.pose.orientation = pose.transform.rotation
        self._odom.publish(odom)

    def _begin_motion(self, goal: Any) -> None:
        trajectory = convert.from_trajectory(goal.request.trajectory)
        refused = trajectory
        if not isinstance(trajectory, Rejected):
            refused = self._brain.follow(self._last_step_s, trajectory)
        superseded = FollowTrajectory.Result(code="preempted", message="a newer motion began")
        self._motion.begin(goal, superseded)
        if refused is not None:
            self._motion.finish(False, _result(FollowTrajectory.Result, refused))

    def _begin_grip(self, goal: Any) -> None:
        wish = goal.request
        slot = self._grips.get(wish.side)
        if slot is None:
            slot = GoalSlot()
            refused = Rejected("bad_request", f"side must be left or right, got '{wish.side}'")
        else:
            refused = self._brain.grip(self._last_step_s, wish.side, wish.width, wish.max_force)
        slot.begin(goal, Grip.Result(code="preempted", message="a newer grip began"))
        if refused is not None:
            slot.finish(False, _result(Grip.Result, refused))

    def _report_motion(self) -> None:
        if self._motion.cancelled:
            self._brain.halt(self._last_step_s)
            self._motion.finish(False, FollowTrajectory.Result(code="cancelled"))
        if self._motion.busy:
            outcome = self._brain.motion()
            if outcome == "succeeded" or isinstance(outcome, Rejected):
                done = _result(FollowTrajectory.Result, outcome)
                self._motion.finish(done.success, done)

    def _report_grips(self, stamp_s: float) -> None:
        for side, slot in self._grips.items():
            outcome = self._brain.gripping(side)
            if isinstance(outcome, Rejected):
                slot.finish(False, _result(Grip.Result, outcome))
            elif isinstance(outcome, GripReport):
                width, holding = float(outcome.width_m), bool(outcome.holding)
                done = Grip.Result(success=True, code="succeeded", width=width, holding=holding)
                slot.finish(True, done)
                if self._cycles % _POSE_EVERY == 0:
                    state = GripState(side=side, width=width, holding=holding)
                    state.header.stamp = convert.to_time(stamp_s)
                    self._grip_state.publish(state)


def _result(kind: Any, outcome: Any) -> Any:
    if isinstance(outcome, Rejected):
        return kind(success=False, code=outcome.code, message=outcome.reason)
    return kind(success=True, code="succeeded")


def main() -> int:
    """Entry point."""
    return spin_lifecycle_node(SmallBrainNode, priority=_PRIORITY, cores=BODY_CORES)


if __name__ == "__main__":
    sys.exit(main())
