# SPDX-License-Identifier: Apache-2.0
"""The small brain: measured state in, joint command out, arm motions and grips on the side."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from neuraxis_common.errors import Rejected
from neuraxis_common.robot import RobotProfile, joint_limits
from neuraxis_common.types import FloatArray, JointCommand, JointTrajectory, RobotState
from small_brain_node.arm_executor import ArmExecutor, Status
from small_brain_node.blend import is_finite
from small_brain_node.body_model import BodyModel
from small_brain_node.config import SmallBrainConfig
from small_brain_node.footing import Footing
from small_brain_node.gripper import GripReport
from small_brain_node.lowering.controller import LoweringController
from small_brain_node.lowering.rung import LoweringRung, LowPhase
from small_brain_node.odometry import BaseEstimate, BaseEstimator
from small_brain_node.plausible import StateWatch
from small_brain_node.policy import Observation, Policy
from small_brain_node.walking.controller import WalkingController

RUN = "run"
# In which a waist that was bent for lowering, and is found so, comes back to the ready pose.
_STRAIGHTEN_S = 3.0


class SmallBrain:
    """Glue of estimator, arm executor and balance policy. Call `step` at the configured rate.

    Args:
        urdf_xml: Compiled description of the same robot.
        policy: Balance policy; the classical walking controller when None.
        lowering: Moves the robot down and up; the classical controller for it when None.

    Attributes:
        fault: Why the last step did not act on its state, or why the robot went down on its own;
            None while all is well.
        footing: Slips of the feet, by which the estimate of the base drifts.
    """

    def __init__(
        self,
        profile: RobotProfile,
        urdf_xml: str,
        config: SmallBrainConfig | None = None,
        policy: Policy | None = None,
        lowering: Policy | None = None,
    ) -> None:
        self.config = config or SmallBrainConfig()
        self.fault: Rejected | None = None
        self._n = len(profile.joint_names)
        self._ready = np.array([profile.ready_pose_rad[name] for name in profile.joint_names])
        body = BodyModel(profile, urdf_xml)
        self._policy = policy or WalkingController(profile, body)
        self._rung = LoweringRung(
            profile, body, self._policy, lowering or LoweringController(profile, body)
        )
        self._estimator = BaseEstimator(body)
        self.footing = Footing()
        limits = joint_limits(urdf_xml)
        self._arms = ArmExecutor(profile, limits, self.config)
        self._watch = StateWatch(profile, limits, body, self.config.frozen_timeout_s)
        self._doubted_s: float | None = None
        self._base: BaseEstimate | None = None
        self._last: JointCommand | None = None
        self._velocity, self._velocity_s = np.zeros(3), -np.inf
        self._was_running = False
        self._stop_reason = Rejected("stopped", "the spinal cord does not run yet")

    def step(self, now_s: float, state: RobotState) -> JointCommand | Rejected:
        """One cycle.

        Returns:
            The command, stamped with the joints' state that it answers: where states come late, the
            spinal cord sees how late. On a state that cannot be acted on, the last command at rest,
            so that the robot holds its pose on stiff joints; `fault` then says why. `Rejected` when
            there is no earlier command to hold, when such states go on coming, or when no
            controller is left that could give one: nothing must be sent then, and the spinal cord
            goes down its stop ladder.
        """
        self.fault = self._check(now_s, state) or self._doubt(state)
        if self.fault is not None:
            return self._hold_in_doubt(now_s, state)
        self._heed_stop(state.stop_level)
        self._base = self._estimator.update(state)
        self.footing.note(self._base.drift)
        upper = self._arms.update(now_s, state)
        wish = Observation(now_s, state, self._base, upper, self._wished_velocity(now_s))
        command = self._rung.act(wish)
        if isinstance(command, Rejected):
            self.fault = command
            return command
        if not is_finite(command):
            self.fault = Rejected("bad_command", "the policy's command is not finite")
            return self._hold_in_doubt(now_s, state)
        self.fault = self._rung.cause
        self._last, self._doubted_s = command, None
        return replace(command, stamp_s=state.joints.stamp_s)

    @property
    def low_phase(self) -> LowPhase:
        """What the robot does about its height."""
        return self._rung.phase

    def lower(self, now_s: float) -> Rejected | None:
        """Stop walking, go down to the low posture and stay there, or say why not."""
        refusal = self._stopped() or self._rung.lower()
        if refusal is None:
            self._arms.halt(now_s)
        return refusal

    def stand_up(self, now_s: float) -> Rejected | None:
        """Rise from a low posture, or say why the robot cannot from where it is."""
        was_low = not self._rung.is_up
        refusal = self._stopped() or self._rung.stand_up()
        if refusal is None and was_low:
            self._arms.straighten(now_s, self._ready, _STRAIGHTEN_S)
        return refusal

    def take_notes(self) -> list[str]:
        """What the lowering did since the last call, for the log."""
        return self._rung.take_notes()

    def follow(self, now_s: float, trajectory: JointTrajectory) -> Rejected | None:
        """Start a motion of waist, head or arms, or say why not; pre-empts the same joints."""
        return self._stopped() or self._down() or self._arms.follow(now_s, trajectory)

    def walk(self, now_s: float, velocity: FloatArray) -> Rejected | None:
        """Ask for a velocity until it is old, or say why not.

        Args:
            now_s: When it was asked for.
            velocity: Forward m/s, left m/s and turn rad/s, shape (3,); the policy's own ranges
                bound it.
        """
        if np.shape(velocity) != (3,) or not np.all(np.isfinite(velocity)):
            return Rejected("bad_velocity", f"a velocity is three finite numbers, got {velocity}")
        self._velocity, self._velocity_s = np.array(velocity, dtype=float), now_s
        return self._down() if np.any(velocity) else None

    def grip(self, now_s: float, side: str, width_m: float, force_N: float) -> Rejected | None:
        """Start closing or opening to a width with at most this force per pad, or say why not."""
        return self._stopped() or self._down() or self._arms.grip(now_s, side, width_m, force_N)

    def halt(self, now_s: float) -> None:
        """Bring all arm motion to a smooth stop; balance goes on."""
        self._arms.halt(now_s)

    def motion(self) -> Status:
        """Outcome of the last accepted `follow`: idle, running, succeeded or `Rejected`."""
        return self._arms.motion()

    def status(self, group: str) -> Status:
        """The same per group: waist, head, left_arm, right_arm."""
        return self._arms.status(group)

    def gripping(self, side: str) -> str | GripReport | Rejected:
        """Outcome of the last `grip` of a side; a finished one reports what it measures now."""
        return self._arms.gripping(side)

    def base(self) -> BaseEstimate | None:
        """Newest estimate of the base, None before the first state."""
        return self._base

    def base_in_odom(self) -> FloatArray:
        """T_OB, shape (4, 4); identity before the first state."""
        return np.eye(4) if self._base is None else self._base.T_OB

    def _wished_velocity(self, now_s: float) -> FloatArray:
        fresh = 0.0 <= now_s - self._velocity_s <= self.config.velocity_timeout_s
        return self._velocity if fresh else np.zeros(3)

    def _check(self, now_s: float, state: RobotState) -> Rejected | None:
        age_s = now_s - min(state.joints.stamp_s, state.imu.stamp_s)
        if not age_s <= self.config.state_timeout_s:
            reason = f"state is {age_s:.3f} s old, allowed {self.config.state_timeout_s} s"
            return Rejected("stale_state", reason, {"value": age_s})
        joints, imu = state.joints, state.imu
        rows = {
            "joint positions": (joints.pos_rad, self._n),
            "joint velocities": (joints.vel_rad_s, self._n),
            "joint efforts": (joints.effort_Nm, self._n),
            "orientation": (imu.quat_wxyz, 4),
            "angular rate": (imu.gyro_B_rad_s, 3),
            "foot forces": (state.foot_force_N, 2),
        }
        for name, (row, size) in rows.items():
            if np.shape(row) != (size,):
                return Rejected("bad_state", f"{name} have shape {np.shape(row)}, need ({size},)")
            if not np.all(np.isfinite(row)):
                return Rejected("bad_state", f"{name} hold a value that is not finite")
        if np.linalg.norm(imu.quat_wxyz) < 0.5:
            return Rejected("bad_state", "orientation is not a unit quaternion")
        return None

    def _doubt(self, state: RobotState) -> Rejected | None:
        """Why a well-formed state cannot be true; the spinal cord's own stops begin it anew."""
        if state.stop_level != RUN:
            self._watch.reset()
        return self._watch.check(state)

    def _hold_in_doubt(self, now_s: float, state: RobotState) -> JointCommand | Rejected:
        if self._doubted_s is None:
            self._doubted_s = now_s
        if now_s - self._doubted_s <= self.config.fault_patience_s:
            return self._hold(state)
        self._last = None
        self._rung.reset()
        return self.fault

    def _heed_stop(self, level: str) -> None:
        """While the spinal cord does not run, follow what is measured and fight nothing."""
        running = level == RUN
        if not running and self._was_running:
            reason = f"the spinal cord went to '{level}'"
            self._stop_reason = Rejected("stopped", reason, {"stop_level": level})
        if not running:
            self._arms.abandon(self._stop_reason)
            self._rung.reset()
        self._was_running = running

    def _stopped(self) -> Rejected | None:
        return None if self._was_running else self._stop_reason

    def _down(self) -> Rejected | None:
        """Why a robot that is not up must not be told to walk or work."""
        if self._rung.is_up:
            return None
        phase = self._rung.phase.value
        reason = f"the robot does not stand: it is '{phase}', ask it to stand up first"
        return Rejected("not_standing", reason, {"phase": phase})

    def _hold(self, state: RobotState) -> JointCommand | Rejected:
        if self._last is None:
            return self.fault
        return replace(self._last, stamp_s=state.joints.stamp_s, vel_rad_s=np.zeros(self._n))
