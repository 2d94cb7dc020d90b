# SPDX-License-Identifier: Apache-2.0
"""A bench without physics: scripted body, eyes, brain and planner for tests of the big brain."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from big_brain_node.ports import Carry, GripResult
from neuraxis_common.errors import Rejected
from neuraxis_common.plan import ContainerRef, PartRef, Plan, PutStep
from neuraxis_common.types import (
    CameraInfo,
    ImuState,
    JointState,
    JointTrajectory,
    RgbdFrame,
    RobotState,
    SceneObject,
    SceneSnapshot,
)


def scene_object(track_id, kind, shape, color, x_m, y_m, box, size_m=(0.04, 0.04, 0.04)):
    """An object on the bench, axis-aligned, just seen."""
    return SceneObject(
        track_id, kind, shape, color, np.array([x_m, y_m, 0.1]), 0.0, np.array(size_m),
        np.eye(3) * 1e-6, 0.0, 1.0, box,
    )  # fmt: skip


def default_scene():
    """A red cube, a green cylinder and a blue tray, well apart."""
    return [
        scene_object("obj_1", "part", "cube", "red", 0.35, 0.2, (100, 100, 140, 140)),
        scene_object("obj_2", "part", "cylinder", "green", 0.35, -0.2, (300, 100, 340, 140)),
        scene_object(
            "obj_3", "container", "tray", "blue", 0.4, 0.0, (180, 80, 260, 140), (0.18, 0.14, 0.03)
        ),
    ]


def put_plan(*pairs):
    """A plan that puts each (part, container) of scene objects."""
    return Plan(
        steps=tuple(
            PutStep(
                object=PartRef(shape=part.shape, color=part.color, box=part.box_px),
                target=ContainerRef(shape=box.shape, color=box.color, box=box.box_px),
            )
            for part, box in pairs
        )
    )


class FakeWorld:
    """Body, eyes and planner in one. Motions take `motion_ticks`; the held part follows the plan.

    Attributes:
        misses: Number of closings that will meet nothing.
        hidden: Track ids that perception does not see.
        out_of_reach: Why a part cannot be put anywhere, by track id.
        checked: The scenes in which that was asked.
        avoided: What each reach was told to do differently.
        astray: Hands that are not at home.
        too_high: Why nothing can be set down at a place.
        stuck: Whether joints stand still although motions succeed.
    """

    def __init__(self, objects, motion_ticks=2):
        self.objects = {item.track_id: item for item in objects}
        self.motion_ticks, self.now_s = motion_ticks, 0.0
        self.misses, self.hidden, self.log = 0, set(), []
        self.stop_level, self.refuse = "run", {}
        self.blind, self.checked, self.out_of_reach, self.avoided = False, [], {}, []
        self.stuck, self._q_rad, self._goal_rad = False, 0.0, 0.0
        self._left, self._grip, self._held = 0, GripResult(0.08, False), None
        self._carry, self.astray, self.too_high = None, (), None

    def advance(self, dt_s):
        self.now_s += dt_s
        self._left = max(0, self._left - 1)
        if not self._left and not self.stuck:
            self._q_rad = self._goal_rad

    def state(self):
        zero = np.zeros(2)
        joints = JointState(self.now_s, zero, zero, zero)
        imu = ImuState(self.now_s, np.array([1.0, 0, 0, 0]), np.zeros(3), np.zeros(3))
        return RobotState(joints, imu, np.zeros(2), self.stop_level)

    def joint_pos(self, names):
        return np.full(len(names), self._q_rad)

    def base_in_odom(self):
        return np.eye(4)

    def follow(self, trajectory):
        self._left, self._goal_rad = self.motion_ticks, float(trajectory.pos_rad[-1, 0])

    def motion(self):
        return "running" if self._left else "succeeded"

    def halt(self):
        self.log.append("halt")
        self._left, self._goal_rad = 0, self._q_rad

    def grip(self, side, width_m, force_N):
        if width_m < 0.03:
            self.misses -= 1
            missed = self.misses >= 0
            self._grip = GripResult(0.0 if missed else 0.04, not missed)
            self._held = None if missed else self._carry.part.track_id
        else:
            self._grip, self._held = GripResult(width_m, False), None

    def gripping(self, side):
        return self._grip

    def held(self):
        return ("left",) if self._grip.holding else ()

    def snapshot(self):
        if self.blind:
            return None
        seen = [
            replace(item, stamp_s=self.now_s)
            for item in self.objects.values()
            if item.track_id not in self.hidden
        ]
        return SceneSnapshot(self.now_s, tuple(seen))

    def frame(self):
        if self.blind:
            return None
        rgb, depth = np.zeros((480, 640, 3), np.uint8), np.ones((480, 640), np.float32)
        return RgbdFrame(
            self.now_s, rgb, depth, CameraInfo(640, 480, 500, 500, 320, 240), np.eye(4)
        )

    def _motion(self, name):
        self.log.append(name)
        if name in self.refuse and self.refuse[name] > 0:
            self.refuse[name] -= 1
            return Rejected("no_path", f"no path for {name}")
        # Each motion swings the one joint there is to the other side.
        way_rad = np.array([[self._q_rad], [0.4 if self._q_rad < 0.2 else 0.0]])
        duration_s = max(self.motion_ticks * 0.05, 0.05)
        return JointTrajectory(("a",), np.array([0.0, duration_s]), way_rad, np.zeros((2, 1)))

    def check_put(self, joint_pos_rad, scene, part, box):
        self.checked.append((part.track_id, scene))
        return self.out_of_reach.get(part.track_id)

    def away(self, joint_pos_rad):
        return self.astray

    def plan_reach(self, joint_pos_rad, scene, part, box, avoid=()):
        self.avoided.append(avoid)
        motion = self._motion("reach")
        if isinstance(motion, Rejected):
            return motion
        self._carry = Carry("left", part, box, None, 0.08, 0.0)
        return self._carry, motion

    def plan_grasp(self, joint_pos_rad, scene, carry):
        return self._motion("grasp")

    def plan_lift(self, joint_pos_rad, scene, carry):
        return self._motion("lift")

    def plan_transfer(self, joint_pos_rad, scene, carry):
        return self._motion("transfer")

    def plan_lower(self, joint_pos_rad, scene, carry):
        motion = self._motion("lower")
        if self._held and not isinstance(motion, Rejected):
            part = self.objects[self._held]
            self.objects[self._held] = replace(part, center_B_m=carry.container.center_B_m)
        return motion

    def plan_stow(self, joint_pos_rad, scene, carry):
        return self._motion("stow")

    def plan_put_back(self, joint_pos_rad, scene, carry):
        return self._motion("put_back")

    def check_set(self, height_m):
        return self.too_high

    def held_at(self, joint_pos_rad, carry):
        return np.array([2.2, 0.5, 0.75])

    def plan_set_over(self, joint_pos_rad, scene, carry, surface, T_OB):
        return self._motion("set_over")

    def plan_set_down(self, joint_pos_rad, scene, carry, surface, T_OB):
        return self._motion("set_down")

    def plan_set_back(self, joint_pos_rad, scene, carry, surface, T_OB):
        return self._motion("set_back")

    def plan_set_retreat(self, joint_pos_rad, scene, side, surface, T_OB):
        return self._motion("set_retreat")

    def plan_set_home(self, joint_pos_rad, scene, side, surface, T_OB):
        return self._motion("set_home")

    def plan_retreat(self, joint_pos_rad, scene, side):
        return self._motion("retreat")

    def plan_home(self, joint_pos_rad, scene, side):
        motion = self._motion("home")
        if not isinstance(motion, Rejected):
            self.astray = tuple(other for other in self.astray if other != side)
        return motion


class ScriptedBrain:
    """Answers in order, the last one again and again; an answer may be a callable."""

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []

    def ask(self, rgb, instruction, seen=(), job=()):
        self.asked.append(instruction)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer() if callable(answer) else answer
