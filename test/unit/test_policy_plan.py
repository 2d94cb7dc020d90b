# SPDX-License-Identifier: Apache-2.0
"""Policies that follow the walking controller's plan, and that feel their feet."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from bundle_rig import (
    ROBOT,
    card_of,
    forged_bundle,
    golden_of,
    load,
    make_contract,
    random_network,
    signed_bundle,
)
from pd_world import DATA_ROOT, profile_of, urdf_of

from neuraxis_common.errors import ConfigError, Rejected
from neuraxis_common.robot import joint_limits
from neuraxis_field.bundles import Recorder
from neuraxis_sim.lockstep import LockstepWorld
from small_brain_node.body_model import BodyModel
from small_brain_node.bundle.contract import GAIT_PLAN, ObservationTerm
from small_brain_node.bundle.diagnose import diagnose_observation
from small_brain_node.bundle.golden import read_golden, write_golden
from small_brain_node.config import PolicyConfig
from small_brain_node.observation import ObservationBuilder
from small_brain_node.onnx_policy import OnnxPolicy
from small_brain_node.runner import CLASSICAL, PolicyRunner
from small_brain_node.walking.controller import WalkingController
from small_brain_node.walking.gait_step import Phase

PROFILE = profile_of(ROBOT)
LIMITS = joint_limits(urdf_of(ROBOT))
TERMS = (
    ObservationTerm("feet", "foot_force", scale=(0.01,)),
    ObservationTerm("plan", "gait_plan"),
)
# The tests' states are no training data.
CALM = PolicyConfig(distance_margin=1000.0, range_margin=1000.0)


def following():
    """A contract whose last terms are the feet and the plan, at the controller's rate."""
    contract = make_contract(history=1, dt_s=0.01)
    return replace(contract, terms=contract.terms + TERMS)


@pytest.fixture(scope="module")
def bundle():
    contract = following()
    return load(signed_bundle(contract, random_network(contract)))


def walker() -> WalkingController:
    return WalkingController(PROFILE, BodyModel(PROFILE, urdf_of(ROBOT)))


class Watched:
    """Walks, and keeps what it was asked and what its planner said."""

    def __init__(self) -> None:
        self.inner, self.seen, self.phases = walker(), [], []

    def reset(self) -> None:
        self.inner.reset()

    def act(self, observation):
        command = self.inner.act(observation)
        self.seen.append(observation)
        self.phases.append(self.inner.phase)
        return command


@pytest.fixture(scope="module")
def walk() -> Watched:
    """A start and two steps of an X2, turning a little."""
    watched = Watched()
    world = LockstepWorld(
        PROFILE, DATA_ROOT, None, with_camera=False, urdf_xml=urdf_of(ROBOT), policy=watched
    )
    for _ in range(30):
        world.brain.walk(world.now_s, np.array([0.3, 0.0, 0.2]))
        world.advance(0.05)
    assert Phase.SINGLE in watched.phases and Phase.DOUBLE in watched.phases
    return watched


def test_feet_are_observed_as_measured(walk, bundle) -> None:
    policy = OnnxPolicy(bundle, PROFILE, BodyModel(PROFILE, urdf_of(ROBOT)), walker().planner)
    for observation in walk.seen[::10]:
        seen = policy.step(observation).frame[policy.spans["feet"]]
        assert np.allclose(seen, 0.01 * observation.state.foot_force_N)


def test_swapped_feet_are_named() -> None:
    contract = following()
    golden = golden_of(contract, random_network(contract))
    builder = ObservationBuilder(contract, golden.joint_names)
    swapped = replace(golden.inputs, foot_force_N=golden.inputs.foot_force_N[..., ::-1])
    found = diagnose_observation(contract, replace(golden, observation=builder.observe(swapped)))
    (cause,) = found.causes
    assert (cause.code, cause.where) == ("axis_permutation", "feet")
    assert cause.details["golden"] == ["right", "left"]


def test_vectors_without_feet_serve_only_policies_that_do_not_feel_them() -> None:
    def without_feet(contract):
        content = write_golden(golden_of(contract, random_network(contract)))
        golden = read_golden(content)
        still = replace(golden.inputs, foot_force_N=0.0 * golden.inputs.foot_force_N)
        return forged_bundle(
            contract, random_network(contract), replace(golden, inputs=still), card_of(contract)
        )

    assert not isinstance(load(without_feet(make_contract(history=1))), Rejected)
    refused = load(without_feet(following()))
    assert isinstance(refused, Rejected) and refused.code == "weak_golden"
    assert "'feet'" in refused.reason


def test_a_plan_does_not_depend_on_where_odom_is(walk) -> None:
    c, s = np.cos(2.0), np.sin(2.0)
    moved = np.array([[c, -s, 0, 5.0], [s, c, 0, -3.0], [0, 0, 1, 0], [0, 0, 0, 1.0]])
    here, there = walker().planner, walker().planner
    for observation, phase in zip(walk.seen, walk.phases, strict=True):
        elsewhere = replace(observation.base, T_OB=moved @ observation.base.T_OB)
        seen = here.seen(observation)
        assert np.allclose(seen, there.seen(replace(observation, base=elsewhere)), atol=1e-6)
        assert seen.shape == (GAIT_PLAN,) and seen[list(Phase).index(phase)] == 1.0
        swings = np.any(seen[14:26])
        assert swings == (phase is Phase.SINGLE)


def test_a_policy_that_follows_a_plan_needs_somebody_who_makes_it(bundle) -> None:
    body = BodyModel(PROFILE, urdf_of(ROBOT))
    with pytest.raises(ConfigError, match="follows a gait plan, and nobody makes one"):
        OnnxPolicy(bundle, PROFILE, body)
    plain = load(signed_bundle(make_contract(history=1)))
    assert OnnxPolicy(plain, PROFILE, body).step is not None


def test_a_policy_sees_the_plan_that_the_walking_controller_walks_by(walk, bundle) -> None:
    classical = walker()
    policy = OnnxPolicy(bundle, PROFILE, BodyModel(PROFILE, urdf_of(ROBOT)), classical.planner)
    for observation in walk.seen:
        classical.act(observation)
        seen = policy.step(observation).frame[policy.spans["plan"]]
        assert np.allclose(seen, classical.planner.seen(observation), atol=1e-6)
    assert classical.phase is walk.phases[-1]


def test_a_recorder_with_a_planner_keeps_the_plan(walk) -> None:
    classical = walker()
    recorder = Recorder(classical, following(), PROFILE.joint_names, classical.planner)
    for observation in walk.seen:
        recorder.act(observation)
    plans = recorder.inputs().gait_plan
    assert plans[:, list(Phase).index(Phase.SINGLE)].sum() > 20


class Broken:
    """A network that gives next to nothing, and no number from some step on."""

    def __init__(self, sound: int) -> None:
        self.left = sound

    def infer(self, _observation):
        self.left -= 1
        value = 1e-4 * (self.left % 2) if self.left >= 0 else np.nan
        return np.full(len(following().action.joints), value, np.float32)


def test_the_walking_controller_goes_on_in_the_stride_of_a_policy_that_fails(walk, bundle) -> None:
    fails_at = walk.phases.index(Phase.SINGLE) + 10
    classical, body = walker(), BodyModel(PROFILE, urdf_of(ROBOT))
    spoiled = replace(bundle, network=Broken(fails_at))
    runner = PolicyRunner(PROFILE, LIMITS, body, classical, CALM, 100.0, spoiled, classical.planner)
    for k, observation in enumerate(walk.seen):
        command = runner.act(observation)
        assert np.all(np.isfinite(command.pos_rad)) and np.all(np.isfinite(command.effort_Nm))
        assert classical.phase is walk.phases[k]
        assert (runner.in_charge == CLASSICAL) == (k >= fails_at)
