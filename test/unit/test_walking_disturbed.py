# SPDX-License-Identifier: Apache-2.0
"""What the classical walking controller does about a push that lasts, and about a bump."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pd_world import DATA_ROOT, profile_of, urdf_of

from neuraxis_common.robot import SIDES
from neuraxis_field.course import Course, Surroundings
from neuraxis_field.locomotion import torso
from neuraxis_sim.lockstep import LockstepWorld
from small_brain_node.body_model import BodyModel
from small_brain_node.walking.controller import WalkingController
from small_brain_node.walking.dcm import Pendulum
from small_brain_node.walking.gait_step import Phase
from small_brain_node.walking.settings import WalkingSettings
from small_brain_node.walking.trim import LastingPush

DT_S = 0.01
PENDULUM = Pendulum(omega_1_s=3.7, single_s=0.4, double_s=0.1)
offsets = st.lists(st.floats(-0.08, 0.08), min_size=2, max_size=2).map(np.array)


def pushed(push, offset_m, seconds, dcm_m=(0.0, 0.0)):
    """A body under a force, held by a centre of pressure that follows it; where it ends."""
    dcm_m = np.array(dcm_m)
    push.learn(DT_S, dcm_m, np.zeros(2))
    for _ in range(round(seconds / DT_S)):
        cop_m = 1.5 * dcm_m
        dcm_m = PENDULUM.after(dcm_m + offset_m, cop_m, DT_S) - offset_m
        push.learn(DT_S, dcm_m, cop_m)
    return dcm_m


@given(offsets)
@settings(max_examples=20, deadline=None)
def test_a_lasting_push_is_learnt_and_then_forgotten(offset_m):
    push = LastingPush(PENDULUM.omega_1_s, 0.1)
    dcm_m = pushed(push, offset_m, 4.0)
    np.testing.assert_allclose(push.offset_m, offset_m, atol=2e-3)
    pushed(push, np.zeros(2), 4.0, dcm_m)
    np.testing.assert_allclose(push.offset_m, 0.0, atol=2e-3)


def test_only_what_pushes_from_the_side_of_a_heading_is_made_up_for():
    push = LastingPush(PENDULUM.omega_1_s, 0.1)
    pushed(push, np.array([0.03, 0.04]), 4.0)
    np.testing.assert_allclose(push.sideways(np.array([1.0, 0.0])), [0.0, 0.04], atol=2e-3)
    np.testing.assert_allclose(push.sideways(np.array([0.3, 0.4])), 0.0, atol=2e-3)
    np.testing.assert_allclose(push.sideways(np.array([0.0, -2.0])), [0.03, 0.0], atol=2e-3)


def test_in_the_first_steps_little_time_must_do():
    push = LastingPush(PENDULUM.omega_1_s, 0.1)
    pushed(push, np.array([0.0, 0.05]), 0.3)
    assert push.offset_m[1] > 0.03


def test_a_shove_is_not_taken_for_a_push_that_lasts():
    push = LastingPush(PENDULUM.omega_1_s, 0.1)
    pushed(push, np.zeros(2), 2.0)
    before = np.zeros(2)
    push.learn(DT_S, before, before)
    push.learn(DT_S, before + np.array([0.0, 0.08]), before)
    assert 0.0 < push.offset_m[1] < 0.01


def test_no_more_is_believed_than_a_gust():
    push = LastingPush(PENDULUM.omega_1_s, 0.1)
    dcm_m = np.zeros(2)
    for _ in range(1000):
        dcm_m = dcm_m + np.array([0.1, -0.1])
        push.learn(DT_S, dcm_m, dcm_m)
    np.testing.assert_allclose(push.offset_m, [0.1, -0.1])


def walker(robot, bump_m=0.0, every_m=20.0, seed=3):
    """A robot in lockstep under the classical controller, and that controller."""
    profile, urdf_xml = profile_of(robot), urdf_of(robot)
    controller = WalkingController(profile, BodyModel(profile, urdf_xml))
    around = Surroundings(profile, 0.0, Course(), bump_m, every_m)
    world = LockstepWorld(
        profile, DATA_ROOT, around, seed=seed, with_camera=False, urdf_xml=urdf_xml,
        policy=controller,
    )  # fmt: skip
    return world, controller


def upright_after_a_gust(force_N):
    """Whether the X2 still stands after it set out in wind from the left."""
    world, _ = walker("lingxi_x2")
    at, chest = world.robot.base_qpos_adr + 2, torso(world)
    height_m = world.qpos()[at]
    while world.now_s < 5.0:
        speed_m_s = 0.8 if world.now_s > 1.0 else 0.0
        world.brain.walk(world.now_s, np.array([speed_m_s, 0.0, 0.0]))
        world.push(np.array([0.0, -force_N, 0.0]), 0.05, chest)
        world.advance(0.05)
    return bool(world.qpos()[at] > 0.8 * height_m)


def test_the_x2_sets_out_in_wind_that_it_falls_in_when_it_learns_nothing(monkeypatch):
    assert upright_after_a_gust(27.0)
    monkeypatch.setattr(LastingPush, "learn", lambda *_: None)
    assert not upright_after_a_gust(27.0)


def test_a_leg_is_soft_in_the_cycle_in_which_it_lands_and_stiffens_slowly_as_it_lifts(monkeypatch):
    """Stiff, it threw its sole off the floor: on bumps the A3 came 14 m far, soft 33 m."""
    rows, act = [], WalkingController.act

    def noted(controller, observation):
        command = act(controller, observation)
        plan = controller.planner._plan
        swinging = None if plan is None else plan.step.swinging
        if controller.phase is not Phase.STAND:
            rows.append((controller.phase, swinging, command.kp[knees] / full))
        return command

    monkeypatch.setattr(WalkingController, "act", noted)
    world, _ = walker("expedition_a3")
    names, groups = list(world.profile.joint_names), world.profile.groups
    knees = [names.index(groups[f"{side}_leg"][3]) for side in SIDES]
    full = np.array([world.profile.kp[names[k]] for k in knees])
    while world.now_s < 4.0:
        world.brain.walk(world.now_s, np.array([0.4, 0.0, 0.0]))
        world.advance(DT_S)
    soft, landings = WalkingSettings.of("expedition_a3").stance_stiffness, 0
    for (before, swinging, _), (now, _, share) in pairwise(rows):
        if before is Phase.SINGLE and now is not Phase.SINGLE:
            assert share[swinging] == pytest.approx(soft)
            landings += 1
    assert landings > 4
    lifts = [(i, share) for (was, *_), (_, i, share) in pairwise(rows) if was is Phase.DOUBLE]
    lifted = [share[i] for i, share in lifts if i is not None]
    assert lifted and max(lifted) < 0.6


def test_from_a_bump_the_next_sole_is_sent_to_the_floor_below():
    every_m, bump_m = 3.0, 0.02
    world, controller = walker("expedition_a2", bump_m, every_m)
    over_m, sent_m = [], []
    while world.now_s < 7.0:
        world.brain.walk(world.now_s, np.array([0.6, 0.0, 0.0]))
        world.advance(DT_S)
        plan = controller.planner._plan
        if plan is None or plan.swing is None:
            continue
        over_m.append(plan.soles_O[plan.step.standing[0]].translation[2])
        sent_m.append(controller.planner._floor(plan.step, plan.soles_O))
    assert max(over_m) > 0.6 * bump_m
    assert max(sent_m) < 0.3 * bump_m
    assert world.qpos()[world.robot.base_qpos_adr] > every_m / 2 + 0.5
