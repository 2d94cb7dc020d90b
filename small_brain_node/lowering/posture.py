# SPDX-License-Identifier: Apache-2.0
"""How the robot is measured to be: how low, how it rests on its soles, and whether it may move."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from neuraxis_common.errors import Rejected
from neuraxis_common.robot import RobotProfile
from neuraxis_common.types import FloatArray, RobotState
from small_brain_node.body_model import GRAVITY_M_S2, BodyModel
from small_brain_node.lowering.settings import LoweringSettings
from small_brain_node.odometry import BaseEstimate


@dataclass(frozen=True)
class Posture:
    """One measured posture.

    Attributes:
        height_m: Base over the middle of the soles, along the vertical.
        tilt_rad: Base from the vertical.
        sole_tilt_rad: The more tilted sole from level.
        load: What both soles bear over the robot's weight.
        foot_load: Share of the less loaded sole of it.
        sole_share: Distance of the centre of mass, seen from above, from the line between the
            middles of the soles, over half a sole; beyond 1 it is over none.
        speed_m_s, turn_rad_s: Of the base.
    """

    height_m: float
    tilt_rad: float
    sole_tilt_rad: float
    load: float
    foot_load: float
    sole_share: float
    speed_m_s: float
    turn_rad_s: float


class PostureCheck:
    """Measures postures of one robot, and refuses to move from those that are not safe to.

    Args:
        profile: The robot.
        body: Its model; placed anew by every call.
        settings: Bounds.
    """

    def __init__(
        self, profile: RobotProfile, body: BodyModel, settings: LoweringSettings | None = None
    ) -> None:
        self._body, self._settings = body, settings or LoweringSettings.of(profile.name)
        self._weight_N = body.mass_kg * GRAVITY_M_S2
        ready = np.array([profile.ready_pose_rad[name] for name in profile.joint_names])
        self._stand_m = self._height_m(ready)
        self._low_m = self._settings.height_share * self._stand_m

    def measure(self, state: RobotState, base: BaseEstimate) -> Posture:
        """The posture in a measured state."""
        body, up_B = self._body, base.up_B
        body.place(state.joints.pos_rad)
        soles = [body.frame(frame_id) for frame_id in body.sole_ids]
        middles = np.array(
            [sole.act(shape.middle_m) for sole, shape in zip(soles, body.soles, strict=True)]
        )
        worst = min(float(up_B @ sole.rotation[:, 2]) for sole in soles)
        total_N = float(state.foot_force_N.sum())
        foot_load = float(state.foot_force_N.min()) / total_N if total_N > 1.0 else 0.0
        return Posture(
            height_m=-float(up_B @ middles.mean(axis=0)),
            tilt_rad=_angle(float(up_B[2])),
            sole_tilt_rad=_angle(worst),
            load=total_N / self._weight_N,
            foot_load=foot_load,
            sole_share=self._sole_share(body.com_B_m(), middles, soles[0].rotation, up_B),
            speed_m_s=float(np.linalg.norm(base.twist_B[:3])),
            turn_rad_s=float(np.linalg.norm(base.twist_B[3:])),
        )

    def way(self, posture: Posture) -> float:
        """How far down it is: 0 standing, 1 in the low posture."""
        share = (self._stand_m - posture.height_m) / (self._stand_m - self._low_m)
        return min(max(share, 0.0), 1.0)

    def is_low(self, posture: Posture) -> bool:
        """Whether the robot does not stand."""
        return posture.height_m < self._settings.low_share * self._stand_m

    def at_rest(self, posture: Posture) -> bool:
        """Whether it stands still enough on both feet to go down."""
        k = self._settings
        slow = posture.speed_m_s < k.rest_m_s and posture.turn_rad_s < k.rest_rad_s
        return slow and self.refusal(posture) is None

    def refusal(self, posture: Posture) -> Rejected | None:
        """Why the robot must not be moved up or down on its soles; None when it may be."""
        k = self._settings
        aside = "the weight is off the middle of the soles, in half soles, by"
        rows = (
            ("tilted", "the base leans by", posture.tilt_rad, k.tilt_max_rad, 1),
            (
                "soles_tilted",
                "a sole is off level by",
                posture.sole_tilt_rad,
                k.sole_tilt_max_rad,
                1,
            ),
            ("soles_unloaded", "the soles bear of the weight", posture.load, k.load_min, -1),
            ("foot_unloaded", "one foot bears of the load", posture.foot_load, k.foot_load_min, -1),
            ("off_balance", aside, posture.sole_share, k.sole_share, 1),
        )
        for code, what, value, bound, sign in rows:
            if not sign * value <= sign * bound:
                side = "at most" if sign > 0 else "at least"
                reason = f"{what} {value:.2f}, {side} {bound} is needed"
                return Rejected(code, reason, {"value": value, "bound": bound})
        return None

    def _height_m(self, pos_rad: FloatArray) -> float:
        body = self._body
        body.place(pos_rad)
        soles = [body.frame(frame_id) for frame_id in body.sole_ids]
        up_B = np.mean([sole.rotation[:, 2] for sole in soles], axis=0)
        return -float(up_B @ np.mean([sole.translation for sole in soles], axis=0))

    def _sole_share(
        self, com_B_m: FloatArray, middles: FloatArray, R_BS: FloatArray, up_B: FloatArray
    ) -> float:
        """Distance to the nearest point between the soles' middles, over half a sole."""
        shape = self._body.soles[0]
        level = np.eye(3) - np.outer(up_B, up_B)
        start, line = level @ middles[0], level @ (middles[1] - middles[0])
        com = level @ com_B_m
        along = float(np.clip((com - start) @ line / max(float(line @ line), 1e-9), 0.0, 1.0))
        off = R_BS.T @ (com - start - along * line)
        return max(abs(float(off[0])) / shape.half_x_m, abs(float(off[1])) / shape.half_y_m)


def _angle(cosine: float) -> float:
    return math.acos(max(-1.0, min(1.0, cosine)))
