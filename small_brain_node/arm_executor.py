# SPDX-License-Identifier: Apache-2.0
"""Runs arm trajectories and grips; success comes only from what the joints measure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuraxis_common.errors import Rejected
from neuraxis_common.robot import SIDES, JointLimits, RobotProfile
from neuraxis_common.types import FloatArray, JointTrajectory, RobotState
from small_brain_node.config import SmallBrainConfig
from small_brain_node.curves import Sample, StopCurve, TrajectoryCurve
from small_brain_node.gripper import Gripper, GripReport
from small_brain_node.policy import UpperReference
from small_brain_node.trajectory_check import check_start, check_trajectory

FOLLOWING_GROUPS = ("waist", "head", "left_arm", "right_arm")
Status = str | Rejected
IndexArray = NDArray[np.intp]


@dataclass(eq=False)
class _Motion:
    """One trajectory under way on the joints `index`."""

    index: IndexArray
    names: tuple[str, ...]
    curve: TrajectoryCurve
    off_since_s: float | None = None


@dataclass(eq=False)
class _Stop:
    """Joints `index` coming to rest; those no longer `kept` were taken over."""

    index: IndexArray
    curve: StopCurve | TrajectoryCurve
    kept: NDArray[np.bool_]


class ArmExecutor:
    """Upper-body references: trajectories for waist, head and arms, widths for the fingers.

    At most one trajectory moves a joint. A new one takes its joints over without a jump; joints
    that it does not name but that moved with the old one come to a smooth stop.

    Args:
        limits: Joint limits by name, from the URDF.
    """

    def __init__(
        self, profile: RobotProfile, limits: Mapping[str, JointLimits], config: SmallBrainConfig
    ) -> None:
        self._names, self._config = profile.joint_names, config
        self._groups = profile.groups
        self._number = {name: i for i, name in enumerate(self._names)}
        self._movable = tuple(n for g in FOLLOWING_GROUPS for n in profile.groups[g])
        self._lower = {n: limits[n].lower for n in self._movable}
        self._upper = {n: limits[n].upper for n in self._movable}
        self._speed = {n: limits[n].velocity for n in self._movable}
        self._low = np.array([limits[n].lower for n in self._names])
        self._high = np.array([limits[n].upper for n in self._names])
        self._grippers = {
            side: Gripper(
                profile.grippers[side],
                profile.kp[profile.grippers[side].joint],
                config.grip_speed_m_s,
                config.grip_timeout_s,
            )
            for side in SIDES
        }
        self._finger = {side: self._number[profile.grippers[side].joint] for side in SIDES}
        self.reset()

    def reset(self) -> None:
        """Forget every motion; the next update holds what it measures."""
        n = len(self._names)
        self._pos: FloatArray | None = None
        self._vel, self._acc = np.zeros(n), np.zeros(n)
        self._measured: FloatArray | None = None
        self._motions: list[_Motion] = []
        self._stops: list[_Stop] = []
        self._newest: _Motion | None = None
        self._status: dict[str, Status] = {group: "idle" for group in FOLLOWING_GROUPS}
        self._last: Status = "idle"
        self._now_s = 0.0
        for gripper in self._grippers.values():
            gripper.reset(None)

    def follow(self, now_s: float, trajectory: JointTrajectory) -> Rejected | None:
        """Start a trajectory, or say why not. It pre-empts what moves the same joints."""
        refusal = self._refusal(trajectory)
        if refusal is not None:
            return refusal
        index = np.array([self._number[name] for name in trajectory.joint_names])
        pos, vel = self._pos[index], self._vel[index]
        self._take_over(now_s, index)
        curve = TrajectoryCurve(trajectory, now_s, pos, vel)
        self._newest = _Motion(index, trajectory.joint_names, curve)
        self._motions.append(self._newest)
        self._report(self._newest, "running")
        return None

    def grip(self, now_s: float, side: str, width_m: float, force_N: float) -> Rejected | None:
        """Start closing or opening one gripper, or say why not."""
        if side not in self._grippers:
            return Rejected("unknown_side", f"side must be left or right, got '{side}'")
        return self._grippers[side].order(now_s, width_m, force_N)

    def halt(self, now_s: float, why: Rejected | None = None) -> None:
        """Bring all joints to a smooth stop; motions under way end with `why`."""
        reason = why or Rejected("preempted", "the motion was stopped by request")
        for motion in list(self._motions):
            self._end(now_s, motion, reason)

    def abandon(self, why: Rejected) -> None:
        """End every motion because the robot is not ours to move; hold what is measured next."""
        for motion in self._motions:
            self._report(motion, why)
        for gripper in self._grippers.values():
            gripper.abandon(why)
        self._motions, self._stops, self._pos = [], [], None

    def straighten(self, now_s: float, pose_rad: FloatArray, duration_s: float) -> None:
        """Bring the waist's reference to that of a pose, shape (n,), without judging the joints.

        For a robot that others bend and raise meanwhile.
        """
        names = self._groups["waist"]
        if not names or self._pos is None:
            return
        index = np.array([self._number[name] for name in names])
        still = np.zeros((2, len(index)))
        points = np.array([self._pos[index], pose_rad[index]])
        path = JointTrajectory(names, np.array([0.0, duration_s]), points, still)
        self._take_over(now_s, index)
        curve = TrajectoryCurve(path, now_s, self._pos[index], self._vel[index])
        self._stops.append(_Stop(index, curve, np.ones(len(index), dtype=bool)))

    def status(self, group: str) -> Status:
        """``idle``, ``running``, ``succeeded`` or why the group's last motion failed."""
        return self._status[group]

    def motion(self) -> Status:
        """Outcome of the last trajectory that was started."""
        return self._last

    def gripping(self, side: str) -> str | GripReport | Rejected:
        """``idle``, ``running``, the failure, or the live report of a finished grip."""
        return self._grippers[side].status()

    def update(self, now_s: float, state: RobotState) -> UpperReference:
        """Advance to `now_s` on one measurement.

        Returns:
            References of all joints; entries of leg joints repeat the measurement.
        """
        joints = state.joints
        dt_s = min(max(now_s - self._now_s, 0.0), 0.1)
        self._now_s, self._measured = now_s, joints.pos_rad
        if self._pos is None:
            self._pos = np.clip(joints.pos_rad, self._low, self._high)
        self._vel, self._acc, effort = np.zeros((3, len(self._pos)))
        for stop in self._stops:
            self._apply(stop.index, stop.curve.at(now_s), stop.kept)
        self._stops = [stop for stop in self._stops if now_s < stop.curve.end_s]
        for motion in list(self._motions):
            self._apply(motion.index, motion.curve.at(now_s), slice(None))
            self._judge(now_s, motion)
        for side, gripper in self._grippers.items():
            i = self._finger[side]
            measured = (joints.pos_rad[i], joints.vel_rad_s[i], joints.effort_Nm[i])
            command = gripper.update(now_s, dt_s, *(float(value) for value in measured))
            self._pos[i], effort[i] = command.pos_m, command.effort_N
        return UpperReference(self._pos.copy(), self._vel, self._acc, effort)

    def _apply(self, index: IndexArray, sample: Sample, kept: NDArray[np.bool_] | slice) -> None:
        index = index[kept]
        self._pos[index] = np.clip(sample.pos[kept], self._low[index], self._high[index])
        self._vel[index], self._acc[index] = sample.vel[kept], sample.acc[kept]

    def _refusal(self, trajectory: JointTrajectory) -> Rejected | None:
        if self._measured is None or self._pos is None:
            return Rejected("no_state", "the joints have not been measured yet")
        wrong = check_trajectory(trajectory, self._movable, self._lower, self._upper, self._speed)
        if wrong is not None:
            return wrong
        names = trajectory.joint_names
        measured = self._measured[[self._number[name] for name in names]]
        return check_start(names, trajectory.pos_rad[0], measured, self._config.start_tolerance_rad)

    def _judge(self, now_s: float, motion: _Motion) -> None:
        gap = np.abs(self._measured[motion.index] - self._pos[motion.index])
        worst = int(np.argmax(gap))
        bound = self._config.tracking_tolerance_rad
        if gap[worst] <= bound:
            motion.off_since_s = None
        elif motion.off_since_s is None:
            motion.off_since_s = now_s
        if motion.off_since_s is not None:
            if now_s - motion.off_since_s >= self._config.tracking_grace_s:
                self._end(now_s, motion, _too_far("tracking_error", motion, worst, gap, bound))
            return
        if now_s < motion.curve.end_s:
            return
        left = np.abs(self._measured[motion.index] - motion.curve.goal_rad)
        worst = int(np.argmax(left))
        bound = self._config.goal_tolerance_rad
        if left[worst] <= bound:
            self._end(now_s, motion, "succeeded")
        elif now_s - motion.curve.end_s > self._config.settle_timeout_s:
            self._end(now_s, motion, _too_far("goal_not_reached", motion, worst, left, bound))

    def _end(self, now_s: float, motion: _Motion, outcome: Status) -> None:
        self._motions.remove(motion)
        self._report(motion, outcome)
        index = motion.index
        if isinstance(outcome, Rejected) and outcome.code == "tracking_error":
            # What blocks the arm must not be pushed on.
            self._pos[index] = self._measured[index]
            self._vel[index] = self._acc[index] = 0.0
        elif outcome != "succeeded":
            curve = StopCurve(
                now_s, self._pos[index], self._vel[index], self._config.stop_accel_rad_s2
            )
            self._stops.append(_Stop(index, curve, np.ones(len(index), dtype=bool)))

    def _take_over(self, now_s: float, index: IndexArray) -> None:
        """Free the joints `index` for a new motion."""
        for motion in list(self._motions):
            if np.isin(motion.index, index).any():
                self._end(now_s, motion, Rejected("preempted", "a new motion took its joints"))
        for stop in self._stops:
            stop.kept &= ~np.isin(stop.index, index)

    def _report(self, motion: _Motion, outcome: Status) -> None:
        for group in FOLLOWING_GROUPS:
            if any(name in self._groups[group] for name in motion.names):
                self._status[group] = outcome
        if motion is self._newest:
            self._last = outcome


def _too_far(
    code: str, motion: _Motion, worst: int, gaps_rad: FloatArray, bound_rad: float
) -> Rejected:
    joint, value = motion.names[worst], float(gaps_rad[worst])
    what = "its reference" if code == "tracking_error" else "the goal"
    reason = f"joint '{joint}' is {value:.3f} rad from {what}, allowed {bound_rad} rad"
    return Rejected(code, reason, {"joint": joint, "value": value, "bound": bound_rad})
