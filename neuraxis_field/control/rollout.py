# SPDX-License-Identifier: Apache-2.0
"""Training episodes: a robot with random dynamics walks as told, works, is shoved, meets bumps."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from neuraxis_common.robot import (
    JointLimits,
    RobotProfile,
    compile_urdf,
    joint_limits,
    load_profile,
)
from neuraxis_common.types import FloatArray, JointTrajectory
from neuraxis_field.control.apprentice import Apprentice, Driving
from neuraxis_field.control.student import Student
from neuraxis_field.control.task import walking_contract
from neuraxis_field.control.work import bench, work
from neuraxis_field.course import Course, SideWind, Surroundings, drag_area_m2
from neuraxis_field.dynamics import DrawnDynamics, OtherMotors
from neuraxis_field.half_marathon import pace
from neuraxis_field.locomotion import PUSH_S, STANDING_PUSH_M_S, WALKING_PUSH_M_S, torso
from neuraxis_field.motion_truth import MotionTruth
from neuraxis_sim.lockstep import LockstepWorld
from small_brain_node.body_model import BodyModel
from small_brain_node.observation import Float32Array
from small_brain_node.walking.controller import WalkingController
from small_brain_node.walking.settings import LIMITS

# Evaluation draws from a million on; seeds below this one stay free of training altogether.
FIRST_SEED, END_SEED = 100_000, 1_000_000
_TICK_S = 0.05
# Beyond this tilt, or below this share of the height, there is nothing left to learn.
_LOST_TILT_RAD, _LOST_SHARE = math.radians(40), 0.65
_STILL_CHANCE, _PLAIN_CHANCE, _PUSHED_CHANCE, _ARMS_CHANCE = 0.25, 0.3, 0.6, 0.5
_WORK_PUSHED_CHANCE = 0.3
_SHOVED_WALK_CHANCE, _SHOVED_ARMS_CHANCE = 0.3, 0.3
# Shares of the hardest shove that evaluation knows.
_ANY_SHOVE, _HARD_SHOVE = (0.0, 1.0), (0.3, 1.2)
# A lap that bends more than the half marathon's, with closer bumps of any height.
_LAP_M, _BUMP_M, _BUMP_EVERY_M, _PACE_M_S = 80.0, (0.008, 0.025), (1.5, 4.0), (0.25, 1.0)
# How far from the ready pose the upper body goes: far enough to work at a bench.
_UPPER_SPAN_RAD = {"waist": 0.3, "head": 0.4, "left_arm": 1.0, "right_arm": 1.0}


class Lesson(StrEnum):
    """What a robot does in an episode."""

    WALK = "walk"  # as told, commands changing
    WORK = "work"  # moves parts at a bench
    SHOVES = "shoves"  # stands, or walks ahead, and is shoved hard all the time
    BUMPS = "bumps"  # walks a course that has them, in side wind


@dataclass(frozen=True)
class TrainingEpisode:
    """One episode; picklable.

    Attributes:
        seed: Draws dynamics, commands, shoves, noise and turns.
        student: Packed; empty where there is none yet.
        lesson: What the robot does.
    """

    robot: str
    data_root: Path
    seed: int
    seconds: float
    driving: Driving
    student: bytes = b""
    lesson: Lesson = Lesson.WALK


@dataclass(frozen=True)
class Trace:
    """What an episode taught, of T steps.

    Attributes:
        frames: Newest frame of each observation, shape (T, frame_size).
        labels: The expert's actions, shape (T, m).
        fell: Whether it ended early.
    """

    frames: Float32Array
    labels: Float32Array
    fell: bool


@dataclass(frozen=True)
class _Robot:
    profile: RobotProfile
    urdf_xml: str
    limits: Mapping[str, JointLimits]


_robots: dict[tuple[str, Path], _Robot] = {}


def collect(episode: TrainingEpisode) -> Trace:
    """Run one episode."""
    robot = _robot(episode.robot, episode.data_root)
    profile, limits = robot.profile, robot.limits
    rng = np.random.default_rng([episode.seed, 0x7A])
    drawn = DrawnDynamics(episode.seed)
    works, course = episode.lesson is Lesson.WORK, Course(_LAP_M)
    around = None
    if works:
        around = bench(profile, episode.data_root, episode.seed)
    elif episode.lesson is Lesson.BUMPS:
        bump_m, every_m = rng.uniform(*_BUMP_M), rng.uniform(*_BUMP_EVERY_M)
        around = Surroundings(profile, 0.0, course, bump_m, every_m)
    effort_max = np.array([limits[name].effort for name in profile.joint_names])
    student = Student.unpack(episode.student) if episode.student else None
    apprentice = Apprentice(
        WalkingController(profile, BodyModel(profile, robot.urdf_xml)),
        student,
        walking_contract(profile, limits),
        profile,
        limits,
        BodyModel(profile, robot.urdf_xml),
        episode.driving,
        rng,
    )
    world = LockstepWorld(
        profile,
        episode.data_root,
        around,
        seed=episode.seed,
        with_camera=works,
        urdf_xml=robot.urdf_xml,
        prepare=drawn.prepare,
        command_delay_ms=drawn.latency_ms,
        policy=OtherMotors(apprentice, drawn.motors(len(effort_max)), effort_max),
    )
    at = world.robot.base_qpos_adr
    height_m = float(world.qpos()[at + 2])

    def lost() -> bool:
        return apprentice.over or _lost(world.qpos()[at : at + 7], height_m)

    try:
        if works:
            shoves = _Shoves(world, rng, rng.uniform(1.0, 8.0))

            def disturbed() -> bool:
                shoves.due(walking=False)
                return lost()

            pushed = rng.uniform() < _WORK_PUSHED_CHANCE
            work(world, episode.data_root, rng, episode.seconds, disturbed if pushed else lost)
        elif episode.lesson is Lesson.SHOVES:
            _withstand(world, rng, episode.seconds, lost)
        elif episode.lesson is Lesson.BUMPS:
            _race(world, course, rng, episode.seconds, lost)
        else:
            _play(world, rng, episode.seconds, lost)
        fell = lost()
    finally:
        world.close()
    return Trace(
        np.array(apprentice.frames, np.float32), np.array(apprentice.labels, np.float32), fell
    )


def _robot(name: str, data_root: Path) -> _Robot:
    key = (name, data_root)
    if key not in _robots:
        profile = load_profile(name, data_root)
        urdf_xml = compile_urdf(profile, data_root)
        _robots[key] = _Robot(profile, urdf_xml, joint_limits(urdf_xml))
    return _robots[key]


def _play(
    world: LockstepWorld, rng: np.random.Generator, seconds: float, lost: Callable[[], bool]
) -> None:
    """Command, shove and wave until the time is up or the robot is lost."""
    pushed, waves = rng.uniform() < _PUSHED_CHANCE, rng.uniform() < _ARMS_CHANCE
    push_s, wave_s = rng.uniform(1.0, 4.0), rng.uniform(0.3, 3.0)
    wish, wish_ends_s = np.zeros(3), rng.uniform(0.2, 2.0)
    shoves, arms = _Shoves(world, rng, push_s), _Waves(world, rng, wave_s if waves else math.inf)
    while world.now_s < seconds and not lost():
        now_s = world.now_s
        if now_s >= wish_ends_s:
            wish, wish_ends_s = draw_command(rng), now_s + rng.uniform(2.0, 8.0)
        world.brain.walk(now_s, wish)
        if pushed:
            shoves.due(walking=bool(np.any(wish)))
        arms.due()
        world.advance(_TICK_S)


def _withstand(
    world: LockstepWorld, rng: np.random.Generator, seconds: float, lost: Callable[[], bool]
) -> None:
    """Stand, or walk ahead, and be shoved until the time is up or the robot is lost."""
    walking, waves = rng.uniform() < _SHOVED_WALK_CHANCE, rng.uniform() < _SHOVED_ARMS_CHANCE
    wish = np.array([rng.uniform(0.2, 0.5), 0.0, 0.0]) if walking else np.zeros(3)
    wave_s = rng.uniform(0.3, 3.0)
    shoves = _Shoves(world, rng, rng.uniform(1.0, 3.0), _HARD_SHOVE)
    arms = _Waves(world, rng, wave_s if waves else math.inf)
    while world.now_s < seconds and not lost():
        world.brain.walk(world.now_s, wish)
        shoves.due(walking)
        arms.due()
        world.advance(_TICK_S)


def _race(
    world: LockstepWorld,
    course: Course,
    rng: np.random.Generator,
    seconds: float,
    lost: Callable[[], bool],
) -> None:
    """Walk along a course at changing speeds until the time is up or the robot is lost."""
    metres, speed_m_s, ends_s = 0.0, 0.0, rng.uniform(0.5, 1.5)
    wind = SideWind(rng, drag_area_m2(world.robot.profile.standing_height_m))
    truth, chest = MotionTruth(world), torso(world)
    while world.now_s < seconds and not lost():
        if world.now_s >= ends_s:
            speed_m_s, ends_s = rng.uniform(*_PACE_M_S), world.now_s + rng.uniform(4.0, 10.0)
        pose = truth.pose()
        metres = course.metres(pose[:2], metres)
        wish = pace(course, metres, pose, speed_m_s) if speed_m_s else np.zeros(3)
        world.brain.walk(world.now_s, wish)
        world.push(wind.force(course.at(metres)[1], _TICK_S), _TICK_S, chest)
        world.advance(_TICK_S)


class _Shoves:
    """Shoves at the torso every few seconds; how hard, in shares of the hardest in evaluation."""

    def __init__(
        self,
        world: LockstepWorld,
        rng: np.random.Generator,
        first_s: float,
        shares: tuple[float, float] = _ANY_SHOVE,
    ) -> None:
        self._world, self._rng, self._next_s, self._shares = world, rng, first_s, shares
        self._mass_kg = float(world.robot.model.body_subtreemass[0])

    def due(self, walking: bool) -> None:
        """Shove if it is time."""
        world, rng = self._world, self._rng
        if world.now_s < self._next_s:
            return
        self._next_s = world.now_s + rng.uniform(2.0, 5.0)
        force_N = _shove(rng, walking, self._shares) * self._mass_kg / PUSH_S
        world.push(np.append(force_N, 0.0), PUSH_S, torso(world))


class _Waves:
    """Motions of one group of the upper body every few seconds."""

    def __init__(self, world: LockstepWorld, rng: np.random.Generator, first_s: float) -> None:
        self._world, self._rng, self._next_s = world, rng, first_s

    def due(self) -> None:
        """Wave if it is time."""
        world, rng = self._world, self._rng
        if world.now_s < self._next_s:
            return
        self._next_s = world.now_s + rng.uniform(1.5, 4.0)
        world.brain.follow(world.now_s, _wave(world, rng))


def draw_command(rng: np.random.Generator) -> FloatArray:
    """Forward m/s, left m/s and turn rad/s, shape (3,): often standing, often one axis alone."""
    low, high = np.array(list(LIMITS.values())).T
    wish, chance = rng.uniform(low, high), rng.uniform()
    if chance < _STILL_CHANCE:
        return np.zeros(3)
    return wish * np.eye(3)[rng.integers(3)] if chance < _STILL_CHANCE + _PLAIN_CHANCE else wish


def _shove(rng: np.random.Generator, walking: bool, shares: tuple[float, float]) -> FloatArray:
    """Impulse over mass, shape (2,)."""
    most = WALKING_PUSH_M_S if walking else STANDING_PUSH_M_S
    angle, size = rng.uniform(0, 2 * np.pi), most * rng.uniform(*shares)
    return size * np.array([np.cos(angle), np.sin(angle)])


def _wave(world: LockstepWorld, rng: np.random.Generator) -> JointTrajectory:
    """From where one group of the upper body is to somewhere around the ready pose."""
    profile, model = world.robot.profile, world.robot.model
    group = str(rng.choice([name for name in _UPPER_SPAN_RAD if profile.groups[name]]))
    joints = profile.groups[group]
    names = list(profile.joint_names)
    start = world.state.joints.pos_rad[[names.index(name) for name in joints]]
    ready = np.array([profile.ready_pose_rad[name] for name in joints])
    ranges = np.array([model.joint(name).range for name in joints])
    span = _UPPER_SPAN_RAD[group]
    goal = np.clip(ready + rng.uniform(-span, span, len(joints)), *ranges.T)
    t_s = np.linspace(0.0, 1.0, 11) * rng.uniform(1.0, 2.5)
    s = (t_s / t_s[-1])[:, None]
    along, slope = s**3 * (10 - 15 * s + 6 * s**2), 30 * s**2 * (1 - s) ** 2 / t_s[-1]
    start = np.clip(start, *ranges.T)
    return JointTrajectory(joints, t_s, start + along * (goal - start), slope * (goal - start))


def _lost(base: NDArray[np.float64], height_m: float) -> bool:
    """Whether a base pose (xyz, quaternion wxyz) is that of a falling robot."""
    x, y = base[4:6]
    tilt = math.acos(max(-1.0, min(1.0, 1 - 2 * (x * x + y * y))))
    return bool(base[2] < _LOST_SHARE * height_m or tilt > _LOST_TILT_RAD)
