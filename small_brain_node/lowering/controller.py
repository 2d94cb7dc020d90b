# SPDX-License-Identifier: Apache-2.0
"""Takes the standing robot down to its low posture and up again, balanced all the way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pinocchio as pin

from neuraxis_common.robot import RobotProfile
from neuraxis_common.types import FloatArray, JointCommand
from small_brain_node.body_model import BodyModel
from small_brain_node.lowering.settings import LoweringSettings
from small_brain_node.lowering.way import LowReference
from small_brain_node.policy import Observation, UpperReference
from small_brain_node.standing import BalanceGains, StandingController

# Follows the way without falling behind; a first offset is made up for at this speed.
_GAINS = BalanceGains(reference_speed_m_s=0.25, reference_speed_rad_s=0.4)
# Efforts keep this far inside the spinal cord's gate.
_INSIDE = 0.999


class LoweringController:
    """Stands on both soles at any height between the ready pose and a low posture.

    The base goes down while it leans forward, early, and it is placed such that the centre of mass
    of the posture that is sent stays over the soles. Waist, head and arms go from their reference
    to the profile's `lowering` pose.

    Args:
        profile: Poses, gains and groups.
        body: Model of the same robot; not shared across threads.
        settings: The low posture; that of the robot when None.
    """

    def __init__(
        self, profile: RobotProfile, body: BodyModel, settings: LoweringSettings | None = None
    ) -> None:
        self._body, self._settings = body, settings or LoweringSettings.of(profile.name)
        names = list(profile.joint_names)
        sides = ("left_leg", "right_leg")
        self._legs = np.array([names.index(n) for side in sides for n in profile.groups[side]])
        self._fingers = np.array([names.index(g.joint) for g in profile.grippers.values()])
        self._effort_max = _INSIDE * body.model.effortLimit[body.velocity_index]
        self._low = np.array([profile.lowering_pose_rad[name] for name in names])
        self._standing = StandingController(profile, body, _GAINS)
        self._high_MB = self._standing.ready_MB
        body.place(np.array([profile.ready_pose_rad[name] for name in names]))
        self._com_high_m = self._high_MB.act(body.com_B_m())
        self._com_low_m = self._com_high_m.copy()
        self._com_low_m[0] = self._settings.com_share * body.soles[0].half_x_m

    def reset(self) -> None:
        """Stand where the next state finds the soles."""
        self._standing.reset()

    def act(self, observation: Observation) -> JointCommand:
        """One step at 100 Hz, as low as the observation's `low` says."""
        low, joints = observation.low, observation.state.joints
        upper = self._upper(observation.upper, low)
        sent = upper.pos_rad.copy()
        legs = self._standing.legs_rad
        sent[self._legs] = joints.pos_rad[self._legs] if legs is None else legs
        self._standing.aim(self.base_MB(low.share, sent))
        command = self._standing.act(replace(observation, upper=upper))
        most = self._effort_max
        return replace(command, effort_Nm=np.minimum(np.maximum(command.effort_Nm, -most), most))

    def base_MB(self, share: float, pos_rad: FloatArray) -> pin.SE3:
        """Where the base is to be, seen from the upright frame midway between the soles.

        Args:
            share: How low, in [0, 1].
            pos_rad: The posture that is sent, shape (n,); its centre of mass is balanced.
        """
        # Hips that go back first need the lean early: ankles reach their limit otherwise.
        lean_rad = (1.0 - (1.0 - share) ** 2) * self._settings.lean_rad
        R = pin.rpy.rpyToMatrix(0.0, lean_rad, 0.0) @ self._high_MB.rotation
        self._body.place(pos_rad)
        com_m = self._com_high_m + share * (self._com_low_m - self._com_high_m)
        place = com_m - R @ self._body.com_B_m()
        place[2] = self._high_MB.translation[2]
        place[2] *= 1.0 - share * (1.0 - self._settings.height_share)
        return pin.SE3(R, place)

    def _upper(self, upper: UpperReference, low: LowReference) -> UpperReference:
        """Between the reference and the low pose; what the fingers hold, they hold."""
        away = self._low - upper.pos_rad
        away[self._fingers] = 0.0
        left = 1.0 - low.share
        return replace(
            upper,
            pos_rad=upper.pos_rad + low.share * away,
            vel_rad_s=left * upper.vel_rad_s + low.rate_1_s * away,
            acc_rad_s2=left * upper.acc_rad_s2,
        )
