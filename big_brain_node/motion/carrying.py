# SPDX-License-Identifier: Apache-2.0
"""Pick and place that also ends on surfaces away from the bench."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Any

import numpy as np

from big_brain_node.motion.pick_place import FREE_MARGINS, PickPlacePlanner
from big_brain_node.motion.placing import Placing
from big_brain_node.motion.planner import Side
from big_brain_node.motion.scene_model import odom_in_base
from big_brain_node.motion.set_down import (
    SUNK_M,
    SettingDown,
    SurfaceCell,
    SurfaceHere,
    as_bench,
    reach_over,
)
from big_brain_node.ports import Carry
from big_brain_node.walk.work import work_stance
from neuraxis_common.errors import Rejected
from neuraxis_common.profile import RobotProfile
from neuraxis_common.surface import Surface
from neuraxis_common.types import FloatArray, JointTrajectory, SceneSnapshot


class CarryPlanner(PickPlacePlanner):
    """Plans as at the bench, and onto a surface that the robot stands at.

    A surface is in odom and comes with T_OB, shape (4, 4), of the instant of planning.

    Args: as those of `PickPlacePlanner`.
    """

    def __init__(
        self,
        profile: RobotProfile,
        urdf_xml: str,
        clock: Callable[[], float],
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(profile, urdf_xml, clock, *args, **kwargs)
        self._work = work_stance(profile, urdf_xml)

    def check_set(self, height_m: float) -> Rejected | None:
        """Whether a hand reaches onto a surface of that height; quick, and no promise."""
        profile = self.planner.profile
        most_m = self._work.highest_m
        if height_m > most_m:
            reason = (
                f"a surface {height_m:.2f} m high is above the hands, which pass {most_m:.2f} m"
            )
            return Rejected("surface_too_high", reason, {"value": height_m, "bound": most_m})
        pos = np.array([profile.ready_pose_rad[name] for name in profile.joint_names])
        kinematics = self.planner.kinematics
        T_BO = odom_in_base(kinematics, profile, kinematics.configuration(pos))
        work = self._work
        surface = as_bench(profile.bench, height_m, work.base_x_m + work.edge_at(height_m))
        here = SurfaceHere(surface, T_BO)
        return reach_over(SurfaceCell(profile, self.planner, here), pos, here)

    def held_at(self, joint_pos_rad: FloatArray, carry: Carry) -> FloatArray:
        """Centre of the held part in base_link, shape (3,)."""
        kinematics = self.planner.kinematics
        q = kinematics.configuration(joint_pos_rad)
        tool = kinematics.frame_pose(q, self.planner.arms[carry.side].tcp)
        return (tool @ carry.grasp.held().T_tcp)[:3, 3]

    def plan_set_over(
        self,
        joint_pos_rad: FloatArray,
        scene: SceneSnapshot,
        carry: Carry,
        surface: Surface,
        T_OB: FloatArray,
    ) -> JointTrajectory | Rejected:
        """Over a free spot of the surface on which the part can be let down."""
        at, here = self._at(surface, T_OB)
        setting = SettingDown(self.planner, at.cell, here, self._seed, self._deadline())
        last = Rejected("no_path", "the hand cannot go over the surface")
        for margin_scale in FREE_MARGINS:
            arm = at._carrying(joint_pos_rad, scene, carry, margin_scale=margin_scale)
            path = arm if isinstance(arm, Rejected) else setting.over_path(arm, carry.grasp)
            if not isinstance(path, Rejected):
                return self._timed(arm, path, self._speeds.carry)
            last = path
        return last

    def plan_set_down(
        self,
        joint_pos_rad: FloatArray,
        scene: SceneSnapshot,
        carry: Carry,
        surface: Surface,
        T_OB: FloatArray,
    ) -> JointTrajectory | Rejected:
        """Straight down until the part is just above the surface."""
        at, here = self._at(surface, T_OB, SUNK_M)
        setting = SettingDown(self.planner, at.cell, here, self._seed, self._deadline())
        arm = at._carrying(joint_pos_rad, scene, carry)
        if isinstance(arm, Rejected):
            return arm
        path = setting.down_path(arm, carry.grasp, arm.start_rad)
        return path if isinstance(path, Rejected) else self._timed(arm, path, self._speeds.lower)

    def plan_set_back(
        self,
        joint_pos_rad: FloatArray,
        scene: SceneSnapshot,
        carry: Carry,
        surface: Surface,
        T_OB: FloatArray,
    ) -> JointTrajectory | Rejected:
        """From over the surface to about where this arm rests, the part still in hand."""
        return self._at(surface, T_OB)[0].plan_stow(joint_pos_rad, scene, carry)

    def plan_set_retreat(
        self,
        joint_pos_rad: FloatArray,
        scene: SceneSnapshot,
        side: Side,
        surface: Surface,
        T_OB: FloatArray,
    ) -> JointTrajectory | Rejected:
        """Up from the surface, the hand empty."""
        return self._at(surface, T_OB)[0].plan_retreat(joint_pos_rad, scene, side)

    def plan_set_home(
        self,
        joint_pos_rad: FloatArray,
        scene: SceneSnapshot,
        side: Side,
        surface: Surface,
        T_OB: FloatArray,
    ) -> JointTrajectory | Rejected:
        """To the ready pose from over the surface."""
        return self._at(surface, T_OB)[0].plan_home(joint_pos_rad, scene, side)

    def _at(
        self, surface: Surface, T_OB: FloatArray, sunk_m: float = 0.0
    ) -> tuple[CarryPlanner, SurfaceHere]:
        """The same planner with a surface in place of the bench."""
        here, other = SurfaceHere(surface, np.linalg.inv(T_OB)), copy(self)
        other.cell = SurfaceCell(self.planner.profile, self.planner, here, sunk_m)
        other._placing = Placing(self.planner, other.cell)
        return other, here
