# SPDX-License-Identifier: Apache-2.0
"""The steps that an interrupted job has left, tied to what is seen now."""

from __future__ import annotations

import math

import numpy as np

from big_brain_node.compiler.compile import Grounded, skill_of
from big_brain_node.compiler.ground import GroundedStep
from big_brain_node.job.journal import Job, JobStep, Point, Thing
from big_brain_node.walk.follow import pose_of, wrap
from big_brain_node.walk.grounding import GroundedCarry, GroundedWalk, WalkTools, ground_walk
from neuraxis_common.errors import Rejected
from neuraxis_common.plan import TurnToStep, WalkToStep
from neuraxis_common.types import FloatArray, SceneObject, SceneSnapshot

# Things are where they were when they are within this; a part may be pushed by a missed grasp.
_SAME_PLACE_M = 0.08
# Odometry that began anew, or a robot that walked: the bench is not where it was.
_SAME_STANCE_M, _SAME_STANCE_RAD = 0.15, 0.2


def job_step(step: Grounded, T_OB: FloatArray) -> JobStep:
    """A step as it is kept."""
    if isinstance(step, GroundedWalk):
        return JobStep(skill=skill_of(step), place=step.name)
    if isinstance(step, GroundedCarry):
        return JobStep(skill="carry_to", part=_thing(step.part, T_OB), place=step.name)
    things = (_thing(item, T_OB) for item in (step.part, step.container))
    part, container = things
    return JobStep(skill="put", part=part, container=container)


def stance(T_OB: FloatArray) -> Point:
    """The base as it is kept: x, y, yaw in odom."""
    pose = pose_of(T_OB)
    return (pose.x_m, pose.y_m, pose.yaw_rad)


def steps_again(
    job: Job,
    scene: SceneSnapshot,
    T_OB: FloatArray,
    max_age_s: float,
    walk: WalkTools | None,
) -> tuple[Grounded, ...] | Rejected:
    """Tie what a job has left to a scene.

    Args:
        job: As it was interrupted.
        scene: What is seen now, in base_link.
        T_OB: The base in odom now.
        max_age_s: Oldest observation that counts as seen.
        walk: Knows the places.

    Returns:
        The steps, numbered as in the job; `Rejected` with ``moved_since`` where the robot does not
        stand where it stood, ``not_grounded`` where a thing is not where it was.
    """
    if any(step.part is not None for step in job.left):
        x, y, yaw = stance(T_OB)
        away_m = math.hypot(x - job.base_O[0], y - job.base_O[1])
        if away_m > _SAME_STANCE_M or abs(wrap(yaw - job.base_O[2])) > _SAME_STANCE_RAD:
            reason = f"the robot stands {away_m:.2f} m from where it stood"
            return Rejected("moved_since", reason, {"value": round(away_m, 3)})
    seen = [item for item in scene.objects if scene.stamp_s - item.stamp_s <= max_age_s]
    steps: list[Grounded] = []
    for index, step in enumerate(job.steps):
        if step.state == "verified":
            continue
        tied = _tie(index, step, seen, T_OB, walk)
        if isinstance(tied, Rejected):
            return Rejected(tied.code, tied.reason, tied.details | {"step": index})
        steps.append(tied)
    return tuple(steps)


def _tie(
    index: int, step: JobStep, seen: list[SceneObject], T_OB: FloatArray, walk: WalkTools | None
) -> Grounded | Rejected:
    if step.part is not None and step.container is None:
        return _carry(index, step, seen, T_OB, walk)
    if step.part is None or step.container is None:
        kind = WalkToStep if step.skill == "walk_to" else TurnToStep
        return ground_walk(index, kind(place=step.place), walk)
    box = _find(step.container, seen, T_OB)
    if isinstance(box, Rejected):
        return box
    part = _find(step.part, seen, T_OB)
    if isinstance(part, Rejected) and step.state == "under_way":
        # It may have been let go in the container just before the end.
        there = _thing(box, T_OB).at_O_m
        part = _find(step.part.model_copy(update={"at_O_m": there}), seen, T_OB)
    return part if isinstance(part, Rejected) else GroundedStep(index, part, box)


def _carry(
    index: int, step: JobStep, seen: list[SceneObject], T_OB: FloatArray, walk: WalkTools | None
) -> GroundedCarry | Rejected:
    to = ground_walk(index, WalkToStep(place=step.place), walk)
    if isinstance(to, Rejected):
        return to
    part = _find(step.part, seen, T_OB)
    return part if isinstance(part, Rejected) else GroundedCarry(index, part, to.name, to.place)


def _find(wanted: Thing, seen: list[SceneObject], T_OB: FloatArray) -> SceneObject | Rejected:
    alike = [item for item in seen if item.label == wanted.label]
    away = [float(np.linalg.norm(np.subtract(_at_O(o, T_OB), wanted.at_O_m))) for o in alike]
    if away and min(away) <= _SAME_PLACE_M:
        return alike[int(np.argmin(away))]
    reason = f"the {wanted.label} is not where it was"
    return Rejected("not_grounded", reason, {"object": wanted.label})


def _thing(item: SceneObject, T_OB: FloatArray) -> Thing:
    x, y, z = (float(value) for value in _at_O(item, T_OB))
    return Thing(shape=item.shape, color=item.color, at_O_m=(x, y, z))


def _at_O(item: SceneObject, T_OB: FloatArray) -> FloatArray:
    return T_OB[:3, :3] @ item.center_B_m + T_OB[:3, 3]
