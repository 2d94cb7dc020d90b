# SPDX-License-Identifier: Apache-2.0
"""What the runner does with policies that fail, and how one policy follows another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from bundle_rig import card_of, leg_joints, make_contract
from pd_world import profile_of, row, urdf_of

from neuraxis_common.errors import ConfigError, Rejected
from neuraxis_common.robot import joint_limits
from neuraxis_common.types import ImuState, JointCommand, JointState, RobotState
from small_brain_node.blend import POSITION_STEP_RAD
from small_brain_node.body_model import GRAVITY_M_S2, BodyModel
from small_brain_node.bundle.loader import Bundle
from small_brain_node.config import PolicyConfig
from small_brain_node.core import SmallBrain
from small_brain_node.odometry import BaseEstimate
from small_brain_node.onnx_policy import OnnxPolicy
from small_brain_node.policy import Observation, UpperReference
from small_brain_node.runner import CLASSICAL, PolicyRunner

ROBOT = "lingxi_x2"
PROFILE = profile_of(ROBOT)
N = len(PROFILE.joint_names)
READY = row(PROFILE, PROFILE.ready_pose_rad)
LEGS = [PROFILE.joint_names.index(name) for name in leg_joints(ROBOT)]
M = len(LEGS)
CONTRACT = make_contract(history=1)
# The tests' states are no training data, so ranges and distances are left alone unless tested.
CALM = PolicyConfig(distance_margin=1000.0, range_margin=1000.0, shadow_s=0.5, blend_s=0.2)
DT_S = 0.01


class ScriptedNetwork:
    """Answers each observation by a function of how often it was asked."""

    def __init__(self, answer) -> None:
        self.answer, self.asked = answer, 0

    def infer(self, _observation):
        self.asked += 1
        return np.broadcast_to(np.asarray(self.answer(self.asked), dtype=np.float32), (M,)).copy()


class StiffController:
    """Stands in the ready pose; counts its resets."""

    def __init__(self) -> None:
        self.resets, self.broken = 0, False

    def reset(self) -> None:
        self.resets += 1

    def act(self, observation):
        pos = READY * np.nan if self.broken else READY.copy()
        zero = np.zeros(N)
        kp, kd = row(PROFILE, PROFILE.kp), row(PROFILE, PROFILE.kd)
        return JointCommand(observation.now_s, pos, zero, zero.copy(), kp, kd)


def small(k: int) -> float:
    """An output that moves a little with every step."""
    return 0.02 * np.sin(k)


def bundle_of(answer=small, name="first", contract=CONTRACT) -> Bundle:
    contract = replace(contract, name=name)
    return Bundle(contract, card_of(contract), ScriptedNetwork(answer), name, "")


def runner_of(bundle=None, config=CALM, classical=None) -> PolicyRunner:
    urdf_xml, classical = urdf_of(ROBOT), classical or StiffController()
    limits, body = joint_limits(urdf_xml), BodyModel(PROFILE, urdf_xml)
    return PolicyRunner(PROFILE, limits, body, classical, config, 100.0, bundle)


class Rig:
    """Calls a runner every 10 ms with a robot that is nearly still."""

    def __init__(self, runner: PolicyRunner, seed: int = 0) -> None:
        self.runner, self.k = runner, 0
        self.rng = np.random.default_rng(seed)
        self.commands: list = []

    @property
    def now_s(self) -> float:
        return self.k * DT_S

    def observation(self) -> Observation:
        pos = READY + self.rng.normal(0.0, 1e-4, N)
        joints = JointState(self.now_s, pos, self.rng.normal(0.0, 1e-3, N), np.zeros(N))
        imu = ImuState(self.now_s, np.array([1.0, 0, 0, 0]), np.zeros(3), np.array([0, 0, 9.81]))
        state = RobotState(joints, imu, np.array([200.0, 200.0]))
        base = BaseEstimate(np.eye(4), np.zeros(6), np.array([0.0, 0.0, 1.0]))
        upper = UpperReference(READY.copy(), np.zeros(N), np.zeros(N), np.zeros(N))
        return Observation(self.now_s, state, base, upper)

    def run(self, seconds: float):
        for _ in range(round(seconds / DT_S)):
            self.commands.append(self.runner.act(self.observation()))
            self.k += 1
        return self.commands[-1]

    def largest_step_rad(self) -> float:
        pos = np.array([command.pos_rad for command in self.commands])
        return float(np.abs(np.diff(pos, axis=0)).max())


def test_without_a_bundle_the_classical_command_passes_unchanged() -> None:
    rig = Rig(runner_of())
    command = rig.run(0.05)
    np.testing.assert_array_equal(command.pos_rad, READY)
    assert rig.runner.in_charge == CLASSICAL


def test_the_classical_controller_is_not_sent_further_than_the_spinal_cord_lets_through() -> None:
    class Leaping(StiffController):
        def act(self, observation):
            command = super().act(observation)
            leaps = observation.now_s > 0.1
            return replace(command, pos_rad=command.pos_rad + (0.3 if leaps else 0.0))

    rig = Rig(runner_of(classical=Leaping()))
    rig.run(0.5)
    limits = joint_limits(urdf_of(ROBOT))
    reach = [POSITION_STEP_RAD + DT_S * limits[name].velocity for name in PROFILE.joint_names]
    steps = np.abs(np.diff([command.pos_rad for command in rig.commands], axis=0)).max(axis=0)
    assert np.all(steps <= np.array(reach) + 1e-9)
    assert steps.max() > 0.05


def test_a_policy_is_asked_at_its_own_rate() -> None:
    bundle = bundle_of()
    rig = Rig(runner_of(bundle))
    rig.run(1.0)
    assert bundle.network.asked == 50
    assert rig.runner.in_charge == "first"


def test_legs_follow_the_policy_with_its_gains_and_arms_their_reference() -> None:
    spec = CONTRACT.action
    contract = replace(CONTRACT, action=replace(spec, kp=tuple(0.5 * v for v in spec.kp)))
    rig = Rig(runner_of(bundle_of(small, contract=contract)))
    command = rig.run(1.0)
    target = rig.runner.last_step.target_rad
    np.testing.assert_array_equal(command.pos_rad[LEGS], target)
    np.testing.assert_allclose(command.kp[LEGS], 0.5 * row(PROFILE, PROFILE.kp)[LEGS])
    arms = np.setdiff1d(np.arange(N), LEGS)
    np.testing.assert_array_equal(command.pos_rad[arms], READY[arms])
    np.testing.assert_array_equal(command.kp[arms], row(PROFILE, PROFILE.kp)[arms])


@pytest.mark.parametrize("tilt_rad", [0.0, 0.3])
def test_an_arm_held_out_is_commanded_its_weight_and_legs_are_not(tilt_rad) -> None:
    body = BodyModel(PROFILE, urdf_of(ROBOT))
    policy = OnnxPolicy(bundle_of(), PROFILE, body)
    arm = [PROFILE.joint_names.index(name) for name in PROFILE.groups["left_arm"]]
    pos, asked = READY.copy(), np.zeros(N)
    pos[arm[0]] -= 1.0
    asked[arm] = 0.5
    up_B = np.array([np.sin(tilt_rad), 0.0, np.cos(tilt_rad)])

    def height_m(joint: int, by_rad: float) -> float:
        turned = pos.copy()
        turned[joint] += by_rad
        body.place(turned)
        return float(up_B @ body.com_B_m())

    lift = [(height_m(i, 1e-4) - height_m(i, -1e-4)) / 2e-4 for i in arm]
    seen = Rig(None).observation()
    joints = replace(seen.state.joints, pos_rad=pos)
    observation = replace(
        seen,
        state=replace(seen.state, joints=joints),
        base=replace(seen.base, up_B=up_B),
        upper=replace(seen.upper, pos_rad=pos, effort_Nm=asked),
    )
    effort = policy.command(observation, np.zeros(M)).effort_Nm
    weight = body.mass_kg * GRAVITY_M_S2 * np.array(lift)
    assert np.abs(weight).max() > 1.0
    np.testing.assert_allclose(effort[arm], 0.5 + weight, atol=1e-4)
    np.testing.assert_array_equal(effort[LEGS], 0.0)


def test_the_first_command_holds_what_is_measured_and_nothing_jumps() -> None:
    rig = Rig(runner_of(bundle_of(lambda k: 0.8 + small(k))))
    rig.run(1.0)
    np.testing.assert_allclose(rig.commands[0].pos_rad, READY, atol=0.002)
    assert np.abs(rig.commands[-1].pos_rad[LEGS] - READY[LEGS]).max() > 0.15
    assert rig.largest_step_rad() < 0.03


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_an_output_that_is_not_finite_never_becomes_a_command(value) -> None:
    classical = StiffController()
    contract = replace(CONTRACT, action=replace(CONTRACT.action, clip=None))
    bundle = bundle_of(lambda k: small(k) if k < 20 else value, contract=contract)
    rig = Rig(runner_of(bundle, classical=classical))
    rig.run(1.0)
    assert rig.runner.in_charge == CLASSICAL
    assert bundle.network.asked == 20
    assert classical.resets == 1
    assert all(np.all(np.isfinite(command.pos_rad)) for command in rig.commands)
    assert "not finite" in rig.runner.take_notes()[0]
    assert rig.largest_step_rad() < 0.03
    np.testing.assert_array_equal(rig.commands[-1].pos_rad, READY)


def test_noise_is_not_followed_for_long_and_never_out_of_reach() -> None:
    rng = np.random.default_rng(0)
    bundle = bundle_of(lambda k: small(k) if k < 10 else rng.normal(0.0, 8.0, M))
    rig = Rig(runner_of(bundle))
    rig.run(1.0)
    assert rig.runner.in_charge == CLASSICAL
    assert bundle.network.asked <= 10 + 10
    limits = joint_limits(urdf_of(ROBOT))
    low = np.array([limits[name].lower for name in PROFILE.joint_names])
    high = np.array([limits[name].upper for name in PROFILE.joint_names])
    for command in rig.commands:
        assert np.all(command.pos_rad >= low - 1e-9)
        assert np.all(command.pos_rad <= high + 1e-9)
    speed = np.array([limits[name].velocity for name in PROFILE.joint_names])
    pos = np.array([command.pos_rad for command in rig.commands])
    assert np.all(np.abs(np.diff(pos, axis=0)) <= 0.05 + speed * DT_S)


def test_a_single_wild_target_is_not_sent_and_ends_nothing() -> None:
    rig = Rig(runner_of(bundle_of(lambda k: 5.0 if k == 30 else small(k))))
    rig.run(0.5)
    calm = rig.commands[-1].pos_rad.copy()
    rig.run(0.5)
    assert rig.runner.in_charge == "first"
    sent = np.array([command.pos_rad for command in rig.commands[50:]])
    assert np.abs(sent - calm).max() < 0.03


def test_targets_beyond_the_limits_fail_when_they_last() -> None:
    bundle = bundle_of(lambda k: 9.0 + small(k))
    rig = Rig(runner_of(bundle))
    rig.run(0.5)
    assert rig.runner.in_charge == CLASSICAL
    assert "beyond its limits" in rig.runner.take_notes()[0]


def test_an_output_that_does_not_follow_the_state_is_a_fault() -> None:
    rig = Rig(runner_of(bundle_of(lambda _k: 0.1)))
    rig.run(0.5)
    assert rig.runner.in_charge == CLASSICAL
    assert "stays while its observation changes" in rig.runner.take_notes()[0]


def test_observations_unlike_training_end_a_policy_after_its_patience() -> None:
    config = replace(CALM, distance_margin=2.0, range_margin=1.0)
    rig = Rig(runner_of(bundle_of(), config))
    rig.run(0.5)
    assert rig.runner.in_charge == "first"
    upside_down = np.array([0.0, 1.0, 0.0, 0.0])
    for _ in range(20):
        seen = rig.observation()
        state = replace(seen.state, imu=replace(seen.state.imu, quat_wxyz=upside_down))
        rig.runner.act(replace(seen, state=state))
        rig.k += 1
    assert rig.runner.in_charge == CLASSICAL
    assert "projected_gravity" in rig.runner.take_notes()[0]


def test_a_failed_policy_stays_out_after_a_reset() -> None:
    rig = Rig(runner_of(bundle_of(lambda k: small(k) if k < 5 else np.nan)))
    rig.run(0.5)
    rig.runner.reset()
    rig.run(0.5)
    assert rig.runner.in_charge == CLASSICAL


def test_when_even_the_classical_controller_fails_nothing_is_commanded() -> None:
    classical = StiffController()
    classical.broken = True
    rig = Rig(runner_of(bundle_of(lambda k: small(k) if k < 5 else np.nan), classical=classical))
    outcome = rig.run(0.2)
    assert isinstance(outcome, Rejected)
    assert outcome.code == "no_controller"
    classical.broken = False
    assert isinstance(rig.run(0.01), JointCommand)


def test_a_small_brain_without_controller_and_on_one_foot_sends_nothing() -> None:
    classical = StiffController()
    classical.broken = True
    brain = SmallBrain(PROFILE, urdf_of(ROBOT), policy=runner_of(classical=classical))
    seen = Rig(runner_of()).observation()
    state = replace(seen.state, foot_force_N=np.array([450.0, 0.0]))
    assert brain.step(0.0, state).code == "no_controller"
    assert brain.fault.code == "no_controller"


def test_a_bundle_that_agrees_takes_over_without_a_jump() -> None:
    rig = Rig(runner_of(bundle_of(small, "old")))
    rig.run(0.5)
    assert rig.runner.offer(rig.now_s, bundle_of(lambda k: small(k) + 0.03, "new")) is None
    rig.run(0.4)
    assert (rig.runner.in_charge, rig.runner.swap) == ("old", "shadow")
    rig.run(0.2)
    assert (rig.runner.in_charge, rig.runner.swap) == ("new", "blend")
    rig.run(0.3)
    assert rig.runner.swap == "done"
    assert rig.largest_step_rad() < 0.03


def test_a_bundle_that_disagrees_is_refused_with_joint_and_share() -> None:
    config = replace(CALM, shadow_timeout_s=1.0, divergence_share=0.2)
    rig = Rig(runner_of(bundle_of(small, "old"), config))
    rig.run(0.5)

    def far(k):
        return small(k) + 3.0 * (np.arange(M) == 3)

    assert rig.runner.offer(rig.now_s, bundle_of(far, "new")) is None
    rig.run(1.2)
    refusal = rig.runner.swap
    assert refusal.code == "swap_diverges"
    assert refusal.details["joint"] == leg_joints(ROBOT)[3]
    assert refusal.details["value"] > refusal.details["bound"] == 0.2
    assert rig.runner.in_charge == "old"


def test_a_bundle_that_fails_in_the_shadow_never_commands() -> None:
    rig = Rig(runner_of(bundle_of(small, "old")))
    rig.run(0.5)
    rig.runner.offer(rig.now_s, bundle_of(lambda k: small(k) if k < 10 else np.nan, "new"))
    rig.run(1.0)
    assert rig.runner.swap.code == "policy_not_finite"
    assert rig.runner.in_charge == "old"


@pytest.mark.parametrize("fails_at", [30, 60])
def test_a_new_policy_that_fails_gives_back_to_the_one_before_it(fails_at) -> None:
    rig = Rig(runner_of(bundle_of(small, "old")))
    rig.run(0.5)
    rig.runner.offer(rig.now_s, bundle_of(lambda k: small(k) if k < fails_at else np.nan, "new"))
    rig.run(2.0)
    assert rig.runner.in_charge == "old"
    assert any("'new' fell back to 'old'" in note for note in rig.runner.take_notes())
    assert rig.largest_step_rad() < 0.03
    if fails_at == 30:
        assert rig.runner.swap.code == "policy_not_finite"


def test_from_the_classical_controller_to_a_policy() -> None:
    rig = Rig(runner_of())
    rig.run(0.3)
    assert rig.runner.offer(rig.now_s, bundle_of()) is None
    rig.run(1.0)
    assert rig.runner.in_charge == "first"
    assert rig.largest_step_rad() < 0.03


def test_one_swap_at_a_time_and_at_a_rate_that_fits() -> None:
    rig = Rig(runner_of(bundle_of(small, "old")))
    rig.run(0.1)
    slow = replace(CONTRACT, dt_s=0.015)
    assert rig.runner.offer(rig.now_s, bundle_of(contract=slow)).code == "contract_mismatch"
    assert rig.runner.offer(rig.now_s, bundle_of(small, "new")) is None
    assert rig.runner.offer(rig.now_s, bundle_of(small, "newer")).code == "swap_busy"
    with pytest.raises(ConfigError, match=r"1\.5"):
        runner_of(bundle_of(contract=slow))


def test_a_policy_in_the_shadow_sees_what_was_sent_as_its_last_action() -> None:
    rig = Rig(runner_of(bundle_of(small, "old")))
    rig.run(0.5)
    rig.runner.offer(rig.now_s, bundle_of(lambda k: 0.1 + small(k), "new"))
    rig.run(0.2)
    candidate = rig.runner._candidate.seat
    span = candidate.policy.spans["actions"]
    sent = rig.commands[-2].pos_rad[LEGS]
    pose = np.array([CONTRACT.default_pose_rad[name] for name in leg_joints(ROBOT)])
    wanted = (sent - pose) / np.array(CONTRACT.action.scale)
    np.testing.assert_allclose(candidate.step.frame[span], wanted, atol=0.2)


def test_velocity_commands_are_bounded_by_the_contract() -> None:
    rig = Rig(runner_of(bundle_of()))
    seen = replace(rig.observation(), velocity_command=np.array([9.0, -9.0, 0.1]))
    rig.runner.act(seen)
    step = rig.runner.last_step
    span = rig.runner._active.policy.spans["velocity_commands"]
    np.testing.assert_allclose(step.frame[span], [2.0 * 1.0, 2.0 * -0.3, 0.25 * 0.1], rtol=1e-6)


def test_a_velocity_is_asked_for_until_it_is_old() -> None:
    runner = runner_of(bundle_of())
    brain = SmallBrain(PROFILE, urdf_of(ROBOT), policy=runner)
    seen = Rig(runner).observation().state
    assert brain.walk(0.0, np.array([0.5, 0.0, 0.0])) is None
    assert brain.walk(0.0, np.array([np.nan, 0.0, 0.0])).code == "bad_velocity"
    span = runner._active.policy.spans["velocity_commands"]
    for now_s, wanted in ((0.0, 1.0), (0.2, 1.0), (0.4, 0.0)):
        stamp = replace(seen, joints=replace(seen.joints, stamp_s=now_s),
                        imu=replace(seen.imu, stamp_s=now_s))  # fmt: skip
        brain.step(now_s, stamp)
        assert runner.last_step.frame[span][0] == pytest.approx(wanted)
