# SPDX-License-Identifier: Apache-2.0
"""Joints for tests of arm execution: they follow their reference at once, without physics."""

from __future__ import annotations

import numpy as np
from pd_world import profile_of, row, smooth_path, urdf_of

from neuraxis_common.robot import joint_limits
from neuraxis_common.types import ImuState, JointState, JointTrajectory, RobotState
from small_brain_node.arm_executor import ArmExecutor
from small_brain_node.config import SmallBrainConfig

ROBOT = "lingxi_x2"
DT_S = 0.01
LEFT = profile_of(ROBOT).groups["left_arm"]
CONFIG = SmallBrainConfig()


class Rig:
    """Joints that follow their reference at once, except where told otherwise; no physics."""

    def __init__(self) -> None:
        self.profile = profile_of(ROBOT)
        self.names = self.profile.joint_names
        self.limits = joint_limits(urdf_of(ROBOT))
        self.arms = ArmExecutor(self.profile, self.limits, CONFIG)
        self.q = row(self.profile, self.profile.ready_pose_rad)
        self.dq, self.effort = np.zeros_like(self.q), np.zeros_like(self.q)
        self.stuck: set[str] = set()
        self.obstacle_m: float | None = None
        self.now_s = 0.0
        self.tick()

    def index(self, names) -> np.ndarray:
        return np.array([self.names.index(name) for name in names])

    def state(self) -> RobotState:
        joints = JointState(self.now_s, self.q.copy(), self.dq.copy(), self.effort.copy())
        imu = ImuState(self.now_s, np.array([1.0, 0, 0, 0]), np.zeros(3), np.zeros(3))
        return RobotState(joints, imu, np.array([220.0, 220.0]))

    def tick(self):
        upper = self.arms.update(self.now_s, self.state())
        target = upper.pos_rad.copy()
        for name in self.stuck:
            target[self.names.index(name)] = self.q[self.names.index(name)]
        finger = self.names.index("left_gripper_joint")
        if self.obstacle_m is not None:
            target[finger] = max(target[finger], self.obstacle_m)
        self.dq = (target - self.q) / DT_S
        self.effort[finger] = (
            self.profile.kp["left_gripper_joint"] * (upper.pos_rad[finger] - target[finger])
            + upper.effort_Nm[finger]
        )
        self.q = target
        self.now_s += DT_S
        return upper

    def run(self, seconds: float) -> list:
        return [self.tick() for _ in range(round(seconds / DT_S))]

    def path(self, names=LEFT, by_rad=0.4, peak_rad_s=1.0) -> JointTrajectory:
        """Towards the middle of each joint's range."""
        start = self.q[self.index(names)]
        middle = np.array([(self.limits[n].lower + self.limits[n].upper) / 2 for n in names])
        goal = start + np.clip(middle - start, -by_rad, by_rad)
        return smooth_path(names, start, goal, peak_rad_s)
