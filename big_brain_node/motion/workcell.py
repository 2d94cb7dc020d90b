# SPDX-License-Identifier: Apache-2.0
"""The arm between bench, parts and containers, as one segment of a pick and place needs it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from big_brain_node.compiler.zones import KEEP_OUT
from big_brain_node.motion.arm import Arm, ArmModel
from big_brain_node.motion.collision import CollisionModel
from big_brain_node.motion.grasp import Grasp, HandShape, contents, tilted_pose
from big_brain_node.motion.ompl_planner import ArmPlanner
from big_brain_node.motion.planner import (
    Attached,
    JointGoal,
    Obstacle,
    PlanRequest,
    Side,
    TcpGoal,
    yaw_pose,
)
from big_brain_node.motion.scene_model import (
    bench_height,
    bench_obstacle,
    container_obstacles,
    odom_in_base,
    part_obstacle,
    underside,
)
from neuraxis_common.errors import Rejected
from neuraxis_common.profile import RobotProfile
from neuraxis_common.shapes import SHAPES
from neuraxis_common.types import FloatArray, SceneObject, SceneSnapshot

# Parts this near to the tool centre point are what the hand has just worked on.
_NEAR_HAND_M = 0.09


@dataclass(frozen=True)
class GraspRecord:
    """What the planner remembers of a chosen grasp.

    Attributes:
        tilt_rad, closing_rad: How the hand came, closing axis relative to the part's yaw.
        part_size_m: Extents of the part, shape (3,).
        taken_B_m: Tool position at the grasp when it was planned, shape (3,).
        spot_xy_m: Chosen place in the container's frame, shape (2,).
        place_rad: Posture foreseen above the container, shape of the chain.
        margin_scale: Share of the margins with which the grasp was found possible.
    """

    grasp: Grasp
    tilt_rad: float
    closing_rad: float
    part_shape: str
    part_size_m: FloatArray
    taken_B_m: FloatArray
    spot_xy_m: FloatArray = field(default_factory=lambda: np.zeros(2))
    place_rad: FloatArray | None = None
    margin_scale: float = 1.0

    def held(self) -> Attached:
        """The part as something fixed to the tool frame."""
        size = np.array(self.part_size_m, dtype=float)
        lift = self.grasp.height_m - size[2] / 2
        T_part_tcp = tilted_pose(self.closing_rad, self.tilt_rad, np.array([0.0, 0.0, lift]))
        shape = "cylinder" if SHAPES[self.part_shape].has_axis else "box"
        return Attached(shape, size, np.linalg.inv(T_part_tcp))


class Workcell:
    """Builds arms among obstacles from measured joints and a perceived scene."""

    def __init__(self, profile: RobotProfile, planner: ArmPlanner) -> None:
        self._profile, self._planner = profile, planner
        self._index = {name: k for k, name in enumerate(profile.joint_names)}
        self.hands = {side: _hand_shape(profile, planner.arms[side]) for side in planner.arms}

    def bench_z(self, joint_pos_rad: FloatArray, xy_B_m: FloatArray) -> float:
        """Height of the bench top in base_link at a point."""
        return bench_height(self._profile.bench, self._T_BO(joint_pos_rad), xy_B_m)

    def standing(self, joint_pos_rad: FloatArray) -> list[Obstacle]:
        """What stands before the robot whatever is seen on it: its bench."""
        return [bench_obstacle(self._profile.bench, self._T_BO(joint_pos_rad))]

    def _T_BO(self, joint_pos_rad: FloatArray) -> FloatArray:
        q = self._planner.kinematics.configuration(joint_pos_rad)
        return odom_in_base(self._planner.kinematics, self._profile, q)

    def seen(self, scene: SceneSnapshot, item: SceneObject) -> SceneObject:
        """The object as in this scene, or as known when its track is gone."""
        return next((o for o in scene.objects if o.track_id == item.track_id), item)

    def obstacles(
        self,
        joint_pos_rad: FloatArray,
        scene: SceneSnapshot,
        without: tuple[str, ...] = (),
        not_near: Side | None = None,
    ) -> tuple[Obstacle, ...]:
        """Bench, containers and parts.

        Args:
            joint_pos_rad: All joints in profile order; the legs tell where the bench is.
            scene: Objects in base_link.
            without: Tracks to leave out.
            not_near: Leave out parts at this hand, which it has just held or let go.
        """
        T_BO = self._T_BO(joint_pos_rad)
        found = self.standing(joint_pos_rad)
        hand = None if not_near is None else self._hand_position(joint_pos_rad, not_near)
        for item in scene.objects:
            if item.track_id in without:
                continue
            if item.kind == KEEP_OUT:
                T_B = yaw_pose(item.yaw_B_rad, item.center_B_m)
                # A hand that is in a zone already may leave it.
                found.append(Obstacle(item.track_id, "box", item.size_m, T_B, soft=True))
            elif item.kind == "container":
                z = bench_height(self._profile.bench, T_BO, item.center_B_m[:2])
                found.extend(container_obstacles(item, z))
            elif hand is None or np.linalg.norm(item.center_B_m - hand) > _NEAR_HAND_M:
                found.append(part_obstacle(item))
        return tuple(found)

    def _hand_position(self, joint_pos_rad: FloatArray, side: Side) -> FloatArray:
        q = self._planner.kinematics.configuration(joint_pos_rad)
        return self._planner.kinematics.frame_pose(q, self._planner.arms[side].tcp)[:3, 3]

    def arm(
        self,
        joint_pos_rad: FloatArray,
        side: Side,
        obstacles: tuple[Obstacle, ...],
        allowed: tuple[str, ...] = (),
        attached: Attached | None = None,
        margin_scale: float = 1.0,
    ) -> Arm | Rejected:
        """The arm at the measured posture, or why that posture cannot be planned from."""
        goal = JointGoal(self._planner.arms[side].ready_rad)
        request = PlanRequest(
            joint_pos_rad, side, goal, obstacles, allowed, attached, margin_scale=margin_scale
        )
        return self._planner.open(request)

    def carrying_arm(
        self,
        joint_pos_rad: FloatArray,
        scene: SceneSnapshot,
        side: Side,
        part: SceneObject,
        record: GraspRecord,
        over: SceneObject | None = None,
        margin_scale: float = 1.0,
    ) -> Arm | Rejected:
        """The arm with the part in hand; fingers may touch what lies in the container `over`."""
        allowed: tuple[str, ...] = ()
        if over is not None:
            inside = contents(over, [o for o in scene.objects if o.kind == "part"])
            allowed = (f"{over.track_id}/floor", *(o.track_id for o in inside))
        obstacles = self.obstacles(joint_pos_rad, scene, without=(part.track_id,))
        return self.arm(joint_pos_rad, side, obstacles, allowed, record.held(), margin_scale)

    def grasp_goal(
        self, joint_pos_rad: FloatArray, record: GraspRecord, part: SceneObject
    ) -> TcpGoal:
        """The recorded grasp on the part as seen now."""
        z = underside(part, self.bench_z(joint_pos_rad, part.center_B_m[:2]))
        at = np.array([*part.center_B_m[:2], z + record.grasp.height_m])
        return TcpGoal(tilted_pose(part.yaw_B_rad + record.closing_rad, record.tilt_rad, at))

    def with_fingers(self, joint_pos_rad: FloatArray, side: Side, width_m: float) -> FloatArray:
        """The joints with one gripper opened to a width."""
        pos = np.array(joint_pos_rad, dtype=float)
        pos[self._index[self._profile.grippers[side].joint]] = width_m / 2
        return pos

    def with_arms_ready(self, joint_pos_rad: FloatArray) -> FloatArray:
        """The joints with both arms where they rest."""
        pos = np.array(joint_pos_rad, dtype=float)
        for model in self._planner.arms.values():
            pos[[self._index[name] for name in model.joint_names]] = model.ready_rad
        return pos

    def off_ready_rad(self, joint_pos_rad: FloatArray, side: Side) -> float:
        """Largest distance of a joint of this arm from where it rests."""
        model = self._planner.arms[side]
        index = [self._index[name] for name in model.joint_names]
        return float(np.abs(np.asarray(joint_pos_rad)[index] - model.ready_rad).max())

    def with_chain(self, joint_pos_rad: FloatArray, arm: Arm, pos_rad: FloatArray) -> FloatArray:
        """The joints with one arm at a posture of its chain."""
        pos = np.array(joint_pos_rad, dtype=float)
        pos[[self._index[name] for name in arm.chain.joint_names]] = pos_rad
        return pos


def _hand_shape(profile: RobotProfile, model: ArmModel) -> HandShape:
    """Reach and width of the fingers, from their collision shapes."""
    opening = profile.grippers[model.side].max_opening_m
    low, high = _finger_box(model.collision, model.ready_q, model)
    return HandShape(float(high[2]), float(max(-low[0], high[0])), opening)


def _finger_box(
    shapes: CollisionModel, q: FloatArray, model: ArmModel
) -> tuple[FloatArray, FloatArray]:
    T_B_tcp = model.kinematics.frame_pose(q, model.tcp)
    corners = shapes.finger_corners(q)
    local = (corners - T_B_tcp[:3, 3]) @ T_B_tcp[:3, :3]
    return local.min(axis=0), local.max(axis=0)
