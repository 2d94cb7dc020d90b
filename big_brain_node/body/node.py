# SPDX-License-Identifier: Apache-2.0
"""The big brain's body and eyes, filled by topics and by actions of the small brain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from nav_msgs.msg import Odometry
from rclpy.action import ActionClient
from sensor_msgs.msg import Image, JointState

from big_brain_node.ports import GripResult, Running, Side
from neuraxis.action import FollowTrajectory, Grip
from neuraxis.msg import GripState, SceneObjects, SpinalState
from neuraxis_common import convert
from neuraxis_common.convert_scene import from_scene
from neuraxis_common.errors import Rejected
from neuraxis_common.geometry import quat_wxyz_to_matrix
from neuraxis_common.lifecycle import SENSOR_QOS, STATE_QOS, NeuraxisLifecycleNode
from neuraxis_common.robot import SIDES, RobotProfile
from neuraxis_common.types import (
    CameraInfo,
    FloatArray,
    ImuState,
    JointTrajectory,
    RgbdFrame,
    RobotState,
    SceneSnapshot,
)

RUNNING = "running"
_LEVEL_IMU = ImuState(0.0, np.array([1.0, 0, 0, 0]), np.zeros(3), np.array([0, 0, 9.81]))


class Job:
    """One goal at an action server, from sending to result; a newer goal makes it void."""

    def __init__(self, client: ActionClient) -> None:
        self._client = client
        self._handle: Any = None
        self._ticket = 0
        self.outcome: Any = None

    def send(self, goal: Any) -> None:
        """Send a goal; `outcome` is ``running`` until its result or `Rejected` is there."""
        self._ticket += 1
        self._handle, ticket = None, self._ticket
        if not self._client.server_is_ready():
            reason = "the small brain does not serve its actions"
            self.outcome = Rejected("small_brain_down", reason)
            return
        self.outcome = RUNNING
        self._client.send_goal_async(goal).add_done_callback(
            lambda future: self._on_accepted(ticket, future)
        )

    def cancel(self) -> None:
        """Ask the server to end the goal under way."""
        if self._handle is not None and self.outcome == RUNNING:
            self._handle.cancel_goal_async()

    def check_server(self) -> None:
        """A server that went away while it ran a goal never answers: say so."""
        if self.outcome == RUNNING and not self._client.server_is_ready():
            reason = "the small brain went away during a motion"
            self.outcome = Rejected("small_brain_down", reason)

    def _on_accepted(self, ticket: int, future: Any) -> None:
        if ticket != self._ticket:
            return
        self._handle = future.result()
        if not self._handle.accepted:
            self.outcome = Rejected("not_accepted", "the small brain is not active")
            return
        self._handle.get_result_async().add_done_callback(
            lambda done: self._on_result(ticket, done)
        )

    def _on_result(self, ticket: int, future: Any) -> None:
        if ticket == self._ticket:
            result = future.result().result
            good = result.success
            self.outcome = result if good else Rejected(result.code, result.message)


class RosBody:
    """Body port over the small brain's topics and actions."""

    def __init__(self, node: NeuraxisLifecycleNode, profile: RobotProfile) -> None:
        self._names = list(profile.joint_names)
        self._index = {name: k for k, name in enumerate(self._names)}
        self._state: RobotState | None = None
        self._level = "run"
        self._T_OB = np.eye(4)
        self._held: dict[str, GripState] = {}
        follow = ActionClient(node, FollowTrajectory, "small_brain/follow_trajectory")
        grip = ActionClient(node, Grip, "small_brain/grip")
        self._motion = Job(follow)
        self._grips = {side: Job(grip) for side in SIDES}
        node.create_subscription(JointState, "joint_states", self._on_joints, STATE_QOS)
        node.create_subscription(SpinalState, "spinal_cord/state", self._on_spinal, 1)
        node.create_subscription(Odometry, "odom", self._on_odom, STATE_QOS)
        node.create_subscription(
            GripState, "small_brain/grip_state", self._on_grip_state, SENSOR_QOS
        )

    def now_s(self) -> float:
        """Time of the newest measured state, 0 before the first."""
        return 0.0 if self._state is None else self._state.joints.stamp_s

    def state(self) -> RobotState | None:
        """Newest measured state."""
        return self._state

    def joint_pos(self, names: Sequence[str]) -> FloatArray:
        """Measured positions of some joints now, shape (n,)."""
        return self._state.joints.pos_rad[[self._index[name] for name in names]]

    def base_in_odom(self) -> FloatArray:
        """Newest estimate of T_OB, shape (4, 4)."""
        return self._T_OB

    def follow(self, trajectory: JointTrajectory) -> None:
        """Start a motion."""
        goal = FollowTrajectory.Goal(trajectory=convert.to_trajectory(trajectory))
        self._motion.send(goal)

    def motion(self) -> Running | Literal["succeeded"] | Rejected:
        """Outcome of the last `follow`."""
        self._motion.check_server()
        outcome = self._motion.outcome
        return outcome if outcome == RUNNING or isinstance(outcome, Rejected) else "succeeded"

    def grip(self, side: Side, width_m: float, force_N: float) -> None:
        """Start closing or opening."""
        self._held.pop(side, None)
        goal = Grip.Goal(side=side, width=float(width_m), max_force=float(force_N))
        self._grips[side].send(goal)

    def gripping(self, side: Side) -> Running | GripResult | Rejected:
        """Outcome of the last `grip`; once there, what the fingers measure now."""
        job = self._grips[side]
        job.check_server()
        outcome = job.outcome
        if outcome == RUNNING or isinstance(outcome, Rejected):
            return outcome
        now = self._held.get(side, outcome)
        return GripResult(now.width, now.holding)

    def held(self) -> tuple[Side, ...]:
        """Hands whose fingers press on something now, also from before this node began."""
        return tuple(side for side, now in self._held.items() if now.holding)

    def halt(self) -> None:
        """Smooth stop of all arm motion."""
        self._motion.cancel()

    def _on_joints(self, message: JointState) -> None:
        joints = convert.from_joint_state(message, self._names)
        if not isinstance(joints, Rejected):
            self._state = RobotState(joints, _LEVEL_IMU, np.zeros(2), self._level)

    def _on_spinal(self, message: SpinalState) -> None:
        self._level = message.stop_level

    def _on_odom(self, message: Odometry) -> None:
        place, T_OB = message.pose.pose.position, np.eye(4)
        turn = convert.from_quaternion(message.pose.pose.orientation)
        T_OB[:3, :3] = quat_wxyz_to_matrix(turn)
        T_OB[:3, 3] = place.x, place.y, place.z
        self._T_OB = T_OB

    def _on_grip_state(self, message: GripState) -> None:
        # A message may be on its way while a newer order is given: it tells of the order before.
        if self._grips[message.side].outcome != RUNNING:
            self._held[message.side] = message


class RosEyes:
    """Eyes port over the camera's and perception's topics."""

    def __init__(self, node: NeuraxisLifecycleNode) -> None:
        self._snapshot: SceneSnapshot | None = None
        self._image: Image | None = None
        node.create_subscription(SceneObjects, "perception/objects", self._on_objects, 1)
        node.create_subscription(Image, "camera/color/image_raw", self._on_image, STATE_QOS)

    def snapshot(self) -> SceneSnapshot | None:
        """Newest tracked scene."""
        return self._snapshot

    def frame(self) -> RgbdFrame | None:
        """Newest colour image; the big brain has no use for depth."""
        rgb = None if self._image is None else convert.from_image(self._image)
        if rgb is None or isinstance(rgb, Rejected):
            return None
        stamp_s = convert.from_time(self._image.header.stamp)
        info = CameraInfo(rgb.shape[1], rgb.shape[0], 0.0, 0.0, 0.0, 0.0)
        return RgbdFrame(stamp_s, rgb, np.zeros((0, 0), np.float32), info, np.eye(4))

    def _on_objects(self, message: SceneObjects) -> None:
        self._snapshot = from_scene(message)

    def _on_image(self, message: Image) -> None:
        self._image = message
